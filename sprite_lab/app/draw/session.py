"""The state that the parts of Draw share: project, chosen cells, tools and settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from sprite_lab.app.context import AppContext
from sprite_lab.app.draw.drawing import config_for
from sprite_lab.app.draw.tools.tools import DrawingTools
from sprite_lab.app.files import clips
from sprite_lab.app.files.exports import Exports, Offered
from sprite_lab.app.files.project import Project
from sprite_lab.core.config import DrawSettings, SampleConfig
from sprite_lab.core.drawing.selection import Region
from sprite_lab.core.pixels import characters
from sprite_lab.core.pixels.cell_sets import set_of, tile_set_of, whole_sets
from sprite_lab.core.pixels.cells import Cell, CellSheet
from sprite_lab.core.pixels.tile_sets import ACROSS, CODES
from sprite_lab.core.sets.sprite_batch import character_batch, drawn_cells, exported_cells
from sprite_lab.core.sets.sprites import COURSE_CLASSES
from sprite_lab.words import tr

#: Random seeds are below this, short enough to read aloud.
SEEDS = 1_000_000

Cells = tuple[Cell, ...]


class DrawSession(QObject):
    """The shared state of Draw, which its parts read and watch. UI thread."""

    choice_changed = Signal()  #: ``current`` or ``chosen`` changed
    settings_changed = Signal()  #: ``settings`` or ``only_selection`` changed
    choose_wanted = Signal(object)  #: tuple of cells that were just edited, to choose

    def __init__(
        self, context: AppContext, project: Project, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.context, self.project = context, project
        self.tools = DrawingTools(project, self)  #: the tools, which draw in the current cell
        self.tools.refused.connect(context.notice)
        self.current = 0  #: index of the cell on the canvas
        #: indices of the cells that actions apply to, ascending; at least one
        self.chosen: tuple[int, ...] = (0,)
        self.settings = DrawSettings()  #: how cells are generated
        self.only_selection = True  #: whether pixels outside the tools' selection are kept
        # Name of the last set of each kind, by the kind's first part.
        self.last_sets: dict[str, str] = {}

    def choose(self, current: int, chosen: tuple[int, ...]) -> None:
        """Put a cell on the canvas and choose cells; none = only the one on the canvas."""
        chosen = chosen or (current,)
        if (current, chosen) != (self.current, self.chosen):
            self.current, self.chosen = current, chosen
            self.tools.set_cell(current)
            self.tools.chosen = chosen
            self.choice_changed.emit()

    def set_settings(self, settings: DrawSettings, *, only_selection: bool) -> None:
        if (settings, only_selection) != (self.settings, self.only_selection):
            self.settings, self.only_selection = settings, only_selection
            self.settings_changed.emit()

    @property
    def selection(self) -> Region | None:
        """Where to generate: bool (side, side); None = everywhere."""
        return self.tools.selection if self.only_selection else None

    def config_of(self, cell: Cell) -> SampleConfig | None:
        """The configuration with which Generate draws a cell; None = there is no model. Raises
        ConfigError if it is invalid.
        """
        model = self.context.model.value
        if model is None:
            return None
        return config_for(cell, self.settings, model, self.project.palette, self.selection)

    def configs_of(self, cells: Iterable[Cell]) -> tuple[SampleConfig, ...]:
        """The configurations with which Generate draws cells; raises like :meth:`config_of`."""
        return tuple(config for config in map(self.config_of, cells) if config is not None)

    @property
    def first(self) -> int:
        """The cell whose settings are shown: the current one, or else the first chosen one."""
        return self.current if self.current in self.chosen else self.chosen[0]

    @property
    def row(self) -> range:
        """The cells in the current cell's row."""
        columns = self.project.columns
        start = self.current // columns * columns
        return range(start, start + columns)

    @property
    def row_or_chosen(self) -> tuple[int, ...]:
        """The cells that may become frames: the chosen ones if several, otherwise the row."""
        return self.chosen if len(self.chosen) > 1 else tuple(self.row)

    @property
    def frames(self) -> tuple[int, ...]:
        """The frames of an animation: the chosen cells; if only one, the row up to its last
        drawing.
        """
        if len(self.chosen) > 1:
            return self.chosen
        row, cells = self.row, self.project.cells
        drawn = [i for i in row if not cells[i].is_blank]
        return tuple(range(row.start, max(drawn, default=row.start) + 1))

    def set_cells(self, parts: Sequence[str]) -> tuple[int, ...]:
        """The cells of a set with all of ``parts``, in their order; () = there is none.

        Of several sets, that of the current cell is preferred, then the last one shown.
        """
        cells = self.project.cells
        names = whole_sets(cells, parts)
        own = cells[self.current].set_name if self.current < len(cells) else ""
        last = self.last_sets.get(parts[0], "")
        name = next((name for name in (own, last, *names) if name in names), "")
        if name:  # there is none before the project is open
            self.last_sets[parts[0]] = name
        return tuple(set_of(cells, parts, name).values()) if name else ()

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes that cells can ask for: those of the model, or else of the data set."""
        model, data = self.context.model.value, self.context.data.value
        if model is not None:
            return model.class_names
        return COURSE_CLASSES if data is None else data.class_names

    @property
    def drawn(self) -> Cell | None:
        """The current cell; None = nothing is drawn in it."""
        cells = self.project.cells
        cell = cells[self.current] if self.current < len(cells) else None
        return None if cell is None or cell.is_blank else cell

    @property
    def problem(self) -> str:
        """Why the model cannot draw in the cells or judge them, or ""."""
        model, side = self.context.model.value, self.project.side
        if model is None and self.context.model_loading.value:
            return tr("The model is still loading: wait a moment.")
        if model is None:
            return tr("There is no model yet: train one, or open one from the menu.")
        if model.image_size != side:
            size = model.image_size
            return tr(
                "This model draws {size}×{size} sprites, but cells are {side}×{side}: "
                "open another.",
                size=size,
                side=side,
            )
        return ""

    def make_room(self, sheet: CellSheet, text: str) -> None:
        """Make a sheet the current one, as an undo step; report it if the grid gained rows."""
        before = self.project.rows
        self.project.push(sheet, text)
        if self.project.rows > before:
            self.context.notice.emit(
                tr("The grid has {rows} rows now, to make room.", rows=self.project.rows)
            )

    def fail(self, sentence: str) -> None:
        self.context.failed.emit(sentence, "")

    # -- exports -------------------------------------------------------------------------

    def offer_drawings(self, exports: Exports) -> None:
        """Offer frames, chosen cells, characters and terrains, as they are when exported."""
        walks = partial(self.set_cells, characters.PARTS)
        for name, indices, make in (
            ("frames", lambda: self.frames, self._animation),
            ("chosen_cells", lambda: self.chosen, self._pictures),
            ("walks", walks, partial(clips.of_character, apart=False)),
            ("walks_apart", walks, partial(clips.of_character, apart=True)),
            ("character", walks, lambda cells: lambda config: character_batch(cells)),
            ("terrain", partial(self.set_cells, CODES), self._tiles),
        ):
            exports.offer(name, partial(self._export, indices, make))

    def _export(
        self, indices: Callable[[], Sequence[int]], make: Callable[[Cells], Offered]
    ) -> Offered:
        cells = tuple(self.project.cell(i) for i in indices())
        if not cells:
            return tr("Create such a set first (Run menu).")
        if all(cell.is_blank for cell in cells):
            return tr("Draw something there first: these cells are blank.")
        return make(cells)

    def _animation(self, cells: Cells) -> Offered:
        return clips.of_cells(cells, self.project.exported_as)

    def _pictures(self, cells: Cells) -> Offered:
        title = self.project.exported_as
        return lambda config: exported_cells(cells, title, config)

    def _tiles(self, cells: Cells) -> Offered:
        ground = self.project.map_of(cells[0].set_name)
        return lambda config: replace(
            drawn_cells(cells, "terrain", ACROSS),
            names=CODES,
            classes=(),
            tags=(),
            tile_sets=(replace(tile_set_of(cells), ground=ground),),
        )
