"""Watching a training that another process does, here or on another machine.

May import ``core``, ``formats`` and the rest of ``engine``, but no torch; runs on a worker.
"""
