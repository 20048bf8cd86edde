"""Edits of whole cells and of the palette: copy, paste, flip, clear, sort. All can be undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from sprite_lab.app.draw.clipboard import file_on_clipboard, from_clipboard, to_clipboard
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.draw.tools.tool_table import TRANSFORM_WORDS
from sprite_lab.core.config import SAME_FOR_ALL, Conditions
from sprite_lab.core.drawing import (
    CleanUp,
    Transform,
    cleaned,
    lift,
    of_side,
    rotated_in_place,
    transformed,
)
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.pixels import cell_order, redraw_masks
from sprite_lab.core.pixels.cell_sets import with_room, with_room_together
from sprite_lab.core.pixels.cells import MOST_CELLS, Cell, CellSheet, Color, blank_cell
from sprite_lab.core.pixels.color_swaps import swapped, turned_hue
from sprite_lab.core.pixels.names import name_of
from sprite_lab.core.pixels.nearest import limited
from sprite_lab.core.pixels.palette import MOST_COLORS, NamedPalette, all_colors, common_colors
from sprite_lab.core.pixels.palette_order import Order, sorted_colors
from sprite_lab.core.pixels.pictures import Pictures
from sprite_lab.core.sets.credits import attribution, credits_of
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.words import tr, trc, trn

#: Number of variants in other hues: with the drawing itself, one every 45 degrees.
HUES = 7

#: Number of sprites sampled for the colors of a data set; more would make little difference.
_COLOR_SAMPLE = 512


def some_of(sprites: SpriteSet) -> NDArray[np.uint8]:
    """Enough sprites of a set to find its colors: uint8 (n, H, W, 4)."""
    return sprites.rgba_of(slice(None, None, max(1, len(sprites) // _COLOR_SAMPLE)))


def no_sprites_because(sprites: SpriteSet | None, side: int) -> str:
    """Why cells cannot take sprites of a data set, or ""."""
    if sprites is None:
        return tr("No sprites are open; open a data set first.")
    height, width = sprites.size
    if sprites.size != (side, side):
        return tr(
            "The open sprites are {width}×{height} pixels, but cells are {side}×{side}: open "
            "others.",
            width=width,
            height=height,
            side=side,
        )
    return ""


def taken(sprites: SpriteSet, row: int, conditions: Conditions) -> Cell:
    """A cell with a sprite of a data set and its class.

    ``conditions``: those of the cell it replaces; the seed and what all cells share are taken over.
    """
    rgba = sprites.rgba_of(row)
    # An empty pixel has no color.
    rgba[rgba[..., 3] == 0] = 0
    return Cell(
        rgba.tobytes(),
        conditions.for_another(Prompt.of_class(sprites.class_of(row))),
        thanks=attribution(credits_of(sprites.credits, [str(sprites.source[row])])),
        name=name_of(str(sprites.names[row])),
        name_is_taken=True,
    )


class CellEditor(QObject):
    """Edits the chosen cells. UI thread."""

    pictures_asked = Signal(object)  #: Pictures to paste that are larger than a cell

    def __init__(self, session: DrawSession) -> None:
        super().__init__(session)
        self.session = session
        self._project = session.project

    # -- clipboard -----------------------------------------------------------------------

    def copy(self) -> None:
        to_clipboard([self._project.cell(index) for index in self.session.chosen])

    def cut(self) -> None:
        self.copy()
        self.empty(trc("to the clipboard", "Cut"))

    def paste(self) -> None:
        """Paste one cell into every chosen one, or several from the first chosen one on.

        A file is opened by Draw, and the user is asked about a picture larger than a cell.
        """
        file = file_on_clipboard()
        if file is not None:
            self.session.context.drawing_wanted.emit(file)
            return
        try:
            pasted = from_clipboard(self._project.side)
        except SpriteLabError as error:
            self.session.fail(str(error))
            return
        if isinstance(pasted, Pictures):
            self.pictures_asked.emit(pasted)
            return
        total = len(self._project.cells)
        if len(pasted) == 1:
            targets = dict.fromkeys(self.session.chosen, pasted[0])
        else:
            start = self.session.chosen[0]
            targets = {start + i: cell for i, cell in enumerate(pasted) if start + i < total}
        self._put(targets, tr("Paste"))
        self.keep_to_palette(tuple(targets))
        if len(targets) < len(pasted):
            self.session.context.notice.emit(
                tr(
                    "Pasted {count} of {total} cells; the grid ends there.",
                    count=len(targets),
                    total=len(pasted),
                )
            )

    def _put(self, cells: dict[int, Cell], text: str, sheet: CellSheet | None = None) -> None:
        """Put cells into ``sheet`` (None = the current one), but keep the seeds already there.

        Otherwise all copies of a drawing would generate the same sprite. Places locked to the
        palette stay locked.
        """
        sheet, after = sheet or self._project.snapshot(), {}
        for i, cell in cells.items():
            there = sheet.cells[i].conditions
            locked = there.lock_palette or cell.conditions.lock_palette
            after[i] = cell.asking(seed=there.seed, lock_palette=locked)
        self.session.make_room(sheet.with_cells(after), text)
        self.session.choose_wanted.emit(tuple(after))

    def duplicate(self) -> None:
        """Copy each chosen cell into the next blank one, adding rows if there are too few."""
        cells = self._project.cells
        chosen = self.session.chosen
        wanted = len(chosen) + sum(cells[i].is_free for i in chosen)
        sheet, free = with_room(self._project.snapshot(), chosen[-1] + 1, wanted)
        blank = [i for i in free if i not in chosen]
        if not blank:
            self.session.fail(
                tr(
                    "There is no room for copies: the grid already has {most} cells, the maximum; "
                    "clear one first.",
                    most=MOST_CELLS,
                )
            )
            return
        copies = {i: cells[c] for c, i in zip(chosen, blank, strict=False)}
        self._put(copies, tr("Duplicate"), sheet)

    # -- order ---------------------------------------------------------------------------

    def move_cells(self, moved: Sequence[int], gap: int) -> None:
        """Move cells before cell ``gap``; those in between shift."""
        self._reorder(cell_order.inserted(len(self._project.cells), moved, gap), moved)

    def step_cells(self, across: int, down: int) -> None:
        """Move the chosen cells by ``across`` columns and ``down`` rows, each -1, 0 or 1.

        They swap places with their neighbors; if one is at the border, none moves.
        """
        project, chosen = self._project, self.session.chosen
        count = len(project.cells)
        self._reorder(cell_order.stepped(count, project.columns, chosen, across, down), chosen)

    def copy_cells(self, copied: Sequence[int], start: int) -> None:
        """Copy cells to the places from ``start`` on, up to the end of the grid."""
        cells = self._project.cells
        targets = dict(zip(range(start, len(cells)), (cells[i] for i in copied), strict=False))
        self._put(targets, trn("Copy cell", "Copy {n} cells", len(targets)))

    def _reorder(self, order: Sequence[int], moved: Sequence[int]) -> None:
        cells = self._project.cells
        text = trn("Move cell", "Move {n} cells", len(moved))
        self._project.put({place: cells[index] for place, index in enumerate(order)}, text)
        self.session.choose_wanted.emit(
            tuple(p for p, index in enumerate(order) if index in set(moved))
        )

    # -- pixels of whole cells -----------------------------------------------------------

    def clear(self) -> None:
        """Erase the current layer in the chosen cells; cells without layers are emptied."""
        tools, chosen = self.session.tools, self.session.chosen
        if tools.refuses(chosen):
            return
        cells = {i: self._project.cell(i) for i in chosen}
        after = {
            i: tools.on_layer(i, _blank) if c.layers else _emptied(c) for i, c in cells.items()
        }
        self._project.put(after, tr("Clear"))

    def empty(self, text: str = "") -> None:
        """Erase the chosen cells except for locked layers; their conditions stay."""
        cells = {index: self._project.cell(index) for index in self.session.chosen}
        self._project.put({i: _emptied(c) for i, c in cells.items()}, text or tr("Clear"))
        if any(
            any(layer.locked and any(layer.pixels) for layer in c.layers) for c in cells.values()
        ):
            self.session.context.notice.emit(
                tr("What is on locked layers stays: unlock them to clear it.")
            )

    def transform(self, how: Transform) -> None:
        """Flip, rotate or shift the chosen cells: whole pictures, including locked layers."""
        self._edit(
            TRANSFORM_WORDS[how],
            lambda cell: cell.each_layer(lambda layer: transformed(layer, how)),
        )

    def rotated(self, degrees: float) -> NDArray[np.uint8]:
        """The current cell with the selection rotated clockwise, or else the chosen cells rotated.

        uint8 (N, side, side, 4)
        """
        return np.stack([cell.rgba for cell in self._rotated(degrees).values()])

    def rotate(self, degrees: float) -> None:
        """Rotate the selected pixels of the layer, or else the whole chosen cells, as one step of
        undo.
        """
        tools = self.session.tools
        if degrees % 360 == 0:
            return
        if tools.selection is not None:
            tools.rotate(degrees)
        else:
            self._project.put(self._rotated(degrees), tr("Rotate by {degrees:g}°", degrees=degrees))

    def _rotated(self, degrees: float) -> dict[int, Cell]:
        session, tools = self.session, self.session.tools
        if tools.selection is not None:
            layer = tools.moving.rotated(degrees).put(0, 0)[0]
            cell = self._project.cell(session.current)
            return {session.current: cell.drawn_on(tools.layer, layer)}

        def rotated(layer: Cell) -> Cell:
            return rotated_in_place(lift(layer, None), degrees).put(0, 0)[0]

        return {i: self._project.cell(i).each_layer(rotated) for i in session.chosen}

    def cleaned(self, what: CleanUp) -> dict[int, Cell]:
        """The chosen cells that clean-up would change, after clean-up within the selection."""
        tools = self.session.tools
        selection = tools.selection
        after = {
            i: tools.on_layer(i, lambda layer: cleaned(layer, what, selection))
            for i in self.session.chosen
        }
        return {i: cell for i, cell in after.items() if cell != self._project.cell(i)}

    def clean_up(self, what: CleanUp) -> None:
        """Clean up the chosen cells, as one step of undo."""
        if not self.session.tools.refuses(self.session.chosen):
            self._project.put(self.cleaned(what), tr("Clean up"))

    def set_masks(self, text: str, mask: Callable[[Cell], NDArray[np.uint8]]) -> None:
        """Set the mask of each chosen cell to the result of ``mask``: uint8 (side, side)."""
        self._edit(text, lambda cell: replace(cell, redraw_strength=mask(cell).tobytes()))

    def free_pixels(self) -> None:
        """Redraw every pixel of the chosen cells."""
        self.set_masks(tr("Unmark all pixels"), lambda cell: np.full_like(cell.redraw, 255))

    def keep_drawn(self) -> None:
        """Keep the drawn pixels of the chosen cells, and redraw the others."""
        self.set_masks(tr("Keep drawn pixels"), lambda cell: redraw_masks.keep_drawn(cell.rgba))

    def take_sprites(self, indices: Sequence[int]) -> None:
        """Fill cells with random sprites of the open data set, and their classes."""
        sprites = self.session.context.data.value
        problem = no_sprites_because(sprites, self._project.side)
        if sprites is None or problem:
            self.session.fail(problem)
            return
        rng = np.random.default_rng()
        rows = rng.choice(len(sprites), len(indices), replace=len(sprites) < len(indices))
        after = {
            index: taken(sprites, row, self._project.cell(index).conditions)
            for index, row in zip(indices, rows.tolist(), strict=True)
        }
        count = len(indices)
        self._project.put(after, trn("Take sprite", "Take {n} sprites", count))

    def set_name(self, name: str) -> None:
        """Name the chosen cell; several are numbered."""
        chosen = self.session.chosen
        several = bool(name) and len(chosen) > 1
        after = {
            i: replace(
                self._project.cell(i),
                name=name_of(f"{name} {n}" if several else name),
                name_is_taken=False,
            )
            for n, i in enumerate(chosen, 1)
        }
        self._project.put(after, tr("Name cells") if several else tr("Name cell"), ("name", chosen))

    def set_tags(self, tags: Sequence[str]) -> None:
        known = tuple(dict.fromkeys(filter(None, map(name_of, tags))))
        text = trn("Tag cell", "Tag cells", len(self.session.chosen))
        self._edit(text, lambda cell: replace(cell, tags=known), "tags")

    def set_duration(self, milliseconds: int) -> None:
        """Set how long each chosen cell is shown as a frame."""
        text = trn("Set frame duration", "Set frame durations", len(self.session.chosen))
        self._edit(text, lambda cell: replace(cell, duration_ms=milliseconds), "duration")

    # -- conditions -------------------------------------------------------------------------------

    def ask(
        self,
        text: str,
        merge_key: object,
        change: Mapping[str, object] | Callable[[Conditions], Conditions],
    ) -> None:
        """Change the conditions of the chosen cells: set some fields, or apply a function."""

        def asking(cell: Cell) -> Cell:
            if callable(change):
                return replace(cell, conditions=change(cell.conditions))
            return cell.asking(**change)

        self._edit(text, asking, merge_key)

    def set_class(self, name: str | None) -> None:
        """Set a single class for the chosen cells; None = any."""
        self.ask(tr("Set class"), None, {"class_mix": Prompt.of_class(name).class_mix})

    def _edit(self, text: str, edit: Callable[[Cell], Cell], merge_key: object = None) -> None:
        """Change each chosen cell, as one step of undo."""
        after = {i: edit(self._project.cell(i)) for i in self.session.chosen}
        key = None if merge_key is None else (merge_key, tuple(after))
        self._project.put(after, text, key)

    def share_conditions(self) -> None:
        """Give all cells, including blank ones, the limits and guidance of the current one."""
        asked = self._project.cell(self.session.first).conditions
        fields = {name: getattr(asked, name) for name in SAME_FOR_ALL}
        cells = enumerate(self._project.cells)
        self._project.put({i: cell.asking(**fields) for i, cell in cells}, tr("Same for all cells"))

    def set_seed(self, seed: int) -> None:
        """Give the chosen cells consecutive seeds from this one, without variations."""
        chosen, cells = self.session.chosen, self._project.cells
        after = {i: cells[i].asking(seed=seed + n, variations=()) for n, i in enumerate(chosen)}
        # Typed digits and wheel notches merge into one step.
        text = trn("Set seed", "Set seeds", len(chosen))
        self._project.put(after, text, ("seed", chosen))

    # -- the grid ------------------------------------------------------------------------

    def resize(self, rows: int, columns: int) -> None:
        """Resize the grid; each cell stays in its row and column. Report any drawings cut off."""
        before = self._project.snapshot()
        sheet = before.resized(rows, columns)
        self._project.push(sheet, tr("Resize grid"))
        there = (sum(not cell.is_blank for cell in each.cells) for each in (before, sheet))
        if lost := next(there) - next(there):
            self.session.context.undoable.emit(
                trn("A drawing was cut off.", "{n} drawings were cut off.", lost)
            )

    def resize_cells(self, side: int) -> None:
        """Resize all cells; drawings are padded or cropped around their center."""
        project = self._project
        cells = tuple(c.each_layer(lambda layer: of_side(layer, side)) for c in project.cells)
        project.push(replace(project.snapshot(), cells=cells), tr("Resize cells"))

    # -- palette -------------------------------------------------------------------------

    def set_palette(self, colors: tuple[Color, ...], text: str) -> None:
        self._project.push(replace(self._project.snapshot(), palette=colors), text)

    def palette_from_cell(self) -> None:
        self._palette_from([self._project.cell(self.session.current)], tr("Palette from cell"))

    def palette_from_cells(self) -> None:
        self._palette_from(self._project.cells, tr("Palette from all cells"))

    def _palette_from(self, cells: Sequence[Cell], text: str) -> None:
        rgba = np.stack([cell.rgba for cell in cells])
        colors = all_colors(rgba)
        if colors is None:
            colors = common_colors(rgba, MOST_COLORS)
        if colors:
            self.set_palette(colors, text)
        else:
            self.session.fail(tr("Nothing has been drawn there yet; draw something first."))

    def palette_from_data(self, count: int, *, limit: bool = False) -> None:
        """Take the most common colors of the open data set; ``limit``: and limit all cells to
        them.
        """
        sprites = self.session.context.data.value
        if sprites is None:
            self.session.fail(tr("No sprites are open; open a data set first."))
            return
        sheet = replace(self._project.snapshot(), palette=common_colors(some_of(sprites), count))
        if limit:
            cells = enumerate(sheet.cells)
            sheet = sheet.with_cells({i: cell.asking(lock_palette=True) for i, cell in cells})
        self._project.push(sheet, tr("Palette from data set"))

    def sort_palette(self, order: Order) -> None:
        self.set_palette(sorted_colors(self._project.palette, order), tr("Sort palette"))

    def move_color(self, index: int, gap: int) -> None:
        """Move a color of the palette before the one at ``gap``."""
        palette = self._project.palette
        order = cell_order.inserted(len(palette), (index,), gap)
        self.set_palette(tuple(palette[i] for i in order), tr("Move color"))

    def reverse_palette(self) -> None:
        self.set_palette(self._project.palette[::-1], tr("Reverse palette"))

    def limit_to_palette(self, limit: bool) -> None:
        """Set whether painting uses the nearest color of the palette."""
        sheet = replace(self._project.snapshot(), limit_to_palette=limit)
        self._project.push(sheet, tr("Limit to palette") if limit else tr("Any color"))

    def to_palette(self, indices: Sequence[int] | None = None) -> bool:
        """Snap cells (None = the chosen ones) to the palette; return whether any changed."""
        project = self._project
        after = {}

        def brought(layer: Cell) -> Cell:
            pixels = limited(layer.rgba, project.palette)
            if np.array_equal(pixels, layer.rgba):
                return layer
            return replace(layer, pixels=pixels.tobytes(), made_by=None)

        for i in self.session.chosen if indices is None else indices:
            cell = project.cell(i)
            changed = cell.each_layer(brought)
            if changed != cell:
                after[i] = changed
        self._project.put(after, tr("Match to palette"))
        return bool(after)

    def hue_variants(self) -> None:
        """Put copies of the current cell in hues around the color wheel into blank cells."""
        turns = [i / (HUES + 1) for i in range(1, HUES + 1)]
        named = bool(self._project.cell(self.session.first).name)
        self._put_variants(
            [(f"{360 * t:.0f}°" if named else "", partial(turned_hue, turn=t)) for t in turns],
            tr("Hues"),
        )

    def palette_variants(self, palettes: Sequence[NamedPalette]) -> None:
        """Put copies of the current cell in the colors of other palettes into blank cells."""
        self._put_variants(
            [(one.name, partial(swapped, palette=one.colors)) for one in palettes],
            tr("Palette swaps"),
        )

    def _put_variants(
        self,
        ways: Sequence[tuple[str, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]]],
        text: str,
    ) -> None:
        """Put each variant of the current cell that differs from it into the next blank cell.

        Each is named after the cell and its variant, and joins no animation. Rows are added if
        needed.
        """
        project, session = self._project, self.session
        source = project.cell(session.first)
        if source.is_blank:
            session.fail(tr("Draw something first: this cell is blank."))
            return
        seen, made = {source.pixels}, []
        for called, way in ways:
            pixels = way(source.rgba).tobytes()
            if pixels not in seen:
                seen.add(pixels)
                plain = replace(source, pixels=pixels, layers=(), made_by=None)
                name = name_of(f"{source.name} {called}")
                made.append(replace(plain, name=name, name_is_taken=False, tags=()))
        sheet, places = with_room_together(project.snapshot(), session.first, len(made))
        if not places:
            session.fail(tr("There is no blank cell for a variant; clear one first."))
            return
        if len(places) < len(made):
            session.context.notice.emit(
                tr(
                    "{count} of {total} variants found a blank cell.",
                    count=len(places),
                    total=len(made),
                )
            )
        after = dict(zip(places, made, strict=False))
        session.make_room(sheet.with_cells(after), text)
        session.choose_wanted.emit((session.first, *after))

    def keep_to_palette(self, indices: Sequence[int]) -> None:
        """Snap new cells to the palette if painting is limited to it.

        This is a separate undo step, so that undo restores their colors.
        """
        if self._project.limit_to_palette and self.to_palette(indices):
            self.session.context.notice.emit(
                tr("The colors were matched to the palette; undo once to restore them.")
            )


def _blank(cell: Cell) -> Cell:
    return replace(cell, pixels=bytes(len(cell.pixels)))


def _emptied(cell: Cell) -> Cell:
    """The cell with only its locked layers; its conditions stay."""
    if not any(layer.locked for layer in cell.layers):
        return replace(
            blank_cell(cell.side), conditions=cell.conditions, duration_ms=cell.duration_ms
        )
    clear = bytes(len(cell.pixels))
    return cell.stacked(
        tuple(layer if layer.locked else replace(layer, pixels=clear) for layer in cell.layers)
    )
