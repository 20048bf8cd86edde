"""The state of the window before a lesson, restored after it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QWidget

from sprite_lab import paths
from sprite_lab.app.lab import Lab
from sprite_lab.app.see.race_run import RaceRun
from sprite_lab.formats.lessons import Lesson
from sprite_lab.ui.measure.probability import ProbabilityPage
from sprite_lab.ui.measure.thermodynamics import ThermodynamicsPage
from sprite_lab.ui.page import Page
from sprite_lab.ui.see.watch.variety_table import Found, VarietyTable
from sprite_lab.ui.see.watch.views import FIRST_VIEWS
from sprite_lab.ui.shell.navigator import WORKSPACES, Navigator
from sprite_lab.ui.tutorials.controls import set_value, value_of
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.ui.widgets.pages import Pages
from sprite_lab.ui.widgets.sprites.timeline import Timeline

#: Settings that lessons change.
_SETTINGS = ("views", "library_open", "inspector_open", "sample", "pages", "runs_beside")

#: Prefixes of the names of controls that lessons set or ask users to set. None is of Draw: its
#: controls edit cells, which can be undone.
_AREAS = ("see.", "race.", "between.", "class.of", "inpaint.", "measure.", "memory.", "train.")

#: Prefixes of names of controls that are not restored here: those that come and go with the model
#: have their values from the settings of the reverse process, and those that follow the trajectory
#: from that.
_NOT_SAVED = ("see.class.", "see.branch.")

#: Contents of tables that measure variety.
Rows = Mapping[VarietyTable, Found]


class Scene:
    """A snapshot of controls, model, data set, trajectory and page. UI thread.

    Parts of the window that are built later are added by :meth:`add_new`. ``rows``: contents of
    tables when the lesson was left, to be restored.
    """

    def __init__(
        self, lab: Lab, navigator: Navigator, window: QWidget, lesson: Lesson, rows: Rows
    ) -> None:
        self._lab, self._navigator, self._window = lab, navigator, window
        self._place = navigator.current, navigator.page
        self._data = lab.data_path, lab.data.value, lab.edits.is_clean
        self._model = lab.model_ref, lab.model.value
        self._jobs = {kind: lab.newest(kind) for kind in ("model", "data", "generate")}
        watch = navigator.see.watch
        #: settings of the reverse process; None = there is no model yet that they could fit
        self._reverse = None if lab.model.value is None else watch.reverse.config()
        self._trajectory = lab.trajectory.value
        self._run = lab.training_runs.last_run.value
        self._frames = [(t.model, t.model.frame) for t in window.findChildren(Timeline)]
        self._known = lab.settings.value
        self._main_view, self._sprite = watch.stage.board.main, watch.stage.sprite
        self._mode = watch.mode.value
        self._values: dict[str, object] = {}
        self._locks: dict[str, bool] = {}
        self._lanes = {run: list(run.entries) for run in window.findChildren(RaceRun)}
        # The result of a lesson's task must not exist beforehand.
        races = any(step.set.page == "race" for step in lesson.steps)
        self._results = {run: run.take_results({}) for run in self._lanes if races}
        self._measured = {page: page.snapshot() for page in self._measure_pages}
        self._rows: Rows = {
            table: table.take_rows(rows.get(table, {}))
            for table in window.findChildren(VarietyTable)
        }
        self.add_new()
        if any(step.set.workspace == "train" for step in lesson.steps):
            lab.settings.replace(runs_beside=())  # runs beside it leave the curves little room
        if any(step.set.workspace == "see" for step in lesson.steps):
            watch.stage.show_views(FIRST_VIEWS)

    def add_new(self) -> None:
        """Remember the controls that did not exist before."""
        for control in self._window.findChildren(QWidget):
            name = control.objectName()
            if not name.startswith(_AREAS) or name.startswith(_NOT_SAVED) or name in self._values:
                continue
            value = value_of(control)
            if value is not None:
                self._values[name] = value
            if isinstance(control, SeedField):
                self._locks[name] = control.locked

    def _drop_later(self) -> None:
        """Cancel what the lesson started and what would later replace the restored state."""
        there = {
            "model": self._model[1] is not None,
            "data": self._data[1] is not None,
            "generate": True,
        }
        for kind, given_back in there.items():
            if given_back and self._lab.newest(kind) is not self._jobs[kind]:
                self._lab.drop(kind)

    def give_back(self) -> Rows:
        """Restore everything; returns the contents of the tables in the lesson."""
        lab = self._lab
        self._drop_later()
        ref, model = self._model
        if model is not None and model is not lab.model.value:
            lab.put_model(ref or model.title, model)
        path, sprites, is_clean = self._data
        if sprites is not None and sprites is not lab.data.value:
            lab.put_data(path, sprites)
            if not is_clean:
                lab.edits.history.mark_dirty()
        self._give_back_reverse()
        # Twice, as some controls depend on the values of others.
        for _ in range(2):
            for name, value in self._values.items():
                control = self._window.findChild(QWidget, name)
                if value_of(control) != value:
                    set_value(control, value)
        self._navigator.see.watch.stage.promote(self._main_view)
        for name, locked in self._locks.items():
            control = self._window.findChild(SeedField, name)
            if control is not None:
                control.set_locked(locked)
        self._give_back_results()
        shown = lab.training_runs.last_run
        if shown.value == paths.example_run():
            shown.set(self._run)
        if self._trajectory is not None:
            lab.trajectory.set(self._trajectory)
        self._navigator.see.watch.mode.set_value(self._mode)
        self._navigator.see.watch.stage.choose(self._sprite)
        for timeline, frame in self._frames:
            timeline.pause()
            timeline.set_frame(frame)
        self._show_pages()
        self._navigator.go(*self._place)
        lab.settings.replace(**{name: getattr(self._known, name) for name in _SETTINGS})
        return self._rows

    def _give_back_reverse(self) -> None:
        """Restore the settings of the reverse process that fit the current model."""
        watch = self._navigator.see.watch
        if self._reverse is None:
            watch.show_settings_of_session(self._known.sample)
        elif watch.reverse.config() != self._reverse:
            # Unlocked, the panel would lose the settings without a field.
            watch.reverse.set_config(self._reverse, locked=True)

    def _give_back_results(self) -> None:
        """Show the race and the measurements from before the lesson."""
        self._give_back_lanes()
        for page in self._measure_pages:
            self._measured.get(page, page.forget)()
        self._rows = {table: table.take_rows(rows) for table, rows in self._rows.items()}

    def _give_back_lanes(self) -> None:
        """Restore the lanes of Race, or the initial ones if the page was built in the lesson."""
        for run in self._window.findChildren(RaceRun):
            lanes = self._lanes.get(run) or run.first
            if run.entries != lanes:
                run.put_back(lanes)
            if run in self._results:
                run.take_results(self._results[run])

    @property
    def _measure_pages(self) -> list[ProbabilityPage | ThermodynamicsPage]:
        pages = self._window.findChildren(Page)
        return [page for page in pages if isinstance(page, (ProbabilityPage, ThermodynamicsPage))]

    def _show_pages(self) -> None:
        """Show the pages that were open before in each workspace."""
        before, now = self._known.pages, self._lab.settings.value.pages
        for spec in WORKSPACES:
            if before.get(spec.name) != now.get(spec.name):
                shown = self._navigator.workspace(spec.name)
                if isinstance(shown, Pages):
                    shown.show_page(str(before.get(spec.name, shown.names[0])))
