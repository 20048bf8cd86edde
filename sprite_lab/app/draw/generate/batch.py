"""Batches of variations, their scores, and a history of results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.words import tr

#: Maximum number of batches and of bytes in a history.
MOST_BATCHES, HISTORY_BUDGET = 50, 64_000_000

#: A sprite plainer than all of the user's own moves back by this fraction of the whole order
#: (tests/benchmarks/README.md, "Tuning").
_PLAIN = 0.5

#: The order in which the sprites of a batch are listed.
Order = Literal["drawn", "best", "likelihood", "novelty", "palette"]


@dataclass(frozen=True, eq=False)
class Scores:
    """Figures to compare N sprites by; None = not yet known."""

    #: float64 (N,), given their classes; also None if the model has no likelihood
    bits_per_dim: NDArray[np.float64] | None = None
    #: float64 (N,), distance to the nearest other sprite, 0..255 (see ``nearest_sprites``)
    novelty: NDArray[np.float64] | None = None
    #: whether ``novelty`` is the distance to training sprites rather than to each other
    of_training: bool = False
    #: float64 (N,), mean distance of the colors from the palette, in Oklab
    palette: NDArray[np.float64] | None = None
    #: float64 (N,), the critic's log-odds that an artist would use the sprite
    critic: NDArray[np.float64] | None = None
    #: bool (N,), True = almost the same as one of the user's own sprites; None = there are none
    copies: NDArray[np.bool_] | None = None
    #: float64 (N,), 0..1, how much plainer than most of the user's own sprites (``plainness``);
    #: None = there are none
    plain: NDArray[np.float64] | None = None

    def words(self, sprite: int) -> list[str]:
        """The known figures of a sprite, as text."""
        said = []
        if self.critic is not None:
            share = 1 / (1 + np.exp(-self.critic[sprite]))
            said.append(tr("{share:.0%} usable", share=share))
        if self.copies is not None and self.copies[sprite]:
            said.append(tr("nearly one of your sprites"))
        if self.bits_per_dim is not None:
            said.append(tr("{bits_per_dim:.2f} bits/dim", bits_per_dim=self.bits_per_dim[sprite]))
        if self.novelty is not None:
            whom = tr("the training set") if self.of_training else tr("the others")
            said.append(
                tr("distance {novelty:.0f} from {whom}", novelty=self.novelty[sprite], whom=whom)
            )
        if self.palette is not None:
            off = 100 * self.palette[sprite]
            said.append(tr("{palette:.1f} off the palette", palette=off))
        return said

    def order(self, by: Order) -> NDArray[np.intp] | None:
        """The order of the sprites, (N,): best drawn, most typical, most novel or best fitting
        first; None = as they are.
        """
        worst = None if self.critic is None else -self.critic
        if worst is not None and self.plain is not None:
            places = np.argsort(np.argsort(worst, kind="stable")) / len(worst)
            worst = np.where(np.isfinite(worst), places + _PLAIN * self.plain, np.inf)
        if worst is not None and self.copies is not None:
            worst = worst + 1e6 * self.copies  # after all others, but before blank ones
        keys = {
            "best": worst,
            "likelihood": self._atypical,
            "novelty": None if self.novelty is None else -self.novelty,
            "palette": self.palette,
        }
        key = keys.get(by)
        return None if key is None else np.argsort(key, kind="stable")

    @property
    def _atypical(self) -> NDArray[np.float64] | None:
        """Distance of each sprite's bits/dim from the median; None = ``bits_per_dim`` is None.

        The most probable sprites are almost empty, since empty pixels are the easiest to predict.
        """
        bits = self.bits_per_dim
        if bits is None or not np.isfinite(bits).any():
            return bits
        apart: NDArray[np.float64] = np.abs(bits - np.median(bits[np.isfinite(bits)]))
        return apart


@dataclass(frozen=True, eq=False)
class Batch:
    """Sprites that were generated together, as cells."""

    title: str  #: for the history, in English words
    cells: tuple[Cell, ...]  #: with their pixels and configurations
    #: whether they are tries at one sprite, to pick the best from; frames, for example, have an
    #: order of their own
    tries: bool = False
    #: values of the title's placeholders
    values: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def nbytes(self) -> int:
        """Approximate bytes."""
        return _weight(self.cells)

    @property
    def words(self) -> str:
        """The title in the current language of the window."""
        return tr(self.title, **self.values)


class ResultHistory:
    """The batches, newest first: at most MOST_BATCHES, within a budget of bytes."""

    def __init__(self, budget: int = HISTORY_BUDGET) -> None:
        self.budget = budget
        self._batches: list[Batch] = []

    @property
    def batches(self) -> Sequence[Batch]:
        """Newest first."""
        return tuple(self._batches)

    @property
    def nbytes(self) -> int:
        """Approximate bytes."""
        return sum(batch.nbytes for batch in self._batches)

    def add(self, batch: Batch) -> None:
        """Add a batch; drop the oldest ones over the limits, but never the newest."""
        self._batches = [batch, *self._batches[: MOST_BATCHES - 1]]
        total = self.nbytes
        while total > self.budget and len(self._batches) > 1:
            total -= self._batches.pop().nbytes

    def add_older(self, batch: Batch) -> None:
        """Add a batch after all others, if there is room for it."""
        if len(self._batches) < MOST_BATCHES and self.nbytes + batch.nbytes <= self.budget:
            self._batches.append(batch)


def _weight(cells: Iterable[Cell]) -> int:
    """Approximate bytes of cells; shared data counts once."""
    total, seen = 0, set()

    def once(data: bytes | None) -> int:
        if data is None or id(data) in seen:
            return 0
        seen.add(id(data))
        return len(data)

    for cell in cells:
        total += 2500 + once(cell.pixels) + once(cell.redraw_strength)
        made: SampleConfig | None = cell.made_by
        if made is not None:
            total += once(made.drawing) + once(made.redraw_strength) + once(made.palette)
    return total


def palette_distance(
    rgba: NDArray[np.uint8], palette_lab: NDArray[np.float64], lab: NDArray[np.float64]
) -> float:
    """Mean distance of the drawn colors from a palette.

    0 = all are in the palette, nothing is drawn, or the palette is empty. ``rgba``: uint8 (H, W,
    4); ``lab``: the same in Oklab, float64 (H, W, 3); ``palette_lab``: float64 (P, 3).
    """
    drawn = lab[rgba[..., 3] > 0]
    if len(drawn) == 0 or len(palette_lab) == 0:
        return 0.0
    apart = np.linalg.norm(drawn[:, None] - palette_lab[None], axis=2)
    return float(apart.min(axis=1).mean())
