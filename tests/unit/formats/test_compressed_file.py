"""Sizes declared by a compressed set are checked before memory is allocated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sprite_lab.core.errors import FileError
from sprite_lab.formats.sets import compressed
from sprite_lab.formats.sets.compressed import Codec, load_compressed, save_compressed
from tests.made import make_sprites

CODEC = Codec(4, 16, "", "", "", "")


@pytest.mark.parametrize("name", ["codec", "coded"])
def test_half_of_one_is_none(tmp_path: Path, name: str) -> None:
    save_compressed(tmp_path / "a.spritez", make_sprites(4), b"abc", CODEC)
    with np.load(tmp_path / "a.spritez") as archive:
        rest = {key: archive[key] for key in archive.files if key != name}
    with (tmp_path / "b.spritez").open("wb") as file:
        np.savez(file, **rest)
    with pytest.raises(FileError, match="is not compressed"):
        load_compressed(tmp_path / "b.spritez")


def test_as_many_sprites_as_fit_are_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.spritez"
    save_compressed(path, make_sprites(4), b"abc", CODEC)
    monkeypatch.setattr(compressed, "LARGEST", 4 * 16 * 16 * 4)
    sprites, coded, codec = load_compressed(path)
    assert (len(sprites), coded, codec) == (4, b"abc", CODEC)
    monkeypatch.setattr(compressed, "LARGEST", 4 * 16 * 16 * 4 - 1)
    with pytest.raises(FileError, match="it declares 4 sprites"):
        load_compressed(path)


@pytest.mark.parametrize("side", [8, 64])
def test_the_smallest_and_the_largest_sprites_are_accepted(tmp_path: Path, side: int) -> None:
    path = tmp_path / "a.spritez"
    save_compressed(path, make_sprites(4), b"abc", replace(CODEC, side=side))
    assert load_compressed(path)[0].images.shape == (4, side, side, 3)


@pytest.mark.parametrize(
    "change", [{"count": 0}, {"count": -1}, {"side": 0}, {"side": 7}, {"side": 12}, {"side": 72}]
)
def test_no_sprites_or_of_no_size_are_refused(tmp_path: Path, change: dict[str, int]) -> None:
    path = tmp_path / "a.spritez"
    save_compressed(path, make_sprites(4), b"abc", replace(CODEC, **change))  # type: ignore[arg-type]
    with pytest.raises(FileError, match="is damaged: it declares"):
        load_compressed(path)
