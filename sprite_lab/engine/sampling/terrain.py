"""Terrain: the sixteen tiles of two grounds, drawn as one map so that edges match."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.pixels.tile_sets import ACROSS, cut, second_share, shared_pixels
from sprite_lab.core.records import Preview, Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.core.trajectories.noise import noises
from sprite_lab.diffusion.constraints import Hold, Shared, joined, windows
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.methods import method
from sprite_lab.diffusion.parameterization import epsilon_from_x0, q_sample
from sprite_lab.diffusion.sampler import Denoise, walk
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling.constraints import constraints_for, drawing_for, finished
from sprite_lab.engine.sampling.denoise_loop import Row, guidance_of, planned, strengths
from sprite_lab.engine.sampling.recorded import looking
from sprite_lab.engine.sampling.reverse import resolved
from sprite_lab.words import tr

#: The drawing of a ground is kept where the ground's share is larger than this.
_KEPT = 0.75


@dataclass(frozen=True, eq=False)
class Terrain:
    """A tile set of two grounds."""

    tiles: NDArray[np.uint8]  #: uint8 (16, H, W, 4), opaque, in the order of ``tile_sets.CODES``
    prompts: tuple[Prompt, Prompt]  #: of each ground
    whole: bool  #: False = stopped before all noise was removed


def terrain_iter(
    model: Model, grounds: tuple[SampleConfig, SampleConfig], control: RunControl
) -> Run[Terrain]:
    """Draw a tile set between two grounds.

    All tiles form one map that wraps around and contains each tile once. At every evaluation the
    map is cut into overlapping pictures of the model's size, and their predictions are averaged
    (MultiDiffusion, Bar-Tal et al. 2023). In the area of each ground, the prediction for its prompt
    is used. Pixels near an edge are shared by all tiles with that edge, so any two matching tiles
    meet exactly as they do in the map.

    The noise is that of the first ground's seed. If the grounds start from drawings, each is
    repeated over its part of the map. The drawing stays, except near the other ground, where it is
    noised and redrawn (SDEdit). If the drawings have few colors, the tiles use only these, because
    slightly different colors would be visible beside them.

    Yields Progress, and a Preview of the tiles whenever one is wanted. Raises the errors of
    :func:`~sprite_lab.engine.sampling.reverse.sample_iter`.
    """
    settings = replace(resolved(grounds, model), symmetric=False, keep_alpha=False)
    settings = replace(settings, palette=_few_colors(grounds) or settings.palette)
    log_snrs = planned(model, settings)
    rows = [Row(0, ground, drawing_for(ground, model)) for ground in grounds]
    device, side, channels = model.device, model.image_size, model.denoiser.config.channels
    source = noises(settings, 0, (channels, ACROSS * side, ACROSS * side))

    def noise() -> Tensor:
        return torch.from_numpy(next(source)[None]).to(device)

    share = torch.from_numpy(second_share(side)).to(device)[None, None]
    # Like a single sprite, the map starts around the mean sprite if the schedule leaves signal at
    # T.
    epsilon, held = noise(), None
    mean = model.denoiser.data_mean.repeat(1, ACROSS, ACROSS)
    x = q_sample(mean, epsilon, *strengths(log_snrs[0]))
    if settings.start_t is not None:
        laid = [
            torch.from_numpy(np.tile(row.drawing, (1, ACROSS, ACROSS))).to(device)
            for row in rows
            if row.drawing is not None
        ]
        sketch = torch.where(share > 0.5, laid[1], laid[0])
        solid = torch.from_numpy(_solid(grounds)).to(device)
        kept = torch.where(share > 0.5, solid[1], solid[0]) & ((share - 0.5).abs() > _KEPT - 0.5)
        held = Hold(sketch, epsilon, torch.where(kept, torch.inf, -torch.inf).expand_as(sketch))
        x = q_sample(sketch, epsilon, *strengths(log_snrs[0]))
    place = torch.from_numpy(shared_pixels(side)).to(device)
    # A pixel's color depends on its neighbors, so the shared pixels must be made equal again.
    constraints = [
        Shared(place),
        *constraints_for(settings, held, device, log_snrs[-1], opaque=True),
        Shared(place, mean=False),
    ]
    if channels == 4:  # opaque everywhere
        drawing, release = torch.ones_like(x), torch.full_like(x, -np.inf)
        release[:, 3] = np.inf
        constraints = [Hold(drawing, noise(), release), *constraints]
    prompts = rows[0].prompt(model), rows[1].prompt(model)
    look = torch.inference_mode()(_looking(model, rows, settings, share))
    points = walk(look, x, log_snrs, method(settings), noise, constraints=constraints)
    last = len(log_snrs)
    for k, point in enumerate(points, start=1):
        yield Progress(k, last, tr("Drawing the tiles"))
        if control.take_preview_credit():
            tiles = _tiles(point.x0, side)
            yield Preview(k, tiles[..., :3], tiles[..., 3])
        if control.stop_requested:
            break
    x0 = finished(point.x0, point.log_snr, constraints)
    return Terrain(_tiles(x0, side), prompts, k == last)


def _looking(model: Model, rows: list[Row], settings: SampleConfig, share: Tensor) -> Denoise:
    """The denoiser of the whole map, which blends overlapping pictures of both grounds."""
    side, device = model.image_size, model.device
    one = rows[0].prompt(model) == rows[1].prompt(model)
    weights = [torch.ones_like(share)] if one else [1 - share, share]
    rng = np.random.default_rng(0)

    def look(x_t: Tensor, log_snr: float) -> DenoiserOutput:
        down, right = (int(v) for v in rng.integers(0, side, 2))
        half = side // 2
        moves = [(down + y, right + x) for y in (0, half) for x in (0, half)]
        pictures = windows(x_t, side, moves)
        x0, total = torch.zeros_like(x_t), torch.zeros_like(share)
        for row, weight in zip(rows, weights, strict=False):
            of_map = windows(weight, side, moves)
            there = of_map.amax(dim=(1, 2, 3)) > 0
            guidance = guidance_of(model, [row] * int(there.sum()), settings)
            denoise = looking(model.denoiser, guidance, bf16=settings.precision == "bf16")
            found = denoise(pictures[there], log_snr).x0
            cut_x0 = torch.zeros_like(pictures)
            cut_x0[there] = found * of_map[there]
            x0 += joined(cut_x0, x_t.shape, moves)
            total += joined(of_map, share.shape, moves)
        x0 = x0 / total
        alpha, std = (value.to(device) for value in strengths(log_snr))
        return DenoiserOutput(x0, epsilon_from_x0(x_t, x0, alpha, std))

    return look


def _few_colors(grounds: tuple[SampleConfig, SampleConfig]) -> bytes | None:
    """The colors of both drawings; None without drawings, or if they have too many colors."""
    drawings = [rgba for ground in grounds if (rgba := ground.drawing_rgba()) is not None]
    drawn = [rgba[rgba[..., 3] > 0][:, :3] for rgba in drawings]
    colors = np.unique(np.concatenate([np.zeros((0, 3), np.uint8), *drawn]), axis=0)
    return colors.tobytes() if 0 < len(colors) <= sum(g.colors for g in grounds) else None


def _solid(grounds: tuple[SampleConfig, SampleConfig]) -> NDArray[np.bool_]:
    """Which pixels of the map the drawing of each ground fills, bool (2, 4 side, 4 side)."""
    drawings = [ground.drawing_rgba() for ground in grounds]
    return np.stack(
        [np.tile(rgba[..., 3] > 0, (ACROSS, ACROSS)) for rgba in drawings if rgba is not None]
    )


def _tiles(x0: Tensor, side: int) -> NDArray[np.uint8]:
    """uint8 (16, side, side, 4), opaque."""
    pixels = to_pixels(x0[0, :3].permute(1, 2, 0).float().cpu().numpy())
    tiles = cut(np.pad(pixels, ((0, 0), (0, 0), (0, 1)), constant_values=255), side)
    tiles.flags.writeable = False
    return tiles
