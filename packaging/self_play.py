"""Self-play: human drawings are preferred to the model's own for the same prompt.

In ordinary training a network learns to do right by drawings alone, never what it does wrong
itself. Here each drawing is paired with a sample of the model that was asked for the drawing's
class, words and style, and the network learns to tell the two apart better than it could before:
self-play for diffusion (Yuan et al. 2024), with the loss of preferences (Wallace et al. 2023). The
next round's samples are those of the network that came out of the last.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import logsigmoid

from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.diffusion.consistency import between
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.ema import Ema
from sprite_lab.diffusion.guidance import Guidance
from sprite_lab.diffusion.loss import draw_log_snr, per_sample_loss
from sprite_lab.diffusion.methods import dpmpp_2m
from sprite_lab.diffusion.parameterization import level, q_sample
from sprite_lab.diffusion.sampler import walk
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling.recorded import looking
from sprite_lab.engine.training.pictures import Pictures
from sprite_lab.engine.training.training_data import parts_kept

#: Evaluations of a sample, and samples drawn at a time.
LEVELS, AT_ONCE = 12, 64

#: The share of drawings with their whole prompt; the others get parts of it.
WHOLE_PROMPTS = 0.7

#: How strictly the network is tied to its reference: the beta of Wallace et al., for errors that
#: are means over the pixels.
BETA = 200.0

#: Decay of the averaged weights, which are the result.
EMA_DECAY = 0.995


@dataclass(frozen=True)
class Round:
    """One round: pairs drawn, half of them without guidance, and learning from them."""

    pairs: int
    steps: int
    learning_rate: float
    #: weight of the plain loss of drawings, relative to the preference
    plain: float
    batch_size: int = 48


class Pairs(NamedTuple):
    """Drawings and samples, float16 (N, C, H, W), and their prompts, (N, context_size)."""

    drawn: Tensor
    sampled: Tensor
    context: Tensor


def self_play(
    model: Model,
    drawings: SpriteSet,
    often: NDArray[np.float64],
    config: TrainConfig,
    rounds: tuple[Round, ...],
    seed: int = 0,
) -> Iterator[Model]:
    """The model after each round, its weights averaged over the last steps.

    ``often`` (N,): how often each drawing is seen. ``config``: at which noise levels it learns.
    """
    for number, each in enumerate(rounds):
        generator = torch.Generator().manual_seed(seed + number)
        halves = [
            drawn_pairs(model, drawings, often, each.pairs // 2, guided, generator)
            for guided in (False, True)
        ]
        pairs = Pairs._make(torch.cat(both) for both in zip(*halves, strict=True))
        denoiser = preferring(model, pairs, config, each, generator)
        model = replace(model, denoiser=denoiser)
        yield model


def drawn_pairs(
    model: Model,
    drawings: SpriteSet,
    often: NDArray[np.float64],
    count: int,
    guided: bool,
    generator: torch.Generator,
) -> Pairs:
    """Drawings, and for each the model's sample of its prompt."""
    mean = model.denoiser.data_mean
    pictures = Pictures(drawings, len(mean), model.device, None, model.vocabulary)
    weights = torch.from_numpy(often)
    levels = between(*model.schedule.trained_range, np.arange(LEVELS) / LEVELS).tolist()
    first = level(torch.tensor(levels[:1], dtype=torch.float32))
    found = []
    for _ in range(-(-count // AT_ONCE)):
        pick = torch.multinomial(weights, AT_ONCE, replacement=True, generator=generator)
        whole = torch.rand(AT_ONCE, 1, generator=generator) < WHOLE_PROMPTS
        kept = parts_kept(model.vocabulary, AT_ONCE, generator) | whole
        context = pictures.context(pick) * kept
        guidance = Guidance(
            context,
            torch.full((AT_ONCE,), SampleConfig.guidance_scale if guided else 1.0),
            torch.zeros_like(context),
            interval=(-math.inf, model.guided_below),
            weak=model.weak if guided else None,
            autoguidance=SampleConfig.autoguidance,
        )
        noise = torch.randn((AT_ONCE, *mean.shape), generator=generator)
        look = torch.inference_mode()(looking(model.denoiser, guidance, bf16=False))
        *_, last = walk(look, q_sample(mean, noise, *first), levels, dpmpp_2m, _no_noise)
        found.append((pictures.x0(pick).half(), last.x0.half(), context.half()))
    return Pairs._make(torch.cat(parts) for parts in zip(*found, strict=True))


def _no_noise() -> Tensor:
    raise AssertionError("the ODE takes none")


def preferring(
    model: Model, pairs: Pairs, config: TrainConfig, each: Round, generator: torch.Generator
) -> Denoiser:
    """The denoiser trained to prefer drawings, averaged.

    The loss is ``-log sigmoid(beta ((e_sampled - r_sampled) - (e_drawn - r_drawn)))`` with the
    errors ``e`` of the denoiser and ``r`` of what it was before, at one noise level and with one
    noise for both (Wallace et al. 2023, eq. 14); 2 / beta makes its gradient that of a plain loss.
    """
    before = model.denoiser
    denoiser = copy.deepcopy(before).train().requires_grad_(True)
    average = Ema(denoiser, EMA_DECAY)
    optimizer = torch.optim.AdamW(
        denoiser.parameters(), each.learning_rate, betas=(0.9, config.beta2), weight_decay=0.0
    )
    count = each.batch_size
    for step in range(each.steps):
        # Full speed after 50 steps, down to a twentieth in the second half.
        share = min(1.0, (step + 1) / 50, max(0.05, 2 * (1 - step / each.steps)))
        optimizer.param_groups[0]["lr"] = each.learning_rate * share
        pick = torch.randint(len(pairs.drawn), (count,), generator=generator)
        drawn, sampled, context = (part[pick].float() for part in pairs)
        context = context * (torch.rand(count, 1, generator=generator) >= config.label_dropout)
        log_snr = draw_log_snr(config, model.schedule, count, generator)
        epsilon = torch.randn(drawn.shape, generator=generator)
        batch = (
            torch.cat([drawn, sampled]), *(torch.cat([x, x]) for x in (epsilon, log_snr, context))
        )  # fmt: skip
        with torch.no_grad():
            reference = per_sample_loss(before, *batch)
        error = per_sample_loss(denoiser, *batch)
        change = error - reference
        of_drawn, of_sampled = change[:count], change[count:]
        preference = -logsigmoid(BETA * (of_sampled - of_drawn)).mean() * 2 / BETA
        loss = preference + each.plain * error[:count].mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(denoiser.parameters(), config.max_grad_norm or 1.0)
        optimizer.step()
        average.update(step + 1)
    return average.module
