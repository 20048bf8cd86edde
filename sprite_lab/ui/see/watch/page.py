"""The Watch page of See: stage, timeline and inspector for a trajectory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QElapsedTimer
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QWidget

from sprite_lab.app.files import clips
from sprite_lab.app.files.exports import NOT_YET, Offered, finished
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.first_sprites import (
    DISSOLVED,
    DISSOLVING,
    PROCESS,
    SHOWN,
    last_dissolving,
)
from sprite_lab.app.timeline import trajectory_axis
from sprite_lab.core.config import ForwardConfig, SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.records import Outcome, Preview
from sprite_lab.core.sets.sprites import BUILTIN_TITLE
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.jobs import JobHandle
from sprite_lab.ui.flow import button_row
from sprite_lab.ui.page import StagePage
from sprite_lab.ui.see.branch.branching import Branching
from sprite_lab.ui.see.watch.forward_panel import ForwardPanel
from sprite_lab.ui.see.watch.reverse_panel import ReversePanel
from sprite_lab.ui.see.watch.schedule_plot import SchedulePlot
from sprite_lab.ui.see.watch.schedule_use_plot import ScheduleUsePlot
from sprite_lab.ui.see.watch.sprite_actions import SpriteActions
from sprite_lab.ui.see.watch.stage import Stage
from sprite_lab.ui.see.watch.variety_table import VarietyTable
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector
from sprite_lab.ui.widgets.fields.model_needed import ModelNeeded
from sprite_lab.ui.widgets.keys import add_action
from sprite_lab.words import tr

#: Sprites finished in less than this, in milliseconds, are played once, as nobody could watch them
#: form.
QUICK_MS = 1500


class WatchPage(StagePage):
    """Watch the forward and the reverse process, frame by recorded frame."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab, "see.watch")
        self._job: JobHandle | None = None
        self._play_when_there = False
        self._running = False  # whether sprites are being generated
        self._keeps_mode = False  # whether a result leaves the chosen process as it is
        self._settings_shown = False  # whether those of the last session were restored
        self._since = QElapsedTimer()  # time since sprites were requested here
        self.timeline.add_help(HelpButton(lab, "timeline"))
        self.stage = Stage(lab)
        self.branching = Branching(lab, self.timeline, self.stage)
        self.sprite_actions = SpriteActions(lab, self.stage)
        why = tr("A model learns to remove noise. Train one, and sprites emerge from noise here.")
        self._empty = ModelNeeded(lab, "forward-process", why, name="see.empty")
        self.set_faces(
            self._empty,
            self.stage,
            self.branching.compare,
            above=named(QWidget(), "see.above"),  # room for the welcome
            below=self.branching.strip,
        )
        self._make_inspector()
        self.setFocusProxy(self.timeline.slider)

        self.timeline_model.frame_changed.connect(self.stage.show_frame)
        self.timeline_model.frame_changed.connect(self._show_t)
        self.stage.sprite_changed.connect(self._on_sprite)
        lab.data.changed.connect(self._on_data)
        lab.data_loading.changed.connect(self._on_loading)
        lab.model_loading.changed.connect(self._on_loading)
        lab.model.changed.connect(self._on_model)
        lab.runs.changed.connect(self.reverse.name_model)
        lab.trajectory.changed.connect(self._on_trajectory)
        # Not in the inspector, whose text can also be selected and copied.
        add_action(
            self,
            "see.action.copy",
            tr("Copy the selected sprite"),
            "Ctrl+C",
            lambda: self.sprite_actions.do("copy", self.stage.view),
        )
        dissolve = self.sprite_actions.dissolve_wanted
        dissolve.connect(lambda images: self._run_forward(images, None, play=True))
        self._on_data()
        self._on_model()
        self._on_mode()
        self._on_trajectory()

    def _make_inspector(self) -> None:
        self.mode = Segmented(
            "see.mode",
            tr("Process"),
            Option("forward", tr("Forward"), "forward-process", tr("Noise destroys a sprite")),
            Option("reverse", tr("Reverse"), "reverse-process", tr("A model removes noise")),
            Option("branch", tr("Branch"), "branch", tr("Go back to any step and change it")),
            stretch=True,
        )
        self.schedule = SchedulePlot(self._lab)
        self.forward = ForwardPanel(self.schedule, ScheduleUsePlot(self._lab))
        self.forward.restore(last_dissolving(self._lab.settings.value.forms))
        self.reverse = ReversePanel(VarietyTable(self._lab))
        self.forward.noise.add_help(HelpButton(self._lab, "forward"))
        self.reverse.how.add_help(HelpButton(self._lab, "sampling"))
        self.export = ExportGroup(self._lab, lambda: self.stage.sprite)
        inspector = Inspector(name="see.inspector")
        inspector.add_switch(self.mode)
        inspector.add(self.forward, self.reverse, self.branching.side)
        inspector.add_separator()
        inspector.add(self.export)
        self.inspector = inspector
        last = self._lab.settings.value.pages.get(PROCESS)
        if last in ("reverse", "branch"):
            self.mode.set_value(last)
        self.mode.changed.connect(self._on_mode)
        self.mode.changed.connect(partial(self._remember, PROCESS))
        self.forward.wanted.connect(self._run_forward)
        self.forward.wanted.connect(self._remember_dissolved)
        self.reverse.wanted.connect(self._run_reverse)
        self.reverse.busy.canceled.connect(self.cancel)
        self.branching.cancel_wanted.connect(self.cancel)
        self.branching.started.connect(self._follow_sampling)
        self.branching.comparing_changed.connect(self._show_what_there_is)
        self.reverse.train.clicked.connect(partial(self._lab.workspace_wanted.emit, "train", ""))

    # -- following the lab ------------------------------------------------------------------------

    def _on_data(self, *_: object) -> None:
        self.forward.set_data(self._lab.data.value)
        self._show_empty()

    def _on_model(self, *_: object) -> None:
        self.reverse.set_model(self._lab.model.value)
        self._show_last_settings()
        self.forward.set_model(self._lab.model.value)
        self._show_empty()

    def _on_loading(self, *_: object) -> None:
        self.reverse.set_loading(self._lab.model_loading.value)
        self._show_empty()

    def _show_last_settings(self) -> None:
        """When a model is open for the first time, show the settings of the last session, or the
        defaults if these do not fit the model.
        """
        if self._lab.model.value is not None and not self._settings_shown:
            self._settings_shown = True
            self.show_settings_of_session(self._lab.settings.value.sample)

    def show_settings_of_session(self, stored: dict[str, object]) -> None:
        """Show saved settings, or the defaults if they do not fit the model."""
        model = self._lab.model.value
        if model is None:
            return
        usual = SampleConfig(classes=model.class_names)
        try:
            config = SampleConfig.from_json(stored) if stored else usual
        except ConfigError:  # of another version
            config = usual
        suits = set(config.classes) <= set(model.class_names)
        self.reverse.set_config(config if suits else usual, locked=False)

    def _on_trajectory(self, *_: object) -> None:
        trajectory = self._lab.trajectory.value
        if trajectory is None:
            self.clear_timeline()
            self.branching.took()
            self._show_what_there_is()
            return
        if not self._keeps_mode and (self.mode.value != "branch" or trajectory.kind == "forward"):
            self.mode.set_value(trajectory.kind)
        frame = self.branching.frame_for(trajectory)
        if frame is None:
            frame = self._frame_kept(trajectory)
        sprite = self.branching.sprite_for(self.stage.sprite)
        self.stage.set_trajectory(trajectory)
        axis = trajectory_axis(trajectory)
        # The previews have shown how the sprites formed, so start at the end.
        self.timeline_model.set_axis(axis, len(axis) - 1 if frame is None else frame)
        if frame is not None and sprite >= 0:
            self.stage.choose(sprite)
        self.branching.took()
        self._remember(SHOWN, trajectory.kind)
        self._show_what_there_is()
        self._set_thumbnails()
        quick = self._since.isValid() and self._since.elapsed() < QUICK_MS
        self._since.invalidate()
        if self._play_when_there or quick:
            self._play_when_there = False
            self.timeline_model.set_frame(self.timeline_model.start_frame)
            self.timeline_model.play()

    def _frame_kept(self, trajectory: Trajectory) -> int | None:
        """If the same sprites now dissolve with other settings, the frame at the same share of T;
        None = other sprites, or another process.
        """
        before, axis = self.stage.trajectory, self.timeline_model.axis
        if before is None or not len(axis) or {before.kind, trajectory.kind} != {"forward"}:
            return None
        if not np.array_equal(before.final(), trajectory.final()):
            return None
        share = axis.values[self.timeline_model.frame] / axis.values.max()
        new = trajectory_axis(trajectory)
        return new.nearest(float(share * new.values.max()))

    def _show_what_there_is(self, *_: object) -> None:
        """Show the stage, the comparison of branches, or what to do first."""
        part: QWidget = self.branching.compare if self.branching.comparing else self.stage
        self.stack.setCurrentWidget(part if self._is_of_mode else self._empty)
        self.branching.set_of_stage(self._is_of_mode)
        self._allow_timeline()

    @property
    def _is_of_mode(self) -> bool:
        """Whether there is a trajectory of the chosen process."""
        trajectory, mode = self._lab.trajectory.value, self.mode.value
        return trajectory is not None and mode in ("branch", trajectory.kind)

    def _allow_timeline(self) -> None:
        why = ""
        if self._running:
            # Meanwhile the stage shows previews, not recorded frames.
            why = tr("The sprites are still emerging from noise.")
        elif self._lab.trajectory.value is not None and not self._is_of_mode:
            why = tr("These are the steps of the other process.")
            self.timeline_model.pause()
        allow(self.timeline, why)
        self.timeline.set_of_stage(not why)

    # -- actions ----------------------------------------------------------------------------------

    def _on_mode(self, *_: object) -> None:
        for name, part in (("forward", self.forward), ("reverse", self.reverse)):
            part.setVisible(self.mode.value == name)
        self.branching.set_wanted(self.mode.value == "branch")
        self._show_empty()
        self._show_what_there_is()

    def _remember(self, name: str, process: str) -> None:
        pages = self._lab.settings.value.pages | {name: process}
        self._lab.settings.replace(pages=pages)

    def _show_empty(self) -> None:
        if self.mode.value == "forward":
            if self._lab.data.value is None and self._lab.data_loading.value:
                self._empty.set_content(tr("Reading the sprites…"), "")
            elif self._lab.data.value is None:
                self._empty.offer(
                    tr("No sprites are open"),
                    tr("Open a data set and watch its sprites dissolve."),
                    tr("Open “{builtin_title}”", builtin_title=tr(BUILTIN_TITLE)),
                    "open",
                    lambda: self._lab.want_data(""),
                )
            elif self.forward.has_selected:
                self._empty.offer(
                    tr("Watch a sprite dissolve"),
                    tr(
                        "Noise destroys a sprite step by step. You can scrub through all the steps."
                    ),
                    tr("Dissolve the selected sprites"),
                    "play",
                    self.forward.dissolve_selected,
                )
            else:
                self._empty.offer(
                    tr("Watch a sprite dissolve"),
                    tr(
                        "Noise destroys a sprite step by step. Select some on the right, or let "
                        "chance decide, and scrub through every step below."
                    ),
                    tr("Dissolve 16 sprites"),
                    "play",
                    self.forward.pick_random,
                )
        elif self._empty.explain_model():
            self._empty.set_content(
                tr("Watch noise become sprites"),
                tr(
                    "Press Generate on the right: the model removes the noise step by step. "
                    "Every step is recorded, so you can scrub through them below."
                ),
            )

    def generate(self, *, play: bool = False) -> None:
        """Generate with the settings on the right; ``play``: play the trajectory afterward."""
        self.mode.set_value("reverse")
        self.reverse.generate()
        self._play_when_there = play and self._job is not None

    def restore_settings(self, config: SampleConfig) -> None:
        """Show the settings that made a picture in the panel of the reverse process."""
        self.mode.set_value("reverse")
        self.reverse.set_config(config)

    def _show_t(self, frame: int) -> None:
        if frame < len(self.timeline_model.axis):
            self.schedule.show_t(float(self.timeline_model.axis.values[frame]))

    def _on_sprite(self, _sprite: int) -> None:
        self._set_thumbnails()
        self.export.refresh()

    def _set_thumbnails(self) -> None:
        trajectory = self._lab.trajectory.value
        if trajectory is not None:
            sprite = min(max(self.stage.sprite, 0), trajectory.count - 1)
            self.show_thumbnails(trajectory, sprite)

    # -- runs ----------------------------------------------------------------------------

    def _run_forward(
        self, images: NDArray[np.uint8], config: ForwardConfig | None, play: bool
    ) -> None:
        self._follow(self._lab.forward(images, config), play=play)

    def _remember_dissolved(self, *_: object) -> None:
        if self._lab.in_lesson:
            return
        now = {
            DISSOLVED: list(self.forward.selected),
            DISSOLVING: self.forward.dissolving.to_json(),
        }
        self._lab.settings.replace(forms=self._lab.settings.value.forms | now)

    def _run_reverse(self, config: SampleConfig) -> None:
        self._lab.settings.replace(sample=config.to_json())
        self.timeline_model.pause()
        self._follow_sampling(self._lab.generate([config], tries=self.reverse.tries))
        self._since.start()

    def _follow_sampling(self, job: JobHandle) -> None:
        job.preview_ready.connect(self._on_preview)
        self.await_sprites(job)

    def await_sprites(self, job: JobHandle, *, play: bool = False, keep_mode: bool = False) -> None:
        """Show the progress of a job that makes sprites, and ``play`` them afterward.

        ``keep_mode``: leave the chosen process as it is.
        """
        job.progressed.connect(self._on_progress)
        self._follow(job, reverse=True, play=play)
        self._keeps_mode = keep_mode

    def _follow(self, job: JobHandle, *, reverse: bool = False, play: bool = False) -> None:
        # Stop following the older job, which the lab itself cancels.
        if self._job is not None:
            self.stage.end_preview()
        self._job, self._play_when_there, self._keeps_mode = job, play, False
        self._since.invalidate()
        self._show_running(reverse)
        job.ended.connect(self._on_ended)

    def escape(self) -> None:
        """Stop the run, or else playback, the comparison, or the view of one sprite."""
        if self._job is not None:
            self.cancel()
        elif self.timeline_model.state.playing:
            self.timeline_model.pause()
        elif self.branching.comparing:
            self.branching.strip.stop_comparing()
        else:
            self.stage.set_large(False)

    def _show_running(self, running: bool) -> None:
        self._running = running
        self.reverse.set_running(running)
        self.branching.set_running(running)
        self._allow_timeline()
        typing = isinstance(QApplication.focusWidget(), (QLineEdit, QAbstractSpinBox))
        if not running and self.isVisible() and not typing:
            self.timeline.slider.setFocus()

    @property
    def is_running(self) -> bool:
        return self._job is not None

    def cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _on_progress(self, done: int, total: int, text: str) -> None:
        if self.sender() is self._job:
            self.reverse.busy.show_progress(done, total, text)
            self.branching.show_progress(done, total, text)

    def _on_preview(self, preview: Preview) -> None:
        if self._job is not None and self.sender() is self._job:
            if self.mode.value != "forward":
                self.stack.setCurrentWidget(self.stage)
            self.stage.show_preview(preview.images, self._job.name)

    def _on_ended(self, _outcome: Outcome) -> None:
        # The lab handles results and errors; only the panel is updated here.
        if self.sender() is not self._job:
            return
        self._job, self._play_when_there, self._keeps_mode = None, False, False
        self._since.invalidate()
        self._show_running(False)
        self.stage.end_preview()
        self._show_what_there_is()


