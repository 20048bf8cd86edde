"""Sprites in grids, rows and strips, and the timeline.

Imports app and below, never the engine. UI thread.
"""
