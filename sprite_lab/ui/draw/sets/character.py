"""The page of characters: four directions of four frames each, and a walk with the arrow keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent

from sprite_lab.app.draw.editor import no_sprites_because, taken
from sprite_lab.app.draw.generate.batch_drawing import BatchDrawing
from sprite_lab.app.draw.generate.generation import CellGeneration
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.draw.sets.character import CharacterDrawing, turns_characters
from sprite_lab.app.lab import Lab
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.characters import FRAMES, LEADER, PARTS, STANDING
from sprite_lab.core.pixels.faces import Rgba, eyes_of
from sprite_lab.core.pixels.walks import legs_of, stepped
from sprite_lab.ui.draw.generate.drawing_over import cells_to_draw
from sprite_lab.ui.draw.sets.fronts import FrontsDialog
from sprite_lab.ui.draw.sets.gallery import Gallery, Row
from sprite_lab.ui.draw.sets.page import SetPage
from sprite_lab.ui.draw.sets.walk_view import WalkView
from sprite_lab.ui.layouts import as_widget, hbox, vbox
from sprite_lab.ui.theme import current_theme
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button, set_primary
from sprite_lab.ui.widgets.fields.calm import allow, named, why_not_allowed
from sprite_lab.ui.widgets.fields.inspector import ScrollsDown, dim_label
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import marked, number_text, tr, trc

#: Hints, one for each stage of the work. The help says more.
_HINT = tr(
    "Draw the character facing you in its first cell, or leave it blank for a hero. Draw "
    "directions makes its back and sides."
)
_TURNED = tr(
    "Click the drawings you like best, and retouch any cell (one side mirrors the other, unless "
    "you draw both)."
)
_SINGLE = tr(
    "Retouch any cell (one side mirrors the other, unless you draw both), then press Draw steps."
)
_WALKS = tr("All is drawn. Click other drawings, or retouch any cell and press Draw steps again.")

_EYELESS = tr(
    "No eyes are found in the drawing, so a side may have none either. Eyes are two dark pixels of "
    "one color, beside each other in a lighter face that looks at you."
)

_FROM_TIP = tr("Choose some of your sprites, or of those that you keep: each becomes a character")

#: Maximum number of sprites of a set to choose from.
_MOST_OFFERED = 2_000

_TURN_TIP = tr("The back and the side of the drawing; of a hero, if there is no drawing")

#: Display names of directions and of frames.
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


def _walking(direction: str, view: Rgba, fronts: Mapping[str, Rgba]) -> list[Rgba]:
    """The four frames of a walk: the standing ``view``, with provisional steps made from it."""
    legs = legs_of(fronts[LEADER])
    first, second = (stepped(f"{direction} {k}", view, legs) for k in (1, 3))
    return [view, first, view, second]


class CharacterSheet(SpriteGrid):
    """The cells of a character, outlined, with names of rows and columns."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        metrics = self.fontMetrics()
        wide = max(map(metrics.horizontalAdvance, _DIRECTIONS.values()))
        self._edge = QSize(wide + 6, metrics.height() + 4)
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.count:
            return
        painter, theme = QPainter(self), current_theme()
        rects = self.cell_rects(range(self.count))
        painter.setPen(QColor(theme.outline))
        for rect in rects:
            painter.drawRect(rect.adjusted(-1, -1, 0, 0))
        painter.setPen(QColor(theme.text_dim))
        center = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip
        beside = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        fits = max(map(self.fontMetrics().horizontalAdvance, _FRAMES)) <= rects[0].width()
        for k, (rect, name) in enumerate(zip(rects, _FRAMES, strict=False), 1):
            above = QRectF(rect.left(), rect.top() - self._edge.height(), rect.width(), 0)
            above.setHeight(self._edge.height() - 2)
            painter.drawText(above, int(center), name if fits else number_text(k))
        for rect, name in zip(rects[::FRAMES], _DIRECTIONS.values(), strict=True):
            left = QRectF(0, rect.top(), rect.left() - 6, rect.height())
            painter.drawText(left, int(beside), name)


#: Height of a row of tries with its name, in logical pixels.
_ONE_ROW = 96


