"""Runs before PyInstaller's own hooks, one of which loads Qt: this loads it our way first.

Otherwise every later import looks for a source file, which a frozen app does not have; that takes a
seventh of the time to the window.
"""

from sprite_lab.__main__ import import_qt

import_qt()
