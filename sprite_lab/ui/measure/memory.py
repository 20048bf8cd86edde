"""The page of Measure that compares a sprite with the training set."""

from __future__ import annotations

import numpy as np

from sprite_lab.app.lab import Lab
from sprite_lab.app.measure import measure_tasks
from sprite_lab.app.shell.first_sprites import first_config
from sprite_lab.app.shell.text_format import class_words, sprite_name
from sprite_lab.app.timeline import trajectory_axis
from sprite_lab.app.train.training_set import MissingSet, training_set
from sprite_lab.core.records import Outcome
from sprite_lab.core.results.neighbors import CopyRule, Remembered, TrainingPart
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.trajectories.frame_views import class_of
from sprite_lab.ui.measure.memory_stage import LEAST, MemoryStage
from sprite_lab.ui.page import StagePage, stage_of
from sprite_lab.ui.parts import Parts
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.fields.model_needed import ModelNeeded
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid, scrolled
from sprite_lab.words import tr, trc

#: Number of sprites of the set dissolved at once.
SOME = 9

#: Name under which the settings keep what to compare with.
_KEPT = "memory"


class MemoryPage(StagePage):
    """Shows whether a sprite is new or a copy, when that was decided, and what it could be."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab, "measure.memory")
        self._part: TrainingPart | None = None
        self._part_of: tuple[str, str] | None = None  # fingerprint of its set, and its model
        self._rule: CopyRule | None = None
        self._rule_of: TrainingPart | None = None
        self._found: Remembered | None = None
        self._stale = True
        self.stage = MemoryStage(lab, self.timeline_model)
        why = tr("Compares what a model draws with what it learned from.")
        self._empty = ModelNeeded(lab, "memory", why, name="memory.empty")
        parts = Parts(self.stage, *self.stage.parts(), least=LEAST, name="memory")
        parts.turned.connect(self.stage.set_single)
        self._area = stage_of(parts, spacing=8)
        self.set_faces(self._empty, self._area)
        self._make_inspector()

        self.timeline_model.frame_changed.connect(self.stage.show_frame)
        lab.trajectory.changed.connect(self._on_trajectory)
        lab.data.changed.connect(self._on_set)
        lab.model.changed.connect(self._on_set)
        self._on_trajectory()

    def _make_inspector(self) -> None:
        self.grid = named(SpriteGrid(scale=3, gap=4), "memory.sprites", tr("Finished sprites"))
        self._about = dim_label(name="memory.about")
        self.among = Segmented(
            "memory.among",
            tr("Compare with"),
            Option("class", tr("Its class"), tip=tr("Training sprites of the requested class")),
            Option("all", trc("sprites", "All"), tip=tr("All training sprites")),
            stretch=True,
        )
        self.pictures = Segmented(
            "memory.pictures",
            tr("Pictures"),
            Option("drawn", tr("As drawn"), tip=tr("Each training sprite as it is in the set")),
            Option(
                "augmented",
                tr("Augmented"),
                tip=tr("Each sprite also mirrored, moved and recolored, as in training"),
            ),
            stretch=True,
        )
        sprite = FoldGroup(tr("Sprite"), name="memory.sprite")
        self._dissolve = push_button(
            "memory.dissolve",
            tr("Dissolve {some} from the set", some=SOME),
            "forward-process",
            tr("Add noise to random sprites of the open set, and see when each is lost"),
            do=self._dissolve_some,
        )
        sprite.add(scrolled(self.grid, 240), self._about, self._dissolve)
        self._against = dim_label(name="memory.set.about")
        against = FoldGroup(tr("Candidates"), name="memory.against")
        against.add_row(tr("Compare with"), self.among)
        against.add_row(tr("Pictures"), self.pictures)
        against.add(self._against)
        self.inspector = Inspector(sprite, against, name="memory.inspector")
        self.grid.current_changed.connect(self._on_sprite)
        self.grid.clicked.connect(self._on_clicked)
        known = self._lab.settings.value.forms.get(_KEPT)
        if isinstance(known, dict) and known.get("among") in ("class", "all"):
            self.among.set_value(known["among"])
        self.among.changed.connect(self._remember_among)
        self.among.changed.connect(self._look)
        self.pictures.changed.connect(self._look)

    def _remember_among(self, among: str) -> None:
        forms = self._lab.settings.value.forms | {_KEPT: {"among": among}}
        self._lab.settings.replace(forms=forms)

    # -- following the lab ------------------------------------------------------------------------

    def on_shown(self) -> None:
        if self._stale:
            self._on_set()

    def _on_trajectory(self, *_: object) -> None:
        trajectory = self._lab.trajectory.value
        if trajectory is None:
            self.clear_timeline()
            self.grid.set_sprites(None)
            self._show_what()
            return
        before = max(self.grid.current, 0)
        self.grid.set_sprites(trajectory.rgba())
        axis = trajectory_axis(trajectory)
        self.timeline_model.set_axis(axis, len(axis) - 1)
        sprite = min(before, trajectory.count - 1)
        if self.grid.current != sprite:
            self.grid.set_current(sprite)  # _on_sprite continues from there
        else:
            self._on_sprite(sprite)

    def _on_set(self, *_: object) -> None:
        """Look up the training set of the model once the page is visible."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        why = "" if self._lab.data.value is not None else tr("No data set is open.")
        allow(self._dissolve, why)
        self._show_what()
        found = training_set(self._lab)
        if isinstance(found, MissingSet):
            self._part = self._part_of = self._rule = None
            self.stage.need(found)
            self._say_against()
            return
        self.stage.need(None)
        ref = self._lab.model_ref if self._lab.model.value is not None else None
        key = (found.fingerprint, str(ref))
        if key != self._part_of:
            self._part = self._rule = None
            self._part_of = key
            task = measure_tasks.training_part(found, ref)

            def take(part: TrainingPart) -> None:
                if self._part_of == key:  # the set may have changed
                    self._on_part(part)

            job = self._jobs.do("part", task, take)
            job.ended.connect(self._on_part_ended)
        else:
            self._look()

    def _on_part_ended(self, outcome: Outcome) -> None:
        if outcome.kind == "failed":
            self._part_of = None  # retried when the page is shown again

    def _on_part(self, part: TrainingPart) -> None:
        self._part, self._rule = part, None
        augmentation = part.augmentation
        as_is = tr("The model learned from pictures as they are.")
        allow(self.pictures, "" if augmentation.any else as_is)
        # A network with augmentation labels draws without augmentation; others draw what they saw.
        self.pictures.set_value(
            "augmented" if augmentation.any and not augmentation.told else "drawn"
        )
        self._look()

    def _find_rule(self, part: TrainingPart) -> None:
        """Find the rule for copies once per training part; after a sprite, as it takes longer."""
        under_way = self._rule_of is part and self._jobs.is_active("rule")
        if self._rule is None and not under_way:
            self._rule_of = part

            def take(rule: CopyRule) -> None:
                if self._part is part:
                    self._rule = rule
                    self._say_verdict()

            task = measure_tasks.copy_rule(part)
            self._jobs.do("rule", task, take)

    # -- comparing --------------------------------------------------------------------------------

    def _on_sprite(self, sprite: int) -> None:
        trajectory = self._lab.trajectory.value
        if trajectory is None or sprite < 0:
            return
        self.show_thumbnails(trajectory, sprite)
        self.stage.set_sprite(trajectory, sprite)
        self.stage.show_frame(self.timeline_model.frame)
        asked = class_of(trajectory, sprite)
        self._about.setText(
            tr("Sprite {sprite} of {count}", sprite=sprite + 1, count=trajectory.count)
            + (tr(", asked for as {asked}", asked=class_words(asked)) if asked else "")
        )
        self._on_set()

    def _on_clicked(self, _: int) -> None:
        """Resume a stopped comparison, even if the same sprite is clicked."""
        if self._stale:
            self._on_set()

    def _among(self, part: TrainingPart) -> SpriteSet:
        """The training sprites that the chosen sprite could become."""
        trajectory = self._lab.trajectory.value
        asked = class_of(trajectory, self.grid.current) if trajectory is not None else None
        names, labels = part.train.class_names, part.train.labels
        members = labels == (names.index(asked) if asked in names else len(names))
        none = tr("It was asked for no class, so it is compared with all sprites.")
        if asked:
            none = tr("No training sprite is of its class, so it is compared with all.")
        allow(self.among, "" if members.any() else none)
        if self.among.value == "all" or not members.any():
            return part.train
        return part.train.take(members)

    def _look(self, *_: object) -> None:
        trajectory, part = self._lab.trajectory.value, self._part
        if trajectory is None or part is None or self.grid.current < 0:
            return
        self._found = None
        if trajectory.x_t.shape[2:4] != part.train.size:
            height, width = part.train.size
            words = tr(
                "The set's sprites are {width}×{height}: nothing to compare with.",
                width=width,
                height=height,
            )
            self._about.setText(words)
            return
        sprite, among = self.grid.current, self._among(part)
        augmentation = part.augmentation if self.pictures.value == "augmented" else None
        self._say_against(among)
        self.stage.wait()

        def take(found: Remembered) -> None:
            # The display may have changed without starting another comparison.
            same = self._lab.trajectory.value is trajectory and self.grid.current == sprite
            if same and self._part is part:
                self._found = found
                self.stage.set_remembered(found, part)
                self._say_verdict()
                self._find_rule(part)

        task = measure_tasks.remember(
            trajectory, sprite, part, among=among, augmentation=augmentation
        )
        self._jobs.do("sprite", task, take)

    def _say_verdict(self) -> None:
        if self._found is not None:
            near, name = self._found.near_copy, ""
            if self._part is not None and near >= 0:
                name = sprite_name(self._part.train, near)
            self.stage.set_verdict(self._found, self._rule, name)

    def _say_against(self, among: SpriteSet | None = None) -> None:
        if among is None or self._part is None:
            self._against.setText("")
            return
        told = ""
        if self._part.augmentation.told:
            told = tr(
                " This network draws without augmentation: in training it was told how each "
                "picture was augmented."
            )
        words = tr(
            "{count:,} training sprites of “{data_title}”, compared by the colors of the "
            "noisy sprite alone.{told}",
            count=len(among),
            data_title=self._lab.data_title,
            told=told,
        )
        self._against.setText(words)

    # -- empty states -----------------------------------------------------------------------------

    def _show_what(self) -> None:
        if self._lab.trajectory.value is not None:
            self.stack.setCurrentWidget(self._area)
            return
        self.stack.setCurrentWidget(self._empty)
        if self._lab.model.value is None and self._lab.data.value is not None:
            self._empty.offer(
                tr("There is no model yet"),
                tr(
                    "This page compares what a model draws with what it learned from. Until you "
                    "have one, watch sprites of the set get lost in noise."
                ),
                tr("Dissolve {some} from the set", some=SOME),
                "forward-process",
                self._dissolve_some,
            )
        elif self._empty.explain_model():
            self._empty.offer(
                tr("New or copied?"),
                tr(
                    "This page compares the sprites that the model draws with those it learned "
                    "from."
                ),
                tr("Generate 16 sprites"),
                "generate",
                self._generate,
            )

    def _generate(self) -> None:
        model = self._lab.model.value
        if model is not None:
            self._jobs.follow("generate", self._lab.generate([first_config(model.class_names)]))

    def _dissolve_some(self) -> None:
        sprites = self._lab.data.value
        if sprites is not None:
            some = np.random.default_rng().permutation(len(sprites))[:SOME]
            self._jobs.follow("generate", self._lab.forward(sprites.images[some]))

    def _on_stopped(self, kinds: set[str]) -> None:
        # Resumed when the page is shown again or another sprite is chosen.
        self._stale = self._stale or bool(kinds & {"part", "sprite", "rule"})
        if kinds & {"part", "sprite"}:
            self.stage.stopped()
        if "part" in kinds:
            self._part_of = None
