"""The page that leads to sprites in the user's own style, with a row for each step."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QPushButton, QWidget

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.draw.generate.batch_drawing import BatchDrawing
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.draw.sets.style_path import TUNINGS, StylePath
from sprite_lab.app.lab import Lab
from sprite_lab.app.train.training_runs import Training
from sprite_lab.core.presets import PRESETS, TUNING_PRESET
from sprite_lab.core.records import Preview
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.draw.generate.class_choice import ClassChoice
from sprite_lab.ui.draw.page import DrawPage
from sprite_lab.ui.layouts import as_widget, hbox, vbox
from sprite_lab.ui.page import scrolling
from sprite_lab.ui.text import Label
from sprite_lab.ui.widgets.fields.buttons import PushButton, push_button, set_primary
from sprite_lab.ui.widgets.fields.calm import allow, calm, fill, named
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import dim_label, heading, separator
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import tr

#: Lines of text reserved for a state, so that buttons do not move when it changes. The state of
#: tuning is the longest.
_LINES, _LINES_OF_TUNING = 2, 4

#: Logical pixels for each pixel of a sample.
_SCALE = 2

#: Milliseconds between updates of the progress of a training run.
_PROGRESS_MS = 1000

#: Width, in line heights, below which buttons are placed below the texts of their steps.
_NARROW = 24


class StylePage(DrawPage):
    """Shows each step with its state and its button; the next step stands out."""

    batch_wanted = Signal()  #: go to the page of variations

    def __init__(
        self, lab: Lab, session: DrawSession, editor: CellEditor, batches: BatchDrawing
    ) -> None:
        super().__init__("draw.path")
        self._lab, self._batches = lab, batches
        self._path = StylePath(lab, session, editor, batches)
        self._rows: list[tuple[QLabel, QLabel, PushButton]] = []
        self._other = push_button(
            "draw.path.tune.other",
            tr("Tune anew"),
            tip=tr("Tune the model chosen here on your sprites, too"),
            do=lambda: self._tune(self._path.tune_anew),
        )
        self._start = calm(
            ElidedComboBox(),
            "draw.path.tune.start",
            tr("Start from"),
            tr(
                "The model whose weights the tuning starts from. That model itself does not change."
            ),
        )
        self._start.activated.connect(self._choose_start)
        self._start_row = as_widget(hbox(dim_label(tr("Start from"), wrap=False), (self._start, 1)))
        self._class = ClassChoice(batches, "draw.path.draw.class")
        self._class_row = as_widget(hbox(dim_label(tr("Class"), wrap=False), (self._class, 1)))
        #: The newest samples of a running tuning run.
        self._samples = named(
            SpriteGrid(scale=_SCALE, arrow_keys=False),
            "draw.path.tune.samples",
            tr("What the model draws so far"),
            tr("The same noise each time, drawn by the model as it is so far"),
        )
        self._learned: SpriteSet | None = None  #: the training set of the samples, as it was opened
        self._samples.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._samples.set_placeholder(tr("What the model draws is shown here while it is tuned."))
        self._samples.grown.connect(
            lambda: self._samples.setMaximumHeight(self._samples.minimumHeight())
        )
        #: Shows the progress of a training run, whose records come many times a second.
        self._timer = QTimer(self, interval=_PROGRESS_MS)
        self._timer.timeout.connect(self._refresh_if_seen)
        self._layouts: list[QBoxLayout] = []
        self._following = ""  #: name of the next step, as last shown
        rows = QWidget()
        column = vbox(on=rows, spacing=10, margins=(0, 0, 8, 0))
        actions: dict[str, Callable[[], object]] = {
            "import": lab.import_wanted.emit,
            "tune": lambda: self._tune(self._path.tune),
            "palette": self._path.take_palette,
            "draw": self._draw,
            "keep": self.batch_wanted.emit,
            "export": self._path.export,
        }
        for step in self._path.steps:
            mark = named(Label(), f"draw.path.{step.name}.mark")
            mark.setFixedWidth(24)
            title = heading(step.title, wrap=True)
            state = dim_label(name=f"draw.path.{step.name}.state")
            state.setAlignment(Qt.AlignmentFlag.AlignTop)
            button = push_button(f"draw.path.{step.name}", step.action)
            button.clicked.connect(lambda _=False, do=actions[step.name]: do())
            words = vbox(title, state, spacing=2)
            row = hbox((words, 1), vbox(self._other, button) if step.name == "tune" else button)
            if step.name == "tune":
                button.at_times = TUNINGS
                words.addWidget(self._start_row)
            elif step.name == "draw":
                words.addWidget(self._class_row)
            column.addLayout(hbox((mark, 0, Qt.AlignmentFlag.AlignTop), (row, 1)))
            if step.name == "tune":
                column.addWidget(self._samples)
            column.addWidget(separator())
            self._rows.append((mark, state, button))
            self._layouts.append(row)
        column.addStretch(1)
        head = hbox(self._back, heading(tr("My style")), HelpButton(lab, "draw_style"), ...)
        vbox(head, (scrolling(rows, clear=True), 1), on=self, margins=(12, 8, 0, 12))
        lab.training_runs.current.changed.connect(self._on_training)
        self._on_training(lab.training_runs.current.value, None)
        for changed in (
            lab.data.changed,
            lab.data_loading.changed,
            lab.model.changed,
            lab.model_loading.changed,
            lab.runs.changed,
            lab.settings.changed,
            session.project.cells_changed,
            session.project.grid_changed,
            session.project.palette_changed,
            session.choice_changed,
            batches.changed,
            batches.history_changed,
        ):
            changed.connect(self._refresh_if_seen)

    def _draw(self) -> None:
        self.batch_wanted.emit()
        self._batches.start(None)

    def _tune(self, begin: Callable[[], None]) -> None:
        begin()
        if (job := self._path.loading) is not None:
            job.ended.connect(self._refresh_if_seen)
        self.refresh()

    def _choose_start(self, _: int) -> None:
        self._path.start_from(self._start.currentData())
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _NARROW * self.fontMetrics().height()
        ways = QBoxLayout.Direction
        for row in self._layouts:
            row.setDirection(ways.TopToBottom if narrow else ways.LeftToRight)
        for _, state, button in self._rows:
            lines = _LINES_OF_TUNING if button.at_times else _LINES
            state.setMinimumHeight(lines * state.fontMetrics().lineSpacing())

    def _on_training(self, training: Training | None, _before: object) -> None:
        self._path.remember(training)
        if training is None:
            self._timer.stop()
        else:
            self._samples.set_sprites(None)
            self._learned = self._lab.edits.base
            self._timer.start()
            training.handle.preview_ready.connect(self._show_samples)
        self._refresh_if_seen()

    def _show_samples(self, preview: Preview) -> None:
        if self._timer.isActive():
            self._samples.set_sprites(preview.images)

    def refresh(self) -> None:
        steps, sprites = self._path.steps, self._lab.own_set
        self._samples.setVisible(sprites is not None)
        if self._lab.edits.base is not self._learned:
            self._samples.set_sprites(None)
        if sprites is not None:
            self._samples.expect(PRESETS[TUNING_PRESET].preview_count, sprites.size)
        following = next((step.name for step in steps if not step.done), "")
        for number, (step, row) in enumerate(zip(steps, self._rows, strict=True), start=1):
            mark, state, button = row
            mark.setText("✓" if step.done else f"{number}.")
            mark.setAccessibleName(
                tr(
                    "Step {number}, {done}",
                    number=number,
                    done=tr("done") if step.done else tr("to do"),
                )
            )
            state.setText(step.state)
            button.setText(step.action)
            allow(button, step.problem)
            if step.name == "tune":
                self._other.setVisible(step.other)
                start = self._path.chosen_start
                fill(self._start, [(one.title, one.ref, one.why) for one in step.starts])
                self._start.setCurrentIndex(self._start.findData(start.ref if start else None))
                self._start_row.setVisible(len(step.starts) > 1)
                allow(self._start, self._lab.training_runs.busy)
            if step.name == "draw":
                self._class.offer(step.classes)
                self._class_row.setVisible(len(self._path.classes_of_set) > 1)
                not_known = tr("The model does not know these classes yet: tune it first.")
                allow(self._class, "" if step.classes else not_known)
            set_primary(button, step.name == following)
            if step.name == following and self._following == "import" != following:
                self._lead_on_to(button)
        self._following = following

    def _lead_on_to(self, button: QPushButton) -> None:
        """Move the focus to the next step's button once sprites are imported.

        While they are read, Import is disabled, so Qt has moved the focus elsewhere.
        """
        focus = self.window().focusWidget()
        if focus is None or self.isAncestorOf(focus):
            button.setFocus()
