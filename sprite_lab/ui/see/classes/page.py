"""The page of See on the noise level at which the class of a sprite is decided."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy

from sprite_lab.app.files.sources import of_trajectory
from sprite_lab.app.lab import Lab
from sprite_lab.app.measure import measure_tasks
from sprite_lab.app.shell.first_sprites import first_config
from sprite_lab.app.shell.text_format import (
    UNTOLD,
    class_words,
    level_text,
    prompt_words,
    x_t_words,
)
from sprite_lab.app.timeline import TimelineModel
from sprite_lab.core.config import ScheduleConfig
from sprite_lab.core.config.base import settings_of
from sprite_lab.core.records import Outcome
from sprite_lab.core.results.probability import ClassProbabilities
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.trajectories.frame_views import has_noise
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.page import StagePage, heading_row, stage_of
from sprite_lab.ui.see.classes.plot import ClassPlot
from sprite_lab.ui.text import Label, html
from sprite_lab.ui.theme import tabular
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented
from sprite_lab.ui.widgets.fields.calm import named, set_lesson_value
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.fields.model_needed import ModelNeeded
from sprite_lab.ui.widgets.plots.noise_axis import label_levels
from sprite_lab.ui.widgets.sprites.caption import TrajectoryCaption
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid, scrolled
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.words import number_text, tr

#: Above this probability, which is shown as 100%, a class counts as certain.
_SURE = 0.995


class ClassPage(StagePage):
    """p(class | x_t) of one sprite of the trajectory, or of all that end as the same class.

    It shares the current frame with the Watch page, through its ``timeline_model``.
    """

    def __init__(self, lab: Lab, timeline_model: TimelineModel) -> None:
        super().__init__(lab, "see.class", timeline_model)
        self._found: ClassProbabilities | None = None
        #: The last request: model, trajectory, and sprite; -1 = all of them.
        self._asked: tuple[object, object, int] | None = None
        why = tr(
            "A model can tell what a sprite will be while it is still noisy: train one, or open "
            "one in the library."
        )
        self._empty = ModelNeeded(lab, "measure", why, name="class.empty")
        self.plot = ClassPlot(lab)
        self._views = SpriteView(), SpriteView()
        self._title = named(Label(), "class.heading.x_t")
        self._clean_title = named(Label(), "class.heading.x0")
        pictures = []
        for view, name, title in zip(
            self._views, ("x_t", "x0"), (self._title, self._clean_title), strict=True
        ):
            named(view, f"class.{name}", name)
            title.setAlignment(Qt.AlignmentFlag.AlignCenter)  # like the sprite
            view.setMinimumSize(64, 64)
            # Otherwise, wrapped text would give each view at least its size hint.
            view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
            pictures.append(vbox(title, (view, 1), spacing=4))
        self._now = named(Label(wrap=True), "class.now")
        self._now.setFont(tabular(self._now.font()))
        self._decided = dim_label(name="class.decided")
        head = heading_row(lab, tr("When is the class decided?"), "class-by-t", spacing=4)
        left = vbox(*((picture, 1) for picture in pictures))
        middle = hbox((left, 1), (self.plot, 3), spacing=16)
        stage = stage_of(head, (middle, 1), self._now, self._decided, spacing=8)
        self.set_faces(self._empty, stage)
        self._make_inspector()
        self.plot.clicked.connect(lambda log_snr, _: timeline_model.go_to_log_snr(log_snr))
        timeline_model.frame_changed.connect(self._show_frame)
        lab.trajectory.changed.connect(self._on_trajectory)
        lab.model.changed.connect(self._ask)
        lab.shipped.changed.connect(self._ask)
        lab.is_asking.changed.connect(self._ask)
        self._on_trajectory()

    def _make_inspector(self) -> None:
        self.grid = named(SpriteGrid(scale=3, gap=4), "class.sprites", tr("Finished sprites"))
        self.of = Segmented(
            "class.of",
            tr("Sprites to average"),
            Option("one", tr("This sprite"), tip=tr("Only the selected sprite")),
            Option(
                "class",
                tr("All of its class"),
                tip=tr("Mean over all of these sprites that end as the same class"),
            ),
            stretch=True,
        )
        self._about = dim_label(name="class.about")
        self._doubt = dim_label(name="class.doubt")
        group = FoldGroup(tr("Sprite"), name="class.sprite")
        # In the panel, as the plot needs the room.
        caption = TrajectoryCaption(self._lab, name="class.caption")
        group.add(scrolled(self.grid, 240), caption, self.of, self._about, self._doubt)
        self.inspector = Inspector(group, name="class.inspector")
        self.grid.current_changed.connect(self._on_sprite)
        self.of.changed.connect(self._ask)

    # -- requests ---------------------------------------------------------------------------------

    def on_shown(self) -> None:
        self._ask()

    def _on_trajectory(self, *_: object) -> None:
        trajectory = self._lab.trajectory.value
        before = max(self.grid.current, 0)
        self.grid.set_sprites(None if trajectory is None else trajectory.rgba())
        if trajectory is not None:
            self.grid.set_current(min(before, trajectory.count - 1))
        self._on_sprite(self.grid.current)

    def _on_sprite(self, sprite: int) -> None:
        trajectory = self._lab.trajectory.value
        if trajectory is not None and sprite >= 0:
            self.show_thumbnails(trajectory, sprite)
        self._ask()

    def _explain(self) -> bool:
        """Show what is missing; returns True if nothing is."""
        model, trajectory = self._lab.model.value, self._lab.trajectory.value
        if not self._empty.explain_likelihood():
            return False
        assert model is not None
        size = model.image_size
        if len(model.class_names) < 2:
            self._empty.set_content(
                tr("This model knows no classes"),
                tr("Open one that knows classes, such as hero or food."),
            )
        elif trajectory is None:
            self._empty.offer(
                tr("When is the class decided?"),
                tr(
                    "Noise hides what a sprite is. Generate some, and see at which noise level the "
                    "model can tell."
                ),
                tr("Generate 16 sprites"),
                "generate",
                lambda: self._lab.generate([first_config(model.class_names)]),
            )
        elif trajectory.x_t.shape[2:4] != (size, size):
            self._empty.explain_size()
        else:
            return True
        return False

    def _ask(self, *_: object) -> None:
        """Start measuring what is chosen, unless it is already shown."""
        if not self.isVisible():
            return  # a hidden page computes nothing
        possible = self._explain()
        self.stack.setCurrentIndex(int(possible))
        if not possible or self.grid.current < 0:
            return
        model, trajectory = self._lab.model.value, self._lab.trajectory.value
        assert model is not None
        assert trajectory is not None
        asked = (model, trajectory, self.grid.current if self.of.value == "one" else -1)
        if asked == self._asked:
            self._show()
            return
        self._asked, self._found = asked, None
        self._show()
        sprites = of_trajectory(trajectory, model.class_names)
        if asked[2] >= 0:
            sprites = sprites.take(np.array([asked[2]]))

        def take(found: ClassProbabilities) -> None:
            if self._asked == asked:
                self._found = found
                self._show()

        task = measure_tasks.classify(model, sprites)
        job = self._jobs.do("class", task, take)
        job.ended.connect(self._on_ended)

    def _on_ended(self, outcome: Outcome) -> None:
        # The end of a job that was replaced by another may be reported last.
        stopped = outcome.kind != "completed" and not self._jobs.is_active("class")
        if stopped and self._found is None:
            self._asked = None
            self.plot.say_nothing(tr("Stopped. Select a sprite to continue."))

    def _on_stopped(self, kinds: set[str]) -> None:
        if kinds:
            self._asked = None  # measure again when the page is shown again

    # -- display ----------------------------------------------------------------------------------

    def _show(self) -> None:
        found, sprite = self._found, self.grid.current
        if found is None:
            self.plot.show_shares((), np.zeros(0), np.zeros((0, 0)))
            self.plot.say_nothing(tr("Running the model…"))
            self._decided.setText("")
            set_lesson_value(self._decided, None)
            self.plot.show_decided(None)
            self._about.setText("")
            self._doubt.setText("")
        else:
            by_level = found.by_level()
            ends = by_level[:, 0].argmax(axis=1)
            row = min(sprite, len(ends) - 1)
            rows = np.flatnonzero(ends == ends[row])
            shares = by_level[rows].mean(axis=0)
            self.plot.show_shares(found.class_names, found.log_snr[::-1], shares[::-1])
            self.plot.say_nothing("")
            trajectory = self._lab.trajectory.value
            if trajectory is not None:
                label_levels(self.plot, trajectory.log_snr, trajectory.t)
            name, about = class_words(found.class_names[ends[row]]), self._asked_for(sprite)
            if len(ends) > 1:
                about = tr(
                    "{count} of these {total} sprites end as {name}.",
                    count=len(rows),
                    total=len(ends),
                    name=name,
                )
            self._about.setText(about)
            self._say_decided(name, found.decided(), shares[0, ends[row]])
        self._show_frame()

    def _asked_for(self, sprite: int) -> str:
        """The prompt of a sprite, in words; "" = unknown."""
        trajectory = self._lab.trajectory.value
        if trajectory is None or not trajectory.prompts:
            return ""
        prompt = trajectory.prompts[sprite]
        if not (prompt.class_mix or prompt.words or prompt.style):
            return tr("Nothing was asked for: the noise alone decides the class.")
        asked, branched = prompt_words(prompt), trajectory.branched_at
        if branched is not None:
            return tr(
                "Prompt from t = {t:.0f} on, where it branched off: {asked}. Before that, "
                "what its parent branch was asked for.",
                t=trajectory.t[branched],
                asked=asked,
            )
        return tr(
            "Prompt: {asked}. This steers the class from pure noise on. The network is told "
            "this when it predicts the clean sprite, but not for the plot, so the sprite may "
            "show the class earlier.",
            asked=asked,
        )

    def _say_decided(self, name: str, decided: NDArray[np.float64], at_end: float) -> None:
        """Show the level at which the class is ``decided`` (of several sprites, the median), NaN =
        undecided.

        ``at_end``: probability of the class ``name`` at the clean sprite.
        """
        place = float(np.median(np.where(np.isnan(decided), np.inf, decided)))
        t: float | None = None
        trajectory = self._lab.trajectory.value
        if trajectory is not None and np.isfinite(place):
            t = float(np.interp(place, trajectory.log_snr, trajectory.t))
        set_lesson_value(self._decided, t)
        asking = self._lab.is_asking.value
        self.plot.show_decided(None if t is None or asking or len(decided) > 1 else place)
        level = "" if t is None else UNTOLD if asking else level_text(place, t)
        if not level:
            text = tr("No class ever stays above 50%.")
        elif len(decided) > 1:
            text = tr(
                "The class of half of all {count} sprites is decided from {t} on.",
                count=len(decided),
                t=level,
            )
        else:
            text = tr("Decided from {t}: {name} stays above 50%.", name=name, t=level)
        self._decided.setText(text)
        model, more = self._lab.model.value, []
        if level and model is not None:
            choice = settings_of(ScheduleConfig)["name"].choice(model.schedule_config.name)
            more.append(tr("This model counts t by the {name} schedule.", name=tr(choice.label)))
        if at_end < _SURE:
            doubt = tr(
                "At the clean end {name} has {share}: the rest is the classifier's own doubt.",
                name=name,
                share=number_text(at_end, ".0%"),
            )
            more.append(doubt)
        self._doubt.setText(" ".join(more))

    def _show_frame(self, *_: object) -> None:
        trajectory, frame = self._lab.trajectory.value, self.timeline_model.frame
        sprite = self.grid.current
        if trajectory is None or frame >= len(trajectory) or sprite < 0 or not self.isVisible():
            return
        for view, pictures in zip(self._views, (trajectory.x_t, trajectory.x0), strict=True):
            view.set_image(to_pixels(pictures[frame, sprite]))
        name = x_t_words(trajectory.kind, noise=has_noise(trajectory, frame))
        self._title.setText(html("<i>x<sub>t</sub></i>&nbsp; {}", name))
        if trajectory.kind == "forward":
            clean = html("<i>x<sub>0</sub></i>&nbsp; {}", tr("clean sprite"))
        else:
            clean = html("<i>x̂<sub>0</sub></i>&nbsp; {}", tr("prediction"))
        self._clean_title.setText(clean)
        log_snr = float(trajectory.log_snr[frame])
        self.plot.show_level(log_snr)
        words = self.plot.words_at(log_snr) if self._found is not None else "…"
        self._now.setText(f"{level_text(log_snr, float(trajectory.t[frame]))}: {words}")
