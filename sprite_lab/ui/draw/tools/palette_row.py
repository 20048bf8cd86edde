"""The two colors and the palette below the canvas."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QToolButton, QWidget

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.core.pixels.cells import Color
from sprite_lab.core.pixels.palette import MOST_COLORS
from sprite_lab.ui.draw.tools.palette_menu import PaletteMenu
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.widgets.canvas.palette_bar import ColorPair, Swatches, qcolor
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.words import tr


class PaletteRow(QWidget):
    """Shows and changes the tools' colors and the project's palette."""

    def __init__(self, editor: CellEditor) -> None:
        super().__init__()
        session = editor.session
        self._tools, self._editor, self._project = session.tools, editor, session.project
        self._pair = ColorPair(name="draw.colours")
        self._swatches = Swatches(name="draw.palette")
        self._swap = IconButton("draw.swap", "swap", tr("Swap the two colors (X)"))
        self._add = IconButton("draw.palette.add", "add", tr("Add the first color to the palette"))
        self._remove = IconButton(
            "draw.palette.remove", "remove", tr("Remove the selected color from the palette")
        )
        self._limit = IconButton(
            "draw.palette.limit",
            "palette-limit",
            tr("Limit to palette: paint with the nearest of these colors"),
        )
        self._limit.setAccessibleName(tr("Limit to palette"))
        self._limit.setCheckable(True)
        self._limit.clicked.connect(editor.limit_to_palette)
        more = IconButton("draw.palette.more", "more", tr("Open, save, extract and sort palettes"))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = PaletteMenu(session, editor, self)
        more.setMenu(self.menu)
        for part in (self._pair, self._swatches):
            # A click leaves the focus on the canvas; Tab still gets here.
            part.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = hbox(on=self)
        row.addWidget(self._pair, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._swap, 0, Qt.AlignmentFlag.AlignTop)
        column = vbox(self._swatches, ..., spacing=-1)
        row.addLayout(column, 1)
        buttons = self._add, self._remove, self._limit, more
        row.addLayout(Flow(None, *buttons, spacing=2, last_right=False))
        self._swap.clicked.connect(self._tools.swap_colors)
        self._add.clicked.connect(self._add_color)
        self._remove.clicked.connect(self._remove_color)
        self._pair.activated.connect(self._mix_used)
        self._swatches.chosen.connect(
            lambda index, which: self._tools.set_color(which, self._palette[index])
        )
        self._swatches.edit_asked.connect(self._mix_swatch)
        self._swatches.current_changed.connect(self._refresh)
        self._swatches.move_asked.connect(editor.move_color)
        self._tools.colors_changed.connect(self._on_colors)
        self._project.palette_changed.connect(self._on_palette)
        self._project.limit_changed.connect(self._limit.setChecked)
        self._on_colors(*self._tools.colors)
        self._on_palette(self._palette)
        self._limit.setChecked(self._project.limit_to_palette)

    @property
    def _palette(self) -> tuple[Color, ...]:
        return self._project.palette

    def _on_palette(self, palette: tuple[Color, ...]) -> None:
        self._swatches.set_colors(palette)
        self._refresh()

    def _on_colors(self, first: Color, second: Color) -> None:
        self._pair.set_colors(first, second)
        self._swatches.set_used(first, second)
        self._refresh()

    def _refresh(self, *_: object) -> None:
        first = self._tools.colors[0]
        reason = ""
        if first in self._palette:
            reason = tr("The first color is already in the palette")
        elif len(self._palette) >= MOST_COLORS:
            reason = tr("A palette has at most {most_colors} colors", most_colors=MOST_COLORS)
        allow(self._add, reason, tr("Add the first color to the palette"))
        reason = ""
        if len(self._palette) < 2:
            reason = tr("A palette has at least one color")
        elif self._swatches.current < 0:
            reason = tr("Select a color of the palette first")
        allow(self._remove, reason, tr("Remove the selected color from the palette"))

    def _add_color(self) -> None:
        self._editor.set_palette((*self._palette, self._tools.colors[0]), tr("Add color"))

    def _remove_color(self) -> None:
        index = self._swatches.current
        left = self._palette[:index] + self._palette[index + 1 :]
        self._editor.set_palette(left, tr("Remove color"))

    def _mix_used(self, which: int) -> None:
        def take(color: Color) -> None:
            self._tools.set_color(which, color)

        self._mix(self._tools.colors[which], take)

    def _mix_swatch(self, index: int) -> None:
        def take(color: Color) -> None:
            if index < len(self._palette):
                new = (*self._palette[:index], color, *self._palette[index + 1 :])
                self._editor.set_palette(new, tr("Mix color"))
            self._tools.set_color(0, color)

        self._mix(self._palette[index], take)

    def _mix(self, start: Color, take: Callable[[Color], None]) -> None:
        dialog = named(QColorDialog(self), "draw.mix")
        dialog.setWindowTitle(tr("Mix a color"))
        dialog.setOption(QColorDialog.ColorDialogOption.ShowAlphaChannel)
        # Start opaque: the empty color would open as invisible black, and stay invisible.
        opaque = QColor(qcolor(start))
        opaque.setAlpha(255 if start[3] == 0 else start[3])
        dialog.setCurrentColor(opaque)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(lambda c: take((c.red(), c.green(), c.blue(), c.alpha())))
        dialog.open()
