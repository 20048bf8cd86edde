"""Plots and color maps."""
