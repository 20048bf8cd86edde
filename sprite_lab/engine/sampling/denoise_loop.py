"""Sprites drawn as one batch: their noise, their conditions, and the loop over the levels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.config import CLEAN_LOG_SNR, SampleConfig, SpacingName
from sprite_lab.core.sets.sprites import to_model_space
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.core.trajectories.levels import alpha_std_at
from sprite_lab.core.trajectories.noise import noises
from sprite_lab.diffusion.consistency import student_levels
from sprite_lab.diffusion.constraints import conditioned, seamless, seeing
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.guidance import Guidance
from sprite_lab.diffusion.methods import method
from sprite_lab.diffusion.parameterization import epsilon_from_x0, q_sample
from sprite_lab.diffusion.sampler import Churn, Denoise, Point, evaluator, walk
from sprite_lab.diffusion.snapping import NOWHERE
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling.constraints import constraints_for, drawing_for, finished, hold
from sprite_lab.engine.sampling.recorded import looking


@dataclass(frozen=True)
class Row:
    """One sprite to draw."""

    index: int
    config: SampleConfig
    drawing: NDArray[np.float32] | None  # (C, H, W) in [-1, 1]

    @property
    def inpaints(self) -> bool:
        return self.config.strength() is not None

    def prompt(self, model: Model) -> Prompt:
        """The sprite's prompt."""
        config = self.config
        asked = Prompt(config.mix_of(self.index), config.words, config.style)
        if not config.deal_prompts or config.words or config.drawing is not None:
            return asked
        return model.deck.dealt(asked, config.seed, self.index)


@dataclass(frozen=True, eq=False)
class Start:
    """The initial state of a trajectory that does not begin at pure noise."""

    x_t: Tensor  #: float32 (N, C, H, W) at the first level
    #: the prediction there, of the same shape; None = the model predicts it
    x0: Tensor | None
    drawn: int  #: number of noise pictures that each sprite has already used; see :class:`Used`
    noisiest: float  #: the log-SNR at which the whole trajectory began
    evaluated: int = 0  #: number of evaluations before the one at the first level

    def of(self, rows: Sequence[int]) -> Start:
        """The start for some of the sprites."""
        index = torch.as_tensor(rows)
        x0 = None if self.x0 is None else self.x0[index]
        return replace(self, x_t=self.x_t[index], x0=x0)

    def to(self, device: torch.device) -> Start:
        x0 = None if self.x0 is None else self.x0.to(device)
        return replace(self, x_t=self.x_t.to(device), x0=x0)


def rows_of(config: SampleConfig, model: Model) -> list[Row]:
    """The sprites of a configuration, in order; ConfigError if its drawing does not fit."""
    drawing = drawing_for(config, model)
    return [Row(i, config, drawing) for i in config.indices]


def levels_of(
    model: Model,
    sampler: str | None,
    steps: int,
    start_t: float | None,
    spacing: SpacingName = "shape",
) -> NDArray[np.float64]:
    """The t to visit, in descending order."""
    if sampler != "student":
        return model.schedule.levels(steps, start_t, spacing)
    start = float(model.schedule.log_snr(model.timesteps if start_t is None else start_t))
    return model.schedule.t_of(student_levels(start, model.schedule.trained_range, steps))


def planned(model: Model, settings: SampleConfig) -> list[float]:
    """The log-SNRs visited with resolved settings, in ascending order."""
    assert settings.steps is not None
    levels = levels_of(model, settings.sampler, settings.steps, settings.start_t, settings.spacing)
    return [float(level) for level in model.schedule.log_snr(levels)]


def guides(model: Model, rows: Sequence[Row]) -> bool:
    """Whether any sprite is guided by two predictions."""
    return not model.is_student and any(
        row.config.guidance_scale != 1
        and (row.prompt(model) != Prompt() or row.config.negative_class)
        for row in rows
    )


