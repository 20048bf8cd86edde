"""State and tasks of Train.

Imports jobs, the engine (inside tasks) and what is below, never widgets. UI thread, but for the bodies of tasks.
"""
