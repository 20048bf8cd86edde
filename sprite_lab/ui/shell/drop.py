"""Dropping files onto the window, with a preview of the effect."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from sprite_lab.app.files.opening import Opening
from sprite_lab.ui.theme import current_theme


def dropped_paths(mime: QMimeData) -> tuple[Path, ...]:
    """The local files and folders being dragged."""
    return tuple(Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile())


class DropVeil(QWidget):
    """An overlay on a widget while files are dragged over it."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setObjectName("drop")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._opening: Opening | None = None
        self.hide()

    @property
    def sentence(self) -> str:
        return self._opening.sentence if self._opening else ""

    def say(self, opening: Opening) -> bool:
        """Show what dropping would do; returns whether the files can be opened."""
        self._opening = opening
        self.setAccessibleName(opening.sentence)
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.show()
        self.raise_()
        self.update()
        return opening.kind != "unknown"

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._opening is None:
            return
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(theme.background)
        veil.setAlphaF(0.7)
        painter.fillRect(self.rect(), veil)
        possible = self._opening.kind != "unknown"
        painter.setPen(
            QPen(QColor(theme.accent if possible else theme.bad), 2, Qt.PenStyle.DashLine)
        )
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(16, 16, -16, -16), 8, 8)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        painter.setFont(font)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        width = min(560, self.width() - 64)
        text = painter.fontMetrics().boundingRect(0, 0, width, 400, flags, self.sentence)
        text.moveCenter(self.rect().center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.surface))
        painter.drawRoundedRect(QRectF(text).adjusted(-24, -16, 24, 16), 8, 8)
        painter.setPen(QColor(theme.text if possible else theme.bad))
        painter.drawText(text, flags, self.sentence)
