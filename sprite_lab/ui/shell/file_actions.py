"""The File menu and the choosers of model and data set: new, open, save and recent files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from sprite_lab import extras, paths
from sprite_lab.app import model_tasks, tasks
from sprite_lab.app.files.opening import IMPORT_SUFFIXES, what_opens
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import run_title, set_title
from sprite_lab.core.config import SampleConfig, ShareConfig
from sprite_lab.core.pixels.cells import CellSheet
from sprite_lab.core.records import Outcome
from sprite_lab.core.sets.sprites import BUILTIN_TITLE, GROUND_TITLE, MOST_STUDIED
from sprite_lab.paths import resource
from sprite_lab.ui.shell.dialogs import (
    ACCEPT,
    CANCEL,
    DATA_FILES,
    DISCARD,
    DRAWING_FILES,
    LESSON_FILES,
    PROJECT_FILES,
    RESULT_FILES,
    SPRITE_FILES,
    STORE_FILES,
    WEIGHT_FILES,
    ask_folder,
    ask_open,
    ask_open_several,
    ask_save,
    ask_text,
    question,
)
from sprite_lab.ui.text import shorten, tooltip
from sprite_lab.words import tr

#: Maximum number of runs in the model chooser.
LISTED_RUNS = 10


class FileActions(QObject):
    """Opens and saves files, and asks before unsaved changes are lost."""

    settings_found = Signal(object)  #: the SampleConfig stored in a picture
    lesson_chosen = Signal(object)  #: path of a lesson to start
    results_chosen = Signal(object)  #: paths of results of lessons to show
    import_chosen = Signal(object)  #: paths to import

    def __init__(self, lab: Lab, window: QWidget) -> None:
        super().__init__(window)
        self._lab, self._window = lab, window
        self._discarded: list[Callable[[], None]] = []  # each marks something as unsaved again
        lab.sheet_wanted.connect(self.start_project)
        lab.data_wanted.connect(self.take_data)
        lab.save_data_wanted.connect(self.save_data)
        lab.save_data_as_wanted.connect(self.save_data_as)

    # -- project ---------------------------------------------------------------------------

    def new_project(self) -> None:
        if self.may_leave_project(then=self.new_project):
            self._lab.project_io.new()

    def start_project(self, sheet: CellSheet) -> None:
        """Start a project with content, such as the frames of a picture."""
        if self.may_leave_project(then=lambda: self.start_project(sheet)):
            self._lab.project_io.new(sheet)

    def open_project(self) -> None:
        self._ask(tr("Open project"), DRAWING_FILES, self.open_path)

    def _ask(self, title: str, kinds: str, then: Callable[[Path], object]) -> None:
        """Ask for a file, and pass it to ``then``."""
        path = ask_open(self._window, self._lab.settings, title, kinds)
        if path is not None:
            then(path)

    def save(self, then: Callable[[], object] | None = None) -> None:
        """Save to the project's file, or ask for one."""
        path = self._lab.project.path
        if path is None:
            self.save_as(then)
        else:
            self._lab.project_io.save(path, then)

    def save_as(self, then: Callable[[], object] | None = None) -> None:
        name = f"{self._lab.project.shown_title}.spritelab"
        path = ask_save(self._window, self._lab.settings, tr("Save project"), name, PROJECT_FILES)
        if path is not None:
            self._lab.project_io.save(path, then, over=True)

    def may_leave_project(self, then: Callable[[], object]) -> bool:
        """Whether the project may be replaced: it is saved, or the user discards it.

        If the user saves it first, the answer is False, and ``then`` is called afterward.
        """
        project = self._lab.project
        if project.is_clean:
            return True
        if project.path is None:
            title = tr("Save “{title}”?", title=project.shown_title)
            text = tr("Its drawings have never been saved to a file.")
            save, discard = tr("Save as…"), tr("Discard")
        else:
            title = tr("Save the changes to “{title}”?", title=project.shown_title)
            text = tr("Its drawings have changed since it was saved.")
            save, discard = tr("Save"), tr("Discard changes")
        answer = self._ask_to_save(title, text, save, discard, name="unsaved")
        if answer == "save":
            self.save(then)
        elif answer == "discard":
            self._discarded.append(project.history.discard())
        return answer == "discard"

    def _ask_to_save(self, title: str, text: str, save: str, discard: str, *, name: str) -> str:
        """Ask about unsaved changes: "save", "discard" or "cancel"."""
        cancel = ("cancel", tr("Cancel"), CANCEL)
        choices = [("save", save, ACCEPT), ("discard", discard, DISCARD), cancel]
        answer = question(self._window, title, text, choices, name=name)
        if answer == "cancel":
            self.keep_discarded()
        return answer

    def keep_discarded(self) -> None:
        """Mark what the user discarded as unsaved again, as it stays open after all."""
        for keep in self._discarded:
            keep()
        self._discarded.clear()

    def _on_opened(self, outcome: Outcome) -> None:
        if outcome.kind == "completed":
            self._discarded.clear()
        else:
            self.keep_discarded()

    # -- data and models -------------------------------------------------------------------

    def open_data(self) -> None:
        self._ask(tr("Open data set"), DATA_FILES, self.take_data)

    def take_data(self, path: Path | str | None) -> None:
        """Open a data set; "" = the built-in one, None = ask for one."""
        if path is None:
            self.open_data()
        elif self.may_leave_data(then=lambda: self.take_data(path)):
            self._lab.open_data(path or None).ended.connect(self._on_opened)

    @property
    def _own_file(self) -> Path | None:
        """The file that the data set was opened from, if it can be saved there."""
        path = self._lab.data_path
        if path is None or path == resource("ground.npz"):
            return None
        # A store is never replaced.
        return path if path.suffix == self._suffix == ".npz" else None

    @property
    def _suffix(self) -> str:
        # A large set is saved as a store, which is read in parts.
        sprites = self._lab.data.value
        return ".sprites" if sprites is not None and len(sprites) > MOST_STUDIED else ".npz"

    def save_data(self, then: Callable[[], object] | None = None) -> None:
        """Save the data set to its file, or ask for one."""
        if self._lab.data.value is not None and self._own_file is not None:
            self._lab.edits.save(self._own_file, then)
        else:
            self.save_data_as(then)

    def save_data_as(self, then: Callable[[], object] | None = None) -> None:
        """Ask for a file and save the data set to it."""
        sprites = self._lab.data.value
        if sprites is None:
            self._lab.notice.emit(tr("There is no data set to save yet."))
            return
        suffix, files = self._suffix, (SPRITE_FILES, STORE_FILES)
        # Its own file by default, so that saving does not make a second set of that name.
        name = str(self._own_file or f"{set_title(sprites.title)}{suffix}")
        kinds = ";;".join(files if suffix == ".npz" else files[::-1])
        path = ask_save(self._window, self._lab.settings, tr("Save data set"), name, kinds)
        if path is None:
            self.keep_discarded()
        else:
            self._lab.edits.save(path, then)

    def may_leave_data(self, then: Callable[[], object]) -> bool:
        """Like :meth:`may_leave_project`, for changes to the data set."""
        edits = self._lab.edits
        if edits.is_clean:
            return True
        text = tr(
            "Its labels, sprites or credits have changed. If these changes are discarded, models "
            "keep what they have learned, but no training run on the changed set can be continued."
        )
        title = tr("Save the changes to “{title}”?", title=self._lab.data_title)
        save = tr("Save") if self._own_file is not None else tr("Save as…")
        discard = tr("Discard changes")
        answer = self._ask_to_save(title, text, save, discard, name="unsaved_data")
        if answer == "save":
            self.save_data(then)
        elif answer == "discard":
            self._discarded.append(edits.history.discard())
        return answer == "discard"

    def open_store(self) -> None:
        """Ask for the folder of a sprite store, and open it."""
        path = ask_folder(self._window, self._lab.settings, tr("Open sprite store"))
        if path is not None:
            self.take_data(path)

    def open_run(self) -> None:
        path = ask_folder(
            self._window, self._lab.settings, tr("Open training run"), paths.runs_dir()
        )
        if path is not None:
            self._lab.open_model(path)

    def follow_training(self) -> None:
        """Ask for a run that another process is training, and show it in Train."""
        where = ask_text(
            self._window,
            tr("Follow training"),
            tr(
                "Run folder on this machine, or HOST:FOLDER on a machine that ssh reaches without "
                "a password"
            ),
        )
        if where and where.strip():
            with self._lab.reporting():
                self._lab.training_runs.follow(where)

    def get_model(self) -> None:
        """Ask for the name of a model on the hub, download it and open it."""
        lab = self._lab
        missing = extras.missing("hub")
        if missing:
            lab.failed.emit(f"{missing}.", "")
            return
        shared = ask_text(
            self._window, tr("Get shared model"), tr("Model on the Hugging Face Hub (OWNER/NAME)")
        )
        if not shared or not shared.strip():
            return
        with lab.reporting():
            config = ShareConfig(shared.strip())
            task = model_tasks.get_model(config, paths.models_dir() / config.name.replace("/", "-"))
            name = tr("Downloading {name}", name=config.name)
            lab.exports.follow(lab.do(task, self, name=name, then=lab.open_model))

    def open_weights(self) -> None:
        self._ask(tr("Open weights"), WEIGHT_FILES, self._lab.open_model)

    def open_lesson(self) -> None:
        self._ask(tr("Open lesson"), LESSON_FILES, self.open_path)

    def open_results(self) -> None:
        title = tr("Open results of a class")
        paths = ask_open_several(self._window, self._lab.settings, title, RESULT_FILES)
        if paths:
            self.results_chosen.emit(paths)

    def open_path(self, path: Path) -> None:
        """Open a file or folder of any kind, as if it had been dropped."""
        self.open_paths((path,))

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open dropped files: several may be results of a class, or a model and a set; others are
        imported.
        """
        opening, path = what_opens(*paths), paths[0]
        if opening.kind == "data":
            self.take_data(path)
        elif opening.kind == "model":
            self._lab.open_model(path)
        elif opening.kind == "both":
            for each in paths:
                self.open_path(each)
        elif opening.kind == "project":
            self._open_project(path)
        elif opening.kind == "drawing":
            self._lab.workspace_wanted.emit("draw", "")
            self._lab.drawing_wanted.emit(path)
        elif opening.kind == "picture":
            self._read_settings(path)
        elif opening.kind == "lesson":
            self.lesson_chosen.emit(path)
        elif opening.kind == "results":
            self.results_chosen.emit(paths)
        elif opening.kind == "import":
            self.import_chosen.emit(paths)
        else:
            self._lab.failed.emit(f"{opening.sentence}.", "")

    def _open_project(self, path: Path) -> None:
        if self.may_leave_project(then=lambda: self._lab.project_io.open(path)):
            self._lab.project_io.open(path).ended.connect(self._on_opened)

    def _read_settings(self, path: Path) -> None:
        def take(config: SampleConfig | None) -> None:
            if config is not None:
                self.settings_found.emit(config)
            elif path.suffix.lower() in IMPORT_SUFFIXES:
                self.import_chosen.emit((path,))
            else:
                self._lab.failed.emit(
                    tr(
                        "“{name}” contains no settings: only files that Sprite Lab generated "
                        "and exported do, and sprites cannot be imported from a video.",
                        name=path.name,
                    ),
                    "",
                )

        self._lab.do(
            tasks.read_settings(path), self, name=tr("Reading {name}", name=path.name), then=take
        )

    # -- menus -----------------------------------------------------------------------------

    def fill_recent(self, menu: QMenu) -> None:
        menu.clear()
        recent = self._lab.settings.value.recent_projects
        for entry in recent:
            self._add_path(menu, Path(entry), self._open_project)
        if recent:
            menu.addSeparator()
        clear = menu.addAction(tr("Clear"))
        clear.setEnabled(bool(recent))
        clear.triggered.connect(lambda: self._lab.settings.replace(recent_projects=()))

    def fill_data(self, menu: QMenu) -> None:
        menu.clear()
        lab = self._lab
        builtin = menu.addAction(tr(BUILTIN_TITLE))
        builtin.setCheckable(True)
        builtin.setChecked(lab.data.value is not None and lab.data_path is None)
        builtin.triggered.connect(lambda: self.take_data(""))
        ground = resource("ground.npz")
        grounds = menu.addAction(tr(GROUND_TITLE))
        grounds.setCheckable(True)
        grounds.setChecked(lab.data_path == ground)
        grounds.setToolTip(
            tooltip(tr("Tiles of grass, dirt, water and the like, drawn by a program"))
        )
        grounds.triggered.connect(lambda: self.take_data(ground))
        for entry in lab.settings.value.recent_data:
            if Path(entry) != ground:
                action = self._add_path(menu, Path(entry), self.take_data)
                _check(action, Path(entry) == lab.data_path)
        menu.addSeparator()
        menu.addAction(tr("Open data set…")).triggered.connect(self.open_data)
        menu.addAction(tr("Open sprite store…")).triggered.connect(self.open_store)
        menu.addAction(tr("Import sprites…")).triggered.connect(lambda: lab.import_wanted.emit())

    def fill_models(self, menu: QMenu) -> None:
        menu.clear()
        lab = self._lab
        for model in lab.shipped.value:
            action = menu.addAction(model.title.replace("&", "&&"))
            action.setToolTip(tooltip(model.facts))
            action.setCheckable(True)
            action.setChecked(lab.model_ref == model.name)
            action.triggered.connect(lambda _=False, name=model.name: lab.open_model(name))
        if lab.shipped.value:
            menu.addSeparator()
        shown = set()
        for run in lab.runs.value[:LISTED_RUNS]:
            if run.step is not None:
                shown.add(str(run.path))
                action = self._add_path(menu, run.path, lab.open_model, run.facts)
                _check(action, str(run.path) == str(lab.model_ref))
        others = [Path(entry) for entry in lab.recent_models if entry not in shown]
        if shown and others:
            menu.addSeparator()
        for path in others:
            _check(self._add_path(menu, path, lab.open_model), str(path) == str(lab.model_ref))
        if not lab.shipped.value and lab.model_loading.value:
            menu.addAction(tr("Loading…")).setEnabled(False)
        elif not (lab.shipped.value or shown or others):
            menu.addAction(tr("No models yet: train one")).setEnabled(False)
        menu.addSeparator()
        menu.addAction(tr("Open training run…")).triggered.connect(self.open_run)
        menu.addAction(tr("Open weights…")).triggered.connect(self.open_weights)

    def _add_path(
        self, menu: QMenu, path: Path, then: Callable[[Path], object], facts: str = ""
    ) -> QAction:
        """Add an entry that calls ``then`` with ``path``, which need not exist."""
        action = menu.addAction(shorten(run_title(path.name), 48).replace("&", "&&"))
        action.setToolTip(tooltip(f"{path}\n{facts}".strip()))
        action.triggered.connect(lambda: then(path))
        return action


def _check(action: QAction, checked: bool) -> None:
    action.setCheckable(checked)
    action.setChecked(checked)
