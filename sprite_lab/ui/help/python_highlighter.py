"""Python in the colors of the theme, by the lexer of Pygments."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from itertools import accumulate

from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from sprite_lab.ui.theme import Theme


class PythonHighlighter(QSyntaxHighlighter):
    """Colors the words of a document; call :meth:`set_theme` when the theme changes.

    The whole document is lexed at once whenever its text has changed: made for code to read.
    """

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._looks: dict[str, QTextCharFormat] = {}
        self._revision: int | None = None
        #: By line: the first character, the number of characters, the kind of token.
        self._spans: defaultdict[int, list[tuple[int, int, str]]] = defaultdict(list)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        curves = [curve.color for curve in theme.curves]
        self._looks = {
            "Comment": _look(theme.text_dim, italic=True),
            "Literal.String": _look(curves[2]),
            "Name.Decorator": _look(curves[1]),
            "Name.Function": _look(curves[0], bold=True),
            "Name.Class": _look(curves[0], bold=True),
            "Literal.Number": _look(curves[1]),
            "Keyword": _look(curves[3]),
            "Operator.Word": _look(curves[3]),
        }
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        if self._revision != self.document().revision():
            self._revision = self.document().revision()
            self._lex(self.document().toPlainText())
        for start, count, kind in self._spans[self.currentBlock().blockNumber()]:
            self.setFormat(start, count, self._looks[kind])

    def _lex(self, code: str) -> None:
        from pygments.lexers.python import PythonLexer  # noqa: PLC0415 (starts faster without)
        from pygments.token import string_to_tokentype  # noqa: PLC0415

        kinds = {string_to_tokentype(name): name for name in self._looks}
        starts = list(accumulate((len(line) + 1 for line in code.split("\n")), initial=0))
        self._spans.clear()
        for place, token, value in PythonLexer().get_tokens_unprocessed(code):
            kind = next((kinds[part] for part in reversed(token.split()) if part in kinds), None)
            if kind is None:
                continue
            for number, part in enumerate(value.split("\n"), bisect(starts, place) - 1):
                self._spans[number].append((max(place - starts[number], 0), len(part), kind))


def _look(color: str, *, bold: bool = False, italic: bool = False) -> QTextCharFormat:
    result = QTextCharFormat()
    result.setForeground(QColor(color))
    if bold:
        result.setFontWeight(QFont.Weight.DemiBold)
    result.setFontItalic(italic)
    return result
