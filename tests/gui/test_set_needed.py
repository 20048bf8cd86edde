"""What is shown and offered if the model's training set is not open."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from sprite_lab.app.files.library import ShippedModel
from sprite_lab.app.lab import Lab
from sprite_lab.app.train.training_set import MissingSet
from sprite_lab.core.sets.sprites import BUILTIN_TITLE
from sprite_lab.ui.widgets.fields.set_needed import SetNeeded

REAL = ShippedModel("real", "Real sprites", "real_sprites", None, 1)
BUILTIN = ShippedModel("builtin", "Built-in sprites", "Built-in sprites", None, 1)
STUDENT = ShippedModel("builtin-student", "Built-in, 4 steps", "Built-in sprites", "builtin", 1)


@pytest.fixture
def needed(lab: Lab, qtbot: QtBot) -> SetNeeded:
    widget = SetNeeded(lab, "its sprites", name="needed")
    qtbot.addWidget(widget)
    widget.show()
    return widget


def shown(needed: SetNeeded) -> bool:
    return needed.findChild(QPushButton, "needed.builtin").isVisible()


def test_a_set_that_cannot_be_had_is_no_dead_end(
    needed: SetNeeded, lab: Lab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.model_ref = "real"
    needed.ask_for(MissingSet("real_sprites"))
    assert not shown(needed), "no other model is there"
    lab.shipped.set((STUDENT, BUILTIN, REAL))
    assert shown(needed)
    opened: list[object] = []
    monkeypatch.setattr(lab, "open_data", opened.append)
    monkeypatch.setattr(lab, "open_model", opened.append)
    button = needed.findChild(QPushButton, "needed.builtin")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert opened == [None, "builtin"]


def test_where_any_set_will_do_the_built_in_one_is_offered(
    needed: SetNeeded, lab: Lab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(lab, "open_data", opened.append)
    monkeypatch.setattr(lab, "open_model", lambda *_: pytest.fail("the model is to stay"))
    lab.shipped.set((BUILTIN, REAL))
    lab.model_ref = "real"
    needed.ask_for(MissingSet(""))
    map_needs = SetNeeded(lab, "its sprites", name="needed", any_set=True)
    qtbot.addWidget(map_needs)
    map_needs.show()
    map_needs.ask_for(MissingSet("real_sprites"))
    for widget in (needed, map_needs):
        button = widget.findChild(QPushButton, "needed.builtin")
        assert button.text() == f"Open “{BUILTIN_TITLE}”"
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert opened == [None, None]


def test_a_set_that_can_be_had_is_just_opened(needed: SetNeeded, lab: Lab) -> None:
    lab.shipped.set((BUILTIN, REAL))
    lab.model_ref = "builtin"
    needed.ask_for(MissingSet(BUILTIN_TITLE))
    assert not shown(needed), "it comes with the app"
    lab.model_ref = "runs/mine"
    needed.ask_for(MissingSet("my_sprites"))
    assert not shown(needed), "whoever trained on it has it"


def test_the_built_in_set_is_called_as_in_the_library(
    needed: SetNeeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In German, it once had another name than “Eingebaute Sprites”."""
    words = {BUILTIN_TITLE: "Eingebaute Sprites"}
    monkeypatch.setattr("sprite_lab.app.shell.text_format.tr", words.__getitem__)
    needed.ask_for(MissingSet(BUILTIN_TITLE))
    texts = [label.text() for label in needed.findChildren(QLabel)]
    assert "“Eingebaute Sprites” is not open" in texts
    assert MissingSet("mine").shown_title == "mine"
