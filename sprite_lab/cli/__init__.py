"""The command line: the app's engine, for scripts and machines without a screen.

May import engine, diffusion, formats, data and core, never Qt; torch is imported inside the
commands, so that ``--help`` answers at once. Runs on the main thread.
"""
