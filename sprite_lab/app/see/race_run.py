"""Races: lanes, their results, and the jobs that draw them one by one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from sprite_lab.app.context import AppContext
from sprite_lab.app.engine_types import Model
from sprite_lab.app.see import see_tasks
from sprite_lab.app.see.see_tasks import Racer
from sprite_lab.app.shell.text_format import run_title
from sprite_lab.core.config import (
    DEFAULT_SAMPLER,
    SAMPLERS,
    SEGMENTS,
    SPACINGS,
    SampleConfig,
    SamplerName,
    SpacingName,
)
from sprite_lab.core.config.base import Config, setting
from sprite_lab.core.pixels.cells import CELL_SIZE
from sprite_lab.core.records import Outcome, Preview
from sprite_lab.core.trajectories.race import REFERENCE_STEPS, Lane
from sprite_lab.jobs import JobHandle
from sprite_lab.words import tr, trn

#: Maximum number of lanes that can be told apart on the screen.
MOST_LANES = 8

#: Number of results kept, so that returning to earlier settings computes nothing.
_KEPT = 32

#: Samplers of every kind, with about the same number of evaluations each.
PRESET: tuple[tuple[SamplerName, int], ...] = (
    ("ddim", 12),
    ("heun", 6),
    ("dpmpp_2m", 12),
    ("dpmpp_2m_sde", 12),
)

#: Preset of one sampler with more and more steps: the steps, and the samplers offered.
STEPS_PRESET = (1, 4, 12, 50)
PRESET_SAMPLERS: tuple[SamplerName, ...] = ("ddim", DEFAULT_SAMPLER)

#: Preset of one sampler and number of steps, once for each spacing.
SPACED: tuple[SamplerName, int] = (DEFAULT_SAMPLER, 6)

#: Presets for a student.
STUDENT_PRESET: tuple[tuple[SamplerName, int], ...] = (("student", 1), ("student", 2))
STUDENT_LANE: tuple[SamplerName, int] = ("student", SEGMENTS)

#: Steps of the teacher lanes that a student is compared with: as many as the student's, and more.
TEACHER_STEPS = (SEGMENTS, 12)


@dataclass(frozen=True)
class LaneConfig(Config):
    """A lane as saved between sessions."""

    ref: str = ""
    sampler: SamplerName = DEFAULT_SAMPLER
    steps: int = setting(12, low=1)
    spacing: SpacingName = SampleConfig.spacing


@dataclass(frozen=True)
class RaceConfig(Config):
    """The lanes of a race, and whether any was drawn or about to be drawn."""

    lanes: tuple[LaneConfig, ...] = ()
    drawn: bool = False


@dataclass(frozen=True)
class Entry(LaneConfig):
    """A requested lane; ``key`` distinguishes equal ones."""

    key: int = -1
    is_reference: bool = False

    @property
    def config(self) -> LaneConfig:
        return LaneConfig(self.ref, self.sampler, self.steps, self.spacing)

    @property
    def title(self) -> str:
        """Its title, without its model."""
        return self.titled()

    def titled(self, *, spaced: bool = False) -> str:
        """Its title; ``spaced``: name its spacing even if it is the default."""
        label = tr(SAMPLERS[self.sampler].label)
        if spaced or self.spacing != SampleConfig.spacing:
            label = f"{label}, {tr(SPACINGS[self.spacing].label)}"
        return trn("{label}, {n} step", "{label}, {n} steps", self.steps, label=label)


def _entry(lane: LaneConfig, key: int = -1) -> Entry:
    return Entry(lane.ref, lane.sampler, lane.steps, lane.spacing, key)


#: Everything that a result depends on: the lane, and the shared settings.
_Key = tuple[LaneConfig, SampleConfig]

#: Lanes that were drawn, or why they could not be drawn.
Results = Mapping[_Key, Lane | str]


class RaceRun(QObject):
    """Runs the lanes one by one, then the references. UI thread."""

    changed = Signal()  #: lanes, results or ``running`` changed
    progressed = Signal(object, int, int)  #: the Entry being drawn, steps done, steps in total
    previewed = Signal(object, object)  #: the Entry being drawn, and uint8 (N, H, W, 3)

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._keys = itertools.count()
        self.entries: list[Entry] = []  #: the lanes, in their order on screen
        self.first: list[Entry] = []  #: the initial lanes
        #: the settings that all lanes share: count, seed, classes, guidance
        self.base = SampleConfig(count=4, colors=0)
        self.racers: dict[str, Racer] = {}  #: the loaded models, by ``ref``
        self._results: dict[_Key, Lane | str] = {}
        self._job: JobHandle | None = None
        self._at: Entry | None = None
        self.running = False

    # -- lanes -----------------------------------------------------------------------------

    def add(
        self,
        ref: str,
        sampler: SamplerName,
        steps: int,
        spacing: SpacingName = SampleConfig.spacing,
    ) -> Entry:
        """Add a lane below the others."""
        entry = Entry(ref, sampler, steps, spacing, next(self._keys))
        self.entries.append(entry)
        self.changed.emit()
        return entry

    def remove(self, entry: Entry) -> None:
        """Remove a lane; if it is being drawn, continue with the next."""
        self.entries.remove(entry)
        if entry == self._at and self._job is not None:
            self._job.cancel()
            self._job = None
            self._advance()
        self.changed.emit()

    def move(self, entry: Entry, by: int) -> None:
        """Move a lane up (-1) or down (+1), if possible."""
        here = self.entries.index(entry)
        there = min(max(here + by, 0), len(self.entries) - 1)
        self.entries.insert(there, self.entries.pop(here))
        self.changed.emit()

    def show_lanes(self, lanes: Sequence[LaneConfig]) -> None:
        """Replace all lanes."""
        self.put_back([_entry(lane, next(self._keys)) for lane in lanes])

    def put_back(self, entries: Sequence[Entry]) -> None:
        """Show exactly these lanes, some of which may have been removed; results are kept."""
        self.cancel()
        self.entries = list(entries)
        self.changed.emit()

    def take_results(self, results: Results) -> Results:
        """Replace all results; returns the previous ones."""
        self.cancel()
        before, self._results = self._results, dict(results)
        if before != self._results:
            self.changed.emit()
        return before

    def title(self, entry: Entry) -> str:
        """The title of a lane, with its spacing if the lanes differ in it; or of a reference."""
        several = len({lane.spacing for lane in self.entries}) > 1
        return entry.titled(spaced=several and not entry.is_reference)

    def model_title(self, entry: Entry) -> str:
        """The title of a lane's model, which may not be loaded yet; "" = unknown."""
        context, racer = self._context, self.racers.get(entry.ref)
        titles = {str(run.path): run.title for run in context.runs.value}
        titles |= {shipped.name: shipped.title for shipped in context.shipped.value}
        return run_title(titles.get(entry.ref, "") if racer is None else racer.model.title)

    @property
    def lanes(self) -> RaceConfig:
        return RaceConfig(
            tuple(entry.config for entry in self.entries), self.any_done or self.running
        )

    @property
    def references(self) -> list[Entry]:
        """References to compare the lanes with, one for each model; a student has its teacher's."""
        refs = dict.fromkeys(ref for entry in self.entries if (ref := self.teacher_of(entry)))
        found = []
        for ref in refs:
            racer = self.racers.get(ref)
            if racer is not None:
                steps = min(REFERENCE_STEPS, racer.model.timesteps)
                found.append(Entry(ref, "ddim", steps, is_reference=True))
        return found

    def reference_of(self, entry: Entry) -> Entry | None:
        """The reference of a lane; None = its model is not loaded."""
        ref = self.teacher_of(entry)
        return next((found for found in self.references if found.ref == ref), None)

    def teacher_of(self, entry: Entry) -> str | None:
        """The ``ref`` of a lane's model, or of a student's teacher; None = it is not found."""
        racer = self.racers.get(entry.ref)
        if racer is None or racer.teacher is None:
            return entry.ref if racer is None or not racer.model.is_student else None
        title = racer.teacher
        for known in self.racers.values():
            if known.model.title == title and not known.model.is_student:
                return known.ref
        for shipped in self._context.shipped.value:
            if shipped.teacher is None and title in (shipped.name, shipped.title):
                return shipped.name
        for run in self._context.runs.value:
            if title in (run.path.name, run.title) and run.step is not None:
                return str(run.path)
        return None

    # -- results ---------------------------------------------------------------------------

    def set_base(self, base: SampleConfig) -> None:
        """Change the shared settings; results with the previous ones are kept."""
        if base != self.base:
            self.cancel()
            self.base = base
            self.changed.emit()

    def config(self, entry: Entry) -> SampleConfig:
        guided, racer = self.base.guidance_interval, self.racers.get(entry.ref)
        if guided is not None and racer is not None:
            # "At all noise levels" means the levels of each model.
            guided = guided[0], float(racer.model.timesteps)
        return replace(
            self.base,
            sampler=entry.sampler,
            steps=entry.steps,
            spacing=entry.spacing,
            guidance_interval=guided,
        )

    def _key(self, entry: Entry) -> _Key:
        return entry.config, self.base

    def result(self, entry: Entry) -> Lane | str | None:
        """Result of a lane: a Lane, or an error message; None = not drawn yet."""
        return self._results.get(self._key(entry))

    def lane(self, entry: Entry) -> Lane | None:
        """Result of a lane; None = there is none."""
        found = self.result(entry)
        return found if isinstance(found, Lane) else None

    @property
    def drawn(self) -> list[tuple[Entry, Lane]]:
        """All lanes drawn with the shared settings, including removed ones."""
        return [
            (_entry(lane), found)
            for (lane, base), found in self._results.items()
            if base == self.base and isinstance(found, Lane)
        ]

    def exact(self, entry: Entry) -> Lane | None:
        """Result of the reference of a lane; None = there is none yet."""
        reference = self.reference_of(entry)
        return None if reference is None else self.lane(reference)

    @property
    def side(self) -> int:
        """Width of the lanes' sprites in pixels; until known, that of a cell."""
        racers = (self.racers.get(entry.ref) for entry in self.entries)
        return next((each.model.image_size for each in racers if each is not None), CELL_SIZE)

    @property
    def any_done(self) -> bool:
        """Whether any lane was drawn with the shared settings."""
        return any(self.lane(entry) is not None for entry in self.entries)

    # -- running ---------------------------------------------------------------------------

    def race(self) -> None:
        """Draw all lanes without a result, including those that failed."""
        for key, found in list(self._results.items()):
            if isinstance(found, str):
                del self._results[key]
        self.running = True
        self.changed.emit()
        if self._job is None:
            self._advance()

    def cancel(self) -> None:
        """Stop; finished lanes are kept."""
        job, self._job, self._at = self._job, None, None
        if job is not None:
            job.cancel()
        if self.running:
            self.running = False
            self.changed.emit()

    def load(self, ref: str, then: Callable[[], None], model: Model | None = None) -> None:
        """Load a model if needed, then call ``then``; a failure is reported."""
        if ref in self.racers:
            then()
            return

        def take(racer: Racer) -> None:
            self._take(racer)
            then()

        task = see_tasks.load_racer(ref, model)
        self._context.do(task, self, then=take)

    def _take(self, racer: Racer) -> None:
        self.racers[racer.ref] = racer

    def forget(self, ref: str) -> None:
        """Drop a model and its results."""
        self.racers.pop(ref, None)
        self._results = {key: lane for key, lane in self._results.items() if key[0].ref != ref}

    def _missing(self) -> Iterator[str]:
        """The ``ref`` of each model that is not loaded yet."""
        for entry in self.entries:
            for ref in (entry.ref, self.teacher_of(entry)):
                if ref is not None and ref not in self.racers:
                    yield ref

    def _advance(self) -> None:
        self._at = self._job = None
        if not self.running:
            return
        # Lanes first, then their references, which take longest.
        entry = next((e for e in self.entries if self.result(e) is None), None)
        missing = next(self._missing(), None)
        if entry is None and missing is None:
            entry = next((e for e in self.references if self.result(e) is None), None)
        if entry is not None and entry.ref in self.racers:
            self._start(entry)
            return
        if entry is not None:
            missing = entry.ref
        if missing is None:
            self.running = False
            self.changed.emit()
            return
        task = see_tasks.load_racer(missing)
        self._job = self._context.do(task, self, then=self._take)
        self._follow(self._job, None)

    def _start(self, entry: Entry) -> None:
        racer, config = self.racers[entry.ref], self.config(entry)
        # All lanes together share the memory limit of one trajectory.
        share = self._context.settings.value.recorded_bytes // max(1, len(self.entries))
        task = see_tasks.race_lane(racer, config, share, entry.is_reference)
        job = self._context.do(task, self, name=tr("Racing {title}", title=entry.title), quiet=True)
        job.progressed.connect(self._on_progress)
        job.preview_ready.connect(self._on_preview)
        self._follow(job, entry)

    def _follow(self, job: JobHandle, entry: Entry | None) -> None:
        self._job, self._at = job, entry
        job.ended.connect(self._on_ended)
        self.changed.emit()

    def _on_progress(self, done: int, total: int, _text: str) -> None:
        if self.sender() is self._job and self._at is not None:
            self.progressed.emit(self._at, done, total)

    def _on_preview(self, preview: Preview) -> None:
        if self.sender() is self._job and self._at is not None:
            self.previewed.emit(self._at, preview.images)

    def _on_ended(self, outcome: Outcome) -> None:
        if self.sender() is not self._job:
            return
        entry = self._at
        if outcome.kind == "canceled" or (entry is None and outcome.kind == "failed"):
            self._job = None
            self.cancel()
            return
        if entry is not None:
            found = outcome.result if outcome.kind == "completed" else outcome.error
            while len(self._results) >= _KEPT:
                del self._results[next(iter(self._results))]
            self._results[self._key(entry)] = found
            self.changed.emit()
        self._advance()
