"""How good a model or its samples are: likelihood, quality, neighbors, thermodynamics.

Imports diffusion, formats, data and core. Runs on whatever thread advances the run.
"""
