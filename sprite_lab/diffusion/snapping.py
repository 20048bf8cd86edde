"""Flat colors: snapping predictions to a few colors of their own, or to given colors.

A network's prediction of a clean sprite is a mean over possible sprites, so its flat areas vary
slightly in color. Pixel art has few colors, which is enforced here.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from sprite_lab.core.pixels.oklab import CHROMA, oklab
from sprite_lab.core.sets.sprites import alpha_from_background, to_pixels
from sprite_lab.diffusion.sampler import Constraint

#: log-SNR above which predictions are snapped: sigma < 0.15, where shapes are decided.
SNAP_LOG_SNR = 3.8

#: log-SNR above which sprites of a style with few colors are limited to its colors. On 200 samples
#: of the model `real`, the Fréchet distance is 4.45 without this limit, 4.39 if it applies above
#: SNAP_LOG_SNR, and 4.28 if it applies above this level.
PALETTE_LOG_SNR = 1.0

#: Colors closer than this count as one color, in [-1, 1]^3.
_APART = 0.3

#: A pixel's influence on the color of its group falls off over this distance, so that pixels
#: between two colors influence neither.
_REACH = 0.1

#: Each of a pixel's eight neighbors makes the neighbor's color count as closer by this squared
#: distance (the Potts model); single pixels remain if they stand out.
_BOND = 0.12

_ROUNDS, _SWEEPS = 2, 1

#: A single pixel whose vivid color is farther than this from all other colors of its sprite is an
#: error of the network: every second generated sprite has some, but only one in forty drawn by
#: people.
_STRAY = 0.6

#: A single pixel that is less vivid than this (largest minus smallest channel) may be an eye or a
#: glint, and is kept.
_COLORFUL = 0.5

#: Number of main colors found in a picture to guess its background, or to replace them by those of
#: a palette.
_COLORS = 12

#: The cost of giving two touching colors of a sprite the same color of a palette: this times their
#: squared distance, for each pair of touching pixels. The distance of a pixel to its new color
#: counts once.
_MERGED = 3.0

#: Stands for no color: farther away than any pixel.
NOWHERE = 1e3


@dataclass(frozen=True)
class Snap(Constraint):
    """Limits every sprite to ``colors`` colors, including white, once noise is low.

    A fourth channel, alpha, becomes -1 or 1. ``start`` is the log-SNR above which this happens. A
    sprite whose row of ``palettes`` has colors gets the nearest of them, from PALETTE_LOG_SNR on
    unless ``start`` is above SNAP_LOG_SNR.
    """

    colors: int
    start: float = SNAP_LOG_SNR
    #: float32 (N, K, 3) in [-1, 1], padded with NOWHERE; a row of only NOWHERE = any colors
    palettes: Tensor | None = None

    def enter(self, x_t: Tensor, log_snr: float) -> Tensor:
        return x_t

    def settle(self, x0: Tensor, x_t: Tensor, log_snr: float) -> Tensor:
        if log_snr < self.start:
            early = self.start > SNAP_LOG_SNR or log_snr < PALETTE_LOG_SNR
            return x0 if early else self._in_palettes(x0, ground=True)
        clear = x0[:, 3:] < 0  # has no channel if there is no alpha
        rgb = torch.where(clear.any(dim=1, keepdim=True), 1.0, x0[:, :3])
        flat = assign(rgb, without_strays(rgb, own_colors(rgb, self.colors)))
        flat = self._in_palettes(flat, ground=False)
        flat = torch.where(clear.any(dim=1, keepdim=True), 1.0, flat)
        return torch.cat([flat, torch.where(clear, -1.0, 1.0)], dim=1)

    def _in_palettes(self, x0: Tensor, *, ground: bool) -> Tensor:
        """x0 in the nearest colors of each sprite's palette, if any; ``ground``: or in white."""
        if self.palettes is None:
            return x0
        some = (self.palettes < NOWHERE).flatten(1).any(dim=1)[:, None, None, None]
        colors = F.pad(self.palettes, (0, 0, 0, ground), value=1.0)
        rgb = x0[:, :3]
        return torch.cat([torch.where(some, _nearest(rgb, colors), rgb), x0[:, 3:]], dim=1)


