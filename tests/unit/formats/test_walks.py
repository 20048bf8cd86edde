"""Animations of a character, one file for each direction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from sprite_lab.core.config import AnimationConfig
from sprite_lab.core.run import drain
from sprite_lab.core.trajectories.clip import Clip
from sprite_lab.formats.animation.animation import directions_clip
from sprite_lab.formats.animation.film import files_of, write_clip


def clip() -> Clip:
    images = np.random.default_rng(0).integers(0, 256, (2, 3, 4, 4, 4), np.uint8)
    return directions_clip(images, [[100] * 3] * 2, ("down", "up"), "a/b", apart=True)


def test_called_off_no_new_file_stays(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    run = write_clip(folder, clip(), AnimationConfig())
    while not (folder / "a-b-down.gif").exists():
        next(run)
    next(run)
    run.close()
    assert not list(tmp_path.iterdir())
    assert drain(write_clip(folder, clip(), AnimationConfig())) == sorted(folder.iterdir())
    run = write_clip(folder, clip(), AnimationConfig())
    for _ in range(3):
        next(run)
    run.close()
    assert len(list(folder.iterdir())) == 2, "what was there before stays"


def test_names_are_names_everywhere(tmp_path: Path) -> None:
    files = files_of(tmp_path, clip(), AnimationConfig(format="webp"))
    assert [file.name for file in files] == ["a-b-down.webp", "a-b-up.webp"]


def test_drawings_have_their_credits_beside_them(tmp_path: Path) -> None:
    """Games do not read texts inside of files."""
    owing = replace(clip(), attribution="“Pack” by Ann (CC-BY)")
    files = drain(write_clip(tmp_path, owing, AnimationConfig()))
    assert files == files_of(tmp_path, owing, AnimationConfig())
    assert [file.name for file in files] == ["a-b-down.gif", "a-b-up.gif", "a-b.CREDITS.txt"]
    told = files[-1].read_text("utf-8")
    assert told.startswith("a-b was made with Sprite Lab.")
    assert "“Pack” by Ann (CC-BY)" in told

    (_, one), *_ = owing.parts
    one = replace(one, attribution=owing.attribution)
    alone = drain(write_clip(tmp_path / "walk.gif", one, AnimationConfig()))
    assert [file.name for file in alone] == ["walk.gif", "walk.CREDITS.txt"]
    told = alone[-1].read_text("utf-8")
    webp = AnimationConfig(format="webp")
    again = drain(write_clip(tmp_path / "walk.webp", one, webp))
    assert again[-1].read_text("utf-8") == told, "it is about both"
    # Results of See are no drawings for a game; the file itself has the credits.
    shown = replace(one, durations_ms=None)
    assert files_of(tmp_path / "a.gif", shown, AnimationConfig()) == [tmp_path / "a.gif"]
