"""How varied sprites are, and how many look like their class, by guidance or by sampler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from sprite_lab.app.engine_types import Model
from sprite_lab.app.files.sources import of_trajectory
from sprite_lab.app.lab import Lab
from sprite_lab.app.see import see_tasks
from sprite_lab.app.shell.text_format import in_whole_parts
from sprite_lab.app.train.training_set import MissingSet, training_set
from sprite_lab.core.config import (
    DEFAULT_SAMPLER,
    SAMPLERS,
    SPACINGS,
    SampleConfig,
    SamplerName,
    SpacingName,
)
from sprite_lab.core.results.variety import Variety, Yardstick
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.text import Html, html, joined, tooltip
from sprite_lab.ui.theme import tabular
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.fields.set_needed import is_out_of_reach
from sprite_lab.words import number_text, tr, trc, trn

#: Maximum number of rows; the latest are shown.
_ROWS = 5

#: Settings in which rows and their batches may differ.
_VARIED = (
    *("guidance_scale", "autoguidance", "guidance_interval"),
    *("sampler", "steps", "spacing", "eta", "churn", "seed", "first_index", "picked"),
)


@dataclass(frozen=True, order=True)
class Guided:
    """The guidance of a row."""

    scale: float
    plainly: bool  #: whether guidance is plain: at all noise levels, without autoguidance
    autoguidance: float
    interval: tuple[float, ...]  #: guidance interval; () = the usual one, or all levels


@dataclass(frozen=True, order=True)
class Row:
    """What distinguishes rows: guidance, and how noise is removed."""

    sampler: SamplerName
    steps: int
    how: tuple[SpacingName, float, float]  #: spacing, eta and churn
    guided: Guided

    @property
    def removal(self) -> tuple[object, ...]:
        return self.sampler, self.steps, self.how

    @property
    def sampler_title(self) -> str:
        """Sampler and number of steps, such as "DDIM, 50", with unusual settings."""
        spacing, eta, _ = self.how
        parts = [tr(SAMPLERS[self.sampler].label)]
        if spacing != SampleConfig.spacing:
            parts.append(tr(SPACINGS[spacing].label))
        if eta:
            parts.append(tr("eta {eta:g}", eta=eta))
        return in_whole_parts(", ".join((*parts, number_text(self.steps))))


#: Results by shared settings, by row, and by what determines the noise.
Found = dict[object, dict[Row, dict[object, Variety]]]


class VarietyTable(QWidget):
    """Rows of otherwise equal settings, by guidance or by sampler, whichever changed last."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self.setObjectName("see.traded")
        self._lab = lab
        self._drawn: Yardstick | None = None
        #: Kept, so that rows come back when sprites are shown again.
        self._found: Found = {}
        self._measured: object = None  # the measured trajectory
        self._table = dim_label(name="see.variety")
        self._table.setFont(tabular(self._table.font()))
        self._table.setMinimumWidth(1)  # cells wrap, but the label's minimum ignores that
        hbox((self._table, 1), HelpButton(lab, "variety"), on=self, spacing=4)
        for value in (lab.trajectory, lab.data, lab.model, lab.shipped):
            value.changed.connect(self._ask)
        self.hide()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()

    def _ask(self, *_: object) -> None:
        """Measure the shown sprites, if there is something to compare them with."""
        trajectory: Trajectory | None = self._lab.trajectory.value
        config = None if trajectory is None else trajectory.config
        model = self._lab.model.value
        if trajectory is None or config is None or trajectory.count < 2 or model is None:
            self.hide()
            return
        sprites = training_set(self._lab)
        if isinstance(sprites, MissingSet):
            self.setVisible(not is_out_of_reach(self._lab, sprites))
            self._measured = None
            self._table.setText(
                tr("Variety: open “{title}” to compare with it.", title=sprites.shown_title)
            )
            return
        self.show()
        parent = self.parentWidget()
        if trajectory is self._measured or parent is None or not parent.isVisible():
            return
        self._measured = trajectory
        rest, row, noise = _parts(config, trajectory.model, model)
        rows = self._found.setdefault((rest, sprites.fingerprint), {})
        if noise in rows.get(row, {}):
            self._show(rows, row)
            return
        drawn = self._drawn
        if drawn is not None and drawn.fingerprint != sprites.fingerprint:
            drawn = None

        def take(result: tuple[Variety, Yardstick]) -> None:
            found, self._drawn = result
            rows[row] = {**rows.pop(row, {}), noise: found}  # the latest last
            self._show(rows, row)

        batch = of_trajectory(trajectory, model.class_names)
        task = see_tasks.measure_variety(batch, sprites, drawn)
        self._lab.do(task, self, then=take, newest="see.variety", quiet=True)

    def take_rows(self, found: Found) -> Found:
        """Replace the results, to be shown with the next sprites; returns the previous ones."""
        before, self._found, self._measured = self._found, found, None
        return before

    def _show(self, found: Mapping[Row, Mapping[object, Variety]], now: Row) -> None:
        """Show the latest rows that are comparable with row ``now``, and that row."""
        others = [row for row in found if row != now]
        by_sampler = bool(others) and others[-1].guided == now.guided
        if by_sampler:
            others = [row for row in others if row.guided == now.guided]
        else:
            others = [row for row in others if row.removal == now.removal]
        shown = sorted((*others[-(_ROWS - 1) :], now))
        title = tr("Sampler") if by_sampler else tr("Guidance")
        rows = [_row(title, tr("Variety"), tr("Class recognized"))]
        for row in shown:
            values = [*found[row].values()]
            variety = _percent([value.share for value in values], values[-1].chance)
            like = _percent([value.of_class for value in values], values[-1].of_class_chance)
            guided = row.guided
            scale = number_text(guided.scale, "g") + ("" if guided.plainly else "*")
            name = row.sampler_title if by_sampler else scale
            cells = name, variety, like
            rows.append(_row(*(html("<b>{}</b>", c) if row == now else c for c in cells)))
        of_drawn = values[-1].drawn_of_class
        drawn = "–" if of_drawn is None else number_text(of_drawn, ".0%")
        rows.append(_row(trc("part of the set", "Training"), number_text(1, ".0%"), drawn))
        table = html("<table cellspacing='0' cellpadding='1'>{}</table>", joined("", rows))
        if not (by_sampler or all(row.guided.plainly for row in shown)):
            note = tr("* with autoguidance or a range of t, which cost less variety")
            table = html("{}{}", table, note)
        self._table.setText(table)
        tip = trn(
            "{n} batch of this row. The figure after ± is how much chance alone changes it with "
            "this number of sprites. Training: sprites of the training set of the same classes.",
            "Mean of {n} batches of this row. The figure after ± is how much chance alone changes "
            "it with this number of sprites. Training: sprites of the training set of the same "
            "classes.",
            len(found[now]),
        )
        self._table.setToolTip(tooltip(tip))


