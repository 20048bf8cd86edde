"""The import window: what was found, how it is cut, and what is refused.

Files are read and written by runs of `sprite_lab.app.files.importing`.
"""
