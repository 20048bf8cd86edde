"""A network learns to prefer some pictures to others: direct preference optimization for diffusion.

Ordinary training shows a network good pictures, never its own mistakes. Here it learns from pairs
of a better and a worse picture to tell the two apart better than before
(Wallace et al. 2023, "Diffusion Model Alignment Using Direct Preference Optimization").
``self_play.py`` and ``favored_samples.py`` say where such pairs come from.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import NamedTuple

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import logsigmoid

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.ema import Ema
from sprite_lab.diffusion.loss import draw_log_snr, per_sample_loss, squared_errors
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.training.pictures import Pictures

#: How strictly the network is tied to its reference: the beta of Wallace et al., for errors that
#: are means over the pixels.
BETA = 200.0

#: Decay of the averaged weights, which are the result.
EMA_DECAY = 0.995


@dataclass(frozen=True)
class Round:
    """One round: pairs, and learning from them."""

    pairs: int
    steps: int
    learning_rate: float
    #: weight of the plain loss of drawings, relative to the preference
    plain: float
    batch_size: int = 48


class Pairs(NamedTuple):
    """Pictures, float16 (N, C, H, W), and their prompts, float16 (N, context_size)."""

    better: Tensor
    worse: Tensor
    better_context: Tensor
    worse_context: Tensor


class Drawings:
    """A set's sprites as ``model`` sees them, drawn at random as often as ``often`` (N,) says."""

    def __init__(self, model: Model, sprites: SpriteSet, often: NDArray) -> None:
        self.sprites = sprites
        channels = len(model.denoiser.data_mean)
        self._pictures = Pictures(sprites, channels, model.device, None, model.vocabulary)
        self._often = torch.from_numpy(often)

    def draw(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """x0, float32 (count, C, H, W), and contexts, float32 (count, context_size)."""
        pick = torch.multinomial(self._often, count, replacement=True, generator=generator)
        return self._pictures.x0(pick), self._pictures.context(pick)


def preferring(
    model: Model,
    pairs: Pairs,
    drawings: Drawings,
    config: TrainConfig,
    each: Round,
    generator: torch.Generator,
) -> Denoiser:
    """The denoiser trained to prefer the better pictures, averaged.

    The loss is ``-log sigmoid(beta ((e_worse - r_worse) - (e_better - r_better)))`` with the
    errors ``e`` of the denoiser and ``r`` of what it was before, at one noise level and with one
    noise for both (Wallace et al. 2023, eq. 14); 2 / beta makes its gradient that of a plain loss.
    To it is added the plain loss of ``drawings``, half as many as pairs, which preserves
    likelihood.
    """
    before = model.denoiser
    denoiser = copy.deepcopy(before).train().requires_grad_(True)
    average = Ema(denoiser, EMA_DECAY)
    optimizer = torch.optim.AdamW(
        denoiser.parameters(), each.learning_rate, betas=(0.9, config.beta2), weight_decay=0.0
    )
    count, more = each.batch_size, each.batch_size // 2

    def kept(contexts: Tensor) -> Tensor:
        return contexts * (
            torch.rand(len(contexts), 1, generator=generator) >= config.label_dropout
        )

    for step in range(each.steps):
        # Full speed after 50 steps, down to a twentieth in the second half.
        share = min(1.0, (step + 1) / 50, max(0.05, 2 * (1 - step / each.steps)))
        optimizer.param_groups[0]["lr"] = each.learning_rate * share
        pick = torch.randint(len(pairs.better), (count,), generator=generator)
        better, worse, *contexts = (part[pick].float() for part in pairs)
        log_snr = draw_log_snr(config, model.schedule, count, generator)
        epsilon = torch.randn(better.shape, generator=generator)
        paired = (
            torch.cat([better, worse]),
            torch.cat([epsilon, epsilon]),
            torch.cat([log_snr, log_snr]),
            kept(torch.cat(contexts, dim=1)).view(count, 2, -1).transpose(0, 1).flatten(0, 1),
        )
        with torch.no_grad():
            reference = per_sample_loss(squared_errors(before, *paired))
        x0, context = drawings.draw(more, generator)
        plain = (
            x0,
            torch.randn(x0.shape, generator=generator),
            draw_log_snr(config, model.schedule, more, generator),
            kept(context),
        )
        both = (torch.cat(parts) for parts in zip(paired, plain, strict=True))
        error = per_sample_loss(squared_errors(denoiser, *both))
        of_better, of_worse = (error[: 2 * count] - reference).split(count)
        preference = -logsigmoid(BETA * (of_worse - of_better)).mean() * 2 / BETA
        loss = preference + each.plain * error[2 * count :].mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(denoiser.parameters(), config.max_grad_norm or 1.0)
        optimizer.step()
        average.update(step + 1)
    return average.module
