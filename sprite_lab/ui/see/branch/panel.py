"""Settings of a branch: pixels drawn by hand, and sampling settings from that frame on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import class_words
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config.base import Setting
from sprite_lab.core.pixels.cells import MOST_SIDE
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.trajectories.branches import Change, drawable, drawn_into
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.see.branch.editor import BranchEditor
from sprite_lab.ui.text import Label
from sprite_lab.ui.widgets.fields.busy_row import BusyRow
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.calm import allow, calm, fill, named
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.ui.widgets.fields.sampler_choice import SamplerChoice
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.words import tr

#: The list entry for "as before": no class has that name.
_AS_BEFORE = "*"


def _too_large(trajectory: Trajectory) -> str:
    """Why a trajectory's sprites are too large to edit by hand; "" = they are not."""
    side = trajectory.x_t.shape[2]
    if side <= MOST_SIDE:
        return ""
    return tr(
        "Only sprites of up to {most}×{most} can be edited by hand; these are {side}×{side}.",
        most=MOST_SIDE,
        side=side,
    )


class BranchPanel(QWidget):
    """The changes to make at the frame on the stage, and "Branch from here".

    It follows the slider and the chosen sprite, until something is drawn or marked by hand; then it
    stays where it is until the branch is made or the edits are discarded.
    """

    #: frame, Change, and the only sprite to continue with (None = all)
    wanted = Signal(int, object, object)

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self._trajectory: Trajectory | None = None
        self._frame, self._sprite = 0, -1  # where the edited sprite is
        self._shown = (0, -1)  # where the one on the stage is
        self._base: SampleConfig | None = None  # settings that the fields follow
        self._left = 0
        self._running = False
        self._place = named(Label(wrap=True), "see.branch.place")
        self.editor = BranchEditor()
        self._sprites = Segmented(
            "see.branch.sprites",
            tr("Sprites to branch"),
            Option("one", tr("This sprite"), tip=tr("Branch the selected sprite only")),
            Option("all", tr("All sprites"), tip=tr("Branch all sprites on the stage")),
            stretch=True,
        )
        tip = tr("What the sprites should become from this frame on")
        self._class = calm(ElidedComboBox(), "see.branch.class", tr("Class"), tip)
        self._sampler = calm(SamplerChoice(), "see.branch.sampler", tr("Sampler"))
        self._form = form = Form(
            SampleConfig(), self, name="see.branch", names={"guidance_scale": "guidance"}
        )
        form.add("guidance_scale")
        self._sampler.bind_to(form)
        form.add("seed")
        tip = tr("Noise levels visited from there on; the default visits the same ones as before.")
        steps = Setting(tr("Remaining steps"), tip=tip, low=1, high=500)
        self._steps = NumberField(steps, 12, name="see.branch.steps")
        self._redraw_seed = SeedField(name="see.branch.redraw_seed")
        self._summary = dim_label(name="see.branch.summary")
        tip = tr("Redraw the rest from here, with your changes")
        self._go = push_button("see.branch.go", tr("Branch from here"), "branch", tip, primary=True)
        self.busy = BusyRow(name="see.branch", doing=tr("Branching"))
        self._lay_out(lab)
        # The canvas need not follow every frame of playback.
        self._later = QTimer(self, singleShot=True, interval=40)
        self._later.timeout.connect(self._follow)

        self.editor.changed.connect(self._refresh)
        self._sprites.changed.connect(self._refresh)
        self._class.currentIndexChanged.connect(self._refresh)
        self._steps.changed.connect(self._refresh)
        form.changed.connect(self._refresh)
        form.gray("guidance_scale", self._no_guidance)
        form.gray("seed", self._no_seed)
        self._go.clicked.connect(self.branch)
        lab.model.changed.connect(self._refresh)
        self.set_running(False)

    def _lay_out(self, lab: Lab) -> None:
        head = hbox((self._place, 1), HelpButton(lab, "branch"), spacing=-1, margins=(8, 0, 4, 0))
        self._by_hand = FoldGroup(tr("By hand"), self.editor, name="see.branch.by_hand")
        self._by_hand.add_row(tr("Seed"), self._redraw_seed)
        self._by_hand.show_row(self._redraw_seed, False)
        self.editor.on_noise.connect(
            lambda on_noise: self._by_hand.show_row(self._redraw_seed, on_noise)
        )
        form, field = self._form, self._form.widget
        self._from_here = FoldGroup(tr("From here on"), name="see.branch.from_here")
        for text, part in (
            (tr("Class"), self._class),
            (form.label("guidance_scale"), field("guidance_scale", QWidget)),
            (form.label("sampler"), self._sampler),
            (tr("Remaining steps"), self._steps),
            (form.label("seed"), field("seed", QWidget)),
        ):
            self._from_here.add_row(text, part)
        action = vbox(self._sprites, self._summary, self._go, self.busy, margins=(8, 0, 8, 0))
        # The button is above the settings, where it is always visible.
        vbox(head, action, self._by_hand, self._from_here, on=self)

    # -- position ---------------------------------------------------------------------------------

    def set_place(self, trajectory: Trajectory | None, frame: int, sprite: int) -> None:
        """Follow the stage; uses the first sprite if none is chosen."""
        if trajectory is not self._trajectory:
            self._trajectory = trajectory
            self._frame, self._sprite = 0, 0  # until _follow() sets it
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
        """Switch to the frame on the stage, unless another one has edits."""
        self._later.stop()
        trajectory = self._trajectory
        if trajectory is None or self.editor.touched:
            self._refresh()
            return
        frame, sprite = self._shown
        self._frame, self._sprite = frame, min(max(sprite, 0), trajectory.count - 1)
        if not _too_large(trajectory):
            self.editor.load(
                drawable(trajectory, frame, self._sprite),
                to_pixels(trajectory.x_t[frame, self._sprite]),
            )
        self._take_settings(trajectory)
        self._refresh()

    def _take_settings(self, trajectory: Trajectory) -> None:
        """Set fields that the user has not touched to the settings at this frame."""
        base = trajectory.config
        if base is None:
            return
        old, self._base = self._base, base
        # Read the fields before a change of range changes their values.
        steps_follow = old is None or self._steps.whole == max(1, self._left)
        before = self._form.values
        touched = {p: v for p, v in before.items() if old is not None and v != old.at(p)}
        self._left = trajectory.steps_left(self._frame)
        model = self._lab.model.value
        self._sampler.set_model(model)
        classes = [(class_words(name), name) for name in model.class_names] if model else []
        fill(self._class, [(tr("Unchanged"), _AS_BEFORE), (tr("Any"), ""), *classes])
        self._form.set_value(SampleConfig().having({p: base.at(p) for p in before} | touched))
        self._limit_steps(trajectory)
        if steps_follow:
            self._steps.set_value(self._left)

    def _limit_steps(self, trajectory: Trajectory) -> None:
        """Offer no more steps than the sampler can take from here, which are few for a student."""
        model, t = self._lab.model.value, float(trajectory.t[self._frame])
        most = int(t) if model is None else model.most_steps(self._sampler.sampler, t)
        self._steps.set_range(1, max(1, most))

    # -- result -----------------------------------------------------------------------------------

    def change(self) -> Change:
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
        base, name, steps = self._base, self._class.currentData(), self._steps.whole
        return replace(
            change,
            classes=None if name == _AS_BEFORE else (name,) if name else (),
            steps=None if steps == self._left else steps,
            **{p: v for p, v in self._form.values.items() if v != base.at(p)},  # type: ignore[arg-type]
        )

    @property
    def _only(self) -> int | None:
        """The only sprite to branch; None = all."""
        trajectory = self._trajectory
        many = trajectory is not None and trajectory.count > 1
        return self._sprite if many and self._sprites.value == "one" else None

    def branch(self) -> None:
        """Request the branch, with new seeds unless they are locked."""
        if self._running or not self._go.isEnabled():
            return
        self._redraw_seed.take()
        self._form.widget("seed", SeedField).take()
        self.wanted.emit(self._frame, self.change(), self._only)

    def done(self) -> None:
        """Discard the edits, now that the branch exists."""
        self.editor.discard()
        self._class.setCurrentIndex(0)
        self._follow()

    def set_running(self, running: bool) -> None:
        """Show Cancel and progress instead of the button, or vice versa."""
        self._running = running
        self._go.setVisible(not running)
        self.busy.set_running(running)
        self._refresh()

    # -- availability -----------------------------------------------------------------------------

    def _refresh(self, *_: object) -> None:
        trajectory = self._trajectory
        why = self._lab.branches.why_not(self._frame)
        usable = trajectory is not None and self._base is not None and not why
        busy = tr("It is being drawn.") if self._running else tr("Generate sprites first.")
        for part in (self._from_here, self._sprites, self.editor, self._redraw_seed):
            allow(part, why or ("" if usable and not self._running else busy))
        if trajectory is None or self._base is None or not usable:
            self._place.setText(why)
            self._summary.setText("")
            self._go.setText(tr("Branch from here"))
            allow(self._go, why or busy)
            return
        allow(self.editor, busy if self._running else _too_large(trajectory))
        self._say_place(trajectory)
        self._limit_steps(trajectory)
        self._gray(trajectory)
        one = trajectory if self._only is None else trajectory.one(self._sprite)
        words = self.change().words(one, self._frame)
        self._summary.setText(
            words[:1].upper() + words[1:] if words else tr("Nothing has been changed yet.")
        )
        self._go.setText(tr("Branch from t = {t:.0f}", t=trajectory.t[self._frame]))
        unchanged = tr("Change something first: the sprite, its noise, or a setting")
        allow(self._go, busy if self._running else "" if words else unchanged)

    def _say_place(self, trajectory: Trajectory) -> None:
        which = tr("The sprite")
        if trajectory.count > 1:
            which = tr(
                "Sprite {sprite} of {count}", sprite=self._sprite + 1, count=trajectory.count
            )
        text = tr("{which} at t = {t:.0f}", which=which, t=trajectory.t[self._frame])
        if self.editor.touched and self._shown[0] != self._frame:
            text += tr(", with your drawing or marks")
        elif too_large := _too_large(trajectory):
            text += f". {too_large}"
        self._place.setText(text)

    def _gray(self, trajectory: Trajectory) -> None:
        edited = bool(self.editor.edited.any())
        self._sprites.setVisible(trajectory.count > 1)
        if edited and self._sprites.value == "all":
            self._sprites.set_value("one")
        one_alone = tr("A drawing applies to one sprite only.") if edited else ""
        allow(self._sprites, tr("It is being drawn.") if self._running else one_alone)
        self._form.refresh()

    def _no_guidance(self, _: SampleConfig) -> str:
        """Why guidance would have no effect; "" = it has one."""
        base, name = self._base or SampleConfig(), self._class.currentData()
        asked = base.classes or base.class_mix if name == _AS_BEFORE else name
        return "" if asked or base.negative_class else tr("No class is selected.")

    def _no_seed(self, config: SampleConfig) -> str:
        """Why the seed would have no effect; "" = it has one."""
        after = replace(self._base or SampleConfig(), sampler=config.sampler)
        return "" if after.is_random else tr("This sampler adds no noise.")
