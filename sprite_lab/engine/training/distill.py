"""Distillation: a student learns to draw in a few evaluations what its teacher draws in many."""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sprite_lab.core.config import SEGMENTS, SampleConfig, TrainConfig
from sprite_lab.core.errors import FileError, RunError
from sprite_lab.core.model_facts import DataFacts
from sprite_lab.core.run import Run, RunControl
from sprite_lab.diffusion.consistency import between, segment_x0
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.guidance import TAUGHT_GUIDANCE, Guidance
from sprite_lab.diffusion.loss import per_sample_loss, squared_errors
from sprite_lab.diffusion.methods import dpmpp_2m
from sprite_lab.diffusion.parameterization import epsilon_from_x0, level, q_sample
from sprite_lab.diffusion.sampler import Point, walk
from sprite_lab.engine.models.model import Model, load_model, shipped_models
from sprite_lab.engine.runtime import memory_format, use_bf16
from sprite_lab.engine.sampling.recorded import looking
from sprite_lab.engine.training.batch_trial import batch_notice, choose_batch
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.engine.training.trainer import TrainResult, learn
from sprite_lab.engine.training.training_data import Batch, generator_for, parts_kept
from sprite_lab.engine.training.training_task import TrainingTask
from sprite_lab.engine.training.validation import Examined

#: Number of noise levels that the teacher visits in each segment, and from noise to a sprite.
SEGMENT_STEPS = 4
TEACHER_STEPS = SEGMENTS * SEGMENT_STEPS

#: The share of sprites drawn without guidance; the others cover all guidance scales taught.
UNGUIDED = 0.2

#: The share of a batch that lies beyond the end of the trajectories, where so little noise is left
#: that it may be independent.
NEARLY_CLEAN = 0.1

#: The shares of sprites without a class, and with a mix of two classes.
UNCLASSED, MIXED = 0.1, 0.1

#: The share of prompts that are used whole; the others have parts left out.
WHOLE_PROMPTS = 0.6

#: The number of batches of trajectories in use at a time.
WAYS_KEPT = 64


class _Ways(NamedTuple):
    """Trajectories of a batch: K noise levels (K,), x_t at these levels (K, N, C, H, W), and the x0
    that leads to the end of the segment, of the same shape.
    """

    log_snr: Tensor
    x_t: Tensor
    x0: Tensor
    context: Tensor
    scale: Tensor


