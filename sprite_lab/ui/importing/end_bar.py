"""The bottom of the window: the result, its target, and the closing buttons."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QBoxLayout, QLineEdit, QWidget

from sprite_lab.app.files.import_tasks import Place, file_stem, find_place
from sprite_lab.app.files.importing import Importing, facts
from sprite_lab.app.lab import Lab
from sprite_lab.core.sets.sprites import MOST_STUDIED, SpriteSet
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.shell.dialogs import SPRITE_FILES, STORE_FILES, ask_save, confirm, in_order
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.elided import ElidedLabel
from sprite_lab.ui.widgets.fields.inspector import dim_label, heading
from sprite_lab.ui.widgets.fields.progress_bar import ProgressBar
from sprite_lab.words import tr

#: Sprites are not added to sets larger than this, since copying them takes too long and too much
#: memory.
MOST_TO_ADD_TO = 250_000

_FILE, _STORE = ".npz", ".sprites"


class EndBar(QWidget):
    """Progress, name and place of the set, and the buttons that end the import."""

    canceled = Signal()  #: close the window

    def __init__(self, lab: Lab, importing: Importing) -> None:
        super().__init__()
        self._lab, self._importing = lab, importing
        self._folder: Path | None = None
        self._chosen_suffix = ""
        self._named = False  # whether the user has typed a name
        self._asked: tuple[tuple[Path, ...], str, Path | None, str] | None = None
        self._replaced: Path | None = None  # file that the user agreed to replace
        self._facts = named(heading("", wrap=True), "import.facts")
        label = tr("Progress of the import")
        self._progress = ProgressBar("import.progress", label, width=160, percent=False)
        self._stop = push_button(
            "import.stop", tr("Stop"), "stop", tr("Stop here and use what was found")
        )
        tip = tr("The set is saved under this name")
        self._name = named(QLineEdit(), "import.name", tr("Name of the set"), tip)
        self._name.setMinimumWidth(100)
        self._name.setMaximumWidth(240)
        self._place = ElidedLabel(name="import.place")
        self._elsewhere = IconButton(
            "import.elsewhere", "folder", tr("Save it somewhere else"), tr("Browse…"), do=self._ask
        )
        self._cancel = push_button(
            "import.cancel", tr("Cancel"), tip=tr("Close the window; nothing was changed (Esc)")
        )
        self._add = push_button("import.add_to", tr("New set, including the open one"), "add")
        self._import = push_button("import.import", tr("Import"), "import", primary=True)
        upper = hbox((self._facts, 1), self._progress, self._stop)
        place = (
            dim_label(tr("Save as"), wrap=False),
            (self._name, 1),
            (self._place, 1),
            self._elsewhere,
        )
        ends = list(in_order(self._import, self._cancel))
        ends.insert(1, self._add)
        self._lower = hbox((hbox(*place), 1), hbox(..., *ends), spacing=16)
        vbox(upper, self._lower, on=self, margins=(16, 12, 16, 12))
        theme_manager().on_text(self._fit_text)
        self._name.textEdited.connect(self._on_name)
        self._name.returnPressed.connect(self._import.click)
        self._stop.clicked.connect(importing.stop)
        self._cancel.clicked.connect(self.canceled)
        self._add.clicked.connect(lambda: self._write(add=True))
        self._import.clicked.connect(lambda: self._write(add=False))
        importing.changed.connect(self.refresh)
        importing.progressed.connect(self._on_progress)
        lab.data.changed.connect(self.refresh)
        self.refresh()

    def _fit_text(self) -> None:
        """In large text, put the buttons below the name, which needs the room beside it."""
        ways = QBoxLayout.Direction
        large = theme_manager().text_is_large
        self._lower.setDirection(ways.TopToBottom if large else ways.LeftToRight)

    @property
    def _suffix(self) -> str:
        """Suffix of the set: as chosen by the user, or else a store if it is large."""
        if self._chosen_suffix:
            return self._chosen_suffix
        plan = self._importing.plan
        return _STORE if plan is not None and len(plan) > MOST_STUDIED else _FILE

    # -- display ----------------------------------------------------------------------------------

    def refresh(self, *_: object) -> None:
        importing = self._importing
        plan = importing.plan
        works = importing.is_planning or importing.is_writing
        if importing.problem:
            self._facts.setText(importing.problem)
        elif plan is None:
            self._facts.setText(tr("Scanning files…") if works else tr("No files yet."))
        else:
            self._facts.setText(facts(plan))
        self._facts.setProperty("bad", bool(importing.problem))
        self._facts.style().unpolish(self._facts)
        self._facts.style().polish(self._facts)
        self._stop.setVisible(works)
        self._progress.setVisible(works)
        if works:
            self._progress.show_progress(0, 0)
        self._look_for_place()
        reason = self._reason()
        allow(self._import, reason, tr("Write the set and open it as the data set"))
        self._gray_add(reason)
        for field in (self._name, self._elsewhere):
            field.setEnabled(not importing.is_writing)

    def _reason(self) -> str:
        """Why nothing can be imported now, or ""."""
        importing = self._importing
        if importing.is_writing:
            return tr("The set is being written.")
        if importing.is_planning:
            return tr("The files are still being scanned.")
        if importing.plan is None or not len(importing.plan):
            return tr("There are no sprites to import yet: add files that contain some.")
        return ""

    def _gray_add(self, reason: str) -> None:
        sprites, cell = self._lab.data.value, self._importing.choices.cell
        title = self._lab.data_title
        if sprites is None:
            reason = tr("No data set is open to add them to.")
        elif len(sprites) > MOST_TO_ADD_TO:
            reason = tr(
                "“{title}” has more than {most_to_add_to:,} sprites: that would take too long.",
                title=title,
                most_to_add_to=MOST_TO_ADD_TO,
            )
        elif sprites.size != (cell, cell):
            reason = tr(
                "The sprites of “{title}” are {width}×{height} pixels: choose that size on the "
                "right.",
                title=title,
                width=sprites.size[1],
                height=sprites.size[0],
            )
        allow(
            self._add,
            reason,
            tr(
                "Write a set with the sprites of “{title}” and these, and open it. The file of "
                "“{title}” stays unchanged.",
                title=title,
            ),
        )

    def _look_for_place(self) -> None:
        """Find and show the target for the current choices."""
        name = self._name_shown if self._named else ""
        asked = (self._importing.sources, self._suffix, self._folder, name)
        if asked == self._asked:
            return
        self._asked = asked
        self._lab.do(
            find_place(self._importing.sources, self._suffix, folder=self._folder, name=name),
            self,
            then=self._show_place,
            newest="import.place",
            quiet=True,
        )

    @property
    def _name_shown(self) -> str:
        """Name of the file, without suffix; "" = unknown, or nothing was typed."""
        return file_stem(self._name.text().removesuffix(_FILE).removesuffix(_STORE))

    def _show_place(self, place: Place) -> None:
        if not self._named:
            self._name.setText(place.path.stem if self._importing.files else "")
            self._name.setCursorPosition(0)  # so that its beginning is visible
        replaces = place.taken and self._suffix == _FILE
        words = tr("; replaces the existing file") if replaces else ""
        self._place.setText(tr("in {parent}{words}", parent=place.path.parent, words=words))

    def _on_progress(self, done: int, total: int, text: str) -> None:
        self._progress.show_progress(done, total)
        if text and self._importing.plan is None:
            self._facts.setText(
                f"{text}…"
                if not total
                else tr("{value} ({done:,} of {total:,})…", value=text, done=done, total=total)
            )

    # -- actions ----------------------------------------------------------------------------------

    def _on_name(self, text: str) -> None:
        self._named = True
        self._chosen_suffix = next((end for end in (_FILE, _STORE) if text.endswith(end)), "")
        self._look_for_place()

    def _ask(self) -> None:
        kinds = (SPRITE_FILES, STORE_FILES)
        kinds = kinds if self._suffix == _FILE else kinds[::-1]
        title = tr("Save the set of sprites")
        name = f"{self._name_shown or 'sprites'}{self._suffix}"
        path = ask_save(self, self._lab.settings, title, name, ";;".join(kinds))
        if path is not None:
            self._folder, self._named = path.parent, True
            self._replaced = path  # the dialog has already asked
            self._chosen_suffix = _STORE if path.suffix == _STORE else _FILE
            self._name.setText(path.stem)
            self._look_for_place()

    def _write(self, *, add: bool) -> None:
        """Find out whether the target exists, and write the set."""
        joins = add and not self._named
        base = self._lab.data.value if add else None
        self._lab.do(
            find_place(
                self._importing.sources,
                self._suffix,
                folder=self._folder,
                name=self._name_shown,  # exactly the name that is shown
                free=joins or self._suffix == _STORE,  # never replace files that may be large
                before=tr("{stem} and ", stem=Path(self._lab.data_title).stem) if joins else "",
            ),
            self,
            then=lambda place: QTimer.singleShot(0, self, lambda: self._write_to(place, base)),
            newest="import.write",
        )

    def _write_to(self, place: Place, base: SpriteSet | None) -> None:
        path = place.path
        if not place.taken or path == self._replaced or self._may_replace(path):
            self._importing.write(path, base)

    def _may_replace(self, path: Path) -> bool:
        return confirm(
            self,
            tr("Replace “{name}”?", name=path.name),
            tr(
                "A set with that name already exists in {parent}. Its contents will be lost.",
                parent=path.parent,
            ),
            tr("Replace"),
            name="import.replace",
        )
