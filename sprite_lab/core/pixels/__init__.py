"""Pictures of a few pixels: cells, palettes, colours and masks.

Imports numpy and the standard library. Frozen values that any thread may hold.
"""
