"""The way between noise and sprite: trajectories, branches, races and noise.

Imports numpy and the standard library. Frozen values that any thread may hold.
"""
