"""Pictures of a few pixels: cells, palettes, colors and masks."""
