"""Training runs, their data, and the run folder.

Imports diffusion, formats, data and core. Runs on whatever thread advances the run.
"""
