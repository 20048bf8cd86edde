"""Fields, buttons and labels.

Imports app and below, never the engine. UI thread.
"""
