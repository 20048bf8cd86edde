"""The page of See that interpolates between noises and classes, as a live sheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from sprite_lab.app.files import clips
from sprite_lab.app.files.export_tasks import ClipMaker
from sprite_lab.app.lab import Lab
from sprite_lab.app.see import see_tasks
from sprite_lab.app.shell.text_format import DOT, class_words, in_whole_parts, run_title
from sprite_lab.app.timeline import trajectory_axis
from sprite_lab.core.config import SAMPLERS
from sprite_lab.core.trajectories.frame_views import frame_pixels, prompt_of
from sprite_lab.core.trajectories.interpolation import CORNERS, Sheet
from sprite_lab.core.trajectories.race import distance
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.see.between.panel import BetweenPanel
from sprite_lab.ui.see.model_page import ModelPage
from sprite_lab.ui.theme import current_theme
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.plots.plot import Plot
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import number_text, tr, trn

#: Milliseconds without a change after which a sheet is drawn.
_STILL = 40


#: Space for a corner's letter on either side, in logical pixels.
_SIDE = 24


def mix_words(sheet: Sheet, cell: int) -> str:
    """The classes of a cell and their weights."""
    mix = sheet.mix(cell)
    parts = (f"{number_text(weight, '.2f')} {class_words(name)}" for name, weight in mix)
    return " + ".join(parts) or tr("any class")


def cell_words(sheet: Sheet, cell: int) -> str:
    """The position of a cell, in words."""
    row, column = divmod(cell, sheet.columns)
    if sheet.rows == 1:
        return tr("Cell {column} of {columns}", column=column + 1, columns=sheet.columns)
    return tr(
        "Column {column}, row {row} of {columns}×{rows}",
        column=column + 1,
        row=row + 1,
        columns=sheet.columns,
        rows=sheet.rows,
    )


def place_words(sheet: Sheet, cell: int) -> str:
    """The position of a cell, and its place between the corners."""
    (u, v), name = sheet.place(cell), cell_words(sheet, cell)
    if sheet.rows == 1:
        return tr("{cell_words}: {u:.2f} of the way from A to B", cell_words=name, u=u)
    return tr("{cell_words}: {u:.2f} to the right, {v:.2f} down", cell_words=name, u=u, v=v)


class CornerSheet(QWidget):
    """The sheet of sprites with its corner letters."""

    def __init__(self) -> None:
        super().__init__()
        self._sheet: Sheet | None = None
        self._tips: list[str] = []
        self.grid = named(SpriteGrid(gap=4), "between.grid", tr("Cells between the corners"))
        hbox(self.grid, on=self, spacing=-1, margins=(_SIDE, 0, _SIDE, 0))

    def show_cells(self, sheet: Sheet, images: NDArray[np.uint8]) -> None:
        """Show uint8 (N, H, W, 3), the cells of a sheet row by row."""
        if sheet is not self._sheet:
            self._sheet, cells = sheet, range(len(images))
            self._tips = [f"{place_words(sheet, i)}\n{mix_words(sheet, i)}" for i in cells]
            self.grid.set_columns(sheet.columns)
        self.grid.set_sprites(images, self._tips)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._sheet is None or not self.grid.count:
            return
        painter = QPainter(self)
        painter.setPen(QColor(current_theme().text_dim))
        font = self.font()
        font.setBold(True)
        painter.setFont(font)
        last, columns = self.grid.count - 1, self._sheet.columns
        corners = [0, columns - 1, last - columns + 1, last]
        for i, letter in enumerate(CORNERS[: len(self._sheet.corners)]):
            cell = self.grid.cell_rect(corners[i]).translated(QPointF(self.grid.pos()))
            x = cell.left() - _SIDE if i % 2 == 0 else cell.right()
            beside = QRectF(x, cell.top(), _SIDE, cell.height())
            painter.drawText(beside, Qt.AlignmentFlag.AlignCenter, letter)


class BetweenPage(ModelPage):
    """A row between two noises, or a grid between four corners, redrawn at every change."""

    def __init__(self, lab: Lab) -> None:
        panel = BetweenPanel()
        super().__init__(lab, "between", panel, panel.chosen)
        self.panel = panel
        self._drawn: tuple[Sheet, Trajectory] | None = None
        self._due = True  # the settings have changed since the last sheet
        self._timer = QTimer(self, singleShot=True, interval=_STILL)
        self._timer.timeout.connect(self._redraw)
        self.cells = CornerSheet()
        self.plot = Plot(
            lab,
            name="between.plot",
            title=tr("Change from cell to cell"),
            x=tr("from A to B"),
            y=tr("distance"),
            hint=tr(
                "How far apart neighbors are, 0 to 255: evenly in the noise, in jumps at the end"
            ),
        )
        self._changes = self.plot.add_curve("distance", "", 0, marked=True)
        self.plot.say_nothing(tr("The sprites are still emerging from noise."))
        self.plot.read = self._read_plot
        self._where = HintLabel(name="between.where")
        self.lay_out(
            tr("Between"),
            tr("What the cells show"),
            (tr("what the model predicts they will be"), tr("the noisy sprites at this level")),
            tr(
                "Between two noises lie others, and each becomes a sprite: train or open a "
                "model to walk from one to the other."
            ),
            (self.cells, 1),
            self._where,
            (self.plot, 1),
            spacing=8,
        )

        self.panel.changed.connect(self._want)
        self.panel.export.clicked.connect(lambda: lab.exports.wanted.emit("sheet"))
        self._offer("sheet", clips.of_sheet)
        self._offer("walk", clips.of_walk)
        self.timeline_model.frame_changed.connect(self._show_frame)
        grid = self.cells.grid
        grid.current_changed.connect(self._show_chosen)
        grid.hovered.connect(self._say_where)
        grid.double_clicked.connect(lambda _: self._watch())
        lab.model.changed.connect(self._on_model)
        lab.project.grid_changed.connect(self._show_chosen)
        self._on_model()

    # -- drawing -------------------------------------------------------------------------

    def _on_model(self, *_: object) -> None:
        model = self.take_model()
        if model is None:
            self._drawn = None
            self.clear_timeline()
            return
        self.panel.set_model(model)
        self._want()

    def _want(self) -> None:
        """Redraw soon, or, if the page is hidden, once it is shown."""
        self._due = True
        if self.isVisible():
            self._timer.start()

    def on_shown(self) -> None:
        if self._due:
            self._timer.start()

    def _redraw(self) -> None:
        model = self._lab.model.value
        if model is None or not self._due:
            return
        self._due = False
        sheet = self.panel.sheet()

        def take(trajectory: Trajectory) -> None:
            if self._lab.model.value is model:
                self._take(sheet, trajectory)

        task = see_tasks.between(model, sheet, self.panel.form.value)
        self._jobs.do("sheet", task, take)

    def _take(self, sheet: Sheet, trajectory: Trajectory) -> None:
        before = self.timeline_model
        at_end = before.frame >= len(before.axis) - 1
        axis = trajectory_axis(trajectory)
        if at_end or not len(before.axis):
            frame = len(axis) - 1
        else:
            frame = axis.nearest(float(before.axis.values[before.frame]))
        self._drawn = sheet, trajectory
        self.caption.setText(self._whose(sheet, trajectory))
        self.plot.setVisible(sheet.rows == 1)
        self._set_thumbnails()
        self.timeline_model.set_axis(axis, frame)
        self._show_chosen()

    def _whose(self, sheet: Sheet, trajectory: Trajectory) -> str:
        """Process, model, sampler, steps, guidance and the seeds of the corners."""
        config, model = trajectory.config, self._lab.model.value
        if model is None or config is None or config.sampler is None:
            return ""
        label = tr(SAMPLERS[config.sampler].label)
        how = trn("{label}, {n} step", "{label}, {n} steps", config.steps or 0, label=label)
        parts = [tr("Reverse process"), run_title(model.title), how]
        if config.guidance_scale != 1:
            parts += [tr("guidance {guidance_scale:g}", guidance_scale=config.guidance_scale)]
        seeds = ", ".join(str(corner.seed) for corner in sheet.corners)
        parts += [tr("seeds {seeds}", seeds=seeds)]
        return in_whole_parts(DOT.join(parts))

    # -- display ----------------------------------------------------------------------------------

    def _show_frame(self, *_: object) -> None:
        if self._drawn is None:
            return
        sheet, trajectory = self._drawn
        frame = self.timeline_model.frame
        self.cells.show_cells(sheet, frame_pixels(trajectory, frame, self.view.value))
        if sheet.rows == 1:
            shown = trajectory.x0 if self.view.value == "x0" else trajectory.x_t
            apart = distance(shown[frame, 1:], shown[frame, :-1])
            places = np.array([sheet.place(cell)[0] for cell in range(trajectory.count)])
            self.plot.say_nothing("")
            self._changes.set((places[1:] + places[:-1]) / 2, apart)

    def _read_plot(self, x: float, _y: float) -> str | None:
        if not len(self._changes.x):
            return None
        i = int(np.abs(self._changes.x - x).argmin())
        return tr(
            "Cells {first} and {second}: distance {distance:.1f}",
            first=i + 1,
            second=i + 2,
            distance=self._changes.y[i],
        )

    def _set_thumbnails(self) -> None:
        if self._drawn is not None:
            trajectory, cell = self._drawn[1], self.cells.grid.current
            self.show_thumbnails(trajectory, min(max(cell, 0), trajectory.count - 1))

    def _show_chosen(self, *_: object) -> None:
        if self._chosen is None:
            self.panel.chosen.show_chosen("")
        else:
            sheet, trajectory, cell = self._chosen
            fits = trajectory.x0.shape[2] == self._lab.project.side
            self.panel.chosen.show_chosen(cell_words(sheet, cell), drawable=fits)
        self._set_thumbnails()
        self._say_where(-1)

    def _say_where(self, hovered: int) -> None:
        cell = hovered if hovered >= 0 else self.cells.grid.current
        if self._drawn is None or not 0 <= cell < self._drawn[1].count:
            self._where.setText(tr("Point at a cell to see where it lies; click to select it"))
        else:
            sheet = self._drawn[0]
            self._where.setText(f"{place_words(sheet, cell)}    {mix_words(sheet, cell)}")

    # -- one cell ------------------------------------------------------------------------

    @property
    def _chosen(self) -> tuple[Sheet, Trajectory, int] | None:
        """The drawn sheet, its trajectory, and the index of the chosen cell; None = no cell."""
        cell = self.cells.grid.current
        if self._drawn is None or not 0 <= cell < self._drawn[1].count:
            return None
        return *self._drawn, cell

    def _watch(self) -> None:
        if self._chosen is not None:
            sheet, trajectory, cell = self._chosen
            assert trajectory.config is not None
            settings = sheet.settings(cell, trajectory.config)
            self.watch_wanted.emit(replace(trajectory.one(cell), config=settings), 0)

    def _draw(self) -> None:
        if self._chosen is not None:
            sheet, trajectory, cell = self._chosen
            asked = replace(prompt_of(trajectory, cell), class_mix=sheet.mix(cell))
            self._lab.draw_on("sheet", trajectory.rgba()[cell], asked)

    # -- export --------------------------------------------------------------------------

    def _offer(self, name: str, make: Callable[[Sheet, Trajectory], ClipMaker]) -> None:
        nothing = tr("Nothing here yet: open See ▸ Between with a model.")
        self._lab.exports.offer(
            name, lambda: nothing if self._drawn is None else make(*self._drawn)
        )

    # -- keys ----------------------------------------------------------------------------

    def on_left(self) -> None:
        """Keep drawing the sheet, which can be exported from any page."""

    def _on_stopped(self, kinds: set[str]) -> None:
        if kinds:
            self._due = True  # redraw when the page is shown again or a setting changes
