"""Measurements of a model and its samples: likelihood, quality, neighbors, thermodynamics."""
