"""The Draw workspace: cells on the left, the canvas on the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer, Slot
from PySide6.QtGui import QFocusEvent, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QSplitter, QWidget

from sprite_lab.app.draw.editor import CellEditor, no_sprites_because
from sprite_lab.app.draw.generate.batch_drawing import BatchDrawing
from sprite_lab.app.draw.generate.generation import CellGeneration
from sprite_lab.app.draw.layers import LayerEditor
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.files.picture_tasks import PALETTE_SUFFIXES
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import class_words
from sprite_lab.ui.draw.cell_grid import CellGrid
from sprite_lab.ui.draw.cells_pane import CHOOSE_TEXT, CellsPane
from sprite_lab.ui.draw.files import CellFiles, Drops
from sprite_lab.ui.draw.generate.batch_page import BatchPage
from sprite_lab.ui.draw.generate.panel import DrawPanel
from sprite_lab.ui.draw.keys import DrawKeys, cell_actions
from sprite_lab.ui.draw.last_state import LastState
from sprite_lab.ui.draw.layers import LayersGroup
from sprite_lab.ui.draw.live.controller import LiveController
from sprite_lab.ui.draw.page import DrawPage
from sprite_lab.ui.draw.sets.character import CharacterPage
from sprite_lab.ui.draw.sets.page import SetPage
from sprite_lab.ui.draw.sets.style import StylePage
from sprite_lab.ui.draw.sets.terrain import TerrainPage
from sprite_lab.ui.draw.tools.canvas_area import CanvasArea
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.page import Page
from sprite_lab.ui.shell.dialogs import open_over
from sprite_lab.ui.shell.notices import dismiss_error
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.pages import Paged
from sprite_lab.words import tr, trn

#: Initial width of the cells, as a share, and its minimum in logical pixels, at which the classes
#: of four cells side by side are not cut off.
_CELLS_SHARE, _CELLS_WIDTH = 0.33, 300
#: Milliseconds that grid and panel may lag behind a stroke.
_SOON_MS = 33


class DrawWorkspace(Paged):
    """Composes and connects the parts of Draw; its pages take the place of the canvas."""

    inspector: QWidget

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        makers: dict[str, Callable[[], Page]] = {
            "batch": self._make_batch_page,
            "path": self._make_style_page,
            "terrain": lambda: self._with_way_back(
                TerrainPage(self._lab, self.session, self.generation)
            ),
            "character": lambda: self._with_way_back(
                CharacterPage(self._lab, self.session, self.generation, self.batches)
            ),
        }
        super().__init__("draw", makers, parent)
        self._lab, self._project = lab, lab.project
        self._previews: dict[int, NDArray[np.uint8]] = {}
        self._changed: set[int] = set()
        self._columns = lab.project.columns
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._show_changes)
        self.session = session = DrawSession(lab, lab.project, self)
        self.tools = session.tools
        self.editor = CellEditor(session)
        self.layers = LayerEditor(session)
        self.layers_group = LayersGroup(self.layers)
        self.generation = CellGeneration(session)
        self.files = CellFiles(session, lab.exports, self.editor, self)
        self.grid = named(CellGrid(), "draw.cells", tr("Cells"))
        self.grid.setAccessibleDescription(
            tr("Arrow keys select a cell, with Shift several; Alt and arrow keys move it")
        )
        self.area = CanvasArea(lab, session, self.editor)
        self.palette_menu = self.area.palette_row.menu
        self.panel = DrawPanel(lab, self.editor, self.generation, self.files)
        self.inspector = self.panel
        self.live = LiveController(lab, session, self.area, self.grid, self.generation)
        self.batches = BatchDrawing(session)
        self._before_batch: QWidget | None = None  # the page to go back to; None = the canvas
        session.offer_drawings(lab.exports)
        canvas, type_key = self.area.canvas, self.area.type_key
        self._keys = DrawKeys(lab.settings, self.area, canvas, self.panel, type_key)
        Drops(self, self.grid, session, self.open_file)
        self._actions = cell_actions(
            self, self.grid, session, self.editor, self._cancel, self.rename
        )
        # In the panel, Esc cancels, too; Delete and the arrow keys belong to its fields.
        self.panel.addActions([self._actions[name] for name in ("cancel", "copy", "paste")])
        self._lay_out()
        self._connect()
        self._on_grid()
        self._on_known_classes()
        self.last = LastState(
            session, self.generation, self.batches, self.grid, self.panel, self.layers_group, self
        )

    # -- parts ---------------------------------------------------------------------------

    def _cancel(self) -> None:
        """Esc: close an error, or leave the page.

        On the canvas: cancel the running job, or else dismiss the suggestion, or else deselect.
        """
        page = self.stack.currentWidget()
        if dismiss_error(self):
            return
        if isinstance(page, DrawPage):
            page.escape()
        elif self.generation.running:
            self.generation.cancel()
        elif not self.live.dismiss():
            self.tools.select_none()

    def _lay_out(self) -> None:
        # Build from the outside in, since reparenting a widget restyles everything inside it.
        self._split = QSplitter(Qt.Orientation.Horizontal)
        hbox(self._split, on=self)
        self._split.setHandleWidth(1)
        self._split.setChildrenCollapsible(False)
        self.pane = CellsPane(self.grid, self.layers_group, self.live.note, self._actions)
        self._split.addWidget(self.pane)
        self._split.addWidget(self.stack)
        self.stack.addWidget(self.area)
        self._split.setStretchFactor(0, 2)
        self._split.setStretchFactor(1, 3)
        self.stack.currentChanged.connect(self._on_page)
        self._split.splitterMoved.connect(self._remember_split)

    def _make_batch_page(self) -> BatchPage:
        page = BatchPage(self._lab, self.session, self.batches)
        page.back_wanted.connect(lambda: self.show_batch(False))
        self.generation.running_changed.connect(page.refresh)
        return page

    def _make_style_page(self) -> StylePage:
        page = StylePage(self._lab, self.session, self.editor, self.batches)
        page.back_wanted.connect(self.show_canvas)
        page.batch_wanted.connect(lambda: self.show_batch(True))
        return page

    def _with_way_back(self, page: SetPage) -> SetPage:
        page.back_wanted.connect(self.show_canvas)
        return page

    def focusInEvent(self, event: QFocusEvent) -> None:
        # A focus proxy would make Qt lose part of the tab order.
        self.area.canvas.setFocus(event.reason())

    def showEvent(self, event: QShowEvent) -> None:
        if not event.spontaneous():
            self._share_out()  # only now is the total width known
        super().showEvent(event)
        self._show_page()
        if not event.spontaneous():
            QTimer.singleShot(0, self.grid, self.reveal_current)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._lab.settings.value.cells_width:
            self._share_out()

    def _share_out(self) -> None:
        """Give the cells the width set by the user, or the default width."""
        # With large text, the widgets below the canvas need the room.
        least = 0 if theme_manager().text_is_large else _CELLS_WIDTH
        usual = max(least, round(_CELLS_SHARE * self.width()))
        cells = self._lab.settings.value.cells_width or usual
        self._split.setSizes([cells, max(1, self.width() - cells)])

    def hideEvent(self, event: QHideEvent) -> None:
        self.live.set_shown(False)
        self._lab.keeps_model = self._lab.on_style_path = False
        super().hideEvent(event)

    def show_history(self) -> None:
        self.area.show_history()

    def show_batch(self, shown: bool) -> None:
        """Show the page of variations, or go back to the page it was opened from."""
        if not shown:
            self._show(self._before_batch)
            return
        page = self.stack.currentWidget()
        if not isinstance(page, BatchPage):
            self._before_batch = None if page is self.area else page
        self.show_page("batch")

    def _select(self, indices: Sequence[int]) -> None:
        self.grid.set_selection(indices)
        if indices:
            self.grid.reveal(indices[0])

    @Slot(object)
    def _on_cells_wanted(self, indices: tuple[int, ...]) -> None:
        self._show(None)
        self._select(indices)

    @Slot()
    def reveal_current(self) -> None:
        """Scroll the grid to the cell on the canvas."""
        if self.session.current < self.grid.count:
            self.grid.reveal(self.session.current)

    def show_set(self, kind: str) -> None:
        self.show_page("path" if kind == "style" else kind)

    @property
    def current(self) -> str:
        """Name of the page shown; "" = the canvas."""
        shown = self.stack.currentWidget()
        return next((name for name, page in self._built.items() if page is shown), "")

    def show_canvas(self) -> None:
        self._show(None)

    def show_page(self, name: str) -> None:
        self._show(self.page(name))

    def show_page_of(self, control: QWidget) -> None:
        if self.area.isAncestorOf(control):
            self._show(None)
        else:
            super().show_page_of(control)

    def _show(self, page: QWidget | None) -> None:
        """Show a page; None = the canvas."""
        self.stack.setCurrentWidget(page or self.area)
        (page or self.area.canvas).setFocus()

    def _on_page(self) -> None:
        self.panel.generate.set_primary(self.stack.currentWidget() is self.area)
        self._show_page()

    def _show_page(self) -> None:
        page, shown = self.stack.currentWidget(), self.isVisible()
        self.live.set_shown(shown and page is self.area)
        # On the page of the user's style, tuning is one of the steps, and the user continues there.
        self._lab.on_style_path = shown and isinstance(page, StylePage)
        self._lab.keeps_model = shown and not self._lab.on_style_path

    def _remember_split(self, *_: int) -> None:
        self._lab.settings.replace(cells_width=self._split.sizes()[0])

    def _connect(self) -> None:
        project, grid = self._project, self.grid
        project.cells_changed.connect(self._on_cells)
        self._lab.restoring.changed.connect(self._show_cells)
        project.grid_changed.connect(self._on_grid)
        # The tools were connected earlier, so they finish the stroke first.
        for over in (self.area.canvas.released, self.area.canvas.canceled):
            over.connect(self._show_changes)
        self._lab.model.changed.connect(self._on_known_classes)
        self._lab.model_loading.changed.connect(self._on_known_classes)
        self._lab.data.changed.connect(self._on_known_classes)
        grid.current_changed.connect(self._choose)
        grid.selection_changed.connect(self._choose)
        self.session.choice_changed.connect(self._on_choice)
        self.session.choose_wanted.connect(self._select)
        grid.double_clicked.connect(lambda _index: self._show(None))
        grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        grid.customContextMenuRequested.connect(self._show_menu)
        grid.move_asked.connect(self.editor.move_cells)
        grid.copy_asked.connect(self.editor.copy_cells)
        self.editor.pictures_asked.connect(self.files.paste)
        self._lab.drawing_wanted.connect(self.open_file)
        self._lab.cells_wanted.connect(self._on_cells_wanted)
        self.panel.names.left.connect(lambda: grid.setFocus())
        self.panel.words.left.connect(lambda: self.area.canvas.setFocus())
        self.pane.fill_wanted.connect(lambda: self.show_batch(True))
        self.pane.invitation.take.clicked.connect(
            lambda: self.editor.take_sprites(range(len(project.cells)))
        )
        self.generation.previewed.connect(self._on_previews)
        self.generation.varying.connect(self.grid.reveal)
        self.area.layer_wanted.connect(lambda name: self.layers_group.commands[name]())
        self.pane.set_wanted.connect(self.show_set)
        self.pane.choose_wanted.connect(self._lab.sprites_wanted)
        self.panel.sheet.set_wanted.connect(self._write_set)
        self.batches.set_written.connect(self._on_set)
        self.generation.made.connect(self.batches.add)
        self.live.live.taken.connect(self.batches.add)

    @Slot(bool)
    def _write_set(self, join: bool) -> None:
        cells = [self._project.cell(i) for i in self.session.chosen]
        self.batches.write_set(cells, join=join)

    @Slot(object)
    def _on_set(self, path: Path, count: int, joined: bool) -> None:
        # The path to sprites in the user's own style continues with the open set.
        if self._lab.own_set is not None and not joined:
            self._lab.settings.remember("recent_data", str(path.absolute()))
            self._lab.notice.emit(
                trn(
                    "{stem} was written with {n:,} sprite: it is in File, Open recent. The open "
                    "set stays.",
                    "{stem} was written with {n:,} sprites: it is in File, Open recent. The open "
                    "set stays.",
                    count,
                    stem=path.stem,
                )
            )
            return
        if joined:
            self._lab.remember_grown(path)
            done = trn(
                "{n:,} sprite was added in {stem}, which is open in Data: train on it, or add "
                "more.",
                "{n:,} sprites were added in {stem}, which is open in Data: train on it, or add "
                "more.",
                count,
                stem=path.stem,
            )
        else:
            done = trn(
                "{stem} with {n:,} sprite is open in Data: train on it, or add more.",
                "{stem} with {n:,} sprites is open in Data: train on it, or add more.",
                count,
                stem=path.stem,
            )
        self._lab.notice.emit(done)
        self._lab.open_data(path)

    def _choose(self, *_: object) -> None:
        self.session.choose(max(self.grid.current, 0), self.grid.selection)

    # -- following the project --------------------------------------------------------------------

    @Slot()
    def _on_grid(self) -> None:
        self._changed.clear()
        moved = self._moved_choice()
        self._columns = self._project.columns
        self._show_cells()
        if len(self._project.history):
            self._select(moved)
        elif self.grid.current < 0:  # another project was opened
            self.grid.set_current(0)
        self._on_choice()

    def _moved_choice(self) -> tuple[int, ...]:
        """The indices of the chosen cells in the resized grid; the one on the canvas, or the cell
        nearest to it, comes first.
        """
        session, rows, columns = self.session, self._project.rows, self._project.columns
        row, column = divmod(session.current, self._columns)
        places = (divmod(i, self._columns) for i in session.chosen)
        kept = [r * columns + c for r, c in places if r < rows and c < columns]
        return (min(row, rows - 1) * columns + min(column, columns - 1), *kept)

    @Slot(object)
    def _on_cells(self, indices: tuple[int, ...]) -> None:
        self._changed.update(indices)
        if self._project.history.went and self.session.current not in indices:
            self._follow(indices)
        if self.area.canvas.is_held:
            # Update the canvas at once, and the rest a little later.
            if self.session.current in indices:
                self.area.show_cell(self._project.cell(self.session.current))
            if not self._soon.isActive():
                self._soon.start(_SOON_MS)
        else:
            self._show_changes()

    def _follow(self, indices: tuple[int, ...]) -> None:
        """Put a cell that undo or redo changed on the canvas: a chosen one, or else the only one.

        If several cells changed and none is chosen, such as variations, the grid shows them.
        """
        chosen = self.session.chosen
        changed = [i for i in indices if i in chosen]
        if changed:
            self._select((*changed, *chosen))
        elif len(indices) == 1:
            self._select(indices)

    @Slot()
    def _show_changes(self) -> None:
        """Update grid and panel; during a stroke this is delayed."""
        self._soon.stop()
        indices, self._changed = self._changed, set()
        if not indices:
            return
        self._show_cells()
        if indices & {self.session.current, *self.session.chosen} or self.panel.generate.all_cells:
            self._on_choice()

    def _show_cells(self, *_: object) -> None:
        cells = self._project.cells
        self.grid.set_cells(cells, self._project.columns, self._previews)
        # Cells of a set are meant for its parts, not to be filled with sprites.
        self.pane.invite(
            not self._previews and all(cell.is_blank and not cell.part for cell in cells),
            reading=self._lab.restoring.value,
        )

    def _on_choice(self, *_: object) -> None:
        current, chosen = self.session.current, self.session.chosen
        cells = self._project.cells
        if current >= len(cells) or chosen[-1] >= len(cells):
            return  # the grid is shrinking
        self.area.show_cell(cells[current])
        self.panel.show_chosen()
        page = self.stack.currentWidget()
        if isinstance(page, BatchPage) and page.isVisible():
            page.refresh()

    def _on_known_classes(self, *_: object) -> None:
        self.panel.set_model(self._lab.model.value, self.session.class_names)
        self._on_choice()
        self.pane.set_problem(no_sprites_because(self._lab.data.value, self._project.side))

    @Slot(object)
    def _on_previews(self, images: dict[int, NDArray[np.uint8]]) -> None:
        self._previews = {i: image for i, image in images.items() if i < len(self._project.cells)}
        self._show_cells()
        self.area.show_preview(self._previews.get(self.session.current))

    # -- generating ----------------------------------------------------------------------

    def generate(self) -> None:
        self.panel.generate_cells()

    def rename(self) -> None:
        """Focus the name of the chosen cells."""
        self._lab.settings.replace(inspector_open=True)
        names = self.panel.names
        names.set_open(True)
        self.panel.reveal(names)
        QTimer.singleShot(0, names, lambda: self.panel.ensureWidgetVisible(names))
        names.name.setFocus(Qt.FocusReason.ShortcutFocusReason)
        names.name.selectAll()

    def clean_up(self) -> None:
        """Preview the clean-up of the chosen cells, and apply it if confirmed."""
        chosen = self.session.chosen
        if not any(map(self.tools.takes_strokes, chosen)) and self.tools.refuses(chosen):
            return
        from sprite_lab.ui.draw.edit_dialogs import CleanUpDialog  # noqa: PLC0415 (rarely wanted)

        open_over(CleanUpDialog(self.session, self.editor, self.window()))

    def paint_mask(self) -> None:
        """Select the mask brush, and show the settings of masks."""
        self._show(None)
        self.tools.set_tool("mask")
        self.panel.reveal(self.panel.masks)

    def rotate(self) -> None:
        """Ask for an angle, and rotate the selection or the chosen cells."""
        if self.tools.selection is not None and self.tools.refuses():
            return
        from sprite_lab.ui.draw.edit_dialogs import RotateDialog  # noqa: PLC0415 (rarely wanted)

        open_over(RotateDialog(self.editor, self.window()))

    # -- menu and files ------------------------------------------------------------------

    def _show_menu(self, place: QPoint) -> None:
        index = self.grid.index_at(QPointF(place))
        if index >= 0 and index not in self.session.chosen:
            self.grid.set_current(index)
        menu = named(QMenu(self), "draw.cell_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in ("copy", "cut", "paste", "duplicate", "clear", "rename"):
            menu.addAction(self._actions[name])
        classes = menu.addMenu(tr("Class"))
        for known in (None, *self.session.class_names):
            words = tr("Any class") if known is None else class_words(known)
            action = classes.addAction(words)
            action.triggered.connect(lambda _=False, known=known: self.editor.set_class(known))
        menu.addSeparator()
        menu.addAction(self._actions["take"])
        menu.addAction(CHOOSE_TEXT).triggered.connect(self._lab.sprites_wanted)
        menu.addAction(tr("Import picture…")).triggered.connect(self.files.ask_import)
        menu.addAction(tr("Export picture…")).triggered.connect(
            lambda: self._lab.exports.wanted.emit("chosen_cells")
        )
        menu.popup(self.grid.mapToGlobal(place))

    def open_file(self, path: Path, index: int | None = None) -> None:
        """Open a palette, or put pictures into cells from ``index`` on (None = the current one)."""
        if path.suffix.lower() in PALETTE_SUFFIXES:
            self.palette_menu.open(path)
        else:
            self.files.import_picture(path, index)
