"""The entropy that noise adds to the training set, and how much of it the model removes."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from sprite_lab.app.engine_types import Model
from sprite_lab.app.lab import Lab
from sprite_lab.app.measure import measure_tasks
from sprite_lab.app.shell.text_format import adding_up, signed
from sprite_lab.app.task import Task
from sprite_lab.app.train.training_set import MissingSet, training_set
from sprite_lab.core.config import EntropyConfig
from sprite_lab.core.results.measured import Entropies
from sprite_lab.core.results.probability import BOUND_LEVELS
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import grid, keep_place
from sprite_lab.ui.measure.entropy_plots import SUM, EntropyPlots
from sprite_lab.ui.measure.page import MeasurePage, levels_words
from sprite_lab.ui.measure.reversal import ReversalView
from sprite_lab.ui.measure.run_controls import RunControls
from sprite_lab.ui.page import heading_row, stage_of
from sprite_lab.ui.parts import Parts
from sprite_lab.ui.text import Label, tooltip
from sprite_lab.ui.theme import current_theme, tabular, theme_manager
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented
from sprite_lab.ui.widgets.fields.calm import allow, named, set_lesson_value
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, dim_label, heading
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.ui.widgets.fields.set_needed import SetNeeded
from sprite_lab.ui.widgets.sprites.indices import with_indices
from sprite_lab.words import number_text, tr

#: Name, label and tip of each part of the sum, and of the sum.
_ROWS = (
    ("prior", tr("L_T, left in the noise"), tr("What is still known of the sprite at t = T")),
    ("told", tr("Unavoidable cost"), tr("Least that a reverse step costs, however good the model")),
    (
        "gap",
        tr("Gap of the reverse path"),
        tr("What the model's steps lose compared with the true ones"),
    ),
    ("decoder", tr("L_0, the last step"), tr("To integer pixel values")),
    ("bound", tr("Bound on −log₂ p"), tr("The more noise levels, the tighter")),
)


#: Maximum height of the bar of a term, and minimum width of one that is not 0, in logical pixels at
#: the usual text size.
_BAR, _NARROWEST = 36, 2

#: Levels and draws of a first look.
_FIRST = EntropyConfig(levels=20, draws=16)

#: Width from which on all plots fit at the usual text size, in logical pixels.
_LEAST = QSize(656, 0)


class _TermBar(QWidget):
    """A bar for a term's part of the sum, which begins where the term above ends."""

    def __init__(self) -> None:
        super().__init__()
        self._span = 0.0, 0.0
        theme_manager().on_text(self._fit)

    def _fit(self) -> None:
        self.setMaximumHeight(round(_BAR * theme_manager().text_scale))

    def show_term(self, low: float, high: float, *, of: float) -> None:
        """Show a term that takes the sum from ``low`` to ``high``; ``of``: the whole sum."""
        self._span = low / of, high / of
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), current_theme()
        painter.fillRect(self.rect(), QColor(theme.surface))
        low, high = (self.width() * min(max(share, 0.0), 1.0) for share in sorted(self._span))
        left = min(low, self.width() - _NARROWEST)
        bar = QRectF(left, 0, max(high - left, _NARROWEST), self.height())
        painter.fillRect(bar, QColor(theme.accent))