def _parts(config: SampleConfig, drawn_by: str, model: Model) -> tuple[object, Row, object]:
    """Split settings into what rows share, what distinguishes them, and what determines the noise.

    Rows share the number of sprites, since results from few sprites are less certain than from
    many.
    """
    usual = SampleConfig()
    common = config.having({name: usual.at(name) for name in _VARIED})
    asked = (
        config.classes or config.class_mix or config.words or config.style or config.deal_prompts
    )
    plainly = config.guides_plainly(model.timesteps, everywhere=model.guides_plainly)
    guided = Guided(
        config.guidance_scale if asked else 0.0,  # without a prompt, the scale has no effect
        plainly,
        config.autoguidance,
        () if plainly else config.guidance_interval or (),
    )
    how = config.spacing, config.eta, config.churn
    # Sampler and steps are always set in a drawn trajectory.
    row = Row(config.sampler or DEFAULT_SAMPLER, config.steps or 1, how, guided)
    return (drawn_by, common), row, (config.seed, config.first_index, config.picked)


def _percent(values: Sequence[float | None], chance: float | None) -> str:
    """Mean and standard error of batches, in words; "–" = unknown.

    ``values``: one for each batch. ``chance``: the standard error of one.
    """
    known = [value for value in values if value is not None]
    if not known or chance is None:
        return "–"
    mean, by = float(np.mean(known)), number_text(chance / np.sqrt(len(known)), ".0%")
    if by == number_text(0, ".0%"):  # an estimate of 0 means nothing
        return number_text(mean, ".0%")
    return in_whole_parts(f"{number_text(100 * mean, '.0f')} ± {by}")


def _row(*cells: str) -> Html:
    return html(
        "<tr><td valign='bottom'>{}&nbsp;</td><td valign='bottom'>{}&nbsp;</td>"
        "<td valign='bottom'>{}</td></tr>",
        *cells,
    )