class TeacherPairs:
    """Batches in which noise and x0 belong together, connected by the teacher's ODE.

    In ordinary training a sprite gets independent noise, so at a high noise level the best
    prediction is a blur, the mean of all possible sprites. Here x_t lies on a trajectory that the
    teacher took from noise to a sprite, by DPM-Solver++(2M) with guidance, and x0 leads from there
    to the end of the segment (see :mod:`sprite_lab.diffusion.consistency`), which in the last
    segment is the sprite. So there is one correct answer, which a single evaluation can give. No
    data set is needed.

    The trajectories end where the teacher has hardly anything left to decide. Drawings that only
    need touching up start with even less noise, so for levels beyond the end, noise is added to the
    finished sprites.

    With every batch the teacher advances half as many sprites by one level, so each point is used
    about twice. Batches are a function of (seed, step) alone: when a step does not follow the
    previous one, as in a resumed run, the trajectories in use at that step are drawn again.
    """

    #: The number of batches after which all trajectories in use are new.
    steps_per_epoch = TEACHER_STEPS * WAYS_KEPT

    def __init__(self, teacher: Model, config: TrainConfig, bf16: bool) -> None:
        self._teacher, self._bf16, self._count = teacher, bf16, config.batch_size
        self._seed = config.seed
        self._kept: deque[_Ways] = deque(maxlen=WAYS_KEPT)
        cleanest = [(TEACHER_STEPS - 1) / TEACHER_STEPS]
        self._last = float(between(*teacher.schedule.trained_range, cleanest)[0])
        contexts = teacher.vocabulary.context(teacher.prompts)
        self._prompts = torch.from_numpy(contexts) if teacher.prompts else None
        self._step: int | None = None  # the last step drawn
        self._going: Iterator[None] = iter(())

    on_device = True

    def batch(self, step: int) -> Batch:
        """The batch of a step, counted from 0."""
        return self.made(self.drawn(step))

    def drawn(self, step: int) -> tuple[Tensor, ...]:
        """The x0, epsilon, levels, contexts and scales of a step's batch. Before the first batch,
        the teacher draws the trajectories in use.
        """
        self._advance(step)
        generator = generator_for(self._seed, 1, step)
        count, rows = self._count, self._kept[0].x0.shape[1]
        ways, at, row = (
            torch.randint(most, (count,), generator=generator).tolist()
            for most in (len(self._kept), TEACHER_STEPS, rows)
        )
        picked = [
            (w.x_t[k, i], w.x0[k, i], w.x0[-1, i], w.log_snr[k], w.context[i], w.scale[i])
            for w, k, i in zip((self._kept[j] for j in ways), at, row, strict=True)
        ]
        x_t, x0, sprite, log_snr, context, scale = (
            torch.stack(parts) for parts in zip(*picked, strict=True)
        )
        x0 = x0.float()
        epsilon = epsilon_from_x0(x_t.float(), x0, *level(log_snr))
        x0, epsilon, log_snr = self._with_nearly_clean(
            x0, epsilon, log_snr, sprite.float(), generator
        )
        return x0, epsilon, log_snr, context, scale

    def made(self, drawn: tuple[Tensor, ...]) -> Batch:
        x0, epsilon, log_snr, context, scale = drawn
        form = memory_format(self._teacher.device)
        return Batch(
            x0.contiguous(memory_format=form),
            epsilon.contiguous(memory_format=form),
            log_snr,
            context,
            guidance_scale=scale,
        )

    def catch_up(self, step: int) -> Iterator[tuple[int, int]]:
        """Bring the teacher's trajectories to their state before ``step``, unless it follows the
        last step drawn; yields (levels done, all levels).
        """
        if self._step is not None and step == self._step + 1:
            return
        begun = step // TEACHER_STEPS + 1  # the number of the trajectory in progress
        first = max(0, begun - WAYS_KEPT)
        self._kept.clear()
        self._going, self._step = self._go(first), None  # until all levels are reached
        levels = (begun - first) * TEACHER_STEPS + step % TEACHER_STEPS
        for done in range(levels):
            next(self._going)
            yield done + 1, levels
        self._step = step - 1

    def _advance(self, step: int) -> None:
        """Advance the teacher's trajectories to ``step``, normally by one level."""
        for _ in self.catch_up(step):
            pass
        self._step = None  # until it is reached
        next(self._going)
        self._step = step

    def _with_nearly_clean(
        self,
        x0: Tensor,
        epsilon: Tensor,
        log_snr: Tensor,
        sprite: Tensor,
        generator: torch.Generator,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Replace some rows by the finished sprite with independent noise, at levels from the end
        of the trajectories to the cleanest.
        """
        rows = (len(epsilon), 1, 1, 1)
        chosen = torch.rand(rows, generator=generator).to(epsilon.device) < NEARLY_CLEAN
        noise = torch.randn(epsilon.shape, generator=generator).to(epsilon)
        share = torch.rand(len(epsilon), generator=generator).to(epsilon)
        low, high = self._last, self._teacher.schedule.trained_range[1]
        levels = low + (high - low) * share
        return (
            torch.where(chosen, sprite, x0),
            torch.where(chosen, noise, epsilon),
            torch.where(chosen[:, 0, 0, 0], levels, log_snr),
        )

    def _go(self, first: int) -> Iterator[None]:
        """Draw sprites endlessly, starting with trajectory number ``first``; yields after each
        level.
        """
        teacher = self._teacher
        device, mean = teacher.device, teacher.denoiser.data_mean
        rows = max(1, self._count // 2)

        def no_noise() -> Tensor:
            raise AssertionError("the ODE takes none")

        for number in itertools.count(first):
            generator = generator_for(self._seed, 0, number)
            context, scale = self._wishes(rows, generator)
            guidance = Guidance(
                context,
                scale,
                torch.zeros_like(context),
                interval=(-math.inf, teacher.guided_below),
                weak=teacher.weak,
                autoguidance=SampleConfig.autoguidance,
            )

            look = torch.inference_mode()(
                looking(teacher.denoiser, guidance, bf16=self._bf16),
            )
            # Levels lie anywhere within a segment, except the first, which is where it begins.
            jitter = float(torch.rand((), generator=generator)) * 0.9
            shares = [k - jitter * (k % SEGMENT_STEPS > 0) for k in range(TEACHER_STEPS)]
            log_snrs = between(*teacher.schedule.trained_range, np.array(shares) / TEACHER_STEPS)
            noise = torch.randn((rows, *mean.shape), generator=generator).to(device)
            start = q_sample(mean, noise, *level(torch.tensor(log_snrs[:1], device=device)))
            points: list[Point] = []
            for point in walk(look, start, log_snrs.tolist(), dpmpp_2m, no_noise):
                points.append(point)
                yield
            levels = torch.tensor(log_snrs, dtype=torch.float32, device=device)
            x_t = torch.stack([p.x_t for p in points])
            x0 = _led_by(x_t, levels, points[-1].x0)
            self._kept.append(_Ways(levels, x_t.half(), x0.half(), context, scale))

    def _wishes(self, rows: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Prompts for the teacher: contexts (N, context_size), guidance scales (N,).

        Some contexts are zero and some are mixes of two classes. If the teacher has prompts, the
        others are prompts or parts of prompts, every second one taken from those dealt by default.
        """
        vocabulary = self._teacher.vocabulary
        classes = len(vocabulary.classes)
        low, high = TAUGHT_GUIDANCE
        kind, weight, guided_, strength = torch.rand(4, rows, 1, generator=generator)
        scale = torch.where(guided_ < UNGUIDED, 1.0, low + (high - low) * strength)[:, 0]
        context = torch.zeros(rows, len(vocabulary))
        if classes:
            pair = torch.randint(classes, (2, rows), generator=generator)
            one, other = torch.nn.functional.one_hot(pair, classes).float()
            mixed = weight * one + (1 - weight) * other
            context[:, :classes] = torch.where(kind < MIXED, mixed, one)
        if self._prompts is not None:
            pick = torch.randint(len(self._prompts), (rows,), generator=generator)
            pick[::2] %= self._teacher.dealt or len(self._prompts)
            part = torch.rand(rows, 1, generator=generator)
            kept = parts_kept(vocabulary, rows, generator) | (part < WHOLE_PROMPTS)
            prompt = self._prompts[pick] * kept
            context = torch.where(kind < MIXED, context, prompt) if classes else prompt
        context = context * (kind < 1 - UNCLASSED)
        return context.to(self._teacher.device), scale.to(self._teacher.device)


def _led_by(x_t: Tensor, log_snr: Tensor, sprites: Tensor) -> Tensor:
    """The x0 that leads from each level to the end of its segment, (K, N, C, H, W), in [-1, 1].

    ``x_t``, ``log_snr``: (K, N, C, H, W) and (K,), see :class:`_Ways`. ``sprites``: (N, C, H, W),
    the ends of the trajectories.
    """
    x0 = sprites.expand_as(x_t).clone()
    for k in range(TEACHER_STEPS - SEGMENT_STEPS):
        end = (k // SEGMENT_STEPS + 1) * SEGMENT_STEPS
        here, then = log_snr[k : k + 1], log_snr[end : end + 1]
        x0[k] = segment_x0(x_t[k], here, x_t[end], then)
    return x0.clamp(-1, 1)


_VALIDATION_BATCHES = 8


def distill_iter(
    teacher: Model,
    run: Path,
    config: TrainConfig,
    control: RunControl,
    *,
    resume: bool = False,
) -> Run[TrainResult]:
    """Make a student of ``teacher`` in the folder ``run``.

    The teacher determines network, prediction type and schedule, so these settings of ``config``
    (see :data:`~sprite_lab.core.presets.STUDENT`) are ignored. Yields the same records as training,
    and can be resumed like it. Raises RunError if the teacher is a student itself or its network
    cannot be guided; if the folder already holds a run (without ``resume``); or if it holds no run,
    or one with another teacher or other settings (with ``resume``).
    """
    if teacher.is_student:
        raise RunError(
            "'{title}' is a student already: distill its teacher instead.", title=teacher.title
        )
    if teacher.denoiser.config.name != "patch_unet":
        raise RunError(
            "'{title}' has a third-party network, which cannot be told the guidance scale: train "
            "a model with another preset to distill a student from it.",
            title=teacher.title,
        )
    return (yield from learn(lambda: student_task(teacher, config), run, control, resume=resume))


def teacher_of(student: Path, others: Iterable[str | Path]) -> Model:
    """The model that the student in a run folder learns from: a shipped one, or one of ``others``,
    which are runs and weights files. If a run was trained further since, its checkpoints count too.

    Raises RunError if none of them is the teacher, and FileError if the folder does not hold a run.
    """
    data = RunFolder(student).read_data(prompts=False)
    title = data.student_of or ""
    shipped = [found.name for found in shipped_models() if title in (found.name, found.title)]
    for ref in (*shipped, *chain.from_iterable(map(_weights, others))):
        with suppress(FileError):  # deleted, or damaged
            model = load_model(ref)
            if model.fingerprint == data.teacher:
                return model
    raise RunError(
        "“{run}” is a student of “{title}” as it was then: open that model to continue.",
        run=student.name,
        title=title,
    )


def _weights(ref: str | Path) -> list[str | Path]:
    """The weights that a run or file holds, newest first."""
    with suppress(FileError):
        folder = RunFolder(Path(ref))
        if steps := folder.steps():
            return [folder.weights(step) for step in reversed(steps)]
    return [ref]


def student_task(teacher: Model, config: TrainConfig) -> TrainingTask:
    """The task of covering each segment of the teacher's trajectories in one step, starting from
    the teacher's weights.
    """
    # A student gets no augmentation labels: its teacher's sprites are not augmented.
    network = replace(teacher.denoiser.config, guided=True, augment_labels=0, dropout=0.0)
    config = replace(
        config,
        network=network,
        prediction_type=teacher.denoiser.prediction_type,
        schedule=teacher.schedule.config,
    )
    device = teacher.device
    torch.manual_seed(config.seed)
    student = Denoiser(network, config.prediction_type).to(device)
    weights = teacher.denoiser.state_dict()
    student.load_state_dict(
        {name: weights.get(name, own) for name, own in student.state_dict().items()}
    )
    student.to(memory_format=memory_format(device))  # type: ignore[call-overload, unused-ignore]
    notice = ""
    if not config.batch_size:
        config = replace(config, batch_size=choose_batch(student, config))
        notice = batch_notice(config)
    bf16 = use_bf16(config.precision, device)
    unseen = TeacherPairs(teacher, replace(config, seed=config.seed + 1), bf16)
    return TrainingTask(
        config=config,
        denoiser=student,
        data=TeacherPairs(teacher, config, bf16),
        validation=PairValidation(
            [unseen.batch(step) for step in range(_VALIDATION_BATCHES)], config.huber_c
        ),
        facts=DataFacts(
            vocabulary=teacher.vocabulary,
            fingerprint=teacher.data_fingerprint,
            title=teacher.data_title,
            prompts=teacher.prompts,
            dealt=teacher.dealt,
            credits=teacher.credits,
            student_of=teacher.title,
            teacher=teacher.fingerprint,
        ),
        bf16=bf16,
        notice=notice,
    )


class PairValidation:
    """The error of a student against its teacher, on trajectories that are not trained on."""

    def __init__(self, batches: list[Batch], huber_c: float) -> None:
        self._batches, self._huber_c = batches, huber_c

    def run(self, denoiser: Denoiser) -> Generator[None, None, Examined]:
        """Yield between batches; return the loss, and the mean squared error of the noise."""
        sums = torch.zeros(2, dtype=torch.float64)
        for batch in self._batches:
            sums += _errors(denoiser, batch, self._huber_c)
            yield
        val_loss, epsilon_error = (sums / len(self._batches)).tolist()
        return Examined(val_loss, epsilon_error)


@torch.inference_mode()
def _errors(denoiser: Denoiser, batch: Batch, huber_c: float) -> torch.Tensor:
    x0, epsilon, log_snr, context, augment, scale = batch
    x_t = q_sample(x0, epsilon, *level(log_snr))
    predicted = denoiser(x_t, log_snr, context, augment, scale).epsilon
    loss = per_sample_loss(squared_errors(denoiser, *batch), huber_c).mean()
    return torch.stack([loss, (predicted - epsilon).square().mean()]).double().cpu()