class CharacterPage(SetPage):
    """Makes and draws characters."""

    kind, parts, hint = marked("Character"), PARTS, _HINT
    new_text, draw_text = tr("New character"), tr("Draw steps")

    def __init__(
        self, lab: Lab, session: DrawSession, generation: CellGeneration, batches: BatchDrawing
    ) -> None:
        super().__init__(lab, session, generation)
        self._batches = batches
        fronts = push_button("draw.character.from", tr("From sprites…"), tip=_FROM_TIP)
        fronts.clicked.connect(self._choose_fronts)
        self._starts = (self._new, fronts)
        self._drawing = CharacterDrawing(generation)
        self._drawing.held.came_back.connect(self._refresh_if_seen)
        self._was_turned = False
        tip = tr("Click here, and hold an arrow key to walk")
        self.walk = named(WalkView(), "draw.character.walk", tr("The walking character"), tip)
        self.walk.setAccessibleDescription(tr("Hold an arrow key to walk"))
        self._play = IconButton("draw.character.play", "play", tr("Let it walk by itself, or stop"))
        self._play.clicked.connect(lambda: self.walk.set_playing(not self.walk.playing))
        self.walk.playing_changed.connect(
            lambda playing: self._play.set_icon("pause" if playing else "play")
        )
        walk_label = dim_label(tr("Walk: arrow keys"))
        self.sheet = named(
            CharacterSheet(gap=4, centered=False),
            "draw.character.sheet",
            tr("Directions down, left, right, up"),
            tr("Click a cell to select it, double-click to draw in it"),
        )
        self.sheet.set_columns(FRAMES)
        self.sheet.set_placeholder(
            tr(
                "No character yet: New character starts from the drawing in the selected cell, and "
                "From sprites… from those that you choose."
            )
        )
        self.sheet.clicked.connect(lambda i: session.choose_wanted.emit((self.cells[i],)))
        self.sheet.double_clicked.connect(lambda _index: self.back_wanted.emit())
        self._turn = push_button(
            "draw.character.turn", tr("Draw directions"), "generate", _TURN_TIP
        )
        self._turn.clicked.connect(self._turn_around)
        self._foot = (self._turn, self._draw, self._export)
        self.gallery = Gallery("draw.character.tries")
        self.gallery.chosen.connect(self._take)
        tries_label = dim_label(tr("The best first: click one"))
        scroll = ScrollsDown(self.gallery)
        scroll.setMinimumHeight(_ONE_ROW)
        self._tries = as_widget(vbox(tries_label, (scroll, 1), spacing=4))
        walking = as_widget(vbox(hbox(self._play, (walk_label, 1)), (self.walk, 1), spacing=4))
        self._walking = walking
        self._lay_out((hbox((self.sheet, 2), (walking, 1)), 3), (self._tries, 2))

    @property
    def _places(self) -> dict[str, int]:
        return dict(zip(PARTS, self.cells, strict=True))

    def like(self) -> Mapping[str, Cell]:
        cell = self._project.cell(self._session.first)
        # Drop the cell's tags: in a character, tags are directions.
        return {} if cell.part else {LEADER: replace(cell, tags=())}

    def _choose_fronts(self) -> None:
        selected = [self._project.cell(i) for i in self._session.chosen]
        offered = {"kept": self._kept_ones, "own": self._own_sprites}
        dialog = FrontsDialog(self, offered, selected)
        if dialog.exec():
            self.add_sets({LEADER: replace(cell, tags=())} for cell in dialog.chosen)

    def _kept_ones(self) -> Sequence[Cell] | str:
        """Drawings of the project that belong to no set, and kept variations."""
        batch, side = self._batches.batch, self._project.side
        kept = [batch.cells[i] for i in sorted(self._batches.kept)] if batch else []
        cells = [
            *(c for c in self._project.cells if not (c.is_blank or c.part or c.name_is_taken)),
            *(c for c in kept if c.side == side),
        ]
        return cells or tr("Nothing is drawn or kept yet.")

    def _own_sprites(self) -> Sequence[Cell] | str:
        """The sprites of the user's set, or why there are none."""
        own = self._lab.own_set
        if own is None:
            return tr("Import your sprites first: they are the data set then.")
        conditions = self._project.cell(self._session.current).conditions
        rows = range(min(len(own), _MOST_OFFERED))
        problem = no_sprites_because(own, self._project.side)
        return problem or [taken(own, row, conditions) for row in rows]

    @property
    def problem(self) -> str:
        # Characters are drawn by models of their own, whichever model is open.
        there = self._lab.model.value is not None
        return "" if there and turns_characters(self._project.side) else super().problem

    def _turn_around(self) -> None:
        kept = self._kept("up 0", "right 0", "left 0")
        if kept is not None:
            self.setFocus()  # the button is about to be grayed out
            self._drawing.turn(self._places, kept)

    def draw(self) -> None:
        kept = self._kept(*(part for part in PARTS if part not in STANDING))
        if kept is not None:
            self.setFocus()
            self._drawing.walk(self._places, kept)

    def _kept(self, *parts: str) -> frozenset[str] | None:
        """Ask about ``parts`` that a person drew; returns those that stay, None = draw nothing."""
        places = {part: self._places[part] for part in parts}
        names = {index: part_name(part) for part, index in places.items()}
        allowed = cells_to_draw(
            self, self._generation, [*names], of_set=names, problem=self.problem
        )
        if allowed is None:
            return None
        return frozenset(part for part, index in places.items() if index not in allowed)

    def _is_eyeless(self, cells: Sequence[Cell]) -> bool:
        """Whether there is a drawing, but without eyes that the turner could copy."""
        drawn = bool(cells) and not cells[0].is_blank and turns_characters(cells[0].side)
        return drawn and not eyes_of(cells[0].rgba).any()

    def _take(self, part: str, k: int) -> None:
        if k == self._drawing.shown(self._places, part) or self._generation.running:
            self.refresh()
            return
        kept = self._kept(*self._drawing.written_by(self._places, part))
        if kept is not None:
            self._drawing.take(self._places, part, k, kept)
        self.refresh()

    def _rows(self) -> list[Row]:
        """The tries to choose from, walking; those of steps come first, since they are newest."""
        places = self._places
        fronts = {part: self._project.cell(i).rgba for part, i in places.items()}
        rows = []
        for part, tries in self._drawing.tries(places).items():
            direction, _, frame = part.partition(" ")
            name = _DIRECTIONS[direction]
            if frame == "0":
                walks = [_walking(direction, views[part], fronts) for views in tries.frames]
            else:
                name = tr("{direction}, walking", direction=name)
                stands = fronts[f"{direction} 0"]
                walks = [
                    [stands, views[f"{direction} 1"], stands, views[f"{direction} 3"]]
                    for views in tries.frames
                    if len(views) > 1
                ]
            if len(walks) > 1:
                frames = np.stack([np.stack(walk) for walk in walks], axis=1)
                rows.append(Row(part, name, frames, self._drawing.shown(places, part)))
        first = ("down 1", "right 1", "left 1", "up 1", "right 0")
        return sorted(rows, key=lambda row: (*first, row.part).index(row.part))

    def refresh(self) -> None:
        super().refresh()
        allow(self._turn, why_not_allowed(self._draw), _TURN_TIP)
        pictures = self.pictures() if self.cells else None
        self.sheet.set_sprites(pictures, [part_name(part) for part in PARTS])
        current = self._session.current
        at = self.cells.index(current) if current in self.cells else -1
        self.sheet.set_current(at)
        cells = [self._project.cell(i) for i in self.cells]
        turned = bool(cells) and not any(cell.is_blank for cell in cells[::FRAMES])
        walks = bool(cells) and not any(cell.is_blank for cell in cells)
        first = _EYELESS if self._is_eyeless(cells) else self.hint
        rows = self._rows() if cells else []
        chooses = any(row.part in STANDING for row in rows)
        standing = _TURNED if chooses else _SINGLE
        self._hint.setText(_WALKS if walks else standing if turned else first)
        set_primary(self._turn, bool(cells) and not turned)
        set_primary(self._draw, turned and not walks)
        set_primary(self._export, walks)
        self._walking.setVisible(bool(cells))
        self.setFocusProxy(self.walk if cells else self._new)
        self.walk.set_cells(dict(zip(PARTS, cells, strict=False)), pictures)
        if turned and not self._was_turned:
            self.walk.set_playing(self._lab.settings.value.motion)
        self._was_turned = turned
        self.gallery.set_rows(rows, moves=self._lab.settings.value.motion)
        self._tries.setVisible(bool(rows))
