"""The grid of drawings that a person makes: what a project file holds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError

#: Height and width of a cell, in pixels.
CELL_SIZE = 16

#: Red, green, blue and alpha, each 0..255.
Colour = tuple[int, int, int, int]

#: A grid has at most this many rows and this many columns.
MAX_SIDE = 16

_BLANK = bytes(CELL_SIZE * CELL_SIZE * 4)


@dataclass(frozen=True)
class Cell:
    """One drawing, with what is wanted of it and how it came about.

    Parameters
    ----------
    pixels : RGBA bytes, row by row (16 * 16 * 4); alpha 0 = empty.
    class_name : what the drawing should become; None = any.
    known_mask : bytes (16 * 16), 1 = keep that pixel when generating; None = keep none.
    seed : decides the noise from which the cell is generated, from 0 on.
    made_by : what generated the pixels; None = drawn by hand or edited since.
    """

    pixels: bytes = _BLANK
    class_name: str | None = None
    known_mask: bytes | None = None
    seed: int = 0
    made_by: SampleConfig | None = None

    def __post_init__(self) -> None:
        if len(self.pixels) != len(_BLANK):
            raise ConfigError(
                f"A cell has {CELL_SIZE}x{CELL_SIZE} RGBA pixels ({len(_BLANK)} bytes), "
                f"not {len(self.pixels)} bytes."
            )
        if self.known_mask is not None:
            if len(self.known_mask) != CELL_SIZE * CELL_SIZE:
                raise ConfigError(
                    f"The mask of a cell has {CELL_SIZE * CELL_SIZE} bytes, "
                    f"not {len(self.known_mask)}."
                )
            # One form for each mask, so that equal masks compare equal.
            mask = bytes(1 if keep else 0 for keep in self.known_mask)
            object.__setattr__(self, "known_mask", mask if any(mask) else None)
        if not 0 <= self.seed < 2**63:
            raise ConfigError("The seed of a cell must be a whole number from 0 on.")

    @property
    def is_blank(self) -> bool:
        """Whether nothing is drawn: every pixel is fully transparent."""
        return not any(self.pixels[3::4])

    @property
    def rgba(self) -> NDArray[np.uint8]:
        """The pixels as a read-only uint8 array (16, 16, 4)."""
        return np.frombuffer(self.pixels, np.uint8).reshape(CELL_SIZE, CELL_SIZE, 4)

    @property
    def keep(self) -> NDArray[np.bool_]:
        """The known mask as bool (16, 16), all False where there is none."""
        if self.known_mask is None:
            return np.zeros((CELL_SIZE, CELL_SIZE), bool)
        mask = np.frombuffer(self.known_mask, np.uint8).reshape(CELL_SIZE, CELL_SIZE)
        return mask.astype(bool)


@dataclass(frozen=True)
class CellSheet:
    """All that a project file holds.

    Parameters
    ----------
    rows, columns : size of the grid, each 1 to 16.
    cells : ``rows * columns`` cells, row by row.
    palette : colours to draw with, at most 256.
    title : what the project is called.
    schema_version : of the file; raised when its meaning changes.
    """

    rows: int = 4
    columns: int = 4
    cells: tuple[Cell, ...] = field(default=())
    palette: tuple[Colour, ...] = field(default=())
    title: str = "Untitled"
    schema_version: int = 1

    def __post_init__(self) -> None:
        if not (1 <= self.rows <= MAX_SIDE and 1 <= self.columns <= MAX_SIDE):
            raise ConfigError(f"A grid has 1 to {MAX_SIDE} rows and columns.")
        if not self.cells:
            cells = tuple(Cell(seed=i) for i in range(self.rows * self.columns))
            object.__setattr__(self, "cells", cells)
        if len(self.cells) != self.rows * self.columns:
            raise ConfigError(
                f"A grid of {self.rows}x{self.columns} needs {self.rows * self.columns} cells, "
                f"not {len(self.cells)}."
            )
        if len(self.palette) > 256:
            raise ConfigError("A palette has at most 256 colours.")
        for colour in self.palette:
            if len(colour) != 4 or not all(0 <= value <= 255 for value in colour):
                raise ConfigError("A palette colour is four numbers from 0 to 255.")
