"""Pages of Draw for sets of cells that belong together."""
