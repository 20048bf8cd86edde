"""The first page of Train: curves, samples from one noise, and their timeline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import DOT, in_whole_parts, run_title, sampling_words
from sprite_lab.app.timeline import TimelineModel, training_axis
from sprite_lab.app.train.loss_history import LossHistory
from sprite_lab.app.train.run_floor import RunFloor
from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.records import Preview
from sprite_lab.ui.layouts import as_widget, discard, hbox, split, stack, vbox
from sprite_lab.ui.page import Page, stage_of
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.train.curve_plot import CurvePlot
from sprite_lab.ui.train.overlays import Overlay
from sprite_lab.ui.train.run_origin import RunOrigin
from sprite_lab.ui.widgets.fields.calm import allow, named, panel
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import EmptyState, ScrollsDown, separator
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.ui.widgets.sprites.timeline import Timeline
from sprite_lab.words import tr, trn

#: Minimum width of the samples, in logical pixels: of four in a row at twice their size.
_LEAST_GRID = 150

#: Gap between samples, and the minimum size of their pixels, in logical pixels.
_GAP, _LEAST_SCALE = 2, 2


#: Width beside the table of compared runs, for a margin and a scroll bar, in logical pixels.
_BESIDE_TABLE = 24


class _Sheet(SpriteGrid):
    """Samples as large as the available space allows, but large enough to be seen: if there is no
    room for that, the surrounding area scrolls.
    """

    def __init__(self) -> None:
        super().__init__(gap=_GAP, arrow_keys=False)
        self.setMinimumWidth(_LEAST_GRID)

    def show_samples(self, images: NDArray[np.uint8]) -> None:
        """Show uint8 (N, H, W, 3)."""
        self.set_sprites(images)
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        high, wide = (_LEAST_SCALE * side + _GAP for side in self._cell)
        columns = max(1, (width - _GAP) // wide)
        return max(self.minimumHeight(), math.ceil(self.count / columns) * high + _GAP)


class Previews(QWidget):
    """A grid ``train.samples``, with its timeline of training steps (``timeline``).

    The grid follows the newest samples unless the user has gone back.
    """

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._previews: list[Preview] = []
        self.model = TimelineModel(self)
        self.model.set_fps(8)
        self.timeline = Timeline(self.model)
        self.grid = _Sheet()
        named(self.grid, "train.samples", tr("Samples from one fixed noise"))
        self.grid.set_placeholder(tr("Samples appear here once training has drawn some."))
        #: says what is shown, and how it was drawn; the page places it
        self.caption = RunOrigin(name="train.samples.caption")
        self._run: tuple[Path, SampleConfig] | None = None
        self._waiting = False
        self._others: list[QWidget] = []  #: below the grid: samples of other runs, and captions
        #: Run and step of the grid, to tell it from those of other runs.
        self._own = HintLabel(name="train.samples.own", look="")
        self._own_step = HintLabel(name="train.samples.own.step")
        self._own_caption = as_widget(vbox(self._own, self._own_step, spacing=0))
        self._own_caption.hide()
        self._column = vbox(self._own_caption, (self.grid, 1), on=self, spacing=4)
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
        """Set the run of the samples, and how they are drawn."""
        self._run = run, config.preview()
        self._show()

    def add(self, preview: Preview) -> None:
        """Add a preview; show it unless the user is looking at an earlier one."""
        if self._previews and preview.step <= self._previews[-1].step:
            return
        follow = self.model.frame >= len(self._previews) - 1
        self._previews.append(preview)
        if self.model.state.playing:
            # A new axis would stop playback; set it afterward.
            self._waiting = True
        else:
            self._set_axis(follow)

    def show_others(self, overlays: Sequence[Overlay]) -> None:
        """Show the last samples of other runs below."""
        for part in self._others:
            discard(part)
        self._others = []
        for overlay in overlays:
            if overlay.samples is None:
                continue
            preview, sampling = overlay.samples
            title = HintLabel(overlay.title, name="train.samples.of", look="")
            words = _after(preview.step), *sampling_words(sampling)
            # Beside large text, the pictures need the room.
            whole = in_whole_parts(DOT.join(words))
            shown = words[0] if theme_manager().text_is_large else whole
            origin = HintLabel(shown, name="train.samples.of.origin")
            origin.setToolTip(tooltip(whole))
            sheet = _Sheet()
            sheet.setAccessibleName(tr("Samples of {title}", title=overlay.title))
            sheet.show_samples(preview.images)
            caption = as_widget(vbox(title, origin, spacing=0))
            self._column.addWidget(caption)
            self._column.addWidget(sheet, 1)  # as large as those of any other run
            self._others += caption, sheet
        self._name_own()

    def _name_own(self) -> None:
        """Name run and step above the samples, if those of other runs follow."""
        known = self._run is not None and bool(self._previews)
        self._own_caption.setVisible(known and bool(self._others))
        if self._run is not None and self._previews:
            self._own.setText(run_title(self._run[0].name))
            preview = self._previews[min(self.model.frame, len(self._previews) - 1)]
            self._own_step.setText(_after(preview.step))

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
            self._name_own()
            return
        preview = self._previews[min(self.model.frame, len(self._previews) - 1)]
        self.grid.show_samples(preview.images)
        after = _after(preview.step)
        if self._run is None:
            self.caption.setText(after)
        else:
            self.caption.say(self._run[0], after, self._run[1])
        self._name_own()


def _after(step: int) -> str:
    return trn("After {n:,} step", "After {n:,} steps", step)


class _Curves(ScrollsDown):
    """The curves, which scroll if runs to compare, in large text, need more height."""

    def __init__(self, plot: CurvePlot) -> None:
        super().__init__(as_widget(vbox(plot, spacing=-1, margins=(0, 0, 8, 0))))
        self._plot = plot

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._plot.set_view(self.viewport().height())


class CurvePage(Page):
    """``plot`` and ``previews`` side by side, once there is a run."""

    def __init__(self, lab: Lab, history: LossHistory, floor: RunFloor) -> None:
        super().__init__("train.curves")
        self.plot = CurvePlot(lab, history, floor)
        self.previews = Previews(lab)
        self.plot.compared.connect(self.previews.show_others)
        self.plot.compared.connect(self._on_compared)
        self._compared = 0  # number of runs compared when the width was last shared out
        left, right = _Curves(self.plot), ScrollsDown(self.previews)
        sides = self._sides = split(Qt.Orientation.Horizontal, left, right, sizes=(3, 2))
        sides.setHandleWidth(1)
        theme_manager().on_text(self._share_out)
        self.previews.setContentsMargins(8, 0, 0, 0)
        below = hbox((self.previews.caption, 1), HelpButton(lab, "training_samples"), spacing=-1)
        stage = stage_of(self.plot.controls, (sides, 1), below, spacing=4)
        full, empty = panel(QWidget()), self._make_empty(lab)
        vbox((stage, 1), separator(), self.previews.timeline, on=full, spacing=0)
        self._faces = stack(self, empty, full)
        self.show_run(False)

    def _share_out(self) -> None:
        """Share out the width: more for the plot if text is large, which leaves it less height, and
        at least what the table of compared runs needs.
        """
        shares = (2, 1) if theme_manager().text_is_large else (3, 2)
        for side, share in enumerate(shares):
            self._sides.setStretchFactor(side, share)
        sizes, table = [1000 * share for share in shares], self.plot.table_width
        if table:
            width = self._sides.width()
            left = max(width * shares[0] // sum(shares), table + _BESIDE_TABLE)
            sizes = [left, max(width - left, 1)]
        self._sides.setSizes(sizes)

    def _on_compared(self, overlays: Sequence[Overlay]) -> None:
        if len(overlays) != self._compared:
            self._compared = len(overlays)
            self._share_out()

    def _make_empty(self, lab: Lab) -> EmptyState:
        empty = EmptyState("train", name="train.curves.empty", primary=False)
        empty.offer(
            tr("How does it learn?"),
            tr(
                "Start a training run on the right: its loss is drawn here step by step, beside "
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
        allow(self.plot.compare, "" if there else tr("There is no training run yet."))
