"""The Edit menu, for whatever has the focus or else for Draw, and the Layer menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from sprite_lab.app.draw.tool_table import CANVAS_KEYS
from sprite_lab.app.lab import Lab
from sprite_lab.core.drawing import Transform
from sprite_lab.ui.shell.key_bindings import native
from sprite_lab.ui.shell.menus import Menus
from sprite_lab.ui.shell.navigator import Navigator
from sprite_lab.ui.text import tooltip
from sprite_lab.words import tr

_Key = QKeySequence.StandardKey
#: Actions on the focus, and their keys in text fields and lists.
_BY_FOCUS: dict[str, QKeySequence.StandardKey | None] = {
    "cut": _Key.Cut,
    "copy": _Key.Copy,
    "paste": _Key.Paste,
    "select_all": _Key.SelectAll,
    "select_none": None,
}
_TRANSFORMS: tuple[Transform, ...] = (
    "flip_horizontal",
    "flip_vertical",
    "turn_left",
    "turn_right",
)
#: Actions that keys of the canvas trigger as well; the menus show those keys.
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

    What can be cut, copied, pasted or selected has an action ``<place>.action.<name>``, or takes
    its key. Keys stay with those; the menu shows them.
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
            f"edit.{how}": partial(self._turn, how) for how in _TRANSFORMS
        }
        only_draw["edit.rotate"] = lambda: navigator.draw.rotate()
        only_draw["edit.clean_up"] = lambda: navigator.draw.clean_up()
        only_draw["edit.mask"] = lambda: navigator.draw.paint_mask()
        only_draw["edit.mask_drawn"] = lambda: navigator.draw.editor.keep_drawn()
        only_draw["edit.mask_clear"] = lambda: navigator.draw.editor.free_pixels()
        for name in menus.actions:
            if name.startswith("layer."):
                only_draw[name] = partial(self._change_layer, name.removeprefix("layer."))
        menus.connect_all(only_draw)
        #: with their tips
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

    def _turn(self, how: Transform) -> None:
        self._navigator.draw.area.turn(how)

    def _change_layer(self, name: str) -> None:
        self._navigator.draw.layers_group.commands[name]()

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
                tr(
                    "{value}: click into text, the canvas, cells or sprites first.",
                    value=text,
                )
            )

    def _near(self, name: str, focus: QWidget | None) -> QAction | None:
        """The action of the focused widget, or of a widget around it."""
        if isinstance(focus, (QLineEdit, QTextEdit, QPlainTextEdit)):
            return None  # its key does it
        while focus is not None and focus is not self._window:
            found = [a for a in focus.actions() if a.objectName().endswith(f".action.{name}")]
            if found and found[0].isEnabled():
                return found[0]
            focus = focus.parentWidget()
        return None

    def _in_workspace(self, name: str) -> QAction | None:
        """The action of the visible part of the workspace."""
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
