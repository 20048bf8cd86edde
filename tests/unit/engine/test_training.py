"""Training runs: what they keep, that they learn, and that resuming changes nothing."""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import torch

from sprite_lab.core import strict_json
from sprite_lab.core.config import NetworkConfig, SampleConfig, ScheduleConfig
from sprite_lab.core.errors import FileError, RunError
from sprite_lab.core.records import (
    Began,
    CheckpointSaved,
    CopiesRecord,
    EvalRecord,
    Notice,
    Paused,
    Preview,
    StepRecord,
    WentBack,
)
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.engine.measuring.neighbors import training_part
from sprite_lab.engine.measuring.optimal_loss import floor_iter
from sprite_lab.engine.models.checkpoint import load_tensors
from sprite_lab.engine.models.model import describe, load_model
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.training.copies import CopyCheck
from sprite_lab.engine.training.level_window import level_bins
from sprite_lab.engine.training.metrics_rows import records_of
from sprite_lab.engine.training.optimizer import AdamW
from sprite_lab.engine.training.run_folder import FOLDERS, RunFolder
from sprite_lab.engine.training.throttle import SHARE, Watch
from sprite_lab.engine.training.trainer import SAVE_EVERY, learn, train_iter
from sprite_lab.engine.training.training_data import TrainingData, tensors
from sprite_lab.engine.training.training_task import sprite_task
from sprite_lab.engine.training.validation import Validation
from tests.made import short_training

CONFIG = short_training(6, checkpoint_every=3, preview_count=4, preview_steps=2)


@pytest.fixture(scope="module")
def sprites():
    """120 sprites of two classes: squares and bars in many colors and places."""
    rng = np.random.default_rng(0)
    images = np.full((120, 16, 16, 3), 255, np.uint8)
    for i, image in enumerate(images):
        y, x = rng.integers(2, 6, 2)
        color = rng.integers(0, 200, 3)
        if i % 2:
            image[y : y + 8, x : x + 8] = color
        else:
            image[7:9, x - 2 : x + 10] = color
    return SpriteSet(
        images=images,
        labels=np.arange(120) % 2,
        class_names=("bar", "square"),
        group=np.arange(120),
        title="made",
    )


@pytest.fixture
def config():
    return CONFIG


