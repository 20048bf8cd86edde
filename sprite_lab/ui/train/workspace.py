"""The Train workspace: figures and pages of a training run."""

from __future__ import annotations

import math
from pathlib import Path

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QBoxLayout, QLabel, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import run_title, time_text
from sprite_lab.app.train.level_history import LevelHistory
from sprite_lab.app.train.loss_history import RECENT, LossHistory
from sprite_lab.app.train.run_differences import all_settings
from sprite_lab.app.train.run_floor import RunFloor
from sprite_lab.app.train.run_past import RunPast, read_past
from sprite_lab.app.train.training_runs import Training
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.presets import TUNING_PRESET
from sprite_lab.core.records import (
    Began,
    CopiesRecord,
    EvalRecord,
    Preview,
    StepRecord,
    WindowRecord,
)
from sprite_lab.ui.flow import Arranged
from sprite_lab.ui.layouts import grid, hbox, vbox
from sprite_lab.ui.text import Label, tooltip
from sprite_lab.ui.theme import tabular, theme_manager
from sprite_lab.ui.train.by_heart_page import ByHeartPage
from sprite_lab.ui.train.checkpoint_page import CheckpointPage
from sprite_lab.ui.train.controls import TrainControls
from sprite_lab.ui.train.curve_page import CurvePage
from sprite_lab.ui.train.level_page import LevelPage
from sprite_lab.ui.train.run_page import RunPage
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import named, panel
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.pages import Pages, PageSpec
from sprite_lab.words import number_text, tr

#: Refresh interval of numbers, in milliseconds.
FIGURES_MS = 250

#: No figure, and no time, is much wider than this.
_WIDEST, _LONGEST = "000,000", "00 h 00 min"

#: Rows of figures if space is short, and the gap between a caption and its figure in them, in
#: logical pixels.
_MOST_ROWS, _BESIDE = 4, 8

#: Name, caption and tip of each number.
_FIGURES = (
    ("step", tr("Step"), tr("Optimizer steps so far")),
    ("epoch", tr("Epoch"), tr("How many times each sprite has been seen")),
    (
        "loss",
        tr("Loss"),
        tr(
            "Mean loss on training sprites over the last tenth of the steps, {steps} at most",
            steps=RECENT,
        ),
    ),
    ("validation", tr("Validation"), tr("The same loss on held-out sprites")),
    (
        "epsilon",
        tr("Noise error"),
        tr("Mean squared error of the predicted noise, comparable between any two runs"),
    ),
    (
        "copies",
        tr("Copies"),
        tr(
            "Share of the last samples that were copies of training sprites, if you look for them; "
            "a tuning run with too many goes back to a state with few"
        ),
    ),
    ("speed", tr("Sprites/s"), tr("Sprites trained on per second")),
    ("elapsed", tr("Time"), tr("Training time, without pauses")),
)


