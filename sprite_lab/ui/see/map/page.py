"""The page of See that maps sprites, samples and trajectories to a plane."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.app.engine_types import Model
from sprite_lab.app.lab import Lab
from sprite_lab.app.see import see_tasks
from sprite_lab.app.shell.text_format import class_words, signed, sprite_name
from sprite_lab.app.timeline import TimelineModel
from sprite_lab.app.train.training_set import MissingSet, training_set
from sprite_lab.core.results.metrics import Neighbors
from sprite_lab.core.results.sprite_map import MapPaths, Pull, SpriteMap
from sprite_lab.core.trajectories.frame_views import class_of
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.page import StagePage, heading_row, stage_of
from sprite_lab.ui.see.map.panel import NEAREST, NO_PICTURE, MapPanel
from sprite_lab.ui.see.map.plot import MapPlot
from sprite_lab.ui.text import shorten
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.fields.set_needed import SetNeeded
from sprite_lab.ui.widgets.sprites.caption import TrajectoryCaption
from sprite_lab.words import tr, trn

#: Milliseconds for which the timeline must rest before arrows are computed.
_REST = 150

#: Maximum number of levels whose arrows are cached.
_KEPT = 512


class MapPage(StagePage):
    """A map of the open set, with the trajectory of See in it.

    It shares the current frame with the Watch page, through its ``timeline_model``.
    """

    def __init__(self, lab: Lab, timeline_model: TimelineModel) -> None:
        super().__init__(lab, "see.map", timeline_model)
        self.map: SpriteMap | None = None
        self._map_of: tuple[object, str] | None = None
        self._pulls: dict[tuple[object, ...], Pull] = {}
        self._chosen = -1
        self._stale = True
        self.plot = MapPlot(lab)
        self.panel = MapPanel()
        self.inspector = self.panel
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._rest.timeout.connect(self._find_pull)
        self._build(lab)

        panel, plot = self.panel, self.plot
        panel.space.changed.connect(self._on_set)
        panel.class_toggled.connect(plot.set_class_visible)
        panel.samples.current_changed.connect(self._on_sample)
        panel.paths.changed.connect(self._on_paths_wanted)
        panel.noisy.toggled.connect(self._on_paths_wanted)
        panel.arrows.changed.connect(self.show_pull)
        panel.nearest.clicked.connect(self._find_nearest)
        panel.dissolve.clicked.connect(self._dissolve)
        plot.sprite_clicked.connect(self._choose)
        plot.sample_clicked.connect(panel.samples.set_current)
        timeline_model.frame_changed.connect(self._on_frame)
        lab.data.changed.connect(self._on_set)
        lab.model.changed.connect(self._on_model)
        lab.trajectory.changed.connect(self._on_trajectory)
        self._on_trajectory()

    def _build(self, lab: Lab) -> None:
        self._about = dim_label(name="map.about", wrap=False)
        self._other = QWidget()
        self._other_text = HintLabel(name="map.other")
        policy = self._other_text.sizePolicy()
        # Otherwise, a flow would leave no room to others.
        policy.setHorizontalPolicy(QSizePolicy.Policy.Preferred)
        self._other_text.setSizePolicy(policy)
        self._open = push_button("map.other.action", "", "open")
        tip = tr("Open the built-in set and the model trained on it")
        self._builtin = push_button("map.other.builtin", tr("Use the built-in model"), "star", tip)
        Flow(self._other, self._other_text, self._builtin, self._open, spacing=8)
        caption = TrajectoryCaption(lab, name="map.caption")
        head = heading_row(lab, tr("Map of sprites"), "map", right=(self._about,))
        shown = stage_of(head, self._other, (self.plot, 1), caption, spacing=8)
        self._needed = SetNeeded(lab, tr("its sprites on a map"), name="map.needed", any_set=True)
        self._builtin.clicked.connect(self._needed.take_builtin_model)
        lab.shipped.changed.connect(self._offer_builtin)
        self._open.clicked.connect(self._needed.open_set)
        self.set_faces(self._needed, shown)

    # -- the set ---------------------------------------------------------------------------

    def on_shown(self) -> None:
        if self._stale:
            self._stale = False
            self._on_trajectory()
            self._on_set()
        self._on_frame(self.timeline_model.frame)

    def _on_model(self, *_: object) -> None:
        self._pulls.clear()  # arrows hold a reference to the previous model
        self._on_set()

    def _on_set(self, *_: object) -> None:
        if not self.isVisible():
            self._stale = True  # compute when the page is shown
            return
        sprites, found = self._lab.data.value, training_set(self._lab)
        self.stack.setCurrentIndex(0 if sprites is None else 1)
        if isinstance(found, MissingSet):
            self._needed.ask_for(found)
            title, dots = found.shown_title, "" if found.builtin else "…"
            self._other_text.setText(
                tr("The model was trained on “{title}”, not on this set.", title=title)
            )
            self._open.setText(tr("Open “{title}”", title=shorten(title)) + dots)
        if sprites is None:
            return
        self._other.setVisible(isinstance(found, MissingSet))
        self._offer_builtin()
        space = self.panel.space.value
        self.panel.allow_pixels(space == "pixels")
        key = (sprites.fingerprint, space)
        if key != self._map_of:
            self._map_of = key
            if self.map is None:
                self.plot.say_nothing(tr("The map is being laid out."))
            self._jobs.do("map", see_tasks.make_map(sprites, space), self._on_map)
        else:
            self.show_pull()

    def _offer_builtin(self, *_: object) -> None:
        self._builtin.setVisible(self._needed.builtin_model() is not None)

    def _on_map(self, sprite_map: SpriteMap) -> None:
        self.map = sprite_map
        self._pulls = {}
        shown, data, of = len(sprite_map.sprites), self._lab.data.value, ""
        if data is not None and shown < len(data):
            of = tr(" of {count:,} (random)", count=len(data))
        title = self._lab.data_title
        self._about.setText(
            trn(
                "{n:,} sprite{of} of “{data_title}”",
                "{n:,} sprites{of} of “{data_title}”",
                shown,
                of=of,
                data_title=title,
            )
        )
        self.panel.set_classes(sprite_map.sprites)
        self.plot.set_map(sprite_map)
        self._choose(-1)
        self._find_paths()

    # -- the trajectory --------------------------------------------------------------------

    def _on_trajectory(self, *_: object) -> None:
        trajectory: Trajectory | None = self._lab.trajectory.value
        samples = self.panel.samples
        self.plot.set_paths(None, None)
        if trajectory is None:
            self.timeline.set_thumbnails(None)
            samples.set_sprites(None)
            return
        before = samples.current
        samples.set_sprites(trajectory.rgba())
        samples.set_current(before if 0 <= before < trajectory.count else 0)
        self._on_sample(samples.current)
        if self.isVisible():
            self._find_paths()
        else:
            self._stale = True

    def _find_paths(self) -> None:
        trajectory, sprite_map = self._lab.trajectory.value, self.map
        if trajectory is None or sprite_map is None:
            self.show_pull()
            return
        if trajectory.x_t.shape[2:4] != sprite_map.sprites.size:
            return  # sprites of another size do not fit the map

        def take(paths: MapPaths) -> None:
            if self._lab.trajectory.value is trajectory and self.map is sprite_map:
                self.plot.set_paths(paths, trajectory)
                self._on_frame(self.timeline_model.frame)

        task = see_tasks.find_paths(sprite_map, trajectory)
        self._jobs.do("paths", task, take)

    def _on_sample(self, sample: int) -> None:
        trajectory: Trajectory | None = self._lab.trajectory.value
        if trajectory is None or not 0 <= sample < trajectory.count:
            return
        self.show_thumbnails(trajectory, sample)
        self.plot.set_sample(sample)
        self.show_pull()

    def _on_paths_wanted(self, *_: object) -> None:
        self.plot.set_path_mode(self.panel.paths.value, self.panel.noisy.isChecked())

    def _on_frame(self, frame: int) -> None:
        if not self.isVisible():
            return
        self.plot.show_frame(frame)
        self.show_pull()

    # -- arrows ----------------------------------------------------------------------------

    def _why_no_arrows(self) -> str:
        """Why there are no arrows, or what they would show if they are off; "" = there are some."""
        axis, kind, model = self.timeline_model.axis, self.panel.arrows.value, self._lab.model.value
        if kind == "off":
            return tr("Where a noisy sprite would move from each point of the plane")
        if self.map is None:
            return tr("The map is being laid out.")
        if self.map.space == "features":
            return NO_PICTURE
        if not len(axis):
            return tr("Generate sprites first: the timeline sets the noise level.")
        if kind == "model" and model is None:
            return tr("There is no model yet.")
        if axis.values[self.timeline_model.frame] == 0:
            return tr("At t = 0 there is no noise to remove: move left on the timeline.")
        if kind == "model" and model and self.map.sprites.size != (model.image_size,) * 2:
            return tr("The model draws sprites of another size.")
        return ""

    def _wanted(self) -> tuple[float, str | None, Model | None, tuple[object, ...]] | None:
        """Level, class and model (None = the set) of the arrows to show, and their cache key.

        None = there are no arrows to show.
        """
        axis, kind = self.timeline_model.axis, self.panel.arrows.value
        if axis.log_snr is None or self._why_no_arrows():
            return None
        model = self._lab.model.value if kind == "model" else None
        log_snr = float(axis.log_snr[self.timeline_model.frame])
        trajectory = self._lab.trajectory.value
        sample = self.panel.samples.current
        asked = None if trajectory is None or sample < 0 else class_of(trajectory, sample)
        return log_snr, asked, model, (round(log_snr, 6), asked, kind, model)

    def show_pull(self, *_: object) -> None:
        """Show the arrows of the current frame, as soon as they are available."""
        wanted = self._wanted()
        known = None if wanted is None else self._pulls.get(wanted[3])
        self._rest.stop()
        if wanted is None or known is not None:
            self.plot.set_pull(known)
        else:
            self.plot.fade_pull()
            if self.isVisible():
                self._rest.start()
        self._say_arrows()

    def _find_pull(self) -> None:
        wanted = self._wanted()
        if wanted is None or self.map is None:
            return
        log_snr, asked, model, key = wanted
        sprite_map = self.map

        def take(pull: Pull) -> None:
            if self.map is not sprite_map:
                return
            if len(self._pulls) >= _KEPT:
                self._pulls.clear()
            self._pulls[key] = pull
            self.show_pull()

        task = see_tasks.find_pull(sprite_map, log_snr, asked, model)
        self._jobs.do("pull", task, take)

    def _say_arrows(self) -> None:
        text, pull = self._why_no_arrows(), self.plot.pull
        if not text:
            text = tr(
                "Each arrow starts from a blurred mix of all sprites, with noise of this level "
                "added."
            )
            if pull is not None:
                longest = float(np.hypot(*pull.arrows.T).max())
                level = signed(pull.log_snr)
                wanted, asked = self._wanted(), ""
                if wanted and wanted[1]:
                    asked = tr(", for {wanted}", wanted=class_words(wanted[1]))
                text = tr(
                    "At log-SNR {level}{asked}; the longest arrow is {longest:.1f} long. {value}",
                    level=level,
                    asked=asked,
                    longest=longest,
                    value=text,
                )
        self.panel.about_arrows.setText(text)

    # -- a sprite of the set ---------------------------------------------------------------

    def _choose(self, which: int) -> None:
        """Choose a sprite of the set; -1 = none."""
        self._chosen = which
        if self.map is None or which < 0:
            self.panel.choose(None, "")
        else:
            sprites = self.map.sprites
            self.panel.choose(sprites.rgba_of(which), sprite_name(sprites, which))
            # It is below the other groups, and may be out of sight.
            QTimer.singleShot(0, self.panel.show_chosen)
        self.plot.set_rings(which, np.zeros(0, np.int64))

    def _find_nearest(self) -> None:
        if self.map is None or self._chosen < 0:
            return
        chosen, sprites = self._chosen, self.map.sprites

        def take(found: Neighbors) -> None:
            if self._chosen != chosen or self.map is None or self.map.sprites is not sprites:
                return
            other = found.which != chosen  # leave out the sprite itself
            which, distance = found.which[other][:NEAREST], found.distance[other][:NEAREST]
            names = [
                tr("{sprite_name}: distance {d:.1f}", sprite_name=sprite_name(sprites, int(i)), d=d)
                for i, d in zip(which, distance, strict=True)
            ]
            self.panel.show_nearest(sprites.rgba_of(which), which, distance, names)
            self.plot.set_rings(chosen, which)

        task = see_tasks.find_nearest(sprites.images[chosen], sprites, NEAREST + 1)
        self._jobs.do("nearest", task, take)

    def _dissolve(self) -> None:
        if self.map is not None and self._chosen >= 0:
            images = self.map.sprites.images[[self._chosen]]
            self._jobs.follow("dissolve", self._lab.forward(images))

    # -- keys ------------------------------------------------------------------------------

    def _on_stopped(self, kinds: set[str]) -> None:
        # Restart when the page is shown again.
        self._stale = self._stale or bool(kinds & {"map", "paths"})
        if "map" in kinds:
            self._map_of = None
            if self.map is None:
                self.plot.say_nothing(tr("Stopped. It continues when you come back."))

    def escape(self) -> None:
        """Cancel running jobs, stop playback, or deselect the sprite."""
        if self._jobs.any_active or self.timeline_model.state.playing:
            super().escape()
        else:
            self._choose(-1)
