"""The mathematics of diffusion: schedules, networks, losses, samplers, as pure functions.

May import core, numpy and torch; no files, no prints, no Qt.
Runs on the thread of its caller, which is never the UI's.
"""
