"""Paths between noise and sprite: trajectories, branches, races and noise."""
