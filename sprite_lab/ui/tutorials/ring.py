"""The ring around the control that a lesson's step is about."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QPoint, QRect, QRectF, Qt, QTimer, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QStyle, QWidget

from sprite_lab.app.shell.settings import Settings
from sprite_lab.ui.theme import current_theme

#: The gap between a control and its ring, and the widths of the ring and of its glow, in pixels.
_GAP, _WIDTH, _GLOW = 3, 3, 4
#: Margin around the control for gap, ring and glow, and the period of the pulse in milliseconds.
_ROOM, _BREATH_MS = _GAP + _WIDTH + _GLOW, 1600
#: Interval at which the ring follows its control, in milliseconds.
_FOLLOW_MS = 60


class Ring(QWidget):
    """An overlay that follows a control and lets clicks through.

    It pulses, unless motion is switched off in the app or the system.
    """

    def __init__(self, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._settings = settings
        self.setObjectName("lesson.ring")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.target: QWidget | None = None  #: the marked control; None = none
        self._breath = QVariantAnimation(self)
        self._breath.setStartValue(0.0)
        self._breath.setKeyValueAt(0.5, 1.0)
        self._breath.setEndValue(0.0)
        self._breath.setDuration(_BREATH_MS)
        self._breath.setLoopCount(-1)
        self._breath.valueChanged.connect(lambda _value: self.update())
        self._timer = QTimer(self, interval=_FOLLOW_MS)
        self._timer.timeout.connect(self._follow)
        settings.changed.connect(self._breathe)
        self.hide()

    @property
    def breathes(self) -> bool:
        return self._breath.state() == QVariantAnimation.State.Running

    def set_target(self, target: QWidget | None) -> None:
        """Mark another control; None = none."""
        if target is self.target:
            return
        self.target = target
        if target is None:
            self._timer.stop()
            self._breath.stop()
            self.hide()
            return
        self._breathe()
        self._timer.start()
        self._follow()

    def _breathe(self, *_: object) -> None:
        """Start or stop pulsing, according to the settings."""
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        may = self._settings.value.motion and self.style().styleHint(hint, None, self)
        if self.target is None or not may:
            self._breath.stop()
            self.update()
        elif not self.breathes:
            self._breath.start()

    def _follow(self) -> None:
        target = self.target
        if target is None or not shiboken6.isValid(target):
            self.set_target(None)
            return
        # Empty if the control is hidden or scrolled out of view.
        seen = target.visibleRegion().boundingRect() if target.isVisible() else QRect()
        window = self.parentWidget()
        if seen.isEmpty() or window is None:
            self.hide()
            return
        place = QRect(target.mapTo(window, QPoint(0, 0)) + seen.topLeft(), seen.size())
        place = place.adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM).intersected(window.rect())
        if place != self.geometry():
            self.setGeometry(place)
        if self.isHidden():
            self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        breath = float(self._breath.currentValue()) if self.breathes else 0.5
        theme = current_theme()
        color = QColor(theme.ring)

        def draw(ink: QColor, width: int, inset: float) -> None:
            painter.setPen(QPen(ink, width))
            rect = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
            radius = 6 + max(0, _ROOM - inset)
            painter.drawRoundedRect(rect, radius, radius)

        for step in range(_GLOW):
            color.setAlphaF((0.10 + 0.25 * breath) * (1 - step / _GLOW) ** 2)
            draw(color, 2, _GLOW - step)
        # The gap is painted: neighbors of a control may touch it.
        draw(QColor(theme.surface), _GAP, _ROOM - _GAP / 2)
        color.setAlphaF(1.0)
        draw(color, _WIDTH, _GLOW + _WIDTH / 2)
