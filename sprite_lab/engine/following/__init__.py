"""Following a training run of another process, on this machine or another.

May import ``core``, ``formats`` and the rest of ``engine``, but no torch; runs on a worker.
"""
