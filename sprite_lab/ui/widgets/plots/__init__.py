"""Plots and colour maps.

Imports app and below, never the engine. UI thread.
"""
