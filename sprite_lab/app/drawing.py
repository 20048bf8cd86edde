"""From cells to the configurations that generate them, and from the result back to cells."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.cells import Cell
from sprite_lab.core.config import DEFAULT_SAMPLER, SampleConfig, SamplerName
from sprite_lab.core.trajectory import Trajectory

#: What a cell is generated from: its class alone, its drawing noised part of the way and
#: denoised (SDEdit), or the pixels it keeps (inpainting).
Source = Literal["class", "drawing", "inpaint"]


@dataclass(frozen=True)
class DrawSettings:
    """What all cells of one generation share.

    Parameters
    ----------
    steps : noise levels visited; None = the sampler's own number.
    guidance_scale : 1 = no guidance.
    start_t : noise level that drawings are noised to, 1 to T; for "drawing" only.
    colors : the most colours of a sprite; 0 = any number.
    """

    sampler: SamplerName = DEFAULT_SAMPLER
    steps: int | None = None
    guidance_scale: float = 2.0
    start_t: int = 250
    colors: int = SampleConfig.colors


def suits(cell: Cell, source: Source) -> bool:
    """Whether the cell has what it would be generated from."""
    if source == "drawing":
        return not cell.is_blank
    if source == "inpaint":
        return cell.known_mask is not None
    return True


def config_for(
    cell: Cell, source: Source, settings: DrawSettings, class_names: Collection[str]
) -> SampleConfig:
    """The configuration that generates one cell.

    ``class_names`` are those that the model knows; a cell of another class becomes any.
    """
    known = cell.class_name is not None and cell.class_name in class_names
    return SampleConfig(
        count=1,
        seed=cell.seed,
        sampler=settings.sampler,
        steps=settings.steps,
        classes=(cell.class_name,) if known and cell.class_name is not None else (),
        guidance_scale=settings.guidance_scale,
        start_t=settings.start_t if source == "drawing" else None,
        drawing=None if source == "class" else cell.pixels,
        known_mask=cell.known_mask if source == "inpaint" else None,
        colors=settings.colors,
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
