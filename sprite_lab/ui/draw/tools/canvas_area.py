"""The right half of Draw: tools, canvas, readout and palette."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QStatusTipEvent
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QMenu,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.draw.tools.tool_table import (
    BY_KEY,
    BY_NAME,
    SELECTS,
    TOOLS,
    ToolOptions,
    meaning,
)
from sprite_lab.app.lab import Lab
from sprite_lab.core.drawing import Transform
from sprite_lab.core.pixels.cells import Cell, Color
from sprite_lab.ui.draw.tools.canvas_views import CanvasViews
from sprite_lab.ui.draw.tools.options_row import ToolsRow
from sprite_lab.ui.draw.tools.palette_row import PaletteRow
from sprite_lab.ui.flow import Arranged, Flow
from sprite_lab.ui.layouts import grid, hbox, vbox
from sprite_lab.ui.shell.history import HistoryList
from sprite_lab.ui.shell.key_bindings import native
from sprite_lab.ui.text import Label, html, tooltip
from sprite_lab.ui.theme import tabular
from sprite_lab.ui.widgets.canvas.palette_bar import color_name
from sprite_lab.ui.widgets.canvas.sprite_canvas import SpriteCanvas
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import separator
from sprite_lab.ui.widgets.keys import add_action
from sprite_lab.words import number_text, tr, within

#: Minimum width of the readout, in logical pixels.
_LEAST_READOUT = 6

_TURNS: tuple[tuple[Transform, str, str], ...] = (
    (
        "flip_horizontal",
        "flip-horizontal",
        tr("Mirror the selection or the selected cells left to right (Shift+H)"),
    ),
    (
        "flip_vertical",
        "flip-vertical",
        tr("Mirror the selection or the selected cells top to bottom (Shift+V)"),
    ),
    ("turn_left", "turn-left", tr("Rotate the selection or the selected cells 90° left")),
    ("turn_right", "turn-right", tr("Rotate the selection or the selected cells 90° right")),
    ("shift_left", "shift-left", tr("Move the drawing left, around the edge (Ctrl+Left)")),
    ("shift_right", "shift-right", tr("Move the drawing right, around the edge (Ctrl+Right)")),
    ("shift_up", "shift-up", tr("Move the drawing up, around the edge (Ctrl+Up)")),
    ("shift_down", "shift-down", tr("Move the drawing down, around the edge (Ctrl+Down)")),
)


class ToolColumn(Arranged):
    """The buttons of the tools, in two columns if one would be too high."""

    def __init__(self) -> None:
        super().__init__()
        self._buttons: list[IconButton] = []
        self._columns = 1
        self._grid = grid(across=2, down=2)
        vbox(self._grid, ..., on=self)

    def add(self, button: IconButton) -> None:
        self._grid.addWidget(button, *divmod(len(self._buttons), self._columns))
        self._buttons.append(button)

    def _size(self, columns: int) -> QSize:
        """The size with a number of columns, in logical pixels."""
        gap, rows = self._grid.spacing(), -(-len(self._buttons) // columns)
        hints = [button.sizeHint() for button in self._buttons]
        width, height = (max(h.width() for h in hints), max(h.height() for h in hints))
        return QSize(columns * (width + gap) - gap, rows * (height + gap) - gap)

    def sizeHint(self) -> QSize:
        return self._size(self._columns)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._size(self._columns).width(), self._size(2).height())

    def _arrange(self) -> None:
        columns = 1 if self.height() >= self._size(1).height() else 2
        if columns != self._columns:
            self._columns = columns
            for index, button in enumerate(self._buttons):
                self._grid.addWidget(button, *divmod(index, columns))
            self.updateGeometry()


class _Readout(Label):
    """Takes all the width that the buttons beside it leave, regardless of its text."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def sizeHint(self) -> QSize:
        return QSize(_LEAST_READOUT, super().sizeHint().height())


