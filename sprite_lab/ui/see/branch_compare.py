"""Two branches of one sprite side by side at the same noise level, and their difference."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.trajectories.branches import Branch
from sprite_lab.core.trajectories.frame_views import DIFFERENCE_GAIN
from sprite_lab.core.trajectories.race import distance
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.text import Label, html
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.elided_label import ElidedLabel
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView

_ROWS = (
    ("x_t", html("<i>x<sub>t</sub></i>&nbsp; noisy")),
    ("x0", html("<i>x̂<sub>0</sub></i>&nbsp; clean")),
)


class BranchCompare(QWidget):
    """Columns for two branches and their difference, rows for x_t and the predicted x0."""

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__()
        self._pair: tuple[Branch, Branch] | None = None
        self._sprite, self._level = 0, 0.0
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        self._heads: dict[str, ElidedLabel] = {}
        self._words: dict[str, ElidedLabel] = {}
        self._views: dict[tuple[str, str], SpriteView] = {}
        for column, which in enumerate(("first", "second", "difference"), 1):
            head = ElidedLabel(name=f"see.compare.{which}")
            words = ElidedLabel(name=f"see.compare.{which}.words")
            head.setProperty("dim", False)
            head.setProperty("heading", True)
            for label in (head, words):
                label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._heads[which], self._words[which] = head, words
            grid.addWidget(head, 0, column)
            grid.addWidget(words, 1, column)
            grid.setColumnStretch(column, 1)
            for row, (kind, text) in enumerate(_ROWS, 2):
                view = named(SpriteView(theme), f"see.compare.{kind}.{which}")
                self._views[kind, which] = view
                grid.addWidget(view, row, column)
                if column == 1:
                    title = Label(text)
                    grid.addWidget(title, row, 0)
                    grid.setRowStretch(row, 1)
        # One line: a label that wraps would make the layout ask for more height than it needs.
        self._about = ElidedLabel(name="see.compare.about")
        self._about.setAlignment(Qt.AlignmentFlag.AlignCenter)
        vbox((grid, 1), self._about, on=self, margins=(16, 8, 16, 8))

    def sizeHint(self) -> QSize:
        # It takes what room there is, and no timeline gives way for it.
        return QSize(400, 160)

    def set_pair(self, first: Branch, second: Branch, sprite: int) -> None:
        """Compare two branches by one sprite, an index among those of the root."""
        self._pair, self._sprite = (first, second), sprite
        for which, branch in (("first", first), ("second", second)):
            self._heads[which].setText(branch.name)
            self._words[which].setText(branch.words or "as it was generated")
        self._heads["difference"].setText(f"{first.name} − {second.name}")
        self._words["difference"].setText(f"{DIFFERENCE_GAIN:g} times larger; grey is none")
        self._show()

    def set_level(self, log_snr: float) -> None:
        """Show the frames nearest to a noise level."""
        self._level = log_snr
        if self.isVisible():
            self._show()

    def showEvent(self, event: object) -> None:
        self._show()

    def _show(self) -> None:
        if self._pair is None:
            return
        both = all(self._sprite in branch.sprites for branch in self._pair)
        if not both:
            for view in self._views.values():
                view.set_image(None)
            self._about.setText("These two have no sprite in common: choose another branch.")
            return
        frames = [_frame(branch, self._level) for branch in self._pair]
        for kind, _ in _ROWS:
            pictures = [
                _picture(branch, kind, frame, self._sprite)
                for branch, frame in zip(self._pair, frames, strict=True)
            ]
            apart = np.float32(DIFFERENCE_GAIN) * (pictures[0] - pictures[1])
            for which, picture in zip(
                ("first", "second", "difference"), (*pictures, apart), strict=True
            ):
                self._views[kind, which].set_image(to_pixels(picture))
        (first, second), (a, b) = self._pair, frames
        t = [first.trajectory.t[a], second.trajectory.t[b]]
        where = f"t = {t[0]:.0f}" if abs(t[0] - t[1]) < 0.5 else f"t = {t[0]:.0f} and {t[1]:.0f}"
        now, end = (
            float(
                distance(
                    _picture(first, "x0", i, self._sprite), _picture(second, "x0", j, self._sprite)
                )
            )
            for i, j in ((a, b), (-1, -1))
        )
        self._about.setText(
            f"Sprite {self._sprite + 1} at {where}: what is predicted is {now:.1f} of 255 apart "
            f"(root mean square), and in the end {end:.1f}."
        )


def _frame(branch: Branch, log_snr: float) -> int:
    """The frame nearest to a noise level."""
    return int(np.abs(branch.trajectory.log_snr.astype(np.float64) - log_snr).argmin())


def _picture(branch: Branch, kind: str, frame: int, sprite: int) -> NDArray[np.float32]:
    """float32 (H, W, 3)."""
    frames = branch.trajectory.x_t if kind == "x_t" else branch.trajectory.x0
    return frames[frame, branch.sprites.index(sprite)].astype(np.float32)
