"""The step on static buffers, run eagerly: bit-identical to the usual step, and recordable."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.presets import PRESETS, STUDENT
from sprite_lab.core.records import StepRecord
from sprite_lab.core.run import RunControl
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.diffusion.color_attention import ColorAttention
from sprite_lab.engine.training import trainer
from sprite_lab.engine.training.distill import student_task
from sprite_lab.engine.training.static_step import StaticLearner, can_be_static, lone_learner
from sprite_lab.engine.training.train_step import Learner
from sprite_lab.engine.training.training_task import TrainingTask, sprite_task
from tests.made_model import make_model
from tests.recording import Recording

pytestmark = pytest.mark.usefixtures("few_threads")

BEST = replace(
    PRESETS["best"],
    epochs=None,
    max_steps=45,
    batch_size=12,
    recolor=0.5,
    learning_rate=2.0**-8,
    network=replace(PRESETS["best"].network, width=16),
    preview_count=1,
    preview_steps=1,
    device="cpu",
)


def task_of(config: TrainConfig, sprites: SpriteSet) -> TrainingTask:
    """A task whose sprites are on the device, as on a GPU."""
    task = sprite_task(config, sprites)
    task.data.pictures.settle()  # type: ignore[attr-defined]
    return task


#: Rates that float32 can represent, as a device stores them.
RATES = [2.0**-k for k in (8, 9, 8, 10, 7)]


@pytest.mark.parametrize("preset", ["best", "course", "diffusers"])
def test_it_is_the_usual_step_bit_for_bit(preset: str, sprites: SpriteSet) -> None:
    theirs = replace(PRESETS[preset].network, width=16)
    config = replace(PRESETS[preset], batch_size=12, network=theirs, device="cpu")
    usual, static = Learner(task_of(config, sprites)), StaticLearner(task_of(config, sprites))
    usual_task = task_of(config, sprites)
    expected = list(usual.learn_on(usual_task.data, 1, RATES))
    found = list(static.learn_on(usual_task.data, 1, RATES[:3]))
    found += static.learn_on(usual_task.data, 4, RATES[3:])
    for one, other in zip(found, expected, strict=True):
        assert (one.loss, one.grad_norm) == (other.loss, other.grad_norm)
        assert torch.equal(one.losses, other.losses)
        assert torch.equal(one.log_snr, other.log_snr)
    before, after = usual.state(), static.state()
    assert before.keys() == after.keys()
    for name in before:
        assert torch.equal(before[name], after[name]), name
    for one, other in zip(
        usual.ema.module.parameters(), static.ema.module.parameters(), strict=True
    ):
        assert torch.equal(one, other)
    assert usual.optimizer.step_count == static.optimizer.step_count == len(RATES)


def student() -> TrainingTask:
    return student_task(make_model(), replace(STUDENT, batch_size=6, max_steps=5, device="cpu"))


def test_a_students_step_is_the_usual_one_too() -> None:
    usual, static = Learner(student()), StaticLearner(student())
    expected = list(usual.learn_on(student().data, 1, RATES))
    found = list(static.learn_on(static._data, 1, RATES))
    for one, other in zip(found, expected, strict=True):
        assert (one.loss, one.grad_norm) == (other.loss, other.grad_norm)
        assert torch.equal(one.log_snr, other.log_snr)
    before, after = usual.state(), static.state()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_nothing_in_it_waits_for_the_device(
    sprites: SpriteSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a CPU the layer picks rows; on other devices it does not.
    monkeypatch.setattr(ColorAttention, "_share_where", ColorAttention.share)
    learner = StaticLearner(task_of(BEST, sprites))
    learner._load(0, 1, 1e-3)
    with Recording():
        learner._step()


def test_nothing_in_a_students_step_waits_for_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ColorAttention, "_share_where", ColorAttention.share)
    learner = StaticLearner(student())
    learner._load(0, 1, 1e-3)
    with Recording():
        learner._step()


def test_what_is_not_finite_updates_nothing(sprites: SpriteSet) -> None:
    learner = StaticLearner(task_of(BEST, sprites))
    list(learner.learn_on(learner._data, 1, RATES[:2]))
    before = {name: value.clone() for name, value in learner.state().items()}
    average = [value.clone() for value in learner.ema.module.parameters()]
    learner._load(2, 3, 1e-3)
    learner._drawn[1].fill_(math.inf)  # the noise
    out = learner._step()
    assert not out[:2].isfinite().all()
    assert all(torch.equal(before[name], value) for name, value in learner.state().items())
    assert all(map(torch.equal, average, learner.ema.module.parameters()))


def test_a_training_goes_the_same_way_in_parts_of_many_steps(
    sprites: SpriteSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(name: str) -> tuple[list[StepRecord], dict[str, bytes]]:
        run = trainer.train_iter(config, sprites, tmp_path / name, RunControl())
        steps = [record for record in run if isinstance(record, StepRecord)]
        kept = (tmp_path / name).glob("*/*.safetensors")
        return steps, {path.name: path.read_bytes() for path in kept if "state" not in path.name}

    config = replace(
        BEST, batch_size=4, checkpoint_every=15, lr_decay="linear", learning_rate=2.0**-8
    )
    monkeypatch.setattr(trainer, "learning_rate", lambda *_: 2.0**-8)
    monkeypatch.setattr(trainer, "SAVE_EVERY", 1e9)  # even on a slow machine
    usual, weights = train("usual")
    ahead: list[int] = []

    def static(task: TrainingTask) -> Learner:
        task.data.pictures.settle()  # type: ignore[attr-defined]
        learner = StaticLearner(task)
        inner = learner.learn_on

        def noted(data, first, rates):
            ahead.append(len(rates))
            return inner(data, first, rates)

        monkeypatch.setattr(learner, "learn_on", noted)
        return learner

    monkeypatch.setattr(trainer, "lone_learner", static)
    steps, same = train("static")
    assert [(s.step, s.loss, s.grad_norm) for s in steps] == [
        (s.step, s.loss, s.grad_norm) for s in usual
    ]
    assert same == weights
    # Checkpoints every 15 steps, early ones at powers of two, levels every 20: none is missed.
    assert ahead == [1, 1, 2, 4, 7, 5, 10, 10, 5]
    rows = (tmp_path / "static" / "metrics.jsonl").read_text().splitlines()
    assert len(rows) == 45


def test_where_it_cannot_be_the_usual_step_is_taken(sprites: SpriteSet) -> None:
    task = task_of(BEST, sprites)
    assert type(lone_learner(task)) is Learner, "there is nothing to gain on a CPU"
    assert can_be_static(task)
    silenced = replace(BEST, network=replace(BEST.network, dropout=0.1))
    assert not can_be_static(task_of(silenced, sprites))
