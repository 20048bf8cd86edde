"""The canvas with its tools, their options, its views and the palette."""
