"""Actions of the menus and the top bar, except on files: importing, undo, runs, Edit, Layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from sprite_lab.app.data.data_edits import DataEdits
from sprite_lab.app.draw.tools.tool_table import CANVAS_KEYS
from sprite_lab.app.files.project import Project
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.actions import DRAW_SETS
from sprite_lab.core.drawing import Transform
from sprite_lab.ui.shell.file_actions import FileActions
from sprite_lab.ui.shell.key_bindings import native
from sprite_lab.ui.shell.menus import Menus
from sprite_lab.ui.shell.navigator import Navigator
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.widgets.fields.calm import allow
from sprite_lab.words import tr, within

if TYPE_CHECKING:
    from sprite_lab.ui.importing.window import ImportWindow


class ImportActions(QObject):
    """Keeps at most one import window; files that arrive while it is open are added to it."""

    def __init__(self, lab: Lab, files: FileActions, window: QWidget) -> None:
        super().__init__(window)
        self._lab, self._files, self._parent = lab, files, window
        self.window: ImportWindow | None = None
        files.import_chosen.connect(self.add)
        lab.import_wanted.connect(self.open)

    def open(self) -> ImportWindow:
        if self.window is None:
            # Imported here to keep the start of the app fast.
            from sprite_lab.ui.importing.window import ImportWindow  # noqa: PLC0415

            self.window = ImportWindow(self._lab, self._parent)
            self.window.importing.written.connect(self._files.open_path)
            self.window.closed.connect(self._on_closed)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        return self.window

    def add(self, files: Iterable[Path]) -> None:
        self.open().add(files)

    def may_close(self) -> bool:
        """Whether the import window may close: nothing would be lost, or the user agreed."""
        return self.window is None or self.window.may_leave()

    def close(self) -> None:
        """Close the import window with the main one; see :meth:`may_close`."""
        if self.window is not None:
            self.window.forget()

    def _on_closed(self) -> None:
        self.window = None


class UndoActions(QObject):
    """Ties Undo and Redo to a history: what they do, their texts, and whether they are enabled.

    While Data is in front, this is the history of the data set, otherwise that of the project.
    """

    def __init__(self, lab: Lab, undo: QAction, redo: QAction, parent: QObject) -> None:
        super().__init__(parent)
        self._lab, self._undo, self._redo = lab, undo, redo
        self._edited: Project | DataEdits = lab.project
        undo.triggered.connect(lambda: self._edited.history.undo())
        redo.triggered.connect(lambda: self._edited.history.redo())
        lab.project.history_changed.connect(self._show)
        lab.edits.history_changed.connect(self._show)
        self._show()

    def show_workspace(self, name: str) -> None:
        """Switch to the history of a workspace."""
        self._edited = self._lab.edits if name == "data" else self._lab.project
        self._show()

    @Slot()
    def _show(self) -> None:
        history = self._edited.history
        for action, word, can, what in (
            (self._undo, tr("&Undo"), history.can_undo, history.undo_text),
            (self._redo, tr("&Redo"), history.can_redo, history.redo_text),
        ):
            action.setEnabled(can)
            action.setText(word if not what else f"{word} {within(what)}")


class RunActions(QObject):
    """Runs Train and Generate in their workspaces, and disables them when they do not apply."""

    def __init__(self, lab: Lab, navigator: Navigator, actions: dict[str, QAction]) -> None:
        super().__init__(navigator)
        self._lab, self._navigator = lab, navigator
        self._actions = actions
        actions["run.train"].triggered.connect(self.train)
        actions["run.pause"].triggered.connect(self.pause)
        actions["run.stop"].triggered.connect(self.stop)
        actions["run.generate"].triggered.connect(self.generate)
        for kind in DRAW_SETS:
            actions[f"run.{kind}"].triggered.connect(lambda _=False, kind=kind: self.show_set(kind))
        lab.data.changed.connect(self._refresh)
        lab.model.changed.connect(self._refresh)
        lab.training_runs.current.changed.connect(self._on_training)
        self._refresh()

    def train(self) -> None:
        """Start a training run with the settings in Train."""
        self._navigator.go("train")
        self._navigator.train.start()

    def pause(self, on: bool) -> None:
        training = self._lab.training_runs.current.value
        if training is not None:
            training.handle.pause() if on else training.handle.resume()

    def stop(self) -> None:
        training = self._lab.training_runs.current.value
        if training is not None:
            training.handle.stop()

    def generate(self) -> None:
        """Generate in Draw if it is shown, else in See."""
        if self._navigator.current == "draw":
            self._navigator.draw.generate()
            return
        self._navigator.go("see")
        self._navigator.see.generate()

    def show_set(self, kind: str) -> None:
        self._navigator.go("draw")
        self._navigator.draw.show_set(kind)

    def _on_training(self, *_: object) -> None:
        training = self._lab.training_runs.current.value
        if training is not None:
            training.handle.state_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self, *_: object) -> None:
        runs = self._lab.training_runs
        training, idle = runs.current.value, runs.idle
        no_data = "" if self._lab.data.value is not None else tr("No data set is open.")
        for name, why in {
            "train": runs.busy or no_data,
            "generate": "" if self._lab.model.value is not None else tr("There is no model yet."),
            "pause": idle,
            "stop": idle,
        }.items():
            allow(self._actions[f"run.{name}"], why)
        paused = training is not None and training.handle.state == "paused"
        self._actions["run.pause"].setChecked(paused)


_Key = QKeySequence.StandardKey
#: Actions on what has the focus, and their keys in text fields and lists.
_BY_FOCUS: dict[str, QKeySequence.StandardKey | None] = {
    "cut": _Key.Cut,
    "copy": _Key.Copy,
    "paste": _Key.Paste,
    "select_all": _Key.SelectAll,
    "select_none": None,
}
_TRANSFORMS: tuple[Transform, ...] = ("flip_horizontal", "flip_vertical", "turn_left", "turn_right")
#: Actions that keys of the canvas also trigger; the menus show those keys.
_OF_CANVAS = {
    "edit.flip_horizontal": "canvas.flip_horizontal",
    "edit.flip_vertical": "canvas.flip_vertical",
    "layer.add": "canvas.layer_add",
    "layer.rename": "canvas.layer_rename",
    "layer.show": "canvas.layer_show",
}
_ONLY_DRAW = tr("This works on drawings: go to Draw first.")


class EditActions(QObject):
    """Handles the Edit menu from ``edit.cut`` to ``edit.mask_clear``, and the Layer menu.

    Places where something can be cut, copied, pasted or selected have an action
    ``<place>.action.<name>``, or handle its key. They keep their keys; the menu only shows them.
    """

    def __init__(self, lab: Lab, navigator: Navigator, menus: Menus, window: QWidget) -> None:
        super().__init__(window)
        self._lab, self._navigator, self._window = lab, navigator, window
        self._actions = {name: menus.actions[f"edit.{name}"] for name in _BY_FOCUS}
        self._texts = {name: action.text() for name, action in self._actions.items()}
        usual = {spec.name: spec for spec in CANVAS_KEYS}
        self._of_canvas = [
            (menus.actions[name], menus.actions[name].text(), usual[key])
            for name, key in _OF_CANVAS.items()
        ]
        for name, action in self._actions.items():
            action.triggered.connect(partial(self._act, name))
        only_draw: dict[str, Callable[[], object]] = {
            "edit.rotate": lambda: navigator.draw.rotate(),
            "edit.clean_up": lambda: navigator.draw.clean_up(),
            "edit.mask": lambda: navigator.draw.paint_mask(),
            "edit.mask_drawn": lambda: navigator.draw.editor.keep_drawn(),
            "edit.mask_clear": lambda: navigator.draw.editor.free_pixels(),
        }

        def turn(how: Transform) -> None:
            navigator.draw.area.turn(how)

        def change_layer(what: str) -> None:
            navigator.draw.layers_group.commands[what]()

        only_draw |= {f"edit.{how}": partial(turn, how) for how in _TRANSFORMS}
        for name in menus.actions:
            place, _, what = name.partition(".")
            if place == "layer":
                only_draw[name] = partial(change_layer, what)
        menus.connect_all(only_draw)
        #: actions that work in Draw only, with their tips
        self._only_draw = {
            menus.actions[name]: menus.actions[name].statusTip() for name in only_draw
        }
        for menu in (menus.menus[tr("&Edit")], menus.menus[tr("&Layer")]):
            menu.aboutToShow.connect(self._show_keys)
            menu.aboutToHide.connect(self._hide_keys)
        navigator.went.connect(self._on_workspace)

    @Slot(str)
    def _on_workspace(self, name: str) -> None:
        here = name == "draw"
        for action, tip in self._only_draw.items():
            action.setEnabled(here)
            said = tip if here else _ONLY_DRAW
            action.setToolTip(tooltip(said))
            action.setStatusTip(said)

    # -- focus ------------------------------------------------------------------------------------

    def _act(self, name: str, _checked: bool = False) -> None:
        focus = self._window.focusWidget()
        action = self._near(name, focus)
        if action is None and self._type(_BY_FOCUS[name], focus):
            return
        action = action or self._in_workspace(name)
        if action is not None:
            action.trigger()
        else:
            text = self._texts[name].replace("&", "")
            self._lab.notice.emit(
                tr("{value}: click into text, the canvas, cells or sprites first.", value=text)
            )

    def _near(self, name: str, focus: QWidget | None) -> QAction | None:
        """The action of the focused widget or one around it; None = none, or it is a text field."""
        if isinstance(focus, (QLineEdit, QTextEdit, QPlainTextEdit)):
            return None  # pressing the key does it there
        while focus is not None and focus is not self._window:
            found = [a for a in focus.actions() if a.objectName().endswith(f".action.{name}")]
            if found and found[0].isEnabled():
                return found[0]
            focus = focus.parentWidget()
        return None

    def _in_workspace(self, name: str) -> QAction | None:
        """The enabled action of a visible part of the workspace; None = there is none."""
        shown = self._navigator.workspace(self._navigator.current)
        for action in shown.findChildren(QAction):
            place = action.parent()
            seen = isinstance(place, QWidget) and place.isVisible() and action.isEnabled()
            if seen and action.objectName().endswith(f".action.{name}"):
                return action
        return None

    def _type(self, key: QKeySequence.StandardKey | None, focus: QWidget | None) -> bool:
        """Press a key in the focused widget; returns whether it was accepted."""
        if key is None or focus is None:
            return False
        pressed = QKeySequence.keyBindings(key)[0][0]  # type: ignore[index]
        event = QKeyEvent(QEvent.Type.KeyPress, pressed.key(), pressed.keyboardModifiers())
        event.ignore()
        QCoreApplication.sendEvent(focus, event)
        return event.isAccepted()

    # -- keys in the menu ------------------------------------------------------------------------

    @Slot()
    def _show_keys(self) -> None:
        focus = self._window.focusWidget()
        for name, action in self._actions.items():
            found = self._near(name, focus)
            key = _BY_FOCUS[name]
            shown = QKeySequence() if key is None else QKeySequence(key)
            if found is not None:
                shown = found.shortcut()
            if action.shortcut().isEmpty() and not shown.isEmpty():
                action.setText(f"{self._texts[name]}\t{native((shown.toString(),))}")
        for action, text, spec in self._of_canvas:
            keys = self._lab.settings.keys_of(spec.name, spec.keys)
            if action.shortcut().isEmpty() and keys:
                action.setText(f"{text}\t{native(keys[:1])}")

    @Slot()
    def _hide_keys(self) -> None:
        for name, action in self._actions.items():
            action.setText(self._texts[name])
        for action, text, _spec in self._of_canvas:
            action.setText(text)
