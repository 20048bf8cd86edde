"""Likelihood of sprites under a model: bound, ODE and class probabilities.

The denoiser is evaluated without guidance (scale 1) or snapping. Sprites are measured one after
another, so a stopped run gives the figures of those already measured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.records import Progress
from sprite_lab.core.results.calibration import class_probabilities
from sprite_lab.core.results.probability import (
    BOUND_LEVELS,
    Bound,
    ClassProbabilities,
    FlowLikelihood,
)
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.shares import merged, share_of
from sprite_lab.core.trajectories.levels import alpha_std_at
from sprite_lab.data.datasets import groups_of
from sprite_lab.diffusion.likelihood import bound_term, prior_term
from sprite_lab.diffusion.parameterization import q_sample
from sprite_lab.diffusion.probability_flow import flow_iter, prior_log_density
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.training.training_data import tensors
from sprite_lab.words import tr

#: The batch size of denoiser evaluations.
BATCH = 128

#: The number of values of an 8-bit channel.
LEVELS = 256

#: Steps of the ODE, two evaluations each. Compared with 400 steps, 100 give 0.01 bits/dim too
#: little and 200 give 0.002 too little.
FLOW_STEPS = 200


def bound_levels(model: Model, count: int = BOUND_LEVELS) -> NDArray[np.float64]:
    """``count`` log-SNRs, falling evenly over the range that the model was trained on."""
    low, high = model.schedule.trained_range
    return np.linspace(high, low, count)


def flow_levels(model: Model, steps: int = FLOW_STEPS) -> NDArray[np.float64]:
    """``steps`` + 1 log-SNRs, falling evenly over the range that the model was trained on."""
    return bound_levels(model, steps + 1)


def bound_iter(
    model: Model,
    sprites: SpriteSet,
    control: RunControl,
    *,
    log_snr: NDArray[np.float64] | None = None,
    blocks: int = 31,
    rounds: int = 2,
    seed: int = 0,
) -> Run[Bound]:
    """The variational bound of each sprite under its own class.

    Its T - 1 terms are estimated by stratified sampling: in each of ``blocks`` blocks of
    neighboring t, one t and one noise per round stand for all. The estimate is unbiased for the
    bound with T levels, whatever the number of blocks; with T - 1 of them, every t is visited.

    Raises ConfigError if the sprites are of another size than the model's, and NotFiniteError if
    the model's output is not finite.

    Parameters
    ----------
    log_snr : (T,), falling; None = :func:`bound_levels`.
    rounds : independent estimates, 2 or more; their spread gives each sprite's error.
    seed : determines t and noise, together with the sprite's place in the set and the round.
    """
    levels = bound_levels(model) if log_snr is None else np.asarray(log_snr, np.float64)
    parts = yield from _estimate(
        model, sprites, None, control, _Draws(levels, blocks, rounds, seed)
    )
    total = parts.total[:, :, 0]  # (N, rounds)
    return Bound(
        bits=total.mean(axis=1),
        bits_stderr=total.std(axis=1, ddof=1) / math.sqrt(rounds),
        pixels=parts.pixels[:, 0],
        group=_groups(sprites, len(total)),
        levels=LEVELS,
        log_snr=levels,
        block_t=parts.block_t,
        prior=parts.prior,
        decoder=parts.decoder[:, 0],
        diffusion=parts.diffusion[:, 0],
        decoder_stderr=parts.stderr[:, 0, 0],
        diffusion_stderr=parts.stderr[:, 0, 1:],
    )


def class_probabilities_iter(
    model: Model,
    sprites: SpriteSet,
    control: RunControl,
    *,
    blocks: int = 31,
    rounds: int = 4,
    seed: int = 0,
) -> Run[ClassProbabilities]:
    """p(class | sprite), from the bound under each class with the same noise.

    Bayes' rule for equally frequent classes, at the temperatures of the model's calibration. Raises
    ConfigError if the model knows no classes, or the sprites are of another size than the model's.
    """
    names = model.class_names
    if not names:
        raise ConfigError("The model knows no classes, so it cannot tell them apart.")
    levels = bound_levels(model)
    classes = model.class_context(names)
    draws = _Draws(levels, blocks, rounds, seed)
    parts = yield from _estimate(model, sprites, classes, control, draws)
    nats = parts.terms * math.log(2)  # (N, rounds, K, S + 1)
    middle = (parts.block_t[:-1] + parts.block_t[1:] - 1) // 2
    at = levels[np.concatenate([[1], middle]) - 1]
    # Jackknife: the spread of the estimates that leave out one round each.
    others = (nats.sum(axis=1, keepdims=True) - nats) / (rounds - 1)
    left_out = class_probabilities(others, at, model.calibration)
    spread = (left_out - left_out.mean(axis=1, keepdims=True)) ** 2
    terms = nats.mean(axis=1)
    return ClassProbabilities(
        class_names=names,
        probability=class_probabilities(terms, at, model.calibration),
        stderr=np.sqrt(spread.sum(axis=1) * (rounds - 1) / rounds),
        bits=parts.total.mean(axis=1),
        terms=terms,
        log_snr=at,
        calibration=model.calibration,
    )


def ode_iter(
    model: Model,
    sprites: SpriteSet,
    control: RunControl,
    *,
    log_snr: NDArray[np.float64] | None = None,
    rounds: int = 2,
    probes: int = 2,
    seed: int = 0,
) -> Run[FlowLikelihood]:
    """An upper bound on -log2 p of each sprite under its own class, by the probability-flow ODE.

    The flow gives the density of x_1, the sprite noised to the cleanest level, and the decoder
    leads from there to the sprite, as in the variational bound. With z for x_1, -log p(x_0) <= E_q
    [log q(z | x_0) - log p_flow(z) - log p(x_0 | z)] (variational dequantization, Ho et al. 2019,
    with the noise that the model was trained on).

    Raises ConfigError if the sprites are of another size than the model's, and ValueError if there
    are fewer than two levels.

    Parameters
    ----------
    log_snr : falling, 2 or more; None = :func:`flow_levels`.
    rounds : independent estimates, 2 or more, each with its own noise and signs; their spread gives
        each sprite's error.
    probes : random sign vectors of Hutchinson's estimate at each step; 0 = sum the divergence entry
        by entry instead, 768 products for an RGB sprite.
    """
    levels = flow_levels(model) if log_snr is None else np.asarray(log_snr, np.float64)
    if len(levels) < 2:
        raise ValueError("The flow leads from one level to another: give two or more.")
    x0, context = model_tensors(model, sprites)
    alpha, std = alpha_std_at(levels[0])
    steps = len(levels) - 1
    together = max(1, BATCH // (2 * rounds)) if probes else 1
    done: list[Tensor] = []  # each (n, rounds, C, H, W), in bits
    for first in share_of(control, range(0, len(x0), together)):
        index = range(first, min(first + together, len(x0)))
        rngs = [np.random.default_rng([seed, i]) for i in index]
        drawn = [rng.standard_normal((rounds, *x0.shape[1:]), np.float32) for rng in rngs]
        epsilon = torch.from_numpy(np.concatenate(drawn)).to(x0)
        clean, asked = (
            part[first : first + together].repeat_interleave(rounds, 0) for part in (x0, context)
        )
        signs = [
            torch.Generator().manual_seed(int(rng.integers(2**62)))
            for rng in rngs
            for _ in range(rounds)
        ]
        run = flow_iter(
            model.denoiser,
            q_sample(clean, epsilon, torch.tensor(alpha), torch.tensor(std)),
            asked,
            levels.tolist(),
            signs if probes else None,
            probes,
        )
        for k, reached in enumerate(run, 1):
            flow = reached
            yield Progress(first * steps + k * len(index), len(x0) * steps, tr("Likelihood"))
            if control.stop_requested and done:
                break
        if control.stop_requested and done:
            break
        at = x0.new_full((len(clean),), float(levels[0]))
        with torch.inference_mode():
            clean_end = torch.full_like(at, math.inf)
            decoder = bound_term(model.denoiser, clean, epsilon, asked, at, clean_end, LEVELS)
        noise = -0.5 * epsilon.square() - math.log(std) - 0.5 * math.log(2 * math.pi)
        prior = prior_log_density(flow.x, model.denoiser.data_mean, float(levels[-1]))
        nats = (decoder + noise - prior - flow.log_det).cpu().double()
        done.append(nats.view(len(index), rounds, *x0.shape[1:]) / math.log(2))
    bits = torch.from_numpy(merged(control, [part.numpy() for part in done]))
    model.check_numbers(bits.numpy())
    total = bits.sum(dim=(2, 3, 4)).numpy()
    return FlowLikelihood(
        bits=total.mean(axis=1),
        bits_stderr=total.std(axis=1, ddof=1) / math.sqrt(rounds),
        pixels=bits.sum(dim=2).mean(dim=1).float().numpy(),
        group=_groups(sprites, len(total)),
        levels=LEVELS,
        log_snr=levels,
        exact=not probes,
    )


class _Draws(NamedTuple):
    """The parameters by which t and noise are drawn; see :func:`bound_iter`."""

    log_snr: NDArray[np.float64]
    blocks: int
    rounds: int
    seed: int


class _Estimate(NamedTuple):
    """Bits of N sprites under K contexts each; see :class:`Bound`."""

    total: NDArray[np.float64]  # (N, rounds, K)
    terms: NDArray[np.float64]  # (N, rounds, K, S + 1), L_0 and the blocks of L_{t-1}
    prior: NDArray[np.float64]  # (N,)
    decoder: NDArray[np.float64]  # (N, K)
    diffusion: NDArray[np.float64]  # (N, K, S)
    stderr: NDArray[np.float64]  # (N, K, S + 1), of decoder and diffusion
    pixels: NDArray[np.float32]  # (N, K, H, W)
    block_t: NDArray[np.int64]  # (S + 1,)


def _estimate(
    model: Model,
    sprites: SpriteSet,
    contexts: Tensor | None,
    control: RunControl,
    draws: _Draws,
) -> Run[_Estimate]:
    """The bound of each sprite under each of its contexts.

    A sprite takes ``rounds`` rows for t = 1 and for one t of each block, the same for all contexts.
    A batch holds the rows of several sprites, or part of the rows of one.

    ``contexts``: (K, context_size), applied to every sprite; None = its own class (K = 1).
    """
    log_snr, blocks, rounds, seed = draws
    x0, own = model_tensors(model, sprites)
    timesteps = len(log_snr)
    edges = np.linspace(2, timesteps + 1, min(blocks, timesteps - 1) + 1).round().astype(np.int64)
    # t = 1 stands for itself, every other t for its whole block.
    stands_for = torch.tensor([1, *np.diff(edges)], dtype=torch.float32)
    table = torch.tensor([math.inf, *log_snr], dtype=torch.float32)  # by t

    many = 1 if contexts is None else len(contexts)
    per_sprite = rounds * len(stands_for) * many
    together = max(1, BATCH // per_sprite)
    done: list[Tensor] = []  # each (n, rounds, K, S + 1, H, W), in bits
    for first in share_of(control, range(0, len(x0), together)):
        index = range(first, min(first + together, len(x0)))
        drawn = [_draw(seed, i, rounds, edges, x0.shape[1:]) for i in index]
        # rows in the order sprite, round, context, level
        shape = (len(index), rounds, many, len(stands_for))
        n, r, k, s = (
            part.flatten()
            for part in torch.meshgrid(*(torch.arange(size) for size in shape), indexing="ij")
        )
        t = torch.from_numpy(np.stack([times for times, _ in drawn]))[n, r, s]
        noise = torch.from_numpy(np.stack([noises for _, noises in drawn]))
        terms: list[Tensor] = []
        for rows in torch.split(torch.arange(len(n)), BATCH):
            who = n[rows] + first
            context = own[who] if contexts is None else contexts[k[rows]]
            epsilon = noise[n[rows], r[rows], s[rows]].to(x0)
            with torch.inference_mode():
                term = bound_term(
                    model.denoiser,
                    x0[who],
                    epsilon,
                    context,
                    table[t[rows]].to(x0),
                    table[t[rows] - 1].to(x0),
                    LEVELS,
                )
            terms.append(term.sum(dim=1).cpu() * stands_for[s[rows], None, None])
            finished = first * per_sprite + int(rows[-1]) + 1
            yield Progress(finished, len(x0) * per_sprite, tr("Likelihood"))
            if control.stop_requested and done:
                break
        if control.stop_requested and done:
            break
        done.append(torch.cat(terms).reshape(*shape, *x0.shape[2:]) / math.log(2))
    bits = torch.from_numpy(merged(control, [part.numpy() for part in done])).double()
    model.check_numbers(bits.numpy())
    last = x0.new_full((len(bits),), float(log_snr[-1]))
    prior = prior_term(x0[: len(bits)], model.denoiser.data_mean, last).sum(dim=1).cpu()
    prior = prior.double() / math.log(2)  # (N, H, W)
    terms_sum = bits.sum(dim=(4, 5))  # (N, rounds, K, S + 1)
    return _Estimate(
        total=(terms_sum.sum(dim=3) + prior.sum(dim=(1, 2))[:, None, None]).numpy(),
        terms=terms_sum.numpy(),
        prior=prior.sum(dim=(1, 2)).numpy(),
        decoder=terms_sum.mean(dim=1)[..., 0].numpy(),
        diffusion=terms_sum.mean(dim=1)[..., 1:].numpy(),
        stderr=terms_sum.std(dim=1).numpy() / math.sqrt(rounds),
        pixels=(bits.sum(dim=3).mean(dim=1) + prior[:, None]).float().numpy(),
        block_t=edges,
    )


def _draw(
    seed: int, sprite: int, rounds: int, edges: NDArray[np.int64], shape: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """t (rounds, S + 1), the first of them 1, and noise (rounds, S + 1, C, H, W)."""
    rng = np.random.default_rng([seed, sprite])
    t = rng.integers(edges[:-1], edges[1:], (rounds, len(edges) - 1))
    t = np.concatenate([np.ones((rounds, 1), np.int64), t], axis=1)
    return t, rng.standard_normal((*t.shape, *shape), np.float32)


def _groups(sprites: SpriteSet, count: int) -> NDArray[np.int64]:
    """The groups of the first ``count`` sprites, numbered from 0."""
    return np.unique(groups_of(sprites)[:count], return_inverse=True)[1].reshape(-1)


def model_tensors(model: Model, sprites: SpriteSet) -> tuple[Tensor, Tensor]:
    """The sprites and the contexts of their classes, as inputs of the model."""
    model.check_size(sprites.size)
    x0, _ = tensors(sprites, model.denoiser.config.channels, model.device)
    return x0, model.class_context(sprites.classes)
