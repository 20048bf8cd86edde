"""The grid of drawings of a project."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SAME_FOR_ALL, Conditions, SampleConfig
from sprite_lab.core.errors import require
from sprite_lab.core.pixels.layers import Layer, checked, composite, covered
from sprite_lab.core.pixels.names import check_names
from sprite_lab.core.pixels.redraw_masks import keep_drawn
from sprite_lab.core.pixels.reference import ReferencePicture
from sprite_lab.core.pixels.tile_sets import GroundMap

#: Height and width of the cells of a new project, in pixels; and the minimum and maximum.
CELL_SIZE = 16
LEAST_SIDE, MOST_SIDE = 8, 32

#: Red, green, blue and alpha, each 0..255.
Color = tuple[int, int, int, int]

#: A grid has at most this many columns, and this many cells.
MOST_COLUMNS, MOST_CELLS = 16, 256

#: Terrains that fit into a grid, and so the most maps of a project.
MOST_MAPS = 16


@dataclass(frozen=True)
class DrawnBy:
    """The model that made a drawing, even if no settings reproduce it."""

    model: str = ""  #: the model's title; "" = unknown
    pixels: int = 0  #: checksum of the drawing, to detect later changes

    def left(self, pixels: bytes) -> DrawnBy:
        """The same model, with the checksum of ``pixels``."""
        return replace(self, pixels=crc32(pixels))


@dataclass(frozen=True)
class Cell:
    """One drawing, with its conditions and its origin."""

    #: RGBA bytes, row by row (side * side * 4); alpha 0 = empty. With layers, their composite.
    pixels: bytes = bytes(CELL_SIZE * CELL_SIZE * 4)
    conditions: Conditions = Conditions()  #: what the model is asked for
    #: bytes (side * side), how far each pixel is redrawn when generating: 0 = kept, 255 = redrawn,
    #: between = released at that share of the way to T. None = no mask.
    redraw_strength: bytes | None = None
    #: how long the cell is shown as a frame of an animation, in milliseconds
    duration_ms: int = 120
    #: settings that reproduce the pixels; None = none do
    made_by: SampleConfig | None = None
    #: the credits for the pixels, one per line, kept through edits: those of the model that drew
    #: them, or of the sprite they were taken from; "" = none
    thanks: str = ""
    #: the set of cells (see ``cell_sets``) that this place in the grid belongs to, and its part in
    #: it, "SET/PART"; "" = none
    part: str = ""
    #: the name of the drawing, and the animations that it is a frame of
    name: str = ""
    tags: tuple[str, ...] = ()
    #: whether the name came with a sprite of a set: it is dropped when another drawing takes its
    #: place
    name_is_taken: bool = False
    #: from the bottom up; () = there is only ``pixels``
    layers: tuple[Layer, ...] = ()
    #: mixed colors of layers are replaced by the nearest of these; () = they stay. ``CellSheet``
    #: sets it
    limit: tuple[Color, ...] = ()
    #: the model that drew it, kept through edits; None = drawn by hand, or imported
    drawn_by: DrawnBy | None = None

    def __post_init__(self) -> None:
        check_names(self.name, self.tags)
        side = math.isqrt(len(self.pixels) // 4)
        require(
            side * side * 4 == len(self.pixels) and LEAST_SIDE <= side <= MOST_SIDE,
            "A cell must be a square of {least_side} to {most_side} RGBA pixels a side, "
            "not {count} bytes.",
            least_side=LEAST_SIDE,
            most_side=MOST_SIDE,
            count=len(self.pixels),
        )
        if self.redraw_strength is not None:
            require(
                len(self.redraw_strength) == side * side,
                "The mask of a cell has {side} bytes, not {count}.",
                side=side * side,
                count=len(self.redraw_strength),
            )
            # One form for each mask, so that equal masks compare equal.
            if self.redraw_strength.count(255) == side * side:
                object.__setattr__(self, "redraw_strength", None)
        shown = 10 <= self.duration_ms <= 60_000
        require(shown, "A frame must be shown for 10 to 60000 milliseconds.")
        if self.layers:
            self._check_layers()
        if not self.layers:
            object.__setattr__(self, "limit", ())

    def _check_layers(self) -> None:
        layers = checked(self.layers, len(self.pixels))
        require(
            self.pixels == composite(layers, self.limit),
            "The picture of a cell must be that of its layers.",
        )
        # One form for a drawing without layers, so that equal cells compare equal.
        plain = len(layers) == 1 and layers[0].is_plain
        object.__setattr__(self, "layers", () if plain else layers)

    @property
    def side(self) -> int:
        """Height and width, in pixels."""
        return math.isqrt(len(self.pixels) // 4)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is drawn: every pixel is fully transparent."""
        return not any(self.pixels[3::4])

    @property
    def is_free(self) -> bool:
        """Whether replacing it loses nothing: it is blank, including hidden layers."""
        return not any(any(layer.pixels[3::4]) for layer in self.stack)

    @property
    def rgba(self) -> NDArray[np.uint8]:
        """The pixels as a read-only uint8 array (side, side, 4)."""
        return np.frombuffer(self.pixels, np.uint8).reshape(self.side, self.side, 4)

    @property
    def redraw(self) -> NDArray[np.uint8]:
        """The mask as uint8 (side, side), all 255 if there is none."""
        if self.redraw_strength is None:
            return np.full((self.side, self.side), 255, np.uint8)
        return np.frombuffer(self.redraw_strength, np.uint8).reshape(self.side, self.side)

    @property
    def keep(self) -> NDArray[np.bool_]:
        """bool (side, side): the pixels that are kept when generating."""
        return self.redraw == 0

    @property
    def set_name(self) -> str:
        """The set that this place in the grid belongs to; "" = none."""
        return self.part.rpartition("/")[0]

    @property
    def seed(self) -> int:
        """Seed of the noise that the cell is generated from."""
        return self.conditions.seed

    @property
    def class_name(self) -> str | None:
        """The class to generate, if there is only one."""
        return self.conditions.class_name

    @property
    def caption(self) -> str:
        """The name, or else the words that are asked for."""
        return self.name or " ".join(self.conditions.words)

    @property
    def is_as_drawn(self) -> bool:
        """Whether the model's layer is unchanged since a model drew it."""
        known = self.drawn_by
        return known is not None and known == known.left(self.on(self.generated_layer).pixels)

    # -- layers --------------------------------------------------------------------------

    @property
    def stack(self) -> tuple[Layer, ...]:
        """The layers, even if there is only one."""
        return self.layers or (Layer(self.pixels, generated=True),)

    @property
    def generated_layer(self) -> int:
        """The layer that the model draws on."""
        return next((n for n, layer in enumerate(self.layers) if layer.generated), 0)

    def stacked(self, layers: tuple[Layer, ...]) -> Cell:
        """The cell with other layers."""
        return self._looking(layers, self.limit)

    def limited_to(self, colors: tuple[Color, ...]) -> Cell:
        """The cell with colors of its layers limited to these; () = no limit."""
        if not self.layers or self.limit == colors:
            return self
        return self._looking(self.layers, colors)

    def _looking(self, layers: tuple[Layer, ...], limit: tuple[Color, ...]) -> Cell:
        pixels = composite(layers, limit)
        made_by = self.made_by if pixels == self.pixels else None
        return replace(self, pixels=pixels, layers=layers, limit=limit, made_by=made_by)

    def on(self, n: int) -> Cell:
        """The cell with only one of its layers, to draw on."""
        if not self.layers:
            return self
        pixels = self.layers[n].pixels
        made_by = self.made_by if pixels == self.pixels else None
        return replace(self, pixels=pixels, layers=(), made_by=made_by)

    def drawn_on(self, n: int, drawn: Cell) -> Cell:
        """The inverse of :meth:`on`: the cell with ``drawn``, an edited result of it, put back."""
        if not self.layers:
            return drawn
        layers = list(self.layers)
        layers[n] = replace(layers[n], pixels=drawn.pixels)
        pixels = composite(tuple(layers), self.limit)
        made_by = drawn.made_by if pixels == drawn.pixels else None
        if made_by is None and pixels == self.pixels:
            made_by = self.made_by
        return replace(
            drawn, pixels=pixels, layers=tuple(layers), limit=self.limit, made_by=made_by
        )

    def each_layer(self, change: Callable[[Cell], Cell]) -> Cell:
        """The cell with each of its layers changed in the same way."""
        if not self.layers:
            return change(self)
        drawn = [change(self.on(n)) for n in range(len(self.layers))]
        rows = zip(self.layers, drawn, strict=True)
        layers = tuple(replace(layer, pixels=one.pixels) for layer, one in rows)
        pixels = composite(layers, self.limit)
        made_by = self.made_by if pixels == self.pixels else None
        return replace(drawn[0], pixels=pixels, layers=layers, limit=self.limit, made_by=made_by)

    @cached_property
    def flat(self) -> Cell:
        """The cell as the model sees it: without layers; pixels that hide the model's are kept."""
        if not self.layers:
            return self
        above = covered(self.layers[self.generated_layer + 1 :], self.side)
        redraw = np.where(above, 0, self.redraw).astype(np.uint8)
        return replace(self, layers=(), redraw_strength=redraw.tobytes())

    def with_generated(self, made: Cell) -> Cell:
        """The cell with the generated pixels of ``made`` on the model's layer.

        Where the cell already looks like ``made``, the layer is unchanged, so that drawings above
        it are not doubled. A name that came with a sprite is dropped unless ``made`` has it too.
        """
        n = self.generated_layer
        layer = self.on(n)
        same = (self.rgba == made.rgba).all(axis=-1, keepdims=True)
        if same.all() and self.drawn_by is None and made.made_by is None:
            return self  # all of it was kept, as in a terrain's grounds: still drawn by hand
        pixels = np.where(same, layer.rgba, made.rgba).tobytes()
        by = None if made.drawn_by is None else made.drawn_by.left(pixels)
        drawn = replace(layer, pixels=pixels, thanks=made.thanks, drawn_by=by)
        after = self.drawn_on(n, drawn)
        if after.name_is_taken and after.name != made.name:
            after = replace(after, name="", name_is_taken=False)
        return replace(after, made_by=made.made_by if after.pixels == made.pixels else None)

    def asking(self, **fields: object) -> Cell:
        """The cell with other conditions."""
        return replace(self, conditions=replace(self.conditions, **fields))  # type: ignore[arg-type]

    def painted(self, colors: Mapping[int, Color]) -> Cell:
        """The cell with other pixels, by index; if any changes, no settings reproduce it."""
        pixels = bytearray(self.pixels)
        for i, color in colors.items():
            # An empty pixel has no color, so erasing it again changes nothing.
            if color[3] or pixels[4 * i + 3]:
                pixels[4 * i : 4 * i + 4] = bytes(color)
        if pixels == self.pixels:
            return self
        return replace(self, pixels=bytes(pixels), made_by=None)

    def masked(self, strengths: Mapping[int, int]) -> Cell:
        """The cell with other redraw strengths, 0..255, of pixels by index."""
        mask = bytearray(self.redraw.tobytes())
        for i, strength in strengths.items():
            mask[i] = strength
        return replace(self, redraw_strength=bytes(mask))

    @property
    def is_wholly_by_hand(self) -> bool:
        """Whether there is a drawing, no part of which is known to come from a model or a set."""
        return not (self.is_blank or self.made_by or self.drawn_by or self.thanks)

    @cached_property  # Live needs it for each cell at every stroke
    def kept_by_hand(self) -> Cell:
        """The cell, with its drawing kept if all of it was drawn by hand and there is no mask."""
        if self.redraw_strength is not None or not self.is_wholly_by_hand:
            return self
        return replace(self, redraw_strength=keep_drawn(self.rgba).tobytes())

    def keeping(self, drawn: Mapping[int, Color]) -> Cell:
        """The cell with pixels, by index, kept if their color is visible, redrawn if it is empty.

        If all was drawn by hand and there is no mask yet, the rest of the drawing is kept as well.
        """
        strengths = {i: 0 if color[3] else 255 for i, color in drawn.items()}
        kept = self if all(strengths.values()) else self.kept_by_hand
        return kept.masked(strengths)


