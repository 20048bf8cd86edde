"""Augmentation that does not leak into samples, because it is an input of the network.

Karras et al. 2020 and 2022 (appendix F.2). Mirroring, shifting within the transparent margin and
swapping color channels only reorder the numbers of a picture: nothing is resampled or cropped,
white stays white, gray stays gray and flat colors stay flat.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations, product
from typing import NamedTuple

import torch
from torch import Tensor

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.results.neighbors import Augmentation

#: The largest shift, in pixels.
MAX_SHIFT = 3

#: Orders of red, green and blue; the first changes nothing.
COLOR_ORDERS = tuple(permutations(range(3)))

#: Labels of an augmentation, an input of the network: mirrored, shift across and down (1 = the
#: largest), color order.
LABELS = 3 + len(COLOR_ORDERS) - 1


def label_count(config: TrainConfig) -> int:
    """The number of augmentation labels that the configured network takes."""
    active = config.flips or config.shifts or config.recolor
    return LABELS if active and config.network.name == "patch_unet" else 0


class Augment:
    """Augments batches of a training set.

    ``config``: includes the share of sprites that each augmentation changes. ``channels``: 3, or 4
    with alpha; without alpha, sprites have no margin to be shifted into.
    """

    def __init__(
        self, config: TrainConfig, channels: int, device: torch.device | str = "cpu"
    ) -> None:
        shares = [config.flips, config.shifts, config.recolor]
        self._shares = torch.tensor(shares, device=device)[:, None]
        self._orders = torch.tensor(
            [(*order, *range(3, channels)) for order in COLOR_ORDERS], device=device
        )

    def __call__(self, x0: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The augmented pictures and their labels.

        ``x0``: float32 (N, C, H, W) in [-1, 1]. ``generator``: on the CPU; every call takes the
        same number of draws from it.

        Returns pictures float32 (N, C, H, W), labels float32 (N, LABELS).
        """
        return self.changed(x0, self.drawn(len(x0), generator).to(x0.device))

    @staticmethod
    def drawn(count: int, generator: torch.Generator) -> Tensor:
        """Draw the random numbers that determine the augmentation, float32 (6, count) in [0, 1)."""
        return torch.rand(6, count, generator=generator)

    def changed(self, x0: Tensor, chance: Tensor) -> tuple[Tensor, Tensor]:
        """Like :meth:`__call__`, with given random numbers; never waits for the device."""
        n, c, h, w = x0.shape
        mirrored, moved, recolored = chance[:3] < self._shares
        across, down, other = chance[3:]

        left, right, top, bottom = margins(x0).clamp_max(MAX_SHIFT).unbind(1)
        left, right = torch.where(mirrored, right, left), torch.where(mirrored, left, right)
        dx = ((across * (left + right + 1)).floor().long() - left) * moved
        dy = ((down * (top + bottom + 1)).floor().long() - top) * moved
        order = ((other * (len(COLOR_ORDERS) - 1)).floor().long() + 1) * recolored

        # Only empty margin wraps from one side to the other.
        column = (torch.arange(w, device=x0.device) - dx[:, None]) % w
        column = torch.where(mirrored[:, None], w - 1 - column, column)
        row = (torch.arange(h, device=x0.device) - dy[:, None]) % h
        channel = self._orders[order]
        source = (channel[:, :, None, None] * h + row[:, None, :, None]) * w
        source = source + column[:, None, None, :]
        pictures = x0.flatten(1).gather(1, source.flatten(1)).view(n, c, h, w)

        shift = torch.stack([dx, dy], dim=1).float() / MAX_SHIFT
        order_label = order[:, None] == torch.arange(1, len(COLOR_ORDERS), device=x0.device)
        return pictures, torch.cat([mirrored[:, None].float(), shift, order_label.float()], dim=1)


def margins(x0: Tensor) -> Tensor:
    """Widths of the transparent margins, int64 (N, 4): left, right, top and bottom.

    Zeros without an alpha channel, or for a sprite that is wholly transparent.
    """
    n, channels = x0.shape[:2]
    if channels < 4:
        return torch.zeros(n, 4, dtype=torch.int64, device=x0.device)
    seen = x0[:, 3] > -1.0
    columns, rows = seen.any(dim=1).int(), seen.any(dim=2).int()
    ends = [columns, columns.flip(1), rows, rows.flip(1)]
    return torch.stack([end.argmax(dim=1) for end in ends], dim=1)


class View(NamedTuple):
    """A mirroring and shift: the pictures it applies to, and its frequency for each.

    ``which``: int64 (m,). ``share``: float64 (m,). ``orders``: the channel orders, each with its
    share.
    """

    mirrored: bool
    right: int
    down: int
    which: Tensor
    share: Tensor
    orders: tuple[tuple[tuple[int, ...], float], ...]

    def apply(self, pictures: Tensor) -> Tensor:
        """Mirror, then shift pictures (m, C, H, W)."""
        flipped = pictures.flip(3) if self.mirrored else pictures
        return flipped.roll((self.down, self.right), (2, 3))


def views_of(augmentation: Augmentation, room: Tensor) -> Iterator[View]:
    """All mirrorings and shifts that :class:`Augment` makes of M pictures, and how often.

    ``room``: int64 (M, 4), how far each can be shifted, as :func:`margins` gives it.
    """
    a, others = augmentation, COLOR_ORDERS[1:]
    chances = ((COLOR_ORDERS[0], 1 - a.recolor), *((o, a.recolor / len(others)) for o in others))
    orders = tuple((order, chance) for order, chance in chances if chance > 0)
    span = range(-MAX_SHIFT, MAX_SHIFT + 1) if a.shifts else (0,)
    for mirrored, down, right in product((False, True) if a.flips else (False,), span, span):
        left, right_room, top, bottom = room.unbind(1)
        if mirrored:
            left, right_room = right_room, left
        fits = (-left <= right) & (right <= right_room) & (-top <= down) & (down <= bottom)
        places = (left + right_room + 1) * (top + bottom + 1)
        share = a.shifts / places.double()
        if right == down == 0:
            share = share + 1 - a.shifts
        share = share * (a.flips if mirrored else 1 - a.flips)
        which = torch.nonzero(fits & (share > 0)).flatten()
        if len(which):
            yield View(mirrored, right, down, which, share[which], orders)
