"""The reverse process with a model: samples, branches, races and interpolations.

Imports diffusion, formats, data and core. Runs on whatever thread advances the run.
"""
