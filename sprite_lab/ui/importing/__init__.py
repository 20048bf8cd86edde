"""The import window: what was found, how it is cut, what is refused.

Files are read and written by the runs of `sprite_lab.app.files.importing`.
"""
