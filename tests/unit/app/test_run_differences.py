"""Settings by name in the table of runs and in comparisons."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sprite_lab.app.train.run_differences import all_settings, differences, setting_title
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.config.base import Setting, settings_of


@pytest.mark.parametrize("name", all_settings(TrainConfig(), "data"))
def test_every_setting_has_a_name_in_words(name: str) -> None:
    """Settings without a control once had the name they have in code, in English only."""
    title = setting_title(name)
    assert title[0].isupper()
    assert not {"_", "."} & set(title)
    assert "olour" not in title
    known = settings_of(TrainConfig).get(name, Setting(title="Data"))
    assert title.lower() == (known.title or known.label).lower()


def test_values_are_in_the_words_and_numbers_of_the_forms() -> None:
    """A run on all sprites was once said to have 0, and thousands had no separators."""
    one = replace(TrainConfig(), epochs=1500, max_sprites=0, device="auto", seed=641368)
    other = replace(one, epochs=32, max_sprites=50, device="cpu", preset="course", seed=1)
    found = dict(differences([all_settings(run, "made") for run in (one, other)]))
    assert found == {
        "Preset": ["Quick", "Course"],
        "Epochs": ["1,500", "32"],
        "Training sprites": ["all", "50"],
        "Device": ["Automatic", "Processor (CPU)"],
        "Seed": ["641368", "1"],
    }