class Figures(Arranged):
    """Labels ``train.figure.<name>``: step, epoch, loss, validation, epsilon, copies, speed,
    elapsed; in one row or, if they do not fit, in two to four rows beside their captions.
    """

    def __init__(self) -> None:
        super().__init__()
        self._arranged: tuple[int, list[int], list[int]] | None = None
        self._captions: list[QLabel] = []
        self._labels: dict[str, QLabel] = {}
        self._cells = [QWidget() for _ in _FIGURES]
        self._grid = grid(on=self, across=12, down=0)
        for cell, (name, text, tip) in zip(self._cells, _FIGURES, strict=True):
            value = named(Label("–"), f"train.figure.{name}", text)
            caption = dim_label(text, wrap=False)
            for label in (value, caption):
                label.setToolTip(tooltip(tip))
            vbox(caption, value, on=cell, spacing=0)
            self._captions.append(caption)
            self._labels[name] = value
        theme_manager().on_text(self._arrange)

    # -- rows ----------------------------------------------------------------------------

    def _font(self, rows: int) -> QFont:
        """The font of the numbers: larger if they are below their captions."""
        font = tabular(self.font())
        font.setPointSizeF(font.pointSizeF() * (1.25 if rows == 1 else 1.0))
        return font

    def _widths(self, rows: int) -> list[int]:
        """The minimum width of each number, enough for a large one, so that none moves."""
        width = QFontMetrics(self._font(rows)).horizontalAdvance
        return [width(_LONGEST if name == "elapsed" else _WIDEST) for name in self._labels]

    @property
    def _words(self) -> list[int]:
        """The width of each caption, in logical pixels."""
        return [c.fontMetrics().horizontalAdvance(c.text()) + 1 for c in self._captions]

    def _width_of(self, rows: int) -> int:
        """The width of all columns, in logical pixels."""
        columns, words, widths = math.ceil(len(_FIGURES) / rows), self._words, self._widths(rows)
        if rows == 1:
            needed = sum(map(max, words, widths))
        else:
            parts = ((words[i::columns], widths[i::columns]) for i in range(columns))
            needed = sum(max(above) + _BESIDE + max(below) for above, below in parts)
        return needed + (columns - 1) * self._grid.horizontalSpacing()

    def _arrange(self) -> None:
        fitting = (rows for rows in range(1, _MOST_ROWS) if self._width_of(rows) <= self.width())
        rows = next(fitting, _MOST_ROWS)
        arranged = rows, self._words, self._widths(rows)
        if arranged == self._arranged:
            return
        self._arranged = arranged
        columns, ways = math.ceil(len(_FIGURES) / rows), QBoxLayout.Direction
        for label, width in zip(self._labels.values(), self._widths(rows), strict=True):
            label.setFont(self._font(rows))
            label.setMinimumWidth(width)
        for index, cell in enumerate(self._cells):
            self._grid.addWidget(cell, *divmod(index, columns))
            layout = cell.layout()
            assert isinstance(layout, QBoxLayout)
            layout.setDirection(ways.TopToBottom if rows == 1 else ways.LeftToRight)
            layout.setSpacing(0 if rows == 1 else _BESIDE)
            layout.setStretch(1, rows - 1)
            widest = max(self._words[index % columns :: columns])
            self._captions[index].setMinimumWidth(self._words[index] if rows == 1 else widest)
        for column in range(len(_FIGURES)):
            self._grid.setColumnStretch(column, int(column < columns))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width_of(_MOST_ROWS), super().minimumSizeHint().height())

    # -- display ----------------------------------------------------------------------------------

    def show_figures(self, history: LossHistory, copies: CopiesRecord | None) -> None:
        step, figures = history.last_step, history.last_eval
        shown = dict.fromkeys(self._labels, "–")
        if step is not None:
            shown["step"] = number_text(step.step)
            shown["epoch"] = number_text(step.epoch, ",.1f" if step.epoch < 100 else ",.0f")
            shown["loss"] = number_text(history.recent.mean(), ".4f")
            shown["elapsed"] = time_text(step.seconds)
            if history.speed:
                shown["speed"] = number_text(history.speed, ",.0f")
        if copies is not None:
            shown["copies"] = number_text(copies.share, ".0%")
        if figures is not None:
            shown["validation"] = number_text(figures.val_loss, ".4f")
            shown["epsilon"] = number_text(figures.epsilon_error, ".4f")
        for name, text in shown.items():
            if self._labels[name].text() != text:
                self._labels[name].setText(text)


class StyleBar(QWidget):
    """A link back to My style from a tuning run on the user's own sprites, and from its model."""

    def __init__(self, lab: Lab, parent: QWidget) -> None:
        super().__init__(parent)  # otherwise it would be a window until it is laid out
        self._lab = lab
        self._tuned: Path | None = None  #: the newest run, if it is a tuning run
        tip = tr("Back to My style: what the model draws so far, and the next steps")
        back = push_button("train.style", tr("My style"), "back", tip, do=lab.style_wanted)
        self._words = dim_label(name="train.style.words")
        hbox((self._words, 1), back, on=self)
        for changed in (lab.training_runs.current.changed, lab.model.changed, lab.data.changed):
            changed.connect(self._refresh)
        self._refresh()

    def _refresh(self, *_: object) -> None:
        training = self._lab.training_runs.current.value
        text = tr("This model was tuned on your sprites.")
        if training is not None:
            tunes = training.config.preset == TUNING_PRESET and training.followed is None
            self._tuned = training.run if tunes else None
            text = tr("A model is being tuned on your sprites.")
            if training.init is not None:  # it does not go on with a run that was stopped
                title = run_title(training.init.title)
                text = tr("“{title}” is being tuned on your sprites.", title=title)
        self._words.setText(text)
        leads = training is not None or str(self._lab.model_ref) == str(self._tuned)
        self.setVisible(self._tuned is not None and leads and self._lab.own_set is not None)


