"""Shared by Probability and Thermodynamics: a page that measures the open model."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedLayout, QWidget

from sprite_lab.app.engine_types import Model
from sprite_lab.app.lab import Lab
from sprite_lab.app.measure import measure_tasks
from sprite_lab.app.shell.text_format import DOT, in_whole_parts, run_title
from sprite_lab.app.task import Task
from sprite_lab.core.results.measured import Entropies, Measured
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.measure.run_controls import RunControls
from sprite_lab.ui.page import Page
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.fields.model_needed import ModelNeeded
from sprite_lab.words import tr, trn


def levels_words(count: int) -> str:
    """Text on the number of noise levels that a bound has between noise and sprite."""
    return trn("{n:,} noise level", "{n:,} noise levels", count)


class MeasureEmpty(ModelNeeded):
    """Says what is missing for a measurement, or offers one."""

    measure_wanted = Signal()  #: the button was pressed while nothing was missing

    def __init__(self, lab: Lab, *, name: str) -> None:
        why = tr(
            "This measures how probable sprites are to a model: train one, or open one in the "
            "library."
        )
        super().__init__(lab, "measure", why, name=name, primary=False)
        self.running = False  #: whether a measurement is running, so that none is offered

    def explain(self, sprites: SpriteSet | None, source: str) -> bool:
        """Say what is missing to measure ``sprites``, or offer it; returns whether nothing is."""
        model = self._lab.model.value
        if not self.explain_likelihood() or model is None:
            return False
        if sprites is None:
            self._explain_source(source)
            return False
        size = model.image_size
        if sprites.size != (size, size):
            self.set_content(
                tr("Sprites of another size"),
                tr(
                    "These are {width}×{height} pixels, but the model draws {side}×{side}: "
                    "open a data set of that size.",
                    width=sprites.size[1],
                    height=sprites.size[0],
                    side=size,
                ),
            )
            return False
        self.offer_measuring(
            tr("How probable are they?"),
            tr(
                "The model says how many bits each sprite takes: few if it is typical, many if "
                "it is unusual or has the wrong class."
            ),
            trn("Measure {n:,} sprite", "Measure {n:,} sprites", len(sprites)),
        )
        return True

    def offer_measuring(self, title: str, text: str, action: str) -> None:
        """Offer to measure, since nothing is missing; while a measurement runs, say so."""
        if self.running:
            self.set_content(tr("Measuring…"), text)
            return
        self.offer(title, text, action, "measure", self.measure_wanted.emit)

    def _explain_source(self, source: str) -> None:
        go, lab = self._lab.workspace_wanted.emit, self._lab
        if source == "project":
            self.offer(
                tr("Nothing is drawn yet"),
                tr("Draw a sprite, or let the model draw one, and come back."),
                tr("Go to Draw"),
                "draw",
                lambda: go("draw", ""),
            )
        elif source == "samples":
            self.offer(
                tr("No samples yet"),
                tr("Generate sprites to measure them here."),
                tr("Go to See"),
                "see",
                lambda: go("see", "watch"),
            )
        else:
            self.offer(
                tr("No data set is open"),
                tr("Open one, or use the built-in sprites."),
                tr("Open the built-in sprites"),
                "data",
                lambda: lab.want_data(""),
            )


F = TypeVar("F", Measured, Entropies)


class MeasurePage(Page, Generic[F]):
    """Shows the results or, without any, what is missing and what can be measured.

    ``empty``: name of the empty state. ``run``: the buttons that start and stop a measurement. One
    job of the kind ``newest`` runs at a time.
    """

    def __init__(self, lab: Lab, name: str, *, empty: str, run: RunControls, newest: str) -> None:
        super().__init__(name)
        self._lab, self._run, self._newest = lab, run, newest
        self.found: F | None = None  #: the results that are shown
        self._unasked = False  # whether ``found`` is from a first look
        self._asked: Model | None = None  # the model that was measured
        self._looked_up: Model | None = None  # the model whose last measurement was read
        self._unmeasured: Model | None = None  # a model that has no last measurement
        self.caption = HintLabel(name=f"{name}.caption")
        self._empty = MeasureEmpty(lab, name=empty)
        self._stack = QStackedLayout(self)
        self._empty.measure_wanted.connect(self.measure)
        run.start.clicked.connect(self.measure)
        run.running_changed.connect(self._show_running)
        # Anywhere in the window while the page is shown: pressing Measure moves the focus away.
        QShortcut(QKeySequence("Esc"), self, run.stop)

    def set_faces(self, content: QWidget, *others: QWidget) -> None:
        """Lay out ``content``, which shows the results; ``others`` may replace it."""
        self._content = named(content, "stage")
        content.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        for face in (self._empty, content, *others):
            self._stack.addWidget(face)

    def on_shown(self) -> None:
        self._run.set_watched(True)
        self._refresh()
        self._look_up()
        self.take_first_look()

    def on_left(self) -> None:
        self._run.set_watched(False)
        if self._lab.newest(self._first_kind) is not None:
            self._lab.drop(self._first_kind)
            self._looked_up = None  # look it up again when the page is shown

    def start(self, task: Task[F], model: Model, name: str) -> None:
        """Measure a model, and show the results if it is still open then."""
        self._asked = model
        self._lab.drop(self._first_kind)
        take = partial(self._take, kept=not self._lab.in_lesson)
        self._run.follow(self._lab.do(task, self, name=name, then=take, newest=self._newest))

    @property
    def _first_kind(self) -> str:
        """Kind of the job of a first look."""
        return f"{self._newest}.first"

    def _show_running(self, *_: object) -> None:
        self._empty.running = self._run.running or self._lab.newest(self._first_kind) is not None
        self._refresh()

    def forget(self, *_: object) -> None:
        """Discard the results: they no longer apply."""
        self.found = self._looked_up = self._unmeasured = None
        self._run.cancel()
        self._lab.drop(self._first_kind)
        self._refresh()
        self._look_up()

    def snapshot(self) -> Callable[[], None]:
        """Return a function that restores what is shown now, in place of newer results."""
        model, found, unasked = self._lab.model.value, self.found, self._unasked

        def give_back() -> None:
            if found is self.found:
                return
            self.forget()
            if found is not None and model is self._lab.model.value:
                self._set_found(found, unasked=unasked)

        return give_back

    def _look_up(self) -> None:
        """Show the model's last measurement, once for each model."""
        model = self._lab.model.value
        if model is None or model.is_student or model is self._looked_up or not self.isVisible():
            return
        self._looked_up = model

        def take(found: F | None) -> None:
            if self.found is not None or self._lab.model.value is not model:
                return
            if found is not None:
                self._set_found(found)
            else:
                self._unmeasured = model
                self.take_first_look()

        self._lab.do(
            self._before(model),
            self,
            name=tr("Reading the last measurement"),
            then=take,
            newest=f"{self._newest}.before",
        )

    def take_first_look(self) -> None:
        """Measure a little of a model that was never measured, without being asked, once."""
        model = self._unmeasured
        if model is None or self.found is not None or self._run.running or not self.isVisible():
            return
        task = self._first_look(model)
        if task is None:
            return  # tried again once there is something to measure
        self._unmeasured = None

        def take(found: F) -> None:
            if self.found is None and self._lab.model.value is model:
                self._set_found(found, unasked=True)

        name = tr("First look at the model")
        handle = self._lab.do(task, self, name=name, then=take, newest=self._first_kind, quiet=True)
        handle.ended.connect(self._show_running)
        self._show_running()

    def _take(self, found: F, *, kept: bool) -> None:
        model = self._lab.model.value
        if model is not None and model is self._asked:
            self._set_found(found)
            if kept:
                self._lab.do(measure_tasks.keep(model, found), self)

    def _set_found(self, found: F, *, unasked: bool = False) -> None:
        self.found, self._unasked = found, unasked
        self._refresh()
        self._show(found)

    def show_caption(self, *facts: str) -> None:
        """Say which model was measured, and how."""
        model = self._lab.model.value
        title = "" if model is None else run_title(model.title)
        told = tr("Measured: {model}", model=title)
        if self._unasked:
            told = tr("First look: {model}", model=title)
        self.caption.setText(in_whole_parts(DOT.join((told, *facts))))

    @abstractmethod
    def measure(self) -> None:
        """Measure the chosen sprites."""

    @abstractmethod
    def _before(self, model: Model) -> Task[F | None]:
        """A task that reads a model's last measurement, or returns None if there is none."""

    @abstractmethod
    def _first_look(self, model: Model) -> Task[F] | None:
        """A task that measures for about a second; None = something is missing."""

    @abstractmethod
    def _refresh(self, *_: object) -> None:
        """Show the results, or what is missing."""

    @abstractmethod
    def _show(self, found: F) -> None:
        """Show the results."""
