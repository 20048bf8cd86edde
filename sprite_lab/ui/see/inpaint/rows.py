"""A row for each way of inpainting: kept pixels, x_t, the network's prediction, and x̂0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.app.shell.text_format import DOT, in_whole_parts, x_t_words
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.trajectories.frame_views import has_noise
from sprite_lab.core.trajectories.inpainting import WAYS, Inpainted, Way
from sprite_lab.ui.layouts import grid
from sprite_lab.ui.text import Label, html, tooltip
from sprite_lab.ui.theme import current_theme, tabular
from sprite_lab.ui.widgets.canvas.canvas_marks import paint_border
from sprite_lab.ui.widgets.fields.calm import named, set_lesson_value
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.words import number_text, tr


@dataclass(frozen=True)
class WayWords:
    """The name of a way, and what it does with kept pixels."""

    way: Way
    name: str
    tip: str


WAY_WORDS = (
    WayWords(
        "end",
        tr("Pasted at the end"),
        tr("The network never sees what is kept: it is pasted on the finished sprite."),
    ),
    WayWords(
        "repaint",
        tr("Put back at each step"),
        tr(
            "RePaint: before each step, the kept pixels of x_t are replaced by the drawing with "
            "the noise of this level, and each step is repeated."
        ),
    ),
    WayWords(
        "posterior",
        tr("By the derivative"),
        tr(
            "The default of Draw: the derivative of the network says how the other pixels move if "
            "its prediction moves to what is kept."
        ),
    ),
)

_MISS_TIP = tr(
    "Network off by: root mean square color difference, 0 to 255, between the kept pixels and what "
    "the network itself predicts there"
)
_STEP_TIP = tr(
    "Border step: mean color difference of neighbors across the border of what is kept, over that "
    "of neighbors elsewhere, averaged over the finished sprites. Near 1, no seam is seen."
)


#: Space above the heading of a way, in logical pixels.
_ABOVE = 6


class KeptView(SpriteView):
    """A picture with the outline of the kept pixels."""

    def __init__(self) -> None:
        super().__init__()
        self._known: NDArray[np.bool_] | None = None
        self.peers: Sequence[KeptView] = ()  #: views whose pictures get the same size
        self.setMinimumSize(32, 32)
        # The titles above wrap, so the grid would otherwise give each view at least its size hint.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)

    def show_picture(self, pixels: NDArray[np.uint8], known: NDArray[np.bool_]) -> None:
        """Show uint8 (H, W, 3|4); ``known``: the kept pixels, bool (H, W)."""
        self._known = known
        self.set_image(pixels)

    def room(self) -> QRect:
        room = self.rect()
        shown = [view for view in self.peers if view.isVisible()]
        for view in shown:  # sizes of views may differ by a pixel
            room.setWidth(min(room.width(), view.width()))
            room.setHeight(min(room.height(), view.height()))
        return room

    def paint_over(self, painter: QPainter, target: QRectF, size: float) -> None:
        if self._known is not None:
            paint_border(painter, self._known, target, size, current_theme())


class WayRow:
    """A way's heading with its figures, above its views."""

    def __init__(self, words: WayWords) -> None:
        name = f"inpaint.{words.way}"
        self.words = words
        self.title = named(Label(wrap=True), f"{name}.title")
        self.title.setContentsMargins(0, _ABOVE, 0, 0)
        self.title.setFont(tabular(self.title.font()))
        self.title.setToolTip(tooltip("\n".join((words.tip, _MISS_TIP, _STEP_TIP))))
        parts = (
            ("kept", tr("kept pixels")),
            ("x_t", tr("noisy sprite")),
            ("network", tr("network's prediction")),
            ("x0", tr("predicted clean sprite")),
        )
        self.views = tuple(
            named(KeptView(), f"{name}.{part}", f"{words.name}: {what}") for part, what in parts
        )
        self.say(None, ())

    def say(self, miss: float | None, steps: Sequence[float]) -> None:
        """Show the figures of this frame, and of finished sprites."""
        parts = []
        if miss is not None:
            parts.append(tr("network off by {miss}", miss=number_text(miss, ".0f")))
        if steps:
            step = number_text(float(np.mean(steps)), ".1f")
            parts.append(tr("border step {step}×", step=step))
        figures = in_whole_parts("".join(DOT + part for part in parts))
        self.title.setText(html("<b>{}</b>{}", self.words.name, figures))
        set_lesson_value(self.title, round(miss, 1) if miss is not None else None)