@dataclass(frozen=True)
class PaletteLock(Constraint):
    """Allows only the given colors once noise is low, on a white ground found by alpha or the
    border.

    Each of a sprite's own colors is replaced by one of the palette, wherever it occurs, and colors
    that touch stay different. (Replacing pixel by pixel gave cloth and face the same color of
    skin.) With more noise, predictions are means of possible sprites, so gray that the wrong color
    would be chosen and kept.
    """

    palette: Tensor  #: float32 (colors, 3) in [-1, 1]
    opaque: bool = False  #: no ground: every pixel gets a color of the palette

    def enter(self, x_t: Tensor, log_snr: float) -> Tensor:
        return x_t

    def settle(self, x0: Tensor, x_t: Tensor, log_snr: float) -> Tensor:
        if log_snr < SNAP_LOG_SNR:
            return x0
        clear = torch.zeros_like(x0[:, :1], dtype=torch.bool) if self.opaque else ground(x0)
        rgb = torch.where(clear, 1.0, x0[:, :3])
        own = without_strays(rgb, own_colors(rgb, _COLORS))
        chosen = _chosen(rgb, own) * ~clear.flatten(2)  # (N, K, P)
        colors = self.palette[
            matched(own, chosen.view(*own.shape[:2], *rgb.shape[2:]), self.palette)
        ]
        flat = torch.where(clear, 1.0, (colors.transpose(1, 2) @ chosen).view_as(rgb))
        return torch.cat([flat, torch.where(x0[:, 3:] < 0, -1.0, 1.0)], dim=1)


def ground(x0: Tensor) -> Tensor:
    """True where a picture (N, C, H, W) is transparent, bool (N, 1, H, W): by alpha, or guessed."""
    if x0.shape[1] == 4:
        return x0[:, 3:] < 0
    flat = assign(x0, own_colors(x0, _COLORS))  # so that its white ground does not flicker
    alpha = alpha_from_background(to_pixels(flat.permute(0, 2, 3, 1).cpu().numpy()))
    return torch.from_numpy(alpha == 0).to(x0.device)[:, None]


def own_colors(rgb: Tensor, count: int) -> Tensor:
    """The main colors of each picture: white, and others at least ``_APART`` from one another.

    Each of ``_ROUNDS`` rounds of k-means moves the colors to where most pixels of their groups are.
    It starts from pixels each of which is farthest from the previous ones, so that small features
    keep their own color, and is deterministic.

    ``rgb``: float32 (N, 3, H, W) in [-1, 1].

    Returns float32 (N, count, 3); if there are fewer colors, the rest lies far outside [-1, 1].
    """
    pixels = rgb.flatten(2)  # (N, 3, P)
    n = len(pixels)
    colors = pixels.new_full((n, count, 3), NOWHERE)
    colors[:, 0] = 1.0
    nearest = (pixels - 1.0).square().sum(dim=1)  # (N, P)
    for k in range(1, count):
        distance, which = nearest.max(dim=1)
        new = pixels.gather(2, which[:, None, None].expand(n, 3, 1))  # (N, 3, 1)
        far = distance > _APART**2
        colors[:, k] = torch.where(far[:, None], new[..., 0], NOWHERE)
        away = (pixels - new).square().sum(dim=1)
        nearest = torch.where(far[:, None], torch.minimum(nearest, away), nearest)
    for _ in range(_ROUNDS):
        distance = _squared_distances(pixels, colors)  # (N, count, P)
        least, group = distance.min(dim=1, keepdim=True)
        weight = torch.zeros_like(distance).scatter_(1, group, (-least / (2 * _REACH**2)).exp())
        total = weight.sum(dim=2, keepdim=True)
        means = weight @ pixels.transpose(1, 2) / total.clamp_min(1e-6)
        colors = torch.where(total > 1e-3, means, colors)
        colors[:, 0] = 1.0
    return colors


