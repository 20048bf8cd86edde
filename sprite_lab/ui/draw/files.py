"""Pictures in and out of cells: imports, drops and exports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPointF, QTimer
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from sprite_lab.app.draw.clipboard import drawing_file
from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.files import picture_tasks
from sprite_lab.app.files.exports import Exports
from sprite_lab.app.files.opening import drops_in_draw
from sprite_lab.app.task import Task
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.pixels.cells import MOST_CELLS, Cell, CellSheet
from sprite_lab.core.pixels.characters import PARTS
from sprite_lab.core.pixels.pictures import (
    Block,
    Pictures,
    block_of,
    count_cells,
    fits,
    other_side,
    place_for,
)
from sprite_lab.core.sets.sprite_batch import drawn_cells
from sprite_lab.ui.draw.cell_grid import CellGrid
from sprite_lab.ui.shell.dialogs import ACCEPT, CANCEL, DISCARD, ask_open, ask_save, question
from sprite_lab.ui.shell.drop import DropVeil
from sprite_lab.words import tr, trn


def patterns(suffixes: tuple[str, ...]) -> str:
    """Suffixes as patterns for a file dialog: "*.png *.gif"."""
    return " ".join(f"*{suffix}" for suffix in suffixes)


PICTURES = tr("Pictures ({patterns})", patterns=patterns(picture_tasks.PICTURE_SUFFIXES))


class CellFiles(QObject):
    """Imports pictures into the project, and exports its cells; dialogs belong to ``window``. UI
    thread.
    """

    def __init__(
        self, session: DrawSession, exports: Exports, editor: CellEditor, window: QWidget
    ) -> None:
        super().__init__(window)
        self._session, self._project, self._window = session, session.project, window
        self._context, self._exports, self._editor = session.context, exports, editor

    # -- importing --------------------------------------------------------------------------------

    def ask_import(self) -> None:
        path = ask_open(self._window, self._context.settings, tr("Import picture"), PICTURES)
        if path is not None:
            self.import_picture(path)

    def import_picture(self, path: Path, index: int | None = None) -> None:
        """Import a picture, starting at a cell (None = the current one)."""
        target = self._session.current if index is None else index
        self._take_from(picture_tasks.read_pictures(path, self._project.side), path.name, target)

    def paste(self, pictures: Pictures) -> None:
        """Put pasted pictures into cells, from the current one on, like those of a file."""
        task = picture_tasks.for_cells(pictures, self._project.side)
        self._take_from(task, pictures.title, self._session.current)

    def _take_from(self, task: Task[Pictures], name: str, target: int) -> None:
        self._context.do(
            task,
            self,
            name=tr("Reading {name}", name=name),
            then=lambda found: QTimer.singleShot(0, self, lambda: self.take(found, target)),
        )

    def take(self, pictures: Pictures, index: int | None = None) -> None:
        """Put pictures into cells, from ``index`` on (None = the current one); ask if too large."""
        target = self._session.current if index is None else index
        side, target = self._project.side, min(target, len(self._project.cells) - 1)
        if fits(pictures, side):
            self._put(pictures, target)
            return
        answer = self._ask_what_to_do(pictures)
        if answer == "cut":
            self._put(pictures, target)
        elif answer == "new":
            self._start(pictures, other_side(pictures, side) or side)

    def _ask_what_to_do(self, pictures: Pictures) -> str:
        side = self._project.side
        height, width = pictures.size
        rows, columns = count_cells(pictures, side)
        other = other_side(pictures, side)
        choices = []
        if rows:
            cells = rows * columns * len(pictures.frames)
            choices.append(("cut", tr("Cut into {cells:,} cells", cells=cells), ACCEPT))
        if other is not None:
            choices.append(("new", tr("New project of {other}×{other}", other=other), ACCEPT))
        if not choices:
            self._session.fail(
                tr(
                    "“{title}” has {width}×{height} pixels and cannot be cut into cells of "
                    "{side}×{side} or any other size; crop it to a multiple of {side} first.",
                    title=pictures.title,
                    width=width,
                    height=height,
                    side=side,
                )
            )
            return "cancel"
        count = len(pictures.frames)
        frames = tr(" in each of {count} frames", count=count) if count > 1 else ""
        cut = (
            tr(
                " It can be cut into {columns}×{rows} cells{frames}.",
                rows=rows,
                columns=columns,
                frames=frames,
            )
            if rows
            else ""
        )
        return question(
            self._window,
            tr("“{title}” is larger than a cell", title=pictures.title),
            tr(
                "It has {width}×{height} pixels; the cells of this project have "
                "{side}×{side}.{cut}",
                width=width,
                height=height,
                side=side,
                cut=cut,
            ),
            [*choices, ("cancel", tr("Cancel"), CANCEL)],
            name="draw.larger",
        )

    def _put(self, pictures: Pictures, target: int) -> None:
        """Put pictures into the grid, which grows if necessary, as one step of undo."""
        project = self._project
        start = divmod(target, project.columns)
        try:
            block = block_of(pictures, project.side)
            if (block.rows, block.columns) != (1, 1):
                blank = [cell.is_free for cell in project.cells]
                size = (block.rows, block.columns)
                start = place_for(size, (project.rows, project.columns), blank, start)
            rows = max(project.rows, start[0] + block.rows)
            columns = max(project.columns, start[1] + block.columns)
            sheet = project.snapshot().resized(rows, columns)
        except SpriteLabError as error:
            self._session.fail(str(error))
            return
        taken = _placed(block, start, sheet)
        text = trn("Import picture", "Import {n} pictures", len(taken))
        project.push(sheet.with_cells(taken), text)
        self._session.choose_wanted.emit(tuple(sorted(taken)))
        self._editor.keep_to_palette(tuple(taken))
        self._tell(pictures, block)

    def _tell(self, pictures: Pictures, block: Block) -> None:
        for note in pictures.notes:
            self._context.notice.emit(note)
        if len(pictures.layers) > 1 and not block.layers:
            self._context.notice.emit(tr("Its layers were merged into one."))
        if block.left_out:
            count = sum(pixels is not None for pixels in block.pixels)
            self._context.notice.emit(
                tr(
                    "Imported {count:,} of {total:,} pictures: a grid has at most {most} cells.",
                    count=count,
                    total=count + block.left_out,
                    most=MOST_CELLS,
                )
            )

    def _start(self, pictures: Pictures, side: int) -> None:
        """Replace the project with a new one that holds the pictures."""
        block = block_of(pictures, side)
        palette = tuple(color for color in pictures.palette if color[3])
        sheet = CellSheet(
            block.rows,
            block.columns,
            palette=palette or self._project.palette,
            title=pictures.title,
            side=side,
        )
        self._context.sheet_wanted.emit(sheet.with_cells(_placed(block, (0, 0), sheet)))
        self._tell(pictures, block)

    # -- exporting --------------------------------------------------------------------------------

    def export_aseprite(self) -> None:
        """Ask for a path, and write frames, or a whole character, as an Aseprite file."""
        if all(cell.is_blank for cell in self._frames):
            self._session.fail(tr("Draw something there first: these cells are blank."))
            return
        path = ask_save(
            self._window,
            self._context.settings,
            tr("Export Aseprite file"),
            f"{self._project.exported_as}.aseprite",
            tr("Aseprite files ({patterns})", patterns=patterns(picture_tasks.ASEPRITE_SUFFIXES)),
            export=True,
        )
        if path is not None:
            self._look_first(path)

    def _look_first(self, path: Path) -> None:
        """Ask before replacing a file that contains more than would be written."""

        def answer(lost: str) -> None:
            if lost:
                QTimer.singleShot(0, self, lambda: self._announce(path, lost))
            else:
                self._write_aseprite(path)

        cells = self._frames
        layers = max(len(cell.stack) for cell in cells)
        tags = {tag.name for tag in drawn_cells(cells, self._project.exported_as).frame_tags}
        self._context.do(
            picture_tasks.lost_from(path, layers, tags),
            self,
            name=tr("Reading {name}", name=path.name),
            then=answer,
        )

    def _announce(self, path: Path, lost: str) -> None:
        answer = question(
            self._window,
            tr("“{name}” contains more than can be written here", name=path.name),
            tr(
                "It has {lost}. Replacing it keeps only what these cells have, in RGBA colors; "
                "the rest will be lost.",
                lost=lost,
            ),
            [
                ("other", tr("Choose another name…"), ACCEPT),
                ("replace", tr("Replace it"), DISCARD),
                ("cancel", tr("Cancel"), CANCEL),
            ],
            name="draw.flatten",
        )
        if answer == "other":
            self.export_aseprite()
        elif answer == "replace":
            self._write_aseprite(path)

    @property
    def _frames(self) -> tuple[Cell, ...]:
        """The chosen frames, or all drawn cells of a character if just one of them is chosen."""
        session, project = self._session, self._project
        character = session.set_cells(PARTS)
        if len(session.chosen) == 1 and session.current in character:
            return tuple(cell for cell in map(project.cell, character) if not cell.is_blank)
        return tuple(map(project.cell, session.frames))

    def _write_aseprite(self, path: Path) -> None:
        cells = self._frames
        batch = drawn_cells(cells, self._project.exported_as)
        task = picture_tasks.export_aseprite(
            path,
            batch.rgba,
            [cell.duration_ms for cell in cells],
            self._project.palette,
            batch.frame_tags,
            [cell.stack for cell in cells],
            batch.attribution,
        )
        self._exports.write(task, path)


def _placed(block: Block, start: tuple[int, int], sheet: CellSheet) -> dict[int, Cell]:
    """The cells that receive pictures, by index; their conditions stay."""
    taken = {}
    for number, pixels in enumerate(block.pixels):
        if pixels is None:
            continue
        row, column = divmod(number, block.columns)
        index = (start[0] + row) * sheet.columns + start[1] + column
        duration = block.durations_ms[number]
        before = sheet.cells[index]
        taken[index] = replace(
            before,
            pixels=pixels,
            layers=block.layers[number] if block.layers else (),
            limit=(),
            redraw_strength=None,
            made_by=None,
            drawn_by=None,
            thanks="",
            name="",
            tags=block.tags[number] if block.tags else (),
            duration_ms=before.duration_ms if duration is None else min(max(duration, 10), 60_000),
        )
    return taken


class Drops(QObject):
    """Accepts files dropped on a workspace, for the cell under the pointer or the current one.

    ``take`` gets the file and the index of the cell. The window handles data sets, projects and
    models.
    """

    def __init__(
        self,
        workspace: QWidget,
        grid: CellGrid,
        session: DrawSession,
        take: Callable[[Path, int], None],
    ) -> None:
        super().__init__(workspace)
        self._workspace, self._grid = workspace, grid
        self._session, self._take = session, take
        self._veil = DropVeil(workspace)
        workspace.setAcceptDrops(True)
        workspace.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DragLeave:
            self._veil.hide()
            return True
        # The base class of QDragEnterEvent and QDragMoveEvent.
        if not isinstance(event, QDropEvent):
            return False
        path = drawing_file(event.mimeData())
        if path is None:
            event.ignore()
        elif event.type() == QEvent.Type.Drop:
            self._veil.hide()
            self._take(path, self._cell_at(event.position()))
            event.acceptProposedAction()
        else:
            self._veil.say(drops_in_draw(path, self._cell_at(event.position())))
            event.acceptProposedAction()
        return True

    def _cell_at(self, position: QPointF) -> int:
        grid = self._grid
        where = grid.mapFrom(self._workspace, position)
        index = grid.index_at(where) if grid.rect().contains(where.toPoint()) else -1
        return index if index >= 0 else self._session.current
