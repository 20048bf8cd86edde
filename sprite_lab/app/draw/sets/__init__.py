"""Sets of cells that belong together: characters, terrains, and sprites in the user's own style."""
