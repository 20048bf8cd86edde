"""The timeline: a slider for everything that has a noise level or a training step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QDoubleSpinBox, QSizePolicy, QWidget, QWidgetItem

from sprite_lab.app.shell.text_format import MINUS, log_snr_text, share_text
from sprite_lab.app.timeline import TimelineModel
from sprite_lab.core.config.base import Setting
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.text import Label, tooltip
from sprite_lab.ui.theme import tabular, theme_manager
from sprite_lab.ui.widgets.fields.buttons import IconButton, Option, Segmented
from sprite_lab.ui.widgets.fields.calm import allow, calm, panel
from sprite_lab.ui.widgets.fields.elided import Still
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.fields.number_field import field_width, number_box
from sprite_lab.ui.widgets.sprites.frame_slider import FrameSlider
from sprite_lab.words import tr

_GAP = "    "
#: Widths of the fields for speed and t at the usual text size, in logical pixels.
_FPS, _VALUE = 84, 80

#: Space between groups of controls, in logical pixels.
_SPACE = 4

_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly

#: The widest text of the readout for noise levels, and for training steps.
_WIDEST = tr("log-SNR {minus}88.88{gap}signal 0.888%{gap}frame 888 of 888", minus=MINUS, gap=_GAP)
_WIDEST_STEP = tr("frame {frame} of {count}", frame=888, count=888)


class Timeline(QWidget):
    """A slider with thumbnails, play controls and numbers, bound to a TimelineModel.

    Left and Right step, as does the wheel while the slider has the focus; Home and End go to the
    ends, Space plays. Views that show the same frames pass their keys to :meth:`handle_key`.
    ``pictures``: whether there is room for thumbnails.
    """

    def __init__(self, model: TimelineModel, *, pictures: bool = True) -> None:
        super().__init__()
        panel(self, "timeline")
        self.model = model
        self.slider = FrameSlider(model, pictures=pictures)

        self._back = IconButton("timeline.back", "step-back", tr("Previous frame (Left)"))
        self._play = IconButton("timeline.play", "play", tr("Play (Space)"), size=20)
        self._forward = IconButton("timeline.forward", "step", tr("Next frame (Right)"))
        self._backwards = IconButton(
            "timeline.backwards", "backwards", tr("Play backwards"), checkable=True
        )
        self._loop = Segmented(
            "timeline.loop",
            tr("At the end"),
            Option("once", tr("Play once"), "once", tr("Play once"), True),
            Option("loop", tr("Loop"), "loop", tr("Loop: start over at the end"), True),
            Option(
                "pingpong", tr("Ping-pong"), "pingpong", tr("Ping-pong: forward and back"), True
            ),
        )
        words = tr("Frames per second")
        speed = Setting(words, tip=words, low=1, high=120, unit=tr(" fps"))
        self._fps = number_box(speed, model.state.fps, name="timeline.fps")
        self._value_label = Label("t")
        self._value = calm(QDoubleSpinBox(), "timeline.t", tr("Noise level t"))
        self._value.setKeyboardTracking(False)
        self._total = dim_label(wrap=False)
        self._readout = dim_label(name="timeline.readout", wrap=False)
        # It takes the available room, or its own row if that is too little.
        self._readout.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._readout.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for part in (self._value, self._total, self._readout):
            part.setFont(tabular(part.font()))
        self._readout_place = Still(self._readout)

        play = self._back, self._play, self._forward, self._backwards
        self._play_parts: tuple[QWidget, ...] = (*play, self._loop, self._fps)
        value = self._value_label, self._value, self._total
        self._row = hbox(
            *play, _SPACE, self._loop, _SPACE, self._fps, ..., _SPACE, *value, spacing=3
        )
        self._column = vbox(
            self.slider, self._readout_place, self._row, on=self, margins=(16, 8, 16, 8)
        )
        self._own_row = True
        self._longest = ""  #: the longest text on noise and signal of all frames
        self._of_stage = True  # whether the stage shows its frames
        theme_manager().on_text(self._fit_text)

        self._back.clicked.connect(lambda: model.step(-1))
        self._forward.clicked.connect(lambda: model.step(1))
        self._play.clicked.connect(model.toggle)
        self._loop.changed.connect(model.set_loop)
        self._backwards.clicked.connect(model.set_backwards)
        self._fps.valueChanged.connect(model.set_fps)
        self._value.valueChanged.connect(self._on_typed)
        for field in (self._fps, self._value):  # the keys of timeline and menus work again
            field.lineEdit().returnPressed.connect(self.slider.setFocus)
        model.axis_changed.connect(self._show_axis)
        model.frame_changed.connect(self._show_frame)
        model.state_changed.connect(self._show_state)
        self._show_axis()
        self._show_state()

    def _fit_text(self) -> None:
        for field, usual in ((self._fps, _FPS), (self._value, _VALUE)):
            # It grows half as much as text, which is enough; beside a lesson, there is no more
            # room.
            field.setFixedWidth((usual + field_width(usual)) // 2)

    def add_help(self, button: QWidget) -> None:
        """Add the "?" of the timeline, at its end."""
        self._row.addWidget(button)

    def set_thumbnails(self, source: Callable[[int], NDArray[np.uint8]] | None) -> None:
        """Set the function that returns a frame's thumbnail, uint8 (H, W, 3); None = none."""
        self.slider.set_thumbnails(source)

    def handle_key(self, event: QKeyEvent) -> bool:
        """Handle a key; returns whether it has a meaning here."""
        model, key = self.model, event.key()
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if key == Qt.Key.Key_Space:
            model.toggle()
            return True
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Comma: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Period: 1,
            Qt.Key.Key_PageUp: -10,
            Qt.Key.Key_PageDown: 10,
            Qt.Key.Key_Home: -len(model.axis),
            Qt.Key.Key_End: len(model.axis),
        }
        if key in steps:
            model.step(steps[Qt.Key(key)])
        return key in steps

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.handle_key(event):
            super().keyPressEvent(event)

    def _on_typed(self, value: float) -> None:
        self.model.pause()
        self.model.go_to_value(value)
        self._show_frame()  # show the value of the nearest frame

    def _show_axis(self) -> None:
        axis = self.model.axis
        some = len(axis) > 0
        noise = axis.kind == "noise"
        self._value_label.setText("t" if noise else tr("Step"))
        tip = (
            tr(
                "Noise level: 0 is clean, the largest is pure noise. Type one to go to the "
                "nearest recorded frame."
            )
            if noise
            else tr("Training step. Type one to go to the nearest picture.")
        )
        self._value.setToolTip(tooltip(tip))
        self._value_label.setToolTip(tooltip(tip))
        self._readout.setToolTip(
            tooltip(
                tr(
                    "log-SNR: logarithm of signal power over noise power; without noise it is "
                    "infinite.\nSignal: share of the picture's variance that is not noise."
                )
                if noise
                else ""
            )
        )
        with QSignalBlocker(self._value):
            whole = bool(np.all(axis.values == np.rint(axis.values)))
            self._value.setDecimals(0 if whole else 1)
            # Not with decimals: the decimal separator of one language groups thousands in another.
            self._value.setGroupSeparatorShown(whole)
            low, high = (axis.values.min(), axis.values.max()) if some else (0, 0)
            self._value.setRange(float(low), float(high))
        self._total.setText(tr("of {max:,.9g}", max=axis.values.max()) if some else "")
        # By number of letters, as all digits are equally wide.
        noises = (_GAP.join(self._noise_at(frame)) for frame in range(len(axis)))
        self._longest = max(noises, key=len, default="")
        why = "" if some else tr("There are no frames yet.")
        for part in (self.slider, *self._play_parts, self._value):
            allow(part, why)
        self._place_readout()

    def _noise_at(self, frame: int) -> list[str]:
        """Noise and signal of a frame as texts; [] for a training step."""
        axis = self.model.axis
        share = axis.signal_share(frame)
        if axis.log_snr is None or share is None:
            return []
        log_snr = log_snr_text(float(axis.log_snr[frame]))
        return [
            tr("log-SNR {log_snr}", log_snr=log_snr),
            tr("signal {percent}", percent=share_text(share)),
        ]

    def set_of_stage(self, of_stage: bool) -> None:
        """Set whether the stage shows the frames of this timeline; if not, no frame is named."""
        if of_stage != self._of_stage:
            self._of_stage = of_stage
            self._show_frame()

    def _show_frame(self) -> None:
        axis, frame = self.model.axis, self.model.frame
        if not len(axis):
            self._readout.setText("")
            return
        if not self._of_stage:
            self._readout.setText(" ")  # keeps the height
            self._value.clear()
            return
        with QSignalBlocker(self._value):
            self._value.setValue(float(axis.values[frame]))
        noise = self._noise_at(frame)
        parts = [*noise, tr("frame {frame} of {count}", frame=frame + 1, count=len(axis))]
        # Parts to omit, in this order, if there is no room: the slider also shows the frame's
        # number, but noise and signal are shown nowhere else.
        spare = [parts[-1]] if len(parts) > 1 else []
        state, pace = self.model.state, self.model.pace
        if pace is not None and pace < min(0.9 * state.fps, state.fps - 1):
            # Frames are skipped to keep the speed, which is the first thing to say.
            parts.insert(0, tr("{pace} of {fps} fps", pace=pace, fps=state.fps))
            spare = [parts[-1], parts[0]]
        width, place = self._readout.fontMetrics().horizontalAdvance, self._readout.contentsRect()
        # Leave room for the longest text of all frames, or parts would come and go while playing.
        room = place.width() - width(self._longest) + width(_GAP.join(noise))
        for part in spare:
            if len(parts) > 1 and width(_GAP.join(parts)) > room:
                parts.remove(part)
        self._readout.setText(_GAP.join(parts))

    def _fit_total(self) -> None:
        """Hide the total number of levels if there is no room, as the axis shows it too."""
        total = self._total.sizeHint().width() + self._row.spacing()
        self._total.setVisible(self.width() >= self._least_width() + total)

    def _least_width(self) -> int:
        """The width that everything but the total number of levels needs, in logical pixels."""
        others = [
            part
            for part in self.findChildren(QWidget, options=_DIRECT)
            if self._row.indexOf(part) >= 0 and part is not self._total
        ]
        # Our own items: when a widget leaves the layout, Qt deletes its item, but the Python
        # wrapper would stay, and be taken for whatever Qt creates at the same address.
        shown = [item for item in map(QWidgetItem, others) if not item.isEmpty()]
        widths = sum(item.minimumSize().width() for item in shown) + 3 * _SPACE
        margins = self._column.contentsMargins()
        gaps = self._row.spacing() * (len(shown) + 4)  # including the empty space in the middle
        return widths + gaps + margins.left() + margins.right()

    def minimumSizeHint(self) -> QSize:
        # Otherwise, the layout would use the style sheet's minimum height of sliders for this one.
        return QSize(self._least_width(), self.sizeHint().height())

    def _place_readout(self) -> None:
        """Put the readout where its text fits: among the other controls, or in its own row."""
        self._fit_total()
        self._row.invalidate()
        # The readout itself requests no width in that row.
        room = self.width() - 32 - self._row.sizeHint().width()
        noise = self.model.axis.kind == "noise"
        widest = _WIDEST if noise else _WIDEST_STEP
        narrow = room < self._readout.fontMetrics().horizontalAdvance(widest)
        # For training steps, it says no more than the slider, so it is not worth a row.
        self._readout_place.setVisible(noise or not narrow)
        own_row = narrow and noise
        if own_row != self._own_row:
            self._own_row = own_row
            self._readout.setContentsMargins(0, 0, 0 if own_row else 12, 0)
            if own_row:
                self._row.removeWidget(self._readout_place)
                self._column.insertWidget(1, self._readout_place)
            else:
                self._column.removeWidget(self._readout_place)
                place = self._row.indexOf(self._value_label) - 1
                self._row.insertWidget(place, self._readout_place, 100)  # all the empty space
        self._column.activate()  # so that the readout's new width counts
        self._show_frame()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            # Once the parts have the new font, too.
            QTimer.singleShot(0, self, self._place_readout)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_readout()

    def _show_state(self) -> None:
        state = self.model.state
        self._play.set_icon("pause" if state.playing else "play")
        text = tr("Pause (Space)") if state.playing else tr("Play (Space)")
        if len(self.model.axis):
            self._play.setToolTip(tooltip(text))
        self._play.setAccessibleName(text)
        with QSignalBlocker(self._fps):
            self._fps.setValue(state.fps)
        self._loop.set_value(state.loop)
        self._backwards.setChecked(state.backwards)
        self._show_frame()
