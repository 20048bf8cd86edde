"""Distillation: how a student starts, what it learns from, and what its sampler does."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sprite_lab.core.config import NetworkConfig, SampleConfig, TrainConfig
from sprite_lab.core.errors import ConfigError, RunError
from sprite_lab.core.presets import STUDENT
from sprite_lab.core.records import CheckpointSaved, EvalRecord, Preview, Progress, StepRecord
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.diffusion.consistency import segment_starts
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.guidance import TAUGHT_GUIDANCE
from sprite_lab.diffusion.parameterization import level, q_sample
from sprite_lab.engine.models.checkpoint import load_tensors
from sprite_lab.engine.models.model import Model, describe, load_model
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.training import distill
from sprite_lab.engine.training.distill import (
    TEACHER_STEPS,
    TeacherPairs,
    distill_iter,
    student_task,
)
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.engine.training.train_step import Learner
from sprite_lab.engine.training.trainer import train_iter
from sprite_lab.engine.training.training_task import sprite_task
from tests.made import make_sprites
from tests.made_model import make_model

TINY = replace(STUDENT, max_seconds=None, max_steps=6, batch_size=8, preview_count=2, device="cpu")


def draw(model: Model, *configs: SampleConfig) -> np.ndarray:
    return drain(sample_iter(model, configs, RunControl(), record=False)).final()


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def student_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[object]]:
    """A run of six steps and all its records."""
    run = tmp_path_factory.mktemp("runs") / "student"
    return run, list(distill_iter(make_model(), run, TINY, RunControl()))


@pytest.mark.parametrize("classes", [0, 2])
def test_a_student_starts_as_its_teacher(classes: int) -> None:
    teacher = make_model(classes=classes)
    student = student_task(teacher, TINY).denoiser.eval()
    x, log_snr = torch.randn(3, 3, 8, 8), torch.tensor([-3.0, 0.0, 4.0])
    context = torch.eye(3)[:, :classes]
    before = teacher.denoiser(x, log_snr, context).x0
    for scale in (None, torch.tensor([1.0, 2.0, 0.0])):
        after = student(x, log_snr, context, guidance_scale=scale).x0
        torch.testing.assert_close(after, before, rtol=0, atol=1e-5)


def test_an_augmented_teacher_is_followed_as_it_samples() -> None:
    plain = make_model()
    network = replace(plain.denoiser.config, augment_labels=4)
    denoiser = Denoiser(network, "v").eval().requires_grad_(False)
    teacher = replace(plain, denoiser=denoiser)
    student = student_task(teacher, TINY).denoiser.eval()
    assert student.config.augment_labels == 0
    x, log_snr, context = torch.randn(2, 3, 8, 8), torch.zeros(2), torch.eye(2)
    torch.testing.assert_close(student(x, log_snr, context), denoiser(x, log_snr, context))


def test_pairs_lie_on_ways_of_the_teacher(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the last segment, the teacher continues to the sprite that the pair states."""
    teacher = make_model(channels=4)
    monkeypatch.setattr(distill, "NEARLY_CLEAN", 0.0)
    pairs = TeacherPairs(teacher, replace(TINY, batch_size=128), bf16=False)
    batch = pairs.batch(0)
    x_t = q_sample(batch.x0, batch.epsilon, *level(batch.log_snr))
    assert x_t.shape == (128, 4, 8, 8)
    assert batch.x0.abs().max() <= 1
    low, high = teacher.schedule.trained_range
    assert (batch.log_snr >= low - 1e-4).all()
    assert (batch.log_snr < high).all()
    assert batch.guidance_scale is not None
    assert (batch.guidance_scale >= 1).all()
    assert (batch.guidance_scale <= TAUGHT_GUIDANCE[1]).all()
    # At the last level of a trajectory, a single evaluation of the guided teacher remains.
    ends = batch.log_snr == batch.log_snr.max()
    assert len(batch.log_snr.unique()) == TEACHER_STEPS  # the last level is among them
    cond, uncond = (
        teacher.denoiser(x_t[ends], batch.log_snr[ends], c).x0
        for c in (batch.context[ends], torch.zeros_like(batch.context[ends]))
    )
    scale = batch.guidance_scale[ends][:, None, None, None]
    end = (uncond + scale * (cond - uncond)).clamp(-1, 1)
    torch.testing.assert_close(batch.x0[ends], end, rtol=0, atol=0.02)


