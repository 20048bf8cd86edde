"""The See workspace: pages that show how a model works."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.page import Page
from sprite_lab.ui.see.watch.page import WatchPage
from sprite_lab.ui.widgets.pages import Pages, PageSpec
from sprite_lab.words import tr

# ruff: noqa: PLC0415 (most pages are loaded when they are first shown)


class SeeWorkspace(Pages):
    """The workspace for watching the forward and the reverse process, and exploring them."""

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        self._lab = lab

        def race() -> Page:
            from sprite_lab.ui.see.race.page import RacePage

            page = RacePage(lab)
            page.watch_wanted.connect(self.watch_trajectory)
            return page

        def between() -> Page:
            from sprite_lab.ui.see.between.page import BetweenPage

            page = BetweenPage(lab)
            page.watch_wanted.connect(self.watch_trajectory)
            return page

        def of_class() -> Page:
            from sprite_lab.ui.see.classes.page import ClassPage

            return ClassPage(lab, self.watch.timeline_model)

        def inpaint() -> Page:
            from sprite_lab.ui.see.inpaint.page import InpaintPage

            return InpaintPage(lab)

        def sprite_map() -> Page:
            from sprite_lab.ui.see.map.page import MapPage

            return MapPage(lab, self.watch.timeline_model)

        tips = {
            "watch": tr("Every step of one forward or reverse process"),
            "race": tr("Samplers, step counts and models from the same noise"),
            "between": tr("What lies between noises, and between classes"),
            "class": tr("The noise level at which it is decided what a sprite will be"),
            "inpaint": tr("How the pixels that are kept lead the others, step by step"),
            "map": tr(
                "Sprites, samples and their trajectories on a plane, and where a model moves them"
            ),
        }
        specs = [
            PageSpec("watch", tr("Watch"), "play", tips["watch"], lambda: WatchPage(lab)),
            PageSpec("race", tr("Race"), "race", tips["race"], race),
            PageSpec("between", tr("Between"), "between", tips["between"], between),
            PageSpec("class", tr("Class"), "judge", tips["class"], of_class),
            PageSpec("inpaint", tr("Inpaint"), "keep-drawn", tips["inpaint"], inpaint),
            PageSpec("map", tr("Map"), "map", tips["map"], sprite_map),
        ]
        super().__init__(specs, name="see", parent=parent)
        lab.inpainting_wanted.connect(self._show_inpainting)

    def _show_inpainting(self, config: SampleConfig) -> None:
        from sprite_lab.ui.see.inpaint.page import InpaintPage

        page = self.page("inpaint")
        assert isinstance(page, InpaintPage)
        page.show_drawing(config)
        self.show_page("inpaint")

    def watch_trajectory(self, trajectory: Trajectory, sprite: int = -1) -> None:
        """Show a trajectory, and one of its sprites, on the Watch page."""
        self.show_page("watch")
        self._lab.trajectory.set(trajectory)
        self.watch.stage.choose(sprite)

    @property
    def watch(self) -> WatchPage:
        """The Watch page, which also shows trajectories of other pages."""
        page = self.page("watch")
        assert isinstance(page, WatchPage)
        return page

    def generate(self, *, play: bool = False) -> None:
        """Generate with the settings of the Watch page; see :meth:`.WatchPage.generate`."""
        self.show_page("watch")
        self.watch.generate(play=play)

    def dissolve(self, sprites: Sequence[int] | None = None) -> None:
        """Dissolve sprites of the data set, by index; None = a random choice."""
        if sprites is None:
            self.show_page("watch")
            self.watch.mode.set_value("forward")
            self.watch.forward.pick_random()
        else:
            self.watch.forward.dissolve(sprites)

    def restore_settings(self, config: SampleConfig) -> None:
        """Show the settings that made a picture in the panel of the reverse process."""
        self.show_page("watch")
        self.watch.restore_settings(config)
