"""Teaches a model of characters to draw cells beside others that it sees without noise.

RePaint and the posterior's mean (diffusion/constraints.py) add kept pixels to a model that was not
trained with them; over four cells that loses the character. Here the network learns E[x_0 | x_t,
kept pixels] itself: in training, some pixels of its input are those of the sprite, without noise,
and only the others count (as in Palette, Saharia et al. 2022, but without another channel: pixels
without noise are recognizable by themselves).
"""

from __future__ import annotations

import copy

import torch
from preference import EMA_DECAY
from torch import Tensor

from sprite_lab.core.config import TrainConfig
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.ema import Ema
from sprite_lab.diffusion.parameterization import level, q_sample, target
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.training.training_data import TrainingData

#: Shares of pictures in which nothing is shown, one cell, two, and the upper part of all cells
#: beside two whole ones, as in a walk where only the legs are drawn.
NOTHING, ONE, TWO = 0.2, 0.4, 0.15

#: The share of pictures with only their class: most drawings have no known style.
CLASS_ALONE = 0.5

#: Rows of a cell's upper part, as a share of its height: legs take the rest.
UPPER = (0.5, 0.8)


def taught_given(model: Model, data: TrainingData, config: TrainConfig, steps: int) -> Denoiser:
    """The denoiser after this training, averaged over the last steps."""
    generator = torch.Generator().manual_seed(0)
    denoiser = copy.deepcopy(model.denoiser).train().requires_grad_(True)
    average = Ema(denoiser, EMA_DECAY)
    optimizer = torch.optim.AdamW(
        denoiser.parameters(), config.learning_rate, betas=(0.9, config.beta2), weight_decay=0.0
    )
    classes = len(model.class_names)
    for step in range(steps):
        share = min(1.0, (step + 1) / 50, max(0.02, 1 - step / steps))
        optimizer.param_groups[0]["lr"] = config.learning_rate * share
        batch = data.batch(step)
        context = batch.context.clone()
        alone = torch.rand(len(context), generator=generator) < CLASS_ALONE
        context[alone, classes:] = 0.0
        alpha, std = level(batch.log_snr)
        shown = shown_pixels(len(batch.x0), batch.x0.shape[2], generator)
        x_t = torch.where(shown, batch.x0, q_sample(batch.x0, batch.epsilon, alpha, std))
        wanted = target(denoiser.prediction_type, batch.x0, batch.epsilon, alpha, std)
        error = (denoiser.predict(x_t, batch.log_snr, context) - wanted).square()
        hidden = (~shown).float().expand_as(error)
        loss = (error * hidden).sum() / hidden.sum()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(denoiser.parameters(), config.max_grad_norm or 1.0)
        optimizer.step()
        average.update(step + 1)
        if step % 100 == 0:
            print(f"step {step}: {loss.item():.4f}", flush=True)
    return average.module


def shown_pixels(count: int, side: int, generator: torch.Generator) -> Tensor:
    """Which pixels of pictures of 2x2 cells are shown, bool (count, 1, side, side)."""
    half = side // 2
    kind = torch.rand(count, generator=generator)
    order = torch.rand(count, 4, generator=generator).argsort(dim=1)
    low, high = UPPER
    rows = half * (low + (high - low) * torch.rand(count, generator=generator))
    shown = torch.zeros(count, 2, half, 2, half, dtype=torch.bool)
    for picture in range(count):
        cells = order[picture].tolist()
        if kind[picture] < NOTHING:
            continue
        if kind[picture] < NOTHING + ONE:
            # The front comes first, and most drawings are seen from there.
            whole = [0] if cells[1] > 0 else cells[:1]
        elif kind[picture] < NOTHING + ONE + TWO:
            whole = cells[:2]
        else:
            whole = [0, 2]
            shown[picture, :, : int(rows[picture])] = True
        for cell in whole:
            shown[picture, cell // 2, :, cell % 2] = True
    return shown.view(count, 1, side, side)
