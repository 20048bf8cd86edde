"""An import in preparation: its files, the choices made, and the resulting plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from sprite_lab.app.context import AppContext
from sprite_lab.app.files.import_tasks import ImportReader, write_set
from sprite_lab.core.history import History
from sprite_lab.core.records import Outcome
from sprite_lab.core.sets.imports import (
    FoundPicture,
    Grid,
    ImportChoices,
    ImportPlan,
    PictureChoices,
    Refusal,
)
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.jobs import JobHandle
from sprite_lab.words import tr, trn


class Importing(QObject):
    """Plans an import, again whenever its files or choices change. UI thread.

    Nothing is written or opened before :meth:`write`. Only the newest choices are planned; until
    their plan is ready, the previous one stays.
    """

    changed = Signal()  #: the files, choices, plan, problem or running job changed
    progressed = Signal(int, int, str)  #: done, total (0 = unknown), text
    written = Signal(object)  #: path of the new set

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._reader = ImportReader()
        self.files: tuple[Path, ...] = ()  #: the files and folders to import
        #: what would be imported; None until the first plan is ready
        self.plan: ImportPlan | None = None
        self.path = ""  #: the file on display, as the plan names it; "" = all of them
        self._planned: tuple[Path, ...] = ()  # the files of the plan
        self._guesses: dict[str, tuple[Grid, ...]] = {}
        self.problem = ""  #: why planning or writing failed, or ""
        self._planning: JobHandle | None = None
        self._writing: JobHandle | None = None
        self._history = History(ImportChoices())

    # -- state -----------------------------------------------------------------------------

    @property
    def choices(self) -> ImportChoices:
        return self._history.value

    @property
    def sources(self) -> tuple[Path, ...]:
        """The files and folders that sprites come from; if unknown, all that were given."""
        pictures = () if self.plan is None else self.plan.pictures
        roots = {found.path.partition("/")[0] for found in pictures if found.count}
        return tuple(file for file in self.files if file.name in roots) or self.files

    @property
    def is_planning(self) -> bool:
        return self._planning is not None

    @property
    def is_writing(self) -> bool:
        return self._writing is not None

    @property
    def class_names(self) -> tuple[str, ...]:
        """Classes to offer: those of the plan, the open set and the open model."""
        open_ones = (self.plan, self._context.data.value, self._context.model.value)
        names = (name for one in open_ones if one is not None for name in one.class_names)
        return tuple(dict.fromkeys(names))

    def show(self, path: str) -> None:
        """Display a file of the plan; "" = all of them."""
        self.path = path

    @property
    def found(self) -> FoundPicture | None:
        """What the plan found in the file on display; None = nothing, or all are displayed."""
        pictures = self.plan.pictures if self.plan is not None else ()
        return next((found for found in pictures if found.path == self.path), None)

    @property
    def refusal(self) -> Refusal | None:
        """Why the plan refuses the file on display; None = it does not."""
        refused = self.plan.refused if self.plan is not None else ()
        return next((entry for entry in refused if entry.path == self.path), None)

    @property
    def own(self) -> PictureChoices:
        """The choices for the file on display."""
        return self.choices.of(self.path)

    @property
    def grid(self) -> Grid | None:
        """The grid that cuts the file on display; a chosen grid counts even before planning."""
        if self.own.cut == "grid" and self.own.grid is not None:
            return self.own.grid
        return None if self.found is None else self.found.grid

    @property
    def guesses(self) -> tuple[Grid, ...]:
        """The likeliest grids of the file on display except its current one, likeliest first.

        They are known once the file was cut automatically, and stay while the user tries other
        grids.
        """
        now = None if self.found is None else self.grid
        return tuple(grid for grid in self._guesses.get(self.path, ()) if grid != now)

    def stop(self) -> None:
        """Cancel planning or writing; restore the files and choices of the last plan, if any.

        No half-written file is left.
        """
        for handle in (self._planning, self._writing):
            if handle is not None:
                handle.cancel()

    # -- files and choices -----------------------------------------------------------------

    def add(self, files: Iterable[Path]) -> None:
        """Add files to the import; ignored while a set is being written."""
        if self.is_writing:
            return
        self.files = tuple(dict.fromkeys((*self.files, *files)))
        self.look()

    def look(self) -> None:
        """Read the files (again) and plan."""
        if not self.files or self.is_writing:
            return
        self.problem = ""
        handle = self._context.do(
            self._reader.plan(self.files, self.choices),
            self,
            name=tr("Scanning files to import"),
            then=self._take,
            newest="import",
            quiet=True,
        )
        self._planning = handle
        handle.progressed.connect(self.progressed)
        handle.ended.connect(self._on_planned)
        self.changed.emit()

    def choose(self, choices: ImportChoices, *, merge: str = "") -> None:
        """Change the choices, as one step; ignored while a set is being written.

        Consecutive steps with the same ``merge`` are undone together.
        """
        if choices != self.choices and not self.is_writing:
            self._history.push(choices, "", merge or None)
            self.look()

    def change(self, values: Mapping[str, object]) -> None:
        """Change some of the choices, like :meth:`choose`."""
        self.choose(self.choices.having(values))

    def change_for(self, path: str, values: Mapping[str, object], merge: str = "") -> None:
        """Change some of the choices of one file."""
        self._choose_pictures({path: self.choices.of(path).having(values)}, merge)

    def change_file(self, values: Mapping[str, object], merge: str = "") -> None:
        """Change some of the choices of the file on display, if it is one."""
        if self.path:
            self.change_for(self.path, values, merge)

    def choose_for_all(self) -> None:
        """Give every file the choices of the one on display, except its class and whether it is
        imported.
        """
        if self.plan is None or not self.path:
            return
        pictures = {}
        for found in self.plan.pictures:
            each = self.choices.of(found.path)
            like = replace(self.own, include=each.include, class_name=each.class_name)
            pictures[found.path] = like
        self._choose_pictures(pictures)

    def _choose_pictures(self, pictures: Mapping[str, PictureChoices], merge: str = "") -> None:
        everything = {**self.choices.pictures, **pictures}
        kept = {path: own for path, own in everything.items() if own != PictureChoices()}
        self.choose(replace(self.choices, pictures=kept), merge=merge)

    def classify(self, names: Iterable[str], class_name: str) -> None:
        """Assign a class to sprites by hand; "" = none."""
        by_hand = {**self.choices.sprite_classes, **dict.fromkeys(names, class_name)}
        self.choose(replace(self.choices, sprite_classes=by_hand))

    def drop(self, names: Iterable[str]) -> None:
        """Leave sprites out."""
        self.choose(replace(self.choices, dropped=self.choices.dropped | frozenset(names)))

    def bring_back(self) -> None:
        """Include all sprites that were left out by hand."""
        self.choose(replace(self.choices, dropped=frozenset()))

    @property
    def by_hand(self) -> bool:
        """Whether the choices contain manual work that would be lost."""
        choices = self.choices
        grids = any(own.grid is not None for own in choices.pictures.values())
        return bool(choices.sprite_classes or choices.dropped or choices.patterns or grids)

    # -- undo ------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        return self._history.can_undo and not self.is_writing

    @property
    def can_redo(self) -> bool:
        return self._history.can_redo and not self.is_writing

    def undo(self) -> None:
        if self.can_undo:
            self._history.undo()
            self.look()

    def redo(self) -> None:
        if self.can_redo:
            self._history.redo()
            self.look()

    # -- writing ---------------------------------------------------------------------------

    def write(self, path: Path, base: SpriteSet | None = None) -> None:
        """Write the planned sprites as a set, appended to ``base`` if given."""
        if self.plan is None or self.is_planning or self.is_writing:
            return
        self.problem = ""
        handle = self._context.do(
            write_set(self.plan, path, base),
            self,
            name=tr("Importing into {name}", name=path.name),
            then=self.written.emit,
            quiet=True,
        )
        self._writing = handle
        handle.progressed.connect(self.progressed)
        handle.ended.connect(self._on_end_of_writing)
        self.changed.emit()

    def _take(self, plan: ImportPlan) -> None:
        self.plan, self._planned = plan, self.files
        for picture in plan.pictures:
            if picture.guesses and picture.grid is not None:
                self._guesses[picture.path] = (picture.grid, *picture.guesses)
            elif picture.guesses:
                self._guesses[picture.path] = picture.guesses
        self._guesses |= {entry.path: entry.guesses for entry in plan.refused if entry.guesses}

    def _on_planned(self, outcome: Outcome) -> None:
        if self._planning is None or self._planning.active:
            return  # a newer job replaced it
        self._planning = None
        if outcome.kind == "failed":
            self.problem = outcome.error
        if outcome.kind != "completed" and self.plan is not None:
            self._go_back_to_plan(self.plan)
        self.changed.emit()

    def _go_back_to_plan(self, plan: ImportPlan) -> None:
        """Restore the files and choices of the plan that would be written."""
        self.files, history = self._planned, self._history
        planned = [i for i, step in enumerate(history.steps) if step.value == plan.choices]
        if planned:
            history.go(min(planned, key=lambda i: abs(i - history.index)))
        else:
            history.push(plan.choices, "")

    def _on_end_of_writing(self, outcome: Outcome) -> None:
        self._writing = None
        if outcome.kind == "failed":
            self.problem = outcome.error
        self.changed.emit()


def refused_files(plan: ImportPlan) -> tuple[Refusal, ...]:
    """The refused files, except those left out by hand."""
    return tuple(entry for entry in plan.refused if plan.choices.of(entry.path).include)


def facts(plan: ImportPlan) -> str:
    """The plan in one sentence, such as "231 sprites in 5 classes; 2 files refused."."""
    parts = [trn("{n:,} sprite", "{n:,} sprites", len(plan))]
    if plan.class_names:
        classes = trn("{n:,} class", "{n:,} classes", len(plan.class_names))
        parts[0] = tr("{sprites} in {classes}", sprites=parts[0], classes=classes)
    refused = len(refused_files(plan))
    if refused:
        parts.append(trn("{n:,} file refused", "{n:,} files refused", refused))
    if plan.duplicates:
        parts.append(
            trn("{n:,} exact duplicate removed", "{n:,} exact duplicates removed", plan.duplicates)
        )
    if plan.choices.dropped:
        parts.append(tr("{count:,} removed by hand", count=len(plan.choices.dropped)))
    return "; ".join(parts) + "."


def picture_facts(found: FoundPicture) -> str:
    """A short description of a file, for a list."""
    what = {
        "picture": tr("Picture"),
        "sheet": tr("Sheet"),
        "animation": tr("Animation"),
        "aseprite": tr("Aseprite file"),
        "array": tr("Array"),
        "table": tr("Table"),
    }[found.kind]
    if found.preview is None:
        return what
    height, width = found.preview.shape[:2]
    return f"{what}, {width}×{height}"
