"""Connects the panel, the tree and the comparison of branches to the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from sprite_lab.app.timeline import TimelineModel
from sprite_lab.core.trajectories.branches import Branch, Change
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.see.branch_compare import BranchCompare
from sprite_lab.ui.see.branch_tree import BranchStrip
from sprite_lab.ui.see.stage import Stage
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.sprites.timeline import Timeline

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab
    from sprite_lab.core.records import Outcome
    from sprite_lab.jobs import JobHandle
    from sprite_lab.ui.see.branch_panel import BranchPanel


class Branching(QObject):
    """Owns panel, strip and comparison; the page gives each its place.

    The panel, which has much of Draw in it, is built when it is first wanted; its place is
    ``side``.

    Signals
    -------
    started : a JobHandle that draws a branch, to be followed as any other.
    cancel_wanted : stop and discard what is being drawn.
    comparing_changed : whether the comparison is wanted in the place of the stage.
    """

    started = Signal(object)
    cancel_wanted = Signal()
    comparing_changed = Signal(bool)

    def __init__(self, lab: Lab, theme: ThemeManager, timeline: Timeline, stage: Stage) -> None:
        super().__init__(stage)
        self._lab, self._theme, self._stage = lab, theme, stage
        self._model: TimelineModel = timeline.model
        self._pair: tuple[Branch | None, Branch | None] = (None, None)
        self._wanted = False  # whether the panel is to be seen, and the strip with it
        self._running = False  # whether something is being drawn
        self._panel: BranchPanel | None = None
        self.side = QWidget()
        self._column = vbox(on=self.side, spacing=-1)
        self.strip = BranchStrip(lab, theme, timeline)
        self.compare = BranchCompare(theme)
        self._from: Branch | None = None  # the branch that the stage showed last
        self.strip.pair_changed.connect(self._on_pair)
        self._model.frame_changed.connect(self._on_place)
        stage.sprite_changed.connect(self._on_sprite)
        lab.branches.changed.connect(self._show_strip)
        self._show_strip()

    @property
    def panel(self) -> BranchPanel:
        """The panel of changes, built when it is first wanted."""
        if self._panel is None:
            # Here, or much of Draw would be loaded as the app starts.
            from sprite_lab.ui.see.branch_panel import BranchPanel  # noqa: PLC0415

            self._panel = BranchPanel(self._lab, self._theme)
            self._panel.wanted.connect(self._on_wanted)
            self._panel.cancel_wanted.connect(self.cancel_wanted)
            self._panel.set_running(self._running)
            self._column.addWidget(self._panel)
            self._on_place()
        return self._panel

    def set_running(self, running: bool) -> None:
        """Set whether something is being drawn, so that no branch can be started."""
        self._running = running
        if self._panel is not None:
            self._panel.set_running(running)

    def show_progress(self, done: int, total: int, text: str) -> None:
        """Show the progress of what is being drawn."""
        if self._panel is not None:
            self._panel.busy.show_progress(done, total, text)

    # -- another trajectory --------------------------------------------------------------

    def frame_for(self, trajectory: Trajectory) -> int | None:
        """The frame with the same noise in a trajectory of the same tree, None = not the same."""
        axis = self._model.axis
        branch = self._lab.branches.shown
        tree = self._lab.branches.tree
        if branch is None or tree is None or self._from is None or axis.log_snr is None:
            return None
        if branch.trajectory is not trajectory or tree.find(self._from.trajectory) is None:
            return None
        here = float(axis.log_snr[self._model.frame])
        return int(np.abs(trajectory.log_snr.astype(np.float64) - here).argmin())

    def sprite_for(self, sprite: int) -> int:
        """The sprite of the shown branch that ``sprite`` was before; -1 = none."""
        branch, before = self._lab.branches.shown, self._from
        if branch is None or before is None or not 0 <= sprite < len(before.sprites):
            return -1
        place = before.sprites[sprite]
        return branch.sprites.index(place) if place in branch.sprites else -1

    def took(self) -> None:
        """Take note that the stage shows the trajectory."""
        self._from = self._lab.branches.shown
        self._on_sprite()

    def _on_sprite(self, *_: object) -> None:
        self._on_place()
        self._compare_sprite()

    def _on_place(self, *_: object) -> None:
        axis, frame = self._model.axis, self._model.frame
        if self._panel is not None:
            self._panel.set_place(self._lab.trajectory.value, frame, self._stage.sprite)
        if axis.log_snr is not None and len(axis):
            self.compare.set_level(float(axis.log_snr[frame]))

    # -- the strip -----------------------------------------------------------------------

    def set_wanted(self, wanted: bool) -> None:
        """Show or hide the panel."""
        self._wanted = wanted
        self.side.setVisible(wanted)
        if wanted:
            self.panel.show()
        self._show_strip()

    def _show_strip(self) -> None:
        branches = self._lab.branches
        tree = branches.tree
        grown = tree is not None and len(tree) > 1
        self.strip.setVisible(
            grown or (tree is not None and self._wanted) or branches.has_branches_behind
        )

    # -- comparing -----------------------------------------------------------------------

    def _on_pair(self, first: Branch | None, second: Branch | None) -> None:
        self._pair = (first, second)
        self._compare_sprite()
        self.comparing_changed.emit(first is not None and second is not None)

    @property
    def comparing(self) -> bool:
        """Whether two branches are shown in the place of the stage."""
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

    # -- a branch ------------------------------------------------------------------------

    def _on_wanted(self, frame: int, change: Change, sprite: int | None) -> None:
        self._model.pause()
        # From where it leaves, one sees what becomes of it.
        self._model.set_frame(frame)
        job: JobHandle = self._lab.branches.go_on(frame, change, sprite)
        job.ended.connect(self._on_ended)
        self.started.emit(job)

    def _on_ended(self, outcome: Outcome) -> None:
        if outcome.kind == "completed":
            self.panel.done()
            self._model.play()
