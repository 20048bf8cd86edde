"""Numbers that a person sets: a slider with its field, and a seed with dice and lock."""

from __future__ import annotations

import math
import random

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider, QSpinBox, QWidget

from sprite_lab.ui.theme import ThemeManager, tabular
from sprite_lab.ui.widgets.buttons import IconButton
from sprite_lab.ui.widgets.calm import calm

_SLIDER_STEPS = 1000


class NumberField(QWidget):
    """A slider and a number that are one value; double click on the slider = default.

    The slider is ``<name>.slider``, the field ``<name>.field``.

    Parameters
    ----------
    decimals : digits after the point; 0 makes it a field of whole numbers.
    unit : shown after the number, with its leading space where it needs one.
    logarithmic : whether the slider goes by factors (minimum must be above 0).
    field_width : of the number, in logical pixels.

    Signals
    -------
    changed : the new value (float), by person or program, if it is another.
    """

    changed = Signal(float)

    def __init__(
        self,
        label: str,
        minimum: float,
        maximum: float,
        default: float,
        *,
        name: str,
        step: float = 1.0,
        decimals: int = 0,
        unit: str = "",
        tip: str = "",
        logarithmic: bool = False,
        field_width: int = 84,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(label)
        self._minimum, self._maximum, self._default = minimum, maximum, default
        self._decimals, self._logarithmic = decimals, logarithmic
        tip = f"{tip}\nDouble click the slider for {default:g}{unit}." if tip else ""

        self._slider = calm(QSlider(Qt.Orientation.Horizontal), name=f"{name}.slider", label=label)
        self._field = calm(QDoubleSpinBox(), name=f"{name}.field", label=label)
        for part in (self._slider, self._field):
            part.setToolTip(tip)
        self._field.setDecimals(decimals)
        self._field.setRange(minimum, maximum)
        self._field.setSingleStep(step)
        self._field.setSuffix(unit)
        self._field.setKeyboardTracking(False)
        self._field.setFixedWidth(field_width)
        self._field.setFont(tabular(self._field.font()))
        self._field.setValue(default)
        self._whole = decimals == 0 and not logarithmic and maximum - minimum <= 5000
        if self._whole:
            self._slider.setRange(round(minimum), round(maximum))
            self._slider.setSingleStep(max(1, round(step)))
        else:
            self._slider.setRange(0, _SLIDER_STEPS)
        self._slider.setMinimumWidth(48)
        self._slider.installEventFilter(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._slider, 1)
        row.addWidget(self._field)
        self.setFocusProxy(self._field)
        self._show_on_slider(default)
        self._slider.valueChanged.connect(self._on_slider)
        self._field.valueChanged.connect(self._on_field)

    @property
    def value(self) -> float:
        """The value, rounded to ``decimals``."""
        return self._field.value()

    @property
    def whole(self) -> int:
        """The value as a whole number."""
        return round(self._field.value())

    def set_value(self, value: float) -> None:
        """Set it, clipped to its range."""
        self._field.setValue(value)

    def set_range(self, minimum: float, maximum: float) -> None:
        """Change the range; the value is clipped to it."""
        self._minimum, self._maximum = minimum, maximum
        if self._whole:
            with QSignalBlocker(self._slider):
                self._slider.setRange(round(minimum), round(maximum))
        self._field.setRange(minimum, maximum)
        self._show_on_slider(self.value)

    def reset(self) -> None:
        """Back to the default."""
        self.set_value(self._default)

    def _share(self, value: float) -> float:
        if self._logarithmic:
            return math.log(value / self._minimum) / math.log(self._maximum / self._minimum)
        return (value - self._minimum) / ((self._maximum - self._minimum) or 1)

    def _show_on_slider(self, value: float) -> None:
        with QSignalBlocker(self._slider):
            self._slider.setValue(
                round(value) if self._whole else round(self._share(value) * _SLIDER_STEPS)
            )

    def _on_slider(self, position: int) -> None:
        if self._whole:
            value = float(position)
        elif self._logarithmic:
            share = position / _SLIDER_STEPS
            value = self._minimum * (self._maximum / self._minimum) ** share
        else:
            share = position / _SLIDER_STEPS
            value = self._minimum + (self._maximum - self._minimum) * share
        self._field.setValue(value)

    def _on_field(self, value: float) -> None:
        # The slider being dragged stays where the pointer holds it.
        if not self._slider.isSliderDown():
            self._show_on_slider(value)
        self.changed.emit(value)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._slider and event.type() == QEvent.Type.MouseButtonDblClick:
            self.reset()
            return True
        return super().eventFilter(watched, event)


class SeedField(QWidget):
    """A seed with a dice and a lock: locked, the same seed gives the same sprites again.

    Parts are ``<name>.field``, ``<name>.dice`` and ``<name>.lock``.

    Signals
    -------
    changed : the new seed.
    """

    changed = Signal(int)

    def __init__(
        self,
        theme: ThemeManager,
        *,
        name: str,
        seed: int = 0,
        locked: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        tip = "Seed: the number all the noise comes from. The same seed gives the same noise."
        self._field = calm(QSpinBox(), name=f"{name}.field", label="Seed", tip=tip)
        self._field.setRange(0, 2**31 - 1)
        self._field.setMinimumWidth(72)  # ten digits would make the whole panel wider
        self._field.setValue(seed)
        self._field.setFont(tabular(self._field.font()))
        self._dice = IconButton(theme, "dice", "Throw a new seed", name=f"{name}.dice")
        self._lock = IconButton(theme, "unlock", "", name=f"{name}.lock", checkable=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._field, 1)
        row.addWidget(self._dice)
        row.addWidget(self._lock)
        self.setFocusProxy(self._field)
        self._dice.clicked.connect(self.throw)
        self._lock.toggled.connect(self._show_lock)
        self._field.valueChanged.connect(self.changed)
        self._lock.setChecked(locked)
        self._show_lock()

    @property
    def seed(self) -> int:
        """The seed that is shown."""
        return self._field.value()

    @property
    def locked(self) -> bool:
        """Whether the seed stays from one run to the next."""
        return self._lock.isChecked()

    def set_seed(self, seed: int) -> None:
        """Show a seed; one beyond the field's range (2**31 - 1) is not taken."""
        if 0 <= seed <= self._field.maximum():
            self._field.setValue(seed)

    def throw(self) -> None:
        """A new random seed, small enough to be said aloud."""
        self._field.setValue(random.randrange(1_000_000))

    def take(self) -> int:
        """The seed for the run that starts now: a new one, unless it is locked."""
        if not self.locked:
            self.throw()
        return self.seed

    def _show_lock(self) -> None:
        self._lock.set_icon("lock" if self.locked else "unlock")
        text = (
            "Locked: every run uses this seed"
            if self.locked
            else "Unlocked: every run takes a new seed"
        )
        self._lock.setToolTip(text)
        self._lock.setAccessibleName(text)
