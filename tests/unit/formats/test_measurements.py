"""Saved measurements: unchanged, only for their model, and refused if damaged."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sprite_lab.core.errors import FileError
from sprite_lab.core.results.measured import Entropies, Measured, Sizes
from sprite_lab.core.results.probability import Bound, Thermodynamics
from sprite_lab.formats import measurements
from sprite_lab.formats.arrays import write_npz
from sprite_lab.formats.measurements import (
    load_entropies,
    load_measured,
    save_entropies,
    save_measured,
)
from tests.made import make_sprites

MODEL = "a0" * 16


def measured(count: int = 5, *, learnt_from: int = 40) -> Measured:
    rng = np.random.default_rng(0)
    sprites = make_sprites(count)
    blocks = np.array([2, 8, 21])
    bound = Bound(
        bits=rng.random(count), bits_stderr=rng.random(count),
        pixels=rng.random((count, 16, 16), np.float32), group=7_000_000 + np.arange(count) // 2,
        levels=256, log_snr=np.linspace(9, -9, 20), block_t=blocks, prior=rng.random(count),
        decoder=rng.random(count), diffusion=rng.random((count, 2)),
        decoder_stderr=rng.random(count), diffusion_stderr=rng.random((count, 2)),
    )  # fmt: skip
    counted = rng.random(count) if learnt_from else np.full(count, np.nan)
    lzma = 1.5 if learnt_from else None
    sizes = Sizes(rng.random(count), rng.random(count), counted, lzma, learnt_from)
    return Measured(sprites, bound, np.array([0.5, 7.0, 20.0]), sizes, rounds=3, seconds=1.25)


def entropies(levels: int = 6) -> Entropies:
    rng = np.random.default_rng(1)
    off = {"conditional": -1, "lower": -1, "upper": -1, "gap": -1, "bound": 1}
    found = {
        field.name: rng.random(levels + off.get(field.name.split("_")[0], 0))
        for field in fields(Thermodynamics)
    }
    found["log_snr"] = np.linspace(9, -9, levels)
    return Thermodynamics(**found), np.linspace(1, 500, levels)


@pytest.mark.parametrize("learnt_from", [0, 40])
def test_measured_sprites_come_back_as_they_were(tmp_path: Path, learnt_from: int) -> None:
    found = measured(learnt_from=learnt_from)
    save_measured(tmp_path / "a.npz", found, MODEL)
    again = load_measured(tmp_path / "a.npz", MODEL)
    assert (again.rounds, again.seconds, again.sprites.title) == (3, 1.25, "made")
    assert again.sprites.fingerprint == found.sprites.fingerprint
    assert again.sprites.class_of(3) == found.sprites.class_of(3)
    np.testing.assert_array_equal(again.block_t, found.block_t)
    for field in fields(Bound):
        if field.name != "group":
            np.testing.assert_array_equal(
                getattr(again.bound, field.name), getattr(found.bound, field.name)
            )
    # Groups are renumbered, which does not change the error of a mean.
    assert again.bound.group.tolist() == [0, 0, 1, 1, 2]
    for name, value in found.sizes._asdict().items():
        np.testing.assert_array_equal(getattr(again.sizes, name), value)


def test_entropies_come_back_as_they_were(tmp_path: Path) -> None:
    found, t = entropies()
    save_entropies(tmp_path / "a.npz", (found, t), MODEL)
    again, t_again = load_entropies(tmp_path / "a.npz", MODEL)
    np.testing.assert_array_equal(t_again, t)
    assert again.to_json() == found.to_json()


def test_it_is_of_its_model_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    save_measured(path, measured(), MODEL)
    with pytest.raises(FileError, match="is a measurement of another model"):
        load_measured(path, "b1" * 16)
    with pytest.raises(FileError, match="damaged or not a measurement"):
        load_entropies(path, MODEL)


def test_too_many_sprites_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.npz"
    save_measured(path, measured(), MODEL)
    monkeypatch.setattr(measurements, "MOST_SPRITES", 4)
    with pytest.raises(FileError, match="more than 4 sprites are not kept"):
        save_measured(tmp_path / "b.npz", measured(), MODEL)
    assert not (tmp_path / "b.npz").exists()
    with pytest.raises(FileError, match="damaged"):
        load_measured(path, MODEL)


def rewritten(path: Path, **changes: Any) -> None:
    """Replace some arrays of a file; None = remove."""
    with zipfile.ZipFile(path) as archive:
        arrays = {
            name.removesuffix(".npy"): np.load(archive.open(name)) for name in archive.namelist()
        }
    write_npz(path, {k: v for k, v in (arrays | changes).items() if v is not None})


LOADERS: dict[str, tuple[Callable[[Path], object], Callable[[Path], object]]] = {
    "measured": (
        lambda path: save_measured(path, measured(), MODEL),
        lambda path: load_measured(path, MODEL),
    ),
    "entropies": (
        lambda path: save_entropies(path, entropies(), MODEL),
        lambda path: load_entropies(path, MODEL),
    ),
}


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("measured", {"bits": np.array([1.0, 2, 3, 4, np.nan])}),
        ("measured", {"bits": np.ones(4)}),
        ("measured", {"bits": np.ones(5, np.float32)}),
        ("measured", {"bits": None}),
        ("measured", {"images": None}),
        ("measured", {"pixels": np.ones((5, 8, 8), np.float32)}),
        ("measured", {"counted": None}),
        ("measured", {"bound_group": np.full(5, 2**40)}),  # a mean would take terabytes
        ("measured", {"bound_group": np.full(5, -1)}),
        ("measured", {"blocks": np.array([2, 8, 2000])}),  # beyond the levels
        ("measured", {"blocks": np.array([2, 30, 21])}),
        ("measured", {"log_snr": np.linspace(-9, 9, 20)}),
        ("measured", {"block_t": np.array([9.0, 7.0, 20.0])}),
        ("measured", {"measurement": np.asarray('{"format": "another"}')}),
        ("measured", {"measurement": np.asarray("{")}),
        ("entropies", {"gap": np.ones(6)}),
        ("entropies", {"t": np.ones(5)}),
        ("entropies", {"log_snr": np.linspace(9, -9, 1)}),
        ("entropies", {"bound": np.full(7, np.inf)}),
    ],
)
def test_what_is_damaged_is_refused_in_a_sentence(
    tmp_path: Path, kind: str, changes: dict[str, Any]
) -> None:
    save, load = LOADERS[kind]
    path = tmp_path / "a.npz"
    save(path)
    load(path)
    rewritten(path, **changes)
    with pytest.raises(FileError) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    for data in (b"", b"half", b"PK\3\4 and no more"):
        path.write_bytes(data)
        with pytest.raises(FileError):
            load_measured(path, MODEL)
    with pytest.raises(FileError, match="no file"):
        load_measured(tmp_path / "b.npz", MODEL)


def test_one_sprite_is_enough(tmp_path: Path) -> None:
    found = measured(1)
    save_measured(tmp_path / "a.npz", replace(found, seconds=0.0), MODEL)
    assert len(load_measured(tmp_path / "a.npz", MODEL).sprites) == 1


def test_measured_sprites_have_an_order() -> None:
    found = measured(6)
    assert found.order("given").tolist() == [0, 1, 2, 3, 4, 5]
    bits = found.bound.bits
    assert (np.diff(bits[found.order("least")]) <= 0).all()
    assert (np.diff(bits[found.order("most")]) >= 0).all()
