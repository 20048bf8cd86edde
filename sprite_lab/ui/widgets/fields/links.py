"""The targets of links in explanations, lessons and the user guide."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell import source_code
from sprite_lab.app.shell.source_code import SourceCode
from sprite_lab.ui.help.code_window import CodeWindow
from sprite_lab.words import tr


def open_link(url: QUrl, lab: Lab, parent: QWidget) -> None:
    """Follow a link.

    ``source:sprite_lab/diffusion/loss.py#loss`` shows that function, ``help:guide#training`` (or
    ``guide.md#training``) that chapter of the user guide, and ``https:`` opens the browser.
    """
    if url.scheme() == "source":

        def show(source: SourceCode) -> None:
            CodeWindow(source, parent).show()

        reference = f"{url.path()}#{url.fragment()}"
        lab.do(source_code.read_source(reference), parent, then=show)
    elif url.scheme() == "help" or url.isRelative():
        lab.guide_wanted.emit(url.path().removesuffix(".md"), url.fragment())
    elif url.scheme() in ("http", "https") and not QDesktopServices.openUrl(url):
        address = url.toString()
        lab.notice.emit(tr("No browser was found. The address is {address}.", address=address))
