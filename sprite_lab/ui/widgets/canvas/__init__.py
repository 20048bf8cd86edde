"""The canvas on which pixels are drawn."""
