"""Values shared by all other parts: configurations, sprites, trajectories, run records.

May import numpy and the standard library only, never torch or Qt.
Everything here is immutable or guarded by a lock, so it may be used from any thread.
"""
