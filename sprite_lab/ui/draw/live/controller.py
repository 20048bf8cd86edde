"""Connects Live and the judge to the canvas, the grid, the tools and their switches. UI thread."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QSignalBlocker, Slot

from sprite_lab.app.draw.generate.generation import CellGeneration
from sprite_lab.app.draw.live import surprise
from sprite_lab.app.draw.live.live_drawing import LiveDrawing
from sprite_lab.app.draw.live.live_model import LiveModel
from sprite_lab.app.draw.live.surprise import Surprise
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.lab import Lab
from sprite_lab.core.pixels.cells import Color
from sprite_lab.core.pixels.palette import TRANSPARENT
from sprite_lab.core.results.measured import Verdict
from sprite_lab.ui.draw.cell_grid import CellGrid
from sprite_lab.ui.draw.live.bar import LiveBar, LiveNote
from sprite_lab.ui.draw.live.overlays import GhostTiles, blended, marks
from sprite_lab.ui.draw.tools.canvas_area import CanvasArea
from sprite_lab.ui.theme import current_theme, theme_manager
from sprite_lab.words import tr

_GHOST, _JUDGE = "ghost", "judge"


class LiveController(QObject):
    """Shows the results of Live and the judge, and takes suggestions."""

    def __init__(
        self,
        lab: Lab,
        session: DrawSession,
        area: CanvasArea,
        grid: CellGrid,
        generation: CellGeneration,
    ) -> None:
        super().__init__(session)
        self._lab = lab
        self._session, self._project = session, session.project
        self._area, self._canvas, self._grid = area, area.canvas, grid
        self._tiles: GhostTiles | None = None
        self._pointed: tuple[int, int] | None = None
        self.bar = LiveBar(area.take_button)
        self.note = LiveNote(lab)
        self.live = LiveDrawing(session)
        self.surprise = Surprise(session)
        self._shown = False  # whether the canvas is visible
        self.models = LiveModel(lab, lab.training_runs, self)
        area.add_live(self.bar)
        session.tools.take_ghost = self._paint_ghost
        self._connect(generation)
        self._switch_live(self.bar.live.isChecked())
        self.surprise.set_on(self.bar.judge.isChecked())
        self._on_model()

    def _connect(self, generation: CellGeneration) -> None:
        bar, live, lab, known = self.bar, self.live, self._lab, self._lab.settings.value
        bar.live.setChecked(known.live)
        bar.judge.setChecked(known.judge)
        bar.keep.setChecked(known.keep_drawn)
        bar.variations.setChecked(known.live_variations)
        live.variations = known.live_variations
        bar.opacity.setValue(known.ghost)
        bar.live.toggled.connect(self._switch_live)
        bar.judge.toggled.connect(self._switch_judge)
        bar.keep.toggled.connect(self._switch_keep)
        bar.variations.toggled.connect(self._switch_variations)
        bar.opacity.valueChanged.connect(self._on_opacity)
        bar.redraw.clicked.connect(lambda: self._redraw(generation))
        bar.take.clicked.connect(lambda: self.take())
        bar.dismiss.clicked.connect(lambda: self.dismiss())
        self.note.make.clicked.connect(self.models.make)
        self.note.stop.clicked.connect(self.models.stop)
        self.models.changed.connect(lambda: live.set_model(self.models.model))
        self.models.changed.connect(self._show_making)
        self.models.making_changed.connect(self._show_making)
        self.models.progressed.connect(self.note.show_progress)
        live.ghosts_changed.connect(self._on_ghosts)
        live.state_changed.connect(self._on_state)
        self.surprise.measured.connect(self._on_measured)
        lab.model.changed.connect(self._on_model)
        self._project.grid_changed.connect(self._on_model)
        # Removes tiles before the canvas is painted.
        self._project.cells_changed.connect(self._on_cells)
        self._session.choice_changed.connect(self._show_tiles)
        self._grid.take_wanted.connect(lambda: self.take())
        self._canvas.accepted.connect(lambda: self.take())
        self._canvas.pointed.connect(self._on_pointed)
        generation.running_changed.connect(live.hold)
        generation.written.connect(live.leave)
        theme_manager().changed.connect(self._show_tiles)

    def set_shown(self, shown: bool) -> None:
        """Set whether the canvas is visible; if not, Live and the judge compute and say nothing."""
        self._shown = shown
        self.live.set_shown(shown)
        self.surprise.set_shown(shown)
        self._show_words()

    # -- actions ----------------------------------------------------------------------------------

    def take(self) -> bool:
        """Take the ghosts of the chosen cells; False = nothing was taken."""
        return self.live.take(self._session.chosen)

    def dismiss(self) -> bool:
        """Hide the ghosts of the chosen cells; False = there are none."""
        return self.live.dismiss(self._session.chosen)

    def _paint_ghost(self, pixels: list[int], number: int) -> None:
        """Paint pixels of the current cell in its ghost's colors, in stroke ``number``."""
        index = self._session.current
        ghost = self.live.ghost(index)
        if ghost is None:
            return
        flat = ghost.drawn.rgba.reshape(-1, 4)
        colors: dict[int, Color] = {}
        for i in pixels:
            r, g, b, a = flat[i].tolist()
            colors[i] = self._project.allowed((r, g, b, a) if a else TRANSPARENT)
        with self.live.keeping(index):
            self._session.tools.paint(colors, number, tr("Take pixels"))

    def _redraw(self, generation: CellGeneration) -> None:
        verdict = self.surprise.verdict
        if verdict is not None:
            generation.redraw(self._session.current, surprise.surprising(verdict))

    def _switch_live(self, on: bool) -> None:
        self._lab.settings.replace(live=on)
        if on:
            self.models.want()
        self.live.set_on(on)
        self._show_keeping()
        self._show_making()

    def _switch_keep(self, on: bool) -> None:
        self._lab.settings.replace(keep_drawn=on)
        self._show_keeping()

    def _show_keeping(self) -> None:
        keep = self.bar.keep.isChecked()
        tools = self._session.tools
        tools.keeps = keep and self.live.on
        if not self.live.on and tools.tool == "take":
            tools.set_tool("pencil")  # nothing is left to take
        self._area.refresh_marks()
        self.live.set_keeps(keep)

    def _switch_judge(self, on: bool) -> None:
        self._lab.settings.replace(judge=on)
        self.surprise.set_on(on)
        self._show_words()

    def _switch_variations(self, on: bool) -> None:
        self._lab.settings.replace(live_variations=on)
        self.live.variations = on
        self.live.refresh()

    @property
    def _opacity(self) -> float:
        """Opacity of ghosts, 0..1."""
        return self.bar.opacity.value() / 100

    def _on_opacity(self, percent: int) -> None:
        self._lab.settings.replace(ghost=percent)
        self._lay_tiles()
        self._show_grid()

    # -- display ----------------------------------------------------------------------------------

    def _on_model(self, *_: object) -> None:
        self.bar.set_problems(self._session.problem, self.surprise.problem)
        self._show_making()
        self._show_words()

    def _show_making(self) -> None:
        models = self.models
        slow = self.live.on and models.is_slow
        self.note.show_making(slow=slow, making=models.making, problem=models.problem)
        self._show_words()

    def _on_state(self) -> None:
        with QSignalBlocker(self.bar.live):
            self.bar.live.setChecked(self.live.on)
        self._show_keeping()
        self._show_words()

    def _show_words(self) -> None:
        verdict = self.surprise.verdict
        said = [self.live.words]
        if self.surprise.on and verdict is not None:
            said.insert(0, surprise.words(verdict, self._pointed))
        self.note.show_words("  ·  ".join(filter(None, said)))
        speaks = self._shown and (self.live.on or self.surprise.on)
        self.note.setVisible(speaks or self.models.making)
        self.bar.show_verdict(on=self.surprise.on, there=verdict is not None)

    @Slot(object)
    def _on_ghosts(self, indices: tuple[int, ...]) -> None:
        if self._session.current in indices:
            self._show_tiles()
        self._show_grid()

    def _show_tiles(self, *_: object) -> None:
        """Show the ghost of the current cell, if it has one."""
        index = self._session.current
        ghost = self.live.ghost(index)
        if ghost is None or index >= len(self._project.cells):
            self._tiles = None
        else:
            cell = self._project.cell(index)
            # A blank cell shows a variation of another drawing, and has none of that drawing's
            # pixels.
            asked = cell.rgba if cell.is_blank else ghost.wish.rgba
            self._tiles = GhostTiles(ghost.drawn.rgba, asked, current_theme())
            self._tiles.show_over(cell.rgba)
        self._lay_tiles()

    def _lay_tiles(self) -> None:
        tiles = self._tiles
        there = tiles is not None
        # Do not show both marks in one pixel; the grid still shows the ghost.
        judged = self._canvas.layer(_JUDGE) is not None
        seen = None if tiles is None or judged else tiles.layer(self._opacity)
        self._canvas.set_layer(_GHOST, seen)
        self._canvas.takes_enter = there
        self.bar.show_ghost(there)

    @Slot(object)
    def _on_cells(self, indices: tuple[int, ...]) -> None:
        index = self._session.current
        if self._tiles is not None and index in indices:
            self._tiles.show_over(self._project.cell(index).rgba)

    def _show_grid(self) -> None:
        cells = self._project.cells
        ghosts = {i: ghost for i, ghost in self.live.ghosts.items() if i < len(cells)}
        if not ghosts:
            self._grid.set_ghosts({})
            return
        drawn = np.stack([cells[i].rgba for i in ghosts])
        suggested = np.stack([ghost.drawn.rgba for ghost in ghosts.values()])
        pictures = blended(drawn, suggested, self._opacity)
        self._grid.set_ghosts(dict(zip(ghosts, pictures, strict=True)))

    @Slot(object)
    def _on_measured(self, verdict: Verdict | None) -> None:
        self._canvas.set_layer(_JUDGE, None if verdict is None else marks(verdict.pixels))
        self._lay_tiles()
        self._show_words()

    @Slot(object)
    def _on_pointed(self, point: tuple[int, int] | None) -> None:
        self._pointed = point
        if self.surprise.verdict is not None:
            self._show_words()
