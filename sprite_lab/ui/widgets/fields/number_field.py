"""Number inputs: a slider with its field."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QSlider, QSpinBox, QWidget

from sprite_lab.core.config.base import Setting
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import tabular, theme_manager
from sprite_lab.ui.widgets.fields.calm import allow, calm
from sprite_lab.words import number_text, tr, with_marks

_SLIDER_STEPS = 1000

#: Width of a field without its text, in logical pixels.
_FRAME = 30


def field_width(usual: int) -> int:
    """The width of a number field at the current text size; ``usual``: at the usual text size."""
    return _FRAME + round((usual - _FRAME) * theme_manager().text_scale)


def _typed(box: QSpinBox | QDoubleSpinBox, text: str) -> float | None:
    number, is_number = box.locale().toDouble(text.removesuffix(box.suffix()).strip())
    return number if is_number and math.isfinite(number) else None


def _typeable(
    box: QSpinBox | QDoubleSpinBox, state: QValidator.State, text: str
) -> QValidator.State:
    """Qt's ``state`` of a typed text, except that a number beyond the limits, or the beginning of
    the word for the minimum, is not invalid.
    """
    word = text.removesuffix(box.suffix())
    is_word = bool(word) and box.specialValueText().startswith(word)
    allowed = is_word or _typed(box, text) is not None
    invalid = state == QValidator.State.Invalid
    return QValidator.State.Intermediate if invalid and allowed else state


def _nearest(box: QSpinBox | QDoubleSpinBox, text: str) -> str:
    """The text of the allowed number nearest to a typed one, or of the minimum for its word; any
    other text is unchanged.
    """
    word = text.removesuffix(box.suffix())
    typed = box.minimum() if word and word == box.specialValueText() else _typed(box, text)
    if typed is None:
        return text
    nearest = min(max(typed, box.minimum()), box.maximum())
    if isinstance(box, QSpinBox):
        return box.textFromValue(round(nearest)) + box.suffix()
    return box.textFromValue(nearest) + box.suffix()


class _WholeField(QSpinBox):
    """A field for a whole number; one beyond the limits becomes the nearest."""

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        state, text, position = super().validate(text, position)
        return _typeable(self, state, text), text, position

    def fixup(self, text: str) -> str:
        return _nearest(self, text)


class _Field(QDoubleSpinBox):
    """A field for a number, or "several" if it stands for different values."""

    #: several values were replaced by this number, even if the field already held it
    settled = Signal(float)
    several = False

    def __init__(self) -> None:
        super().__init__()
        self._edited = False
        self._unit = ""
        self.lineEdit().textEdited.connect(self._on_edited)
        self.editingFinished.connect(self._on_finished)

    def set_several(self, several: bool) -> None:
        if several == self.several:
            return
        self.several, self._edited = several, False
        if several:
            self._unit = self.suffix()
        unit = "" if several else self._unit
        self.setSuffix(unit)
        self.setValue(self.value())
        self.lineEdit().setText(f"{self.textFromValue(self.value())}{unit}")

    def textFromValue(self, value: float) -> str:
        return tr("several") if self.several else super().textFromValue(value)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        if self.several and not self._edited:
            return QValidator.State.Acceptable, text, position
        state, text, position = super().validate(text, position)
        return _typeable(self, state, text), text, position

    def fixup(self, text: str) -> str:
        return _nearest(self, text)

    def valueFromText(self, text: str) -> float:
        if self.several and not self._edited:
            return self.value()
        return super().valueFromText(text)

    def _on_edited(self) -> None:
        self._edited = True

    def _on_finished(self) -> None:
        # The user typed the number that the field already held, which no signal reports.
        if self.several and self._edited:
            self.set_several(False)
            self.settled.emit(self.value())


class NumberField(QWidget):
    """A slider ``<name>.slider`` and a number ``<name>.field`` that share a value; a double click
    on the slider sets the default.

    ``setting``: label, tip, range, unit, steps and a word for the minimum; ``logarithmic`` means
    that the slider moves by factors. ``width``: width of the number field, in logical pixels at the
    usual text size.
    """

    changed = Signal(float)  #: the new value (float), whether changed by user or program

    def __init__(self, setting: Setting, default: float, *, name: str, width: int = 84) -> None:
        super().__init__()
        self.setObjectName(name)
        label = setting.title or setting.label
        self.setAccessibleName(label)
        minimum, maximum = setting.offered
        self._minimum, self._maximum, self._default = minimum, maximum, default
        self._logarithmic = setting.logarithmic
        usual = number_text(default, "g") + with_marks(setting.unit)
        if default == minimum:
            usual = setting.word_of_minimum or usual
        self._tip = self._plain_tip = setting.tip
        if setting.tip:
            self._tip = tr(
                "{tip}\nDouble-click the slider for {usual}.", tip=setting.tip, usual=usual
            )

        self._slider = calm(QSlider(Qt.Orientation.Horizontal), f"{name}.slider", label)
        self._field = calm(_Field(), f"{name}.field", label)
        self._field.setDecimals(setting.decimals)
        # Not with decimals: the decimal separator of one language groups thousands in another.
        self._field.setGroupSeparatorShown(setting.decimals == 0)
        self._field.setRange(minimum, maximum)
        self._field.setSingleStep(setting.step)
        self._field.setSuffix(with_marks(setting.unit))
        self._field.setSpecialValueText(setting.word_of_minimum)
        self._field.setKeyboardTracking(False)
        self._width = width
        theme_manager().on_text(self._fit_width)
        self._field.setFont(tabular(self._field.font()))
        self._field.setValue(default)
        whole = setting.decimals == 0 and not setting.logarithmic
        self._whole = whole and maximum - minimum <= 5000
        if self._whole:
            self._slider.setRange(round(minimum), round(maximum))
            self._slider.setSingleStep(max(1, round(setting.step)))
        else:
            self._slider.setRange(0, _SLIDER_STEPS)
        self._slider.setMinimumWidth(48)
        self._slider.installEventFilter(self)
        hbox((self._slider, 1), self._field, on=self)
        self.setFocusProxy(self._field)
        self._show_on_slider(default)
        self._slider.valueChanged.connect(self._on_slider)
        self._field.valueChanged.connect(self._on_field)
        self._field.settled.connect(self.changed)
        self.explain("")

    @property
    def value(self) -> float:
        """The value, rounded to the decimals of its setting."""
        return self._field.value()

    @property
    def whole(self) -> int:
        return round(self._field.value())

    def set_value(self, value: float) -> None:
        """Set the value, clipped to the range."""
        self._field.setValue(value)

    def set_several(self, several: bool) -> None:
        """Set whether the field stands for several things with different values."""
        self._field.set_several(several)

    def set_range(self, minimum: float, maximum: float) -> None:
        """Change the range; the value is clipped to it."""
        self._minimum, self._maximum = minimum, maximum
        if self._whole:
            with QSignalBlocker(self._slider):
                self._slider.setRange(round(minimum), round(maximum))
        self._field.setRange(minimum, maximum)
        self._show_on_slider(self.value)

    def explain(self, why: str) -> None:
        """Disable it, with ``why`` as its tooltip; "" = enable it, with its own tooltip."""
        self._why = why
        allow(self, why, "")
        tip = self._plain_tip if self._slider.isHidden() else self._tip
        for part in (self._slider, self._field):
            part.setToolTip(tooltip(why or tip))

    def reset(self) -> None:
        self.set_value(self._default)

    def hide_slider(self) -> None:
        """Hide the slider, where there is only room for the number."""
        self._slider.hide()
        self.explain(self._why)

    def _fit_width(self) -> None:
        self._field.setFixedWidth(field_width(self._width))

    def _share(self, value: float) -> float:
        if self._minimum == self._maximum:  # such as "how many" if there is only one
            return 0.0
        if self._logarithmic:
            return math.log(value / self._minimum) / math.log(self._maximum / self._minimum)
        return (value - self._minimum) / (self._maximum - self._minimum)

    def _show_on_slider(self, value: float) -> None:
        with QSignalBlocker(self._slider):
            self._slider.setValue(
                round(value) if self._whole else round(self._share(value) * _SLIDER_STEPS)
            )

    def _on_slider(self, position: int) -> None:
        low, high, share = self._minimum, self._maximum, position / _SLIDER_STEPS
        if self._whole:
            self._field.setValue(position)
        elif self._logarithmic:
            self._field.setValue(low * (high / low) ** share)
        else:
            self._field.setValue(low + (high - low) * share)

    def _on_field(self, value: float) -> None:
        self._field.set_several(False)
        # The slider being dragged stays under the pointer.
        if not self._slider.isSliderDown():
            self._show_on_slider(value)
        self.changed.emit(value)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._slider and event.type() == QEvent.Type.MouseButtonDblClick:
            self.reset()
            return True
        return False


def number_box(setting: Setting, value: int, *, name: str) -> QSpinBox:
    """A field for a whole number, without a slider; ``setting`` as in :class:`NumberField`."""
    box = calm(_WholeField(), name, setting.title or setting.label, setting.tip)
    low, high = setting.offered
    box.setRange(round(low), round(high))
    box.setSuffix(with_marks(setting.unit))
    box.setSpecialValueText(setting.word_of_minimum)
    box.setValue(value)
    box.setKeyboardTracking(False)
    box.setFont(tabular(box.font()))
    return box