def without_strays(rgb: Tensor, colors: Tensor) -> Tensor:
    """The colors (N, K, 3) of pictures, with NOWHERE in place of those of a single stray pixel."""
    pixels = _least(_squared_distances(rgb.flatten(2), colors)).sum(dim=2)  # (N, K)
    itself = torch.eye(colors.shape[1], device=colors.device) * NOWHERE
    apart = (torch.cdist(colors, colors) + itself).amin(dim=2)
    colorful = colors.amax(dim=2) - colors.amin(dim=2) > _COLORFUL
    stray = (pixels <= 1) & (apart > _STRAY) & colorful
    return torch.where(stray[..., None], NOWHERE, colors)


def assign(rgb: Tensor, colors: Tensor) -> Tensor:
    """Give each pixel one of its picture's ``colors`` (N, K, 3), close to its own and its
    neighbors'.

    A few sweeps of iterated conditional modes (Besag 1986) under a Potts model.
    """
    return (colors.transpose(1, 2) @ _chosen(rgb, colors)).view_as(rgb)


def matched(own: Tensor, where: Tensor, palette: Tensor) -> Tensor:
    """The index in ``palette`` of the color that replaces each ``own`` color, int64 (N, K).

    It is close in Oklab, but preferably not the one that replaces a touching color; found, as in
    :func:`assign`, by iterated conditional modes.

    ``own``: (N, K, 3). ``where``: float32 (N, K, H, W), 1 where a pixel has that own color, else 0.
    ``palette``: (C, 3).
    """
    ours, theirs = _lab(own), _lab(palette)
    size = where.sum(dim=(2, 3))  # (N, K)
    beside = torch.einsum("nkhw,nlhw->nkl", where[..., 1:], where[..., :-1])
    below = torch.einsum("nkhw,nlhw->nkl", where[..., 1:, :], where[..., :-1, :])
    touch = beside + below
    touch = touch + touch.transpose(1, 2)
    merged = _MERGED * touch * torch.cdist(ours, ours).square()  # 0 for a color and itself
    away = size[..., None] * (ours[:, :, None] - theirs).square().sum(dim=3)  # (N, K, C)
    found = away.min(dim=2).indices
    for _ in range(_ROUNDS):
        for k in range(own.shape[1]):
            cost = away[:, k].scatter_add(1, found, merged[:, k])
            found[:, k] = cost.min(dim=1).indices
    return found


def _chosen(rgb: Tensor, colors: Tensor) -> Tensor:
    """(N, K, P): 1 for the color that :func:`assign` gives each pixel, else 0."""
    n, _, height, width = rgb.shape
    distance = _squared_distances(rgb.flatten(2), colors)  # (N, K, P)
    chosen = _least(distance)
    count = distance.shape[1]
    neighbors = distance.new_ones(count, 1, 3, 3)
    neighbors[:, :, 1, 1] = 0
    for _ in range(_SWEEPS):
        around = F.conv2d(chosen.view(n, count, height, width), neighbors, padding=1, groups=count)
        chosen = _least(distance - _BOND * around.flatten(2))
    return chosen


def _lab(colors: Tensor) -> Tensor:
    """Colors (..., 3) in [-1, 1] converted to Oklab, with chroma scaled by ``CHROMA``."""
    values = (colors.clamp(-1, 1).double().cpu().numpy() + 1) * 127.5
    lab = torch.from_numpy(oklab(values.reshape(-1, 3))).to(colors)
    return lab.view(colors.shape) * lab.new_tensor([1.0, CHROMA, CHROMA])


def _nearest(rgb: Tensor, palettes: Tensor) -> Tensor:
    """The nearest color of its picture's palette (N or 1, K, 3) for every pixel."""
    chosen = _least(_squared_distances(rgb.flatten(2), palettes))
    return (palettes.transpose(1, 2) @ chosen).view_as(rgb)


def _least(cost: Tensor) -> Tensor:
    """(N, K, P): 1 for the k of least cost at each p, else 0."""
    # min, not argmin, which is several times slower along this dimension.
    return torch.zeros_like(cost).scatter_(1, cost.min(dim=1, keepdim=True).indices, 1.0)


def _squared_distances(pixels: Tensor, colors: Tensor) -> Tensor:
    """(N, 3, P) and (N, K, 3) to (N, K, P)."""
    squares = pixels.square().sum(dim=1)[:, None] + colors.square().sum(dim=2)[..., None]
    return (squares - 2 * (colors @ pixels)).clamp_min(0)
