"""Files in and out: sprite sets, samples, trajectories, PNG, GIF, sheets and projects.

It may import `sprite_lab.core`, numpy, Pillow and imageio, and neither torch nor Qt.
Everything here may be called from any thread but the UI thread, since all of it waits on disks.
"""
