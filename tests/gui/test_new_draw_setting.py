"""A new setting of Draw is one line of code: it appears in the panel, cells, files and texts.

That line names the group of the panel that it belongs to; see CONTRIBUTING.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QLabel
from pytestqt.qtbot import QtBot

from sprite_lab.app.draw import drawing
from sprite_lab.app.draw.config_words import explained
from sprite_lab.app.draw.drawing import asked_by, config_for
from sprite_lab.app.draw.noise_levels import NoiseLevels
from sprite_lab.core.config import Conditions, DrawSettings, SampleConfig
from sprite_lab.core.config.base import same_as, setting, settings_of
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.ui.draw.generate import cell_groups, generate_group
from sprite_lab.ui.draw.generate.cell_groups import CellGroup
from sprite_lab.ui.draw.generate.panel import DrawPanel
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.widgets.fields.number_field import NumberField
from tests.gui.stand_ins import StandInModel

pytestmark = pytest.mark.opens("draw")


@dataclass(frozen=True)
class Config(SampleConfig):
    """The sampling configuration, with two more lines."""

    warmth: float = setting(
        1.0, "Warmth", low=0, high=2, decimals=2, tip="How warm it is.", varies=True
    )
    rough: bool = setting(False, "Rough", tip="Rough edges.")


@dataclass(frozen=True)
class Asked(Conditions):
    """The conditions of a cell, with one more line."""

    warmth: float = same_as(Config, "warmth", group="Limit to")


@dataclass(frozen=True)
class Shared(DrawSettings):
    """The settings shared by all cells, with one more line."""

    rough: bool = same_as(Config, "rough", group="Limit to")


@pytest.fixture
def _new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "SampleConfig", Config)
    monkeypatch.setattr(cell_groups, "Conditions", Asked)
    monkeypatch.setattr(generate_group, "DrawSettings", Shared)


@pytest.fixture
def panel(window: MainWindow, qtbot: QtBot, _new: None) -> DrawPanel:
    """The panel with the new settings, for two selected cells that have them."""
    draw, project = window.navigator.draw, window.lab.project
    project.put({i: Cell(conditions=Asked(seed=i, warmth=i)) for i in (0, 1)}, "new")
    draw.session.choose(0, (0, 1))
    panel = DrawPanel(window.lab, draw.editor, draw.generation, draw.files)
    qtbot.addWidget(panel)
    panel.show_chosen()
    return panel


def test_a_number_of_a_cell_is_in_the_panel(panel: DrawPanel, window: MainWindow) -> None:
    field = panel.findChild(NumberField, "draw.warmth")
    (spin,) = field.findChildren(QAbstractSpinBox)
    assert spin.toolTip().startswith("How warm it is.")
    assert "Warmth" in [label.text() for label in panel.findChildren(QLabel)]
    assert spin.text() == "several"
    field.set_value(1.5)
    project = window.lab.project
    assert [project.cell(i).conditions.at("warmth") for i in (0, 1)] == [1.5, 1.5]
    panel.show_chosen()
    assert spin.text() == "1.50"


def test_a_switch_of_all_cells_is_in_the_panel(panel: DrawPanel, window: MainWindow) -> None:
    panel.findChild(QCheckBox, "draw.rough").setChecked(True)
    settings = window.navigator.draw.session.settings
    assert settings == Shared(settings.sampler, settings.steps, rough=True)


@pytest.mark.usefixtures("_new")
def test_both_are_in_the_configuration_of_a_cell_its_files_checks_and_words() -> None:
    asked = Asked(warmth=0.5)
    assert Asked.from_json(asked.to_json()) == asked
    with pytest.raises(ConfigError, match="'warmth' is 3, but must be from 0 to 2"):
        Asked(warmth=3)
    config = config_for(Cell(conditions=asked), Shared(rough=True), StandInModel())
    assert config == Config(count=1, sampler="dpmpp_2m", warmth=0.5, rough=True)
    assert Config.from_json(config.to_json()) == config
    assert asked_by(config, Asked(), 500) == asked
    told = dict(explained(config, NoiseLevels(None)))
    assert (told["Warmth"], told["Rough"]) == ("0.5", "on")


def test_every_setting_that_names_a_group_of_the_panel_is_in_it(window: MainWindow) -> None:
    panel = window.navigator.draw.panel
    groups = [fold for fold in panel.folds if isinstance(fold, CellGroup)]
    placed = {path for each in (panel.generate, *groups) for path in each.form.values}
    known = settings_of(Conditions) | settings_of(DrawSettings)
    assert {name for name, setting in known.items() if setting.group} <= placed
