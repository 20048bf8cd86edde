"""The built-in sprites: drawn by program from hand-made parts, so that the app is never empty.

`make_builtin` is the only public name; one file draws each class, from templates in files
named `*_parts.py`.
"""

from builtin_set.make import make_builtin

__all__ = ["make_builtin"]
