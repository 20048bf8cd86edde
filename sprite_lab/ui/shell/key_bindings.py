"""The keys of all actions: assigned, changed, reset and shown in tooltips."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from sprite_lab.app.shell.actions import ActionSpec
from sprite_lab.app.shell.settings import Settings
from sprite_lab.ui.text import held
from sprite_lab.words import tr

#: Places other than workspaces.
WINDOW, CANVAS = tr("Window"), tr("Canvas")
#: Keys allowed on the canvas: a letter, Shift and a letter, a bracket.
_CANVAS_KEY = re.compile(r"(Shift\+)?[A-Z]|\[|\]")
#: Keys that need no Ctrl or Alt: those that type no text, and "?".
_LONE = frozenset(
    (
        Qt.Key.Key_Escape,
        Qt.Key.Key_Delete,
        Qt.Key.Key_Insert,
        Qt.Key.Key_Question,
        *(Qt.Key(Qt.Key.Key_F1 + i) for i in range(12)),
    )
)
_COMMANDS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


@dataclass
class Binding:
    """An action, or a canvas command, and its keys."""

    name: str
    text: str
    place: str  #: where its keys act: WINDOW, CANVAS or a workspace's title
    usual: tuple[str, ...]  #: its default keys
    action: QAction | None = None  #: triggered by the keys; None = the canvas handles them itself
    scope: tuple[QWidget, ...] = ()


def native(keys: Iterable[str]) -> str:
    """Keys in readable form, e.g. "Ctrl+Shift+Z, Ctrl+Y"."""
    form = QKeySequence.SequenceFormat.NativeText
    texts = (QKeySequence(key).toString(form).replace("Return", "Enter") for key in keys)
    return ", ".join(dict.fromkeys(texts))


class KeyBindings(QObject):
    """All bindings by name; changed keys are kept in the settings."""

    changed = Signal()  #: some keys changed

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        #: all bindings by name, in the order of menus and places
        self.all: dict[str, Binding] = {}
        self._shown: dict[str, tuple[str, ...]] = {}

    # -- owners of keys ---------------------------------------------------------------------------

    def adopt_specs(
        self, place: str, specs: Iterable[ActionSpec], actions: dict[str, QAction], scope: QWidget
    ) -> None:
        for spec in specs:
            text = spec.text.replace("&", "").rstrip("…")
            action = actions.get(spec.name)
            self._take(Binding(spec.name, text, place, spec.keys, action, (scope,)))

    def adopt_widgets(self, place: str, *widgets: QWidget) -> None:
        """Add the named actions in these widgets that have keys."""
        for widget in widgets:
            for action in widget.findChildren(QAction):
                name = action.objectName()
                usual = tuple(
                    keys.toString(QKeySequence.SequenceFormat.PortableText)
                    for keys in action.shortcuts()
                )
                if name and usual and name not in self.all:
                    text = action.text().replace("&", "").rstrip("…")
                    self._take(Binding(name, text, place, usual, action, widgets))

    def _take(self, binding: Binding) -> None:
        self.all[binding.name] = binding
        self._shown[binding.name] = binding.usual
        if self.keys(binding.name) != binding.usual:
            self._apply(binding)

    # -- keys -------------------------------------------------------------------------------------

    def keys(self, name: str) -> tuple[str, ...]:
        return self._settings.keys_of(name, self.all[name].usual)

    def is_usual(self, name: str) -> bool:
        return self.keys(name) == self.all[name].usual

    @property
    def changed_keys(self) -> int:
        """How many actions have keys of the user's, even in workspaces that are not built yet."""
        return len(self._settings.value.keys)

    def refusal(self, name: str, key: str) -> str:
        """Why an action cannot have a key; "" = it can."""
        if self.all[name].place == CANVAS:
            if key == "F":
                return tr("F shows the whole sprite; choose another letter.")
            if not _CANVAS_KEY.fullmatch(key):
                return tr("On the canvas a key can be a letter, Shift and a letter, [ or ].")
            return ""
        sequence = QKeySequence(key)
        if sequence.count() != 1:
            return tr("Press one key, or one with Ctrl, Alt or Shift.")
        pressed: QKeyCombination = sequence[0]  # type: ignore[index]
        if pressed.key() in _LONE or pressed.keyboardModifiers() & _COMMANDS:
            return ""
        return tr("Plain keys belong to the canvas and to text fields: add Ctrl or Alt.")

    def rival(self, name: str, key: str) -> Binding | None:
        """Another binding that has ``key`` where ``name`` acts, or None."""
        place = self.all[name].place
        for other in self.all.values():
            if other.name == name or key not in self.keys(other.name):
                continue
            if CANVAS in (place, other.place) and place != other.place:
                continue  # only keys of the canvas are bare letters or brackets
            if place == other.place or WINDOW in (place, other.place):
                return other
        return None

    def give(self, name: str, *keys: str) -> None:
        """Assign these keys, or none, to an action; other bindings in the same place lose them."""
        for key in keys:
            rival = self.rival(name, key)
            if rival is not None:
                self._set(rival, tuple(k for k in self.keys(rival.name) if k != key))
        self._set(self.all[name], keys)
        self.changed.emit()

    def give_back(self, name: str) -> None:
        """Restore the default keys of an action; other bindings lose them."""
        self.give(name, *self.all[name].usual)

    def give_all_back(self) -> None:
        """Restore all default keys, including those of workspaces not yet built."""
        self._settings.replace(keys={})
        for binding in self.all.values():
            self._apply(binding)
        self.changed.emit()

    def _set(self, binding: Binding, keys: tuple[str, ...]) -> None:
        self._settings.set_keys(binding.name, keys, binding.usual)
        self._apply(binding)

    def _apply(self, binding: Binding) -> None:
        keys, before = self.keys(binding.name), self._shown[binding.name]
        if keys == before:
            return
        self._shown[binding.name] = keys
        if binding.action is not None:
            binding.action.setShortcuts([QKeySequence(key) for key in keys])
        new = native(keys[:1])
        for old in before:
            for top in binding.scope:
                for widget in (top, *top.findChildren(QWidget)):
                    tip = widget.toolTip()
                    if "(" in tip:
                        widget.setToolTip(held(with_key(tip, native((old,)), new)))


def with_key(tip: str, old: str, new: str) -> str:
    """A tooltip with its key ``old`` in parentheses, as in "Copy (Ctrl+C)", replaced by ``new``."""

    def group(match: re.Match[str]) -> str:
        parts = re.split(r"(,\s| and )", match[2])
        if old not in parts:
            return match[0]
        parts = [new if part == old else part for part in parts]
        inside = "".join(parts) if new else ", ".join(p for p in parts[::2] if p)
        return f"{match[1]}({inside})" if inside else ""

    return re.sub(r"(\s?)\(([^()]*)\)", group, tip)
