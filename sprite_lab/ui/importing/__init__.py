"""The import window: what was found, how it is cut, what is refused. UI thread only.

May import what all of `sprite_lab.ui` may; files are read and written by the runs of
`sprite_lab.app.files.importing`.
"""
