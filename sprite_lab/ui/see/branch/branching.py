"""Connects the panel, the tree and the comparison of branches to the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.timeline import TimelineModel, trajectory_axis
from sprite_lab.core.records import Outcome
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.trajectories.branches import Branch, Change
from sprite_lab.core.trajectories.frame_views import DIFFERENCE_GAIN
from sprite_lab.core.trajectories.race import distance
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.jobs import JobHandle
from sprite_lab.ui.layouts import grid as empty_grid
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.see.branch.tree import BranchStrip
from sprite_lab.ui.see.watch.stage import Stage
from sprite_lab.ui.text import Label, html
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.sprites.caption import TrajectoryCaption
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.ui.widgets.sprites.timeline import Timeline
from sprite_lab.words import tr

if TYPE_CHECKING:
    from sprite_lab.ui.see.branch.panel import BranchPanel


_ROWS = (
    ("x_t", html(tr("<i>x<sub>t</sub></i>&nbsp; noisy"))),
    ("x0", html(tr("<i>x̂<sub>0</sub></i>&nbsp; clean"))),
)


class BranchCompare(QWidget):
    """Columns for two branches and their difference, rows for x_t and the predicted x0."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._pair: tuple[Branch, Branch] | None = None
        self._sprite, self._level = 0, 0.0
        pictures = QWidget()
        grid = empty_grid(across=16, on=pictures)
        self._heads: dict[str, HintLabel] = {}
        self._words: dict[str, HintLabel] = {}
        self._views: dict[tuple[str, str], SpriteView] = {}
        for column, which in enumerate(("first", "second", "difference"), 1):
            head = HintLabel(name=f"see.compare.{which}", look="heading")
            words = HintLabel(name=f"see.compare.{which}.words")
            for label in (head, words):
                label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._heads[which], self._words[which] = head, words
            grid.addWidget(head, 0, column)
            grid.addWidget(words, 1, column)
            grid.setColumnStretch(column, 1)
            for row, (kind, text) in enumerate(_ROWS, 2):
                view = named(SpriteView(), f"see.compare.{kind}.{which}")
                self._views[kind, which] = view
                grid.addWidget(view, row, column)
                if column == 1:
                    grid.addWidget(Label(text), row, 0)
                    grid.setRowStretch(row, 1)
        self._about = HintLabel(name="see.compare.about")
        self._about.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._caption = TrajectoryCaption(lab, name="see.compare.caption")
        self._caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._caption.gray(pictures)
        vbox((pictures, 1), self._about, self._caption, on=self, margins=(16, 8, 16, 8))
        lab.model.changed.connect(self._say_whose)
        self._say_whose()

    def sizeHint(self) -> QSize:
        # Takes the available space without shrinking the timeline.
        return QSize(400, 160)

    def set_pair(self, first: Branch, second: Branch, sprite: int) -> None:
        """Compare two branches by one sprite, an index among the root's sprites."""
        self._pair, self._sprite = (first, second), sprite
        for which, branch in (("first", first), ("second", second)):
            self._heads[which].setText(branch.name)
            self._words[which].setText(branch.words or tr("as generated"))
        self._heads["difference"].setText(f"{first.name} − {second.name}")
        words = tr(
            "{difference_gain:g}× amplified; gray = no difference",
            difference_gain=DIFFERENCE_GAIN,
        )
        self._words["difference"].setText(words)
        self._show()

    def _say_whose(self, *_: object) -> None:
        """Say if another model drew them; the rest is shown on the branches."""
        self._caption.setVisible(not self._caption.isEnabled())

    def set_level(self, log_snr: float) -> None:
        self._level = log_snr
        if self.isVisible():
            self._show()

    def showEvent(self, event: object) -> None:
        self._say_whose()
        self._show()

    def _show(self) -> None:
        if self._pair is None:
            return
        if not all(self._sprite in branch.sprites for branch in self._pair):
            for view in self._views.values():
                view.set_image(None)
            self._about.setText(tr("These two have no sprite in common: select another branch."))
            return
        first, second = self._pair
        a, b = (trajectory_axis(of.trajectory).nearest_level(self._level) for of in self._pair)
        for kind, _ in _ROWS:
            one = _picture(first, kind, a, self._sprite)
            other = _picture(second, kind, b, self._sprite)
            apart = np.float32(DIFFERENCE_GAIN) * (one - other)
            for which, picture in (("first", one), ("second", other), ("difference", apart)):
                self._views[kind, which].set_image(to_pixels(picture))
        t = [first.trajectory.t[a], second.trajectory.t[b]]
        one_level = abs(t[0] - t[1]) < 0.5
        where = f"t = {t[0]:.0f}" if one_level else tr("t = {a:.0f} and {b:.0f}", a=t[0], b=t[1])

        def differ(i: int, j: int) -> float:
            one, other = (first, i), (second, j)
            return float(distance(*(_picture(of, "x0", k, self._sprite) for of, k in (one, other))))

        now, end = differ(a, b), differ(-1, -1)
        words = tr(
            "Sprite {sprite} at {where}: the predictions differ by {now:.1f} of 255 (RMS), "
            "the finished sprites by {end:.1f}.",
            sprite=self._sprite + 1,
            where=where,
            now=now,
            end=end,
        )
        self._about.setText(words)


def _picture(branch: Branch, kind: str, frame: int, sprite: int) -> NDArray[np.float32]:
    """A picture of a branch, float32 (H, W, 3)."""
    frames = branch.trajectory.x_t if kind == "x_t" else branch.trajectory.x0
    return frames[frame, branch.sprites.index(sprite)].astype(np.float32)


