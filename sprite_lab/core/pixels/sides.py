"""Side and back views of a figure, by rule: marks on its front move in the direction of the turn,
or disappear.

The turner knows how people look from the side. Frogs, robots and blobs it makes lumps of or leaves
unchanged; for those the rule works better (tests/benchmarks/README.md, "Characters").
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.pixels.color_codes import color_codes
from sprite_lab.core.pixels.crowns import span_of
from sprite_lab.core.pixels.faces import Rgba, eyes_of, face_of, grown, has_hair, within
from sprite_lab.core.pixels.oklab import oklab
from sprite_lab.core.pixels.pieces import around, joined_to, pieces_of
from sprite_lab.core.pixels.walks import outline_of

Mask = NDArray[np.bool_]  # (H, W)

#: How far a figure turns, in radians: less than a quarter turn, so that its face stays visible; and
#: the angle beyond which features are hidden.
_TURN, _HIDDEN = math.radians(48), math.radians(85)

#: A drawing faces us if at least this share of it equals its mirror image.
_EVEN = 0.7

#: Seen from the side, figures of at least this width are two columns narrower, others one.
_WIDE = 11

#: Rows of up to this many columns, such as those of an antenna, keep their width.
_THIN = 4

#: Arms begin between these shares of the height and have at least this many rows. The possible
#: numbers of columns up to the line beside the body, likeliest first, are limited to this share of
#: the width.
_SHOULDERS, _ARM_ROWS, _ARM_COLUMNS, _ARM_SHARE = (0.35, 0.72), 2, (3, 2, 4), 0.34

#: Minimum difference in luminance (0..255) between a line and the lighter pixels beside it.
_DARKER = 12

#: Marks of up to this many pixels may be anywhere.
_SPECK = 4

#: Shading differs from its surroundings by less than this, in lightness and in hue (Oklab).
_SHADE = 0.2, 0.05

#: Large areas that are clothes have more columns than a row of buttons, and no color makes up this
#: share of their surroundings.
_BUTTON, _UPON = 2, 0.7

#: A small area is part of clothes if its color has more than this many times its pixels below the
#: face.
_PARTS = 4

#: A trunk makes up at least this share of the pixels between the arms.
_TRUNK = 0.85

#: Maximum number of rows from the eyes down to a mouth.
_MOUTH = 4

#: Skin seen from behind is a leftover face if it has at least this share of the face's pixels;
#: otherwise it is a neck or an ear.
_BARE = 0.3

#: A piece above the head is a stalk with an eye if at least this many of its pixels have colors
#: that are rare further down.
_EYE = 2

#: Eyes may be out of sight if they are further to the right than this share of half the width.
_FAR = 0.15


def sideways(front: Rgba) -> Rgba | None:
    """A figure that faces the viewer, (H, W, 4), turned to the right; None = it does not face us.

    It is narrower, its near arm is in the middle, and its far one is hidden. Features of its
    front, such as eyes and a mouth, move as if on a turning drum.
    """
    figure = _Figure(front) if front[..., 3].any() else None
    return figure.turned() if figure is not None and figure.faces_us else None


def from_behind(front: Rgba) -> Rgba | None:
    """A figure seen from behind, without its marks; None = it does not face us."""
    figure = _Figure(front) if front[..., 3].any() else None
    return figure.behind() if figure is not None and figure.faces_us else None


def faceless(front: Rgba, back: Rgba) -> Rgba:
    """A back view, (H, W, 4), without remains of the front's face and marks."""
    if not (front[..., 3].any() and back[..., 3].any()):
        return back
    figure = _Figure(front)
    return figure.faceless(
        back, figure.marks() if figure.faces_us else np.zeros_like(figure.opaque)
    )


def one_eyed(front: Rgba, side: Rgba) -> Rgba:
    """A side view facing right, (H, W, 4), with only its foremost eye."""
    eyes = eyes_in(front, side)
    far = np.zeros(side.shape[:2], bool)
    for eye in sorted(eyes, key=lambda eye: int(np.nonzero(eye)[1].max()))[:-1]:
        far |= eye
    return _covered(side, far, (side[..., 3] > 0) & ~far & ~outline_of(side))


def eyes_in(front: Rgba, side: Rgba) -> list[Mask]:
    """The eyes of a side view: inside it, and of the height, size and color of the front's eyes.

    Pixels joined to an outline or hair of that color are not eyes.
    """
    eyes = eyes_of(front) if front[..., 3].any() else np.zeros(front.shape[:2], bool)
    if not eyes.any():
        return []
    may = within(side[..., 3] > 0) & around(eyes).any(axis=1, keepdims=True)
    found = pieces_of((side[..., 3] > 0) & (color_codes(side) == color_codes(front)[eyes].max()))
    return [eye for eye in found if may[eye].all() and eye.sum() <= eyes.sum() / 2 + 1]


