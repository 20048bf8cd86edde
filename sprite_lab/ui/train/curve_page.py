"""The first page of Train: curves, samples from one noise, and their timeline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import DOT, sampling_words
from sprite_lab.app.timeline import TimelineModel, training_axis
from sprite_lab.app.train.loss_history import LossHistory
from sprite_lab.app.train.run_floor import RunFloor
from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.records import Preview
from sprite_lab.ui.layouts import as_widget, hbox, split, stack, vbox
from sprite_lab.ui.page import Page, stage_of
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.train.curve_plot import CurvePlot
from sprite_lab.ui.train.overlays import Overlay
from sprite_lab.ui.train.run_origin import RunOrigin
from sprite_lab.ui.widgets.fields.calm import named, panel
from sprite_lab.ui.widgets.fields.elided import ElidedLabel
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import EmptyState, ScrollsDown, separator
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.ui.widgets.sprites.timeline import Timeline
from sprite_lab.words import tr, trn

#: Least width of the samples, in logical pixels: of four in a row at twice their size.
_LEAST_GRID = 150

#: Gap between samples, in logical pixels.
_GAP = 3

#: The height of samples is what is left, whatever they ask for.
_AS_GIVEN = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)


class Previews(QWidget):
    """A grid ``train.samples``, with its timeline of training steps (``timeline``).

    It follows the newest unless the user has gone back.
    """

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._previews: list[Preview] = []
        self.model = TimelineModel(self)
        self.model.set_fps(8)
        self.timeline = Timeline(self.model)
        self.grid = SpriteGrid(gap=_GAP, arrow_keys=False)
        named(self.grid, "train.samples", tr("Samples from one fixed noise"))
        self.grid.set_placeholder(tr("Samples appear here once training has drawn some."))
        self.grid.setMinimumWidth(_LEAST_GRID)
        self.grid.setSizePolicy(_AS_GIVEN)
        #: what is shown, and how it was drawn: to be placed
        self.caption = RunOrigin(name="train.samples.caption")
        self._run: tuple[Path, SampleConfig] | None = None
        self._waiting = False
        self._others = named(QWidget(), "train.samples.others")
        self._others_column = vbox(on=self._others, spacing=4)
        self._others.hide()
        self._column = vbox((self.grid, 1), (self._others, 1), on=self, spacing=4)
        self.model.frame_changed.connect(self._show)
        theme_manager().text_resized.connect(self._show)
        self.model.state_changed.connect(self._on_state)

    @property
    def count(self) -> int:
        return len(self._previews)

    @property
    def previews(self) -> Sequence[Preview]:
        """All previews so far, the newest last."""
        return tuple(self._previews)

    def set_previews(self, previews: Sequence[Preview]) -> None:
        self._previews = list(previews)
        self._waiting = False
        self._set_axis(follow=True)
        self._show()

    def set_run(self, run: Path, config: TrainConfig) -> None:
        """Say whose samples these are, and how they are drawn."""
        self._run = run, config.preview()
        self._show()

    def add(self, preview: Preview) -> None:
        """Add a preview; show it unless the user is looking at an earlier one."""
        if self._previews and preview.step <= self._previews[-1].step:
            return
        follow = self.model.frame >= len(self._previews) - 1
        self._previews.append(preview)
        if self.model.state.playing:
            # A new axis would stop playback; set it afterwards.
            self._waiting = True
        else:
            self._set_axis(follow)

    def show_others(self, overlays: Sequence[Overlay]) -> None:
        """Show the last samples of other runs below."""
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        for part in self._others.findChildren(QWidget, options=direct):
            part.hide()
            part.deleteLater()
        count = 0
        for overlay in overlays:
            if overlay.samples is None:
                continue
            preview, sampling = overlay.samples
            # A line for each, as the pictures need the room.
            # Names of runs differ at their ends.
            title = ElidedLabel(name="train.samples.of", elide=Qt.TextElideMode.ElideMiddle)
            title.setText(overlay.title)
            origin = ElidedLabel(name="train.samples.of.origin", narrows=True)
            origin.setText(DOT.join((_after(preview.step), *sampling_words(sampling))))
            grid = SpriteGrid(gap=_GAP, arrow_keys=False)
            grid.setAccessibleName(tr("Samples of {title}", title=overlay.title))
            _show_sheet(grid, preview.images)
            self._others_column.addWidget(as_widget(vbox(title, origin, spacing=0)))
            self._others_column.addWidget(grid, 1)
            grid.setSizePolicy(_AS_GIVEN)
            count += 1
        # The samples of each run are equally large.
        self._column.setStretchFactor(self._others, max(1, count))
        self._others.setVisible(count > 0)

    def _on_state(self, *_: object) -> None:
        if self._waiting and not self.model.state.playing:
            self._waiting = False
            self._set_axis(follow=False)

    def _set_axis(self, follow: bool) -> None:
        last = len(self._previews) - 1
        frame = last if follow else min(self.model.frame, last)
        # Thumbnails first: a changed axis repaints them.
        self.timeline.set_thumbnails(self._thumbnail if self._previews else None)
        self.model.set_axis(training_axis([p.step for p in self._previews]), frame)

    def _thumbnail(self, frame: int) -> NDArray[np.uint8]:
        images = self._previews[frame].images
        # The history of the chosen sprite, or of the first.
        return images[min(max(self.grid.current, 0), len(images) - 1)]

    def _show(self, *_: object) -> None:
        if not self._previews:
            self.grid.set_sprites(None)
            self.caption.setText(tr("The same noise at every step"))
            return
        preview = self._previews[min(self.model.frame, len(self._previews) - 1)]
        _show_sheet(self.grid, preview.images)
        after = _after(preview.step)
        if self._run is None:
            self.caption.setText(after)
        else:
            self.caption.say(self._run[0], after, self._run[1])


def _after(step: int) -> str:
    return trn("After {n:,} step", "After {n:,} steps", step)


def _show_sheet(grid: SpriteGrid, images: NDArray[np.uint8]) -> None:
    """Show samples, uint8 (N, H, W, 3), that are never smaller than their pixels."""
    columns = even_columns(len(images))
    grid.set_columns(columns)
    grid.set_sprites(images)
    grid.setMinimumHeight(math.ceil(len(images) / columns) * (images.shape[1] + _GAP) + _GAP)


def even_columns(count: int) -> int:
    """The number of columns in which sprites are about as wide as high together."""
    return math.ceil(math.sqrt(count))


class CurvePage(Page):
    """``plot`` and ``previews`` side by side, once there is a run."""

    def __init__(self, lab: Lab, history: LossHistory, floor: RunFloor) -> None:
        super().__init__("train.curves")
        self.plot = CurvePlot(lab, history, floor)
        self.previews = Previews(lab)
        self.plot.compared.connect(self.previews.show_others)
        curves = as_widget(vbox(self.plot, spacing=-1, margins=(0, 0, 8, 0)))
        # Runs to compare, in large text, are higher than a small screen.
        left, right = ScrollsDown(curves), ScrollsDown(self.previews)
        sides = self._sides = split(Qt.Orientation.Horizontal, left, right, sizes=(3, 2))
        sides.setHandleWidth(1)
        theme_manager().on_text(self._share_out)
        self.previews.setContentsMargins(8, 0, 0, 0)
        below = hbox((self.previews.caption, 1), HelpButton(lab, "training_samples"), spacing=-1)
        stage = stage_of(self.plot.controls, (sides, 1), below, spacing=4)
        full, empty = panel(QWidget()), self._make_empty(lab)
        vbox((stage, 1), separator(), self.previews.timeline, on=full, spacing=0)
        self._faces = stack(self, empty, full)

    def _share_out(self) -> None:
        """Leave more of the width to the plot beside large text, which leaves it less height."""
        shares = (2, 1) if theme_manager().text_is_large else (3, 2)
        for side, share in enumerate(shares):
            self._sides.setStretchFactor(side, share)
        self._sides.setSizes([1000 * share for share in shares])

    def _make_empty(self, lab: Lab) -> EmptyState:
        empty = EmptyState("train", name="train.curves.empty", primary=False)
        empty.offer(
            tr("How does it learn?"),
            tr(
                "Start a training on the right: its loss is drawn here step by step, beside "
                "samples from one noise."
            ),
            tr("Show the example"),
            "memory",
            lab.training_runs.show_example,
        )
        return panel(empty, "train.curves.empty")

    def show_run(self, there: bool) -> None:
        """Show the curves, or a placeholder until there is a run."""
        self._faces.setCurrentIndex(int(there))
