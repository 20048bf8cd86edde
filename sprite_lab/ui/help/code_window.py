"""A window that shows the code behind what is shown, to read and to copy."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontDatabase, QFontMetricsF, QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from sprite_lab.app.shell.source_code import SourceCode
from sprite_lab.ui.help.python_highlighter import PythonHighlighter
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.text import Label
from sprite_lab.ui.theme import Theme, current_theme, theme_manager
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.ui.widgets.fields.calm import named

#: Largest size of the window, in columns and lines.
_COLUMNS, _LEAST_LINES, _MOST_LINES = 100, 8, 42


class CodeWindow(QDialog):
    """Source code of a piece of Sprite Lab. Esc closes it."""

    def __init__(self, source: SourceCode, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("code")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._source = source
        name = source.name or source.file.rpartition("/")[2]
        self.setWindowTitle(f"{name} – code of Sprite Lab")
        place = named(Label(f"{source.file}, line {source.line:,}"), "code.place")
        place.setProperty("dim", True)
        place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        copy = IconButton("code.copy", "copy", "Copy the code", "Copy")
        copy.clicked.connect(self._copy)
        self.text = named(QPlainTextEdit(), "code.text", f"Code of {name}")
        self.text.setReadOnly(True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.document().setDocumentMargin(12)
        self.text.setPlainText(source.text)
        self._highlighter = PythonHighlighter(self.text.document(), current_theme())
        theme_manager().changed.connect(self._paint)
        head = hbox((place, 1), copy, spacing=-1)
        vbox(head, (self.text, 1), on=self, margins=(16, 8, 16, 16))
        self.resize(self._fitting_size())
        self.text.setFocus()

    def _fitting_size(self) -> QSize:
        metrics = QFontMetricsF(self.text.font())
        lines = self._source.text.count("\n") + 1
        lines = min(max(lines, _LEAST_LINES), _MOST_LINES)
        width = round(_COLUMNS * metrics.horizontalAdvance("0")) + 80
        height = round(lines * metrics.lineSpacing()) + 112
        return QSize(width, height).boundedTo(self.screen().availableSize() - QSize(64, 96))

    def _paint(self, theme: Theme) -> None:
        self._highlighter.set_theme(theme)

    def _copy(self) -> None:
        chosen = self.text.textCursor().selectedText().replace("\u2029", "\n")
        QGuiApplication.clipboard().setText(chosen or self._source.text)
