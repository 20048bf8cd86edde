"""The built-in sprites: drawn by a program from hand-made parts.

`make_builtin`, `make_more` and `make_alike` are its public names; one file draws each class, from
templates in files named `*_parts.py`. It runs at a release (make_builtin_set.py), never in the app.
"""

from builtin_set.make import make_alike, make_builtin, make_more

__all__ = ["make_alike", "make_builtin", "make_more"]
