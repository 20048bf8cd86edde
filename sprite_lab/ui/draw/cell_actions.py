"""The actions of Draw behind keys, buttons and the menu of cells."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.core.drawing import Transform
from sprite_lab.ui.draw.cell_grid import CellGrid
from sprite_lab.words import tr, trc

#: Key, movement of a drawing, and movement of a cell.
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
    """Add actions, ``draw.action.<name>``, to workspace and grid; return those of the workspace.

    Parameters
    ----------
    cancel, rename : what Esc and F2 do.
    """

    tools = session.tools

    def either(pixels: Callable[[], None], cells: Callable[[], None]) -> Callable[[], None]:
        """Act on the selected pixels, or on cells if there are none or the grid has the focus."""

        def act() -> None:
            in_grid = grid.hasFocus() or tools.selection is None
            (cells if in_grid else pixels)()

        return act

    def clear() -> None:
        """Erase cells if the grid has the focus, or else the layer or its selected part."""
        if grid.hasFocus():
            editor.empty()
        elif tools.selection is None:
            editor.clear()
        else:
            tools.clear()

    def paste() -> None:
        if not tools.paste():
            editor.paste()

    def shift(how: Transform) -> Callable[[], None]:
        return lambda: editor.transform(how)

    table: list[tuple[str, str, str, Callable[[], None]]] = [
        ("copy", tr("Copy"), "Ctrl+C", either(tools.copy, editor.copy)),
        ("cut", trc("to the clipboard", "Cut"), "Ctrl+X", either(tools.cut, editor.cut)),
        ("paste", tr("Paste"), "Ctrl+V", paste),
        ("duplicate", tr("Duplicate"), "Ctrl+Shift+D", editor.duplicate),
        ("clear", tr("Clear"), "Del", clear),
        (
            "take",
            tr("Use sprites of the data set"),
            "",
            lambda: editor.take_sprites(session.chosen),
        ),
        ("cancel", tr("Cancel"), "Esc", cancel),
        ("rename", tr("Name and tags"), "F2", rename),
    ]
    for key, how, words in _SHIFTS:
        table.append((how, words, f"Ctrl+{key}", shift(how)))
    actions = {}
    for name, text, key, slot in table:
        action = QAction(text, workspace)
        action.setObjectName(f"draw.action.{name}")
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda _=False, slot=slot: slot())
        workspace.addAction(action)
        actions[name] = action
    for key, step, words in _STEPS:
        action = QAction(words, grid)
        action.setObjectName(f"draw.action.cell_{key.lower()}")
        action.setShortcut(QKeySequence(f"Alt+{key}"))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda _=False, step=step: editor.step_cells(*step))
        grid.addAction(action)
    return actions
