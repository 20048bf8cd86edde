"""Reading and writing files: sprite sets, samples, trajectories, PNG, GIF, sheets and projects.

May import `sprite_lab.core`, numpy, Pillow, imageio, Jinja2 and markdown-it-py, but neither torch
nor Qt. Never call it from the UI thread, since all of it waits on disks.
"""
