"""The editor of a branch, for drawing in the predicted sprite and marking noise to redraw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QButtonGroup, QColorDialog, QWidget

from sprite_lab.app.draw.tools.tool_table import BY_NAME
from sprite_lab.app.draw.tools.tools import DrawingTools
from sprite_lab.app.files.project import Project
from sprite_lab.core.pixels import redraw_masks
from sprite_lab.core.pixels.cells import Cell, CellSheet, Color
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE, common_colors
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.see.branch.tree import redoes, undoes
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.widgets.canvas.palette_bar import ColorPair, Swatches
from sprite_lab.ui.widgets.canvas.sprite_canvas import SpriteCanvas
from sprite_lab.ui.widgets.fields.buttons import IconButton, Option, Segmented
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.keys import CTRL
from sprite_lab.words import tr

#: The tools of Draw offered here.
_TOOLS = ("pencil", "eraser", "bucket", "line", "picker")

#: Number of colors offered: from the sprite, then from our own palette.
_OWN, _OURS = 16, 16

_CANVAS = 16 * 15 + 8


class BranchEditor(QWidget):
    """A canvas with a few tools, either for the clean sprite or for its noise."""

    changed = Signal()  #: pixels were drawn, marked or reverted
    #: switched to marking noise (True) or to drawing in the sprite (False)
    on_noise = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._project = Project(CellSheet(1, 1), parent=self)
        self._tools = DrawingTools(self._project, self)
        #: marks noise like the mask brush in Draw marks pixels to keep
        self._marks = DrawingTools(self._project, self)
        self._marks.set_tool("mask")
        self._loaded = self._project.cell(0)
        self._noisy = self._loaded.rgba
        self._palette: tuple[Color, ...] = ()
        self._own_palette: tuple[Color, ...] | None = None
        self.canvas = named(SpriteCanvas(), "see.branch.canvas")
        self.canvas.setFixedHeight(_CANVAS)
        self.canvas.installEventFilter(self)
        self._what = Segmented(
            "see.branch.what",
            tr("What to edit by hand"),
            Option("x0", tr("Clean sprite"), "pencil", tr("Draw in x̂0; its noise stays the same")),
            Option("noise", tr("Noise"), "random", tr("Mark pixels whose noise is redrawn")),
            stretch=True,
        )
        self._lay_out()
        self._connect()
        self._on_tool(self._tools.tool)
        self._on_what()
        self._show_history()

    def _lay_out(self) -> None:
        self._buttons: dict[str, IconButton] = {}
        self._draw_row, self._mask_row = QWidget(), QWidget()
        group = QButtonGroup(self)
        for name in _TOOLS:
            tool = BY_NAME[name]
            tip = f"{tool.text} ({tool.key}): {tool.hint}"
            button = IconButton(f"see.branch.tool.{name}", name, tip, checkable=True)
            button.setAccessibleName(tool.text)
            button.clicked.connect(lambda _=False, name=name: self._tools.set_tool(name))
            group.addButton(button)
            self._buttons[name] = button
        hbox(*self._buttons.values(), on=self._draw_row, spacing=2)
        sizes = [
            Option(size, f"{size}×{size}", tip=tr("Mark {size}×{size} pixels at once", size=size))
            for size in (1, 3, 5)
        ]
        self._brush = Segmented("see.branch.brush", tr("Size of the brush"), *sizes)
        self._brush.set_value(3)
        self._invert = IconButton("see.branch.invert", "swap", tr("Invert the marks"))
        hbox(self._brush, self._invert, on=self._mask_row, spacing=2)
        self._undo = IconButton("see.branch.undo", "undo", tr("Undo (Ctrl+Z)"))
        self._redo = IconButton("see.branch.redo", "redo", tr("Redo (Ctrl+Y)"))
        tip = tr("Discard all drawing and marks")
        self._discard = IconButton("see.branch.discard", "clear", tip, do=self.discard)
        history = self._undo, self._redo, self._discard
        actions = hbox(self._draw_row, self._mask_row, ..., *history, spacing=2)
        self._colors = ColorPair(name="see.branch.colors")
        self._swatches = Swatches(name="see.branch.palette", columns=10)
        # A click leaves the focus on the canvas; Tab still reaches these.
        for part in (self._colors, self._swatches):
            part.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._palette_row = QWidget()
        colors = self._colors, 0, Qt.AlignmentFlag.AlignTop
        hbox(colors, (self._swatches, 1), on=self._palette_row)
        vbox(self._what, actions, self.canvas, self._palette_row, on=self)

    def _connect(self) -> None:
        canvas, tools = self.canvas, self._tools
        canvas.pressed.connect(self._on_pressed)
        for each in (tools, self._marks):  # one of them may have a stroke in progress
            canvas.moved.connect(each.move)
            canvas.released.connect(each.end)
            canvas.canceled.connect(each.cancel)
        canvas.typed.connect(self._on_typed)
        tools.tool_changed.connect(self._on_tool)
        tools.colors_changed.connect(self._on_colors)
        tools.preview_changed.connect(canvas.set_preview)
        self._swatches.chosen.connect(lambda i, which: tools.set_color(which, self._palette[i]))
        self._colors.activated.connect(self._mix)
        self._what.changed.connect(self._on_what)
        self._invert.clicked.connect(self._on_invert)
        self._undo.clicked.connect(self._project.history.undo)
        self._redo.clicked.connect(self._project.history.redo)
        self._project.cells_changed.connect(self._on_cell)
        self._project.grid_changed.connect(self._on_cell)
        self._project.history_changed.connect(self._show_history)

    # -- state ------------------------------------------------------------------------------------

    def load(self, rgba: NDArray[np.uint8], noisy: NDArray[np.uint8]) -> None:
        """Edit another sprite: the clean one, uint8 (H, W, 4), and the noisy one, (H, W, 3)."""
        self._noisy = np.concatenate([noisy, np.full((*noisy.shape[:2], 1), 255, np.uint8)], axis=2)
        self._loaded = Cell(np.ascontiguousarray(rgba).tobytes())
        self._own_palette = None
        self._project.load(CellSheet(1, 1, (self._loaded,)))
        if self.isVisible():
            self._show_palette()

    def showEvent(self, event: object) -> None:
        self._show_palette()

    @property
    def rgba(self) -> NDArray[np.uint8]:
        """The edited sprite, uint8 (H, W, 4)."""
        return self._project.cell(0).rgba

    @property
    def edited(self) -> NDArray[np.bool_]:
        """The changed pixels, bool (H, W)."""
        return np.asarray((self.rgba != self._loaded.rgba).any(axis=2))

    @property
    def redraw(self) -> NDArray[np.bool_]:
        """The pixels whose noise is redrawn, bool (H, W)."""
        return self._project.cell(0).keep

    @property
    def touched(self) -> bool:
        """Whether anything was drawn or marked."""
        return bool(self.edited.any() or self.redraw.any())

    def discard(self) -> None:
        self._project.load(CellSheet(1, 1, (self._loaded,)))

    def _show_palette(self) -> None:
        if self._own_palette is None:
            rgba = self._loaded.rgba
            opaque = np.unique(rgba[rgba[..., 3] > 0], axis=0)
            few = len(opaque) <= _OWN
            own = [tuple(int(v) for v in c) for c in opaque] if few else common_colors(rgba, _OWN)
            self._own_palette = tuple(own)  # type: ignore[arg-type]
            ours = DEFAULT_PALETTE[:: len(DEFAULT_PALETTE) // _OURS][:_OURS]
            self._palette = tuple(dict.fromkeys((*self._own_palette, *ours)))
            self._swatches.set_colors(self._palette)
            self._on_colors(*self._tools.colors)

    # -- strokes -------------------------------------------------------------------------

    def _on_pressed(
        self, x: int, y: int, button: Qt.MouseButton, held: Qt.KeyboardModifier
    ) -> None:
        if self._what.value == "x0":
            self._tools.begin(x, y, button, held)
        else:
            self._marks.options.replace(size=self._brush.value)
            self._marks.begin(x, y, button, Qt.KeyboardModifier.NoModifier)

    def _on_invert(self) -> None:
        redraw = redraw_masks.inverted(self._project.cell(0).redraw)
        marks = dict(enumerate(redraw.ravel().tolist()))
        self._marks.mask(marks, self._project.next_stroke())

    # -- display ----------------------------------------------------------------------------------

    def _on_cell(self, *_: object) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        on_noise = self._what.value == "noise"
        rgba = self._noisy if on_noise else self.rgba
        self.canvas.set_sprite(rgba, self._project.cell(0).redraw if on_noise else None)
        self._show_history()

    def _on_what(self, *_: object) -> None:
        on_noise = self._what.value == "noise"
        self._draw_row.setVisible(not on_noise)
        self._palette_row.setVisible(not on_noise)
        self._mask_row.setVisible(on_noise)
        self.on_noise.emit(on_noise)
        name = tr("Noise to redraw") if on_noise else tr("Predicted clean sprite")
        self.canvas.setAccessibleName(name)
        tip = tr("Left button: redraw the noise of these pixels. Right button: leave it.")
        self.canvas.setToolTip(tooltip(tip if on_noise else ""))
        self._show()

    def _on_tool(self, name: str) -> None:
        if name in self._buttons:
            self._buttons[name].setChecked(True)

    def _on_colors(self, first: Color, second: Color) -> None:
        self._colors.set_colors(first, second)
        self._swatches.set_used(first, second)

    def _mix(self, which: int) -> None:
        dialog = named(QColorDialog(self), "see.branch.mix")
        dialog.setWindowTitle(tr("Mix a color"))
        dialog.setCurrentColor(QColor(*self._tools.colors[which][:3]))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(
            lambda c: self._tools.set_color(which, (c.red(), c.green(), c.blue(), 255))
        )
        dialog.open()

    def _show_history(self) -> None:
        history = self._project.history
        nothing = tr("Nothing has been drawn or marked.")
        allow(self._undo, "" if history.can_undo else tr("Nothing to undo"))
        allow(self._redo, "" if history.can_redo else tr("Nothing to redo"))
        allow(self._discard, "" if self.touched else nothing)

    # -- keys ----------------------------------------------------------------------------

    def _on_typed(self, key: str) -> None:
        if self._what.value == "noise":
            return
        if key in ("Alt", ""):
            self._buttons["picker" if key else self._tools.tool].setChecked(True)
        elif key == "X":
            self._tools.swap_colors()
        for name in _TOOLS:
            if BY_NAME[name].key == key:
                self._tools.set_tool(name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QWheelEvent) and not event.modifiers() & CTRL:
            event.ignore()  # leaves it to the panel, which scrolls
            return True
        # While the canvas has the focus, undo applies to its strokes rather than to the project.
        kinds = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if watched is self.canvas and event.type() in kinds and isinstance(event, QKeyEvent):
            history = self._project.history
            step = history.undo if undoes(event) else history.redo if redoes(event) else None
            if step is not None:
                event.accept()
                if event.type() == QEvent.Type.KeyPress:
                    step()
                return True
        return super().eventFilter(watched, event)