class _Figure:
    """A front view and its parts: body, arms, stalks with eyes, and marks on the body."""

    def __init__(self, front: Rgba) -> None:
        self.front, self.opaque = front, front[..., 3] > 0
        self.rim = self.opaque & ~within(self.opaque)
        self.code = np.where(self.opaque, color_codes(front), -1)
        self.light = front[..., :3] @ np.array([0.299, 0.587, 0.114])
        self.outline = outline_of(front)
        inside = self.light[within(self.opaque)]
        if not inside.size or (self.light[self.outline] > np.median(inside) - _DARKER).any():
            self.outline = np.zeros_like(self.opaque)
        self.lined = bool(self.outline.any())
        self.line = int(self.code[self.outline][0]) if self.lined else -1
        rows, columns = (np.flatnonzero(self.opaque.any(axis=axis)) for axis in (1, 0))
        self.top, self.bottom = int(rows[0]), int(rows[-1])
        ends = int(columns[0] + columns[-1])
        #: the sum of two columns that mirror each other, and the last column of the left half
        self.both = max(range(ends - 2, ends + 3), key=lambda n: (self._even(n), -abs(n - ends)))
        self.middle = self.both // 2
        self.less = 2 if columns[-1] - columns[0] + 1 >= _WIDE else 1
        #: the first row that is more than ears or stalks
        self.head = self.top
        while self.head < (self.top + self.bottom) // 2 and not self.opaque[self.head, self.middle]:
            self.head += 1
        self.of_person = has_hair(front)
        self.face = face_of(front)
        #: the first row of the eyes, and the last of the face
        self.brow = int(np.flatnonzero(eyes_of(front).any(axis=1)).min(initial=len(front)))
        self.chin = int(np.flatnonzero(self.face.any(axis=1)).max(initial=-1))
        self.beard, mouth = self._beard()
        self.face &= ~self.beard
        self.chin = max(self.chin, mouth + 1) if mouth >= 0 else self.chin

    @property
    def faces_us(self) -> bool:
        return self._even(self.both) >= _EVEN

    def _even(self, both: int) -> float:
        """The share of pixels that equal their mirror image."""
        column = both - np.arange(self.code.shape[1])
        there = (column >= 0) & (column < len(column))
        same = self.code[:, np.where(there, column, 0)] == self.code
        return float((same & there & self.opaque).sum() / self.opaque.sum())

    def _mirrored(self, pixels: Mask) -> Mask:
        column = self.both - np.arange(pixels.shape[1])
        there = (column >= 0) & (column < len(column))
        return pixels[:, np.where(there, column, 0)] & there

    # -- its parts --------------------------------------------------------------------------------

    def _arm(self) -> Mask:
        """The left arm, with the line beside the body; empty if none can be told apart."""
        lines: dict[int, tuple[int, int]] = {}  # by row: columns of the arm's start and of the line
        first, last = (self.top + round(s * (self.bottom - self.top + 1)) for s in _SHOULDERS)
        for row in range(first, self.bottom + 1):
            found = self._line_in(row, lines.get(row - 1))
            if found is not None:
                lines[row] = found
            elif len(lines) >= _ARM_ROWS:
                break
            else:
                lines.clear()
        arm = np.zeros_like(self.opaque)
        if len(lines) < _ARM_ROWS or min(lines) > last:
            return arm
        # Nothing is below a hand, and a body is beside it.
        outside = min(start for start, _ in lines.values())
        if max(lines) == self.bottom or self.opaque[max(lines) + 1, : outside + 1].any():
            return arm
        for row, (start, line) in lines.items():
            arm[row, start : line + 1] = self.opaque[row, start : line + 1]
        if not (self.opaque & ~arm & ~self._mirrored(arm))[[*lines]].any():
            return np.zeros_like(arm)
        if self.lined:
            start, line = lines[max(lines)]
            hand = slice(start, line)
            arm[max(lines) + 1, hand] = self.outline[max(lines) + 1, hand]
        return arm

    def _line_in(self, row: int, above: tuple[int, int] | None) -> tuple[int, int] | None:
        """Where an arm begins in a row, and the column of the line beside the body."""
        drawn = np.flatnonzero(self.opaque[row])
        if not len(drawn):
            return None
        start, wide = int(drawn[0]), int(drawn[-1] - drawn[0] + 1)
        if abs(drawn[0] + drawn[-1] - self.both) > 1 or (above and abs(above[0] - start) > 1):
            return None
        for columns in _ARM_COLUMNS:
            line = start + columns
            if columns > _ARM_SHARE * wide:
                continue
            goes_on = self.opaque[row, line] or (above is not None and above[1] == line)
            if goes_on and self._parts(row, line):
                return start, line
        return None

    def _parts(self, row: int, column: int) -> bool:
        """Whether a line, or a gap, is in a column and in its mirror image."""
        for at in (column, self.both - column):
            if not self.opaque[row, at]:
                continue
            beside = self.light[row, [at - 1, at + 1]]
            if self.lined and not self.outline[row, at]:
                return False
            if not self.lined and self.light[row, at] > beside.min() - _DARKER:
                return False
        return True

    def _stalk(self) -> Mask:
        """A stalk with an eye, rising from the left of the head, down to its top; may be empty."""
        above, below = self.code[: self.head], self.code[self.head :]
        own = [n for n in np.unique(above) if (above == n).sum() > (below == n).sum()]
        raised, found = self.opaque.copy(), np.zeros_like(self.opaque)
        raised[self.head :] = False
        raised[:, self.middle + 1 :] = False
        for piece in pieces_of(raised):
            if (piece & np.isin(self.code, own)).sum() >= _EYE:
                found |= piece
                found[self.head] |= piece.any(axis=0) & self.opaque[self.head]
        return found

    def _marks(self, body: Mask) -> Mask:
        """Marks on the body: areas of one color that do not reach its sides."""
        inside = within(self.opaque)
        if not self.lined:
            inside = self.opaque
        ring = self.rim | (inside & ~within(inside))
        marks = np.zeros_like(body)
        kinds, counts = np.unique(self.code[self.opaque & ~self.outline], return_counts=True)
        for color in np.unique(self.code[within(self.opaque) & body]):
            of_color = self.code == color
            if not self.of_person and color == kinds[counts.argmax()]:
                continue  # the color of most of the figure
            for area in pieces_of(of_color, corners=False):
                small = area.sum() <= _SPECK
                edge = self.rim if small else ring
                if (area & self.outline & self.rim).any() or (area & edge).sum() > area.sum() / 2:
                    continue
                if area.sum() > 2 and self._reaches(area, inside, body):
                    continue
                if self._is_worn(area, of_color):
                    continue
                even = (self._mirrored(of_color) & area).sum() >= area.sum() / 2
                if (even or small) and not self._is_shade(area):
                    marks |= area & body
        return marks

    def _reaches(self, area: Mask, inside: Mask, body: Mask) -> bool:
        """Whether an area reaches a side of the figure in half of its rows below the ears, or
        covers most of the body between its arms.
        """
        ends = np.zeros_like(area)
        for row in np.flatnonzero(inside.any(axis=1)):
            ends[row, np.flatnonzero(inside[row])[[0, -1]]] = True
        rows, at_end = (pixels[self.head :].any(axis=1) for pixels in (area, area & ends))
        between = (inside & body)[area.any(axis=1)].sum()
        trunk = area.sum() >= _TRUNK * between and not self.outline[area].any()
        return bool(trunk or at_end.sum() >= rows.sum() / 2 > 0)

    def _is_worn(self, area: Mask, of_color: Mask) -> bool:
        """Whether an area is a person's hair, hat or clothes, or a part of them.

        These are large, and either above the eyes or below the face; there, they are no row of
        buttons, and not surrounded by a single color.
        """
        below = self.of_person and not area[: self.chin + 1].any()
        if area.sum() <= _SPECK:
            return below and of_color[self.chin + 1 :].sum() > _PARTS * area.sum()
        if not self.of_person or area[: self.brow].any():
            return self.of_person
        wide = area.any(axis=0).sum() > _BUTTON
        return bool(below and wide and self._beside(area)[1].max() < _UPON)

    def _is_shade(self, area: Mask) -> bool:
        """Whether an area differs from its surroundings in little but lightness."""
        colors, shares = self._beside(area)
        pair = oklab(np.stack([self.front[area][0], colors[shares.argmax()]])[:, :3])
        lighter, *hue = np.abs(np.diff(pair, axis=0)[0])
        return bool(lighter < _SHADE[0] and np.hypot(*hue) < _SHADE[1])

    def _beside(self, area: Mask) -> tuple[Rgba, NDArray[np.float64]]:
        """The colors beside an area, and their shares."""
        beside = grown(area) & ~area & self.opaque
        colors, counts = np.unique(self.front[beside], axis=0, return_counts=True)
        return colors, counts / counts.sum()

    def _beard(self) -> tuple[Mask, int]:
        """The beard: a color around the mouth other than the skin's, and the mouth's last row."""
        skin, counts = np.unique(self.code[self.face], return_counts=True)
        eyes = np.argwhere(eyes_of(self.front))
        if self.of_person and len(eyes) and len(skin):
            below, middle = int(eyes[:, 0].max()) + 1, round(float(eyes[:, 1].mean()))
            for row in range(below, min(below + _MOUTH, self.chin + 3, self.bottom)):
                mouth = joined_to(self.code == self.code[row, middle], (row, middle))
                if mouth.sum() > _SPECK:
                    continue
                beside, times = np.unique(self.code[grown(mouth) & ~mouth], return_counts=True)
                hair = beside[times.argmax()]
                if times.max() > times.sum() / 2 and hair != skin[counts.argmax()]:
                    return joined_to(self.code == hair, grown(mouth)), row
                break
        return np.zeros_like(self.opaque), -1

    # -- turning it -------------------------------------------------------------------------------

    def marks(self) -> Mask:
        """Marks that are only seen from the front, except for a face of skin."""
        stalk, arm = self._stalk(), self._arm()
        eyes = (stalk | self._mirrored(stalk)) & ~self.outline
        return self._marks(self.opaque & ~arm & ~self._mirrored(arm)) | eyes

    def behind(self) -> Rgba:
        return np.ascontiguousarray(self.faceless(self.front[:, ::-1], self.marks()))

    def faceless(self, back: Rgba, marks: Mask) -> Rgba:
        """A back view whose remains of the front's marks and face take the colors around them."""
        left = self.kept(back, marks)
        code, rows = color_codes(back), np.arange(len(back))[:, None]
        known = (back[..., 3] > 0) & ~left & ~(self.lined & (code == self.line))
        if not self.of_person:
            return _covered(back, left, known)
        # Hair covers the face; clothes cover marks below it.
        head = rows <= self.chin
        hair = known & head & ~np.isin(code, self.code[self.face])
        back = _covered(back, left & head, hair)
        return _covered(back, left & ~head, (known & ~head) | (left & head))

    def kept(self, back: Rgba, marks: Mask) -> Mask:
        """The pixels of a back view that remain of the front's marks and face."""
        code = np.where(back[..., 3] > 0, color_codes(back), -1)
        inside, rows = within(back[..., 3] > 0), np.arange(len(back))[:, None]

        def kept(pixels: Mask) -> Mask:
            found = np.zeros_like(pixels)
            for color in np.unique(self.code[pixels]):
                of_color = (pixels & (self.code == color))[:, ::-1]
                found |= (code == color) & (of_color | (around(of_color) & inside))
            return found

        only = np.setdiff1d(self.code[marks], self.code[~marks & ~(self.of_person & self.face)])
        left, face = kept(marks) | (inside & np.isin(code, only)), kept(self.face)
        bare = [skin for skin in pieces_of(face) if skin.sum() >= _BARE * self.face.sum()]
        if self.of_person and bare:
            left |= np.any(bare, axis=0)
        return left | (kept(self.beard) & (rows > self.chin))

    def turned(self) -> Rgba:
        arm = self._arm()
        body = self.opaque & ~arm & ~self._mirrored(arm)
        marks = self._marks(body)
        stalk = self._stalk()
        stalks = stalk | self._mirrored(stalk)
        bare = self._without(body, marks, stalks)
        # (H, W, 5), including whether each pixel was on the rim
        self._side = self._narrowed(bare, as_wide=np.flatnonzero(arm.any(axis=1)))
        there = self._side[..., 3] > 0
        room = within(there) if self.lined else there
        for mark in sorted(pieces_of(marks & ~stalks), key=lambda mark: -mark.sum()):
            self._put(mark, self._way_of(mark, body, there), room)
        if stalk.any():
            way = self._way_of(stalk, body, there, np.arange(self.head, self.head + 2))
            room = there.copy()
            room[: self.head] = True
            self._put(stalk, way, room)
        if arm.any():
            columns, (low, high) = np.flatnonzero(arm.any(axis=0)), span_of(there[arm.any(axis=1)])
            way = math.ceil((low + high - columns[0] - columns[-1]) / 2 - 0.75)
            self._put(arm, way, np.ones_like(arm))
        return self._closed()

    def _without(self, body: Mask, marks: Mask, stalks: Mask) -> Rgba:
        """The body alone; marks take the colors around them."""
        bare = np.where(body[..., None], self.front, 0)
        bare[: self.head][stalks[: self.head]] = 0
        left = marks | (stalks & ~self.outline)
        left[: self.head] &= ~stalks[: self.head]
        return _covered(bare, left, body & ~left & ~self.outline)

    def _narrowed(self, bare: Rgba, as_wide: NDArray[np.intp]) -> NDArray[np.uint8]:
        """The body, (H, W, 5), with columns removed from its middle, except in thin rows and the
        rows ``as_wide`` as before. The last channel is the former rim.
        """
        whole = np.dstack([bare, 255 * self.rim.astype(np.uint8)])
        column = np.arange(bare.shape[1])
        source = np.where(column <= self.middle, column + 1 - self.less, column + 1)
        side = np.pad(whole, ((0, 0), (1, 1), (0, 0)))[:, source + 1]
        for row, drawn in enumerate(bare[..., 3] > 0):
            columns = np.flatnonzero(drawn)
            if row in as_wide or (len(columns) and columns[-1] - columns[0] < _THIN):
                side[row] = whole[row]
        return side

    def _way_of(
        self, piece: Mask, body: Mask, there: Mask, rows: NDArray[np.intp] | None = None
    ) -> int | None:
        """Number of columns by which a piece moves as the figure turns; None = out of sight.

        ``rows``: those that decide it; None = all rows of the piece.
        """
        if rows is None:
            rows = np.flatnonzero(piece.any(axis=1))
        if not (body[rows].any() and there[rows].any()):
            return None
        (low, high), (first, last) = span_of(body[rows]), span_of(there[rows])
        columns = np.flatnonzero(piece.any(axis=0))
        at, half = (columns[0] + columns[-1]) / 2, (columns[-1] - columns[0] + 1) / 2
        share = float(np.clip((2 * at - low - high) / (high - low + 1), -1, 1))
        angle = math.asin(share) + _TURN
        if angle > _HIDDEN:
            return None
        goes = (first + last) / 2 + (last - first + 1) / 2 * math.sin(angle)
        if not columns[0] <= self.both / 2 <= columns[-1]:
            most = last - self.lined + 0.5 - half  # eyes are wholly visible or not at all
            if goes > most + 0.5 and share > _FAR:
                return None
            goes = min(goes, most)
        return round(goes - at)

    def _put(self, piece: Mask, way: int | None, room: Mask) -> None:
        """Put a piece on the side view, moved to the right, as far as there is room."""
        if way is None:
            return
        rows, columns = np.nonzero(piece)
        fits = (columns + way >= 0) & (columns + way < piece.shape[1])
        rows, columns = rows[fits], columns[fits]
        fits = room[rows, columns + way]
        rows, columns = rows[fits], columns[fits]
        self._side[rows, columns + way, :4] = self.front[rows, columns]
        self._side[rows, columns + way, 4] = 255 * self.rim[rows, columns]

    def _closed(self) -> Rgba:
        """The side view with its outline closed where the rim is new."""
        side = self._side[..., :4].copy()
        opaque = side[..., 3] > 0
        if self.lined:
            new = opaque & ~within(opaque) & (self._side[..., 4] == 0)
            side[new] = self.front[self.outline][0]
        return side


def _has(pixels: Mask, place: tuple[int, int]) -> bool:
    return all(0 <= at < size for at, size in zip(place, pixels.shape, strict=True)) and bool(
        pixels[place]
    )


def _covered(rgba: Rgba, left: Mask, known: Mask) -> Rgba:
    """A drawing, (H, W, 4), with the pixels ``left`` filled in the ``known`` colors beside them:
    inward from both sides first, then from above and below.
    """
    rgba, left, known = rgba.copy(), left.copy(), known.copy()
    while (at := left & grown(known)).any():
        beside = np.pad(known, ((0, 0), (1, 1)))
        in_row = left & (beside[:, :-2] | beside[:, 2:])
        at = in_row if in_row.any() else at
        before = rgba.copy()
        for row, column in np.argwhere(at):
            places = [(row, column - 1), (row, column + 1), (row - 1, column), (row + 1, column)]
            colors = [tuple(before[place].tolist()) for place in places if _has(known, place)]
            rgba[row, column] = max(colors, key=colors.count)
        known |= at
        left &= ~at
    return rgba
