"""Settings of Inpaint: kept pixels, noise, and the ways to compare."""

from __future__ import annotations

import random
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QToolButton

from sprite_lab.core.config.base import Setting
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.trajectories.inpainting import Way
from sprite_lab.ui.layouts import as_widget, hbox
from sprite_lab.ui.see.inpaint.rows import WAY_WORDS
from sprite_lab.ui.widgets.fields.busy_row import BusyRow
from sprite_lab.ui.widgets.fields.buttons import IconButton, Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.fields.number_field import number_box
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import tr

Source = Literal["example", "drawing"]
Part = Literal["upper", "left", "lower"]

#: The sprite shown first, counted from 1: a helmet, which calls for a certain body.
_FIRST = 3101

#: Height of a row of finished sprites, in logical pixels.
_ROW = 64

_NO_DRAWING = tr(
    "In Draw, mark pixels to keep with the mask brush (K), then press the eye beside Generate."
)


def half(part: Part, side: int) -> NDArray[np.bool_]:
    """Mask of the half of a sprite that is kept, bool (side, side)."""
    known = np.zeros((side, side), bool)
    match part:
        case "upper":
            known[: side // 2] = True
        case "lower":
            known[side // 2 :] = True
        case "left":
            known[:, : side // 2] = True
    return known


class InpaintPanel(Inspector):
    """The kept pixels, the noise, and the ways to inpaint."""

    asked = Signal()  #: something else should be completed
    ways_changed = Signal()  #: the choice of ways changed

    def __init__(self) -> None:
        super().__init__(name="inpaint.inspector")
        self._make_kept()
        self._make_noise()
        self._make_ways()
        self.add(self._kept, self._noise, self._ways, self._made)
        self.has_drawing(False)
        self.set_running(False)

    def _make_kept(self) -> None:
        self.source: Segmented[Source] = Segmented(
            "inpaint.source",
            tr("What is completed"),
            Option("example", tr("Example"), tip=tr("Half of a sprite of the data set")),
            Option("drawing", tr("From Draw"), tip=tr("What a cell of Draw keeps")),
            stretch=True,
        )
        known = Setting(tr("Sprite"), tip=tr("Its number in the data set"), low=1, high=10_000_000)
        self.sprite = number_box(known, _FIRST, name="inpaint.sprite")
        dice = IconButton("inpaint.sprite.dice", "dice", tr("Another sprite"), do=self._roll)
        self.part: Segmented[Part] = Segmented(
            "inpaint.part",
            tr("Kept half"),
            Option("upper", tr("Upper"), tip=tr("Keep the upper half")),
            Option("left", tr("Left"), tip=tr("Keep the left half")),
            Option("lower", tr("Lower"), tip=tr("Keep the lower half")),
            stretch=True,
        )
        about = tr("A cell of Draw, with its mask, class and settings.")
        self._about = dim_label(about, name="inpaint.about")
        self._about.hide()
        group = self._kept = FoldGroup(tr("What is kept"), name="inpaint.group.kept")
        group.add(self.source)
        self._which = as_widget(hbox((self.sprite, 1), dice, spacing=4))
        group.add_row(known.label, self._which, known.tip)
        group.add(self.part, self._about)
        self.source.changed.connect(self._on_source)
        self.sprite.valueChanged.connect(self.asked)
        self.part.changed.connect(self.asked)

    def _make_noise(self) -> None:
        self.seed = SeedField(name="inpaint.seed", seed=1, lockable=False)
        self.start = push_button("inpaint.start", tr("Inpaint"), "generate")
        self.busy = BusyRow(name="inpaint", doing=tr("Inpainting"))
        self._noise = FoldGroup(tr("Noise"), name="inpaint.group.noise")
        self._noise.add_row(tr("Seed"), self.seed)
        self._noise.add(self.start, self.busy)
        self.seed.changed.connect(self.asked)

    def _make_ways(self) -> None:
        self._ways = FoldGroup(tr("Ways to compare"), name="inpaint.group.ways")
        self._boxes: dict[Way, QCheckBox] = {}
        for words in WAY_WORDS:
            box = named(QCheckBox(words.name), f"inpaint.show.{words.way}", tip=words.tip)
            box.setChecked(True)
            box.toggled.connect(self.ways_changed)
            self._boxes[words.way] = box
            self._ways.add(box)
        self.finished = SpriteGrid(gap=4, centered=False)
        named(self.finished, "inpaint.finished", tr("Finished sprites"))
        tip = dim_label(tr("A row for each way, a column for each noise. Click one to see it."))
        self._made = FoldGroup(tr("Finished sprites"), name="inpaint.group.finished")
        self._made.add(self.finished, tip)

    @property
    def ways(self) -> tuple[Way, ...]:
        return tuple(way for way, box in self._boxes.items() if box.isChecked())

    def set_data(self, sprites: SpriteSet | None) -> None:
        if sprites is not None:
            with QSignalBlocker(self.sprite):
                self.sprite.setMaximum(max(1, len(sprites)))

    def has_drawing(self, there: bool) -> None:
        button = self.source.findChild(QToolButton, "inpaint.source.drawing")
        assert button is not None
        allow(button, "" if there else _NO_DRAWING)

    def show_finished(self, pictures: NDArray[np.uint8] | None, columns: int, chosen: int) -> None:
        """Show sprites, uint8 (N, H, W, 4), row by row, and the chosen column; None = none yet."""
        self.finished.set_columns(columns)
        rows = 1 if pictures is None else len(pictures) // columns
        self.finished.setFixedHeight(rows * _ROW)
        self.finished.set_sprites(pictures)
        now = self.finished.current
        if pictures is not None and (now < 0 or now % columns != chosen):
            self.finished.set_current(chosen)

    def set_running(self, running: bool, missing: bool = True) -> None:
        if running:
            self.busy.take_focus_of(self.start)
        self.start.setVisible(not running)
        self.busy.set_running(running)
        done = tr("All are shown. Roll the seed for others.")
        allow(self.start, "" if missing else done)

    def _on_source(self, *_: object) -> None:
        example = self.source.value == "example"
        self._kept.show_row(self._which, example)
        self.part.setVisible(example)
        self._about.setVisible(not example)
        self.asked.emit()

    def _roll(self) -> None:
        self.sprite.setValue(random.randint(1, self.sprite.maximum()))