class CanvasArea(QWidget):
    """Draws in the current cell with the tools, by mouse or keys."""

    layer_wanted = Signal(str)  #: name of an action of the Layer menu

    def __init__(self, lab: Lab, session: DrawSession, editor: CellEditor) -> None:
        super().__init__()
        self._lab, self._project = lab, session.project
        tools = session.tools
        self._tools, self._editor = tools, editor
        self._cell = Cell()
        self._pointed: tuple[int, int] | None = None
        self.canvas = named(SpriteCanvas(), "draw.canvas", tr("Canvas"))
        self.canvas.setAccessibleDescription(tr("Arrow keys move a cursor, Space paints there"))
        self.palette_row = PaletteRow(editor)
        self.options_row = ToolsRow(tools)
        self.views = CanvasViews(lab, self.canvas, tools)
        self._buttons: dict[str, IconButton] = {}
        self._position = _Readout()
        self._position.setObjectName("draw.position")
        self._position.resized.connect(self._show_position)
        self._position.setFont(tabular(self._position.font()))
        self._zoom = named(QToolButton(), "draw.zoom")
        self._zoom.setAutoRaise(True)
        self._zoom.setFont(tabular(self._zoom.font()))
        self._zoom.setFocusPolicy(Qt.FocusPolicy.TabFocus)

        # May shrink, so that the canvas does not grow when the button beside it appears.
        self._position.setMinimumWidth(_LEAST_READOUT)
        # Not a stretch, since the layout would first take all room from the readout.
        self._position.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        view = IconButton("draw.view", "see", tr("What the canvas shows"))
        view.setMenu(self.views.menu)
        self._below = hbox(self._position, self._zoom, view, spacing=0)
        vbox(
            self._action_row(),
            self.options_row,
            (hbox(self._tool_column(), (self.canvas, 1)), 1),
            self._below,
            separator(),
            self.palette_row,
            on=self,
            spacing=4,
            margins=(8, 8, 8, 8),
        )
        self._connect()
        self._on_tool(tools.tool)
        self._show_position()
        self._show_zoom()

    def add_live(self, bar: QWidget) -> None:
        """Add the switches of Live below the canvas."""
        self._below.insertWidget(1, bar)

    @property
    def take_button(self) -> QWidget:
        """The button of the take brush, which is among the switches of Live."""
        return self._buttons["take"]

    def _tool_column(self) -> ToolColumn:
        group, column = QButtonGroup(self), ToolColumn()
        for tool in TOOLS:
            tip = f"{tool.text} ({tool.key}): {tool.hint}"
            size = 16 if tool.name == "take" else 20  # like the buttons of Live beside it
            button = IconButton(f"draw.tool.{tool.name}", tool.name, tip, checkable=True, size=size)
            button.setAccessibleName(tool.text)
            button.clicked.connect(lambda _=False, name=tool.name: self._tools.set_tool(name))
            group.addButton(button)
            self._buttons[tool.name] = button
            if tool.name != "take":
                column.add(button)
        return column

    def _action_row(self) -> Flow:
        self._undo = IconButton("draw.undo", "undo", "", do=self._project.history.undo)
        self._redo = IconButton("draw.redo", "redo", "", do=self._project.history.redo)
        self._history = HistoryList(self._project, self)
        history = IconButton("draw.history", "clock", tr("History (Ctrl+Shift+H)"))
        history.clicked.connect(lambda _=False: self.show_history())
        self._history_button = history
        turns: list[QWidget] = []
        shifts: list[QWidget] = []
        for how, icon, tip in _TURNS:
            button = IconButton(f"draw.{how}", icon, tip)
            button.clicked.connect(lambda _=False, how=how: self.turn(how))
            (shifts if how.startswith("shift") else turns).append(button)
        help_button = HelpButton(self._lab, "draw_tools")
        groups = QWidget(), QWidget(), QWidget()  # if there is no room, each group wraps as a whole
        apart = (0, 0, 10, 0)  # a gap to the next group beside it, but not below
        hbox(self._undo, self._redo, history, on=groups[0], spacing=2, margins=apart)
        hbox(*turns, on=groups[1], spacing=2, margins=apart)
        hbox(*shifts, 10, self._outline_button(), on=groups[2], spacing=2)
        return Flow(None, *groups, help_button, spacing=2)

    def _outline_button(self) -> IconButton:
        button = IconButton("draw.outline", "outline", tr("Outline in the first color (O)"))
        menu = QMenu(button)
        for text, inside in (
            (tr("Around the drawing\tO"), False),
            (tr("On its rim\tShift+O"), True),
        ):
            menu.addAction(text).triggered.connect(
                lambda _=False, inside=inside: self._tools.outline(inside=inside)
            )
        button.setMenu(menu)
        return button

    def _add_actions(self) -> None:
        """Add keys for the selection and the views, which work while the focus is in this area."""
        tools = self._tools
        every, none = tr("Select all pixels"), tr("Deselect all pixels")
        add_action(self, "draw.action.select_all", every, "Ctrl+A", tools.select_all)
        add_action(self, "draw.action.select_none", none, "Ctrl+D", tools.select_none)
        # Shortcuts must belong to a widget in this area rather than to the menu that shows them.
        self.addActions([a for a in self.views.menu.actions() if not a.shortcut().isEmpty()])

    def _connect(self) -> None:
        canvas, tools = self.canvas, self._tools
        canvas.pressed.connect(tools.begin)
        canvas.moved.connect(tools.move)
        canvas.released.connect(tools.end)
        canvas.canceled.connect(tools.cancel)
        canvas.pointed.connect(self._on_pointed)
        canvas.typed.connect(self.type_key)
        tools.tool_changed.connect(self._on_tool)
        tools.options.changed.connect(self._on_options)
        tools.selection_changed.connect(canvas.set_selection)
        tools.selection_changed.connect(self._show_grab)
        canvas.nudged.connect(tools.nudge)
        canvas.hovered.connect(tools.hover)
        canvas.hovered.connect(self._on_hovered)
        canvas.zoomed.connect(self._show_zoom)
        self._zoom.clicked.connect(canvas.fit)
        tools.preview_changed.connect(canvas.set_preview)
        self._project.history_changed.connect(self._show_history)
        self._project.cells_changed.connect(self.views.refresh)
        self._show_history()
        self._add_actions()

    def show_history(self) -> None:
        """Open the history below its button."""
        button = self._history_button
        self._history.popup(button.mapToGlobal(button.rect().bottomLeft()))

    # -- display ----------------------------------------------------------------------------------

    def show_cell(self, cell: Cell) -> None:
        self._cell = cell
        self.canvas.set_sprite(cell.rgba, self._marks(cell))
        self.views.refresh()
        self._show_position()

    @Slot()
    def _show_zoom(self) -> None:
        text = number_text(self.canvas.zoom, "g") + "×"
        self._zoom.setText(text)
        self._zoom.setAccessibleName(tr("Zoom: {value}", value=text))
        self._zoom.setToolTip(tooltip(tr("Click to show the whole sprite again (0 or F)")))
        self._zoom.setVisible(not self.canvas.is_fitted)

    @Slot()
    def _show_history(self) -> None:
        history = self._project.history
        for button, name, can, word, text, usual in (
            (self._undo, "undo", history.can_undo, tr("Undo"), history.undo_text, "Ctrl+Z"),
            (self._redo, "redo", history.can_redo, tr("Redo"), history.redo_text, "Ctrl+Y"),
        ):
            keys = self._lab.settings.keys_of(f"edit.{name}", (usual,))
            key = f" ({native(keys[:1])})" if keys else ""
            none = (
                tr("There is nothing to undo.")
                if name == "undo"
                else tr("There is nothing to redo.")
            )
            allow(button, "" if can else none, f"{word} {within(text)}".rstrip() + key)
            button.setAccessibleName(word)

    @Slot(object)
    def _on_pointed(self, point: tuple[int, int] | None) -> None:
        self._pointed = point
        self._show_position()

    def show_preview(self, image: NDArray[np.uint8] | None) -> None:
        """Show a preview, uint8 (H, W, 4); None = the cell."""
        if image is None:
            self.show_cell(self._cell)
        else:
            self.canvas.set_sprite(image, self._marks(self._cell))

    def _marks(self, cell: Cell) -> NDArray[np.uint8]:
        """The redraw mask as displayed; uint8 (H, W).

        If strokes are kept, the marks of kept pixels would hide them. These are then shown only for
        the mask brush, or if a person made the mask: if it keeps an empty pixel, or partly redraws
        one.
        """
        drawn, redraw = cell.rgba[..., 3] > 0, cell.redraw
        own = (redraw[~drawn] < 255).any() or ((redraw > 0) & (redraw < 255)).any()
        if own or not self._tools.keeps or self._tools.tool == "mask":
            return redraw
        return np.where(drawn, 255, redraw).astype(np.uint8)

    def refresh_marks(self) -> None:
        """Show the mask again: the tool has changed, or whether strokes are kept."""
        self.canvas.set_sprite(self._cell.rgba, self._marks(self._cell))

    @Slot()
    def _show_position(self) -> None:
        point = self._pointed
        if point is None:
            self._position.setText(" ")
            return
        x, y = point
        r, g, b, a = self._cell.rgba[y, x].tolist()
        color: Color = (r, g, b, a)
        strength = int(self._cell.redraw[y, x])
        kept = (
            tr(", kept")
            if strength == 0
            else tr(", redrawn {strength}%", strength=round(strength / 2.55))
        )
        kept = "" if strength == 255 else kept
        name = color_name(color)
        swatch = html('<span style="color:{}">■</span> ', name[:7]) if a else ""
        wide = self._position.fontMetrics().horizontalAdvance
        where, room = f"x {x}  y {y}", self._position.width()
        if wide(f"{where}  ■ {name}{kept}") <= room:
            words = html("x {}&nbsp; y {}&nbsp; {}{}{}", x, y, swatch, name, kept)
        else:
            shorter = (f"{where}{kept}", where, f"{x}, {y}")
            words = html("{}", next((text for text in shorter if wide(text) <= room), ""))
        self._position.setText(words)
        # For screen readers: the pixel under the keyboard cursor.
        self.canvas.setAccessibleDescription(
            tr("Column {x}, row {y}, {name}{kept}", x=x + 1, y=y + 1, name=name, kept=kept)
        )

    # -- tools ---------------------------------------------------------------------------

    @Slot(str)
    def _on_tool(self, name: str) -> None:
        self._buttons[name].setChecked(True)
        self._show_grab()
        # The status bar shows the hint while the pointer is on the canvas.
        hint = f"{BY_NAME[name].text}: {BY_NAME[name].hint}"
        self.canvas.setStatusTip(hint)
        if self.canvas.underMouse():
            QApplication.sendEvent(self.canvas, QStatusTipEvent(hint))
        self._on_options(self._tools.options.value)
        self.refresh_marks()

    @Slot()
    def _show_grab(self) -> None:
        """Update what the pointer and the arrow keys move, after a change of tool or selection."""
        tools, canvas = self._tools, self.canvas
        canvas.arrows_nudge = tools.tool == "move"
        canvas.arrows_nudge_at_first = tools.tool in SELECTS and tools.selection is not None
        canvas.point_with(
            Qt.CursorShape.SizeAllCursor if canvas.arrows_nudge else Qt.CursorShape.CrossCursor
        )

    @Slot(int, int, object)
    def _on_hovered(self, x: int, y: int, held: Qt.KeyboardModifier) -> None:
        if self.canvas.arrows_nudge_at_first:
            grabs = self._tools.grabs(x, y, held)
            shape = Qt.CursorShape.SizeAllCursor if grabs else Qt.CursorShape.CrossCursor
            self.canvas.point_with(shape)

    @Slot(object, object)
    def _on_options(self, options: ToolOptions, _before: object = None) -> None:
        tool = BY_NAME[self._tools.tool]
        size = options.size if "size" in tool.options else 1
        self.canvas.set_brush(size, rounded=options.rounded)
        self.canvas.set_symmetry(options.symmetry if "symmetry" in tool.options else "none")

    @Slot(str)
    def type_key(self, key: str) -> None:
        tools, key = self._tools, meaning(self._lab.settings, key)
        acts: dict[str, Callable[[], object]] = {
            "X": tools.swap_colors,
            "Y": tools.next_symmetry,
            "[": lambda: tools.resize_brush(-1),
            "]": lambda: tools.resize_brush(1),
            "O": tools.outline,
            "Shift+O": lambda: tools.outline(inside=True),
            "Shift+H": lambda: self.turn("flip_horizontal"),
            "Shift+V": lambda: self.turn("flip_vertical"),
            "Shift+N": lambda: self.layer_wanted.emit("add"),
            "Shift+X": lambda: self.layer_wanted.emit("show"),
            "Shift+P": lambda: self.layer_wanted.emit("rename"),
        }
        if key in ("Alt", ""):
            # With Alt, a click picks a color, or subtracts from the selection.
            picks = bool(key) and tools.tool not in SELECTS
            self._buttons["picker" if picks else tools.tool].setChecked(True)
        elif key == "F":
            self.canvas.fit()
        elif key in acts:
            acts[key]()
        elif key in BY_KEY:
            tools.set_tool(BY_KEY[key].name)

    def turn(self, how: Transform) -> None:
        """Transform the selection or else the chosen cells; shifts apply to cells, and wrap."""
        if how.startswith("shift") or not self._tools.turn(how):
            self._editor.transform(how)
