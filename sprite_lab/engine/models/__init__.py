"""Models on disk: how they are found, loaded, exported and described.

Imports diffusion, formats, data and core. Runs on whatever thread advances the run.
"""
