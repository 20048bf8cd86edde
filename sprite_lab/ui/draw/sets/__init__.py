"""Pages of Draw for cells that belong together."""