def test_pairs_lead_to_where_the_next_segment_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """One DDIM step with a pair's x0 ends at a point on the teacher's trajectory."""
    teacher = make_model(channels=4)
    monkeypatch.setattr(distill, "NEARLY_CLEAN", 0.0)
    pairs = TeacherPairs(teacher, replace(TINY, batch_size=128), bf16=False)
    batches = [pairs.batch(step) for step in range(15)]  # all of the same trajectories
    x0, epsilon, log_snr = (torch.cat([b[i] for b in batches]) for i in range(3))
    x_t = q_sample(x0, epsilon, *level(log_snr))
    starts = torch.from_numpy(segment_starts(*teacher.schedule.trained_range)).float()
    at = torch.searchsorted(starts - 1e-3, log_snr) - 1  # the segment of each
    for segment, then in enumerate(starts[1:]):
        rows = at == segment
        end = q_sample(x0[rows], epsilon[rows], *level(then.expand(int(rows.sum()))))
        there = x_t[(log_snr - then).abs() < 1e-3]
        nearest = torch.cdist(end.flatten(1), there.flatten(1)).amin(dim=1)
        apart = torch.cdist(there.flatten(1), there.flatten(1)).max()
        # for the rest, the next point was not drawn
        assert (nearest < 0.01 * apart).float().mean() > 0.7


def test_beyond_the_ways_sprites_have_a_little_noise_down_to_the_cleanest_level() -> None:
    teacher = make_model()
    batch = TeacherPairs(teacher, replace(TINY, batch_size=256), bf16=False).batch(0)
    last = max(n for n in batch.log_snr.tolist() if (batch.log_snr == n).sum() > 1)
    beyond = batch.log_snr > last
    assert float(beyond.float().mean()) == pytest.approx(distill.NEARLY_CLEAN, abs=0.05)
    high = teacher.schedule.trained_range[1]
    assert high - 1 < batch.log_snr.max() <= high
    assert float(batch.epsilon[beyond].std()) == pytest.approx(1, abs=0.05)


