"""A stage names the origin of its picture, including when that is another model."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import trajectory_words
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.widgets.sprites.caption import TrajectoryCaption
from tests.gui.stand_ins import StandInModel
from tests.gui.test_see import made_trajectory
from tests.made import make_sprites


def strongest(caption: TrajectoryCaption) -> int:
    """The strongest contrast of its text with the background, 0 to 255."""
    image = caption.grab().toImage()
    lights = [
        image.pixelColor(x, y).lightness()
        for x in range(image.width())
        for y in range(image.height())
    ]
    return max(lights) - min(lights)


@pytest.mark.parametrize(
    ("workspace", "page", "name"),
    [
        ("see", "watch", "see"),
        ("see", "class", "class"),
        ("see", "map", "map"),
        ("measure", "memory", "memory"),
    ],
)
def test_every_stage_says_whose_picture_it_shows(
    window: MainWindow, lab: Lab, workspace: str, page: str, name: str
) -> None:
    model = StandInModel()
    config = SampleConfig(count=4, seed=31, sampler="heun", steps=6)
    made = replace(made_trajectory(make_sprites(4).images), config=config, model=model.key)
    lab.data.set(make_sprites(20))
    lab.model.set(model)
    lab.trajectory.set(made)
    window.navigator.go(workspace, page)
    QApplication.processEvents()
    caption = window.findChild(TrajectoryCaption, f"{name}.caption")
    assert caption.text() == "Reverse process · stand-in · Heun, 6 steps · guidance 2 · seed 31"
    assert caption.isEnabled()
    assert caption.isVisible()
    before = strongest(caption)
    lab.model.set(StandInModel(title="other", key="other, step 11, data x"))
    assert caption.text().startswith("Made by another model; Generate replaces it · ")
    assert not caption.isEnabled()
    assert strongest(caption) == pytest.approx(before, abs=8), "it was too pale to be read"
    for handle in lab.jobs.handles:
        handle.cancel()


def test_guidance_is_named_only_where_it_acts() -> None:
    """It once said “guidance 2” of sprites without a prompt, on which guidance has no effect."""
    plain = replace(made_trajectory(make_sprites(2).images), config=SampleConfig(count=2))
    nothing = replace(plain, prompts=(Prompt(), Prompt()))
    dealt = replace(plain, prompts=(Prompt(), Prompt((("hero", 1.0),), ("red",))))
    away = replace(nothing, config=SampleConfig(count=2, negative_class="food"))
    told = ["guidance" in trajectory_words(one) for one in (plain, nothing, dealt, away)]
    assert told == [True, False, True, True]
