"""Shipped models, starting from a model, and students, with real but tiny networks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sprite_lab.app import tasks
from sprite_lab.app.files import library
from sprite_lab.app.shell.first_sprites import first_config, first_noise
from sprite_lab.app.timeline import TimelineModel, training_axis
from sprite_lab.core import presets
from sprite_lab.core.config import NetworkConfig, TrainConfig
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet

CONFIG = TrainConfig(
    epochs=None,
    max_steps=2,
    batch_size=16,
    preview_count=1,
    preview_steps=1,
    network=NetworkConfig(width=16),
)


@pytest.fixture(scope="module")
def run(sprites: SpriteSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two steps."""
    folder = tmp_path_factory.mktemp("runs") / "teacher"
    drain(tasks.train(CONFIG, sprites, folder)(RunControl()))
    return folder


def test_models_are_called_what_their_cards_say(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("app.files.library", "engine.models.model"):
        monkeypatch.setattr(f"sprite_lab.{module}.resource", tmp_path.joinpath)
    assert library.opening_model() is None
    weights = (run / "checkpoints" / "step-0000002.safetensors").read_bytes()
    for name in ("builtin", "real", "plain"):
        (tmp_path / "models" / name).mkdir(parents=True)
        (tmp_path / "models" / name / "weights.safetensors").write_bytes(weights)
    (tmp_path / "models" / "real" / "card.md").write_text("# Real sprites\n\nThey are real.")
    found = {model.name: model for model in drain(library.scan_shipped()(RunControl()))}
    assert found["real"].title == "Real sprites"
    assert found["plain"].title == "plain"
    assert found["real"].bytes == len(weights)
    assert found["real"].teacher is None
    assert found["real"].card.is_file()
    assert library.opening_model() == "builtin"
    assert drain(tasks.load_model("real", "cpu")(RunControl())).title == "Real sprites"
    refs = ("real", "nothing", "../models/real", "", str(run))
    assert [library.is_shipped(ref) for ref in refs] == [True, False, False, False, False]


def test_the_first_noise_is_what_the_sampler_begins_with(run: Path) -> None:
    model = drain(tasks.load_model(run, "cpu")(RunControl()))
    config = replace(first_config(model.class_names), steps=1)
    drawn = drain(tasks.generate(model, [config])(RunControl()))
    noise = first_noise()
    assert noise.t[0] == drawn.t[0]
    assert noise.log_snr[0] == pytest.approx(drawn.log_snr[0])
    # Except for the little signal left at T.
    assert np.abs(noise.x_t[0].astype(float) - drawn.x_t[0]).max() < 0.03


def test_a_training_takes_the_network_of_the_model_it_starts_from(
    run: Path, sprites: SpriteSet, tmp_path: Path
) -> None:
    model = drain(tasks.load_model(run, "cpu")(RunControl()))
    wide = replace(CONFIG, max_steps=1, network=NetworkConfig(width=32))
    own = drain(tasks.plan_training(wide, sprites)(RunControl()))
    taken = drain(tasks.plan_training(wide, sprites, model)(RunControl()))
    assert taken.parameters < own.parameters
    drain(tasks.train(wide, sprites, tmp_path / "tuned", init=model)(RunControl()))
    tuned = drain(tasks.load_model(tmp_path / "tuned", "cpu")(RunControl()))
    assert tuned.denoiser.config == model.denoiser.config


def test_a_student_of_a_run_is_a_run_too(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = replace(presets.STUDENT, max_seconds=None, max_steps=1, batch_size=2, preview_count=1)
    monkeypatch.setattr(presets, "STUDENT", brief)
    drain(tasks.distill(run, tmp_path / "student")(RunControl()))
    assert drain(tasks.load_model(tmp_path / "student", "cpu")(RunControl())).is_student


def test_few_frames_play_slowly_until_somebody_chooses() -> None:
    model = TimelineModel()
    model.set_axis(training_axis(range(13)))
    assert model.state.fps == 5
    model.set_axis(training_axis(range(501)))
    assert model.state.fps == 25
    model.set_fps(40)
    model.set_axis(training_axis(range(13)))
    assert model.state.fps == 40