class Branching(QObject):
    """Owns panel, strip and comparison; the page places them.

    The panel uses much of Draw, so it is built on first use; ``side`` is its place.
    """

    #: JobHandle of a branch being drawn, to be followed like any other
    started = Signal(object)
    cancel_wanted = Signal()  #: the branch being drawn should be stopped and discarded
    comparing_changed = Signal(bool)  #: whether to show the comparison in place of the stage

    def __init__(self, lab: Lab, timeline: Timeline, stage: Stage) -> None:
        super().__init__(stage)
        self._lab, self._stage = lab, stage
        self._model: TimelineModel = timeline.model
        self._pair: tuple[Branch | None, Branch | None] = (None, None)
        self._running = False  # whether a branch is being drawn
        self._panel: BranchPanel | None = None
        self.side = QWidget()
        self._column = vbox(on=self.side, spacing=-1)
        self.strip = BranchStrip(lab, timeline)
        self._of_stage = True
        self.compare = BranchCompare(lab)
        self._from: Branch | None = None  # the branch last shown on the stage
        self.strip.pair_changed.connect(self._on_pair)
        self._model.frame_changed.connect(self._on_place)
        stage.sprite_changed.connect(self._on_sprite)
        lab.branches.changed.connect(self._show_strip)
        self._show_strip()

    @property
    def panel(self) -> BranchPanel:
        """The panel of changes, built on first use."""
        if self._panel is None:
            # Imported here, or much of Draw would be loaded at startup.
            from sprite_lab.ui.see.branch.panel import BranchPanel  # noqa: PLC0415

            self._panel = BranchPanel(self._lab)
            self._panel.wanted.connect(self._on_wanted)
            self._panel.busy.canceled.connect(self.cancel_wanted)
            self._panel.set_running(self._running)
            self._column.addWidget(self._panel)
            self._on_place()
        return self._panel

    def set_running(self, running: bool) -> None:
        """Set whether a branch is being drawn, so that no other can be started."""
        self._running = running
        if self._panel is not None:
            self._panel.set_running(running)

    def show_progress(self, done: int, total: int, text: str) -> None:
        if self._panel is not None:
            self._panel.busy.show_progress(done, total, text)

    # -- changing the trajectory ------------------------------------------------------------------

    def frame_for(self, trajectory: Trajectory) -> int | None:
        """The frame with the same noise in a trajectory of the same tree; None = another tree."""
        axis = self._model.axis
        branch = self._lab.branches.shown
        tree = self._lab.branches.tree
        if branch is None or tree is None or self._from is None or axis.log_snr is None:
            return None
        if branch.trajectory is not trajectory or tree.find(self._from.trajectory) is None:
            return None
        return trajectory_axis(trajectory).nearest_level(float(axis.log_snr[self._model.frame]))

    def sprite_for(self, sprite: int) -> int:
        """The sprite of the shown branch that was ``sprite`` in the previous one; -1 = none."""
        branch, before = self._lab.branches.shown, self._from
        if branch is None or before is None or not 0 <= sprite < len(before.sprites):
            return -1
        place = before.sprites[sprite]
        return branch.sprites.index(place) if place in branch.sprites else -1

    def took(self) -> None:
        """Update after the stage has taken the trajectory."""
        self._from = self._lab.branches.shown
        self._on_sprite()

    def _on_sprite(self, *_: object) -> None:
        self._on_place()
        self._compare_sprite()

    def _on_place(self, *_: object) -> None:
        axis, frame = self._model.axis, self._model.frame
        if self._panel is not None:
            if self._stage.sprite < 0 and not self.side.isHidden():
                self._stage.choose(0)  # the stage then reports it
            self._panel.set_place(self._lab.trajectory.value, frame, self._stage.sprite)
        if axis.log_snr is not None and len(axis):
            self.compare.set_level(float(axis.log_snr[frame]))

    # -- the strip -----------------------------------------------------------------------

    def set_wanted(self, wanted: bool) -> None:
        self.side.setVisible(wanted)
        if wanted:
            self.panel.show()
            self._on_place()

    def set_of_stage(self, of_stage: bool) -> None:
        """Hide the strip unless the stage shows the process that has branches (``of_stage``)."""
        self._of_stage = of_stage
        self._show_strip()

    def _show_strip(self) -> None:
        branches = self._lab.branches
        tree = branches.tree  # None = the forward process, which has no branches
        there = tree is not None and (len(tree) > 1 or bool(branches.way_to_branches))
        self.strip.setVisible(there and self._of_stage)

    # -- comparing -----------------------------------------------------------------------

    def _on_pair(self, first: Branch | None, second: Branch | None) -> None:
        self._pair = (first, second)
        self._compare_sprite()
        self.comparing_changed.emit(first is not None and second is not None)

    @property
    def comparing(self) -> bool:
        """Whether a comparison of two branches replaces the stage."""
        return None not in self._pair

    def _compare_sprite(self) -> None:
        first, second = self._pair
        if first is None or second is None:
            return
        sprite = self._stage.sprite
        if self._from is first and 0 <= sprite < len(first.sprites):
            chosen = first.sprites[sprite]
        else:
            common = [s for s in first.sprites if s in second.sprites]
            chosen = common[0] if common else first.sprites[0]
        self.compare.set_pair(first, second, chosen)

    # -- a new branch -----------------------------------------------------------------------------

    def _on_wanted(self, frame: int, change: Change, sprite: int | None) -> None:
        self._model.pause()
        # Start where the branch leaves its parent, to watch the effect.
        self._model.set_frame(frame)
        job: JobHandle = self._lab.branches.continue_from(frame, change, sprite)
        job.ended.connect(self._on_ended)
        self.started.emit(job)

    def _on_ended(self, outcome: Outcome) -> None:
        if outcome.kind == "completed":
            self.panel.done()
            self._model.play()
