"""Sprites in grids, rows and strips, and the timeline."""
