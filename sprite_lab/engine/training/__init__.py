"""Training runs: what is learned, step by step, and the folder that keeps it.

Imports diffusion, formats, data and core. Runs on whatever thread advances the run.
"""
