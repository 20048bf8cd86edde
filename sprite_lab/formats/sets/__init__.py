"""Sets of sprites and trajectories on disk."""
