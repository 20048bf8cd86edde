"""Restores the state in which Draw was left."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Slot

from sprite_lab.app.draw.generate.batch_drawing import BatchDrawing
from sprite_lab.app.draw.generate.generation import CellGeneration
from sprite_lab.app.draw.generate.last_batch import LastBatch
from sprite_lab.app.draw.last_state import DrawState, last_state
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.core.config import DrawSettings
from sprite_lab.ui.draw.cell_grid import CellGrid
from sprite_lab.ui.draw.generate.panel import DrawPanel
from sprite_lab.ui.draw.layers import LayersGroup
from sprite_lab.ui.widgets.pages import Paged


class LastState(QObject):
    """Restores and keeps the state of Draw: tools, colors, cells, layer, page, tab, groups,
    settings, drafts, variations and the sets shown.

    Cells are chosen once the project is open, unless the user has chosen others meanwhile. Settings
    of Generate are shown once a model is open, since steps and methods depend on it.
    """

    def __init__(
        self,
        session: DrawSession,
        generation: CellGeneration,
        batches: BatchDrawing,
        grid: CellGrid,
        panel: DrawPanel,
        layers: LayersGroup,
        pages: Paged,
    ) -> None:
        super().__init__(session)
        settings = self._settings = session.context.settings
        self._session, self._generation = session, generation
        self._grid, self._panel, self._pages = grid, panel, pages
        self._groups = {group.objectName(): group for group in (*panel.folds, layers)}
        last = last_state(settings)
        self._waiting: tuple[int, ...] = (last.cell, *(i for i in last.chosen if i != last.cell))
        self._count = grid.count  # number of cells in the grid
        self._drafts = last.drafts
        self._batch = LastBatch(session, batches)
        self._batch.bring_back((last.kept, last.discarded, last.tries))
        model = session.context.model
        self._for_model: DrawSettings | None = None if model.value else last.generating
        self.restore(last)
        tools = session.tools
        for changed in (
            tools.tool_changed,
            tools.options.changed,
            tools.colors_changed,
            tools.layer_changed,
            session.settings_changed,
            panel.tabs.changed,
            pages.stack.currentChanged,
            batches.changed,
            *(group.folded for group in self._groups.values()),
        ):
            changed.connect(self._keep)
        model.changed.connect(self._on_model)
        session.choice_changed.connect(self._on_choice)
        generation.written.connect(self._on_choice)
        session.project.grid_changed.connect(self._on_grid)
        self._choose()

    def restore(self, last: DrawState) -> None:
        """Restore everything except the chosen cells."""
        tools = self._session.tools
        tools.set_tool(last.tool)
        # Whether strokes wrap depends on the tiled view.
        tools.options.set(replace(last.options, wrap=tools.options.value.wrap))
        for which in (0, 1):
            r, g, b, a = last.colors[4 * which : 4 * which + 4]
            tools.set_color(which, (r, g, b, a))
        tools.set_layer(last.layer)
        self._generation.drafts.bring_back(last.drafts)
        self._session.last_sets.update(last.sets)
        self._panel.tabs.set_value(last.tab)
        self._panel.generate.form.set_value(last.generating)
        page = last.page.removeprefix("draw.")
        if page in self._pages.names:
            self._pages.stack.setCurrentWidget(self._pages.page(page))
        for name, opened in last.opened.items():
            if name in self._groups:
                self._groups[name].set_open(opened)

    def _choose(self) -> None:
        """Choose the cells of the last session if the project has them."""
        waiting = self._waiting
        if waiting and max(waiting) < self._count:
            self._grid.set_selection(waiting)
            # Later, when the grid has its size.
            QTimer.singleShot(0, self._grid, lambda: self._grid.reveal(waiting[0]))
            self._waiting = waiting  # cells to choose once the last project is open

    @Slot()
    def _on_model(self, *_: object) -> None:
        if self._for_model is not None and self._session.context.model.value is not None:
            settings, self._for_model = self._for_model, None
            self._panel.generate.form.set_value(settings)

    @Slot()
    def _on_grid(self) -> None:
        self._count = self._grid.count
        self._choose()
        self._waiting = ()  # the last project, or another one, is open
        self._keep()

    @Slot()
    def _on_choice(self, *_: object) -> None:
        if self._grid.count == self._count:  # otherwise the state belongs to another project
            self._waiting = ()
            self._keep()

    @Slot()
    def _keep(self, *_: object) -> None:
        session, tools = self._session, self._session.tools
        cell, chosen = session.current, session.chosen
        if self._waiting:
            cell, *others = self._waiting
            chosen = tuple(sorted((cell, *others)))
        first, second = tools.colors
        page = self._pages.stack.currentWidget()
        if not self._waiting:
            self._drafts = self._generation.drafts.checksums
        kept, discarded, tries = self._batch.decisions
        state = DrawState(
            tools.tool,
            tools.options.value,
            bytes((*first, *second)),
            cell,
            chosen,
            tools.wanted_layer,
            self._panel.tabs.value,
            page.objectName() if page is not None else "",
            self._for_model or session.settings,
            {name: group.is_open for name, group in self._groups.items()},
            kept,
            discarded,
            tries,
            self._drafts,
            {**session.last_sets},
        )
        self._settings.replace(draw=state.to_json())
