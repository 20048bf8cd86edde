"""Pictures of a few pixels: cells, palettes, colors and masks.

Imports numpy and the standard library. Frozen values that any thread may hold.
"""
