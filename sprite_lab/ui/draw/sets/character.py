"""The page of characters: four directions with four frames each, and a walk with the arrow keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.app.draw.generate.generation import CellGeneration
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.draw.sets.character import CharacterDrawing, turns_characters
from sprite_lab.app.lab import Lab
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.characters import DIRECTIONS, FRAMES, LEADER, PARTS
from sprite_lab.core.pixels.faces import eyes_of
from sprite_lab.ui.draw.generate.drawing_over import cells_to_draw
from sprite_lab.ui.draw.sets.page import SetPage
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import current_theme
from sprite_lab.ui.widgets.fields.buttons import push_button, set_primary
from sprite_lab.ui.widgets.fields.calm import allow, named, why_not_allowed
from sprite_lab.ui.widgets.sprites.pixel_paint import DevicePainter, checkerboard, to_qimage
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import marked, tr, trc

#: What to do, before and after there are all directions; the help says more.
_HINT = tr(
    "Draw the character facing you in its first cell, or leave it blank for a hero. Draw "
    "directions makes its back and sides."
)
_TURNED = tr(
    "Draw steps animates the walk. Retouch any cell (one side mirrors the other, unless you draw "
    "both), or press Draw directions for another try."
)

_EYELESS = tr(
    "No eyes are found in the drawing, so a side may have none either. Eyes are two dark pixels of "
    "one color, beside each other in a lighter face that looks at you."
)

_TURN_TIP = tr("The back and the side of the drawing; of a hero, if there is no drawing")

_KEYS = {
    Qt.Key.Key_Down: ("down", 0, 1),
    Qt.Key.Key_Left: ("left", -1, 0),
    Qt.Key.Key_Right: ("right", 1, 0),
    Qt.Key.Key_Up: ("up", 0, -1),
}


#: The walk: milliseconds per tick, sprite pixels per tick.
_TICK, _SPEED = 40, 1
#: How many times the character fits across the ground it walks on.
_ROOM = 2


#: What people read of the directions and of the frames.
_DIRECTIONS = {
    "down": trc("direction", "Down"),
    "left": trc("direction", "Left"),
    "right": trc("direction", "Right"),
    "up": trc("direction", "Up"),
}
_FRAMES = (tr("Stand"), tr("Step 1"), tr("Stand"), tr("Step 2"))


def part_name(part: str) -> str:
    """A part of a character, such as "Left, step 1"."""
    direction, _, frame = part.partition(" ")
    return f"{_DIRECTIONS[direction]} ({_FRAMES[int(frame)]})"


class WalkView(QWidget):
    """A character that walks while an arrow key is held."""

    def __init__(self) -> None:
        super().__init__()
        self._pictures: Mapping[str, NDArray[np.uint8]] = {}
        self._durations: Mapping[str, int] = {}
        self.direction, self.frame = DIRECTIONS[0], 0
        self._at = QPointF(0.5, 0.5)  # shares of the available room
        self._shown_for = 0
        self._held: list[Qt.Key] = []
        self._timer = QTimer(self, interval=_TICK)
        self._timer.timeout.connect(self._tick)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 96)

    def sizeHint(self) -> QSize:
        return QSize(280, 280)

    def set_cells(self, cells: Mapping[str, Cell], pictures: NDArray[np.uint8] | None) -> None:
        """Show a character: its cells by part, and their pixels, uint8 (16, H, W, 4)."""
        shown = () if pictures is None else pictures
        self._pictures = dict(zip(cells, shown, strict=True))
        self._durations = {part: cell.duration_ms for part, cell in cells.items()}
        self.update()

    @property
    def ground(self) -> QRectF:
        """The area where the character walks, in logical pixels: no higher than wide."""
        height = min(self.height(), self.width())
        return QRectF(0, (self.height() - height) / 2, self.width(), height)

    @property
    def _side(self) -> int:
        """Size of the character, in its pixels."""
        return len(next(iter(self._pictures.values()), range(16)))

    @property
    def _scale(self) -> int:
        """Device pixels for each pixel of the character."""
        room = min(self.ground.width(), self.ground.height()) * self.devicePixelRatioF()
        return max(1, int(room / (_ROOM * self._side)))

    def _tick(self) -> None:
        direction, across, down = _KEYS[self._held[-1]]
        if direction != self.direction:
            self.direction, self.frame, self._shown_for = direction, 0, 0
        self._shown_for += _TICK
        if self._shown_for >= self._durations.get(f"{direction} {self.frame}", 120):
            self.frame, self._shown_for = self._following(), 0
        ground, pace = self.ground, _SPEED * self._scale / self.devicePixelRatioF()
        x = self._at.x() + across * pace / max(1.0, ground.width())
        y = self._at.y() + down * pace / max(1.0, ground.height())
        self._at = QPointF(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))
        self.update()

    def _following(self) -> int:
        """The next frame of the direction that is not blank."""
        for k in range(1, FRAMES):
            frame = (self.frame + k) % FRAMES
            picture = self._pictures.get(f"{self.direction} {frame}")
            if picture is not None and picture[..., 3].any():
                return frame
        return self.frame

    def event(self, event: QEvent) -> bool:
        # Elsewhere in Draw, arrow keys are shortcuts, with or without modifiers.
        arrow = isinstance(event, QKeyEvent) and event.key() in _KEYS
        if event.type() == QEvent.Type.ShortcutOverride and arrow:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in _KEYS:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self._held.append(Qt.Key(event.key()))
            self._timer.start()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() not in _KEYS:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self._held = [key for key in self._held if key != event.key()]
            if not self._held:
                self._stand()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._held = []
        self._stand()
        super().focusOutEvent(event)

    def _stand(self) -> None:
        self._timer.stop()
        self.frame = 0
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = current_theme()
        ground, scale = self.ground, self._scale
        painter.fillRect(
            ground, checkerboard(theme, 4 * max(1, round(scale / self.devicePixelRatioF())))
        )
        if self.hasFocus():
            painter.setPen(theme.focus)
            painter.drawRect(ground.adjusted(0, 0, -1, -1))
        picture = self._pictures.get(f"{self.direction} {self.frame}")
        if picture is None:
            return
        device = DevicePainter(painter)
        side = len(picture) * scale / device.ratio
        corner = ground.topLeft() + QPointF(
            self._at.x() * (ground.width() - side), self._at.y() * (ground.height() - side)
        )
        device.draw(to_qimage(picture), *device.to_device(corner), scale)


class CharacterPage(SetPage):
    """Makes and draws characters."""

    kind, parts, hint = marked("Character"), PARTS, _HINT
    new_text, draw_text = tr("New character"), tr("Draw steps")

    def __init__(self, lab: Lab, session: DrawSession, generation: CellGeneration) -> None:
        super().__init__(lab, session, generation)
        self._drawing = CharacterDrawing(generation)
        self.walk = named(WalkView(), "draw.character.walk", tr("The walking character"))
        self.walk.setAccessibleDescription(tr("Hold an arrow key to walk"))
        self.walk.setToolTip(tooltip(tr("Click here, and hold an arrow key to walk")))
        self.sheet = named(
            SpriteGrid(gap=4),
            "draw.character.sheet",
            tr("Directions down, left, right, up"),
            tr("Click a cell to select it, double-click to draw in it"),
        )
        self.sheet.set_columns(FRAMES)
        self.sheet.set_placeholder(
            tr("No character yet: New character starts from the drawing in the selected cell.")
        )
        self.sheet.clicked.connect(lambda i: session.choose_wanted.emit((self.cells[i],)))
        self.sheet.double_clicked.connect(lambda _index: self.back_wanted.emit())
        self._turn = push_button(
            "draw.character.turn", tr("Draw directions"), "generate", _TURN_TIP
        )
        self._turn.clicked.connect(self._turn_around)
        self._foot = (self._export, self._turn, self._draw)
        self._lay_out((hbox((self.sheet, 1), (self.walk, 1)), 1))

    @property
    def _places(self) -> dict[str, int]:
        return dict(zip(PARTS, self.cells, strict=True))

    def like(self) -> Mapping[str, Cell]:
        cell = self._project.cell(self._session.first)
        # Its tags are those of other frames; a character's are its directions.
        return {} if cell.part else {LEADER: replace(cell, tags=())}

    @property
    def problem(self) -> str:
        # They are drawn by their own models, whichever is open.
        there = self._lab.model.value is not None
        return "" if there and turns_characters(self._project.side) else super().problem

    def _turn_around(self) -> None:
        kept = self._kept("up 0", "right 0", "left 0")
        if kept is not None:
            self.setFocus()  # the button is about to be grayed out
            self._drawing.turn(self._places, kept)

    def draw(self) -> None:
        kept = self._kept(*(part for part in PARTS if not part.endswith(" 0")))
        if kept is not None:
            self.setFocus()
            self._drawing.walk(self._places, kept)

    def _kept(self, *parts: str) -> frozenset[str] | None:
        """Those of the parts that are to stay, as a person drew them; None = draw nothing."""
        places = {part: self._places[part] for part in parts}
        names = {index: part_name(part) for part, index in places.items()}
        allowed = cells_to_draw(
            self, self._generation, [*names], of_set=names, problem=self.problem
        )
        if allowed is None:
            return None
        return frozenset(part for part, index in places.items() if index not in allowed)

    def _is_eyeless(self, cells: Sequence[Cell]) -> bool:
        """Whether the turner will draw a side that has no eye to copy."""
        drawn = bool(cells) and not cells[0].is_blank and turns_characters(cells[0].side)
        return drawn and not eyes_of(cells[0].rgba).any()

    def refresh(self) -> None:
        super().refresh()
        allow(self._turn, why_not_allowed(self._draw), _TURN_TIP)
        pictures = self.pictures() if self.cells else None
        self.sheet.set_sprites(pictures, PARTS)
        cells = [self._project.cell(i) for i in self.cells]
        turned = bool(cells) and not any(cell.is_blank for cell in cells[::FRAMES])
        hint = _TURNED if turned else self.hint
        self._hint.setText(_EYELESS if self._is_eyeless(cells) else hint)
        set_primary(self._turn, bool(cells) and not turned)
        set_primary(self._draw, turned)
        self.walk.setVisible(bool(cells))
        self.setFocusProxy(self.walk if cells else self.sheet)
        self.walk.set_cells(dict(zip(PARTS, cells, strict=False)), pictures)
