"""The trade-off of guidance: how unlike the sprites are, and how many look like their class."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from sprite_lab.app.files.sources import of_trajectory
from sprite_lab.app.lab import Lab
from sprite_lab.app.see import see_tasks
from sprite_lab.app.train.training_set import MissingSet, training_set
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.results.variety import Variety, Yardstick
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.text import Html, html, joined, plain
from sprite_lab.ui.theme import tabular
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.words import number_text, tr

#: Number of guidance scales listed, the newest last.
_ROWS = 5


class VarietyTable(QWidget):
    """A row for each guidance scale tried with otherwise equal settings."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self.setObjectName("see.traded")
        self._lab = lab
        self._drawn: Yardstick | None = None
        self._settings: tuple[str, SampleConfig] | None = None
        self._found: dict[float, list[Variety]] = {}
        self._measured: object = None  # the measured trajectory
        self._table = dim_label(name="see.variety")
        self._table.setFont(tabular(self._table.font()))
        self._table.setMinimumWidth(1)  # its cells wrap, which the label does not account for
        hbox((self._table, 1), HelpButton(lab, "variety"), on=self, spacing=4)
        for signal in (lab.trajectory.changed, lab.data.changed, lab.model.changed):
            signal.connect(self._ask)
        self.hide()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()

    def _ask(self, *_: object) -> None:
        """Measure the sprites shown, if there is something to compare them with."""
        trajectory: Trajectory | None = self._lab.trajectory.value
        config = None if trajectory is None else trajectory.config
        model = self._lab.model.value
        if trajectory is None or config is None or trajectory.count < 2 or model is None:
            self.hide()
            return
        self.show()
        sprites = training_set(self._lab)
        if isinstance(sprites, MissingSet):
            self._table.setText(
                tr("Variety: open “{title}” to compare with it.", title=sprites.title)
            )
            return
        parent = self.parentWidget()
        if trajectory is self._measured or parent is None or not parent.isVisible():
            return
        self._measured = trajectory
        drawn = self._drawn
        if drawn is not None and drawn.fingerprint != sprites.fingerprint:
            drawn = None

        def take(result: tuple[Variety, Yardstick]) -> None:
            found, self._drawn = result
            self._add(config, trajectory.model, found)

        batch = of_trajectory(trajectory, model.class_names)
        self._lab.do(
            see_tasks.measure_variety(batch, sprites, drawn),
            self,
            name=tr("Measuring variety"),
            then=take,
            newest="see.variety",
            quiet=True,
        )

    def _add(self, config: SampleConfig, model: str, found: Variety) -> None:
        # With as many sprites: rows of few and of many would be compared as if equally certain.
        rest = replace(config, guidance_scale=1.0, seed=0, first_index=0, picked=())
        if self._settings != (model, rest):
            self._settings, self._found = (model, rest), {}
        values = self._found.pop(config.guidance_scale, [])
        self._found[config.guidance_scale] = [*values, found]
        self._show(config.guidance_scale)

    def _show(self, now: float) -> None:
        rows = [_row(tr("Guidance"), tr("Variety"), tr("Class recognized"))]
        of_drawn = None
        for scale in sorted(list(self._found)[-_ROWS:]):
            values = self._found[scale]
            variety = number_text(100 * float(np.mean([value.share for value in values])), ".0f")
            margin = number_text(values[-1].chance / np.sqrt(len(values)), ".0%")
            likes = [value.of_class for value in values if value.of_class is not None]
            like = number_text(float(np.mean(likes)), ".0%") if likes else "–"
            cells = number_text(scale, "g"), _unbroken(f"{variety} ± {margin}"), like
            rows.append(_row(*(html("<b>{}</b>", c) if scale == now else c for c in cells)))
            of_drawn = values[-1].drawn_of_class
        drawn = "–" if of_drawn is None else number_text(of_drawn, ".0%")
        rows.append(_row(tr("Drawings"), number_text(1, ".0%"), drawn))
        self._table.setText(
            html("<table cellspacing='0' cellpadding='1'>{}</table>", joined("", rows))
        )
        self._table.setToolTip(
            plain(
                tr(
                    "Mean of {count} batch(es) at this guidance. The figure after ± is how much "
                    "the same number of drawings varies by chance. Drawings: sprites of the "
                    "training set of the same classes.",
                    count=len(self._found[now]),
                )
            )
        )


def _unbroken(text: str) -> str:
    """A text that does not wrap: the headings above do, if space is short."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _row(*cells: str) -> Html:
    """A row of three cells."""
    return html(
        "<tr><td valign='bottom'>{}&nbsp;</td><td valign='bottom'>{}&nbsp;</td><td>{}</td></tr>",
        *cells,
    )
