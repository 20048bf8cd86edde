"""Opens, saves and starts projects, and puts sprites into them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app import tasks
from sprite_lab.app.context import AppContext
from sprite_lab.app.files.project import Project
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.pixels.cells import Cell, CellSheet, Conditions

if TYPE_CHECKING:
    from sprite_lab.jobs import JobHandle


class ProjectIO:
    """Moves the project to and from the disk. UI thread."""

    def __init__(self, context: AppContext, project: Project) -> None:
        self._context, self._project = context, project

    def take(self, rgba: NDArray[np.uint8], class_name: str | None = None) -> None:
        """Put a sprite, uint8 (H, W, 4), into the first blank cell and go to Draw.

        Raises
        ------
        SpriteLabError
            If its size is not that of the project's cells.
        """
        side = self._project.side
        if rgba.shape != (side, side, 4):
            raise SpriteLabError(
                f"The cells of the project have {side}×{side} pixels, and this sprite has "
                f"{rgba.shape[1]}×{rgba.shape[0]}: set the size of the cells in Draw, or start "
                "a new project."
            )
        cells = self._project.cells
        index = next((i for i, cell in enumerate(cells) if cell.is_blank), 0)
        after = Cell(rgba.tobytes(), Conditions.of_class(class_name, cells[index].seed))
        self._project.put({index: after}, "Take sprite")
        self._context.notice.emit(f"The sprite is in cell {index + 1} of the project.")
        self._context.workspace_wanted.emit("draw")

    def new(self, sheet: CellSheet | None = None) -> None:
        """Replace the project with a new one and go to Draw.

        Parameters
        ----------
        sheet : its content, which counts as unsaved; None = empty, with the current palette.
        """
        self._project.load(sheet or CellSheet(palette=self._project.palette))
        if sheet is not None:
            self._project.history.mark_dirty()
        self._context.settings.replace(project="")
        self._context.workspace_wanted.emit("draw")

    def open(self, path: Path | str, *, at_start: bool = False) -> JobHandle:
        """Open a project and replace the current one. A bad file changes nothing.

        Parameters
        ----------
        at_start : whether the last session is being restored. It then gives way to anything
            drawn in the meantime, and the workspace stays.
        """
        file = Path(path)

        def take(sheet: CellSheet) -> None:
            if at_start and not self._project.is_clean:
                return
            self._project.load(sheet, file)
            self._project.set_title(file.stem)
            self._remember(file)
            if not at_start:
                self._context.workspace_wanted.emit("draw")

        return self._context.do(
            tasks.load_project(file),
            self._context,
            name=f"Opening {file.name}",
            then=take,
            newest="project",
            quiet=at_start,
        )

    def _remember(self, file: Path) -> None:
        """Have the next launch open it again."""
        self._context.settings.remember("recent_projects", str(file.resolve()))
        self._context.settings.replace(project=str(file.resolve()))

    def save(self, path: Path | str, then: Callable[[], object] | None = None) -> JobHandle:
        """Save the project; ``then`` is called once it is on disk."""
        file = Path(path)

        def saved(written: CellSheet) -> None:
            self._project.set_title(file.stem)
            self._project.mark_clean(written, file)
            self._remember(file)
            self._context.notice.emit(f"Saved {file.name}.")
            if then is not None:
                then()

        task = tasks.save_project(file, self._project.snapshot())
        return self._context.do(task, self._context, name=f"Saving {file.name}", then=saved)