class WayRows(QWidget):
    """All ways, one below the other, with views in columns."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("inpaint.ways")
        self._x_t = named(Label(wrap=True), "inpaint.heading.x_t")
        heads = (
            Label(tr("kept pixels"), wrap=True),
            self._x_t,
            Label(html("<i>x̂<sub>0</sub></i>&nbsp; {}", tr("prediction")), wrap=True),
            Label(html(tr("<i>x̂<sub>0</sub></i>&nbsp; goes on")), wrap=True),
        )
        self.rows = {words.way: WayRow(words) for words in WAY_WORDS}
        views = [view for row in self.rows.values() for view in row.views]
        for view in views:
            view.peers = views
        self._grid = grid(on=self, down=4)
        none = tr("Check a way to compare on the right.")
        self._none = named(Label(none, wrap=True, look="dim"), "inpaint.no_way")
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._heads = heads
        for column, head in enumerate(heads):
            head.setProperty("dim", True)
            head.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)
            self._grid.addWidget(head, 0, column)
            self._grid.setColumnStretch(column, 1)
        for number, row in enumerate(self.rows.values()):
            self._grid.addWidget(row.title, 2 * number + 1, 0, 1, len(heads))
            for column, view in enumerate(row.views):
                self._grid.addWidget(view, 2 * number + 2, column)
        self._grid.addWidget(self._none, 2 * len(self.rows) + 1, 0, 1, len(heads))
        self.shown: tuple[Way, ...] = WAYS
        self.show_ways(WAYS)

    def show_ways(self, ways: Sequence[Way]) -> None:
        self.shown = tuple(ways)
        self._none.setVisible(not ways)
        for head in self._heads:
            head.setVisible(bool(ways))
        for number, (way, row) in enumerate(self.rows.items()):
            there = way in self.shown
            self._grid.setRowStretch(2 * number + 2, int(there))
            for part in (row.title, *row.views):
                part.setVisible(there)

    def say_nothing(self, text: str) -> None:
        """Show in each row why there are no pictures."""
        self._x_t.setText(html("<i>x<sub>t</sub></i>&nbsp; {}", tr("noisy sprite")))
        for row in self.rows.values():
            row.say(None, ())
            for view in row.views:
                view.set_image(None)
                view.set_placeholder("")
            row.views[1].set_placeholder(text)

    def show_frame(self, found: Inpainted, log_snr: float, steps: dict[Way, list[float]]) -> None:
        """Show one sprite at a level, and the border ``steps`` of all finished sprites."""
        for way, row in self.rows.items():
            trajectory = found.ways.get(way)
            if trajectory is None:
                row.say(None, ())
                for view in row.views:
                    view.set_image(None)
                row.views[1].set_placeholder(
                    tr("Not with a student: what it predicts is not an average of sprites.")
                )
                continue
            k = int(np.abs(trajectory.log_snr - log_snr).argmin())
            row.say(found.miss(way, k), steps.get(way, []))
            pictures = (
                found.entering(way, k),
                to_pixels(trajectory.x_t[k, 0]),
                found.predicted(way, k),
                to_pixels(trajectory.x0[k, 0]),
            )
            for view, pixels in zip(row.views, pictures, strict=True):
                view.show_picture(pixels, found.known)
            if not pictures[0].any():
                row.views[0].set_image(None)
                row.views[0].set_placeholder(tr("Not before the end"))
            name = x_t_words("reverse", noise=has_noise(trajectory, k))
            self._x_t.setText(html("<i>x<sub>t</sub></i>&nbsp; {}", name))
