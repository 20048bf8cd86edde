"""Runs before PyInstaller's own hooks, one of which loads Qt: here it is loaded our way first.

Otherwise every import after it looks for a source that a frozen app has not, which takes half as
long again as the start of the app itself.
"""

from sprite_lab.__main__ import import_qt

import_qt()
