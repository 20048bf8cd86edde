"""Golden images of the data browser: selected sprites, groups of copies, captions."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser
from tests.gui.golden import assert_golden


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_chosen_sprites_on_the_ground_of_their_groups(
    qtbot: QtBot, theme: ThemeManager, sprites: SpriteSet, mode: str
) -> None:
    theme.set_mode(mode)
    browser = SpriteBrowser(several=True)
    qtbot.addWidget(browser)
    browser.resize(420, 200)
    browser.set_source(
        40,
        16,
        lambda places: sprites.rgba_of(places),
        lambda _index: "",
        bands=np.arange(40) // 5,
        chosen=(np.array([2, 3, 4, 9]), 9),
    )
    assert_golden(browser, f"data-chosen-{mode}", size=(420, 200))
