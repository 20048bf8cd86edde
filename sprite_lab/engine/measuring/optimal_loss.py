"""Loss of the optimal denoiser by noise level: a lower bound of the training loss."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.errors import RunError
from sprite_lab.core.records import Progress
from sprite_lab.core.results.level_errors import Floor
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import MOST_STUDIED, SpriteSet
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.data.datasets import learned_rows
from sprite_lab.diffusion.level_shares import level_shares
from sprite_lab.diffusion.loss import loss_weight
from sprite_lab.diffusion.parameterization import q_sample, target
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.measuring.thermodynamics import augmented
from sprite_lab.engine.models.model import network_for
from sprite_lab.engine.training.augment import Augment, label_count
from sprite_lab.engine.training.level_window import level_bins
from sprite_lab.engine.training.pictures import Pictures
from sprite_lab.engine.training.training_data import context_probability, group_weights, parts_kept
from sprite_lab.words import tr

#: Number of sprites denoised between two yields: the longest that a concurrent training run waits.
_BATCH = 32

#: Number of parts of a bin over which the floor is averaged, as its levels are not drawn equally
#: often.
_PARTS = 16


def both_floors_iter(
    config: TrainConfig,
    sprites: SpriteSet,
    control: RunControl,
    vocabulary: Vocabulary | None = None,
) -> Run[Floor]:
    """:func:`floor_iter`; for a run on some of the set's training sprites, also the floor for all.

    The latter is left out if there are more than MOST_STUDIED of them.
    """
    floor = yield from floor_iter(config, sprites, control, vocabulary)
    every = replace(config, max_sprites=0)
    if not floor.sprites < len(learned_rows(sprites, every)[0]) <= MOST_STUDIED:
        return floor
    whole = yield from floor_iter(every, sprites, control, vocabulary)
    return replace(floor, whole=whole)


def floor_iter(
    config: TrainConfig,
    sprites: SpriteSet,
    control: RunControl,
    vocabulary: Vocabulary | None = None,
    *,
    draws: int = 64,
) -> Run[Floor]:
    """The error of the optimal denoiser of a run's training sprites, at the middle of each bin.

    E ||target - f*(x_t)||^2 / D with f*(x_t) = E[target | x_t, context] over the training sprites,
    by Monte Carlo with the same sprites and noise at every level. Sprites and contexts are drawn as
    in training: by their weights, with all, part or none of the context. Sprites are augmented
    unless augmentation is an input of the network. No network has a lower training error on these
    sprites, and one that comes close has memorized them.

    ``vocabulary``: the meaning of the network's contexts; None = the classes of the set. Raises
    RunError for a student, whose target is its teacher's output, not a sprite, and for more than
    MOST_STUDIED training sprites.
    """
    if config.network.guided:
        raise RunError("A student learns from its teacher: no set of sprites bounds its error.")
    learned, _ = learned_rows(sprites, config)
    if len(learned) > MOST_STUDIED:
        raise RunError(
            "The floor, the error of a denoiser that knows all {count:,} training sprites by "
            "heart, is computed for at most {most:,}.",
            count=len(learned),
            most=MOST_STUDIED,
        )
    config = replace(config, network=network_for(config, sprites, vocabulary))
    shown = Pictures(sprites, config.network.channels, torch.device("cpu"), learned, vocabulary)
    every = torch.arange(len(shown))
    x0, context = shown.x0(every), shown.context(every)
    balance = group_weights(sprites, learned, config.group_balance)
    weights = torch.ones(len(x0)) if balance is None else torch.from_numpy(balance)
    yield None
    generator = torch.Generator().manual_seed(0)
    pick = torch.multinomial(weights, draws, replacement=True, generator=generator)
    pictures = x0[pick]
    if not label_count(config):
        pictures, _ = Augment(config, x0.shape[1])(pictures, generator)
    # Evenly spaced, not random, so that even a few draws have the right share.
    place = (torch.arange(draws) + 0.5) * config.label_dropout
    dropped = place.floor() > (place - config.label_dropout).floor()
    kept = parts_kept(shown.vocabulary, draws, generator) & ~dropped[:, None]
    told = context_probability(
        shown.vocabulary, context[pick] * kept, context, config.label_dropout
    )
    told, own = torch.unique(told, dim=1, return_inverse=True)  # many have the same context
    optimal = augmented(x0, told, config, weights)
    asked = torch.eye(told.shape[1])[own]
    pictures = pictures.double()
    epsilon = torch.randn(pictures.shape, generator=generator, dtype=torch.float64)

    centers = level_bins(config).centers
    errors = torch.zeros(len(centers), draws, dtype=torch.float64)
    for row, log_snr in enumerate(centers.tolist()):
        for rows in torch.split(torch.arange(draws), _BATCH):
            now = torch.full((len(rows),), log_snr, dtype=torch.float64)
            clean, noise = pictures[rows], epsilon[rows]
            # Not level(): it rounds to float32, which is too coarse near the clean end.
            alpha, std = (torch.sigmoid(s * now).sqrt()[:, None, None, None] for s in (1, -1))
            best = optimal(q_sample(clean, noise, alpha, std), now, asked[rows])
            kind = config.prediction_type
            gap = target(kind, best.x0, best.epsilon, alpha, std)
            gap = gap - target(kind, clean, noise, alpha, std)
            errors[row, rows] = gap.square().mean(dim=(1, 2, 3))
            yield Progress(row, len(centers), tr("The optimal denoiser"))
    error, stderr = errors.mean(dim=1).numpy(), errors.std(dim=1) / math.sqrt(draws)
    loss = _mean_loss(config, centers, error)
    return Floor(centers, error, stderr.numpy(), len(learned), loss)


def _mean_loss(
    config: TrainConfig, centers: NDArray[np.float64], error: NDArray[np.float64]
) -> float:
    """The training loss of a network with errors ``error`` at ``centers``, float64 (K,) each."""
    schedule = NoiseSchedule(config.schedule)
    edges = np.linspace(*schedule.trained_range, _PARTS * len(centers) + 1)
    levels = 0.5 * (edges[1:] + edges[:-1])
    weighting, kind = config.loss_weighting, config.prediction_type
    weight = loss_weight(weighting, kind, torch.from_numpy(centers)).numpy()
    shares = level_shares(config, schedule, edges)
    # Weighted first: the product changes less from bin to bin than its factors.
    return float((shares * np.interp(levels, centers, weight * error)).sum())
