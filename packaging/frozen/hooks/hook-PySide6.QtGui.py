"""Qt's plugins without those for devices without a desktop, and without GTK.

File dialogs come from the desktop's portal. GTK's plugin would bring GTK's own libraries.
"""

import re

from PyInstaller.utils.hooks.qt import add_qt6_dependencies

UNWANTED = re.compile(
    r"egldeviceintegrations|qeglfs|qvkkhrdisplay|qlinuxfb|qvnc|qminimalegl|qgtk3|"
    r"platforminputcontexts.*virtualkeyboard|[/\\]generic[/\\]|qtiff|qwebp|qpdf"
)

hiddenimports, binaries, datas = add_qt6_dependencies(__file__)
binaries = [item for item in binaries if not UNWANTED.search(item[0])]
