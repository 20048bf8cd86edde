"""Settings of a branch: pixels drawn by hand, and sampling settings from there on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config.base import Setting
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.core.pixels.cells import CELL_SIZE
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.trajectories.branches import Change, drawable, drawn_into
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.see.branch.editor import BranchEditor
from sprite_lab.ui.see.busy_row import BusyRow
from sprite_lab.ui.text import Label, plain
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.calm import calm, named
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.fields.number_field import NumberField, guidance_field
from sprite_lab.ui.widgets.fields.sampler_choice import SamplerChoice
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.words import tr

#: What the list of classes holds for "as before".
_AS_BEFORE = object()


class BranchPanel(QWidget):
    """What to change at the frame on the stage, and "Branch from here".

    Until something is drawn or marked by hand the panel follows the slider and the chosen
    sprite; then it stays with that frame and sprite, until the branch is made or all is
    discarded.
    """

    #: frame, Change, and the only sprite to go on with or None = all
    wanted = Signal(int, object, object)
    cancel_wanted = Signal()  #: stop and discard what is being drawn

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self._trajectory: Trajectory | None = None
        self._frame, self._sprite = 0, -1  # what is edited, ...
        self._shown = (0, -1)  # ... and what is on the stage
        self._base: SampleConfig | None = None  # what the fields follow
        self._left = 0
        self._running = False
        self._place = named(Label(wrap=True), "see.branch.place")
        self.editor = BranchEditor()
        self._sprites = Segmented(
            "see.branch.sprites",
            tr("Sprites of the branch"),
            Option("one", tr("This sprite"), tip=tr("The branch is of the chosen sprite alone")),
            Option("all", tr("All sprites"), tip=tr("The branch has all the sprites on the stage")),
            stretch=True,
        )
        self._class = calm(QComboBox(), "see.branch.class", tr("Class"))
        self._class.setToolTip(tr("What the sprites should become from there on."))
        self._guidance = guidance_field(
            "see.branch.guidance", tr("how strongly the class steers from there on; 1 = off.")
        )
        self._sampler = calm(SamplerChoice(), "see.branch.sampler", tr("Sampler"))
        self._steps = NumberField(
            Setting(
                tr("Steps left"),
                tip=tr(
                    "Noise levels visited from there on. As many as were left: the very same ones."
                ),
                low=1,
                high=500,
            ),
            12,
            name="see.branch.steps",
        )
        self._seed = SeedField(name="see.branch.seed", locked=True)
        self._redraw_seed = SeedField(name="see.branch.redraw_seed")
        self._summary = dim_label(name="see.branch.summary")
        self._go = push_button("see.branch.go", tr("Branch from here"), "branch", primary=True)
        self.busy = BusyRow(name="see.branch", doing=tr("Branching"))
        self._lay_out(lab)
        # While it plays, the canvas need not follow every frame.
        self._later = QTimer(self, singleShot=True, interval=40)
        self._later.timeout.connect(self._follow)

        self.editor.changed.connect(self._refresh)
        self._sprites.changed.connect(self._refresh)
        self._class.currentIndexChanged.connect(self._refresh)
        self._sampler.currentIndexChanged.connect(self._refresh)
        for field in (self._guidance, self._steps, self._seed):
            field.changed.connect(self._refresh)
        self._go.clicked.connect(self.branch)
        self.busy.cancelled.connect(self.cancel_wanted)
        lab.model.changed.connect(self._refresh)
        self.set_running(False)

    def _lay_out(self, lab: Lab) -> None:
        head = hbox((self._place, 1), HelpButton(lab, "branch"), spacing=-1, margins=(8, 0, 4, 0))
        self._by_hand = FoldGroup(tr("By hand"), name="see.branch.by_hand")
        self._by_hand.add(self.editor)
        label = self._by_hand.add_row(tr("Noise seed"), self._redraw_seed)
        for part in (label, self._redraw_seed):
            part.hide()
            self.editor.on_noise.connect(part.setVisible)
        self._from_here = FoldGroup(tr("From here on"), name="see.branch.from_here")
        for text, field in (
            (tr("Class"), self._class),
            (tr("Guidance"), self._guidance),
            (tr("Sampler"), self._sampler),
            (tr("Steps left"), self._steps),
            (tr("Seed"), self._seed),
        ):
            self._from_here.add_row(text, field)
        action = vbox(self._sprites, self._summary, self._go, self.busy, margins=(8, 0, 8, 0))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(action)  # above what is changed, so that it is always in sight
        column.addWidget(self._by_hand)
        column.addWidget(self._from_here)

    # -- where it is ---------------------------------------------------------------------

    def set_place(self, trajectory: Trajectory | None, frame: int, sprite: int) -> None:
        """Follow the stage; the first sprite is used where none is chosen."""
        if trajectory is not self._trajectory:
            self._trajectory = trajectory
            self._frame, self._sprite = 0, 0  # until it is followed
            self.editor.discard()
        elif (frame, sprite) == self._shown:
            return
        self._shown = (frame, sprite)
        if self.isVisible():
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow()

    def _follow(self) -> None:
        """Take the frame on the stage, unless something is drawn at another one."""
        self._later.stop()
        trajectory = self._trajectory
        if trajectory is None or self.editor.touched:
            self._refresh()
            return
        frame, sprite = self._shown
        self._frame, self._sprite = frame, min(max(sprite, 0), trajectory.count - 1)
        if self._drawable():
            self.editor.load(
                drawable(trajectory, frame, self._sprite),
                to_pixels(trajectory.x_t[frame, self._sprite]),
            )
        self._take_settings(trajectory)
        self._refresh()

    def _drawable(self) -> bool:
        trajectory = self._trajectory
        return trajectory is not None and trajectory.x_t.shape[2:4] == (CELL_SIZE, CELL_SIZE)

    def _take_settings(self, trajectory: Trajectory) -> None:
        """Set untouched fields to the settings at this frame."""
        base = trajectory.config
        if base is None:
            return
        old, self._base = self._base, base
        # Asked before their ranges change, and what they hold with them.
        steps_follow = old is None or self._steps.whole == max(1, self._left)
        sampler_follows = old is None or self._sampler.sampler == old.sampler
        self._left = trajectory.steps_left(self._frame)
        model = self._lab.model.value
        self._sampler.set_model(model)
        self._fill_classes(model)
        self._steps.set_range(1, max(1, int(trajectory.t[self._frame])))
        if old is None or self._guidance.value == old.guidance_scale:
            self._guidance.set_value(base.guidance_scale)
        if sampler_follows:
            self._sampler.set_sampler(base.sampler)
        if steps_follow:
            self._steps.set_value(self._left)
        if old is None or self._seed.seed == old.seed:
            self._seed.set_seed(base.seed)

    def _fill_classes(self, model: ModelInfo | None) -> None:
        names = () if model is None else model.class_names
        wanted = [tr("As before"), tr("Any"), *(name.replace("_", " ") for name in names)]
        if wanted == [self._class.itemText(i) for i in range(self._class.count())]:
            return
        self._class.clear()
        for text, value in zip(wanted, (_AS_BEFORE, "", *names), strict=True):
            self._class.addItem(text, value)

    # -- what is wanted ------------------------------------------------------------------

    def change(self) -> Change:
        """The changes that the panel describes."""
        assert self._trajectory is not None
        assert self._base is not None
        change = Change()
        if self.editor.edited.any():
            change = drawn_into(
                self._trajectory, self._frame, self._sprite, self.editor.rgba, self.editor.edited
            )
        if self.editor.redraw.any():
            mask, seed = np.array(self.editor.redraw), self._redraw_seed.seed
            change = replace(change, redraw=mask, redraw_seed=seed)
        base, name = self._base, self._class.currentData()
        other = name is not _AS_BEFORE and name is not None
        guidance, sampler, steps = self._guidance.value, self._sampler.sampler, self._steps.whole
        return replace(
            change,
            classes=((name,) if name else ()) if other else None,
            guidance_scale=None if guidance == base.guidance_scale else guidance,
            sampler=None if sampler == base.sampler else sampler,
            steps=None if steps == self._left else steps,
            seed=None if self._seed.seed == base.seed else self._seed.seed,
        )

    @property
    def _only(self) -> int | None:
        """The only sprite to branch, None = all."""
        trajectory = self._trajectory
        many = trajectory is not None and trajectory.count > 1
        return self._sprite if many and self._sprites.value == "one" else None

    def branch(self) -> None:
        """Ask for the branch; where the seeds are not locked, with new ones."""
        if self._running or not self._go.isEnabled():
            return
        self._redraw_seed.take()
        self._seed.take()
        self.wanted.emit(self._frame, self.change(), self._only)

    def done(self) -> None:
        """Discard the edits, as the branch exists now."""
        self.editor.discard()
        self._class.setCurrentIndex(0)
        self._follow()

    def set_running(self, running: bool) -> None:
        """Show Cancel and progress instead of the button, or the other way round."""
        self._running = running
        self._go.setVisible(not running)
        self.busy.set_running(running)
        self._refresh()

    # -- what can be done ----------------------------------------------------------------

    def _refresh(self, *_: object) -> None:
        trajectory = self._trajectory
        why = self._lab.branches.why_not(self._frame)
        usable = trajectory is not None and self._base is not None and not why
        for part in (self._from_here, self._sprites, self.editor, self._redraw_seed):
            part.setEnabled(usable and not self._running)
        if trajectory is None or self._base is None or not usable:
            self._place.setText(why)
            self._summary.setText("")
            self._go.setText(tr("Branch from here"))
            self._go.setEnabled(False)
            self._go.setToolTip(plain(why))
            return
        self.editor.setEnabled(self._drawable() and not self._running)
        self._say_place(trajectory)
        self._grey(trajectory)
        one = trajectory if self._only is None else trajectory.one(self._sprite)
        words = self.change().words(one, self._frame)
        self._summary.setText(
            words[:1].upper() + words[1:] if words else tr("Nothing is changed yet.")
        )
        self._go.setText(tr("Branch from t = {t:.0f}", t=trajectory.t[self._frame]))
        self._go.setEnabled(bool(words) and not self._running)
        self._go.setToolTip(
            tr("Draw the rest anew from here, with what was changed")
            if words
            else tr("Change something first: the sprite, its noise, or a setting")
        )

    def _say_place(self, trajectory: Trajectory) -> None:
        which = (
            tr("Sprite {sprite} of {count}", sprite=self._sprite + 1, count=trajectory.count)
            if trajectory.count > 1
            else (tr("The sprite"))
        )
        text = tr("{which} at t = {t:.0f}", which=which, t=trajectory.t[self._frame])
        if self.editor.touched and self._shown[0] != self._frame:
            text += tr(", where something is drawn or marked")
        elif not self._drawable():
            height, width = trajectory.x_t.shape[2:4]
            text += tr(
                ". By hand one edits {cell_size}×{cell_size} sprites; these are {width}×{height}.",
                cell_size=CELL_SIZE,
                width=width,
                height=height,
            )
        self._place.setText(text)

    def _grey(self, trajectory: Trajectory) -> None:
        """Disable fields that have no effect."""
        edited = bool(self.editor.edited.any())
        self._sprites.setVisible(trajectory.count > 1)
        if edited and self._sprites.value == "all":
            self._sprites.set_value("one")
        self._sprites.setEnabled(not edited and not self._running)
        self._sprites.setToolTip(
            tr("What is drawn is drawn in one sprite alone.") if edited else ""
        )
        self._redraw_seed.setEnabled(bool(self.editor.redraw.any()) and not self._running)
        base = self._base
        assert base is not None
        name = self._class.currentData()
        classes = base.classes or base.class_mix if name in (_AS_BEFORE, None) else name
        self._guidance.setEnabled(bool(classes or base.negative_class))
        stochastic = replace(base, sampler=self._sampler.sampler).is_random
        self._seed.setEnabled(stochastic)
        self._seed.setToolTip("" if stochastic else tr("This sampler adds no noise on the way."))
