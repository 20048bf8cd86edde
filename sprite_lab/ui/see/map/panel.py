"""The settings of the map: its plane, paths and arrows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtWidgets import QCheckBox

from sprite_lab.app.shell.text_format import class_words
from sprite_lab.core.results.sprite_map import Space
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.layouts import as_widget, discard, hbox, vbox
from sprite_lab.ui.see.map.plot import PathMode, class_icon
from sprite_lab.ui.text import Label
from sprite_lab.ui.theme import Theme, current_theme, theme_manager
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid, scrolled
from sprite_lab.ui.widgets.sprites.sprite_row import SpriteRow
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.words import number_text, tr, trc

#: Number of nearest sprites shown.
NEAREST = 6

NO_PICTURE = tr("A point in feature space is not a picture, so the model cannot be applied to it.")


class MapPanel(Inspector):
    """Settings of the map, and facts about the chosen sprite."""

    class_toggled = Signal(int, bool)  #: label (-1 = none), and whether to show its sprites

    def __init__(self) -> None:
        super().__init__(name="map.inspector")
        self._classes: dict[int, QCheckBox] = {}
        self._make_set_group()
        self._make_samples_group()
        self._make_arrows_group()
        self._make_chosen_group()
        self.allow_pixels(True)
        theme_manager().changed.connect(self._paint_icons)

    def _make_set_group(self) -> None:
        self.space: Segmented[Space] = Segmented(
            "map.space",
            tr("Plane from"),
            Option("pixels", tr("Pixels"), tip=tr("Each sprite as its color values, 768 numbers")),
            Option(
                "features",
                tr("Features"),
                tip=tr(
                    "Each sprite as 32 numbers by which a network has learned to tell sprites apart"
                ),
            ),
            stretch=True,
        )
        self._list = vbox(spacing=4)
        group = FoldGroup(tr("Sprites of the set"), name="map.set")
        group.add_row(tr("Fit plane to"), self.space)
        group.add(self._list)
        self.add(group)

    def _make_samples_group(self) -> None:
        self.samples = named(
            SpriteGrid(scale=2, gap=4), "map.samples", tr("Finished sprites of the trajectory")
        )
        samples = scrolled(self.samples, 120)
        self.samples.set_placeholder(
            tr("Generate sprites, or dissolve one, to see their trajectories")
        )
        self.paths: Segmented[PathMode] = Segmented(
            "map.paths",
            tr("Trajectories"),
            Option("none", trc("trajectories", "None"), tip=tr("No trajectories")),
            Option(
                "chosen",
                trc("trajectories", "Selected"),
                tip=tr("Trajectory of the selected sample's clean sprite"),
            ),
            Option("all", trc("trajectories", "All"), tip=tr("Trajectories of all samples")),
            stretch=True,
        )
        self.paths.set_value("chosen")
        tip = tr(
            "x_t / α: the noisy sprite, scaled so that its signal is as strong as the clean sprite"
        )
        self.noisy = named(QCheckBox(tr("Noisy sprite too (dashed)")), "map.noisy", tip=tip)
        group = FoldGroup(tr("Sprites of the trajectory"), samples, name="map.samples.group")
        group.add_row(tr("Trajectories"), self.paths)
        group.add(self.noisy)
        self.add(group)

    def _make_arrows_group(self) -> None:
        self.arrows = Segmented(
            "map.arrows",
            tr("Arrows"),
            Option("off", tr("Off"), tip=tr("No arrows")),
            Option("model", tr("Model"), tip=tr("Where the model moves noisy sprites")),
            Option(
                "set",
                trc("of sprites", "Set"),
                tip=tr("Where the optimal denoiser of the set moves them"),
            ),
            stretch=True,
        )
        self.about_arrows = dim_label(name="map.arrows.about", lines=3)
        self.arrows.set_value("model")
        group = FoldGroup(tr("Pull"), name="map.arrows.group")
        group.add_row(tr("Arrows"), self.arrows)
        group.add(self.about_arrows)
        self.add(group)

    def _make_chosen_group(self) -> None:
        self._picture = named(SpriteView(), "map.chosen.sprite")
        self._picture.setFixedSize(QSize(64, 64))
        self._name = named(Label(wrap=True), "map.chosen")
        self.nearest = push_button(
            "map.nearest", tr("Nearest"), tip=tr("Circle its nearest sprites")
        )
        tip = tr("Destroy it with noise, step by step, and see its trajectory")
        self.dissolve = push_button("map.dissolve", tr("Dissolve"), tip=tip)
        self._row = SpriteRow(name="map.nearest.sprites", label=tr("Nearest"), places=NEAREST)
        self._row.hide()
        top = hbox(self._picture, (self._name, 1), spacing=-1)
        buttons = hbox(self.nearest, self.dissolve, spacing=-1)
        self._chosen = as_widget(vbox(top, buttons, self._row, spacing=-1))
        self._none = dim_label(tr("Click a marker on the map to select a sprite."))
        group = FoldGroup(tr("Selected sprite"), self._none, self._chosen, name="map.chosen.group")
        self.add(group)
        self.choose(None, "")

    def allow_pixels(self, allowed: bool) -> None:
        """Set whether points of the plane are pictures, as arrows and noisy paths require."""
        allow(self.arrows, "" if allowed else NO_PICTURE)
        allow(self.noisy, "" if allowed else tr("A noisy sprite has no features."))

    def set_classes(self, sprites: SpriteSet) -> None:
        """List the classes of a set with their markers and counts."""
        for box in self._classes.values():
            self._list.removeWidget(box)
            discard(box)
        self._classes = {}
        labels, counts = np.unique(sprites.labels, return_counts=True)
        for label, count in zip(labels.tolist(), counts.tolist(), strict=True):
            name = class_words(sprites.class_names[label]) if label >= 0 else tr("no class")
            box = self._classes[label] = QCheckBox(f"{name}  {number_text(count)}")
            box.setObjectName(f"map.class.{label}")
            box.setChecked(True)
            box.toggled.connect(lambda on, label=label: self.class_toggled.emit(label, on))
            self._list.addWidget(box)
        self._paint_icons(current_theme())

    def choose(self, rgba: NDArray[np.uint8] | None, name: str) -> None:
        self._chosen.setVisible(rgba is not None)
        self._none.setVisible(rgba is None)
        self._picture.set_image(rgba)
        self._name.setText(name)
        self._row.hide()

    def show_chosen(self) -> None:
        """Scroll to the chosen sprite."""
        self.ensureWidgetVisible(self._chosen)

    def show_nearest(
        self,
        rgba: NDArray[np.uint8],
        which: NDArray[np.int64],
        distances: NDArray[np.float64],
        names: list[str],
    ) -> None:
        """Show the sprites nearest to the chosen one."""
        words = [f"{distance:.0f}" for distance in distances]
        self._row.show_sprites(rgba, which, words, tips=names)
        self._row.show()
        QTimer.singleShot(0, self.show_chosen)

    def _paint_icons(self, theme: Theme) -> None:
        for label, box in self._classes.items():
            box.setIcon(class_icon(theme, label))
