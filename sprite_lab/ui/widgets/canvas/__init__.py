"""The canvas on which pixels are drawn.

Imports app and below, never the engine. UI thread.
"""
