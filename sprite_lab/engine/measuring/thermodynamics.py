"""Entropies of the forward process of a training set, and a model's error, at each t."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.records import Progress
from sprite_lab.core.results.neighbors import Augmentation
from sprite_lab.core.results.probability import Thermodynamics
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import MOST_STUDIED, SpriteSet, sample_rows
from sprite_lab.data.datasets import learned_rows
from sprite_lab.diffusion.likelihood import bound_term, prior_term
from sprite_lab.diffusion.optimal_denoiser import OptimalDenoiser
from sprite_lab.diffusion.parameterization import level, q_sample
from sprite_lab.diffusion.thermodynamics import (
    conditional_entropy,
    information,
    noise_entropy,
    path_gap,
)
from sprite_lab.engine.measuring.likelihood import BATCH, bound_levels, model_tensors
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.training.augment import MAX_SHIFT, label_count, margins, views_of
from sprite_lab.words import tr

#: The default number of noise levels.
TIMESTEPS = 100


def learned_part(model: Model, sprites: SpriteSet) -> SpriteSet:
    """The sprites of a set that a model was trained on, at most MOST_STUDIED."""
    rows, _ = learned_rows(sprites, model.trained)
    return sprites.take(sample_rows(rows, MOST_STUDIED))


def thermodynamics_iter(
    model: Model,
    training: SpriteSet,
    control: RunControl,
    *,
    log_snr: NDArray[np.float64] | None = None,
    draws: int = 256,
    seed: int = 0,
    optimal: OptimalDenoiser | None = None,
) -> Run[Thermodynamics]:
    """Entropies of the training set as it dissolves, with the model's and optimal denoiser's
    errors.

    The same sprites and noise are used at every t, so that differences between neighboring t are
    far more precise than the values.

    Raises ConfigError if the sprites are of another size than the model's.

    Parameters
    ----------
    training : the sprites that the model was trained on, each predicted with its own class.
    log_snr : (T,), falling; None = 100 levels over the range that the model was trained on.
    draws : sprites drawn from the set, 2 or more, for the Monte Carlo estimates.
    optimal : the optimal denoiser of ``training``; None = it is made here.
    """
    levels = bound_levels(model, TIMESTEPS) if log_snr is None else np.asarray(log_snr, np.float64)
    x0, context = model_tensors(model, training)
    optimal = optimal or OptimalDenoiser(x0, context)
    rng = np.random.default_rng(seed)
    pick = torch.from_numpy(rng.integers(0, len(x0), draws))
    noise = torch.from_numpy(rng.standard_normal((draws, *x0.shape[1:]), np.float32)).to(x0)
    dims = x0[0].numel()
    bits = x0.shape[1] / 3 / math.log(2)  # from nats per value to bits per RGB value

    rows: list[Tensor] = []  # each (5, draws), for one t: see _measure
    for t, now in enumerate(levels, 1):
        parts = [
            _measure(
                model, optimal, x0[pick[i]], noise[i], context[pick[i]], float(now),
                float(levels[t - 2]) if t > 1 else math.inf,
            )
            for i in torch.split(torch.arange(draws), BATCH)
        ]  # fmt: skip
        rows.append(torch.cat(parts, dim=1))
        yield Progress(t, len(levels), tr("Entropies"))
        if control.stop_requested and t > 1:
            levels = levels[:t]
            break
    found = torch.stack(rows, dim=1).numpy()
    model.check_numbers(found)
    info, of_class, term, optimal_error, model_error = found  # (T, draws)

    def stderr(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return values.std(axis=1, ddof=1) / math.sqrt(draws) / dims * bits

    # L_T, then the terms from T down to 1, accumulated for each draw.
    prior = prior_term(x0[pick], model.denoiser.data_mean, x0.new_full((draws,), levels[-1]))
    in_turn = np.vstack([prior.sum(dim=(1, 2, 3)).cpu().double().numpy(), term[::-1]])
    bound = in_turn.cumsum(axis=0)[::-1]  # (T + 1, draws), for t = 0, ..., T

    known = info.mean(axis=1) / dims
    conditional, lower, upper = conditional_entropy(levels, known)
    least = noise_entropy(1.0 / (1.0 + np.exp(levels)))
    return Thermodynamics(
        log_snr=levels,
        entropy=(least + known) * bits,
        entropy_stderr=stderr(info),
        noise_entropy=least * bits,
        conditional_entropy=conditional * bits,
        conditional_entropy_stderr=stderr(info[:-1] - info[1:]),
        lower=lower * bits,
        upper=upper * bits,
        gap=path_gap(term[1:].mean(axis=1) / dims, of_class.mean(axis=1) / dims) * bits,
        gap_stderr=stderr(term[1:] - (of_class[:-1] - of_class[1:])),
        optimal_error=optimal_error.mean(axis=1),
        model_error=model_error.mean(axis=1),
        bound=bound.mean(axis=1) / dims * bits,
        bound_stderr=stderr(bound),
    )


@torch.inference_mode()
def _measure(
    model: Model,
    optimal: OptimalDenoiser,
    x0: Tensor,
    epsilon: Tensor,
    context: Tensor,
    log_snr: float,
    log_snr_next: float,
) -> Tensor:
    """Five values per sprite, float64 (5, N): information and information within its class in nats,
    L_{t-1} in nats, and the noise errors of the optimal denoiser and of the model.
    """
    now, then = (x0.new_full((len(x0),), value) for value in (log_snr, log_snr_next))
    x_t = q_sample(x0, epsilon, *level(now))
    info, of_class = (
        information(optimal.log_density, x0.cpu(), epsilon.cpu(), asked.cpu(), now.cpu())
        for asked in (torch.zeros_like(context), context)
    )
    found = model.denoiser(x_t, now, context)
    errors = [
        (output.epsilon - epsilon).square().mean(dim=(1, 2, 3))
        for output in (optimal(x_t, now, context), found)
    ]
    term = bound_term(lambda *_: found, x0, epsilon, context, now, then).sum(dim=(1, 2, 3))
    return torch.stack([info, of_class, *(value.cpu().double() for value in (term, *errors))])


def augmented(
    x0: Tensor, classes: Tensor, config: TrainConfig, weights: Tensor | None = None
) -> OptimalDenoiser:
    """The optimal denoiser of pictures (M, C, H, W) and all their augmented versions.

    If augmentation is an input of the network (see :mod:`sprite_lab.engine.training.augment`),
    sprites are drawn without it, so only the original pictures count. ``classes``, ``weights``: see
    :class:`OptimalDenoiser`.
    """
    if label_count(config):
        return OptimalDenoiser(x0, classes, weights)
    weights = torch.ones(len(x0)) if weights is None else weights
    augmentation = Augmentation(config.flips, config.shifts, config.recolor)
    pictures, which, share = [], [], []
    for view in views_of(augmentation, margins(x0).clamp_max(MAX_SHIFT)):
        moved = view.apply(x0[view.which])
        for order, chance in view.orders:
            pictures.append(moved[:, [*order, *range(3, x0.shape[1])]])
            which.append(view.which)
            share.append(view.share * chance)
    of = torch.cat(which)
    return OptimalDenoiser(torch.cat(pictures), classes[of], torch.cat(share) * weights[of])
