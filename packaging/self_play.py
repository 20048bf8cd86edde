"""Self-play: human drawings are preferred to the model's own for the same prompt.

Each drawing is paired with a sample of the model for the drawing's class, words and style (Yuan et
al. 2024), and the network learns to prefer the drawing (``preference.py``). The resulting network
draws the samples of the next round.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from preference import Drawings, Pairs, Round, preferring
from torch import Tensor

from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.diffusion.consistency import between
from sprite_lab.diffusion.guidance import Guidance
from sprite_lab.diffusion.methods import dpmpp_2m
from sprite_lab.diffusion.parameterization import level, q_sample
from sprite_lab.diffusion.sampler import walk
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling.recorded import looking
from sprite_lab.engine.training.training_data import parts_kept

#: Evaluations of a sample, and samples drawn at a time.
LEVELS, AT_ONCE = 12, 64

#: The share of drawings with their whole prompt; the others get parts of it.
WHOLE_PROMPTS = 0.7


def self_play(
    model: Model,
    drawings: Drawings,
    config: TrainConfig,
    rounds: tuple[Round, ...],
) -> Iterator[Model]:
    """The model after each round, its weights averaged over the last steps.

    Half of a round's pairs are drawn without guidance. ``config``: at which noise levels it learns.
    """
    for number, each in enumerate(rounds):
        generator = torch.Generator().manual_seed(number)
        halves = [
            drawn_pairs(model, drawings, each.pairs // 2, guided, generator)
            for guided in (False, True)
        ]
        pairs = Pairs._make(torch.cat(both) for both in zip(*halves, strict=True))
        denoiser = preferring(model, pairs, drawings, config, each, generator)
        model = replace(model, denoiser=denoiser)
        yield model


def drawn_pairs(
    model: Model, drawings: Drawings, count: int, guided: bool, generator: torch.Generator
) -> Pairs:
    """Drawings, and for each the model's sample of its prompt."""
    mean = model.denoiser.data_mean
    levels = between(*model.schedule.trained_range, np.arange(LEVELS) / LEVELS).tolist()
    first = level(torch.tensor(levels[:1], dtype=torch.float32))
    found = []
    for _ in range(-(-count // AT_ONCE)):
        x0, context = drawings.draw(AT_ONCE, generator)
        whole = torch.rand(AT_ONCE, 1, generator=generator) < WHOLE_PROMPTS
        context = context * (parts_kept(model.vocabulary, AT_ONCE, generator) | whole)
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
        found.append((x0.half(), last.x0.half(), context.half(), context.half()))
    return Pairs._make(torch.cat(parts) for parts in zip(*found, strict=True))


def _no_noise() -> Tensor:
    raise AssertionError("the ODE takes none")
