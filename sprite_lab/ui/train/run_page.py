"""The page of Train that compares many runs: a table, and parallel coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTableWidget, QTableWidgetItem, QWidget

from sprite_lab import paths
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import time_text
from sprite_lab.app.train.example_run import is_example
from sprite_lab.app.train.loss_history import LossHistory
from sprite_lab.app.train.run_differences import setting_title, value_text
from sprite_lab.app.train.run_table import Axis, RunFigures, axis_of, best, differing, read_figures
from sprite_lab.ui.layouts import split, stack, vbox
from sprite_lab.ui.page import Page, heading_row, scrolling
from sprite_lab.ui.shell.dialogs import ask_folder
from sprite_lab.ui.shell.run_questions import ask_run_name
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import Theme, current_theme, tabular, theme_manager
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button
from sprite_lab.ui.widgets.fields.calm import allow, named, panel
from sprite_lab.ui.widgets.fields.inspector import EmptyState
from sprite_lab.ui.widgets.fields.table import LEFT, RIGHT, Table
from sprite_lab.ui.widgets.plots.plot import Plot
from sprite_lab.words import number_text, tr, trn

#: Gap between the labels of two axes, in logical pixels.
_BETWEEN = 16

#: Padding around the label at the end of an axis, in logical pixels.
_AROUND = 10

#: Minimum height of the plot, enough for text at twice the usual size: labels at both ends of the
#: axes, and names below.
_LEAST = 150

#: Rows of the table that are always in sight.
_ROWS = 3

#: Minimum width of the names of runs beside many columns, in logical pixels at the usual text size.
_LEAST_NAME = 200

#: Minimum width of the filter field, and the room around its words, in logical pixels.
_LEAST_FILTER, _AROUND_FILTER = 200, 48

#: Padding on both sides of a column title, in logical pixels.
_TITLE_PADDING = 14

#: Number format of the noise error.
_ERROR = ".4f"

_FIXED = (tr("Run"), tr("Noise error"), tr("Steps"), tr("Time"))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class _Cell(QTableWidgetItem):
    """A cell that sorts by value: numbers by size and before texts, empty cells last."""

    def __init__(self, text: str, value: object) -> None:
        super().__init__(text)
        self.setToolTip(tooltip(text))
        number = _is_number(value)
        self._rank = (value is None, not number, value if number else 0, text.lower())

    def __lt__(self, other: QTableWidgetItem) -> bool:
        return isinstance(other, _Cell) and self._rank < other._rank


def _figures(run: RunFigures) -> list[_Cell]:
    error = "–" if run.error is None else number_text(run.error, _ERROR)
    return [
        _Cell(error, run.error),
        _Cell(number_text(run.step), run.step),
        _Cell(time_text(run.seconds), run.seconds),
    ]


class RunTable(Table):
    """A table with a row for each run and a column for each setting in which they differ."""

    opened = Signal(object)  #: the run that was double-clicked, or chosen when Enter was pressed
    rename_wanted = Signal()  #: F2 was pressed

    def __init__(self) -> None:
        super().__init__(
            _FIXED,
            name="train.runs.table",
            label=tr("Runs"),
            tip=tr("Double-click or Enter shows the curves of a run"),
        )
        self.setProperty("sorts", True)
        self.setAlternatingRowColors(True)
        self.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        theme_manager().text_resized.connect(self._share_out)
        self.setFont(tabular(self.font()))
        self.sortByColumn(1, Qt.SortOrder.AscendingOrder)
        self.itemDoubleClicked.connect(lambda: self.opened.emit(self.chosen))

    @property
    def chosen(self) -> Path | None:
        return self._run(self.currentRow())

    def _run(self, row: int) -> Path | None:
        item = self.item(row, 0)
        return None if item is None else item.data(Qt.ItemDataRole.UserRole)

    def choose(self, run: Path) -> None:
        for row in range(self.rowCount()):
            if self._run(row) == run:
                self.setCurrentCell(row, 0)

    def show_runs(self, runs: Sequence[RunFigures], columns: Sequence[str]) -> None:
        """Show these runs, sorted as before."""
        before, leading = self.chosen, best(runs)
        self.setSortingEnabled(False)
        self.setRowCount(len(runs))
        self.setColumnCount(len(_FIXED) + len(columns))
        numbers = {name for name in columns if any(_is_number(r.settings.get(name)) for r in runs)}
        self.setHorizontalHeaderLabels([*_FIXED, *map(setting_title, columns)])
        sides = [
            RIGHT if 0 < column < len(_FIXED) or name in numbers else LEFT
            for column, name in enumerate((*_FIXED, *columns))
        ]
        for column, side in enumerate(sides):
            title = self.horizontalHeaderItem(column)
            assert title is not None
            title.setTextAlignment(side)
        for row, run in enumerate(runs):
            mark = "★ " if run.path in leading else ""
            cells = [_Cell(f"{mark}{run.title}", run.title), *_figures(run)]
            for name in columns:
                value = run.settings.get(name)
                cells.append(_Cell(value_text(name, value), value))
            cells[0].setData(Qt.ItemDataRole.UserRole, run.path)
            if mark:
                tip = tr("Lowest noise error so far of runs on these sprites")
                cells[0].setToolTip(tooltip(tip))
            for column, (cell, side) in enumerate(zip(cells, sides, strict=True)):
                cell.setTextAlignment(side)  # a dash or a word in place of a number, too
                self.setItem(row, column, cell)
        self.setSortingEnabled(True)
        self._share_out()
        if before is not None:
            self.choose(before)

    def show_figures(self, run: RunFigures) -> None:
        """Update the figures of a run in the table."""
        for row in range(self.rowCount()):
            if self._run(row) == run.path:
                self.setSortingEnabled(False)  # otherwise the row could move in between
                for column, cell in enumerate(_figures(run), 1):
                    cell.setTextAlignment(RIGHT)
                    self.setItem(row, column, cell)
                self.setSortingEnabled(True)
                return

    def _share_out(self) -> None:
        """Fit columns to their contents; names get the rest, but enough to tell them apart."""
        # Qt would leave room for the mark of the sort order, which is above the titles.
        title_width = self.horizontalHeader().fontMetrics().horizontalAdvance
        titles = [self.horizontalHeaderItem(column) for column in range(self.columnCount())]
        name, *others = (
            max(self.sizeHintForColumn(column), title_width(title.text()) + _TITLE_PADDING)
            for column, title in enumerate(titles)
            if title is not None
        )
        least = min(name, round(_LEAST_NAME * theme_manager().text_scale))
        left = max(least, self.viewport().width() - sum(others))
        for column, width in enumerate((left, *others)):
            self.setColumnWidth(column, width)
        self.end_with_rows(least=_ROWS)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_out()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.chosen is not None:
            self.opened.emit(self.chosen)
        elif event.key() == Qt.Key.Key_F2:
            self.rename_wanted.emit()
        else:
            super().keyPressEvent(event)


class ParallelPlot(Plot):
    """Parallel coordinates: a line for each run, across axes for settings and the noise error."""

    picked = Signal(object)  #: the run whose line was clicked

    def __init__(self, lab: Lab) -> None:
        super().__init__(
            lab, name="train.runs.parallel", title=tr("Parallel coordinates of runs"), least=_LEAST
        )
        self._runs: Sequence[RunFigures] = ()
        self._every: list[Axis] = []  # the noise error last
        self._axes: list[Axis] = []  # those that fit
        self._chosen_run: Path | None = None
        self._ways = np.zeros((0, 0))
        self._lines, self._all, self._best, self._chosen = (
            pg.PlotDataItem(antialias=True) for _ in range(4)
        )
        for item in (self._lines, self._all, self._best, self._chosen):
            self.item.addItem(item)
        self._ends: list[pg.TextItem] = []
        self.item.hideAxis("left")
        self.item.setMouseEnabled(x=False, y=False)
        self.read = self._read
        self.clicked.connect(self._on_click)
        self.table = lambda: {axis.name: axis.places for axis in self._axes}
        theme_manager().changed.connect(self._color)
        theme_manager().text_resized.connect(self._lay_out)

    def show_runs(self, runs: Sequence[RunFigures], columns: Sequence[str]) -> None:
        """Show these runs, by these settings, the most important ones first."""
        self._runs = runs
        self._every = [
            axis_of(setting_title(name), [run.settings.get(name) for run in runs], name)
            for name in columns
        ]
        errors = [run.error for run in runs]
        self._every.append(axis_of(tr("Noise error"), errors, spec=_ERROR))
        self._lay_out()

    def _lay_out(self) -> None:
        if not self._every:
            return
        *settings, error = self._every
        words = QFontMetrics(tabular(self.font()))

        def width(count: int) -> int:
            axes = (*settings[:count], error)
            texts = (text for axis in axes for text in (axis.name, axis.low, axis.high))
            return len(axes) * (_BETWEEN + max(map(words.horizontalAdvance, texts)))

        count = next((n for n in range(len(settings), 0, -1) if width(n) <= self.view.width()), 0)
        self._axes = [*settings[:count], error]
        left = len(settings) - count
        hint = tr("Click a line to select its run")
        if left:
            hint = trn(
                "Click a line to select its run; {n} more setting in the table",
                "Click a line to select its run; {n} more settings in the table",
                left,
            )
        self.set_hint(hint)
        runs = self._runs
        self._ways = np.stack([axis.places for axis in self._axes], axis=1)
        names = [(i, axis.name) for i, axis in enumerate(self._axes)]
        self.item.getAxis("bottom").setTicks([names])
        for text in self._ends:
            self.item.removeItem(text)
        self._ends = []
        for i, axis in enumerate(self._axes):
            for value, height, anchor in ((axis.low, 0, (0.5, 0)), (axis.high, 1, (0.5, 1))):
                text = pg.TextItem(value, anchor=anchor)
                text.setPos(i, height)
                self.item.addItem(text)
                self._ends.append(text)
        places = np.repeat(np.arange(len(self._axes), dtype=float), 2)
        self._lines.setData(places, np.tile([0.0, 1.0], len(self._axes)), connect="pairs")
        leading = best(runs)
        self._draw(self._all, range(len(runs)))
        self._draw(self._best, [i for i, run in enumerate(runs) if run.path in leading])
        self.choose(self._chosen_run)
        # Room above and below for the labels at the ends, whatever their size.
        line = words.height() + _AROUND
        room = line / max(line, self.view.height() - self._names_height() - 2 * line)
        ends = (-room, 1 + room)
        self.item.setRange(xRange=(-0.5, len(self._axes) - 0.5), yRange=ends, padding=0)
        self._color(current_theme())

    def _names_height(self) -> int:
        return QFontMetrics(tabular(self.font())).height() + 12

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def choose(self, run: Path | None) -> None:
        self._chosen_run = run
        self._draw(self._chosen, [i for i, one in enumerate(self._runs) if one.path == run])

    def _draw(self, item: pg.PlotDataItem, which: Sequence[int]) -> None:
        """One curve for all lines, with a gap after each."""
        gap = np.full((len(which), 1), np.nan)
        heights = np.concatenate([self._ways[list(which)], gap], axis=1) if which else gap
        x = np.arange(len(self._axes) + 1.0)
        item.setData(np.tile(x, len(which)), heights.ravel(), connect="finite")

    def _color(self, theme: Theme) -> None:
        for item, color, width in (
            (self._lines, theme.text_dim, 1.0),
            (self._all, theme.outline, 1.0),
            (self._best, theme.good, 2.5),
            (self._chosen, theme.accent, 3.0),
        ):
            pen = QPen(QColor(color), width)
            pen.setCosmetic(True)
            item.setPen(pen)
        font = tabular(self.font())
        for text in self._ends:
            text.setColor(QColor(theme.text_dim))
            text.setFont(font)
        self.item.getAxis("bottom").setHeight(self._names_height())

    def _nearest(self, x: float, y: float) -> int | None:
        last = len(self._axes) - 1
        if not len(self._ways) or not 0 <= x <= last:
            return None
        left = min(int(x), max(0, last - 1))
        right = min(left + 1, last)
        here = self._ways[:, left] + (x - left) * (self._ways[:, right] - self._ways[:, left])
        away = np.abs(here - y)
        return None if np.isnan(away).all() else int(np.nanargmin(away))

    def _read(self, x: float, y: float) -> str | None:
        near = self._nearest(x, y)
        if near is None:
            return None
        run = self._runs[near]
        error = "" if run.error is None else tr(", noise error {error:.4f}", error=run.error)
        return f"{run.title}{error}"

    def _on_click(self, x: float, y: float) -> None:
        near = self._nearest(x, y)
        if near is not None:
            self.picked.emit(self._runs[near].path)


class RunPage(Page):
    """Compares all runs of the library and its sweeps, recent ones, and those of another folder."""

    opened = Signal(object)  #: a run whose curves to show

    def __init__(self, lab: Lab) -> None:
        super().__init__("train.runs")
        panel(self)
        self._lab = lab
        self._runs: tuple[RunFigures, ...] = ()
        self._is_read = False  # whether the runs on disk were read
        self._more: Path | None = None
        self.filter = named(QLineEdit(), "train.runs.filter", tr("Filter the runs"))
        self.filter.setPlaceholderText(tr("Filter the runs"))
        self.filter.setClearButtonEnabled(True)
        self.table, self.plot = RunTable(), ParallelPlot(lab)
        tip = tr("Runs stored elsewhere, such as those of a fetched sweep")
        more = push_button("train.runs.more", tr("Add folder…"), "folder", tip, do=self._add_folder)
        again = IconButton("train.runs.again", "loop", tr("Reload all runs"), do=self.look_again)
        self.rename = IconButton("train.runs.rename", "pencil", tr("Rename the selected run… (F2)"))
        tip = tr("A recorded training that learns 50 sprites by heart")
        self.example = push_button("train.runs.example", tr("Example"), "memory", tip)
        buttons = (self.example, more, self.rename, again)
        head = heading_row(lab, tr("Runs"), "runs", left=(self.filter,), right=buttons)
        self.empty = EmptyState("train", name="train.runs.empty")
        lines = QWidget()
        empty = self._empty = scrolling(self.empty)
        self._lines = stack(lines, empty, self.plot)
        halves = split(Qt.Orientation.Vertical, self.table, lines, sizes=(240, 300))
        vbox(head, (halves, 1), on=self, margins=(16, 8, 16, 8))
        self.filter.textChanged.connect(self._show)
        self.table.itemSelectionChanged.connect(self._on_chosen)
        self.table.rename_wanted.connect(self.rename.click)
        self.table.opened.connect(self.opened)
        self.plot.picked.connect(self.table.choose)
        self.example.clicked.connect(lambda: self.opened.emit(paths.example_run()))
        lab.training_runs.current.changed.connect(self._allow_example)
        self._allow_example()
        self.rename.clicked.connect(self._rename_chosen)
        self._on_chosen()
        theme_manager().on_text(self._widen_filter)
        lab.runs.changed.connect(self._on_library)
        lab.gone.changed.connect(self._on_library)
        lab.gone.became_known.connect(self._on_library)
        lab.training_runs.last_run.changed.connect(self._on_last_run)

    def _widen_filter(self) -> None:
        """Make room for the whole placeholder."""
        words = QFontMetrics(self.filter.font()).horizontalAdvance(self.filter.placeholderText())
        self.filter.setMinimumWidth(max(_LEAST_FILTER, words + _AROUND_FILTER))

    def on_shown(self) -> None:
        self.look_again()

    def _on_library(self, *_: object) -> None:
        if self.isVisible():
            self.look_again()

    def _on_last_run(self, run: Path | None, _: object) -> None:
        if run not in [one.path for one in self._runs]:
            self._on_library()

    def look_again(self) -> None:
        folders = [paths.runs_dir(), *self._lab.opened_runs, paths.example_run()]
        if self._more is not None:
            folders.append(self._more)
        self._lab.do(read_figures(folders), self, then=self._take, newest="run table", quiet=True)

    def _allow_example(self, *_: object) -> None:
        allow(self.example, self._lab.training_runs.busy)

    def _on_chosen(self) -> None:
        run = self.table.chosen
        self.plot.choose(run)
        ours = run is not None and run.parent == paths.runs_dir()
        if is_example(run):
            why = tr("The example keeps its name")
        else:
            why = "" if ours else tr("Select a run in the library to rename it")
        allow(self.rename, why)

    def _rename_chosen(self) -> None:
        run = self.table.chosen
        if run is not None:
            ask_run_name(self, self._lab, run)

    def _add_folder(self) -> None:
        folder = ask_folder(self, self._lab.settings, tr("Add runs from a folder"))
        if folder is not None:
            self._more = folder
            self.look_again()

    def _take(self, runs: tuple[RunFigures, ...]) -> None:
        own = tuple(run for run in runs if not is_example(run.path))
        # The example makes way for runs of the user.
        self._runs, self._is_read = own or runs, True
        self._show()

    def show_training(self, run: Path, history: LossHistory) -> None:
        """Show the progress of a run's training, which its folder records a little later."""
        step, figures = history.last_step, history.last_eval
        before = next((one for one in self._runs if one.path == run), None)
        if before is None or step is None:
            return
        error = before.error if figures is None else figures.epsilon_error
        now = replace(before, step=step.step, seconds=step.seconds, error=error)
        self._runs = tuple(now if one is before else one for one in self._runs)
        if error != before.error:
            self._show()
        elif now != before:
            self.table.show_figures(now)

    def _show(self, *_: object) -> None:
        """Show the runs that pass the filter."""
        if not self._is_read:
            return
        words = self.filter.text().lower().split()
        left = [run for run in self._runs if all(word in _search_text(run) for word in words)]
        columns = differing(left)
        self.table.show_runs(left, columns)
        self.plot.show_runs(left, columns)
        own = [run for run in self._runs if not is_example(run.path)]
        if words and not left:
            title = tr("No runs match")
            text = tr("Type parts of their names, or a setting such as seed=1.")
        elif own:
            title = tr("One run so far")
            text = tr(
                "Change one setting on the right and start another: the table then shows which "
                "settings differ, and lines lead from them to the noise error."
            )
        else:
            title = tr("Nothing to compare yet")
            text = tr(
                "Start a training run on the right. As soon as it has figures, it appears as a row "
                "above, with its noise error, steps and time."
            )
        self.empty.set_content(title, text)
        self._lines.setCurrentWidget(self.plot if left and len(own) > 1 else self._empty)


def _search_text(run: RunFigures) -> str:
    """The searchable text of a run; settings are name=value."""
    settings = (f"{name}={value_text(name, value)}" for name, value in run.settings.items())
    return " ".join((run.title, *settings)).lower()
