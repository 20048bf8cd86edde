"""The two colors and the palette below the canvas."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QColorDialog, QMenu, QWidget

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.files import picture_tasks
from sprite_lab.core.pixels.cells import Color
from sprite_lab.core.pixels.palette import MOST_COLORS, NamedPalette
from sprite_lab.core.pixels.palette_order import Order
from sprite_lab.ui.draw.files import PICTURES, patterns
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.shell.dialogs import ask_open, ask_save
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.widgets.canvas.palette_bar import ColorPair, Swatches
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.words import tr, trc, trn

_EVERY = (*picture_tasks.PALETTE_SUFFIXES, *picture_tasks.ASEPRITE_SUFFIXES, ".png", ".gif")
_OPEN = tr("Palettes ({patterns})", patterns=patterns(_EVERY))
_SAVE = ";;".join(
    f"{what} (*{suffix})"
    for what, suffix in zip(
        (tr("GIMP palette"), tr("JASC palette"), tr("List of colors"), tr("Adobe color table")),
        picture_tasks.PALETTE_SUFFIXES,
        strict=True,
    )
)

#: Numbers of colors to take from a data set.
COUNTS = (8, 16, 24, 32, 48, 64)

_ORDERS: tuple[tuple[Order, str], ...] = (
    ("lightness", tr("By lightness")),
    ("hue", tr("By hue")),
    ("ramps", tr("In ramps")),
)

#: The icon of a palette: colors per side, and pixels per side of each color.
_SAMPLE, _TILE = 4, 16


class PaletteMenu(QMenu):
    """Opens, saves and sorts the palette of the project, or takes it from elsewhere."""

    def __init__(self, session: DrawSession, editor: CellEditor, window: QWidget) -> None:
        super().__init__(tr("Palette"), window)
        self.setObjectName("draw.palette.menu")
        self.setToolTipsVisible(True)
        self._context, self._project = session.context, session.project
        self._editor, self._window = editor, window
        self._put("open", tr("Open palette…"), self.ask_open)
        self._put("save", tr("Save palette…"), self.ask_save)
        self._bundled = self.addMenu(tr("Built-in palettes"))
        self._bundled.setObjectName("draw.palette.bundled")
        self._bundled.aboutToShow.connect(self._fill_bundled)
        self.addSeparator()
        self._put("picture", tr("From picture…"), self._ask_picture)
        self._put("cell", tr("From the current cell"), editor.palette_from_cell)
        self._put("cells", tr("From all cells"), editor.palette_from_cells)
        self._from_data = named(self.addMenu(tr("From the data set")), "draw.palette.data")
        for count in COUNTS:
            take = partial(editor.palette_from_data, count)
            self._put(f"data.{count}", tr("{count} colors", count=count), take, self._from_data)
        self.addSeparator()
        sort = named(self.addMenu(tr("Sort")), "draw.palette.sort")
        for order, text in _ORDERS:
            self._put(f"sort.{order}", text, partial(editor.sort_palette, order), sort)
        self._put("reverse", trc("palette", "Reverse"), editor.reverse_palette, sort)
        tip = tr("Shading goes to the neighboring color, so you lay out the ramps yourself")
        ordered = self.addAction(tr("Shade in palette order"))
        named(ordered, "draw.palette.in_order", tip=tip).setCheckable(True)
        ordered.toggled.connect(lambda on: session.tools.options.replace(in_order=on))
        self._put("to_palette", tr("Match selected cells to palette"), editor.to_palette)
        self.addSeparator()
        self._put("hues", tr("Variants in other hues"), editor.hue_variants)
        self._put("swaps", tr("Variants in every palette"), self._swap)
        self.aboutToShow.connect(self._refresh)

    def _put(
        self, name: str, text: str, slot: Callable[[], object], menu: QMenu | None = None
    ) -> None:
        action = named((menu or self).addAction(text), f"draw.palette.{name}")
        action.triggered.connect(lambda _checked=False: slot())

    def _refresh(self) -> None:
        why = tr("Open a data set first.") if self._context.data.value is None else ""
        self._from_data.setEnabled(not why)
        self._from_data.menuAction().setToolTip(tooltip(why))

    # -- bundled ---------------------------------------------------------------------------------

    def _fill_bundled(self) -> None:
        if self._bundled.actions():
            return
        for number, palette in enumerate(picture_tasks.bundled_palettes()):
            action = self._bundled.addAction(_sample(palette), palette.name)
            action.setObjectName(f"draw.palette.bundled.{number}")
            action.triggered.connect(lambda _checked=False, palette=palette: self._take(palette))

    def _swap(self) -> None:
        own = NamedPalette(tr("project palette"), self._project.palette)
        self._editor.palette_variants((own, *picture_tasks.bundled_palettes()))

    def _take(self, palette: NamedPalette) -> None:
        self._editor.set_palette(palette.colors, tr("Palette “{name}”", name=palette.name))

    # -- files -----------------------------------------------------------------------------------

    def ask_open(self) -> None:
        path = ask_open(self._window, self._context.settings, tr("Open palette"), _OPEN)
        if path is not None:
            self.open(path)

    def _ask_picture(self) -> None:
        path = ask_open(self._window, self._context.settings, tr("Palette from picture"), PICTURES)
        if path is not None:
            self.open(path, colors_of_picture=True)

    def open(self, path: Path, *, colors_of_picture: bool = False) -> None:
        """Take the palette of a file, or the colors of a picture."""
        task = picture_tasks.load_palette(path, colors_of_picture=colors_of_picture)

        def take(palette: NamedPalette) -> None:
            self._take(palette)
            count = len(palette.colors)
            self._context.notice.emit(
                trn(
                    "The palette now has {n} color of “{name}”.",
                    "The palette now has {n} colors of “{name}”.",
                    count,
                    name=path.name,
                )
            )

        self._context.do(task, self, name=tr("Reading {name}", name=path.name), then=take)

    def ask_save(self) -> None:
        """Ask for a path, and save the palette in the format of its suffix."""
        project = self._project
        path = ask_save(
            self._window,
            self._context.settings,
            tr("Save palette"),
            f"{project.exported_as}.gpl",
            _SAVE,
            export=True,
        )
        if path is None:
            return

        def notify(lost: str) -> None:
            self._context.notice.emit(tr("Saved {name}. {lost}", name=path.name, lost=lost).strip())

        task = picture_tasks.save_palette(path, NamedPalette(path.stem, project.palette))
        self._context.do(task, self, name=tr("Saving {name}", name=path.name), then=notify)


def _sample(palette: NamedPalette) -> QIcon:
    picture = QPixmap(_SAMPLE * _TILE, _SAMPLE * _TILE)
    colors, painter = palette.colors, QPainter(picture)
    for place in range(_SAMPLE * _SAMPLE):
        row, column = divmod(place, _SAMPLE)
        color = colors[place * len(colors) // _SAMPLE**2]
        painter.fillRect(column * _TILE, row * _TILE, _TILE, _TILE, QColor(*color))
    painter.end()
    return QIcon(picture)


class PaletteRow(QWidget):
    """Shows and changes the tools' colors and the project's palette."""

    def __init__(self, editor: CellEditor) -> None:
        super().__init__()
        session = editor.session
        self._tools, self._editor, self._project = session.tools, editor, session.project
        self._pair = ColorPair(name="draw.colors")
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
            checkable=True,
        )
        self._limit.setAccessibleName(tr("Limit to palette"))
        self._limit.clicked.connect(editor.limit_to_palette)
        more = IconButton("draw.palette.more", "more", tr("Open, save, extract and sort palettes"))
        self.menu = PaletteMenu(session, editor, self)
        more.setMenu(self.menu)
        for part in (self._pair, self._swatches):
            # A click leaves the focus on the canvas; Tab can still reach it.
            part.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        buttons = self._add, self._remove, self._limit, more
        column, top = vbox(self._swatches, ..., spacing=-1), Qt.AlignmentFlag.AlignTop
        flow = Flow(None, *buttons, spacing=2, last_right=False)
        hbox((self._pair, 0, top), (self._swap, 0, top), (column, 1), flow, on=self)
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
        self._mix(self._tools.colors[which], partial(self._tools.set_color, which))

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
        # Start opaque: the empty color would open as transparent black, and stay transparent.
        opaque = QColor(*start)
        opaque.setAlpha(255 if start[3] == 0 else start[3])
        dialog.setCurrentColor(opaque)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(lambda c: take((c.red(), c.green(), c.blue(), c.alpha())))
        dialog.open()
