"""Reading and writing files: sprite sets, samples, trajectories, PNG, GIF, sheets and projects.

It may import `sprite_lab.core`, numpy, Pillow, imageio, Jinja2 and markdown-it-py, and neither
torch nor Qt. Call it from any thread but the UI thread, since all of it waits on disks.
"""
