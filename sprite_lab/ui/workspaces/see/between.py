"""The page of See that shows what lies between noises, and between classes, as a live sheet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from sprite_lab.app import between_tasks, clips
from sprite_lab.app.timeline import EMPTY_AXIS, TimelineModel, trajectory_axis
from sprite_lab.core.between import Sheet
from sprite_lab.core.cells import CELL_SIZE
from sprite_lab.core.race import distance
from sprite_lab.core.trajectory import Trajectory
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import Option, Segmented
from sprite_lab.ui.widgets.elided_label import ElidedLabel
from sprite_lab.ui.widgets.help_button import HelpButton
from sprite_lab.ui.widgets.inspector import EmptyState, separator
from sprite_lab.ui.widgets.plot import Plot
from sprite_lab.ui.widgets.timeline import Timeline
from sprite_lab.ui.workspaces.see.between_panel import BetweenPanel
from sprite_lab.ui.workspaces.see.between_sheet import SheetView, cell_words, mix_words, place_words
from sprite_lab.ui.workspaces.see.frames import frame_pixels

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab
    from sprite_lab.jobs import JobHandle

#: How long a person must hold still before a sheet is drawn, in milliseconds.
_STILL = 40


class BetweenPage(QWidget):
    """A row between two noises, or a grid between four corners, drawn anew at every change.

    Signals
    -------
    watch_wanted : the Trajectory of the chosen cell, and 0, its only sprite.
    """

    watch_wanted = Signal(object, int)

    def __init__(self, lab: Lab, theme: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("see.between")
        self._lab, self._theme = lab, theme
        self._sheet: Sheet | None = None
        self._trajectory: Trajectory | None = None
        self._due = True  # what is shown is not what is set
        self._job: JobHandle | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_STILL)
        self._timer.timeout.connect(self._redraw)
        self.timeline_model = TimelineModel(self)
        self.timeline = Timeline(theme, self.timeline_model)
        self.panel = BetweenPanel(theme)
        self.inspector: QWidget = self.panel
        self.cells = SheetView(theme)
        self.plot = Plot(
            lab,
            theme,
            name="between.plot",
            title="Change from cell to cell",
            x="from A to B",
            y="distance",
            hint="How far neighbours are apart, 0 to 255: even in the noise, in jumps at the end",
        )
        self._changes = self.plot.add_curve("distance", "", 0, marked=True)
        self.plot.read = self._read_plot
        self._lay_out()

        self.panel.changed.connect(self._want)
        self.panel.watch_wanted.connect(self._watch)
        self.panel.draw_wanted.connect(self._draw)
        self.panel.export_wanted.connect(lambda: lab.exports.wanted.emit("sheet"))
        lab.exports.offer("sheet", self._no_sheet, lambda: clips.of_sheet(*self._drawn))
        lab.exports.offer("walk", self._no_sheet, lambda: clips.of_walk(*self._drawn))
        self.timeline_model.frame_changed.connect(self._show_frame)
        grid = self.cells.grid
        grid.current_changed.connect(self._show_chosen)
        grid.hovered.connect(self._say_where)
        grid.double_clicked.connect(lambda _: self._watch())
        step = self.timeline_model.step
        for keys, slot in (
            (",", lambda: step(-1)),
            (".", lambda: step(1)),
            ("Esc", self._escape),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)
        lab.model.changed.connect(self._on_model)
        self._on_model()

    def _lay_out(self) -> None:
        heading = QLabel("Between")
        heading.setProperty("heading", True)
        self.view = Segmented(
            self._theme,
            [
                Option("x0", "Predicted", None, "x̂₀: what the model takes them to be so far"),
                Option("x_t", "Noisy", None, "x_t: where they are on their way"),
            ],
            name="between.view",
            label="What the cells show",
        )
        self.view.changed.connect(self._show_frame)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(heading)
        bar.addWidget(HelpButton(self._lab, self._theme, "between"))
        bar.addSpacing(8)
        bar.addWidget(self.view)
        bar.addStretch(1)
        self._where = ElidedLabel(name="between.where")
        stage = QWidget()
        column = QVBoxLayout(stage)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(8)
        column.addLayout(bar)
        column.addWidget(self.cells, 1)
        column.addWidget(self._where)
        column.addWidget(self.plot, 1)
        self._empty = EmptyState(
            self._theme,
            "between",
            "There is no model yet",
            "Between two noises lie others, and each is a sprite: train a model, or open one, "
            "to walk from one to the other.",
            "Train a model first",
            name="between.empty",
            action_icon="train",
        )
        self._empty.activated.connect(lambda: self._lab.workspace_wanted.emit("train"))
        place = QWidget()
        place.setObjectName("stage")
        self._stack = QStackedLayout(place)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(stage)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(place, 1)
        whole.addWidget(separator())
        whole.addWidget(self.timeline)

    # -- drawing -------------------------------------------------------------------------

    def _on_model(self, *_: object) -> None:
        model = self._lab.model.value
        self._stack.setCurrentIndex(0 if model is None else 1)
        self.panel.setEnabled(model is not None)
        if model is None:
            self._sheet = self._trajectory = None
            self.timeline.set_thumbnails(None)
            self.timeline_model.set_axis(EMPTY_AXIS)
            return
        self.panel.set_model(model)
        self._want()

    def _want(self) -> None:
        """Draw soon what is set; while the page is hidden, once it is shown."""
        self._due = True
        if self.isVisible():
            self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
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

        self._job = self._lab.do(
            between_tasks.between(model, sheet, self.panel.config()),
            name="Drawing the sheet",
            then=take,
            newest="between",
        )

    def _take(self, sheet: Sheet, trajectory: Trajectory) -> None:
        before = self.timeline_model
        at_end = before.frame >= len(before.axis) - 1
        axis = trajectory_axis(trajectory)
        if at_end or not len(before.axis):
            frame = len(axis) - 1
        else:
            frame = axis.nearest(float(before.axis.values[before.frame]))
        self._sheet, self._trajectory = sheet, trajectory
        self.plot.setVisible(sheet.rows == 1)
        self._set_thumbnails()
        self.timeline_model.set_axis(axis, frame)
        self._show_chosen()

    # -- what is shown -------------------------------------------------------------------

    def _show_frame(self, *_: object) -> None:
        trajectory, sheet = self._trajectory, self._sheet
        if trajectory is None or sheet is None:
            return
        frame = self.timeline_model.frame
        self.cells.show_cells(sheet, frame_pixels(trajectory, frame, self.view.value))
        if sheet.rows == 1:
            shown = trajectory.x0 if self.view.value == "x0" else trajectory.x_t
            apart = distance(shown[frame, 1:], shown[frame, :-1])
            places = np.array([sheet.place(cell)[0] for cell in range(trajectory.count)])
            self._changes.set((places[1:] + places[:-1]) / 2, apart)

    def _read_plot(self, x: float, _y: float) -> str | None:
        if not len(self._changes.x):
            return None
        i = int(np.abs(self._changes.x - x).argmin())
        return f"Cells {i + 1} and {i + 2}: {self._changes.y[i]:.1f} apart"

    def _set_thumbnails(self) -> None:
        trajectory = self._trajectory
        if trajectory is not None:
            cell = min(max(self.cells.grid.current, 0), trajectory.count - 1)
            self.timeline.set_thumbnails(
                lambda frame: frame_pixels(trajectory, frame, "x_t", cell)[0]
            )

    def _show_chosen(self, *_: object) -> None:
        cell = self._cell
        if cell is None or self._sheet is None:
            self.panel.set_chosen("")
        else:
            words = cell_words(self._sheet, cell)
            self.panel.set_chosen(words, self._lab.model.value.image_size == CELL_SIZE)
        self._set_thumbnails()
        self._say_where(-1)

    def _say_where(self, hovered: int) -> None:
        cell = hovered if hovered >= 0 else self._cell
        if self._sheet is None or cell is None:
            self._where.setText("Point at a cell to see where it lies; click to choose it")
        else:
            words = place_words(self._sheet, cell), mix_words(self._sheet, cell)
            self._where.setText("    ".join(words))

    # -- one cell ------------------------------------------------------------------------

    @property
    def _cell(self) -> int | None:
        """The chosen cell, None = none."""
        cell = self.cells.grid.current
        there = self._trajectory is not None and 0 <= cell < self._trajectory.count
        return cell if there else None

    def _watch(self) -> None:
        trajectory, sheet, cell = self._trajectory, self._sheet, self._cell
        if trajectory is not None and sheet is not None and cell is not None:
            assert trajectory.config is not None
            settings = sheet.settings(cell, trajectory.config)
            self.watch_wanted.emit(replace(trajectory.one(cell), config=settings), 0)

    def _draw(self) -> None:
        cell = self._cell
        if self._trajectory is not None and self._sheet is not None and cell is not None:
            mix = self._sheet.mix(cell)
            name = mix[0][0] if len(mix) == 1 and mix[0][1] > 0.99 else None
            self._lab.workbench.take(self._trajectory.rgba()[cell], name)

    # -- export --------------------------------------------------------------------------

    def _no_sheet(self) -> str:
        there = self._trajectory is not None
        return "" if there else "Nothing lies there yet: open Between in See, with a model."

    @property
    def _drawn(self) -> tuple[Sheet, Trajectory]:
        assert self._sheet is not None
        assert self._trajectory is not None
        return self._sheet, self._trajectory

    # -- keys ----------------------------------------------------------------------------

    def _escape(self) -> None:
        """End the drawing of a sheet, or playing."""
        if self._job is not None and self._job.active:
            self._job.cancel()
            self._due = True  # to be drawn when one comes back, or changes something
        else:
            self.timeline_model.pause()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.timeline.handle_key(event):
            super().keyPressEvent(event)
