"""Colours for Python: enough to read a function by."""

from __future__ import annotations

import keyword
import re

from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from sprite_lab.ui.theme import Theme

_TOKENS = re.compile(
    r"""
    (?P<comment>\#.*)
  | (?P<string>[rbfuRBFU]{0,2}(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))
  | (?P<decorator>^\s*@[\w.]+)
  | (?P<definition>(?<=\bdef\s)\w+|(?<=\bclass\s)\w+)
  | (?P<number>\b\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?\b)
  | (?P<word>\b[^\W\d]\w*)
    """,
    re.VERBOSE,
)
_TRIPLE = re.compile(r'[rbfuRBFU]{0,2}("""|\'\'\')')
#: What a block says of the next one: in no text, or in one that ends with these.
_OUTSIDE, _ENDS = 0, ('"""', "'''")


class PythonHighlighter(QSyntaxHighlighter):
    """Colours the words of a document; :meth:`set_theme` when the theme changes."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._looks: dict[str, QTextCharFormat] = {}
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        curves = [curve.color for curve in theme.curves]
        self._looks = {
            "comment": _look(theme.text_dim, italic=True),
            "string": _look(curves[2]),
            "decorator": _look(curves[1]),
            "definition": _look(curves[0], bold=True),
            "number": _look(curves[1]),
            "keyword": _look(curves[3]),
        }
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        state, start = max(self.previousBlockState(), _OUTSIDE), 0
        while start <= len(text):
            if state != _OUTSIDE:
                end = text.find(_ENDS[state - 1], start)
                stop = len(text) if end < 0 else end + 3
                self.setFormat(start, stop - start, self._looks["string"])
                if end < 0:
                    break
                start, state = stop, _OUTSIDE
                continue
            opening = self._plain(text, start)
            if opening is None:
                break
            self.setFormat(opening.start(), len(opening[0]), self._looks["string"])
            start, state = opening.end(), 1 + _ENDS.index(opening[1])
        self.setCurrentBlockState(state)

    def _plain(self, text: str, start: int) -> re.Match[str] | None:
        """Colour words up to where a text of several lines opens, and say where."""
        while start < len(text):
            opening = _TRIPLE.match(text, start)
            if opening is not None:
                return opening
            token = _TOKENS.match(text, start)
            if token is None:
                start += 1
                continue
            kind = token.lastgroup or ""
            if kind == "word":
                kind = "keyword" if keyword.iskeyword(token[0]) else ""
            if kind:
                self.setFormat(start, len(token[0]), self._looks[kind])
            start = token.end()
        return None


def _look(color: str, *, bold: bool = False, italic: bool = False) -> QTextCharFormat:
    result = QTextCharFormat()
    result.setForeground(QColor(color))
    if bold:
        result.setFontWeight(QFont.Weight.DemiBold)
    result.setFontItalic(italic)
    return result
