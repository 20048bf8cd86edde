"""The task of a training run: network, data and validation. It is carried out in ``trainer.py``."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.errors import RunError
from sprite_lab.core.model_facts import DataFacts, Start
from sprite_lab.core.presets import FEW_SPRITES
from sprite_lab.core.sets.credits import merge_credits
from sprite_lab.core.sets.joining import joined
from sprite_lab.core.sets.sprites import SpriteSet, sample_rows
from sprite_lab.core.sets.vocabulary import (
    Prompt,
    Vocabulary,
    prompts_of,
    vocabulary_of,
    with_palettes,
)
from sprite_lab.data.datasets import learned_rows, settled
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.engine.models.model import Model, network_for
from sprite_lab.engine.runtime import choose_device, memory_format, use_bf16
from sprite_lab.engine.training.batch_trial import batch_notice, choose_batch
from sprite_lab.engine.training.copies import MAX_TRAINING, Check, TuningCheck
from sprite_lab.engine.training.fine_tuning import check_start, take_weights
from sprite_lab.engine.training.pictures import Pictures
from sprite_lab.engine.training.training_data import Batch, TrainingData
from sprite_lab.engine.training.validation import Examined, Validation
from sprite_lab.words import tr, trn


class Batches(Protocol):
    """Supplies the batch of each step."""

    steps_per_epoch: int

    @property
    def on_device(self) -> bool:
        """Whether the data that :meth:`made` needs is on the device."""

    def catch_up(self, step: int) -> Iterator[tuple[int, int]]:
        """Prepare what the batch of ``step`` needs from earlier steps; yields (parts done, all
        parts).
        """

    def batch(self, step: int) -> Batch:
        """The batch of a step: :meth:`made` from what was :meth:`drawn`."""

    def drawn(self, step: int) -> tuple[Tensor, ...]:
        """What :meth:`made` needs to make the batch of a step, on any device."""

    def made(self, drawn: tuple[Tensor, ...]) -> Batch:
        """The batch from what :meth:`drawn` returned, made without waiting for the device."""


class Examination(Protocol):
    """An evaluation of a denoiser, which yields between parts."""

    def run(self, denoiser: Denoiser) -> Generator[None, None, Examined]: ...


@dataclass(frozen=True, eq=False)
class TrainingTask:
    """A denoiser with its initial weights, its training data and its evaluation."""

    config: TrainConfig  #: with the network fitted to the data
    denoiser: Denoiser
    data: Batches
    validation: Examination | None  #: None = all sprites are for training
    facts: DataFacts
    bf16: bool
    notice: str = ""  #: shown when training starts
    #: detects copies among samples; None = no check
    copies: Check | None = None
    #: the only steps after which it is examined, besides the last one; None = as often as the cost
    #: permits
    examined_at: frozenset[int] | None = None

    @property
    def device(self) -> torch.device:
        return self.denoiser.data_mean.device


def _check_teacher(config: TrainConfig) -> None:
    if config.network.guided:
        raise RunError("A student learns from its teacher alone: use 'sprite-lab distill'.")
    if config.huber_c:  # only the squared error makes a denoiser predict the mean
        raise RunError("Only a student can have a robust loss: set huber_c to 0.")


def sprite_task(
    config: TrainConfig,
    sprites: SpriteSet,
    start: Model | None = None,
    known: tuple[Vocabulary, tuple[Prompt, ...]] | None = None,
    beside: SpriteSet | None = None,
    weights: NDArray[np.float64] | None = None,
) -> TrainingTask:
    """The task of denoising ``sprites``, starting from new weights or those of ``start``.

    Raises RunError if the configuration is that of a student, the device is missing, or ``start``
    does not fit the sprites or ``config``.

    Parameters
    ----------
    known : vocabulary and prompts of a resumed run, which must not change.
    beside : additional training sprites, which are neither validation sprites nor supply prompts.
    weights : (N,), how often each training sprite is seen, those of ``beside`` last; None =
        according to ``config.group_balance``.
    """
    if start is not None:
        check_start(config, sprites, start)
    _check_teacher(config)
    config = settled(config, sprites)
    training, validation = learned_rows(sprites, config)
    learned, rows = sprites, training
    if beside is not None:
        learned = joined(sprites, beside)
        rows = np.concatenate([training, np.arange(len(sprites), len(learned))])
    if known is not None:
        vocabulary, prompts = known
    else:
        vocabulary = vocabulary_of(learned, rows, start.vocabulary if start else None)
        if config.network.name == "context_unet":  # the course's network knows only classes
            vocabulary = replace(vocabulary, words=(), styles=())
        elif config.network.name == "unet2d":
            vocabulary = Vocabulary()
        vocabulary = with_palettes(
            vocabulary, sprites, training, start.vocabulary if start else None
        )
        prompts = prompts_of(sprites, training, vocabulary)
    config = replace(config, network=network_for(config, sprites, vocabulary))
    device = choose_device(config.device)
    torch.manual_seed(config.seed)  # initial weights
    denoiser = Denoiser(config.network, config.prediction_type).to(device)
    denoiser.to(memory_format=memory_format(device))  # type: ignore[call-overload, unused-ignore]
    if start is not None:
        take_weights(denoiser, vocabulary, start)
    notices = []
    if not config.batch_size:
        config = replace(config, batch_size=choose_batch(denoiser, config, len(rows)))
        notices.append(batch_notice(config))
    data = TrainingData(learned, config, device, rows, vocabulary, weights)
    denoiser.data_mean.copy_(data.pictures.mean())
    aside = Pictures(sprites, config.network.channels, device, validation, vocabulary)
    thanked = () if start is None else start.credits  # its sprites are still in the weights
    if len(rows) < FEW_SPRITES:
        apart = tr(", none is set aside")
        if len(validation):
            apart = trn(
                "; {n} more is set aside for validation",
                "; {n:,} more are set aside for validation",
                len(validation),
            )
        end = tr("the model will learn them by heart")
        if config.max_copies:
            end = tr("training ends before the model copies them")
        text = tr(
            "Few sprites to learn from ({count}{apart}): {end}. Use at least {least}.",
            count=len(rows),
            apart=apart,
            end=end,
            least=FEW_SPRITES,
        )
        notices.append(text)
    return TrainingTask(
        config=config,
        denoiser=denoiser,
        data=data,
        validation=Validation(aside, config) if len(aside) else None,
        facts=DataFacts(
            vocabulary=vocabulary,
            fingerprint=sprites.fingerprint,
            title=sprites.title,
            prompts=prompts,
            count=len(sprites),
            credits=merge_credits(thanked, learned.credits),
            init=None if start is None else Start(start.title, start.step),
        ),
        bf16=use_bf16(config.precision, device),
        copies=TuningCheck(learned.take(sample_rows(rows, MAX_TRAINING)))
        if config.max_copies
        else None,
        notice=" ".join(notices),
    )