class TrainWorkspace(Pages):
    """Controls a training run and shows its results, on pages below the figures.

    While nothing is being trained, it shows the history of the run that was trained or opened last.
    """

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        self._lab = lab
        self.history, self.level_history = LossHistory(), LevelHistory()
        #: Records of a training run that arrived while its earlier ones were being read; None = no
        #: earlier ones are being read.
        self._early: list[object] | None = None
        self.floor = RunFloor(lab)
        self.figures = Figures()
        self.curves = CurvePage(lab, self.history, self.floor)
        self.plot, self.previews = self.curves.plot, self.curves.previews
        self.levels = LevelPage(lab, self.level_history, self.floor)
        self.memory = ByHeartPage(
            lab, self.level_history, self.history, lambda: self.previews.previews
        )
        self.checkpoints = CheckpointPage(lab)
        self.controls = TrainControls(lab, lambda: self.previews.count)
        tips = {
            "curves": tr("Loss and other figures by step, and samples from one noise"),
            "levels": tr("What is still to be learned, and where sprites are memorized"),
            "memory": tr("The step from which it memorizes its sprites"),
            "checkpoints": tr(
                "What was learned first: one noise, drawn by every checkpoint at every noise level"
            ),
            "runs": tr("All runs in a table: how they differ, and which is best so far"),
        }
        checkpoints = tr("Checkpoints"), "grid", tips["checkpoints"]
        specs = [
            PageSpec("curves", tr("Curves"), "train", tips["curves"], lambda: self.curves),
            PageSpec(
                "levels", tr("By noise level"), "measure", tips["levels"], lambda: self.levels
            ),
            PageSpec("memory", tr("Memorization"), "memory", tips["memory"], lambda: self.memory),
            PageSpec("checkpoints", *checkpoints, lambda: self.checkpoints),
            PageSpec("runs", tr("Runs"), "compare", tips["runs"], self._make_runs),
        ]
        above = panel(QWidget())
        bar = StyleBar(lab, above)
        vbox(self.figures, bar, on=above, spacing=4, margins=(16, 12, 16, 4))
        super().__init__(
            specs,
            name="train",
            tabs="train.pages.tabs",
            above=above,
            beside=self.controls,
            parent=parent,
        )
        for name in ("levels", "memory", "checkpoints"):
            self.page(name)  # it takes records before it is shown
        self._timer = QTimer(self, interval=FIGURES_MS)
        self._timer.timeout.connect(self._show_figures)
        self.memory.copies_found.connect(self._show_figures)
        lab.training_runs.current.changed.connect(self._on_training)
        lab.training_runs.last_run.changed.connect(self._on_last_run)
        running = lab.training_runs.current.value
        self._on_training(running, None)
        if running is not None:  # it began before this page was built
            self._read_early(running.run)
        self._on_last_run()

    def _make_runs(self) -> RunPage:
        page = RunPage(self._lab)
        page.opened.connect(self._open_run)
        return page

    def _open_run(self, run: Path) -> None:
        if self._lab.training_runs.current.value is not None:
            self._lab.notice.emit(
                tr("A training run is in progress: its curves stay on screen until it ends.")
            )
            return
        self._lab.training_runs.last_run.set(run)
        self.show_page("curves")

    def start(self) -> None:
        self.controls.start()

    # -- a training run ------------------------------------------------------------------------

    def _on_training(self, training: Training | None, old: Training | None) -> None:
        if training is None:
            self._timer.stop()
            self._show_figures()
            self.curves.show_run(self._lab.training_runs.last_run.value is not None)
            self.checkpoints.look_again()
            outcome = old.handle.outcome if old else None
            if old and outcome and outcome.kind == "canceled":
                if old.resume:
                    self._read_past(old.run)  # the steps since it was resumed were discarded
            elif old and self._early is not None:  # now its file has every step
                self._read_past(old.run)
            self._early = None
            return
        handle = training.handle
        handle.records_ready.connect(self._on_records)
        handle.preview_ready.connect(self._on_preview)
        self._clear()
        self.curves.show_run(True)
        data = training.data
        self._show_settings(training.run, training.config, data[0])
        self.floor.set_run(training.run, data, student=training.is_student, floor=None)
        self.memory.set_run(training.run, data, tuned=training.config.max_copies > 0)
        self.checkpoints.set_run(training.run)
        if training.resume:
            self._read_early(training.run)
        self._timer.start()

    def _show_settings(self, run: Path, config: TrainConfig, data_title: str) -> None:
        self.previews.set_run(run, config)
        self.plot.set_run(run, all_settings(config, data_title))

    def _clear(self) -> None:
        self._early = None
        self.history.clear()
        self.level_history.clear()
        self.previews.set_previews([])
        self.plot.refresh()
        self.plot.show_all()
        self.floor.set_run(None, ("", ""), student=False, floor=None)
        self.levels.refresh()
        self.memory.set_run(None, ("", ""))
        self._show_figures()

    def _on_records(self, records: tuple[object, ...]) -> None:
        training = self._lab.training_runs.current.value
        if self._early is not None:
            if not self._early and training is not None:
                self._read_past(training.run)  # up to these
            self._early.extend(records)
        for record in records:
            if isinstance(record, Began) and training is not None:
                self._show_settings(training.run, record.config, training.data[0])
        if self.history.add(records):
            self.plot.refresh()
        if self.level_history.add(records):
            self.levels.refresh()
            self.memory.refresh()
        self.checkpoints.add(records)

    def _on_preview(self, preview: Preview) -> None:
        if self._early is not None:
            self._early.append(preview)
        first = self.previews.count == 0
        self.previews.add(preview)
        if first:
            self.controls.refresh()

    def _show_figures(self) -> None:
        self.controls.learn_speed(self.history.speed)
        self.figures.show_figures(self.history, self.memory.last_copies)
        training = self._lab.training_runs.current.value
        runs = self.stack.currentWidget()
        if training is not None and isinstance(runs, RunPage):
            runs.show_training(training.run, self.history)

    # -- the past --------------------------------------------------------------------------

    def _on_last_run(self, *_: object) -> None:
        """Show the history of another run, unless one is being trained."""
        run = self._lab.training_runs.last_run.value
        if self._lab.training_runs.current.value is not None:
            return
        self.curves.show_run(run is not None)
        if run is None:
            self._clear()
            self.plot.set_run(None, {})
            self.checkpoints.set_run(None)
        else:
            self._read_past(run)

    def _read_early(self, run: Path) -> None:
        """Read the earlier records of a run that is being trained."""
        self._early = []
        self._read_past(run)

    def _read_past(self, run: Path) -> None:
        name, then = tr("Reading {run_title}", run_title=run_title(run.name)), self._take_past
        self._lab.do(read_past(run), self, name=name, then=then, newest="past", quiet=True)

    def _take_past(self, past: RunPast) -> None:
        training = self._lab.training_runs.current.value
        if training is not None and (training.run != past.run or self._early is None):
            return
        if training is None and past.run != self._lab.training_runs.last_run.value:
            return  # it has been deleted
        # A resumed run continues while its past is read, and may already be in it.
        early = self._early or []
        kinds = StepRecord, WindowRecord, EvalRecord, CopiesRecord, Preview
        first = min((r.step for r in early if isinstance(r, kinds)), default=math.inf)
        before = [r for r in past.records if isinstance(r, kinds) and r.step < first]
        steps = [r.step for r in before if isinstance(r, StepRecord)]
        ours = training is not None and not (training.resume or training.followed)
        if early and ours and max(steps, default=0) < first - 1:
            # Its last steps are not in its file yet.
            QTimer.singleShot(FIGURES_MS, self, lambda: self._read_past(past.run))
            return
        self._early = [] if ours and not early else None  # or there might be a gap before the next
        for history in (self.history, self.level_history):
            history.clear()
            history.add(before)
            history.add(early)
        self._show_settings(past.run, past.config, past.data_title)
        self.previews.set_previews([p for p in past.previews if p.step < first])
        for record in early:
            if isinstance(record, Preview):
                self.previews.add(record)
        self.plot.refresh()
        self.plot.show_all()
        data = (past.data_title, past.data_fingerprint)
        student = past.config.network.guided
        self.floor.set_run(past.run, data, student=student, floor=past.floor)
        self.levels.refresh()
        self.memory.set_run(past.run, data, tuned=past.config.max_copies > 0)
        self.checkpoints.set_run(past.run)
        self.controls.refresh()
        self._show_figures()
