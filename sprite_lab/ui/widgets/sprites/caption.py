"""The origin of a trajectory: process, model, sampler, steps and seed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QFont, QFontInfo, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QGraphicsOpacityEffect, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import (
    DOT,
    in_whole_parts,
    schedule_words,
    trajectory_words,
)
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.widgets.fields.elided import HintLabel, narrowed
from sprite_lab.words import tr

#: Minimum size of a reading, as a share of the usual.
_SMALLEST = 0.7

#: Opacity of sprites by another model.
_FAINT = 0.5


class TrajectoryCaption(HintLabel):
    """Shows the origin of the lab's trajectory, and says so if another model than the open one
    drew it.

    Instead of the origin, :meth:`show_making` shows what is being made, and :meth:`show_reading` a
    reading, without moving anything.
    """

    def __init__(self, lab: Lab, *, name: str) -> None:
        super().__init__(name=name)
        self._lab = lab
        self._making = ""
        self._faint: QGraphicsOpacityEffect | None = None
        self.reading = ""  #: a reading from the views, shown instead of the origin; "" = none
        for value in (lab.trajectory, lab.model):
            value.changed.connect(self._say)
        lab.runs.changed.connect(self._say)  # its model may have been renamed
        self._say()

    def gray(self, pictures: QWidget) -> None:
        """Show these pictures faintly while they are by another model."""
        self._faint = QGraphicsOpacityEffect(pictures, opacity=_FAINT)
        self._faint.setEnabled(not self.isEnabled())
        pictures.setGraphicsEffect(self._faint)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange and self._faint is not None:
            self._faint.setEnabled(not self.isEnabled())

    def wrapping_text(self) -> str:
        return in_whole_parts(self.text())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, palette = QPainter(self), self.palette()
        palette.setCurrentColorGroup(QPalette.ColorGroup.Active)  # never gray, even if disabled
        text, room = self.wrapping_text(), self.contentsRect()
        wrap = Qt.TextFlag.TextWordWrap
        if self.reading:
            text = self.reading
            font = QFont(self.font())
            font.setItalic(True)  # as in headings; upright, hats are lost in some fonts
            endless = QRect(0, 0, room.width(), 10_000)
            if QFontMetrics(font).boundingRect(endless, wrap, text).height() > room.height():
                font, wrap = narrowed(font, text, room.width()), Qt.TextFlag.TextSingleLine
                width = QFontMetrics(font).horizontalAdvance(text)
                if width > room.width():  # better smaller than cut off
                    share = max(_SMALLEST, room.width() / width)
                    font.setPixelSize(int(QFontInfo(font).pixelSize() * share))
                elide = Qt.TextElideMode.ElideRight
                text = QFontMetrics(font).elidedText(text, elide, room.width())
            painter.setFont(font)
        self.style().drawItemText(
            painter, room, int(self.alignment()) | wrap, palette, True, text, self.foregroundRole()
        )

    def show_reading(self, words: str) -> None:
        """Show a reading from the views in place of the origin; "" = the origin."""
        if words != self.reading:
            self.reading = words
            self.update()

    def show_making(self, words: str) -> None:
        """Show what is being made instead of the origin; "" = the origin again."""
        self._making = words
        self._say()

    def _say(self, *_: object) -> None:
        trajectory, model = self._lab.trajectory.value, self._lab.model.value
        if self._making or trajectory is None:
            self.setText(self._making)
            self.setToolTip("")
            self.setEnabled(True)
            return
        other = bool(trajectory.model and model is not None and trajectory.model != model.key)
        text = whole = trajectory_words(trajectory)
        if other:  # its settings are not worth the room
            text = tr(
                "Made by another model; Generate replaces it{dot}{value}",
                dot=DOT,
                value=DOT.join(text.split(DOT)[:2]),
            )
        self.setText(text)
        self.setToolTip(tooltip(whole if other else ""))
        self.setEnabled(not other)
        forward = trajectory.forward
        if forward is not None and not any(forward.bend):  # or bending it would move everything
            name = forward.schedule.name
            bent = text.replace(schedule_words(name), schedule_words(name, (1.0,)))
            self.keep_room((in_whole_parts(bent),))
        else:
            self.keep_room(())
