"""The library panel: shipped models, runs and data sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Preferences
from sprite_lab.app.shell.text_format import DOT, run_title, run_words, set_title
from sprite_lab.app.train.training_runs import Training
from sprite_lab.core.presets import STUDENT
from sprite_lab.core.sets.sprites import BUILTIN_TITLE
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.icons import icon
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.shell.dialogs import confirm, open_folder
from sprite_lab.ui.shell.run_questions import ask_run_name, ask_student
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import Theme, current_theme, theme_manager
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button
from sprite_lab.ui.widgets.fields.calm import allow, named, panel
from sprite_lab.ui.widgets.fields.inspector import heading
from sprite_lab.ui.widgets.keys import ENTER
from sprite_lab.words import tr

_WHAT = Qt.ItemDataRole.UserRole
_PATH = Qt.ItemDataRole.UserRole + 1

#: Padding around the text of an entry, and the width of the arrow of a group, in logical pixels at
#: the usual text size; how Qt separates lines.
_AROUND, _ARROW, _LINE = 12, 9, "\u2028"
#: Gap around entries of several lines, in logical pixels.
_APART = 6

#: The parts of a word that has to be broken.
_PARTS = "[^-._\N{NO-BREAK SPACE}]*[-._\N{NO-BREAK SPACE}]|[^-._\N{NO-BREAK SPACE}]+"

_ICONS = {"shipped": "star", "run": "train", "data": "data"}


class LibraryPanel(QWidget):
    """A tree of models, runs and data sets; double click or Enter opens an entry."""

    page_wanted = Signal(object, str)  #: path of a page to show, and its title
    #: the context menu of an entry, to add actions to; the entry's kind, and its path or name
    menu_opening = Signal(object, str, str)

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        panel(self, "library")
        self.setMinimumWidth(180)
        self._lab = lab
        self._tree = _Tree(self)
        self._gone = "", ""  # kind and path of a selected entry that is not currently listed
        self._shipped = self._group(tr("Ready-made models"))
        self._runs = self._group(tr("Training runs"))
        self._data = self._group(tr("Data sets"))
        title = heading(tr("Library"))
        self._open = push_button(
            "library.open", tr("Open"), "open", tr("Open the selected entry (double-click, Enter)")
        )
        self._about = IconButton("library.about", "info", tr("Read the model card"))
        self._continue = IconButton("library.continue", "play", tr("Continue this training run"))
        self._student = IconButton("library.student", "generate", tr("Make a few-step student…"))
        self._rename = IconButton("library.rename", "pencil", tr("Rename the run… (F2)"))
        self._folder = IconButton("library.folder", "folder", tr("Show in its folder"))
        self._trash = IconButton(
            "library.trash", "trash", tr("Move to trash: delete the run… (Del)")
        )
        again = IconButton("library.refresh", "loop", tr("Refresh"), do=lab.refresh_library)
        head = hbox((title, 1), again, spacing=-1)
        self._buttons = (
            (self._open, tr("Open")),
            (self._about, tr("Read the model card")),
            (self._continue, tr("Continue training")),
            (self._student, tr("Make a few-step student…")),
            (self._rename, tr("Rename…")),
            (self._folder, tr("Show in folder")),
            (self._trash, tr("Move to trash…")),
        )
        # Buttons for every entry; those for runs are in a row below, so that each row fits.
        first = hbox((self._open, 1), self._about, spacing=4)
        foot = Flow(None, *(button for button, _ in self._buttons[2:]), spacing=2)
        vbox(head, (self._tree, 1), first, foot, on=self, margins=(8, 8, 8, 8))

        self._tree.itemDoubleClicked.connect(lambda item, _column: self.open_current())
        self._tree.currentItemChanged.connect(self._enable)
        self._tree.customContextMenuRequested.connect(self._show_menu)
        self._open.clicked.connect(self.open_current)
        self._about.clicked.connect(self._read_card)
        self._continue.clicked.connect(self._continue_current)
        self._student.clicked.connect(lambda: ask_student(self, lab, self._current()[1]))
        self._rename.clicked.connect(self.rename_current)
        self._folder.clicked.connect(self._show_folder)
        self._trash.clicked.connect(self.trash_current)
        lab.shipped.changed.connect(self._fill_shipped)
        lab.shipped.became_known.connect(self._fill_shipped)
        lab.model_loading.changed.connect(self._show_shipped)
        lab.runs.changed.connect(self._fill_runs)
        lab.runs.became_known.connect(self._fill_runs)
        lab.data.changed.connect(self._mark_open)
        lab.gone.changed.connect(self._fill_data)
        lab.gone.became_known.connect(self._fill_data)
        lab.settings.changed.connect(self._on_settings)
        lab.model.changed.connect(self._mark_open)
        lab.training_runs.current.changed.connect(self._on_training)
        theme_manager().changed.connect(self._paint_icons)
        self._fill_shipped()
        self._fill_runs()
        self._fill_data()
        self._enable()

    # -- content ---------------------------------------------------------------------------

    def _group(self, title: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([title])
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self._tree.addTopLevelItem(item)
        item.setExpanded(True)
        return item

    def _fill(
        self, group: QTreeWidgetItem, rows: list[tuple[str, str, str, str]], none: str = ""
    ) -> None:
        """Show rows of (kind, path, text, tip); keeps the selection if it still exists.

        ``none``: text shown without rows; "" = nothing.
        """
        chosen = self._current()
        chosen = chosen if chosen[0] else self._gone
        if any(chosen == (kind, path) for kind, path in self._of(group)):
            self._gone = chosen  # such as a new run before the disk is read again
        group.takeChildren()
        for kind, path, text, tip in rows:
            item = QTreeWidgetItem([text])
            item.setData(0, _WHAT, kind)
            item.setData(0, _PATH, path)
            item.setToolTip(0, tooltip(tip))
            group.addChild(item)
            if chosen == (kind, path):
                self._gone = "", ""
                self._tree.setCurrentItem(item)
        if not rows and none:
            item = QTreeWidgetItem([none])
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            group.addChild(item)
        self._paint_icons(current_theme())
        self._mark_open()
        self._enable()

    def _fill_shipped(self, *_: object) -> None:
        self._fill(
            self._shipped,
            [
                ("shipped", model.name, model.title, model.facts)
                for model in self._lab.shipped.value
            ],
            tr("Loading…"),
        )
        self._show_shipped()

    def _show_shipped(self, *_: object) -> None:
        waiting = self._lab.model_loading.value and not self._lab.shipped.is_known
        self._shipped.setHidden(not (self._lab.shipped.value or waiting))

    def _on_training(self, training: Training | None, _: object) -> None:
        if training is not None:
            training.handle.state_changed.connect(self._fill_runs)
        self._fill_runs()

    def _fill_runs(self, *_: object) -> None:
        training = self._lab.training_runs.current.value
        running = None if training is None else training.run
        paused = training is not None and training.handle.state == "paused"
        state = tr("training paused") if paused else tr("training now")
        rows = [
            _run_row(
                run.path,
                run.words,
                tr(
                    "{name}\n{facts}\nTrained on {data_title}",
                    name=run.path.name,
                    facts=run.facts,
                    data_title=set_title(run.data_title),
                ),
                state if run.path == running else "",
            )
            for run in self._lab.runs.value
        ]
        if running is not None and running not in {run.path for run in self._lab.runs.value}:
            # Its folder exists, but the disk was read earlier.
            rows.insert(0, _run_row(running, run_words(running.name), running.name, state))
        # Until the disk has been read, it is unknown whether there are any.
        self._fill(self._runs, rows, tr("None yet") if self._lab.runs.is_known else "")

    def _fill_data(self, *_: object) -> None:
        rows = [("data", "", tr(BUILTIN_TITLE), tr("Drawn by a program; always available"))]
        rows += [("data", path, Path(path).name, path) for path in self._lab.recent_data]
        self._fill(self._data, rows)

    def _on_settings(self, now: Preferences, before: Preferences) -> None:
        if now.recent_data != before.recent_data:
            self._fill_data()

    def _paint_icons(self, theme: Theme) -> None:
        for item in self.items():
            item.setIcon(0, icon(_ICONS[item.data(0, _WHAT)], theme, "text_dim"))

    def items(self) -> Iterator[QTreeWidgetItem]:
        """Every model, run and data set."""
        for group in (self._shipped, self._runs, self._data):
            for row in range(group.childCount()):
                item = group.child(row)
                if item is not None and item.data(0, _WHAT):
                    yield item

    def _of(self, group: QTreeWidgetItem) -> list[tuple[str, str]]:
        """Kind and path of the entries of a group."""
        items = [item for item in self.items() if item.parent() is group]
        return [(item.data(0, _WHAT), item.data(0, _PATH)) for item in items]

    def _mark_open(self, *_: object) -> None:
        open_model = str(self._lab.model_ref or "") if self._lab.model.value is not None else ""
        open_data = str(self._lab.data_path or "")
        for item in self.items():
            kind, path = item.data(0, _WHAT), item.data(0, _PATH)
            if kind == "data":
                is_open = self._lab.data.value is not None and path == open_data
            else:
                is_open = path == open_model
            font = QFont(self._tree.font())
            font.setBold(is_open)
            item.setFont(0, font)

    # -- selection --------------------------------------------------------------------------------

    def _current(self) -> tuple[str, str]:
        item = self._tree.currentItem()
        if item is None or not item.data(0, _WHAT):
            return "", ""
        return item.data(0, _WHAT), item.data(0, _PATH)

    def _enable(self, *_: object) -> None:
        kind, path = self._current()
        training = self._lab.training_runs.current.value
        is_training = training is not None and str(training.run) == path
        known = any(str(run.path) == path and run.step for run in self._lab.runs.value)
        unknown = tr("It can be opened when its training ends") if is_training and not known else ""
        allow(self._open, unknown if kind else tr("Select an entry first."))
        busy = self._lab.training_runs.busy
        no_run = "" if kind == "run" else tr("Select a training run first.")
        allow(self._continue, no_run or busy)
        teacher = self._is_teacher(kind, path)
        allow(self._student, busy if teacher else tr("Select a model that is not a student first."))
        no_card = tr("Select a model that comes with Sprite Lab: only these have a model card.")
        allow(self._about, "" if kind == "shipped" else no_card)
        ours = bool(path) and kind != "shipped"
        allow(self._folder, "" if ours else tr("Select a run or a file of yours first."))
        # Data sets are the user's own files; only runs belong to the app.
        allow(self._trash, no_run or (tr("It is being trained.") if is_training else ""))
        allow(self._rename, no_run)

    def _is_teacher(self, kind: str, path: str) -> bool:
        """Whether an entry can have a student, as far as known without reading it."""
        if kind == "shipped":
            return any(m.name == path and m.teacher is None for m in self._lab.shipped.value)
        student = any(
            str(run.path) == path and run.preset == STUDENT.preset for run in self._lab.runs.value
        )
        return kind == "run" and not student

    def open_current(self) -> None:
        kind, path = self._current()
        if not self._open.isEnabled():
            return
        if kind == "data":
            self._lab.want_data(path or "")
        elif kind:
            self._lab.open_model(path)

    def _read_card(self) -> None:
        name = self._current()[1]
        for model in self._lab.shipped.value:
            if model.name == name:
                self.page_wanted.emit(model.card, model.title)

    def _continue_current(self) -> None:
        with self._lab.reporting():
            self._lab.training_runs.continue_run(Path(self._current()[1]))

    def rename_current(self) -> None:
        kind, path = self._current()
        if kind == "run":
            ask_run_name(self, self._lab, Path(path))

    def _show_folder(self) -> None:
        kind, path = self._current()
        folder = Path(path) if kind == "run" else Path(path).parent
        open_folder(folder, self._lab.notice)

    def trash_current(self) -> None:
        kind, path = self._current()
        if kind != "run" or not self._trash.isEnabled():
            return
        name = run_title(Path(path).name)
        text = tr(
            "The model “{name}” and its checkpoints and samples will be moved to the system's "
            "trash.",
            name=name,
        )
        if confirm(
            self, tr("Move this run to the trash?"), text, tr("Move to trash"), name="trash"
        ):
            # The keyboard continues from the run's neighbor.
            row = self._of(self._runs).index((kind, path))
            neighbor = self._runs.child(row + 1) or self._runs.child(row - 1)
            if neighbor is not None:
                self._tree.setCurrentItem(neighbor)
            self._lab.trash(Path(path))

    def _show_menu(self, place: QPoint) -> None:
        if not self._current()[0]:
            return
        menu = QMenu(self)
        for button, text in self._buttons:
            action = menu.addAction(text)
            action.setEnabled(button.isEnabled())
            action.triggered.connect(button.click)
        self.menu_opening.emit(menu, *self._current())
        menu.exec(self._tree.viewport().mapToGlobal(place))
        menu.deleteLater()


def _run_row(path: Path, words: tuple[str, str], tip: str, state: str) -> tuple[str, str, str, str]:
    """Kind, path, text and tooltip of a run; ``state``: of its training, "" = not in training."""
    name, when = words
    if state:  # step and date would be cut off
        when = state
    what, dot, date = when.rpartition(DOT)
    if dot:
        when = what + dot + date.replace(" ", "\N{NO-BREAK SPACE}")
    return "run", str(path), f"{name}\n{when}".strip(), tip


class _Rows(QStyledItemDelegate):
    """Wraps names, and the dates of runs, that would otherwise be cut off."""

    def __init__(self, tree: QTreeWidget) -> None:
        super().__init__(tree)
        self._tree = tree

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        depth = 2 if index.parent().isValid() else 1
        room = self._tree.viewport().width() - depth * self._tree.indentation()
        room -= round(_AROUND * theme_manager().text_scale)
        room -= 0 if option.icon.isNull() else option.decorationSize.width()
        metrics = QFontMetricsF(option.font)
        option.text = _LINE.join(
            part for line in option.text.split(_LINE) for part in _broken(line, metrics, room)
        )

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        hint, line = super().sizeHint(option, index), option.fontMetrics.height()
        # Otherwise the lines of an entry would be no nearer to each other than to the next entry.
        return hint + QSize(0, _APART) if hint.height() >= 2 * line else hint


def _broken(line: str, metrics: QFontMetricsF, room: int) -> list[str]:
    """The lines of a text within a width in logical pixels, broken between words, and long words
    after hyphens, periods, underscores and fixed spaces. Lines do not end with a middle dot.
    """
    lines: list[str] = []
    for word in line.split(" "):
        fits = metrics.horizontalAdvance(word) <= room
        for index, part in enumerate([word] if fits else re.findall(_PARTS, word)):
            longer = f"{lines[-1]}{'' if index else ' '}{part}" if lines else part
            if lines and metrics.horizontalAdvance(longer) <= room:
                lines[-1] = longer
            else:
                lines.append(part)
    return [line.removesuffix(DOT.rstrip()) for line in lines]


class _Tree(QTreeWidget):
    def __init__(self, panel: LibraryPanel) -> None:
        super().__init__()
        self._panel = panel
        named(self, "library.tree", tr("Models, runs and data sets"))
        self.setHeaderHidden(True)
        theme_manager().on_text(self._fit_arrows)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setItemDelegate(_Rows(self))

    def _fit_arrows(self) -> None:
        self.setIndentation(round(_ARROW * theme_manager().text_scale))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()  # names may need other lines

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ENTER:
            self._panel.open_current()
        elif event.key() == Qt.Key.Key_F2:
            self._panel.rename_current()
        elif event.key() == Qt.Key.Key_Delete:
            self._panel.trash_current()
        else:
            super().keyPressEvent(event)
