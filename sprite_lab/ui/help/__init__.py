"""Help: guide, explanations, keys, code, updates.

Imports app and below, never the engine. UI thread.
"""
