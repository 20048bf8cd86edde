"""A gray control of See or Measure says why it is gray."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPushButton,
    QToolTip,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.text import words_of
from sprite_lab.ui.widgets.fields.calm import allow
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.ui.widgets.fields.seed_field import SeedField

_CONTROLS = (QAbstractButton, QAbstractSpinBox, QComboBox, QCheckBox, NumberField, SeedField)

#: These are gray together with their group, which says why.
_BESIDE = ("timeline.", "see.branch.")

#: The tooltips of each control, while enabled and while disabled.
Tips = dict[str, set[str]]


def tips_of(control: QWidget) -> str:
    """All tooltips of a control and its parts."""
    parts = [control, *control.findChildren(QWidget)]
    return " ".join(sorted({part.toolTip() for part in parts if part.toolTip()}))


def look(window: MainWindow, usable: Tips, gray: Tips) -> None:
    """Record the tooltips of the visible controls."""
    QApplication.processEvents()
    page = window.stage.currentWidget(), window.inspector.currentWidget()
    for control in (c for part in page for c in part.findChildren(QWidget)):
        name = control.objectName()
        if not name or not isinstance(control, _CONTROLS) or not control.isVisible():
            continue
        if control.isEnabled():
            usable.setdefault(name, set()).add(tips_of(control))
        elif control.testAttribute(Qt.WidgetAttribute.WA_ForceDisabled):
            gray.setdefault(name, set()).add(tips_of(control))


def walk(window: MainWindow, usable: Tips, gray: Tips) -> None:
    for workspace in ("see", "measure"):
        pages = window.workspace(workspace)
        for page in pages.names:
            window.navigator.go(workspace, page)
            look(window, usable, gray)
    window.navigator.go("see", "watch")
    for mode in ("forward", "branch", "reverse"):
        window.navigator.see.watch.mode.set_value(mode)
        look(window, usable, gray)


def told_by(part: QWidget) -> str:
    """The text of a part under the pointer."""
    QToolTip.hideText()
    place = part.rect().center()
    event = QHelpEvent(QEvent.Type.ToolTip, place, part.mapToGlobal(place))
    QApplication.sendEvent(part, event)
    return words_of(QToolTip.text())


def test_what_is_gray_with_its_group_says_why(qtbot: QtBot) -> None:
    """During a training run, the recipe's fields once said what they are for, as usual."""
    group = QWidget()
    qtbot.addWidget(group)
    fields = [QPushButton(parent=group), QLineEdit(parent=group)]
    for field in fields:
        field.setToolTip("What it is for")
    group.show()
    for why in ("A training run is in progress.", "", "No model is open.", ""):
        allow(group, why)
        assert {told_by(field) for field in fields} == {why or "What it is for"}
    allow(fields[0], "Empty.")
    for why in ("A training run is in progress.", ""):
        allow(group, why)
        assert told_by(fields[0]) == "Empty."


def test_what_is_gray_says_why(
    window: MainWindow, lab: Lab, small_models: Path, qtbot: QtBot
) -> None:
    usable: Tips = {}
    gray: Tips = {}
    walk(window, usable, gray)  # with nothing open
    lab.open_data(None)
    lab.open_model("builtin")
    qtbot.waitUntil(
        lambda: lab.data.value is not None and lab.model.value is not None, timeout=60_000
    )
    walk(window, usable, gray)
    window.navigator.see.generate()
    qtbot.waitUntil(lambda: lab.trajectory.value is not None, timeout=60_000)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=60_000)
    watch = window.navigator.see.watch
    watch.stage.choose(2)
    find = watch.inspector.findChild
    find(QAbstractButton, "see.classes.none").click()
    find(QCheckBox, "see.deal_prompts").setChecked(False)
    walk(window, usable, gray)
    for handle in lab.jobs.handles:
        handle.cancel()
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=60_000)
    assert {"see.guidance", "see.eta", "see.count", "race.watch", "see.export.animation"} <= set(
        gray
    ), "they were not to be seen gray"
    silent = {
        name
        for name, tips in gray.items()
        if not name.startswith(_BESIDE) and (tips & usable.get(name, {""}) or "" in tips)
    }
    assert not silent, sorted(silent)
