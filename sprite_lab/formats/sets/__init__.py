"""Sets of sprites and trajectories on disk.

Imports core, numpy and Pillow. Runs on any thread but the UI's.
"""
