"""The canvas for drawing pixels."""
