"""The page of terrains: two grounds, the sixteen tiles between them, and a map to try them on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QIcon,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QPushButton

from sprite_lab.app.draw.generate.generation import CellGeneration
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.draw.sets.terrain import draw_tiles, draws_ground
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import run_title
from sprite_lab.core.config.base import Setting
from sprite_lab.core.pixels.cell_sets import GROUND_STRENGTH, ground_strength
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.tile_sets import CODES, MAP_SIZE, WHOLE, GroundMap, join, tiles_between
from sprite_lab.ui.draw.generate.drawing_over import cells_to_draw
from sprite_lab.ui.draw.sets.page import SetPage, row_of
from sprite_lab.ui.layouts import as_widget, hbox
from sprite_lab.ui.shell.dialogs import ACCEPT, CANCEL, DISCARD, question
from sprite_lab.ui.theme import current_theme, theme_manager
from sprite_lab.ui.widgets.fields.buttons import gap_beside, push_button, set_primary
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import label_of
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.ui.widgets.keys import ARROWS, claims
from sprite_lab.ui.widgets.sprites.pixel_paint import checkerboard, fitting_scale, to_qimage
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.words import marked, tr

#: Size of the map, in tiles.
_ROWS, _COLUMNS = MAP_SIZE
#: Opacity of the lines between blank tiles, 0..255.
_LINE = 110
#: Approximate side of a ground's picture on its button, in logical pixels, with usual text.
_ICON = 20
#: Scale at which pixels of the map are easy to see.
_SEEN = 2

_HINT = tr(
    "Select each ground and describe it with a class and words, or draw it. Draw tiles makes the "
    "sixteen tiles, which you then paint with here. Grounds that you drew stay; Strength says how "
    "far they are redrawn where they meet."
)


#: Hint once the tiles are drawn.
_PAINT = tr("On the map, the left button paints the second ground, and the right one the first.")


def _show_ground(button: QPushButton, pixels: NDArray[np.uint8]) -> None:
    """Show a ground, uint8 (H, W, 4), on its button; it may still be blank.

    Each of its pixels takes a whole number of device pixels.
    """
    ratio, own = button.devicePixelRatioF(), len(pixels)
    side = own * max(1, round(_ICON * theme_manager().text_scale * ratio / own))
    shown = round(side / ratio)
    picture = QPixmap(side + round(gap_beside(shown) * ratio), side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.fillRect(0, 0, side, side, checkerboard(current_theme(), side // 8))
    painter.drawImage(0, 0, to_qimage(pixels).scaled(side, side))
    painter.setPen(QColor(current_theme().outline))
    # Otherwise a blank one would look like a missing icon.
    painter.drawRect(0, 0, side - 1, side - 1)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    button.setIcon(QIcon(picture))
    button.setIconSize(QSize(shown, shown))


class TerrainMap(SpriteView):
    """A map of tiles; painting sets the ground at their corners."""

    painted = Signal(int)  #: index of the stroke that changed ``ground``

    def __init__(self) -> None:
        super().__init__()
        self._tiles: NDArray[np.uint8] | None = None
        self._strokes = 0
        self.ground = GroundMap.first("").points
        self._cursor = (_ROWS // 2, _COLUMNS // 2)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_tiles(self, tiles: NDArray[np.uint8] | None) -> None:
        """Show uint8 (16, H, W, 4), in the order of CODES; None = no tiles."""
        self._tiles = tiles
        self._show()

    def set_ground(self, ground: NDArray[np.int64]) -> None:
        """Show a map without emitting a signal."""
        self.ground[:] = ground
        self._show()

    def fill(self, ground: NDArray[np.int64] | int) -> None:
        self.ground[:] = ground
        self._strokes += 1
        self._tell()

    def _tell(self) -> None:
        self._show()
        self.painted.emit(self._strokes)

    def _show(self) -> None:
        if self._tiles is None:
            self.set_image(None)
            return
        self.set_image(join(self._tiles[tiles_between(self.ground).ravel()], _COLUMNS))

    def _paint(self, row: int, column: int, ground: int) -> None:
        self._cursor = row, column
        if self.ground[row, column] != ground:
            self.ground[row, column] = ground
            self._tell()
        self.update()

    def _pitch(self) -> tuple[float, float, float]:
        """Left and top of the map, and the side of a tile, in logical pixels."""
        side = 1 if self._tiles is None else self._tiles.shape[1]
        width, height, ratio = _COLUMNS * side, _ROWS * side, self.devicePixelRatioF()
        scale = fitting_scale(self.width(), self.height(), width, height, ratio) / ratio
        left, top = (self.width() - width * scale) / 2, (self.height() - height * scale) / 2
        return left, top, side * scale

    def point_at(self, place: QPointF) -> tuple[int, int] | None:
        """Row and column of the corner nearest to a position in the widget; None = off the map."""
        left, top, tile = self._pitch()
        row, column = round((place.y() - top) / tile), round((place.x() - left) / tile)
        return (row, column) if 0 <= row <= _ROWS and 0 <= column <= _COLUMNS else None

    def place_of(self, row: int, column: int) -> QPointF:
        left, top, tile = self._pitch()
        return QPointF(left + column * tile, top + row * tile)

    def _on_mouse(self, event: QMouseEvent) -> None:
        held = event.buttons()
        if self._tiles is not None and held & (
            Qt.MouseButton.LeftButton | Qt.MouseButton.RightButton
        ):
            second = bool(held & Qt.MouseButton.LeftButton)
            if (point := self.point_at(event.position())) is not None:
                self._paint(*point, int(second))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._strokes += 1
        self._on_mouse(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._on_mouse(event)

    def event(self, event: QEvent) -> bool:
        # While the map has the focus, it takes keys that are otherwise shortcuts of Draw.
        ours = Qt.Key.Key_Space, Qt.Key.Key_Backspace, *ARROWS
        return claims(event, ours) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row, column = self._cursor
        if event.key() in ARROWS:
            right, down = ARROWS[Qt.Key(event.key())]
            self._cursor = min(max(row + down, 0), _ROWS), min(max(column + right, 0), _COLUMNS)
            self.update()
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Backspace) and self._tiles is not None:
            self._strokes += 1
            self._paint(row, column, int(event.key() == Qt.Key.Key_Space))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._tiles is None:
            return
        painter, theme = QPainter(self), current_theme()
        if not self._tiles[..., 3].any():  # otherwise it would not be recognizable as a map
            line = QColor(theme.text_dim)
            line.setAlpha(_LINE)
            painter.setPen(line)
            left, top, tile = self._pitch()
            for row, column in np.ndindex(_ROWS, _COLUMNS):
                painter.drawRect(QRectF(left + column * tile, top + row * tile, tile, tile))
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.focus), 2))
            middle = self.place_of(*self._cursor)
            painter.drawEllipse(QRectF(middle.x() - 5, middle.y() - 5, 10, 10))


class TerrainPage(SetPage):
    """Makes and draws terrains."""

    kind, parts, hint = marked("Terrain"), CODES, _HINT
    new_text, draw_text = tr("New terrain"), tr("Draw tiles")

    def __init__(self, lab: Lab, session: DrawSession, generation: CellGeneration) -> None:
        super().__init__(lab, session, generation)
        self.map = named(
            TerrainMap(),
            "draw.terrain.map",
            tr("Map of the tiles"),
            tr("Left button paints the second ground, right button the first"),
        )
        self.map.setAccessibleDescription(
            tr("Arrow keys move the cursor, Space paints the second ground, Backspace the first")
        )
        self.map.set_placeholder(
            tr("No terrain yet: New terrain makes one, of two selected drawings or of blank cells.")
        )
        self.setFocusProxy(self.map)
        self.map.painted.connect(self._on_painted)
        self._project.maps_changed.connect(self._refresh_if_seen)
        self._grounds = [
            push_button(
                f"draw.terrain.ground{i}",
                text,
                tip=tr(
                    "Select the cell of this ground ({button} paints it on the map): describe "
                    "it in the panel, or draw it on the canvas",
                    button=button,
                ),
            )
            for i, (text, button) in enumerate(
                ((tr("First ground"), tr("right button")), (tr("Second ground"), tr("left button")))
            )
        ]
        for which, button in enumerate(self._grounds):
            button.clicked.connect(lambda _=False, which=which: self._choose(which))
        theme_manager().changed.connect(self._refresh_if_seen)
        theme_manager().text_resized.connect(self._refresh_if_seen)
        canvas, clear, shuffle = (
            push_button(f"draw.terrain.{name}", text, icon, tip)
            for name, text, icon, tip in (
                ("canvas", tr("Go to canvas"), "draw", tr("Draw in the selected cell")),
                ("clear", tr("Clear map"), "clear", tr("Fill the map with the first ground")),
                (
                    "random",
                    tr("Random map"),
                    "random",
                    tr("Patches of both grounds, using every tile"),
                ),
            )
        )
        canvas.clicked.connect(self.back_wanted)
        clear.clicked.connect(lambda: self.map.fill(0))
        shuffle.clicked.connect(self._shuffle)
        self._canvas, self._on_map = canvas, (clear, shuffle)
        self._foot = (*self._on_map, *self._foot)
        known = Setting(
            tr("Strength"),
            tip=tr(
                "How far both drawings are noised where they meet: low leaves a straight edge, "
                "high lets the model draw something between them"
            ),
            low=1,
            high=100,
            unit="%",
        )
        self._strength = NumberField(
            known, round(100 * GROUND_STRENGTH), name="draw.terrain.strength"
        )
        self._strength.changed.connect(self._on_strength)
        label = label_of(known.label, self._strength)
        self._strength_row = as_widget(hbox(label, self._strength))
        self._lay_out(row_of(*self._grounds, canvas, self._strength_row), (self.map, 1))
        theme_manager().on_text(self._show_icons)

    @Slot()
    def _show_icons(self) -> None:
        """Leave out icons with large text, so that rows of buttons leave room for the map."""
        for button in (self._canvas, *self._on_map, self._export, self._draw):
            button.set_icons(not theme_manager().text_is_large)

    def like(self) -> Mapping[str, Cell]:
        """The two selected drawings as the grounds of a new terrain; {} = no two are selected."""
        cells = [self._project.cell(i) for i in self._session.chosen]
        if len(cells) != 2 or any(cell.is_blank or cell.part for cell in cells):
            return {}
        grounds = zip(WHOLE, cells, strict=True)
        return {CODES[which]: replace(cell, tags=()) for which, cell in grounds}

    def _choose(self, which: int) -> None:
        if self.cells:
            self._session.choose_wanted.emit((self.cells[WHOLE[which]],))

    def _on_strength(self, percent: float) -> None:
        cells = {i: self._project.cell(i).asking(strength=percent / 100) for i in self._whole}
        self._project.put(cells, tr("Set strength"), ("terrain strength", self._name))

    def _shuffle(self) -> None:
        shape = self.map.ground.shape
        self.map.fill(np.random.default_rng().integers(0, 2, shape))

    def _on_painted(self, stroke: int) -> None:
        """Store the map in the project; each stroke is one step of undo."""
        if self.cells:
            ground = GroundMap.of(self._name, self.map.ground)
            sheet = self._project.snapshot().with_map(ground)
            self._project.push(sheet, tr("Paint map"), ("map", self._name, stroke))
            self._show_map()

    def _show_map(self) -> None:
        name = self._name if self.cells else ""
        self.map.set_ground(self._project.map_of(name).points)

    def draw(self) -> None:
        between = [cell for i, cell in enumerate(self.cells) if i not in WHOLE]
        allowed = cells_to_draw(self, self._generation, between, of_set={})
        if allowed is not None and self._may_make_up():
            self.setFocus()  # the button is about to be grayed out
            draw_tiles(self._generation, self.cells)

    @property
    def _whole(self) -> tuple[int, ...]:
        """The cells of the whole tiles, one for each ground; () = no terrain."""
        return tuple(self.cells[i] for i in WHOLE if self.cells)

    @property
    def _stranger(self) -> str:
        """The title of the open model if it would draw grounds that it never learned, or ""."""
        model = self._lab.model.value
        blank = all(self._project.cell(i).is_blank for i in self._whole)
        stranger = model is not None and blank and not draws_ground(model)
        return run_title(model.title) if model is not None and stranger else ""

    def _may_make_up(self) -> bool:
        """Whether to draw; asks before a model that never learned grounds draws them from noise."""
        if not (model := self._stranger) or self._generation.running or self._session.problem:
            return True
        answer = question(
            self.window(),
            tr("Draw tiles without grounds to start from?"),
            tr(
                "“{model}” was never trained on grounds, so blank ones become noise: draw "
                "both on the canvas first, however roughly, or tune a model on the set “Grounds”.",
                model=model,
            ),
            [
                ("canvas", tr("Draw the grounds"), ACCEPT),
                ("noise", tr("Draw anyway"), DISCARD),
                ("cancel", tr("Cancel"), CANCEL),
            ],
            name="draw.no_ground",
        )
        if answer == "canvas":
            self._choose(0)
            self.back_wanted.emit()
        return answer == "noise"

    def _hint_for(self, stranger: str) -> str:
        """What to do; ``stranger``: title of the open model if it never learned grounds, or ""."""
        if not stranger:
            return _HINT
        return tr(
            "“{model}” was never trained on grounds: select each and draw it on the canvas, "
            "however roughly. Draw tiles makes the sixteen tiles from them, which you then "
            "paint with here.",
            model=stranger,
        )

    def _height_of(self, text: str) -> int:
        """Height of the hint with this text, in logical pixels."""
        room, wrap = QRect(0, 0, self._hint.width(), 10_000), Qt.TextFlag.TextWordWrap
        return self._hint.fontMetrics().boundingRect(room, wrap, text).height()

    def _keep_room(self) -> None:
        """Reserve room for the longest hint, so that buttons do not move.

        It is less if the map would otherwise get too small.
        """
        model, layout = self._lab.model.value, self.layout()
        assert layout is not None, "it was laid out"
        hints = (_HINT, _PAINT, self._hint_for("" if model is None else run_title(model.title)))
        self._hint.setMinimumHeight(0)
        spare = self.height() - layout.totalMinimumHeightForWidth(self.width())
        spare -= _SEEN * _ROWS * self._project.side - self.map.minimumHeight()
        own = self._height_of(self._hint.text())
        self._hint.setMinimumHeight(min(max(map(self._height_of, hints)), own + max(0, spare)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        super().refresh()
        pictures = self.pictures() if self.cells else None
        self.map.set_tiles(pictures)
        self._show_map()
        done = pictures is not None and bool(pictures[..., 3].any(axis=(1, 2)).all())
        self._hint.setText(_PAINT if done else self._hint_for(self._stranger))
        grounds = [self._project.cell(i) for i in self._whole]
        drawn = bool(grounds) and not any(ground.is_blank for ground in grounds)
        by_hand = bool(grounds) and bool(self._stranger)
        set_primary(self._canvas, by_hand)  # the user's next step
        set_primary(self._draw, bool(grounds) and not (by_hand or done))
        set_primary(self._export, done)
        self._strength.explain("" if drawn else tr("Draw both grounds first: it starts from them."))
        if grounds:
            with QSignalBlocker(self._strength):
                self._strength.set_value(round(100 * ground_strength(grounds)))
        self._strength_row.setVisible(drawn)
        self._keep_room()
        none = "" if pictures is not None else tr("There is no terrain yet.")
        for button in self._grounds:
            allow(button, none)
        blank = pictures is None or not pictures[..., 3].any()
        for button in (*self._on_map, self._export):
            allow(button, none or (tr("Nothing is drawn yet.") if blank else ""))
        side = self._project.side
        blank_tile = np.zeros((side, side, 4), np.uint8)
        for button, which in zip(self._grounds, WHOLE, strict=True):
            # Even without a terrain, so that the buttons do not move.
            _show_ground(button, blank_tile if pictures is None else pictures[which])
