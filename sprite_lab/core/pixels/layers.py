"""Layers of a cell: pictures on top of one another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import require
from sprite_lab.core.pixels.blending import laid_over
from sprite_lab.core.pixels.names import LONGEST_NAME, check_names
from sprite_lab.core.pixels.nearest import limited
from sprite_lab.words import tr

#: Maximum number of layers in a cell.
MOST_LAYERS = 16


@dataclass(frozen=True)
class Layer:
    """One layer of a cell."""

    pixels: bytes  #: RGBA bytes, as many as the cell has
    name: str = ""  #: one line; "" = a number instead, see :func:`layer_name`
    opacity: int = 255  #: 0..255
    visible: bool = True
    locked: bool = False  #: whether it is protected from drawing
    generated: bool = False  #: whether the model draws on it; true of one layer in each cell

    def __post_init__(self) -> None:
        check_names(self.name)
        require(0 <= self.opacity <= 255, "The opacity of a layer must be a number from 0 to 255.")

    @property
    def rgba(self) -> NDArray[np.uint8]:
        """The pixels as a read-only uint8 array (side, side, 4)."""
        side = math.isqrt(len(self.pixels) // 4)
        return np.frombuffer(self.pixels, np.uint8).reshape(side, side, 4)

    @property
    def takes_strokes(self) -> bool:
        """Whether it may be drawn on."""
        return self.visible and not self.locked

    @property
    def is_plain(self) -> bool:
        """Whether its name and settings are the defaults: alone in a cell, it needs no list."""
        return (self.name, self.opacity, self.visible, self.locked) == ("", 255, True, False)


def checked(layers: Sequence[Layer], size: int) -> tuple[Layer, ...]:
    """The layers of a cell of ``size`` bytes, one of them the model's: by default the lowest.

    Raises ConfigError if there are too many, or their size differs.
    """
    require(len(layers) <= MOST_LAYERS, "A cell can have at most {most} layers.", most=MOST_LAYERS)
    require(
        all(len(layer.pixels) == size for layer in layers),
        "All layers of a cell must have its size.",
    )
    marked = [n for n, layer in enumerate(layers) if layer.generated]
    if len(marked) == 1:
        return tuple(layers)
    chosen = marked[0] if marked else 0
    return tuple(replace(layer, generated=n == chosen) for n, layer in enumerate(layers))


# A cell is checked whenever a field of it changes, and strokes come a hundred times a second.
@lru_cache(1024)
def composite(
    layers: tuple[Layer, ...], limit: tuple[tuple[int, int, int, int], ...] = ()
) -> bytes:
    """The pixels of the visible layers composited, the first at the bottom.

    ``limit``: mixed colors are replaced by the nearest of these; () = they stay.
    """
    result = np.zeros_like(layers[0].rgba)
    for layer in layers:
        if layer.visible:
            result = laid_over(result, layer.rgba, layer.opacity)
    result[result[..., 3] == 0] = 0
    if limit:
        own = [(result == layer.rgba).all(-1) for layer in layers if layer.visible]
        mixed = ~np.any(own, axis=0)
        result[mixed] = limited(result[mixed], limit)
    return result.tobytes()


def covered(above: Iterable[Layer], side: int) -> NDArray[np.bool_]:
    """The pixels, bool (side, side), that are opaque in a visible layer of full opacity."""
    found = np.zeros((side, side), np.bool_)
    for layer in above:
        if layer.visible and layer.opacity == 255:
            found |= layer.rgba[..., 3] == 255
    return found


def layer_name(layer: Layer, n: int) -> str:
    """The displayed name of the layer at place ``n``."""
    return layer.name or tr("Layer {n}", n=n + 1)


def added(layers: Sequence[Layer], n: int) -> tuple[Layer, ...]:
    """The layers with an empty one above the one at ``n``."""
    named = _named(layers)
    taken = {layer.name for layer in named}
    number = next(i for i in range(len(named) + 1, 999) if _numbered(i) not in taken)
    empty = Layer(bytes(len(layers[0].pixels)), _numbered(number))
    return (*named[: n + 1], empty, *named[n + 1 :])


def duplicated(layers: Sequence[Layer], n: int) -> tuple[Layer, ...]:
    """The layers with a copy of the one at ``n`` above it."""
    named = _named(layers)
    name = tr("{name} copy", name=named[n].name)
    copy = replace(named[n], name=name[:LONGEST_NAME].strip(), generated=False, locked=False)
    return (*named[: n + 1], copy, *named[n + 1 :])


def removed(layers: Sequence[Layer], n: int) -> tuple[Layer, ...]:
    return (*layers[:n], *layers[n + 1 :])


def moved(layers: Sequence[Layer], n: int, to: int) -> tuple[Layer, ...]:
    named = _named(layers)
    rest = removed(named, n)
    return (*rest[:to], named[n], *rest[to:])


def merged(
    layers: Sequence[Layer], n: int, limit: tuple[tuple[int, int, int, int], ...] = ()
) -> tuple[Layer, ...]:
    """The layers with the one at ``n`` merged into the one below; the picture stays the same.

    ``limit`` : see :func:`composite`.
    """
    below, above = layers[n - 1 : n + 1]
    one = replace(
        below,
        pixels=composite((below, above), limit),
        opacity=255,
        generated=below.generated or above.generated,
    )
    return (*layers[: n - 1], one, *layers[n + 1 :])


def _named(layers: Sequence[Layer]) -> list[Layer]:
    """The layers with their displayed names, which would otherwise change with their order."""
    return [replace(layer, name=layer_name(layer, n)) for n, layer in enumerate(layers)]


def _numbered(n: int) -> str:
    return tr("Layer {n}", n=n)