class ThermodynamicsPage(MeasurePage[Entropies]):
    """Settings, figures and plots of the thermodynamics of a model."""

    def __init__(self, lab: Lab) -> None:
        name = "measure.thermodynamics"
        run = RunControls(name=name, stop_tip=tr("Stop and keep the levels so far (Esc)"))
        super().__init__(lab, name, empty=f"{name}.empty", run=run, newest="thermodynamics")
        self._needed = SetNeeded(
            lab, tr("how noise dissolves it and what the model restores"), name=f"{name}.set"
        )
        self._figures: dict[str, QLabel] = {}
        self._bars: dict[str, _TermBar] = {}
        self.plots = EntropyPlots(lab, self._build_table())
        self._reversal = ReversalView(lab)
        #: a measured model, or a single value that needs none
        self._view = Segmented(
            f"{name}.view",
            tr("What is undone"),
            Option("sprites", tr("Sprites"), tip=tr("What noise destroys and the model restores")),
            Option(
                "value",
                tr("One value"),
                tip=tr("Why noise can be undone in small steps, but not in large ones"),
            ),
            stretch=True,
        )
        self.set_faces(self._lay_out(name), self._needed, self._reversal)
        self.inspector = self._build_inspector(name)
        self._view.changed.connect(self._refresh)
        lab.model.changed.connect(self.forget)
        lab.data.changed.connect(self._on_data)
        lab.shipped.changed.connect(self._refresh)
        self._refresh()

    # -- layout --------------------------------------------------------------------------

    def _lay_out(self, name: str) -> QWidget:
        plots = self.plots
        parts = Parts(plots, *plots.parts(), least=_LEAST, name=name, high=plots.least_height)
        parts.turned.connect(self.plots.set_single)
        keep_place(plots.readout)

        def gray(*_: object) -> None:
            part = parts.switch.value if parts.single else ""
            entropies = part in ("", "entropy", "conditional")
            allow(self.plots.above, "" if entropies else tr("Only plots 1 and 2 show entropies."))
            levels = part != "sum"
            allow(self.plots.axis.choice, "" if levels else tr("A sum has no noise levels."))
            self.plots.readout.setVisible(levels)

        parts.turned.connect(gray)
        parts.switch.changed.connect(gray)
        title = tr("What noise destroys and the model restores")
        head = heading_row(self._lab, title, "thermodynamics")
        return stage_of(head, (parts, 1), self.plots.readout, self.caption, spacing=4)

    def _build_table(self) -> QWidget:
        table = QWidget()
        rows = grid(on=table, across=16, down=4)
        rows.addWidget(heading(SUM, wrap=True), 0, 0, 1, 3)
        for row, (key, words, tip) in enumerate(_ROWS, 1):
            text, value = dim_label(with_indices(words), wrap=False), Label("–")
            named(value, f"measure.thermodynamics.figure.{key}", words)
            value.setFont(tabular(value.font()))
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for label in (text, value):
                label.setToolTip(tooltip(tip))
            bar = self._bars[key] = _TermBar()
            for column, part in enumerate((text, value, bar)):
                rows.addWidget(part, row, column)
            rows.setRowStretch(row, 1)
            self._figures[key] = value
        about = tr(
            "The gap is what the model has not memorized: a model without one could only repeat "
            "its training sprites. The bound of Probability differs: it is of the sprites chosen "
            "there, over {levels:,} noise levels, and the more, the tighter.",
            levels=BOUND_LEVELS,
        )
        note = dim_label(about, name="measure.thermodynamics.words")
        rows.addWidget(note, len(_ROWS) + 1, 0, 1, 3)
        rows.setColumnStretch(2, 1)
        rows.setRowStretch(len(_ROWS) + 2, 1)
        return table

    def _build_inspector(self, name: str) -> QWidget:
        form = self._form = Form(EntropyConfig(), self, name=name)
        group = FoldGroup(tr("Measurement"), name=f"{name}.choice")
        for path in ("levels", "draws", "seed"):
            group.add_row(form.label(path), form.add(path))
        self._estimate = dim_label(name=f"{name}.estimate")
        group.add(self._estimate, self._run)
        shown = FoldGroup(tr("Display"), name=f"{name}.shown")
        shown.add(self.plots.above, self.plots.axis.choice)
        self._groups = group, shown
        inspector = Inspector(name=f"{name}.inspector")
        inspector.add_switch(self._view)
        inspector.add(*self._groups, self._reversal.settings)
        form.changed.connect(self._show_estimate)
        form.remember(self._lab.settings)
        self._show_estimate()
        return inspector

    def _show_estimate(self) -> None:
        config = self._form.value
        words = tr(
            "{asked:,} calls of the model, and of the optimal denoiser of its training set",
            asked=config.levels * config.draws,
        )
        self._estimate.setText(words)

    # -- measuring -----------------------------------------------------------------------

    def measure(self) -> None:
        model, sprites = self._lab.model.value, training_set(self._lab)
        possible = not self._run.running and model is not None and not model.is_student
        if not possible or model is None or isinstance(sprites, MissingSet):
            return
        self._form.widget("seed", SeedField).take()
        task = measure_tasks.thermodynamics(model, sprites, self._form.value)
        self.start(task, model, tr("Measuring entropies"))

    def _before(self, model: Model) -> Task[Entropies | None]:
        return measure_tasks.entropies_before(model)

    def _first_look(self, model: Model) -> Task[Entropies] | None:
        sprites = training_set(self._lab)
        if isinstance(sprites, MissingSet):
            return None
        return measure_tasks.thermodynamics(model, sprites, _FIRST)

    def _on_data(self, *_: object) -> None:
        # The results remain true of the model, and are shown while its training set is open.
        self._run.cancel()
        self._refresh()
        self.take_first_look()

    # -- display ----------------------------------------------------------------------------------

    def _refresh(self, *_: object) -> None:
        of_value = self._view.value == "value"
        for group in self._groups:
            group.setVisible(not of_value)
        self._reversal.settings.setVisible(of_value)
        face = self._sprites_face()
        self._stack.setCurrentWidget(self._reversal if of_value else face)

    def _sprites_face(self) -> QWidget:
        """The results, or what says why there are none."""
        there = self._empty.explain_likelihood()
        if there:
            found = training_set(self._lab)
            if isinstance(found, MissingSet):
                self._needed.ask_for(found)
                self._run.set_possible(False)
                return self._needed
            self._empty.offer_measuring(
                tr("What does noise destroy?"),
                tr(
                    "Step by step, the entropy of the training set rises to that of noise; the "
                    "model goes the other way. Measure here where it loses information."
                ),
                tr("Measure"),
            )
        gap = self.found[0].gap.sum() if self.found else None
        set_lesson_value(self._figures["gap"], None if gap is None else float(gap))
        self._run.set_possible(there)
        return self._content if self.found and there else self._empty

    def _show(self, result: Entropies) -> None:
        found, t = result
        self.show_caption(tr("its training sprites"), levels_words(len(t)))
        self.plots.show_found(found, t)
        gap = float(found.gap.sum())
        parts = {
            "prior": found.bound[-1],
            "told": found.bound[1] - found.bound[-1] - gap,
            "gap": gap,
            "decoder": found.bound[0] - found.bound[1],
        }
        total = 0.0
        for key, value in zip(parts, adding_up(tuple(parts.values())), strict=True):
            self._figures[key].setText(signed(value, ".4f"))
            self._bars[key].show_term(total, total + value, of=float(found.bound[0]))
            total += value
        self._bars["bound"].show_term(0.0, total, of=total)
        self._figures["bound"].setText(
            f"{number_text(found.bound[0], '.4f')} ± {number_text(found.bound_stderr[0], '.4f')}"
        )
