"""Distillation: a student that draws in a few evaluations what takes its teacher many."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path

import torch

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.errors import FileError, RunError
from sprite_lab.core.model_facts import DataFacts
from sprite_lab.core.run import Run, RunControl
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.loss import per_sample_loss
from sprite_lab.diffusion.parameterization import level, q_sample
from sprite_lab.engine.models.model import Model, load_model, shipped_models
from sprite_lab.engine.runtime import memory_format, use_bf16
from sprite_lab.engine.training.batch_trial import batch_notice, choose_batch
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.engine.training.teacher_pairs import TeacherPairs
from sprite_lab.engine.training.trainer import TrainResult, learn
from sprite_lab.engine.training.training_data import Batch
from sprite_lab.engine.training.training_task import TrainingTask
from sprite_lab.engine.training.validation import Examined

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

    Settings of ``config`` (see :data:`~sprite_lab.core.presets.STUDENT`) that the teacher
    determines are ignored: network, prediction type and schedule. Yields what training yields, and
    is resumed like it.

    Raises
    ------
    RunError
        If the teacher is a student itself or its network cannot be guided, the folder already
        holds a run (without ``resume``), or holds none or one of another teacher or other settings
        (with it).
    """
    if teacher.is_student:
        raise RunError(f"'{teacher.title}' is a student already: distill the model it is of.")
    if teacher.denoiser.config.name != "patch_unet":
        raise RunError(
            f"'{teacher.title}' has a third-party network, which cannot be told the guidance "
            "scale: train a model with another preset to distill a student from it."
        )
    return (yield from learn(lambda: student_task(teacher, config), run, control, resume=resume))


def teacher_of(student: Path, others: Iterable[str | Path]) -> Model:
    """The model that the student in a run folder learns from: a shipped one, or one of ``others``,
    which are runs and weights files. A run that has learned more since has it among its
    checkpoints.

    Raises
    ------
    RunError
        If it is none of them.
    FileError
        If the folder does not hold a run.
    """
    data = RunFolder(student).read_data(prompts=False)
    title = data.student_of or ""
    shipped = [found.name for found in shipped_models() if title in (found.name, found.title)]
    for ref in (*shipped, *chain.from_iterable(map(_weights, others))):
        with suppress(FileError):  # deleted, or damaged
            model = load_model(ref)
            # Of older runs only the title is known.
            if model.fingerprint == data.teacher if data.teacher else model.title == title:
                return model
    raise RunError(
        "“{run}” is a student of “{title}” as that was then: open that model to go on.",
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
    """The task of taking the segments of its teacher's trajectories in one step each, starting from
    its weights.
    """
    # A student gets no augmentation labels: its teacher's sprites are free of augmentation.
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
        validation=PairValidation([unseen.batch(step) for step in range(_VALIDATION_BATCHES)]),
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
    """How far a student is from its teacher, on trajectories it does not learn from."""

    def __init__(self, batches: list[Batch]) -> None:
        self._batches = batches

    def run(self, denoiser: Denoiser) -> Generator[None, None, Examined]:
        """Yield between batches; return the loss, and the mean squared error of the noise."""
        sums = torch.zeros(2, dtype=torch.float64)
        for batch in self._batches:
            sums += _errors(denoiser, batch)
            yield
        val_loss, epsilon_error = (sums / len(self._batches)).tolist()
        return Examined(val_loss, epsilon_error)


@torch.inference_mode()
def _errors(denoiser: Denoiser, batch: Batch) -> torch.Tensor:
    x0, epsilon, log_snr, context, augment, scale = batch
    x_t = q_sample(x0, epsilon, *level(log_snr))
    predicted = denoiser(x_t, log_snr, context, augment, scale).epsilon
    loss = per_sample_loss(denoiser, *batch).mean()
    return torch.stack([loss, (predicted - epsilon).square().mean()]).double().cpu()