class ExportGroup(FoldGroup):
    """Buttons ``see.export.animation`` and ``.sprites``; also offers the chosen sprite for export.

    ``chosen`` returns the index of the chosen sprite on the stage, -1 = none.
    """

    def __init__(self, lab: Lab, chosen: Callable[[], int]) -> None:
        super().__init__(tr("Export"), name="see.export")
        self._lab, self._chosen = lab, chosen
        tip = tr("Every step, as GIF, PNG, WebP or video (Ctrl+E)")
        animation = push_button("see.export.animation", tr("Animation…"), "export", tip)
        tip = tr("The finished sprites, as single pictures or a sheet")
        self._buttons = animation, push_button("see.export.sprites", tr("Sprites…"), "grid", tip)
        self.add(button_row(*self._buttons))
        for button, subject in zip(self._buttons, ("trajectory", "samples"), strict=True):
            button.clicked.connect(lambda _=False, it=subject: lab.exports.wanted.emit(it))
        lab.exports.offer("sprite", lambda: self._of_one(clips.of_trajectory))
        lab.exports.offer("sample", lambda: self._of_one(finished))
        lab.trajectory.changed.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        why = "" if self._lab.trajectory.value is not None else tr("There are no sprites yet.")
        for button in self._buttons:
            allow(button, why)

    def _of_one(self, make: Callable[[Trajectory], Offered]) -> Offered:
        trajectory, chosen = self._lab.trajectory.value, self._chosen()
        if trajectory is None or not 0 <= chosen < trajectory.count:
            return NOT_YET["sprite"]
        return make(trajectory.one(chosen))
