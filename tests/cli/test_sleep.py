"""A machine that sleeps while a command works: on Windows the clocks keep running meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.conftest import Command


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    rng, folder = np.random.default_rng(0), tmp_path / "pictures"
    folder.mkdir()
    for i in range(4):
        Image.fromarray(rng.integers(0, 256, (16, 16, 4), np.uint8)).save(folder / f"{i}.png")
    return folder


@pytest.mark.parametrize("name", ["a.sprites", "sheet.png", "sample.npz", "reverse.gif"])
def test_hours_of_sleep_between_any_two_looks_at_the_clock_change_nothing(
    name: str,
    command: Command,
    pictures: Path,
    small_run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw = ("--count", 2, "--steps", 2, "--device", "cpu")
    asked: tuple[object, ...] = {
        "a.sprites": ("import", pictures),
        "sheet.png": ("sample", "--model", small_run, *draw),
        "sample.npz": ("sample", "--model", small_run, *draw),
        "reverse.gif": ("export", small_run, "--kind", "reverse", *draw),
    }[name]
    made: list[dict[Path, bytes]] = []
    for place in ("awake", "asleep"):
        folder = tmp_path / place
        folder.mkdir()
        done = command(*asked, "--out", folder / name)
        assert done.code == 0, done.err
        files = [file for file in folder.rglob("*") if file.is_file()]
        made.append({file.relative_to(folder): file.read_bytes() for file in files})
        slept = 0.0

        def asleep(clock: Callable[[], float]) -> float:
            nonlocal slept
            slept += 8 * 3600.0
            return clock() + slept

        for clock in ("monotonic", "perf_counter", "time"):
            monkeypatch.setattr(time, clock, partial(asleep, getattr(time, clock)))
    assert made[0]
    assert made[1] == made[0]
