"""The classes that the current cell looks like, updated while the user draws."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QWidget

from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.files.sources import of_cells
from sprite_lab.app.lab import Lab
from sprite_lab.app.measure import measure_tasks
from sprite_lab.core.records import Outcome
from sprite_lab.core.results.probability import ClassProbabilities
from sprite_lab.jobs import JobHandle
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.class_bars import ClassBars
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.words import tr

#: Blocks of t and repetitions while the user draws: five classes take 0.1 to 0.2 s.
LIVE_BLOCKS, LIVE_ROUNDS = 8, 4


class CellClasses(QWidget):
    """The probability of each class for the current cell, kept up to date on demand."""

    def __init__(self, lab: Lab, session: DrawSession) -> None:
        super().__init__()
        self.setObjectName("draw.classes")
        self._session, self._context = session, session.context
        self._handle: JobHandle | None = None
        self._again = False
        tip = tr("Ask the model after every stroke what class the drawing looks like")
        self.live = named(QCheckBox(tr("While I draw")), "draw.classes.live", tip=tip)
        self.bars = ClassBars(name="draw.classes.bars")
        self.state = dim_label(name="draw.classes.state")
        bar = hbox(self.live, ..., HelpButton(lab, "classes"), spacing=-1)
        vbox(bar, self.state, self.bars, on=self)
        self.live.toggled.connect(self.refresh)
        lab.model.changed.connect(self.refresh)
        session.choice_changed.connect(self.refresh)
        session.project.cells_changed.connect(self._on_cells)
        session.project.grid_changed.connect(self.refresh)
        self.refresh()

    def _on_cells(self, changed: tuple[int, ...]) -> None:
        if self._session.current in changed:
            self.refresh()

    def refresh(self, *_: object) -> None:
        problem = self._problem() if self.live.isChecked() else ""
        self.state.setText(problem)
        self.state.setVisible(bool(problem))
        if problem or not self.live.isChecked():
            self.bars.show_probabilities(None)
            self._again = False
            if self._handle is not None:
                self._handle.cancel()
            return
        if self._handle is not None:
            # Strokes come faster than answers: show each answer, then measure the newest drawing.
            self._again = True
            return
        cell = self._session.drawn
        assert cell is not None
        model = self._context.model.value
        assert model is not None
        sprites = of_cells({0: cell}, model.class_names)
        assert sprites is not None
        self._again = False
        task = measure_tasks.classify(model, sprites, blocks=LIVE_BLOCKS, rounds=LIVE_ROUNDS)
        self._handle = self._context.do(task, self, then=self._show)
        self._handle.ended.connect(self._on_ended)

    def _problem(self) -> str:
        model = self._context.model.value
        if model is None or self._session.problem:
            return self._session.problem
        if model.is_student:
            return tr("A student has no likelihood: open its teacher to ask for the class.")
        if len(model.class_names) < 2:
            return tr("This model knows no classes to tell apart.")
        return "" if self._session.drawn else tr("Nothing has been drawn in this cell yet.")

    def _show(self, found: ClassProbabilities) -> None:
        cell = self._session.drawn
        if self.live.isChecked() and cell is not None:
            self.bars.show_probabilities(found, own=cell.class_name)

    def _on_ended(self, outcome: Outcome) -> None:
        self._handle = None
        if outcome.kind == "failed":
            self.live.setChecked(False)  # otherwise it would fail at every stroke
        elif self._again:
            self.refresh()
