"""Saved measurements stay while other windows save theirs."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from sprite_lab import paths
from sprite_lab.app.files import file_lock
from sprite_lab.app.measure import measure_tasks
from sprite_lab.core.run import RunControl, drain
from tests.unit.formats.test_measurements import entropies, measured


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path))


def keep(model: str, found: object) -> None:
    task = measure_tasks.keep(SimpleNamespace(fingerprint=model), found)
    drain(task.make(RunControl()))


def kept() -> list[str]:
    return sorted(path.name for path in paths.measured_dir().iterdir())


def test_one_is_written_once_another_window_has_written_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise the other window could delete it as old, after reading its time a moment before."""
    other = file_lock.lock(paths.measured_dir().with_suffix(".lock"))
    assert other is not None
    waited = []

    def sleep(seconds: float) -> None:
        waited.append(kept())
        other.close()

    monkeypatch.setattr(file_lock.time, "sleep", sleep)
    keep("a" * 32, measured())
    assert waited == [[]]
    assert kept() == [f"{'a' * 32}-probability.npz"]


def test_the_newest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure_tasks, "MOST_KEPT", 2)
    for model, found in (("a", measured()), ("b", entropies()), ("c", measured())):
        keep(model * 32, found)
    assert kept() == [f"{'b' * 32}-thermodynamics.npz", f"{'c' * 32}-probability.npz"]
    # Were the clock ahead until now, the next one is the newest all the same.
    for name in kept():
        os.utime(paths.measured_dir() / name, (4e9, 4e9))
    keep("d" * 32, measured())
    assert len(kept()) == 2
    assert f"{'d' * 32}-probability.npz" in kept()
