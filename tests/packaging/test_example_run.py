"""The shipped example run: how it was made, and that it shows what it is for."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from sprite_lab.app.train.example_run import EXAMPLE_TITLE
from sprite_lab.app.train.level_history import LevelHistory
from sprite_lab.app.train.loss_history import LossHistory
from sprite_lab.app.train.memory_clock import MemoryClock
from sprite_lab.app.train.run_past import RunPast, read_past
from sprite_lab.core.config import NetworkConfig
from sprite_lab.core.run import RunControl, drain
from sprite_lab.data import builtin
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.paths import example_run, resource

MAKER = resource().parent / "packaging" / "make_example_run.py"

MOST_BYTES = 1_500_000


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_example_run", MAKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def past() -> RunPast:
    return drain(read_past(example_run())(RunControl()))


def test_it_is_what_the_maker_trains(maker: ModuleType, past: RunPast) -> None:
    folder = RunFolder(example_run())
    network = replace(maker.CONFIG.network, num_words=past.config.network.num_words)
    network = replace(network, num_classes=past.config.network.num_classes)
    network = replace(network, num_styles=past.config.network.num_styles)
    network = replace(network, channels=past.config.network.channels)
    network = replace(network, augment_labels=past.config.network.augment_labels)
    assert past.config == replace(maker.CONFIG, network=network)
    assert folder.read_name() == EXAMPLE_TITLE
    assert past.data_fingerprint == builtin().fingerprint
    assert {p.step for p in past.previews} == maker.EXAMINED
    assert folder.read_data().credits, "who drew the sprites is said"


def test_it_is_small_and_has_no_weights() -> None:
    files = [path for path in example_run().rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < MOST_BYTES
    assert {path.suffix for path in files} <= {".json", ".jsonl", ".png", ".txt"}
    assert RunFolder(example_run()).all_weights() == []


def test_memorization_begins_in_it(past: RunPast) -> None:
    losses, levels = LossHistory(), LevelHistory()
    losses.add(past.records)
    levels.add(past.records)
    best = int(np.argmin(losses.val_losses))
    assert losses.val_losses[-1] > 1.3 * losses.val_losses[best]
    clock = MemoryClock.of(levels.compared())
    assert clock is not None
    assert clock.since is not None
    assert 100 < clock.since < losses.steps[-1] / 2
    assert losses.copies[0] == 0
    assert losses.copies[-1] > 0.5
    assert past.floor is not None


def test_the_maker_makes_a_run_of_the_same_kind(
    maker: ModuleType, tmp_path: Path, few_threads: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = builtin().take(np.arange(0, len(builtin()), 4))
    monkeypatch.setattr(maker, "builtin", lambda: few)
    config = replace(maker.CONFIG, epochs=4, network=NetworkConfig(width=16), preview_count=1)
    runs = [tmp_path / name for name in ("one", "two")]
    for run in runs:
        maker.make(run, replace(config, preview_steps=1), frozenset({1, 3}))
    first, second = (drain(read_past(run)(RunControl())) for run in runs)
    assert [p.step for p in first.previews] == [1, 3, 4]
    names = {path.relative_to(runs[0]) for path in runs[0].rglob("*") if path.is_file()}
    shipped = {path.relative_to(example_run()) for path in example_run().rglob("*.json*")}
    assert shipped <= names
    for a, b in zip(first.previews, second.previews, strict=True):
        assert np.array_equal(a.images, b.images)
