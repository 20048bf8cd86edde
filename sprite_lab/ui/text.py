"""Decides, for the whole window, which text is markup and what markup may load.

By default, Qt guesses. Text that looks like HTML becomes HTML in labels, tooltips and messages, and
its pictures are read from wherever it says: files, pipes, devices, other computers. But names of
classes, sets, runs and files come from strangers. So text is shown letter for letter, unless it is
:class:`Html`, which only :func:`html` makes, from markup in our own code.

No other module makes a QLabel or QTextBrowser or sets a tooltip directly;
``tests/test_architecture.py`` enforces that.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterable
from functools import lru_cache, partial
from html import escape
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument, QTextDocumentFragment
from PySide6.QtWidgets import QLabel, QTextBrowser

from sprite_lab.paths import resource

#: Longest name that is not shortened in the middle.
LONGEST_NAME = 30

#: Text in the straight quotes of errors, as opposed to apostrophes.
_QUOTED = re.compile(r"(?<!\w)'(.+?)'(?!\w)")

#: Maximum number of letters in a line of a tooltip.
_TIP_WIDTH = 72


class Html(str):
    """Markup from our code, with inserted text escaped."""

    __slots__ = ()


def html(markup: str, *inserts: object) -> Html:
    """``markup``, a literal, with its ``{}`` replaced: Html as it is, other text escaped.

    >>> html("<b>{}</b>", "a < b")
    '<b>a &lt; b</b>'
    """
    return Html(markup.format(*(_escaped(insert) for insert in inserts)))


def joined(separator: str, parts: Iterable[str]) -> Html:
    """Parts joined by markup, a literal; those that are not Html are escaped."""
    return Html(separator.join(map(_escaped, parts)))


def shorten(text: str, longest: int = LONGEST_NAME) -> str:
    """Cut out the middle of a long name."""
    if len(text) <= longest:
        return text
    head = (longest - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (longest - 1 - head) :]}"


def curled(sentence: str) -> str:
    """A sentence of an error with the quotes of the window.

    >>> curled("There is no 'John's file.png' in the network's folder.")
    'There is no “John's file.png” in the network's folder.'
    """
    return _QUOTED.sub("“\\1”", sentence)


def plain(*lines: str) -> str:
    """The lines of a message as markup that shows them verbatim; Html stays as it is."""
    if not any("<" in line or "&" in line for line in lines):
        return "\n".join(lines)
    if len(lines) == 1 and isinstance(lines[0], Html):
        return lines[0]
    return Html(f"<qt>{joined('<br>', lines)}</qt>".replace("\n", "<br>"))


def tooltip(*lines: str) -> str:
    """The lines of a tooltip as markup, which alone Qt wraps; Html stays as it is."""
    return plain(*(line if isinstance(line, Html) else _wrapped(line) for line in lines))


@lru_cache(maxsize=1024)  # panels set the same texts again with every stroke
def _wrapped(text: str) -> str:
    wrap = partial(textwrap.fill, width=_TIP_WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join(wrap(line) for line in text.split("\n"))


def words_of(tip: str) -> str:
    """The text of a tooltip, in one line, even if it is markup."""
    said = QTextDocumentFragment.fromHtml(tip).toPlainText() if "<" in tip else tip
    return " ".join(said.split("\n"))


def held(markup: str) -> Html:
    """Text made safe earlier: a tooltip in use, or HTML escaped by a renderer."""
    return Html(markup)


def _escaped(text: object) -> str:
    return text if isinstance(text, Html) else escape(str(text))


class Label(QLabel):
    """A label that shows Html as markup and all other text verbatim.

    ``look``: a property of labels in ``theme.qss``, such as "dim"; "" = none.
    """

    def __init__(
        self, text: str = "", *, wrap: bool = False, selectable: bool = False, look: str = ""
    ) -> None:
        super().__init__()
        if look:
            self.setProperty(look, True)
        self.setText(text)
        self.setWordWrap(wrap)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def setText(self, text: str) -> None:
        format = Qt.TextFormat.RichText if isinstance(text, Html) else Qt.TextFormat.PlainText
        if format != self.textFormat():
            super().clear()  # otherwise the previous text would be treated as markup
            self.setTextFormat(format)
        super().setText(text)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and "<a " in self.text():
            text = self.text()  # its links keep the color that they had when it was set
            super().clear()
            super().setText(text)


class RoomyLabel(Label):
    """A label that wraps, with a minimum number of lines, so that nothing below moves."""

    def __init__(
        self, text: str = "", *, lines: int, selectable: bool = False, look: str = ""
    ) -> None:
        super().__init__(text, wrap=True, selectable=selectable, look=look)
        self._lines = lines
        self.setAlignment(Qt.AlignmentFlag.AlignTop)

    def heightForWidth(self, width: int) -> int:
        least = self._lines * self.fontMetrics().lineSpacing()
        return max(super().heightForWidth(width), least)


class RichView(QTextBrowser):
    """A page of markup with only the app's own pictures; it follows no links by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.setOpenLinks(False)

    def show_html(self, markup: Html) -> None:
        """Show a page; its pictures are given by absolute paths."""
        self.setHtml(markup)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        url = QUrl(name)
        picture = QTextDocument.ResourceType.ImageResource.value
        if kind == picture and url.isLocalFile() and own_file(url.toLocalFile()) is not None:
            return super().loadResource(kind, url)
        # If a picture were empty, Qt would open the file by itself.
        return _empty() if kind == picture else b""


def own_file(name: str | Path) -> Path | None:
    """A file that ships with the app, by absolute path; None = it does not.

    Paths elsewhere are not accessed at all: that might block forever, or contact another computer.
    """
    root, path = resource().resolve(), Path(os.path.normpath(name))
    if not any(path.is_relative_to(folder) for folder in (root, resource())):
        return None
    path = path.resolve()  # a link among our own files may lead outside
    return path if path.is_relative_to(root) and path.is_file() else None


def _empty() -> QImage:
    """One transparent pixel."""
    image = QImage(1, 1, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    return image
