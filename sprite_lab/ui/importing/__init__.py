"""The import window: what was found, how it is cut, what is refused.

It may import everything that `sprite_lab.ui` may. All of it runs on the UI thread; files are read
and written by the runs of `sprite_lab.app.files.importing`.
"""
