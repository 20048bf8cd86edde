"""Opening, importing, exporting and saving.

Imports jobs, the engine (inside tasks) and what is below, never widgets. Runs on the UI thread,
except for the bodies of tasks.
"""
