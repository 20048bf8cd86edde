"""Plots and color maps.

Imports app and below, never the engine. UI thread.
"""
