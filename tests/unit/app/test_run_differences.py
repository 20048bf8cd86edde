"""Settings by name in the table of runs and in comparisons."""

from __future__ import annotations

import pytest

from sprite_lab.app.train.run_differences import all_settings, setting_title
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.config.base import Setting, settings_of


@pytest.mark.parametrize("name", all_settings(TrainConfig(), "data"))
def test_every_setting_has_a_name_in_words(name: str) -> None:
    """Those without a control were called as in the code, in English only."""
    title = setting_title(name)
    assert title[0].isupper()
    assert not {"_", "."} & set(title)
    assert "olour" not in title
    known = settings_of(TrainConfig).get(name, Setting(title="Data"))
    assert title.lower() == (known.title or known.label).lower()
