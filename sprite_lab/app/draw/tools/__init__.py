"""The tools of the canvas, and their strokes."""