@pytest.fixture(scope="module", autouse=True)
def _no_clock():
    """On a busy machine, a few steps may take longer than the interval between checkpoints."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sprite_lab.engine.training.trainer.SAVE_EVERY", float("inf"))
        yield


@pytest.fixture(scope="module")
def _trained(tmp_path_factory, sprites):
    """The folders of training runs of three and of six steps, which tests get copies of."""
    folders = tmp_path_factory.mktemp("trained")
    for steps in (3, 6):
        config = replace(CONFIG, max_steps=steps)
        drain(train_iter(config, sprites, folders / str(steps), RunControl()))
    return folders


@pytest.fixture
def half(_trained, tmp_path):
    """A run of three steps."""
    return shutil.copytree(_trained / "3", tmp_path / "run")


@pytest.fixture
def whole(_trained, tmp_path):
    """A run of ``config``, all six steps."""
    return shutil.copytree(_trained / "6", tmp_path / "run")


def weights(run, step):
    return load_tensors(RunFolder(run).weights(step))[0]


@pytest.mark.parametrize("network", ["patch_unet", "context_unet"])
def test_a_run_keeps_what_the_design_says(tmp_path, sprites, config, network):
    run = tmp_path / "run"
    config = replace(config, network=NetworkConfig(name=network, width=16))
    records = []
    result = drain(train_iter(config, sprites, run, RunControl()), records.append)
    assert (result.run, result.step) == (run, 6)
    assert records[0] == Began(RunFolder(run).read_config())
    steps = [r for r in records if isinstance(r, StepRecord)]
    assert [r.step for r in steps] == [1, 2, 3, 4, 5, 6]
    assert all(np.isfinite(r.loss) and r.sprites_per_second > 0 for r in steps)
    saved = [r for r in records if isinstance(r, CheckpointSaved)]
    assert [(r.step, r.early) for r in saved] == [(1, True), (2, True), (3, False), (6, False)]
    assert any(isinstance(r, EvalRecord) for r in records)
    previews = [r for r in records if isinstance(r, Preview)]
    assert previews[-1].step == 6
    assert previews[-1].images.shape == (4, 16, 16, 3)
    assert not previews[-1].images.flags.writeable

    folder = RunFolder(run)
    assert folder.steps() == [3, 6]
    assert [step for step, _ in folder.all_weights()] == [1, 2, 3, 6]
    assert folder.steps("samples")[-1] == 6
    lines = [json.loads(line) for line in folder.metrics.read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert all({"step", "loss"} <= set(line) for line in lines)
    assert 0 < lines[-1]["epsilon_error"] < 3
    assert folder.read_manifest()["config"]["network"]["num_classes"] == 2
    facts = describe(run)
    assert facts.data.vocabulary.classes == ("bar", "square")
    assert facts.checkpoints == (3, 6)


def test_the_loss_falls_and_the_weights_differ_from_the_average(tmp_path, sprites, config):
    config = replace(
        config,
        max_steps=80,
        learning_rate=5e-3,
        lr_decay="linear",
        batch_size=32,
        uniform_share=0.0,
        checkpoint_every=80,
    )
    records = []
    run = train_iter(config, sprites, tmp_path / "run", RunControl())
    for record in run:
        records.append(record)
    losses = [r.loss for r in records if isinstance(r, StepRecord)]
    assert np.mean(losses[-20:]) < 0.8 * np.mean(losses[:5])
    errors = [r.epsilon_error for r in records if isinstance(r, EvalRecord)]
    assert errors[-1] < 0.8 * errors[0]


def test_resumed_is_bitwise_what_uninterrupted_is(tmp_path, sprites, config, monkeypatch):
    """This includes weights and optimizer, even if another number of threads
    would be faster now.
    """
    faster = 1
    monkeypatch.setattr("sprite_lab.engine.training.train_step.choose_threads", lambda work: faster)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    drain(train_iter(config, sprites, whole, RunControl()))
    # Stopped after three steps.
    control = RunControl()
    job = train_iter(config, sprites, parts, control)
    for record in job:
        if isinstance(record, StepRecord) and record.step == 3:
            control.stop()
    assert RunFolder(parts).latest() == 3
    faster = 2
    drain(train_iter(config, sprites, parts, RunControl(), resume=True))
    assert RunFolder(parts).read_manifest()["threads"] == 1
    for path in (RunFolder(parts).weights(6), RunFolder(parts).state(6)):
        first, _ = load_tensors(whole / path.relative_to(parts))
        second, _ = load_tensors(path)
        assert first.keys() == second.keys()
        for name in first:
            assert torch.equal(first[name], second[name]), name
    steps = [r["step"] for r in RunFolder(parts).read_metrics()]
    assert steps == [1, 2, 3, 4, 5, 6]


def test_resuming_twice_from_one_checkpoint_is_bitwise_equal(half, sprites, config):
    drain(train_iter(config, sprites, half, RunControl(), resume=True))
    once = weights(half, 6)
    RunFolder(half).trim(3)
    assert RunFolder(half).resumable() == 3
    drain(train_iter(config, sprites, half, RunControl(), resume=True))
    again = weights(half, 6)
    for name in once:
        assert torch.equal(once[name], again[name]), name


def test_a_resumed_run_says_where_it_goes_on(half, sprites, config):
    """Curves may show steps after the checkpoint, left behind by a kill."""
    job = train_iter(config, sprites, half, RunControl(), resume=True)
    first = next(r for r in job if isinstance(r, WentBack | StepRecord))
    job.close()
    assert first == WentBack(3)


def test_cancel_leaves_nothing_and_close_keeps_a_checkpoint(tmp_path, sprites, config):
    control = RunControl()
    job = train_iter(config, sprites, tmp_path / "canceled", control)
    for record in job:
        if isinstance(record, StepRecord) and record.step == 4:
            control.cancel()
            job.close()
    assert not (tmp_path / "canceled").exists()

    job = train_iter(config, sprites, tmp_path / "closed", RunControl())
    for record in job:
        if isinstance(record, StepRecord) and record.step == 4:
            job.close()
    assert RunFolder(tmp_path / "closed").latest() == 4


def test_canceling_a_resumed_run_keeps_what_was_there(whole, sprites, config):
    before = weights(whole, 6)
    control = RunControl()
    job = train_iter(replace(config, max_steps=20), sprites, whole, control, resume=True)
    for record in job:
        if isinstance(record, StepRecord) and record.step == 10:
            control.cancel()
    assert RunFolder(whole).latest() == 6
    assert [r["step"] for r in RunFolder(whole).read_metrics()] == [1, 2, 3, 4, 5, 6]
    after = weights(whole, 6)
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_what_cannot_be_started_says_so(tmp_path, sprites, config):
    run = tmp_path / "run"
    with pytest.raises(RunError, match="no run to resume"):
        drain(train_iter(config, sprites, run, RunControl(), resume=True))
    drain(train_iter(config, sprites, run, RunControl()))
    with pytest.raises(RunError, match="holds a run already"):
        drain(train_iter(config, sprites, run, RunControl()))
    others = sprites.take(np.arange(100))
    with pytest.raises(RunError, match="other sprites"):
        drain(train_iter(config, others, run, RunControl(), resume=True))
    with pytest.raises(RunError, match="other settings"):
        drain(train_iter(replace(config, batch_size=8), sprites, run, RunControl(), resume=True))


def trainer_of(job):
    """The trainer of a running training."""
    while hasattr(job.gi_yieldfrom, "gi_yieldfrom"):
        if "self" in job.gi_frame.f_locals:
            break
        job = job.gi_yieldfrom
    return job.gi_frame.f_locals["self"]


def denoiser_of(job):
    """The denoiser of a running training."""
    return trainer_of(job).learner.denoiser


class Poison:
    """Makes gradients of a running training NaN, ``times`` times."""

    def __init__(self, job, times):
        self.left = times
        next(denoiser_of(job).parameters()).register_hook(self)

    def __call__(self, gradient):
        self.left -= 1
        return gradient * float("nan") if self.left >= 0 else gradient


def test_a_run_that_diverges_goes_back_once_with_half_the_rate(tmp_path, sprites, config):
    run = tmp_path / "run"
    job = train_iter(replace(config, max_steps=9), sprites, run, RunControl())
    records = []
    for record in job:
        records.append(record)
        if isinstance(record, CheckpointSaved) and record.step == 6:
            Poison(job, 1)
    (back,) = (i for i, r in enumerate(records) if isinstance(r, WentBack))
    assert records[back].step == 6
    (notice,) = (r.text for r in records if isinstance(r, Notice))
    assert "At step 7 the gradient was no longer a number" in notice
    assert "goes on from step 6" in notice
    rates = {r.step: r.learning_rate for r in records if isinstance(r, StepRecord)}
    plan = [r["learning_rate"] for r in RunFolder(run).read_metrics()]
    assert plan == list(rates.values())
    assert rates[7] < 0.6 * rates[6]
    assert [r["step"] for r in RunFolder(run).read_metrics()] == list(range(1, 10))
    # When resumed, it keeps the lower rate.
    more = train_iter(replace(config, max_steps=12), sprites, run, RunControl(), resume=True)
    assert next(r for r in more if isinstance(r, StepRecord)).learning_rate < 0.7 * rates[6]
    more.close()


def test_the_second_time_it_pauses_and_says_why(tmp_path, sprites, config):
    run, control = tmp_path / "run", RunControl()
    job = train_iter(replace(config, max_steps=9), sprites, run, control)
    next(r for r in job if isinstance(r, CheckpointSaved) and r.step == 3)
    Poison(job, 2)
    paused = next(r for r in job if isinstance(r, Paused))
    assert control.paused
    assert "lower learning rate" in paused.text
    assert "paused at step 3" in paused.text
    control.resume()  # a person may try again
    rate = next(r for r in job if isinstance(r, StepRecord)).learning_rate
    assert rate < 0.3 * config.learning_rate
    list(job)
    assert RunFolder(run).latest() == 9


def test_a_run_that_only_diverges_ends_where_nobody_watches(tmp_path, sprites, config):
    run = tmp_path / "run"
    job = train_iter(config, sprites, run, RunControl())
    next(r for r in job if isinstance(r, CheckpointSaved) and not r.early)
    # A finite loss with a non-finite gradient: none of it may reach the weights.
    Poison(job, 1000)
    with pytest.raises(RunError, match="lower learning rate"):
        drain(job)
    assert RunFolder(run).steps() == [3]
    assert weights(run, 3)
    drain(train_iter(config, sprites, run, RunControl(), resume=True))
    assert RunFolder(run).latest() == 6


@pytest.mark.parametrize("network", ["patch_unet", "context_unet"])
def test_nothing_but_numbers_is_saved(tmp_path, sprites, config, network):
    config = replace(config, network=NetworkConfig(name=network, width=16))
    run = tmp_path / "run"
    job = train_iter(config, sprites, run, RunControl())
    next(r for r in job if isinstance(r, StepRecord) and r.step == 5)
    with torch.no_grad():
        for parameter in denoiser_of(job).parameters():
            parameter.fill_(float("inf"))
    job.close()
    assert RunFolder(run).steps() == [3]
    # Before the first checkpoint it returns to the start.
    other = tmp_path / "other"
    job = train_iter(config, sprites, other, RunControl())
    next(r for r in job if isinstance(r, StepRecord) and r.step == 2)
    with torch.no_grad():
        for parameter in denoiser_of(job).parameters():
            parameter.fill_(float("inf"))
    assert next(r for r in job if isinstance(r, WentBack)).step == 0
    list(job)
    assert [r["step"] for r in RunFolder(other).read_metrics()] == [1, 2, 3, 4, 5, 6]
    for step, path in RunFolder(other).all_weights():
        assert all(t.isfinite().all() for t in load_tensors(path)[0].values()), step


def test_a_model_that_draws_no_numbers_says_so(whole, sprites, config):
    model = load_model(whole, "cpu")
    for parameter in model.denoiser.parameters():
        parameter.fill_(1e30)
    with pytest.raises(RunError, match=r"what 'run' draws.*earlier checkpoint"):
        drain(sample_iter(model, [SampleConfig(count=2, steps=2)], RunControl()))


def test_a_checkpoint_that_exploded_is_not_gone_back_to(tmp_path, sprites, config):
    run = tmp_path / "run"
    job = train_iter(replace(config, max_steps=9), sprites, run, RunControl())
    next(r for r in job if isinstance(r, CheckpointSaved) and r.step == 3)
    trainer_of(job)._loss_at_first = 1e-9  # every later loss then counts as an explosion
    next(r for r in job if isinstance(r, CheckpointSaved) and r.step == 6)
    Poison(job, 1)
    assert next(r for r in job if isinstance(r, WentBack)).step == 3
    assert RunFolder(run).steps() == [3]
    list(job)
    assert RunFolder(run).steps() == [3, 6, 9]


def test_checkpoints_by_the_clock_come_and_go(tmp_path, sprites, config, monkeypatch):
    monkeypatch.setattr("sprite_lab.engine.training.trainer.SAVE_EVERY", 0.0)
    folder = RunFolder(tmp_path / "run")
    config = replace(config, max_steps=8, checkpoint_every=5)
    there = {}
    told = []
    job = train_iter(config, sprites, folder.path, RunControl())
    for record in job:
        if isinstance(record, StepRecord):
            there[record.step] = folder.steps()
        if isinstance(record, CheckpointSaved):
            told.append((record.step, record.early))
    # At each step, the files of the previous two are there: a kill costs one step.
    assert there == {
        1: [],
        2: [1],
        3: [1, 2],
        4: [2, 3],
        5: [3, 4],
        6: [4, 5],
        7: [5, 6],
        8: [5, 6, 7],
    }
    assert folder.steps() == [5, 8]
    assert (5, False) in told
    assert (6, False) not in told
    states = sorted(p.name for p in (folder.path / "checkpoints").glob("*.state.*"))
    assert states == ["step-0000005.state.safetensors", "step-0000008.state.safetensors"]


def test_a_sleep_of_hours_within_a_step_ends_no_training(tmp_path, sprites, config, monkeypatch):
    """Even if the clock runs on during sleep, as on Windows, training goes on;
    then a checkpoint is due.
    """
    monkeypatch.setattr("sprite_lab.engine.training.trainer.SAVE_EVERY", 25.0)
    clock, slept = time.perf_counter, 0.0
    monkeypatch.setattr(time, "perf_counter", lambda: clock() + slept)
    batch = TrainingData.batch

    def sleeping(data, step):
        nonlocal slept
        slept += 8 * 3600.0 * (step == 2)
        return batch(data, step)

    monkeypatch.setattr(TrainingData, "batch", sleeping)
    config = replace(config, max_seconds=600.0, checkpoint_every=100)
    folder, kept, steps = RunFolder(tmp_path / "run"), [], []
    for record in train_iter(config, sprites, folder.path, RunControl()):
        if isinstance(record, StepRecord):
            steps.append(record)
            kept.append(folder.steps())
    assert slept
    assert [record.step for record in steps] == [1, 2, 3, 4, 5, 6]
    assert steps[-1].seconds < 600.0
    assert [3] in kept


def test_after_a_kill_a_run_continues_from_the_clocks_checkpoint(
    tmp_path, sprites, config, monkeypatch
):
    monkeypatch.setattr("sprite_lab.engine.training.trainer.SAVE_EVERY", 0.0)
    folder, copy = RunFolder(tmp_path / "run"), RunFolder(tmp_path / "copy")
    config = replace(config, max_steps=8, checkpoint_every=100)
    job = train_iter(config, sprites, folder.path, RunControl())
    next(r for r in job if isinstance(r, StepRecord) and r.step == 5)
    shutil.copytree(folder.path, copy.path)  # what a kill would leave at this moment
    list(job)
    on = train_iter(config, sprites, copy.path, RunControl(), resume=True)
    assert next(r for r in on if isinstance(r, StepRecord)).step == 5
    list(on)
    whole, parts = weights(folder.path, 8), weights(copy.path, 8)
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    assert copy.steps() == [4, 8]  # the step it resumed from stays


def test_a_kill_costs_at_most_thirty_seconds_however_slow_the_machine(
    tmp_path, sprites, config, monkeypatch
):
    """With steps of four seconds, no more than that has passed since the last checkpoint."""
    clock, waited = time.perf_counter, 0.0
    monkeypatch.setattr(time, "perf_counter", lambda: clock() + waited)
    monkeypatch.setattr("sprite_lab.engine.training.trainer.SAVE_EVERY", SAVE_EVERY)
    batch = TrainingData.batch

    def slow(data, step):
        nonlocal waited
        waited += 4.0
        return batch(data, step)

    monkeypatch.setattr(TrainingData, "batch", slow)
    config = replace(config, max_steps=20, checkpoint_every=100)
    folder, at, lost = RunFolder(tmp_path / "run"), {0: 0.0}, []
    for record in train_iter(config, sprites, folder.path, RunControl()):
        if isinstance(record, StepRecord):
            at[record.step] = record.seconds
            lost.append(record.seconds - at[folder.latest() or 0])
    assert at[20] > 60.0, "the time of the steps counts"
    assert 15.0 < max(lost) < 30.0


@pytest.mark.parametrize("left", ["nothing", "folders", "all"])
@pytest.mark.parametrize("resume", [False, True])
def test_what_a_kill_in_the_first_seconds_leaves_is_restarted(
    tmp_path, sprites, config, left, resume
):
    folder = RunFolder(tmp_path / "run")
    folder.path.mkdir()
    if left != "nothing":
        folder.create()
    if left == "all":
        (folder.path / ".lock").touch()
        folder.metrics.touch()
        (folder.path / ".run.json.0123456789ab.tmp").write_text("{")
    assert folder.free
    assert drain(train_iter(config, sprites, folder.path, RunControl(), resume=resume)).step == 6
    assert not list(folder.path.glob(".*.tmp"))


@pytest.mark.parametrize("name", ["thesis.txt", "samples/mine.png", "run.txt"])
def test_a_folder_with_other_things_is_not_free(tmp_path, name):
    folder = RunFolder(tmp_path / "run")
    folder.create()
    assert folder.free
    (folder.path / name).write_text("years of work")
    assert not folder.free
    assert not RunFolder(folder.path / name).free


def test_a_fine_tuning_killed_before_its_first_checkpoint_is_not_begun_without_its_model(
    whole, sprites, config
):
    folder = RunFolder(whole)
    manifest = folder.read_manifest()
    folder.drop_weights(0)
    folder.write_manifest({**manifest, "data": {**manifest["data"], "init": {"title": "x"}}})
    with pytest.raises(RunError, match="never reached a checkpoint"):
        drain(train_iter(config, sprites, folder.path, RunControl(), resume=True))


@pytest.mark.parametrize("cut", [KeyboardInterrupt, PermissionError(13, "Permission denied")])
def test_a_discard_that_is_cut_short_leaves_a_run_or_a_free_folder(
    tmp_path, sprites, config, monkeypatch, cut
):
    """After a kill, or a refusal by the system, at any single removal."""
    removals, told = [], []
    real = {name: getattr(os, name) for name in ("unlink", "rmdir")}
    for after in itertools.count():
        folder = RunFolder(tmp_path / f"run{after}")
        folder.create()
        for step in (3, 6):
            folder.weights(step).write_bytes(b"w")
            folder.state(step).write_bytes(b"s")
        folder.sample_sheet(6).write_bytes(b"p")
        folder.write_manifest({"config": {}, "data": {}})
        removals.clear()
        with monkeypatch.context() as patch:
            for name, remove in real.items():

                def counted(path, *rest, remove=remove, after=after, **named):
                    if len(removals) == after:
                        raise cut
                    removals.append(path)
                    return remove(path, *rest, **named)

                patch.setattr(os, name, counted)
            try:
                folder.discard()
            except (KeyboardInterrupt, FileError) as error:
                told.append(str(error))
                assert folder.resumable() if folder.begun else folder.free, removals
                continue
        assert folder.free
        assert after > 5
        break
    if cut is not KeyboardInterrupt:
        assert all("cannot be deleted (permission denied)" in text for text in told)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_that_is_removed_while_training_costs_nothing_learned(
    tmp_path, sprites, config, name
):
    run = tmp_path / "run"
    for record in train_iter(config, sprites, run, RunControl()):
        if isinstance(record, Began):
            shutil.rmtree(run / name)
    assert RunFolder(run).resumable() == config.max_steps
    assert list((run / name).iterdir())


def test_a_run_that_is_deleted_while_training_is_not_made_anew(tmp_path, sprites, config):
    run = tmp_path / "run"
    training = train_iter(config, sprites, run, RunControl())
    next(training)
    shutil.rmtree(run)
    with pytest.raises(FileError, match="cannot be written"):
        drain(training)
    assert not run.exists()


def test_a_stop_waits_for_no_look(tmp_path, sprites, config, monkeypatch):
    control = RunControl()
    run = train_iter(
        replace(config, max_steps=None, max_seconds=1000), sprites, tmp_path / "r", control
    )
    looked = []
    for record in run:
        if isinstance(record, StepRecord) and record.step == 2:
            control.stop()
        if control.stop_requested and not isinstance(record, StepRecord | CheckpointSaved):
            looked.append(record)
    assert [r for r in looked if isinstance(r, EvalRecord | Preview)] == []
    assert RunFolder(tmp_path / "r").latest() == 2


def test_the_time_of_looks_counts(tmp_path, sprites, config, monkeypatch):
    real = Validation.run

    def slow(self, denoiser):
        time.sleep(0.5)
        return (yield from real(self, denoiser))

    monkeypatch.setattr(Validation, "run", slow)
    config = replace(config, max_steps=None, max_seconds=0.5, checkpoint_every=1000)
    result = drain(train_iter(config, sprites, tmp_path / "run", RunControl()))
    assert result.seconds >= 0.5
    assert result.step <= 2  # the first check used up the time


@pytest.mark.parametrize(
    "row",
    [
        {"step": 4, "loss": [1]},
        {"step": 4, "loss": "1"},
        {"step": 4, "loss": None},
        {"step": 4, "loss": True},
        {"step": "4", "loss": 1.0},
        {"step": 4.5, "loss": 1.0},
        {"step": -1, "loss": 1.0},
        {"step": 10**30, "loss": 1.0},
        {"step": 4, "loss": 10**400},
        {"step": 4, "loss": 1.0, "epoch": {}},
        {"step": 4, "loss": 1.0, "val_loss": "low", "epsilon_error": 1.0},
        {"step": 4, "loss": 1.0, "window_first": [], "level_errors": [[], []]},
        {"step": 4, "loss": 1.0, "copies": [0.5]},
    ],
    ids=json.dumps,
)
def test_hostile_metrics_are_read_up_to_them(tmp_path, sprites, config, row):
    folder = RunFolder(tmp_path / "run")
    folder.create()
    sound = {"step": 3, "loss": 1.0}
    folder.metrics.write_text("\n".join(map(json.dumps, (sound, row, sound))))
    assert list(folder.read_metrics()) == [sound]
    assert [r.step for r in records_of(sound, level_bins(config))] == [3]
    folder.trim(3)
    assert folder.newest("loss") == {"loss": 1.0}


def test_the_newest_values_are_read_from_the_end(tmp_path, monkeypatch):
    folder = RunFolder(tmp_path)
    assert folder.newest("loss") == {"loss": None}
    rows = [{"step": step, "loss": 1 / step} for step in range(1, 5001)]
    rows[9]["epsilon_error"] = 0.5
    rows[3999]["epsilon_error"] = 0.25
    folder.metrics.write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"step": 5001')
    parsed = []
    inner = strict_json.loads
    monkeypatch.setattr(strict_json, "loads", lambda line: parsed.append(line) or inner(line))
    found = folder.newest("step", "loss", "epsilon_error", "val_loss")
    assert found == {"step": 5000, "loss": 1 / 5000, "epsilon_error": 0.25, "val_loss": None}
    assert len(parsed) <= 4


def test_a_line_without_end_is_not_read_into_memory(tmp_path):
    folder = RunFolder(tmp_path)
    folder.metrics.write_text('{"step": 1, "loss": 1}\n' + " " * 30_000_000)
    tracemalloc.start()
    assert len(list(folder.read_metrics())) == 1
    assert folder.newest("loss") == {"loss": 1}
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()


def test_a_resumed_run_that_is_called_off_can_be_resumed_again(whole, sprites, config):
    manifest = RunFolder(whole).read_manifest()
    control = RunControl()
    for record in train_iter(replace(config, max_steps=20), sprites, whole, control, resume=True):
        if isinstance(record, CheckpointSaved) and record.step == 15:
            control.cancel()
    assert RunFolder(whole).read_manifest() == manifest
    drain(train_iter(replace(config, max_steps=8), sprites, whole, RunControl(), resume=True))
    assert RunFolder(whole).latest() == 8


def test_a_run_killed_between_its_two_files_continues_from_the_checkpoint_before(
    whole, sprites, config
):
    folder = RunFolder(whole)
    folder.state(6).unlink()
    folder.state(5).write_bytes(b"left over")
    unfinished = folder.path / "checkpoints" / ".step-0000006.state.safetensors.0a1b.tmp"
    unfinished.write_bytes(b"half")
    job = train_iter(config, sprites, folder.path, RunControl(), resume=True)
    assert next(r for r in job if isinstance(r, StepRecord)).step == 4
    assert not folder.weights(6).exists()
    assert not folder.state(5).exists()
    assert not unfinished.exists()
    drain(job)
    assert [r["step"] for r in folder.read_metrics()] == [1, 2, 3, 4, 5, 6]


def test_no_weights_are_written_without_their_state(tmp_path, sprites, config, monkeypatch):
    def full(path, *_):
        raise FileError(f"'{path.name}' cannot be written (no space left on device).")

    folder = RunFolder(tmp_path / "run")
    with monkeypatch.context() as patch:
        patch.setattr("sprite_lab.engine.training.trainer.save_tensors", full)
        with pytest.raises(FileError, match="no space left"):
            drain(train_iter(config, sprites, folder.path, RunControl()))
    assert folder.exists
    assert not folder.begun
    assert folder.steps() == []
    with monkeypatch.context() as patch:
        patch.setattr("sprite_lab.engine.training.trainer.save_weights", full)
        patch.setattr("sprite_lab.engine.training.trainer.is_early", lambda *_: False)
        with pytest.raises(FileError, match="no space left"):
            drain(train_iter(config, sprites, folder.path, RunControl()))
    assert folder.state(3).is_file()
    assert not folder.begun
    assert drain(train_iter(config, sprites, folder.path, RunControl())).step == 6


def test_a_damaged_state_changes_nothing_and_its_run_is_never_discarded(whole, sprites, config):
    folder = RunFolder(whole)
    before = {p: p.read_bytes() for p in folder.path.rglob("*") if p.is_file()}
    folder.state(6).write_bytes(b"damaged")
    with folder.metrics.open("ab") as file:
        file.write(b'{"step": 7, "loss": \xff\xfe')
    control = RunControl()
    with pytest.raises(FileError, match="not a readable safetensors"):
        drain(train_iter(config, sprites, folder.path, control, resume=True))
    assert [r["step"] for r in folder.read_metrics()] == [1, 2, 3, 4, 5, 6]
    assert folder.weights(6).read_bytes() == before[folder.weights(6)]
    for step in (3, 6):
        folder.state(step).unlink()
    control.cancel()
    with pytest.raises(RunError, match="training state is missing"):
        drain(train_iter(config, sprites, folder.path, control, resume=True))
    assert folder.weights(6).exists()


def test_a_run_that_is_closed_has_a_line_for_every_step_of_its_checkpoint(
    tmp_path, sprites, config
):
    folder = RunFolder(tmp_path / "run")
    job = train_iter(config, sprites, folder.path, RunControl())
    next(r for r in job if isinstance(r, StepRecord) and r.step == 4)
    job.close()
    assert folder.latest() == 4
    assert [r["step"] for r in folder.read_metrics()] == [1, 2, 3, 4]


def test_a_pause_does_not_put_off_the_next_look():
    def work():
        for _ in range(3):
            yield

    watch = Watch()
    look = watch.look(1, 0.0, work())
    for _ in look:
        time.sleep(0.05)  # a pause, or other jobs in between
    assert watch.due(2, 0.05 / SHARE, last=False)


def test_few_sprites_are_warned_about_and_no_classes_are_fine(tmp_path, sprites, config):
    few = replace(sprites.take(np.arange(30)), labels=None, class_names=())
    records = list(train_iter(config, few, tmp_path / "run", RunControl()))
    (told,) = (r.text for r in records if isinstance(r, Notice) and "Few sprites" in r.text)
    aside = 30 - int(re.findall(r"\((\d+)", told)[0])
    assert f"; {aside} more are set aside for validation): the model will learn them by" in told
    assert "before the model copies" in sprite_task(replace(config, max_copies=0.1), few).notice
    model = load_model(tmp_path / "run", "cpu")
    assert model.class_names == ()
    drawn = drain(sample_iter(model, [SampleConfig(count=2, steps=2)], RunControl()))
    assert drawn.final().shape == (2, 16, 16, 3)


def test_sprites_beside_a_set_are_all_learned_from_and_none_is_set_aside(sprites, config):
    few, more = sprites.take(np.arange(80)), sprites.take(np.arange(80, 120))
    alone, task = sprite_task(config, few), sprite_task(config, few, beside=more)
    before = len(alone.data.pictures)
    assert len(task.data.pictures) == before + 40
    last = task.data.pictures.x0(torch.arange(before, before + 40))
    assert torch.equal(last, tensors(more, 3, last.device)[0])
    assert task.facts.fingerprint == few.fingerprint
    looks = alone.validation.run(alone.denoiser), task.validation.run(alone.denoiser)
    assert drain(looks[0]).val_loss == drain(looks[1]).val_loss


def test_fewer_sprites_may_be_learned_from_and_the_validation_stays(sprites, config):
    every, few = sprite_task(config, sprites), sprite_task(replace(config, max_sprites=9), sprites)
    assert len(few.data.pictures) == 9 < len(every.data.pictures)
    shown = {x0.numpy().tobytes() for x0 in few.data.pictures.x0(torch.arange(9))}
    everything = every.data.pictures.x0(torch.arange(len(every.data.pictures)))
    assert shown <= {x0.numpy().tobytes() for x0 in everything}
    looks = every.validation.run(every.denoiser), few.validation.run(every.denoiser)
    assert drain(looks[0]).val_loss == drain(looks[1]).val_loss
    assert len(sprite_task(replace(config, max_sprites=10_000), sprites).data.pictures) == len(
        every.data.pictures
    )


def test_what_is_measured_of_a_run_heeds_how_many_sprites_it_learned_from(
    tmp_path, sprites, config
):
    config = replace(config, max_sprites=9, max_steps=1)
    drain(train_iter(config, sprites, tmp_path / "run", RunControl()))
    learned = training_part(sprites, tmp_path / "run").train
    assert len(learned) == 9
    # The optimal denoiser of fewer sprites has less uncertainty.
    every = drain(floor_iter(replace(config, max_sprites=0), sprites, RunControl(), draws=8))
    few = drain(floor_iter(config, sprites, RunControl(), draws=8))
    assert few.error.sum() < every.error.sum()
    assert CopyCheck.of(sprites, config).share(learned.images) == 1.0


def test_a_training_may_be_examined_at_fixed_steps(tmp_path, sprites, config):
    task = replace(
        sprite_task(config, sprites),
        examined_at=frozenset({2, 5}),
        copies=CopyCheck.of(sprites, config),
    )
    seen = list(learn(lambda: task, tmp_path / "run", RunControl()))
    for kind in (EvalRecord, CopiesRecord, Preview):
        assert [r.step for r in seen if isinstance(r, kind)] == [2, 5, 6]


def test_other_sizes_than_16_are_trained_too(tmp_path, config):
    rng = np.random.default_rng(1)
    big = SpriteSet(rng.integers(0, 255, (60, 24, 24, 3)).astype(np.uint8))
    drain(train_iter(replace(config, max_steps=2), big, tmp_path / "run", RunControl()))
    assert load_model(tmp_path / "run", "cpu").image_size == 24


def test_damaged_weights_are_refused_in_a_sentence(tmp_path, whole):
    path = RunFolder(whole).weights(6)
    before = path.read_bytes()
    path.write_bytes(before[: len(before) // 2])
    with pytest.raises(FileError, match="not a readable safetensors"):
        load_model(path, "cpu")
    path.write_bytes(b"")
    with pytest.raises(FileError):
        load_model(path, "cpu")
    # the library quotes it in its error message
    header = json.dumps({"__metadata": "long " * 2000}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(FileError, match="not a readable safetensors") as refused:
        load_model(path, "cpu")
    assert len(str(refused.value)) < 400 + len(str(path))
    with pytest.raises(FileError, match="no run, weights file or shipped model"):
        load_model(tmp_path / "nowhere", "cpu")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileError, match="not a run folder"):
        load_model(tmp_path / "empty", "cpu")


def test_our_adamw_is_torchs():
    generator = torch.Generator().manual_seed(0)
    ours = [torch.randn(4, 5, generator=generator, requires_grad=True) for _ in range(3)]
    theirs = [p.detach().clone().requires_grad_() for p in ours]
    optimizer = AdamW(ours, weight_decay=0.1)
    peer = torch.optim.AdamW(theirs, lr=1e-2, betas=(0.9, 0.99), weight_decay=0.1)
    for _ in range(20):
        for parameters in (ours, theirs):
            for p in parameters:
                p.grad = None
            sum((p**4).sum() for p in parameters).backward()
        torch.nn.utils.clip_grad_norm_(theirs, 1.0)
        optimizer.step(1e-2)
        peer.step()
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


def test_neither_training_nor_drawing_imports_what_makes_starting_slow():
    """Given weights for a derivative, torch imports sympy."""
    code = (
        "import sys, torch\n"
        "import sprite_lab.engine.training.trainer, sprite_lab.engine.sampling.reverse\n"
        "from sprite_lab.diffusion.constraints import Hold, conditioned\n"
        "from sprite_lab.diffusion.denoiser import DenoiserOutput\n"
        "from sprite_lab.diffusion.probability_flow import flow_iter\n"
        "from sprite_lab.engine.models.model import load_model\n"
        "load_model('builtin-student', 'cpu')\n"
        "def denoise(x_t, *rest):\n"
        "    return DenoiserOutput(x_t * x_t, x_t)\n"
        "x = torch.ones(1, 3, 2, 2)\n"
        "conditioned(denoise, Hold(x, x, x / 0, known=True))(x, 0.0)\n"
        "next(flow_iter(denoise, x, x, [1.0, 0.0], None))\n"
        "assert 'sympy' not in sys.modules\n"
        "assert 'torch._dynamo' not in sys.modules\n"
        "assert 'PySide6' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_course_preset_is_the_courses_network():
    from sprite_lab.core.presets import PRESETS
    from sprite_lab.diffusion.denoiser import Denoiser

    course = PRESETS["course"]
    count = sum(p.numel() for p in Denoiser(course.network, "epsilon").parameters())
    assert 1.45e6 < count < 1.52e6
    assert (course.schedule, course.epochs) == (ScheduleConfig(name="linear"), 32)
    assert (course.batch_size, course.learning_rate, course.lr_decay) == (100, 1e-3, "linear")


@pytest.mark.parametrize("resume", [False, True])
def test_a_run_that_never_came_to_a_checkpoint_is_restarted(whole, sprites, config, resume):
    folder = RunFolder(whole)
    for step in folder.steps():
        folder.weights(step).unlink()
    assert folder.exists
    assert folder.latest() is None
    assert drain(train_iter(config, sprites, whole, RunControl(), resume=resume)).step == 6
    assert [record["step"] for record in folder.read_metrics()] == [1, 2, 3, 4, 5, 6]


def test_a_network_that_does_not_match_the_weights_is_never_built(
    half, sprites, config, monkeypatch
):
    """An untrusted run folder may name a network that takes gigabytes."""
    manifest = RunFolder(half).read_manifest()
    manifest["config"]["network"]["width"] = 512
    RunFolder(half).write_manifest(manifest)
    made = []
    monkeypatch.setattr("sprite_lab.engine.training.trainer.sprite_task", lambda *_: made.append(1))
    with pytest.raises(FileError, match="not those of its network"):
        drain(train_iter(config, sprites, half, RunControl(), resume=True))
    assert made == []


def test_two_processes_do_not_train_in_one_folder(tmp_path, sprites, config):
    run = tmp_path / "run"
    first = train_iter(config, sprites, run, RunControl())
    next(r for r in first if isinstance(r, StepRecord))
    with pytest.raises(RunError, match=r"Another process .*: stop that first"):
        drain(train_iter(config, sprites, run, RunControl()))
    first.close()
    assert RunFolder(run).latest() == 1
    drain(train_iter(config, sprites, run, RunControl(), resume=True))
    assert [record["step"] for record in RunFolder(run).read_metrics()] == [1, 2, 3, 4, 5, 6]


def test_of_two_that_begin_at_once_the_refused_one_deletes_nothing(sprites, tmp_path, monkeypatch):
    """Neither folder existed when they looked, and both were still empty."""
    run = RunFolder(tmp_path / "run")
    create, other = RunFolder.create, run.lock()

    def create_beside_another(folder):
        create(folder)
        other.acquire()

    monkeypatch.setattr(RunFolder, "create", create_beside_another)
    with pytest.raises(RunError, match="Another process"):
        drain(train_iter(CONFIG, sprites, run.path, RunControl()))
    other.release()
    assert all((run.path / name).is_dir() for name in FOLDERS)


@pytest.mark.parametrize("damage", ["[1, 2]", '{"loss": 1}', '{"step": 4}', "{"])
def test_damaged_metrics_are_read_up_to_the_damage(half, sprites, config, damage):
    with RunFolder(half).metrics.open("a") as file:
        file.write(damage + "\n")
    assert describe(half).figures["loss"] > 0
    drain(train_iter(config, sprites, half, RunControl(), resume=True))
    assert [record["step"] for record in RunFolder(half).read_metrics()] == [1, 2, 3, 4, 5, 6]


def test_a_damaged_run_says_what_is_damaged(half, sprites, config):
    folder = RunFolder(half)
    with pytest.raises(FileError, match="training state of a run"):
        load_model(folder.state(3), "cpu")
    whole = folder.state(3).read_bytes()
    folder.state(3).write_bytes(folder.weights(3).read_bytes())
    with pytest.raises(FileError, match="cannot be resumed"):
        drain(train_iter(config, sprites, half, RunControl(), resume=True))
    folder.state(3).write_bytes(whole)
    manifest = folder.read_manifest()
    for threads in ("x", 10**9):  # OpenMP would end the process
        folder.write_manifest({**manifest, "threads": threads})
        assert drain(train_iter(config, sprites, half, RunControl(), resume=True)).step == 6
        folder.trim(3)
    folder.write_manifest(manifest)
    drain(train_iter(config, sprites, half, RunControl(), resume=True))
    nameless = {**manifest["data"], "class_names": [], "prompts": []}
    folder.write_manifest({**manifest, "data": nameless})
    with pytest.raises(FileError, match="its class names do not fit its network"):
        drain(train_iter(config, sprites, half, RunControl(), resume=True))
    del manifest["data"]
    folder.write_manifest(manifest)
    with pytest.raises(FileError, match=r"run\.json is missing or damaged"):
        drain(train_iter(config, sprites, half, RunControl(), resume=True))