def test_beyond_the_ways_it_learns_finished_sprites(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not learn any x0 at the end of a segment, of which each sprite has twelve."""
    monkeypatch.setattr(distill, "NEARLY_CLEAN", 1.0)
    batch = TeacherPairs(make_model(), replace(TINY, batch_size=64), bf16=False).batch(0)
    # the first batches use that many trajectories
    assert len(batch.x0.flatten(1).unique(dim=0)) <= 32


def test_noise_starts_each_way_and_all_wishes_occur() -> None:
    pairs = TeacherPairs(make_model(), replace(TINY, batch_size=64), bf16=False)
    batches = [pairs.batch(step) for step in range(4)]
    log_snr = torch.cat([b.log_snr for b in batches])
    context = torch.cat([b.context for b in batches])
    scale = torch.cat([b.guidance_scale for b in batches if b.guidance_scale is not None])
    x_t = torch.cat([q_sample(b.x0, b.epsilon, *level(b.log_snr)) for b in batches])
    noise = x_t[log_snr == log_snr.min()]
    ways = {n for n in log_snr.tolist() if (log_snr == n).sum() > 1}
    assert len(noise) > 4
    assert abs(float(noise.mean())) < 0.1
    assert float(noise.std()) == pytest.approx(1, abs=0.05)
    assert len(ways) <= TEACHER_STEPS  # all from the same trajectories so far
    mixed = (context > 0).sum(dim=1)
    assert set(mixed.tolist()) == {0, 1, 2}
    assert (context.sum(dim=1) <= 1 + 1e-5).all()
    assert (scale == 1).any()
    assert (scale > 2).any()


def test_half_of_the_prompts_are_those_dealt_by_default() -> None:
    prompts = tuple(map(Prompt.of_class, ("bar", "square", "square", "square")))
    for dealt, bars in ((None, 1 / 4), (1, 1 / 2 + 1 / 2 * 1 / 4)):
        teacher = replace(make_model(), prompts=prompts, dealt=dealt)
        context = TeacherPairs(teacher, replace(TINY, batch_size=1024), bf16=False).batch(0).context
        bar, square = (int((context == one).all(dim=1).sum()) for one in torch.eye(2))
        assert bar / (bar + square) == pytest.approx(bars, abs=0.1)


def test_equal_seeds_give_equal_pairs() -> None:
    def first(seed: int) -> torch.Tensor:
        return TeacherPairs(make_model(), replace(TINY, seed=seed), bf16=False).batch(0).epsilon

    assert torch.equal(first(1), first(1))
    assert not torch.equal(first(1), first(2))


def test_a_run_says_what_training_says(student_run: tuple[Path, list[object]]) -> None:
    run, records = student_run
    kinds = {type(record) for record in records}
    assert {StepRecord, Progress, EvalRecord, Preview, CheckpointSaved} <= kinds
    assert [r.step for r in records if isinstance(r, StepRecord)] == [1, 2, 3, 4, 5, 6]
    model = load_model(run, "cpu")
    assert model.is_student
    assert model.class_names == ("bar", "square")
    assert (model.data_fingerprint, model.data_title) == ("0f", "made")
    assert describe(run).data.student_of == "teacher"


def test_it_learns_where_the_ways_end_and_what_guidance_does() -> None:
    task = student_task(make_model(), TINY)
    learner = Learner(task)
    batch = task.data.batch(0)
    losses = [learner.learn(batch, step, 2e-3)[0] for step in range(1, 31)]
    assert losses[-1] < 0.7 * losses[0]
    guidance = task.denoiser.network.guidance
    assert guidance is not None
    assert guidance.layer.weight.abs().max() > 0


def test_the_same_student_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bit for bit, with the same number of threads, which otherwise depends on
    the machine's load.
    """
    monkeypatch.setattr("sprite_lab.engine.training.train_step.choose_threads", lambda step: 1)
    for name in ("one", "other"):
        drain(distill_iter(make_model(), tmp_path / name, TINY, RunControl()))
    one, other = (load_model(tmp_path / name, "cpu").denoiser for name in ("one", "other"))
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_step_draws_the_same_whatever_was_drawn_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resumed run may start at any step, before and after the first trajectories are dropped."""
    monkeypatch.setattr(distill, "WAYS_KEPT", 2)

    def pairs() -> TeacherPairs:
        return TeacherPairs(make_model(), TINY, bf16=False)

    whole, back = pairs(), pairs()
    undisturbed = [whole.batch(step) for step in range(3 * TEACHER_STEPS + 2)]
    for step in (1, 15, 16, 31, 32, 33, 49, 0):
        for fresh in (pairs(), back):
            for one, other in zip(undisturbed[step], fresh.batch(step), strict=True):
                assert one is other is None or torch.equal(one, other)


@pytest.mark.parametrize("at", [1, 4])
def test_a_resumed_student_is_the_one_of_an_undisturbed_run(
    student_run: tuple[Path, list[object]], tmp_path: Path, at: int
) -> None:
    """Bit for bit, including the state of its optimizer."""
    run, control = tmp_path / "run", RunControl()
    for record in distill_iter(make_model(), run, TINY, control):
        if isinstance(record, StepRecord) and record.step == at:
            control.stop()
    assert load_model(run, "cpu").step == at
    resumed = list(distill_iter(make_model(), run, TINY, RunControl(), resume=True))
    assert [r.step for r in resumed if isinstance(r, StepRecord)] == list(range(at + 1, 7))
    for path in (RunFolder.weights, RunFolder.state):
        one, other = (
            load_tensors(path(RunFolder(folder), 6))[0] for folder in (student_run[0], run)
        )
        assert one.keys() == other.keys()
        assert all(torch.equal(tensor, other[name]) for name, tensor in one.items())


def test_a_resumed_student_can_be_stopped_while_its_teacher_draws(
    student_run: tuple[Path, list[object]], tmp_path: Path
) -> None:
    """All trajectories in use are drawn again, which takes a minute with a real teacher."""
    run, control = tmp_path / "run", RunControl()
    shutil.copytree(student_run[0], run)
    records = []
    for record in distill_iter(make_model(), run, replace(TINY, max_steps=9), control, resume=True):
        records.append(record)
        if isinstance(record, Progress) and len(records) == 3:
            control.stop()
    told = [(r.done, r.total) for r in records if isinstance(r, Progress)]
    assert told == [(n, TEACHER_STEPS + 6) for n in range(1, len(told) + 1)]
    assert len(told) <= 3
    assert not any(isinstance(record, StepRecord) for record in records)
    assert load_model(run, "cpu").step == 6
    assert drain(distill_iter(make_model(), run, TINY, RunControl(), resume=True)).step == 6


def test_a_student_is_resumed_with_its_own_teacher_alone(
    student_run: tuple[Path, list[object]], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(student_run[0], run)
    config = replace(TINY, max_steps=8)
    others = make_model()
    with torch.no_grad():
        next(iter(others.denoiser.parameters())).add_(1e-3)
    with pytest.raises(RunError, match="student of 'teacher' as it was then"):
        drain(distill_iter(others, run, config, RunControl(), resume=True))
    renamed = replace(make_model(), title="renamed")
    assert drain(distill_iter(renamed, run, config, RunControl(), resume=True)).step == 8


def test_a_training_is_not_resumed_as_a_student(tmp_path: Path) -> None:
    config = TrainConfig(max_steps=1, network=NetworkConfig(width=16), device="cpu", batch_size=8)
    drain(train_iter(config, make_sprites(), tmp_path / "run", RunControl()))
    before = (tmp_path / "run" / "run.json").read_bytes()
    with pytest.raises(RunError, match="is not a student"):
        drain(distill_iter(make_model(), tmp_path / "run", TINY, RunControl(), resume=True))
    assert (tmp_path / "run" / "run.json").read_bytes() == before


def test_threads_of_a_run_are_also_its_teachers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums depend on the number of threads, so a resumed run draws with as many as before."""
    threads: list[int] = []
    drawn = TeacherPairs.drawn

    def noted(self: TeacherPairs, step: int) -> tuple[torch.Tensor, ...]:
        threads.append(torch.get_num_threads())
        return drawn(self, step)

    task = student_task(make_model(), TINY)
    monkeypatch.setattr(TeacherPairs, "drawn", noted)
    learner = Learner(task)
    learner.threads = 1
    torch.set_num_threads(2)
    for _ in learner.learn_on(task.data, 1, [1e-3, 1e-3]):
        torch.set_num_threads(2)  # another computation in between
    torch.set_num_threads(1)
    assert threads == [1, 1]


def test_stopped_it_saves_and_canceled_it_leaves_nothing(tmp_path: Path) -> None:
    for ask, kept in ((RunControl.stop, True), (RunControl.cancel, False)):
        control, run = RunControl(), tmp_path / ask.__name__
        for record in distill_iter(make_model(), run, TINY, control):
            if isinstance(record, StepRecord) and record.step == 2:
                ask(control)
        assert run.exists() == kept
    assert load_model(tmp_path / "stop", "cpu").step == 2


def test_what_cannot_be_distilled(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="student already"):
        drain(distill_iter(make_model(guided=True), tmp_path / "a", TINY, RunControl()))
    course = replace(
        make_model(),
        denoiser=Denoiser(NetworkConfig("context_unet", 16, 8, num_classes=2), "epsilon"),
    )
    with pytest.raises(RunError, match="another preset"):
        drain(distill_iter(course, tmp_path / "a", TINY, RunControl()))
    assert not (tmp_path / "a").exists()


def test_a_student_is_not_trained_on_sprites(tmp_path: Path) -> None:
    config = TrainConfig(max_steps=1, network=NetworkConfig(width=16, guided=True), device="cpu")
    with pytest.raises(RunError, match="distill"):
        drain(train_iter(config, make_sprites(), tmp_path / "run", RunControl()))


def test_only_a_student_has_a_robust_loss() -> None:
    with pytest.raises(RunError, match="Only a student"):
        sprite_task(replace(TINY, huber_c=0.1), make_sprites())
    plain, robust = (student_task(make_model(), replace(TINY, huber_c=c)) for c in (0.0, 0.1))
    batch = plain.data.batch(0)
    (loss, _), (low, _) = (Learner(task).learn(batch, 1, 1e-3) for task in (plain, robust))
    assert 0 < low < loss
    # It is validated by the loss that it minimizes, as a chart shows both.
    assert plain.validation is not None
    assert robust.validation is not None
    square = drain(plain.validation.run(plain.denoiser))
    other = drain(robust.validation.run(plain.denoiser))
    assert 0 < other.val_loss < square.val_loss
    assert other.epsilon_error == square.epsilon_error


@pytest.fixture(scope="module")
def student() -> Model:
    return make_model(guided=True)


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_the_sampler_evaluates_so_often_from_pure_noise(
    student: Model, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    seen: list[tuple[int, float]] = []
    forward = Denoiser.forward

    def spy(
        self: Denoiser, x_t: torch.Tensor, log_snr: torch.Tensor, *more: object, **named: object
    ):
        seen.append((len(x_t), float(log_snr[0])))
        return forward(self, x_t, log_snr, *more, **named)

    monkeypatch.setattr(Denoiser, "forward", spy)
    got = draw(student, SampleConfig(count=3, steps=steps, classes=("bar",), guidance_scale=3.0))
    assert np.isfinite(got).all()
    # All sprites are evaluated at once at each level, including guidance.
    assert [count for count, _ in seen] == [3] * steps
    assert seen[0][1] == pytest.approx(student.schedule.trained_range[0], abs=1e-3)
    assert [s for _, s in seen] == sorted(s for _, s in seen)


def test_at_the_cleanest_level_a_sprite_stays_as_it_is(student: Model) -> None:
    """The boundary condition of a consistency function, which v-prediction satisfies by itself."""
    x0 = torch.rand(2, 3, 8, 8) * 2 - 1
    log_snr = torch.full((2,), student.schedule.trained_range[1])
    x_t = q_sample(x0, torch.randn_like(x0), *level(log_snr))
    got = student.denoiser(x_t, log_snr, torch.eye(2), guidance_scale=torch.full((2,), 3.0)).x0
    torch.testing.assert_close(got, x0, rtol=0, atol=0.02)


def test_class_mix_guidance_and_seed_change_what_is_drawn(student: Model) -> None:
    base = SampleConfig(count=2, steps=2, class_mix=(("bar", 0.5), ("square", 0.5)), colors=0)
    first = draw(student, base)
    np.testing.assert_array_equal(first, draw(student, base))
    others = (
        replace(base, guidance_scale=4.0),
        replace(base, class_mix=(("bar", 1.0),)),
        replace(base, seed=1),
    )
    for other in others:
        assert np.abs(draw(student, other) - first).max() > 1e-3


def test_drawings_and_masks(student: Model) -> None:
    rng = np.random.default_rng(0)
    rgba = np.dstack([rng.integers(0, 256, (8, 8, 3)), np.full((8, 8), 255)]).astype(np.uint8)
    drawing, known = rgba.tobytes(), np.zeros((8, 8), np.uint8)
    known[:, :4] = 1
    base = SampleConfig(count=2, drawing=drawing, colors=0)
    kept = draw(student, replace(base, known_mask=known.tobytes()))
    wanted = rgba[..., :3] / 127.5 - 1
    np.testing.assert_allclose(kept[:, :, :4], np.stack([wanted[:, :4]] * 2), atol=2e-3)
    assert np.abs(kept[:, :, 4:] - wanted[:, 4:]).max() > 0.1

    soft = np.linspace(0, 255, 64).astype(np.uint8).tobytes()
    assert np.isfinite(draw(student, replace(base, redraw_strength=soft))).all()

    def change(t: int) -> float:
        return float(np.abs(draw(student, replace(base, start_t=t)) - wanted).mean())

    assert change(20) < change(250) < change(500)


def test_other_samplers_need_no_student_but_the_student_sampler_does() -> None:
    with pytest.raises(ConfigError, match="sprite-lab distill"):
        draw(make_model(), SampleConfig(count=1, sampler="student"))
