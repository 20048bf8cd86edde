"""Finding, reading and setting controls by name."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from sprite_lab.ui.widgets.fields.buttons import Segmented
from sprite_lab.ui.widgets.fields.calm import lesson_value
from sprite_lab.ui.widgets.fields.inspector import FoldGroup
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid

_INPUTS = (
    *(NumberField, QSpinBox, QDoubleSpinBox, QAbstractSlider, SeedField, Segmented, QComboBox),
    *(QLineEdit, FoldGroup),
)


def find(window: QWidget, name: str) -> QWidget | None:
    """The control with a name; of several, such as timelines, the visible one."""
    found: list[QWidget] = window.findChildren(QWidget, name)
    return next((widget for widget in found if widget.isVisible()), found[0] if found else None)


def is_input(control: QWidget | None) -> bool:
    """Whether the user can set ``control``, unlike controls that only show something."""
    if isinstance(control, QAbstractButton):
        return control.isCheckable()
    return isinstance(control, _INPUTS)


def checked_beside(button: QAbstractButton) -> list[str]:
    """The names of the checked buttons in the row of ``button``."""
    around = button.parentWidget()
    row = [] if around is None else around.findChildren(QAbstractButton)
    return [part.objectName() for part in row if part.isChecked()]


def value_of(control: QWidget | None) -> object:
    """Value of a control: a number, text or bool; for sprites, the index of the chosen one.

    None = it has no value.
    """
    if isinstance(control, (NumberField, QSpinBox, QDoubleSpinBox, QAbstractSlider)):
        return control.value if isinstance(control, NumberField) else control.value()
    if isinstance(control, SeedField):
        return control.seed
    if isinstance(control, Segmented):
        return control.value
    if isinstance(control, QComboBox):
        if control.count() < 2:
            return None  # there is nothing to choose yet
        data = control.currentData()
        return control.currentText() if data is None else data
    if isinstance(control, QLineEdit):
        return control.text()
    if isinstance(control, QAbstractButton) and control.isCheckable():
        return control.isChecked()
    if isinstance(control, FoldGroup):
        return control.is_open
    # Sprites and display-only widgets may provide a value for lessons.
    told = None if control is None else lesson_value(control)
    if told is None and isinstance(control, (SpriteGrid, SpriteBrowser)):
        return control.current if control.current >= 0 else None
    return told


def set_value(control: QWidget | None, value: object) -> bool:
    """Set a control as the user would; returns False if it cannot have that value."""
    number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    if isinstance(control, NumberField) and number is not None:
        control.set_value(number)
    elif isinstance(control, (QSpinBox, QAbstractSlider)) and number is not None:
        control.setValue(round(number))
    elif isinstance(control, QDoubleSpinBox) and number is not None:
        control.setValue(number)
    elif isinstance(control, SeedField) and number is not None:
        control.set_seed(int(number))
    elif isinstance(control, Segmented):
        try:
            control.set_value(value)
        except ValueError:
            return False
    elif isinstance(control, QComboBox):
        index = control.findData(value)
        index = control.findText(str(value)) if index < 0 else index
        if index < 0:
            return False
        control.setCurrentIndex(index)
        control.activated.emit(index)
    elif isinstance(control, QLineEdit):
        control.setText(str(value))
    elif isinstance(control, QAbstractButton) and control.isCheckable() and value in (True, False):
        if control.isChecked() != value:
            control.click()
            if not control.testAttribute(Qt.WidgetAttribute.WA_ForceDisabled):
                control.setChecked(bool(value))  # only the widget around it is disabled
            return control.isChecked() == value  # a disabled control keeps its value
    elif isinstance(control, FoldGroup) and value in (True, False):
        control.set_open(bool(value))
    else:
        return False
    return True


def choose_another(control: QWidget | None) -> bool:
    """Choose another sprite or value; False = there is no other, or nothing to choose."""
    if isinstance(control, (SpriteGrid, SpriteBrowser)):
        if control.count < 2:
            return False
        control.set_current((max(control.current, 0) + 1) % control.count)
        return True
    if isinstance(control, QAbstractSlider):
        other = control.value() - 1 if control.value() > control.minimum() else control.maximum()
        control.setValue(other)
        return True
    return False


def name_of(widget: QWidget | None) -> str:
    """The name of a widget, or of its nearest named ancestor; "" = none."""
    while widget is not None:
        name, parent = widget.objectName(), widget.parentWidget()
        whole = isinstance(parent, (NumberField, SeedField))  # the field's name, not a part's
        if name and not name.startswith("qt_") and not whole:
            return name
        widget = parent
    return ""
