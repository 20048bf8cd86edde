"""The page of See that races samplers, step counts and models from the same noise."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.app.files import clips
from sprite_lab.app.files.exports import NOT_YET, Offered
from sprite_lab.app.files.library import is_shipped
from sprite_lab.app.files.opening import find_gone
from sprite_lab.app.lab import Lab
from sprite_lab.app.see.race_run import (
    MOST_LANES,
    PRESET,
    PRESET_SAMPLERS,
    SPACED,
    STEPS_PRESET,
    STUDENT_LANE,
    STUDENT_PRESET,
    TEACHER_STEPS,
    Entry,
    LaneConfig,
    RaceConfig,
    RaceRun,
)
from sprite_lab.app.see.see_tasks import Racer
from sprite_lab.app.shell.text_format import DOT, in_whole_parts, run_title
from sprite_lab.app.timeline import EMPTY_AXIS, Axis
from sprite_lab.core.config import SAMPLERS, SPACINGS
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.trajectories.frame_views import frame_pixels, prompt_of
from sprite_lab.core.trajectories.race import Lane
from sprite_lab.ui.layouts import as_widget, vbox
from sprite_lab.ui.parts import Parts, PartSpec
from sprite_lab.ui.see.model_page import ModelPage
from sprite_lab.ui.see.race.lanes import LaneList
from sprite_lab.ui.see.race.panel import RacePanel
from sprite_lab.ui.see.race.plots import RacePlots
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.calm import allow, set_lesson_value
from sprite_lab.words import tr, trn

#: Key of the lanes in the saved settings.
_KEPT = "race.lanes"

#: Height that a plot keeps while lanes grow, and that of the path plot, in logical pixels at the
#: usual text size.
PLOT, _PATH = 160, 300

#: Minimum share of the height for the plots of path and steps.
_SHARE = 0.45

#: Maximum number of frames on the common noise axis: enough to hit each lane's levels one by one.
_FRAMES = 126


class _LanesAndPlot(Parts):
    """Lanes above the plot, or only one of the two if there is too little room for both."""

    shared = Signal()  #: the height was redistributed

    def __init__(self, lanes: LaneList, plots: RacePlots) -> None:
        self._lanes, self._plots = lanes, plots
        content, below = QWidget(), as_widget(vbox(plots))
        self._box = vbox((lanes, 2), (below, 1), on=content)
        for part in (lanes, below):  # stretch decides, not size hints
            part.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        parts = (
            PartSpec("lanes", tr("Lanes"), (lanes,), tr("Sprites and figures of all lanes")),
            PartSpec("plot", tr("Plot"), (below,), tr("How the lanes arrive at their sprites")),
        )
        super().__init__(content, *parts, least=QSize(), name="race")
        plots.choice.changed.connect(self._on_choice)
        self.turned.connect(plots.distance.show_key)
        theme_manager().text_resized.connect(self.share_out)

    def fits(self) -> bool:
        # Reserve space for the plot, or all lanes would shrink when a race begins.
        below = self._box.spacing() + self._plots.minimumSizeHint().height()
        return self.height() >= self._lanes.least + below

    def _on_choice(self, *_: object) -> None:
        self.switch.set_value("plot")
        self.share_out()

    def share_out(self, *_: object) -> None:
        """Redistribute the height after a change of lanes or of the plot."""
        self.choose()
        self._share_out()
        self.shared.emit()

    def _share_out(self) -> None:
        room = self.height() - self._box.spacing()
        if self.single:
            self._lanes.make_room(room)
            self._box.setStretch(0, 1)
            self._box.setStretch(1, 1)
            return
        least = self._plots.minimumSizeHint().height()
        wanted = _PATH if self._plots.choice.value == "path" else PLOT
        if self._plots.choice.value != "distance":
            least = min(max(least, round(_SHARE * room)), room - self._lanes.least)
        kept = max(least, round(wanted * theme_manager().text_scale))
        self._lanes.make_room(room - (least if wanted == PLOT else kept))
        lanes = max(1, min(self._lanes.height_within(room - kept), room - least))
        self._box.setStretch(0, lanes)
        self._box.setStretch(1, max(1, room - lanes))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.share_out()


class RacePage(ModelPage):
    """A race: lanes one above the other, aligned by noise level.

    At a noise level, every lane shows its latest frame that is not cleaner, so all begin with their
    noise and end with their sprites.
    """

    def __init__(self, lab: Lab) -> None:
        panel = RacePanel(lab.settings)
        super().__init__(lab, "race", panel, panel.chosen)
        self.panel = panel
        self._chosen: tuple[Entry, int] | None = None
        self._first: list[Entry] = []  # the default lanes, as entries
        self._ref = ""
        self._stored = self._last_lanes()
        self._asked: str | None = None  # preset chosen before the model was loaded
        self.run = RaceRun(lab, self)
        self.plots = RacePlots(lab)
        self.plot = self.plots.distance
        self.lanes = LaneList(self.run)
        self._course = _LanesAndPlot(self.lanes, self.plots)
        self._course.shared.connect(self._say_about)
        self.lay_out(
            tr("Race"),
            tr("What the lanes show"),
            (tr("what each predicts its sprites to be"), tr("the noisy sprites at this level")),
            tr(
                "Samplers race from the same noise to the same sprite: train or open a model to "
                "see which arrives, and how fast."
            ),
            (self._course, 1),
            spacing=4,
            left=(self._course.switch,),
        )

        self.timeline_model.frame_changed.connect(self._show_frame)
        self.plot.clicked.connect(lambda log_snr, _: self.timeline_model.go_to_log_snr(log_snr))
        self.run.changed.connect(self._show)
        self.run.progressed.connect(self._on_progress)
        self.lanes.chosen.connect(self._choose)
        self.lanes.opened.connect(self._open)
        self.panel.changed.connect(lambda: self.run.set_base(self.panel.form.value))
        self.panel.start_wanted.connect(self.run.race)
        self.panel.busy.canceled.connect(self.run.cancel)
        self.panel.model_wanted.connect(self._offer)
        self.panel.add_lane.clicked.connect(self._add)
        self.panel.preset_wanted.connect(self._on_preset)
        self.panel.export.clicked.connect(lambda: lab.exports.wanted.emit("race"))
        lab.exports.offer("race", self._export)
        lab.model.changed.connect(self._on_model)
        lab.shipped.changed.connect(self._on_library)
        lab.runs.changed.connect(self._on_library)
        lab.project.grid_changed.connect(self._show_chosen)
        self._on_model()

    # -- models --------------------------------------------------------------------------

    def _on_model(self, *_: object) -> None:
        self.run.cancel()
        model = self.take_model()
        if model is None:
            self.run.put_back([])
            return
        allow(self.inspector, tr("Loading the model"))
        self._ref = str(self._lab.model_ref or model.title)
        # A run that was trained further is a different model with the same name.
        known = self.run.racers.get(self._ref)
        if known is not None and known.model is not model:
            self.run.forget(self._ref)
        self.run.load(self._ref, self._on_racer, model)

    def _on_racer(self) -> None:
        racer = self.run.racers.get(self._ref)
        model = self._lab.model.value
        if racer is None or model is None or racer.model is not model:
            return  # another model was opened meanwhile
        allow(self.inspector, "")
        self.panel.set_model(model)
        self.run.set_base(self.panel.form.value)
        self._on_library()
        self._offer(self.panel.lane.ref)

    def _on_library(self, *_: object) -> None:
        model = self._lab.model.value
        if model is None:
            return
        offered = {self._ref: tr("{title} (open)", title=run_title(model.title))}
        offered |= {s.name: s.title for s in self._lab.shipped.value if s.name not in offered}
        for run in self._lab.runs.value:
            if run.step is not None and str(run.path) not in offered:
                offered[str(run.path)] = run.title
        self.panel.set_models(list(offered.items()))
        ready = self._ref in self.run.racers and not self.run.any_done
        if ready and self.run.entries == self._first:
            if self._asked is not None or not self._restore():
                self._preset()  # again, as there may now be a student
            self.run.first = list(self.run.entries)
            asked, self._asked = self._asked, None
            if asked is not None:
                self._on_preset(asked)

    def _offer(self, ref: str) -> None:
        """Offer lane settings for this model, once it is loaded."""
        self.panel.set_lane_model(None)

        def there() -> None:
            if ref != self.panel.lane.ref:
                return
            racer = self.run.racers[ref]
            why = self._misfit(racer)
            if why:
                self.panel.set_lane_model(None, why)
            else:
                self.panel.set_lane_model(racer.model)
                self.panel.set_room(len(self.run.entries) < MOST_LANES)

        self.run.load(ref, there)

    def _misfit(self, racer: Racer) -> str:
        """Why a model cannot start from the same noise as the others; "" = it can."""
        others = (self.run.racers.get(entry.ref) for entry in self.run.entries)
        other = next((found for found in others if found is not None), None)
        if other is None or racer.noise_shape == other.noise_shape:
            return ""
        size, channels = racer.noise_shape[1], racer.noise_shape[0]
        return tr(
            "{run_title} draws {size}×{size} sprites in {channels} channels, "
            "so it cannot start from the noise of the other lanes.",
            run_title=run_title(racer.model.title),
            size=size,
            channels=channels,
        )

    # -- lanes ---------------------------------------------------------------------------

    def _last_lanes(self) -> RaceConfig:
        with suppress(ConfigError):  # saved by another version
            return RaceConfig.from_json(self._lab.settings.value.forms.get(_KEPT, {}))
        return RaceConfig()

    def _restore(self) -> bool:
        """Restore the last lanes whose models still exist, and draw those that had been drawn.

        Returns whether any lanes had been saved.
        """
        stored, self._stored = self._stored, RaceConfig()
        refs = {lane.ref for lane in stored.lanes} - {self._ref}
        others = [ref for ref in refs if not is_shipped(ref)]

        def take(gone: frozenset[str]) -> None:
            if self.run.entries != self._first:
                return  # others were chosen meanwhile
            there = [lane for lane in stored.lanes if lane.ref not in gone]
            self.run.show_lanes(there or self._presets[""])
            self.run.first = list(self.run.entries)
            if there and stored.drawn:
                self.run.race()

        if others:
            self._lab.do(find_gone(others), self, then=take, quiet=True)
        elif stored.lanes:
            take(frozenset())
        return bool(stored.lanes)

    def _preset(self) -> None:
        self.run.show_lanes(self._presets[""])
        self._first = list(self.run.entries)

    @property
    def _presets(self) -> dict[str, tuple[LaneConfig, ...]]:
        """Lanes for the open model, by preset: "" = the default, a sampler's name = that sampler
        with several numbers of steps, "spacing" = each spacing, "student" = model and student, if
        it has one. If the open model is a student, there is only the default.
        """
        ref, racer = self._ref, self.run.racers[self._ref]
        if racer.model.is_student:
            return {"": tuple(LaneConfig(ref, *lane) for lane in (*STUDENT_PRESET, STUDENT_LANE))}
        names = (ref, racer.model.title)
        students = [s.name for s in self._lab.shipped.value if s.teacher in names]
        usual = [LaneConfig(ref, *lane) for lane in PRESET]
        student = [LaneConfig(student, *STUDENT_LANE) for student in students[:1]]
        taught = [LaneConfig(ref, "ddim", steps) for steps in TEACHER_STEPS]
        by_steps = {
            sampler: tuple(LaneConfig(ref, sampler, steps) for steps in STEPS_PRESET)
            for sampler in PRESET_SAMPLERS
        }
        spaced = tuple(LaneConfig(ref, *SPACED, spacing) for spacing in SPACINGS)
        presets = {"": (*usual, *student)} | by_steps | {"spacing": spaced}
        return presets | ({"student": (*taught, *student)} if student else {})

    def _on_preset(self, name: str) -> None:
        if self._ref not in self.run.racers:
            self._asked = name
            return
        presets = self._presets
        self.run.show_lanes(presets.get(name, presets[""]))

    def _show_preset(self) -> None:
        """Show which preset the lanes are from, if any."""
        if self._ref in self.run.racers:
            lanes, presets = self.run.lanes.lanes, self._presets
            now = next((name for name, known in presets.items() if known == lanes), None)
            self.panel.show_presets(list(presets), now)

    def _add(self) -> None:
        lane, again = self.panel.lane, self.run.any_done
        added = self.run.add(lane.ref, lane.sampler, lane.steps, lane.spacing)
        if again:
            self.run.race()
        self.lanes.reveal(added)

    # -- display ----------------------------------------------------------------------------------

    def _show(self) -> None:
        entries = [*self.run.entries, *self.run.references]
        waiting = sum(self.run.result(entry) is None for entry in entries)
        loaded = self._ref in self.run.racers
        nothing = tr("There is no lane: add one") if loaded else tr("Loading the model")
        self.lanes.say_nothing(nothing)
        self.lanes.refresh()
        self._show_axis()
        self._show_preset()
        set_lesson_value(self.lanes, len(self.run.entries))
        self.panel.show_added(self.run.entries)
        set_lesson_value(self.plot, len(self._done))
        if self._chosen is not None and self.run.lane(self._chosen[0]) is None:
            self._chosen = None
        self._show_chosen()
        self._course.share_out()
        self._show_frame()
        if self.run.entries:
            lanes = self.run.lanes
            # Undrawn default lanes are not worth keeping: another model gets its own.
            if loaded and not lanes.drawn and lanes.lanes == self._presets[""]:
                lanes = RaceConfig()
            kept = {_KEPT: lanes.to_json()}
            self._lab.settings.replace(forms=self._lab.settings.value.forms | kept)
        if self.panel.busy.has_focus and not self.run.running:
            self.timeline.slider.setFocus()  # used next; the Race button may be disabled now
        self.panel.set_running(self.run.running)
        self.panel.set_room(len(self.run.entries) < MOST_LANES)
        # If no lane is drawn yet, a race begins, even if its reference is known.
        self.panel.set_start(len(entries), waiting if self.run.any_done else len(entries))
        self._say_about()

    def _say_about(self) -> None:
        """Say what is racing, from which noise, and what compact lanes leave out."""
        run = self.run
        known = {
            "lanes": trn("{n} lane", "{n} lanes", len(run.entries)),
            "sprites": trn("{n} sprite", "{n} sprites", run.base.count),
        }
        if not run.entries:
            parts = []
        elif run.any_done or run.running:
            parts = list(dict.fromkeys(map(run.model_title, run.entries)))
            parts.append(tr("{lanes}, {sprites} each", **known))
            if run.base.guidance_scale != 1:
                scale = run.base.guidance_scale
                parts.append(tr("guidance {guidance_scale:g}", guidance_scale=scale))
            parts.append(tr("seed {seed}", seed=run.base.seed))
        else:
            parts = [tr("{lanes}, {sprites} each: press Race", **known)]
        noisy = {tr(SAMPLERS[e.sampler].label): 0 for e in run.entries if run.config(e).is_random}
        if noisy and self.lanes.is_compact:
            parts.append(tr("Adds fresh noise: {names}", names=", ".join(noisy)))
        text = in_whole_parts(DOT.join(parts))
        if text != self.caption.text():  # or the height would be redistributed again
            self.caption.setText(text)

    def _show_axis(self) -> None:
        lanes = [lane for e in self.run.entries if (lane := self.run.lane(e)) is not None]
        if not lanes:
            self.timeline.set_thumbnails(None)
            if len(self.timeline_model.axis):
                self.timeline_model.set_axis(EMPTY_AXIS)
            return
        t, log_snr = lanes[0].axis(_FRAMES)
        axis = self.timeline_model.axis
        if axis.log_snr is None or not np.array_equal(axis.log_snr, log_snr):
            axis = Axis("noise", t.astype(np.float32), log_snr, 1, tr("noise"), tr("clean"))
            self.timeline_model.set_axis(axis, len(axis) - 1)

    def _set_thumbnails(self) -> None:
        entry, sprite = self._chosen or (None, 0)
        entries = [e for e in self.run.entries if self.run.lane(e) is not None]
        lane = self.run.lane(entry or entries[0]) if entry or entries else None
        log_snr = self.timeline_model.axis.log_snr
        if lane is None or log_snr is None:
            self.timeline.set_thumbnails(None)
            return
        self.timeline.set_thumbnails(
            lambda frame: frame_pixels(
                lane.trajectory, lane.frame_at(float(log_snr[frame])), "x_t", sprite
            )[0]
        )

    def _show_frame(self, *_: object) -> None:
        levels = self.timeline_model.axis.log_snr
        here = None if levels is None else float(levels[self.timeline_model.frame])
        self.plots.show_level(here)
        if here is not None:
            self.lanes.show_level(here, self.view.value, self._chosen)

    def _on_progress(self, entry: Entry, done: int, total: int) -> None:
        self.panel.busy.show_progress(done, total, self.run.title(entry))

    # -- one sprite ----------------------------------------------------------------------

    def _choose(self, entry: Entry, sprite: int) -> None:
        if self.run.lane(entry) is None:
            return
        self._chosen = (entry, sprite)
        self._show_chosen()
        self._show_frame()

    def _open(self, entry: Entry, sprite: int) -> None:
        self._choose(entry, sprite)
        self._watch()

    def _show_chosen(self) -> None:
        self._set_thumbnails()
        self.plots.show_race(self.run, 0 if self._chosen is None else self._chosen[1])
        if self._chosen is None:
            self.panel.chosen.show_chosen("")
            return
        entry, sprite = self._chosen
        fits = self.run.racers[entry.ref].model.image_size == self._lab.project.side
        words = tr("{title}: sprite {sprite}", title=self.run.title(entry), sprite=sprite + 1)
        self.panel.chosen.show_chosen(words, drawable=fits)

    def _watch(self) -> None:
        if self._chosen is not None and (lane := self.run.lane(self._chosen[0])) is not None:
            self.watch_wanted.emit(lane.trajectory, self._chosen[1])

    def _draw(self) -> None:
        if self._chosen is not None and (lane := self.run.lane(self._chosen[0])) is not None:
            found, sprite = lane.trajectory, self._chosen[1]
            self._lab.draw_on("race", found.rgba()[sprite], prompt_of(found, sprite))

    # -- export --------------------------------------------------------------------------

    def _export(self) -> Offered:
        return clips.of_race(self._done) if self._done else NOT_YET["race"]

    @property
    def _done(self) -> list[tuple[str, Lane]]:
        """Titles and results of finished lanes."""
        lanes = [(self.run.title(entry), self.run.lane(entry)) for entry in self.run.entries]
        return [(title, lane) for title, lane in lanes if lane is not None]

    # -- keys ----------------------------------------------------------------------------

    def escape(self) -> None:
        """Stop the race, or playback."""
        if self.run.running:
            self.run.cancel()
        else:
            super().escape()