def walk_rows(
    model: Model,
    rows: list[Row],
    config: SampleConfig,
    log_snrs: Sequence[float],
    start: Start | None = None,
) -> Iterator[Point]:
    """Draw a batch of sprites; yields a Point for each level, and one for the clean end.

    Clone the tensors before writing to them: they may come from inference mode.
    """
    device, size, channels = model.device, model.image_size, model.denoiser.config.channels
    sources = [noises(row.config, row.index, (channels, size, size)) for row in rows]

    def noise() -> Tensor:
        return torch.from_numpy(np.stack([next(source) for source in sources])).to(device)

    guidance = guidance_of(model, rows, config)
    denoise = looking(model.denoiser, guidance, bf16=config.precision == "bf16")

    # If the schedule leaves signal at T, x_T is centered on the mean sprite, not on gray.
    alpha, std = strengths(log_snrs[0])
    x = q_sample(model.denoiser.data_mean, noise(), alpha, std)
    held = None
    drawings = [row.drawing for row in rows if row.drawing is not None]
    if drawings:
        drawing, epsilon = torch.from_numpy(np.stack(drawings)).to(device), noise()
        if config.start_t is not None:
            x = q_sample(drawing, epsilon, alpha, std)
        held = hold([row.config for row in rows], model, drawing, epsilon, log_snrs[-1])
    constraints = constraints_for(
        config, held, device, log_snrs[-1], palettes=_palettes(model, rows)
    )
    evaluated = 0 if start is None else start.evaluated
    look = seamless(denoise, evaluated) if config.tile else denoise
    derives = held is not None and held.known and not model.sees_kept
    if held is not None and held.known:
        look = conditioned(look, held) if derives else seeing(look, held)
    look = _without_gradients(look, torch.no_grad if derives else torch.inference_mode)
    begin: Tensor | Point = x
    if start is not None:
        start = start.to(device)
        x, x0 = start.x_t, start.x0
        if x0 is None:
            begin = evaluator(look, constraints)(x, log_snrs[0])
        else:
            begin = Point(x, x0, epsilon_from_x0(x, x0, alpha, std), log_snrs[0])
        for _ in range(start.drawn):
            noise()
    for point in walk(
        look,
        begin,
        log_snrs,
        method(config),
        noise,
        constraints=constraints,
        churn=replace(
            _churn(config, inpaints=rows[0].inpaints),
            noisiest=None if start is None else start.noisiest,
        ),
    ):
        yield point
    x0 = finished(point.x0, point.log_snr, constraints)
    yield Point(x0, x0, torch.zeros_like(x0), CLEAN_LOG_SNR, x0_free=point.x0_free)


class Used(NamedTuple):
    """The noise pictures (besides those of x_T and the drawing) and evaluations used so far."""

    noise: int
    evaluations: int


def used_until(config: SampleConfig, log_snrs: Sequence[float], k: int) -> Used:
    """The noise and evaluations that a sprite has used when level ``k`` has been evaluated.

    Found by running the loop with nothing to draw, so it holds for every sampler.
    """
    drawn = evaluations = 0
    blank = torch.zeros(1, 1, 1, 1)

    def noise() -> Tensor:
        nonlocal drawn
        drawn += 1
        return blank

    def look(x_t: Tensor, log_snr: float) -> DenoiserOutput:
        nonlocal evaluations
        evaluations += 1
        return DenoiserOutput(blank, blank)

    points = walk(
        look,
        blank,
        log_snrs,
        method(config),
        noise,
        churn=_churn(config, inpaints=config.strength() is not None),
    )
    for _ in islice(points, k + 1):
        pass
    return Used(drawn, evaluations)


def _without_gradients(look: Denoise, mode: type[torch.no_grad | torch.inference_mode]) -> Denoise:
    """``look`` without gradients, except where code inside enables them."""

    def asked(x_t: Tensor, log_snr: float) -> DenoiserOutput:
        with mode():
            return look(x_t, log_snr)

    return asked


def _churn(config: SampleConfig, *, inpaints: bool) -> Churn:
    """The noise to add, for churn and for repeated steps."""
    back = inpaints and config.inpainting == "repaint"
    return Churn(config.own_churn, visits=config.visits if back else 1)


def _palettes(model: Model, rows: Sequence[Row]) -> Tensor | None:
    """The palettes of the requested styles, for :class:`Snap`; None if none has one."""
    found = [
        model.vocabulary.palette(row.prompt(model).style if row.config.style_colors else "")
        for row in rows
    ]
    most = max(map(len, found))
    if not most:
        return None
    palettes = np.full((len(rows), most, 3), NOWHERE, np.float32)
    for row, palette in zip(palettes, found, strict=True):
        row[: len(palette)] = to_model_space(palette)
    return torch.from_numpy(palettes).to(model.device)


def guidance_of(model: Model, rows: list[Row], config: SampleConfig) -> Guidance:
    interval = (-np.inf, model.guided_below)
    if config.guidance_interval is not None:
        cleanest, noisiest = model.schedule.log_snr(config.guidance_interval)
        interval = (float(noisiest), float(cleanest))
    negative = [Prompt.of_class(row.config.negative_class) for row in rows]
    return Guidance(
        context=model.context([row.prompt(model) for row in rows]),
        scale=torch.tensor([float(row.config.guidance_scale) for row in rows], device=model.device),
        negative=model.context(negative),
        interval=interval,
        weak=model.weak,
        autoguidance=config.autoguidance,
    )


def strengths(log_snr: float) -> tuple[Tensor, Tensor]:
    """Alpha and noise_std at a level."""
    alpha, std = alpha_std_at(log_snr)
    return torch.tensor(alpha), torch.tensor(std)
