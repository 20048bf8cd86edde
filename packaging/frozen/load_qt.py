"""Runs before PyInstaller's own hooks, one of which loads Qt: this loads it our way first.

Otherwise every import after it looks for a source that a frozen app has not, which costs a seventh
of the time to the window.
"""

from sprite_lab.__main__ import import_qt

import_qt()
