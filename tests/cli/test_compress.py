"""``sprite-lab compress`` and ``decompress``: nothing is lost, and mismatches are reported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sprite_lab.cli import compress
from sprite_lab.core.errors import FileError
from sprite_lab.engine import compression
from sprite_lab.formats.sets.compressed import Codec, load_compressed, save_compressed
from sprite_lab.formats.sets.sprites import load_sprites
from tests.made import make_sprites

if TYPE_CHECKING:
    from tests.cli.conftest import Command


def test_a_set_comes_back_as_it_was_and_what_does_not_fit_is_reported(
    command: Command,
    small_run: Path,
    sprites_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compression, "BATCH", 4)
    monkeypatch.setattr(compress, "BOUND_OF", 2)
    file, out = tmp_path / "a.spritez", tmp_path / "again.npz"
    done = command(
        "compress", sprites_file, "--model", small_run, "--out", file, "--limit", 6, "--json"
    )
    assert done.code == 0, done.err
    sizes = done.json["bits_per_dim"]
    assert set(sizes) == {"spritez", "counted", "lzma", "webp", "png", "bound"}
    assert done.json["count"] == 6  # a full batch, and a partial one
    assert done.json["pixel_bytes"] == round(sizes["spritez"] * 6 * 768 / 8)
    assert 0 < sizes["spritez"] < sizes["png"]

    done = command("decompress", file, "--model", small_run, "--out", out)
    assert done.code == 0, done.err
    was, back = load_sprites(sprites_file).take(np.arange(6)), load_sprites(out)
    np.testing.assert_array_equal(back.rgba, was.rgba)
    for name in ("labels", "names", "source", "words"):
        np.testing.assert_array_equal(getattr(back, name), getattr(was, name))
    assert back.class_names == was.class_names
    out.unlink()

    like = tmp_path / "like.spritez"
    options = ["--model", small_run, "--like", sprites_file]
    monkeypatch.setattr(compression, "LEARNED", 5)
    done = command("compress", sprites_file, *options, "--out", like, "--limit", 6, "--json")
    assert done.code == 0, done.err
    assert done.json["pixel_bytes"] < round(sizes["spritez"] * 6 * 768 / 8)
    done = command("decompress", like, "--model", small_run, "--out", out)
    assert done.code == 1
    assert "with another --like" in done.error
    done = command("decompress", like, *options, "--out", out)
    assert done.code == 0, done.err
    np.testing.assert_array_equal(load_sprites(out).rgba, was.rgba)
    out.unlink()
    done = command("decompress", file, *options, "--out", out)
    assert done.code == 1
    assert "leave it out" in done.error

    done = command("decompress", file, "--model", "builtin", "--out", out)
    assert done.code == 1
    assert "other weights than 'builtin' has" in done.error
    done = command("decompress", sprites_file, "--model", small_run, "--out", out)
    assert done.code == 1
    assert "is not compressed" in done.error
    sprites, coded, codec = load_compressed(file)
    save_compressed(file, sprites, coded[:20] + bytes([coded[20] ^ 1]) + coded[21:], codec)
    done = command("decompress", file, "--model", small_run, "--out", out)
    assert done.code == 1
    assert "do not come out as they went in" in done.err
    assert not out.exists()


def test_students_are_refused(command: Command, sprites_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.spritez"
    done = command("compress", sprites_file, "--model", "builtin-student", "--out", out)
    assert done.code == 1
    assert "name its teacher" in done.error


@pytest.mark.parametrize("change", [{"side": 7}, {"side": 65}, {"count": 0}, {"count": 10**8}])
def test_a_compressed_set_of_impossible_size_is_refused(
    tmp_path: Path, change: dict[str, int]
) -> None:
    sprites = make_sprites(3)
    codec = Codec(count=3, side=16, pixels="", model="m", weights="", torch="2")
    save_compressed(tmp_path / "a.spritez", sprites, b"coded", codec)
    assert load_compressed(tmp_path / "a.spritez")[1:] == (b"coded", codec)
    save_compressed(tmp_path / "a.spritez", sprites, b"coded", replace(codec, **change))
    with pytest.raises(FileError, match=r"'a.spritez' is damaged: it declares [\d,]+ sprites"):
        load_compressed(tmp_path / "a.spritez")


def test_the_bound_of_one_sprite_has_no_error(
    command: Command, small_run: Path, sprites_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "one.spritez"
    done = command("compress", sprites_file, "--model", small_run, "--limit", 1, "--out", out)
    assert done.code == 0, done.err
    assert "the model's bound (of 1): " in done.out
