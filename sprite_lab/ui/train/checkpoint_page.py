"""One noise denoised by every checkpoint of a run, at every noise level."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import class_words
from sprite_lab.app.timeline import TimelineModel, training_axis, trajectory_axis
from sprite_lab.app.train.checkpoint_tasks import (
    Checkpoint,
    RunCheckpoints,
    draw_checkpoints,
    list_checkpoints,
)
from sprite_lab.app.train.example_run import is_example
from sprite_lab.core.config import SEGMENTS, SampleConfig, TrainConfig
from sprite_lab.core.config.base import Setting
from sprite_lab.core.evenly import evenly
from sprite_lab.core.records import CheckpointDrawing, CheckpointSaved
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.layouts import as_widget, hbox, stack, vbox
from sprite_lab.ui.page import Page, Redraw, heading_row, scrolling
from sprite_lab.ui.text import Label
from sprite_lab.ui.theme import current_theme, tabular, theme_manager
from sprite_lab.ui.train.run_origin import RunOrigin
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, calm, fill, named, panel
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.inspector import EmptyState, dim_label, separator
from sprite_lab.ui.widgets.fields.number_field import number_box
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.ui.widgets.sprites.timeline import Timeline
from sprite_lab.words import number_text, tr

#: Gap between labels and sprites, and between two labels, in logical pixels.
_AROUND = 4

#: Gap between sprites, in logical pixels; and logical pixels per sprite pixel: the minimum, below
#: which the page scrolls instead, and the sizes above which more columns are preferred to larger
#: sprites: while there are few columns, and in general.
_GAP, _LEAST_SCALE, _MEDIUM, _LARGE = 2, 2, 3, 4

#: Minimum size of column labels, relative to other text.
_SMALLEST = 0.75

#: Numbers of columns: the minimum, enough, and the maximum.
_COLUMNS = 4, 10, 14


class CheckpointGrid(QWidget):
    """A grid ``train.checkpoints.grid`` with a label at each row and column."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[str] = ()
        self._columns: Sequence[str] = ()
        self.grid = SpriteGrid(gap=_GAP, centered=False)
        self.grid.setObjectName("train.checkpoints.grid")
        self.grid.setAccessibleName(tr("What each checkpoint predicts at each noise level"))
        self.setFont(tabular(self.font()))
        self._box = hbox(self.grid, on=self, spacing=-1)
        theme_manager().on_text(self._make_room)

    def _make_room(self) -> None:
        """Make room for the labels: two lines above for columns, and the row labels beside."""
        self._box.setContentsMargins(self._left, self._top, 0, 0)
        self.update()

    @property
    def _left(self) -> int:
        """The width of the row labels."""
        return self.fontMetrics().horizontalAdvance("0000") + _AROUND

    @property
    def _top(self) -> int:
        """The height of the column labels."""
        return 2 * self.fontMetrics().height() + _AROUND

    def most_columns(self, room: QSize, rows: int, side: int) -> int:
        """Number of columns of ``rows`` sprites that fit, large ones if enough of those do.

        ``side``: the size of a sprite in pixels.
        """
        high = (room.height() - self._top - _GAP) // rows - _GAP

        def fit(scale: int) -> int:
            scale = min(max(high // side, _LEAST_SCALE), scale)
            return (room.width() - self._left - _GAP) // (scale * side + _GAP)

        least, enough, most = _COLUMNS
        return min(max(fit(_LARGE), min(fit(_MEDIUM), enough), least), most)

    @property
    def columns(self) -> int:
        return len(self._columns)

    def show_cells(
        self, images: NDArray[np.uint8], rows: Sequence[str], columns: Sequence[str]
    ) -> None:
        """Show uint8 (R, C, H, W, 4) with their labels."""
        self._rows, self._columns = rows, columns
        self.grid.set_columns(len(columns))
        high, wide = (_LEAST_SCALE * side + _GAP for side in images.shape[2:4])
        self.grid.setMinimumSize(len(columns) * wide + _GAP, len(rows) * high + _GAP)
        cells = product(rows, columns)
        tips = [tr("step {column}, t {row}", column=column, row=row) for row, column in cells]
        self.grid.set_sprites(images.reshape(-1, *images.shape[2:]), tips)
        self._make_room()

    def cell(self, index: int) -> tuple[int, int]:
        """Row and column of a sprite in the grid."""
        row, column = divmod(index, max(1, len(self._columns)))
        return row, column

    def set_cell(self, row: int, column: int) -> None:
        index = row * len(self._columns) + column
        if 0 <= index < self.grid.count:
            self.grid.set_current(index)

    def show_current(self, area: QScrollArea) -> None:
        """Scroll the area that contains the grid to its current sprite."""
        if self.grid.current >= 0:
            cell = self.grid.cell_rect(self.grid.current).translated(self.grid.pos())
            place = cell.center().toPoint()
            area.ensureVisible(place.x(), place.y())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.grid.count:
            return
        theme = current_theme()
        painter = QPainter(self)
        metrics = painter.fontMetrics()
        place = self.grid.pos()
        current = self.cell(self.grid.current) if self.grid.current >= 0 else (-1, -1)
        first = self.grid.cell_rect(0).translated(place)
        line, left = metrics.height(), first.left() - _AROUND - place.x()
        painter.setPen(QColor(theme.text_dim))
        above = QRectF(first.left(), first.top() - _AROUND - 2 * line, self.width(), line)
        painter.drawText(above, Qt.AlignmentFlag.AlignLeft, tr("training step"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left, above.bottom(), place.x(), line), right, "t")
        for row, text in enumerate(self._rows):
            cell = self.grid.cell_rect(row * len(self._columns)).translated(place)
            painter.setPen(QColor(theme.text if row == current[0] else theme.text_dim))
            painter.drawText(QRectF(left, cell.top(), place.x(), cell.height()), right, text)
        self._paint_steps(painter, above.bottom(), current[1])

    def _paint_steps(self, painter: QPainter, top: float, current: int) -> None:
        """Paint the column labels: that of the chosen one, and as many others as fit."""
        theme, font = current_theme(), painter.font()
        widest = max(map(painter.fontMetrics().horizontalAdvance, self._columns))
        room = self.grid.cell_rect(0).width() + _GAP - _AROUND - 1  # widths are rounded
        font.setPointSizeF(font.pointSizeF() * min(1.0, max(_SMALLEST, room / widest)))
        painter.setFont(font)
        metrics = painter.fontMetrics()
        taken: list[QRectF] = []
        last = len(self._columns) - 1
        for column in sorted(range(last + 1), key=lambda one: (one != current, one != last, one)):
            name = self._columns[column]
            center = self.grid.cell_rect(column).translated(self.grid.pos()).center().x()
            wide = metrics.horizontalAdvance(name) + _AROUND
            label = QRectF(center - wide / 2, top, wide, metrics.height())
            if not any(label.intersects(other) for other in taken):
                taken.append(label)
                painter.setPen(QColor(theme.text if column == current else theme.text_dim))
                painter.drawText(label, Qt.AlignmentFlag.AlignCenter, name)


#: Minimum width of the view of the chosen cell, in logical pixels: ten for each of a sprite's 16.
SIDE = 160

#: Number of drawn columns kept, over all settings.
KEPT = 300

_Key = tuple[Path, int, SampleConfig]


class CheckpointSettings(QWidget):
    """The settings used with every checkpoint."""

    changed = Signal()  #: the settings changed

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._guidance = 1.0
        tip = tr("What the checkpoints should draw")
        self.kind = calm(ElidedComboBox(), "train.checkpoints.class", tr("Class"), tip)
        self.seed = SeedField(name="train.checkpoints.seed", seed=0, locked=True)
        self.seed.setMaximumWidth(150)
        tip = tr("How many noise levels to show: one row each, the last for the finished sprite")
        levels = Setting(tr("Noise levels"), tip=tip, low=5, high=17)
        self.sampling = number_box(levels, 7, name="train.checkpoints.sampling")
        title, fields = QWidget(), QWidget()
        title.setLayout(heading_row(lab, tr("What was learned first?"), "checkpoints"))
        words = tr("Class"), tr("Seed"), tr("Levels")
        pairs = [
            as_widget(hbox(dim_label(text, wrap=False), field))
            for text, field in zip(words, (self.kind, self.seed, self.sampling), strict=True)
        ]
        Flow(fields, *pairs, spacing=8, last_right=False)
        # Fields go below the title before they would take several rows beside it.
        Flow(self, title, fields, spacing=8, row_spacing=4, last_right=False)
        self.kind.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.seed.changed.connect(lambda *_: self.changed.emit())
        self.sampling.valueChanged.connect(lambda _: self.changed.emit())

    def show_run(self, config: TrainConfig, class_names: tuple[str, ...]) -> None:
        """Offer the classes of a run; start with the noise of its own previews."""
        student = config.network.guided
        taught = bool(config.label_dropout) or student
        self._guidance = SampleConfig().guidance_scale if taught else 1.0
        classes = [(class_words(name), name) for name in class_names]
        fill(self.kind, [*classes, (tr("No class"), "")])
        with QSignalBlocker(self.seed), QSignalBlocker(self.sampling):
            self.seed.set_seed(config.seed)
            self.sampling.setValue(SEGMENTS + 1 if student else self.sampling.value())

    @property
    def rows(self) -> int:
        """The number of noise levels, with the clean end."""
        return int(self.sampling.value())

    def config(self) -> SampleConfig:
        """The settings to draw one sprite as the network predicts it: colors are not snapped."""
        name = self.kind.currentData()
        return SampleConfig(
            count=1,
            seed=self.seed.seed,
            steps=self.rows - 1,  # the last row is where they end
            classes=(name,) if name else (),
            guidance_scale=self._guidance if name else 1.0,
            colors=0,
        )


class CheckpointPage(Page):
    """Samples of every checkpoint, from the same noise."""

    def __init__(self, lab: Lab) -> None:
        super().__init__("train.checkpoints")
        panel(self)
        self._lab = lab
        self._run: Path | None = None
        self.listing: RunCheckpoints | None = None
        self._asked = False  # whether the user wants the grid of this run
        self._cache: dict[_Key, Trajectory] = {}
        self._columns: tuple[Checkpoint, ...] = ()
        self._config = SampleConfig(count=1)
        self.settings = CheckpointSettings(lab)
        self.view = CheckpointGrid()
        self.large = named(SpriteView(), "train.checkpoints.large", tr("Selected prediction"))
        tip = tr("Show this checkpoint's whole trajectory, from noise to sprite, in See")
        self._watch = push_button("train.checkpoints.watch", tr("Watch"), "see", tip, do=self.watch)
        self.steps_model, self.noise_model = TimelineModel(self), TimelineModel(self)
        self.steps_model.set_fps(4)
        # The pictures are those of a row of the grid.
        self.steps = named(Timeline(self.steps_model, pictures=False), "train.checkpoints.steps")
        self._empty = EmptyState("grid", name="train.checkpoints.empty", primary=False)
        self._build()
        # Several files may arrive at once, and a hidden page computes nothing.
        self._relist = Redraw(self, 300, self._list)
        self.settings.changed.connect(self._draw)
        self.view.grid.current_changed.connect(self._on_cell)
        self.view.grid.double_clicked.connect(lambda _: self.watch())
        for model in (self.steps_model, self.noise_model):
            model.frame_changed.connect(self._show_cell)
            model.state_changed.connect(self._on_state)
        self._show()

    def _build(self) -> None:
        self._caption = named(Label(), "train.checkpoints.caption")
        self._caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._beside, self._full = QWidget(), QWidget()
        # The picture is square: the rest of the height is left below its words.
        vbox((self.large, 100), self._caption, self._watch, ..., on=self._beside)
        head = hbox(self.settings, margins=(16, 8, 16, 0))
        self._area = scrolling(self.view)
        self._area.viewport().installEventFilter(self)
        row = hbox((self._area, 1), self._beside, spacing=16, margins=(16, 8, 16, 0))
        self._origin = RunOrigin(name="train.checkpoints.origin")
        theme_manager().text_resized.connect(self._show_origin)
        below = hbox((self._origin, 1), margins=(16, 2, 16, 2))
        vbox(head, (row, 1), below, separator(), self.steps, on=self._full, spacing=0)
        self._stack = stack(self, self._empty, self._full)

    def hasHeightForWidth(self) -> bool:
        return False  # or its usual height would be the minimum, at the cost of its neighbors

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = max(SIDE, self.width() // 5)
        self._beside.setFixedWidth(side)
        self.large.setMaximumHeight(side)  # its words follow it

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """After a resize, draw as many columns as fit."""
        if event.type() == QEvent.Type.Resize and self._most_columns != len(self._columns):
            self._draw()
        return super().eventFilter(watched, event)

    @property
    def _most_columns(self) -> int:
        """The number of columns that fit, at most one for each checkpoint."""
        if self.listing is None:
            return 0
        side = self.listing.config.network.image_size
        fit = self.view.most_columns(self._area.viewport().size(), self.settings.rows, side)
        return min(fit, len(self.listing.checkpoints))

    # -- the run ----------------------------------------------------------------------------------

    def set_run(self, run: Path | None) -> None:
        if run == self._run:
            return
        # Users who look at this page when a training run starts want to see that one.
        self._asked = self._asked and self.isVisible()
        self._run, self.listing, self._columns = run, None, ()
        self._show()
        self.look_again()

    def add(self, records: tuple[object, ...]) -> None:
        """Look for new checkpoints after saves."""
        if any(isinstance(record, CheckpointSaved) for record in records):
            self.look_again()

    def look_again(self) -> None:
        """Look again: the run folder may contain other checkpoints now."""
        self._relist.soon()

    def _list(self) -> None:
        if self._run is not None:
            task = list_checkpoints(self._run)
            self._lab.do(task, self, then=self._take_listing, newest="list checkpoints", quiet=True)

    def _take_listing(self, listing: RunCheckpoints) -> None:
        if listing.run != self._run:
            return
        first = self.listing is None
        self.listing = listing
        if first:
            self.settings.show_run(listing.config, listing.class_names)
        if self._asked:
            self._draw()
        else:
            self._show()

    def _on_wanted(self) -> None:
        self._asked = True
        self._draw()

    # -- drawing ---------------------------------------------------------------------------

    def _key(self, checkpoint: Checkpoint) -> _Key:
        return checkpoint.path, checkpoint.written, self._config

    def _draw(self) -> None:
        """Draw the columns that are missing with the current settings."""
        listing = self.listing
        if not self._asked or listing is None:
            return
        self._config = self.settings.config()
        found = listing.checkpoints
        self._columns = tuple(found[i] for i in evenly(len(found), self._most_columns))
        self._show()
        missing = [c for c in self._columns if self._key(c) not in self._cache]
        if missing:
            job = self._lab.do(draw_checkpoints(missing, self._config), self, newest="checkpoints")
            job.records_ready.connect(self._take)

    def _take(self, records: tuple[object, ...]) -> None:
        drawings = [r for r in records if isinstance(r, CheckpointDrawing)]
        # A canceled job may deliver drawings that are no longer wanted.
        drawn = {r.path: r.trajectory for r in drawings if r.config == self._config}
        for checkpoint in self._columns:
            if checkpoint.path in drawn:
                self._cache[self._key(checkpoint)] = drawn[checkpoint.path]
        while len(self._cache) > KEPT:
            self._cache.pop(next(iter(self._cache)))
        if drawn:
            self._show()

    def trajectory(self, column: int) -> Trajectory | None:
        """The trajectory of a column's checkpoint, None = not drawn yet."""
        if not 0 <= column < len(self._columns):
            return None
        return self._cache.get(self._key(self._columns[column]))

    # -- display ----------------------------------------------------------------------------------

    def _show(self) -> None:
        ways = [self.trajectory(i) for i in range(len(self._columns))]
        known = next((way for way in reversed(ways) if way is not None), None)
        there = self._asked and bool(self._columns)
        self._stack.setCurrentWidget(self._full if there else self._empty)
        if not there:
            self._show_empty()
            return
        if known is None:
            self.view.grid.set_sprites(None)
            self.view.grid.set_placeholder(tr("Drawing…"))
            self._show_cell()
            return
        playing = self.steps_model.state.playing or self.noise_model.state.playing
        rows = [f"{t:.0f}" for t in known.t]
        columns = [number_text(c.step) for c in self._columns]
        self.view.show_cells(_cells(ways, known), rows, columns)
        if not playing:
            self._set_axes(known)
        self._show_cell()

    def _set_axes(self, known: Trajectory) -> None:
        """Update the timelines; stay at the newest step if it was shown."""
        steps, noise = self.steps_model, self.noise_model
        new = [c.step for c in self._columns]
        old = steps.axis.values.tolist()
        if new != old:
            follow = not old or steps.frame >= len(old) - 1
            axis = training_axis(new)
            frame = len(new) - 1 if follow else axis.nearest(old[steps.frame])
            steps.set_axis(axis, frame)
        if not np.array_equal(noise.axis.values, known.t):
            # Halfway, most of the sprite is decided.
            frame, axis = len(known) // 2, trajectory_axis(known)
            if len(noise.axis):
                frame = axis.nearest(float(noise.axis.values[noise.frame]))
            noise.set_axis(axis, frame)

    def picture(self, row: int, column: int) -> NDArray[np.uint8]:
        way = self.trajectory(column)
        if way is None or row >= len(way):
            size = self.listing.config.network.image_size if self.listing else 16
            return np.full((size, size, 3), 255, np.uint8)
        return to_pixels(way.x0[row, 0])

    def _show_empty(self) -> None:
        title = tr("What was learned first?")
        if self._run is None:
            text, action = tr("Train a model to compare its checkpoints here."), ""
        elif is_example(self._run):
            action = ""
            text = tr(
                "The example comes without weights, so there is nothing to draw with. Train a "
                "model of your own to compare its checkpoints here."
            )
        elif self.listing is not None and not self.listing.checkpoints:
            text, action = tr("The first checkpoint of this run has not been saved yet."), ""
        else:
            text = tr(
                "One noise, turned into a sprite by every checkpoint of the run: training steps "
                "across, noise levels down."
            )
            action = tr("Draw the grid")
        self._empty.offer(title, text, action, "grid", self._on_wanted)

    def _show_cell(self, *_: object) -> None:
        row, column = self.noise_model.frame, self.steps_model.frame
        way = self.trajectory(column)
        allow(self._watch, "" if way is not None else tr("It is not drawn yet."))
        self.view.set_cell(row, column)
        self.view.show_current(self._area)
        self.view.update()
        if way is None or row >= len(way):
            self.large.set_image(None)
            self._caption.setText("")
            return
        self.large.set_image(self.picture(row, column))
        step = self._columns[column].step
        self._caption.setText(tr("step {step:,}, t {t:.0f}", step=step, t=way.t[row]))
        self._show_origin()

    def _show_origin(self) -> None:
        way = self.trajectory(self.steps_model.frame)
        if self._run is None or way is None or way.config is None:
            return
        kind = " + ".join(map(class_words, way.config.classes)) or tr("No class")
        self._origin.say(self._run, kind, way.config)

    # -- interaction ------------------------------------------------------------------------------

    def _on_cell(self, index: int) -> None:
        if index < 0 or not len(self.noise_model.axis):
            return
        row, column = self.view.cell(index)
        if (row, column) != (self.noise_model.frame, self.steps_model.frame):
            for model, frame in ((self.noise_model, row), (self.steps_model, column)):
                model.pause()
                model.set_frame(frame)

    def _on_state(self, *_: object) -> None:
        if not (self.steps_model.state.playing or self.noise_model.state.playing):
            self._show()

    def watch(self) -> None:
        """Show the whole trajectory of the chosen checkpoint in See."""
        way = self.trajectory(self.steps_model.frame)
        if way is not None:
            self._lab.trajectory.set(way)
            self._lab.workspace_wanted.emit("see", "watch")


def _cells(ways: list[Trajectory | None], known: Trajectory) -> NDArray[np.uint8]:
    """uint8 (R, C, H, W, 4), transparent in columns that are not drawn yet."""
    frames, size = len(known), known.x0.shape[2:4]
    cells = np.zeros((frames, len(ways), *size, 4), np.uint8)
    for column, way in enumerate(ways):
        if way is not None and len(way) == frames:
            cells[:, column, ..., :3] = to_pixels(way.x0[:, 0])
            cells[:, column, ..., 3] = 255
    return cells
