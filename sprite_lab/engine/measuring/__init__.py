"""What a model or its samples are worth: likelihood, quality, neighbours, thermodynamics.

Imports diffusion, formats, data and core. Runs on whatever thread advances the run.
"""
