"""Keys of the tools, which work wherever the focus is while the canvas is visible.

Text fields get the keys typed into them, since Qt asks the field first. Number fields take only
characters of numbers; Enter there, or a choice from a list, returns the focus to the canvas. Undo
applies to a text if something was typed into it, otherwise to the drawing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QWidget,
)

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.draw.tools.tool_table import CANVAS_KEYS
from sprite_lab.app.shell.settings import Settings
from sprite_lab.core.drawing import Transform
from sprite_lab.ui.draw.cell_grid import CellGrid
from sprite_lab.ui.widgets.fields.calm import is_being_typed, take_typed
from sprite_lab.ui.widgets.keys import ENTER, add_action, is_press
from sprite_lab.words import tr, trc

#: The key that fits the sprite into the canvas, the only one of the canvas that is in no table.
_FIT = "F"


class DrawKeys(QObject):
    """Forwards keys to the canvas. Lives as long as the canvas.

    The keys work while ``area`` is visible, in its window. Number fields in ``panel`` also return
    the focus. ``type_key`` handles a key as the canvas would.
    """

    def __init__(
        self,
        settings: Settings,
        area: QWidget,
        canvas: QWidget,
        panel: QWidget,
        type_key: Callable[[str], None],
    ) -> None:
        super().__init__(area)
        self._settings, self._area, self._canvas, self._panel = settings, area, canvas, panel
        self._type = type_key
        self._actions: list[QAction] = []
        settings.changed.connect(self._set_keys)
        self._set_keys()
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus)

    @Slot()
    def _set_keys(self, *_: object) -> None:
        keys = [key for spec in CANVAS_KEYS for key in self._settings.keys_of(spec.name, spec.keys)]
        # Without duplicates: the key of a newer tool may also be one that the user has set.
        keys = list(dict.fromkeys((*keys, _FIT)))
        if keys == [action.shortcut().toString() for action in self._actions]:
            return
        for action in self._actions:
            self._area.removeAction(action)
            action.deleteLater()
        self._actions = [self._action(key) for key in keys]
        self._area.addActions(self._actions)

    def _action(self, key: str) -> QAction:
        action = QAction(self)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.triggered.connect(lambda _=False: self._type(key))
        return action

    # -- fields that take keys ----------------------------------------------------------------

    @Slot(object, object)
    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        kinds = (QAbstractSpinBox, QComboBox, QLineEdit)
        if isinstance(now, kinds) and self._is_ours(now):
            now.installEventFilter(self)  # Qt installs it only once, however often this is called
            if isinstance(now, QComboBox):
                now.view().installEventFilter(self)

    def _is_ours(self, widget: QWidget) -> bool:
        return self._area.isVisible() and (
            self._area.isAncestorOf(widget) or self._panel.isAncestorOf(widget)
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        take_typed(watched, event)
        if isinstance(watched, QAbstractItemView):
            if event.type() == QEvent.Type.Hide:
                # An entry of the list was chosen, so the next key is for a tool.
                QTimer.singleShot(0, self._canvas, self._give_back)
        elif not isinstance(event, QKeyEvent):
            pass
        elif isinstance(watched, QComboBox):
            # Keyboard users choose entries by first letters, as usual.
            if event.type() == QEvent.Type.ShortcutOverride and _is_letter(event):
                event.accept()
                return True
        elif event.type() == QEvent.Type.ShortcutOverride:
            # Leave everything except typing to the window's shortcuts.
            return not _is_typing(watched, event)
        elif is_press(event, ENTER) and _is_number(watched):
            if isinstance(watched, QAbstractSpinBox):
                watched.interpretText()
            self._give_back()
            return True
        return False

    def _give_back(self) -> None:
        if self._area.isVisible():
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)


def _is_number(field: QObject) -> bool:
    """Whether only numbers can be typed; the field of a seed is a line of text to Qt."""
    return isinstance(field, QAbstractSpinBox) or (
        isinstance(field, QLineEdit) and field.validator() is not None
    )


def _is_typing(field: QObject, event: QKeyEvent) -> bool:
    line = field.lineEdit() if isinstance(field, QAbstractSpinBox) else field
    assert isinstance(line, QLineEdit)
    if event.matches(QKeySequence.StandardKey.Undo):
        typed = isinstance(field, QAbstractSpinBox) and is_being_typed(field)
        return typed or (line is field and line.isModified())
    if event.matches(QKeySequence.StandardKey.Redo):
        return line.isRedoAvailable() and not _is_number(field)
    return not _is_number(field) or not (_is_letter(event) or event.text() in ("[", "]"))


def _is_letter(event: QKeyEvent) -> bool:
    held = event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
    return Qt.Key.Key_A <= event.key() <= Qt.Key.Key_Z and not held


#: Key, shift of a drawing, and text of the action.
_SHIFTS: tuple[tuple[str, Transform, str], ...] = (
    ("Left", "shift_left", tr("Move left")),
    ("Right", "shift_right", tr("Move right")),
    ("Up", "shift_up", tr("Move up")),
    ("Down", "shift_down", tr("Move down")),
)
_STEPS = (
    ("Left", (-1, 0), tr("Move cell left")),
    ("Right", (1, 0), tr("Move cell right")),
    ("Up", (0, -1), tr("Move cell up")),
    ("Down", (0, 1), tr("Move cell down")),
)


def cell_actions(
    workspace: QWidget,
    grid: CellGrid,
    session: DrawSession,
    editor: CellEditor,
    cancel: Callable[[], None],
    rename: Callable[[], None],
) -> dict[str, QAction]:
    """Add actions ``draw.action.<name>`` to ``workspace`` and ``grid``.

    Returns those of the workspace by name. ``cancel`` and ``rename`` are what Esc and F2 do.
    """

    tools = session.tools

    def either(pixels: Callable[[], None], cells: Callable[[], None]) -> Callable[[], None]:
        """A function: ``pixels`` if some are selected and the grid has no focus, otherwise
        ``cells``.
        """

        def act() -> None:
            in_grid = grid.hasFocus() or tools.selection is None
            (cells if in_grid else pixels)()

        return act

    def clear() -> None:
        """Erase cells if the grid has the focus, otherwise the layer or its selected part."""
        if grid.hasFocus():
            editor.empty()
        elif tools.selection is None:
            editor.clear()
        else:
            tools.clear()

    def take() -> None:
        editor.take_sprites(session.chosen)

    def paste() -> None:
        if not tools.paste(pictures=not grid.hasFocus()):
            editor.paste()

    table: list[tuple[str, str, str, Callable[[], None]]] = [
        ("copy", tr("Copy"), "Ctrl+C", either(tools.copy, editor.copy)),
        ("cut", trc("to the clipboard", "Cut"), "Ctrl+X", either(tools.cut, editor.cut)),
        ("paste", tr("Paste"), "Ctrl+V", paste),
        ("duplicate", tr("Duplicate"), "Ctrl+Shift+D", editor.duplicate),
        ("clear", tr("Clear"), "Del", clear),
        ("take", tr("Use sprites of the data set"), "", take),
        ("cancel", tr("Cancel"), "Esc", cancel),
        ("rename", tr("Name and tags"), "F2", rename),
    ]
    for key, how, words in _SHIFTS:
        table.append((how, words, f"Ctrl+{key}", partial(editor.transform, how)))
    for key, step, words in _STEPS:
        go = partial(editor.step_cells, *step)
        reach = Qt.ShortcutContext.WidgetShortcut
        add_action(grid, f"draw.action.cell_{key.lower()}", words, f"Alt+{key}", go, reach)
    return {
        name: add_action(workspace, f"draw.action.{name}", text, key, slot)
        for name, text, key, slot in table
    }
