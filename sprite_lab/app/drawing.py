"""From cells to the configurations that generate them, and from the result back to cells."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.cells import Cell, Colour
from sprite_lab.core.config import DEFAULT_SAMPLER, SampleConfig, SamplerName
from sprite_lab.core.trajectory import Trajectory


@dataclass(frozen=True)
class DrawSettings:
    """What all cells of one generation share.

    Parameters
    ----------
    steps : noise levels visited; None = the sampler's own number.
    colors : the most colours of a sprite; 0 = any number.
    """

    sampler: SamplerName | None = DEFAULT_SAMPLER
    steps: int | None = None
    colors: int = SampleConfig.colors


def config_for(
    cell: Cell,
    settings: DrawSettings,
    class_names: Collection[str],
    timesteps: int,
    palette: Sequence[Colour] = (),
) -> SampleConfig:
    """The configuration that generates one cell: all that its conditions ask for.

    Parameters
    ----------
    class_names : those that the model knows; classes of a cell that it does not are left out.
    timesteps : the model's T.
    palette : of the project, for cells that are locked to it.
    """
    asked = cell.conditions
    mix = tuple(pair for pair in asked.class_mix if pair[0] in class_names)
    one = mix[0][0] if len(mix) == 1 and mix[0][1] == 1 else None
    starts = asked.strength is not None and not cell.is_blank
    draws = starts or cell.redraw_strength is not None or asked.keep_alpha
    low, high = asked.guidance_interval
    colours = {colour[:3] for colour in palette if colour[3]}
    return SampleConfig(
        count=1,
        seed=asked.seed,
        sampler=settings.sampler,
        steps=settings.steps,
        classes=() if one is None else (one,),
        class_mix=() if one else mix,
        negative_class=asked.negative_class if asked.negative_class in class_names else None,
        guidance_scale=asked.guidance_scale,
        guidance_interval=None if (low, high) == (0, 1) else (low * timesteps, high * timesteps),
        start_t=max(1, round((asked.strength or 0) * timesteps)) if starts else None,
        drawing=cell.pixels if draws else None,
        redraw_strength=cell.redraw_strength,
        keep_alpha=asked.keep_alpha,
        colors=settings.colors,
        palette=bytes(v for colour in sorted(colours) for v in colour)
        if asked.lock_palette and colours
        else None,
        symmetric=asked.symmetric,
        tile=asked.tile,
    )


def finished_cells(
    before: Sequence[Cell], configs: Sequence[SampleConfig], trajectory: Trajectory
) -> list[Cell]:
    """The cells with what was generated for them; kept pixels stay byte for byte.

    Models draw on a white ground, which becomes transparent again.
    """
    return [
        _finished(cell, config, rgba)
        for cell, config, rgba in zip(before, configs, trajectory.rgba(), strict=True)
    ]


def _finished(cell: Cell, config: SampleConfig, rgba: NDArray[np.uint8]) -> Cell:
    rgba[rgba[..., 3] == 0] = 0
    known, drawing = config.known(), config.drawing_rgba()
    if known is not None and drawing is not None:
        rgba[known] = drawing[known]
    return replace(cell, pixels=rgba.tobytes(), made_by=config)
