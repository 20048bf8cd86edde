"""The right half of Draw's stage: tools, canvas, read-out and palette."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from sprite_lab.app.project import Project
from sprite_lab.core.cells import Cell, Colour
from sprite_lab.core.drawing import Transform
from sprite_lab.ui.theme import ThemeManager, tabular
from sprite_lab.ui.widgets.buttons import IconButton
from sprite_lab.ui.widgets.elided_label import ElidedLabel
from sprite_lab.ui.widgets.inspector import separator
from sprite_lab.ui.widgets.palette_bar import colour_name, qcolor
from sprite_lab.ui.widgets.sprite_canvas import SpriteCanvas
from sprite_lab.ui.workspaces.draw.editor import CellEditor
from sprite_lab.ui.workspaces.draw.palette_row import PaletteRow
from sprite_lab.ui.workspaces.draw.tools import BY_NAME, TOOLS, DrawingTools

#: Room for position, colour and "kept", so that nothing moves as the pointer does.
_READOUT_WIDTH = 190

_KEEP_TIP = "Keep what is drawn: mark every pixel that is not empty"
_FREE_TIP = "Free all pixels: keep none of them"

_TURNS: tuple[tuple[Transform, str, str], ...] = (
    ("flip_horizontal", "flip-horizontal", "Mirror the chosen cells, left to right"),
    ("flip_vertical", "flip-vertical", "Mirror the chosen cells, top to bottom"),
    ("turn_left", "turn-left", "Turn the chosen cells a quarter to the left"),
    ("turn_right", "turn-right", "Turn the chosen cells a quarter to the right"),
    ("shift_left", "shift-left", "Move the drawing left, around the edge (Ctrl+Left)"),
    ("shift_right", "shift-right", "Move the drawing right, around the edge (Ctrl+Right)"),
    ("shift_up", "shift-up", "Move the drawing up, around the edge (Ctrl+Up)"),
    ("shift_down", "shift-down", "Move the drawing down, around the edge (Ctrl+Down)"),
)


class CanvasArea(QWidget):
    """Draws in one cell of the project, with the tools, by mouse or keys.

    Parts: ``draw.canvas``, ``draw.tool.<name>``, ``draw.undo``, ``draw.redo``,
    ``draw.<transform>``, ``draw.keep_drawn``, ``draw.free``, ``draw.mirror``,
    ``draw.position``, ``draw.hint``, ``draw.zoom``.
    """

    def __init__(
        self, project: Project, theme: ThemeManager, tools: DrawingTools, editor: CellEditor
    ) -> None:
        super().__init__()
        self._project, self._theme = project, theme
        self._tools, self._editor = tools, editor
        self._cell = Cell()
        self._pointed: tuple[int, int] | None = None
        self.canvas = SpriteCanvas(theme)
        self.canvas.setObjectName("draw.canvas")
        self.canvas.setAccessibleName("Canvas")
        self.palette_row = PaletteRow(theme, tools, editor)
        self._buttons: dict[str, IconButton] = {}
        self._position = QLabel()
        self._position.setObjectName("draw.position")
        # Qt's guess would be wrong where there is no swatch.
        self._position.setTextFormat(Qt.TextFormat.RichText)
        self._position.setFont(tabular(self._position.font()))
        self._zoom = QToolButton()
        self._zoom.setObjectName("draw.zoom")
        self._zoom.setAutoRaise(True)
        self._zoom.setFont(tabular(self._zoom.font()))
        self._zoom.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._hint = ElidedLabel(name="draw.hint")

        middle = QHBoxLayout()
        middle.setSpacing(8)
        middle.addLayout(self._tool_column())
        middle.addWidget(self.canvas, 1)
        below = QHBoxLayout()
        below.setSpacing(16)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._position.setMinimumWidth(_READOUT_WIDTH)
        below.addWidget(self._position)
        below.addWidget(self._hint, 1)
        below.addWidget(self._zoom)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(8)
        column.addLayout(self._action_row())
        column.addLayout(middle, 1)
        column.addLayout(below)
        column.addWidget(separator())
        column.addWidget(self.palette_row)
        self._connect()
        self._on_tool(tools.tool)
        self._show_position()
        self._show_zoom()

    def _button(self, icon: str, tip: str, name: str, size: int = 16) -> IconButton:
        button = IconButton(self._theme, icon, tip, name=name, size=size)
        # A click leaves the keys with the canvas; Tab still gets here.
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _tool_column(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        group = QButtonGroup(self)
        for tool in TOOLS:
            tip = f"{tool.text} ({tool.key}): {tool.hint}"
            button = self._button(tool.icon, tip, f"draw.tool.{tool.name}", 20)
            button.setAccessibleName(tool.text)
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, name=tool.name: self._tools.set_tool(name))
            group.addButton(button)
            self._buttons[tool.name] = button
            column.addWidget(button)
        column.addSpacing(8)
        self._mirror = self._button(
            "symmetry", "Mirror strokes, left to right (S)", "draw.mirror", 20
        )
        self._mirror.setAccessibleName("Mirror strokes")
        self._mirror.setCheckable(True)
        self._mirror.toggled.connect(self._tools.set_mirror)
        column.addWidget(self._mirror)
        column.addStretch(1)
        return column

    def _action_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        stack = self._project.stack
        self._undo = self._button("undo", "", "draw.undo")
        self._redo = self._button("redo", "", "draw.redo")
        self._undo.clicked.connect(stack.undo)
        self._redo.clicked.connect(stack.redo)
        row.addWidget(self._undo)
        row.addWidget(self._redo)
        row.addSpacing(12)
        for how, icon, tip in _TURNS:
            if how == "shift_left":
                row.addSpacing(12)
            button = self._button(icon, tip, f"draw.{how}")
            button.clicked.connect(lambda _=False, how=how: self._editor.transform(how))
            row.addWidget(button)
        row.addStretch(1)
        self._keep_drawn = self._button(
            "keep-drawn",
            _KEEP_TIP,
            "draw.keep_drawn",
        )
        self._free = self._button("free-pixels", _FREE_TIP, "draw.free")
        self._keep_drawn.clicked.connect(self._editor.keep_drawn)
        self._free.clicked.connect(self._editor.free_pixels)
        row.addWidget(self._keep_drawn)
        row.addWidget(self._free)
        return row

    def _connect(self) -> None:
        canvas, tools = self.canvas, self._tools
        canvas.pressed.connect(tools.begin)
        canvas.moved.connect(tools.move)
        canvas.released.connect(tools.end)
        canvas.cancelled.connect(tools.cancel)
        canvas.pointed.connect(self._on_pointed)
        canvas.typed.connect(self._on_typed)
        tools.tool_changed.connect(self._on_tool)
        tools.mirror_changed.connect(self._mirror.setChecked)
        tools.mirror_changed.connect(canvas.set_axis)
        canvas.zoomed.connect(self._show_zoom)
        self._zoom.clicked.connect(canvas.fit)
        tools.preview_changed.connect(self._on_preview)
        self._project.history_changed.connect(self._show_history)
        self._show_history()

    # -- what is shown -------------------------------------------------------------------

    def show_cell(self, cell: Cell) -> None:
        """Show the cell that is drawn in."""
        self._cell = cell
        self.canvas.set_sprite(cell.rgba, cell.keep)
        self._keep_drawn.setEnabled(not cell.is_blank)
        self._keep_drawn.setToolTip("Nothing is drawn to keep" if cell.is_blank else _KEEP_TIP)
        masked = cell.redraw_strength is not None
        self._free.setEnabled(masked)
        self._free.setToolTip(_FREE_TIP if masked else "No pixels are marked to keep")
        self._show_position()

    @Slot()
    def _show_zoom(self) -> None:
        text = f"{self.canvas.zoom:g}×"
        self._zoom.setText(text)
        self._zoom.setAccessibleName(f"Zoom: {text}")
        self._zoom.setToolTip("Click to see all of the sprite again (0 or F)")
        self._zoom.setVisible(not self.canvas.is_fitted)

    @Slot()
    def _show_history(self) -> None:
        stack = self._project.stack
        for button, can, word, text, key in (
            (self._undo, stack.canUndo(), "Undo", stack.undoText(), "Ctrl+Z"),
            (self._redo, stack.canRedo(), "Redo", stack.redoText(), "Ctrl+Y"),
        ):
            button.setEnabled(can)
            button.setToolTip(f"{word} {text[:1].lower()}{text[1:]} ({key})".replace("  ", " "))
            button.setAccessibleName(word)

    @Slot(object)
    def _on_pointed(self, point: tuple[int, int] | None) -> None:
        self._pointed = point
        self._show_position()

    def show_preview(self, image: NDArray[np.uint8] | None) -> None:
        """Show what is coming out of noise, uint8 (H, W, 4); None = the cell again."""
        if image is None:
            self.show_cell(self._cell)
        else:
            self.canvas.set_sprite(image, self._cell.keep)

    def _show_position(self) -> None:
        point = self._pointed
        if point is None:
            self._position.setText(" ")
            return
        x, y = point
        r, g, b, a = (int(v) for v in self._cell.rgba[y, x])
        colour: Colour = (r, g, b, a)
        kept = ", kept" if self._cell.keep[y, x] else ""
        name = colour_name(colour)
        swatch = "" if a == 0 else f'<span style="color:{name[:7]}">■</span> '
        self._position.setText(f"x {x}&nbsp; y {y}&nbsp; {swatch}{name}{kept}")
        # What the keyboard cursor is on, for those who hear it.
        self.canvas.setAccessibleDescription(f"Column {x + 1}, row {y + 1}, {name}{kept}")

    # -- tools ---------------------------------------------------------------------------

    @Slot(str)
    def _on_tool(self, name: str) -> None:
        self._buttons[name].setChecked(True)
        tool = BY_NAME[name]
        self._hint.setText(tool.hint[:1].upper() + tool.hint[1:])

    @Slot(str)
    def _on_typed(self, key: str) -> None:
        if key in ("Alt", ""):
            # While Alt is held a click picks a colour, whatever the tool.
            shown = "picker" if key else self._tools.tool
            self._buttons[shown].setChecked(True)
        elif key == "X":
            self._tools.swap_colours()
        elif key == "S":
            self._tools.set_mirror(not self._tools.mirror)
        else:
            for tool in TOOLS:
                if tool.key == key:
                    self._tools.set_tool(tool.name)

    @Slot(object, object)
    def _on_preview(self, points: list[tuple[int, int]], colour: Colour | None) -> None:
        self.canvas.set_preview(points, None if colour is None else qcolor(colour))