def thanks_of_cells(cells: Iterable[Cell]) -> str:
    """The credits of all cells, without duplicate lines."""
    return "\n".join(dict.fromkeys(line for cell in cells for line in cell.thanks.splitlines()))


def most_rows(columns: int) -> int:
    """The maximum number of rows in a grid with this many columns."""
    return MOST_CELLS // columns


def blank_cell(side: int = CELL_SIZE, seed: int = 0) -> Cell:
    return Cell(bytes(side * side * 4), Conditions(seed=seed))


@dataclass(frozen=True)
class CellSheet:
    """Everything in a project file."""

    #: size of the grid: at most MOST_COLUMNS, and MOST_CELLS in all
    rows: int = 4
    columns: int = 4
    cells: tuple[Cell, ...] = field(default=())  #: ``rows * columns`` cells of one size, row by row
    palette: tuple[Color, ...] = field(default=())  #: colors to draw with, at most 256
    title: str = "Untitled"  #: name of the project
    #: height and width of each cell, in pixels; taken from ``cells`` if there are any
    side: int = CELL_SIZE
    limit_to_palette: bool = False  #: whether painting uses the nearest color of the palette
    #: the picture under the canvas, for tracing; None = none
    reference: ReferencePicture | None = None
    #: open when it was saved: the path or name of a model, and the path of a data set (""
    #: = the built-in one); None = unknown
    model: str | None = None
    data: str | None = None
    #: the maps that terrains are tried on, at most MOST_MAPS
    maps: tuple[GroundMap, ...] = ()

    def __post_init__(self) -> None:
        require(
            len({each.terrain for each in self.maps}) == len(self.maps) <= MOST_MAPS,
            "A project has at most {most} maps, each of another terrain.",
            most=MOST_MAPS,
        )
        require(
            1 <= self.columns <= MOST_COLUMNS and 1 <= self.rows <= most_rows(self.columns),
            "A grid must have 1 to {columns} columns and at most {cells} cells.",
            columns=MOST_COLUMNS,
            cells=MOST_CELLS,
        )
        if not self.cells:
            cells = tuple(blank_cell(self.side, i) for i in range(self.rows * self.columns))
            object.__setattr__(self, "cells", cells)
        object.__setattr__(self, "side", self.cells[0].side)
        require(
            len(self.cells) == self.rows * self.columns,
            "A grid of {rows}×{columns} needs {needed} cells, not {count}.",
            rows=self.rows,
            columns=self.columns,
            needed=self.rows * self.columns,
            count=len(self.cells),
        )
        alike = all(cell.side == self.side for cell in self.cells)
        require(alike, "All cells of a project must have the same size.")
        require(len(self.palette) <= 256, "A palette can have at most 256 colors.")
        require(
            all(len(color) == 4 and 0 <= min(color) <= max(color) <= 255 for color in self.palette),
            "A palette color must be four numbers from 0 to 255.",
        )
        cells = tuple(cell.limited_to(self._limit_of(cell)) for cell in self.cells)
        object.__setattr__(self, "cells", cells)

    def _limit_of(self, cell: Cell) -> tuple[Color, ...]:
        locked = self.limit_to_palette or cell.conditions.lock_palette
        return self.palette if locked else ()

    def resized(self, rows: int, columns: int) -> CellSheet:
        """The sheet with another grid; each cell stays in its row and column.

        New cells are blank, with the conditions in :data:`SAME_FOR_ALL` on which all others agree.
        """
        asked = [cell.conditions for cell in self.cells]
        shared = {
            name: getattr(asked[0], name)
            for name in SAME_FOR_ALL
            if len({getattr(one, name) for one in asked}) == 1
        }

        def cell(row: int, column: int) -> Cell:
            if row < self.rows and column < self.columns:
                return self.cells[row * self.columns + column]
            return blank_cell(self.side, row * columns + column).asking(**shared)

        cells = tuple(cell(row, column) for row in range(rows) for column in range(columns))
        return replace(self, rows=rows, columns=columns, cells=cells)

    def map_of(self, terrain: str) -> GroundMap:
        """The map of a terrain; the default one until it is edited."""
        known = (each for each in self.maps if each.terrain == terrain)
        return next(known, GroundMap.first(terrain))

    def with_map(self, new: GroundMap) -> CellSheet:
        """The sheet with another map of a terrain; maps of removed terrains are dropped."""
        there = {cell.set_name for cell in self.cells} - {new.terrain}
        return replace(self, maps=(*(m for m in self.maps if m.terrain in there), new))

    def with_cells(self, cells: Mapping[int, Cell]) -> CellSheet:
        """The sheet with other cells in some places; each place keeps its part."""
        everything = list(self.cells)
        for index, cell in cells.items():
            part = self.cells[index].part
            everything[index] = cell if cell.part == part else replace(cell, part=part)
        return replace(self, cells=tuple(everything))
