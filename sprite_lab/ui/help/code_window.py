"""A window with the source code of a view, to read and copy."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from itertools import accumulate

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextDocument,
)
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from sprite_lab.app.shell.source_code import SourceCode
from sprite_lab.ui.first_sizes import set_first_size
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.text import Label
from sprite_lab.ui.theme import Theme, current_theme, fixed_font, theme_manager
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.words import tr


class PythonHighlighter(QSyntaxHighlighter):
    """Colors the words of a document; call :meth:`set_theme` when the theme changes.

    The whole document is lexed whenever its text changes: code is read here, not edited.
    """

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._looks: dict[str, QTextCharFormat] = {}
        self._revision: int | None = None
        #: Tokens by line: first character, number of characters, kind.
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


#: Size of the window: its columns, and its fewest and most lines.
_COLUMNS, _LEAST_LINES, _MOST_LINES = 100, 8, 42


class CodeWindow(QDialog):
    """Source code of a piece of Sprite Lab. Esc closes it."""

    def __init__(self, source: SourceCode, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("code")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._source = source
        name = source.name or source.file.rpartition("/")[2]
        self.setWindowTitle(tr("{name} – code of Sprite Lab", name=name))
        where = tr("{file}, line {line:,}", file=source.file, line=source.line)
        place = named(Label(where, selectable=True, look="dim"), "code.place")
        copy = IconButton("code.copy", "copy", tr("Copy the code"), tr("Copy"), do=self._copy)
        self.text = named(QPlainTextEdit(), "code.text", tr("Code of {name}", name=name))
        self.text.setReadOnly(True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(fixed_font())
        self.text.document().setDocumentMargin(12)
        self.text.setPlainText(source.text)
        self._highlighter = PythonHighlighter(self.text.document(), current_theme())
        theme_manager().changed.connect(self._highlighter.set_theme)
        close = IconButton("code.close", "close", tr("Close this (Esc)"), tr("Close"))
        close.clicked.connect(self.close)
        head = hbox((place, 1), copy, close, spacing=-1)
        vbox(head, (self.text, 1), on=self, margins=(16, 8, 16, 16))
        set_first_size(self, *self._wanted_size(), grows=False)
        self.text.setFocus()

    def _wanted_size(self) -> tuple[int, int]:
        metrics = QFontMetricsF(self.text.font())
        lines = self._source.text.count("\n") + 1
        lines = min(max(lines, _LEAST_LINES), _MOST_LINES)
        width = round(_COLUMNS * metrics.horizontalAdvance("0")) + 80
        height = round(lines * metrics.lineSpacing()) + 112
        return width, height

    def _copy(self) -> None:
        chosen = self.text.textCursor().selectedText().replace("\u2029", "\n")
        QGuiApplication.clipboard().setText(chosen or self._source.text)
