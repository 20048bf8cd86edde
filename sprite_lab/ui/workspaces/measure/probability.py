"""How probable sprites are to the model: which least, in which pixels, at which noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from sprite_lab.app import measure_tasks
from sprite_lab.core.measured import Measured
from sprite_lab.core.probability import ClassProbabilities
from sprite_lab.core.records import Outcome
from sprite_lab.core.sprites import SpriteSet
from sprite_lab.ui.theme import ThemeManager, tabular
from sprite_lab.ui.widgets.class_bars import ClassBars
from sprite_lab.ui.widgets.help_button import HelpButton
from sprite_lab.ui.widgets.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.workspaces.measure.bits_plot import BitsPlot
from sprite_lab.ui.workspaces.measure.choice import ChoiceGroup
from sprite_lab.ui.workspaces.measure.empty import MeasureEmpty
from sprite_lab.ui.workspaces.measure.ranking import Ranking
from sprite_lab.ui.workspaces.measure.sprite_bits import SpriteBits

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab
    from sprite_lab.jobs import JobHandle

#: Blocks of t and repeats by which the class of the chosen sprite is told.
CLASS_BLOCKS, CLASS_ROUNDS = 11, 6


class ProbabilityPage(QWidget):
    """Parts are those of its groups; ``measure.empty``, ``measure.classes``,
    ``measure.summary``."""

    def __init__(self, lab: Lab, theme: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("measure.probability")
        self._lab, self._theme = lab, theme
        self._measured: Measured | None = None
        self._handle: JobHandle | None = None
        self._asked: object = None  # the model that was measured
        self._pace_of: object = None
        self._own: str | None = None  # the class of the chosen sprite
        self.choice = ChoiceGroup(lab, theme)
        self.ranking = Ranking(lab, theme)
        self.sprite = SpriteBits(lab, theme)
        self.bits = BitsPlot(lab, theme)
        self.classes = ClassBars(theme, name="measure.classes")
        self._no_classes = dim_label(name="measure.classes.state")
        self._summary = dim_label(name="measure.summary")
        self._summary.setFont(tabular(self._summary.font()))
        self._empty = MeasureEmpty(lab, theme, name="measure.empty")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._content = self._lay_out()
        self._stack.addWidget(self._content)
        self.inspector: QWidget = self._build_inspector()

        self._empty.measure_wanted.connect(self.measure)
        self.choice.wanted.connect(self.measure)
        self.choice.stopped.connect(self.stop)
        self.choice.changed.connect(self._refresh)
        self.ranking.chosen.connect(self._on_chosen)
        lab.model.changed.connect(self._on_model)
        # Anywhere in the window while the page is shown: pressing Measure moves the focus away.
        QShortcut(QKeySequence("Esc"), self, self.stop)
        self._refresh()

    # -- layout --------------------------------------------------------------------------

    def _lay_out(self) -> QWidget:
        content = QWidget()
        content.setObjectName("stage")
        content.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        heading = QLabel("Which class is this?")
        heading.setProperty("heading", True)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(heading)
        bar.addWidget(HelpButton(self._lab, self._theme, "classes"))
        bar.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.classes.setProperty("panel", True)
        scroll.setWidget(self.classes)
        classes = QWidget()
        column = QVBoxLayout(classes)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(bar)
        column.addWidget(self._no_classes)
        column.addWidget(scroll, 1)
        upper, lower = (QSplitter(Qt.Orientation.Horizontal) for _ in range(2))
        for splitter, parts, shares in (
            (upper, (self.ranking, self.sprite), (4, 5)),
            (lower, (self.bits, classes), (5, 3)),
        ):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(16)
            splitter.setStyleSheet("QSplitter::handle { background: transparent; }")
            for i, part in enumerate(parts):
                splitter.addWidget(part)
                splitter.setStretchFactor(i, shares[i])
            splitter.setSizes([100 * share for share in shares])
        column = QVBoxLayout(content)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(16)
        column.addWidget(upper, 1)
        column.addWidget(lower, 1)
        return content

    def _build_inspector(self) -> QWidget:
        found = FoldGroup(self._theme, "All that were measured", name="measure.found")
        found.add(self._summary)
        inspector = Inspector(name="measure.probability.inspector")
        inspector.add(self.choice)
        inspector.add(found)
        return inspector

    # -- measuring -----------------------------------------------------------------------

    def measure(self) -> None:
        """Measure what is chosen."""
        model, sprites = self._lab.model.value, self.choice.sprites()
        if model is None or sprites is None or self._handle is not None:
            return
        self._asked = model
        task = measure_tasks.measure(
            model, sprites, rounds=self.choice.repeats, seed=self.choice.seed
        )
        count = len(sprites)
        self._handle = self._lab.do(
            task,
            self,
            name=f"Measuring {count:,} sprite{'s' * (count != 1)}",
            then=self._take,
            newest="measure",
        )
        self._handle.ended.connect(self._on_ended)
        self.choice.show_run(self._handle)

    def _take(self, measured: Measured) -> None:
        if self._lab.model.value is self._asked:
            self.choice.learn_pace(measured)
            self._show(measured)

    def stop(self) -> None:
        """Stop a measurement and keep what there is."""
        if self._handle is not None:
            self._handle.stop()

    def _on_ended(self, outcome: Outcome) -> None:
        if self._handle is not None and not self._handle.active:
            self._handle = None
            self.choice.show_run(None)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def _learn_pace(self, sprites: SpriteSet) -> None:
        """Time two sprites, which takes a moment, so that the estimate is of this machine."""
        model = self._lab.model.value
        if model is None or model is self._pace_of or not self.isVisible():
            return
        self._pace_of = model
        few = sprites.take(np.arange(min(2, len(sprites))))
        self._lab.do(
            measure_tasks.measure(model, few, rounds=2),
            self,
            name="Timing the model",
            then=self.choice.learn_pace,
            newest="measure.pace",
            quiet=True,
        )

    def _on_model(self, *_: object) -> None:
        self._measured = None  # another model holds other sprites probable
        if self._handle is not None:
            self._handle.cancel()
        self.choice.forget_pace()
        self._refresh()

    # -- showing -------------------------------------------------------------------------

    def _refresh(self) -> None:
        sprites = self.choice.sprites()
        ready = self._empty.explain(sprites, self.choice.source.value)
        self.choice.set_possible(ready)
        if ready and sprites is not None:
            self._learn_pace(sprites)
        shown = self._content if self._measured is not None else self._empty
        self._stack.setCurrentWidget(shown)
        if self._measured is None:
            self._summary.setText("Nothing is measured yet.")

    def _show(self, measured: Measured) -> None:
        self._measured = measured
        bound = measured.bound
        self._stack.setCurrentWidget(self._content)
        count = len(measured.sprites)
        self._summary.setText(
            f"{count:,} sprite{'s' * (count != 1)} of {measured.sprites.title}\n"
            f"{bound.bits_per_dim:.3f}"
            + (f" ± {bound.bits_per_dim_stderr:.3f}" if bound.bits_per_dim_stderr >= 0 else "")
            + f" bits/dim by the model\n{measured.png.mean():.3f} bits/dim as PNG\n"
            f"{measured.webp.mean():.3f} bits/dim as lossless WebP"
        )
        self.ranking.show_measured(measured)

    def _on_chosen(self, index: int) -> None:
        measured = self._measured
        if measured is None:
            return
        self.sprite.show_sprite(measured, index)
        self.bits.show_bits(measured, index)
        model = self._lab.model.value
        self.classes.show_probabilities(None)
        if model is None or len(model.class_names) < 2:
            self._no_classes.show()
            self._no_classes.setText("The model knows no classes to tell apart.")
            return
        self._no_classes.hide()
        self._own = measured.class_of(index)
        self._lab.do(
            measure_tasks.classify(
                model,
                measured.sprites.take(np.array([index])),
                blocks=CLASS_BLOCKS,
                rounds=CLASS_ROUNDS,
            ),
            self,
            name="Looking for the class",
            then=self._show_classes,
            newest="measure.class",
        )

    def _show_classes(self, found: ClassProbabilities) -> None:
        if self._measured is not None:
            self.classes.show_probabilities(found, own=self._own)
