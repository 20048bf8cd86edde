"""The group for guidance: the noise levels where it acts, and what it steers away from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QWidget

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.draw.noise_levels import NoiseLevels
from sprite_lab.app.shell.text_format import class_words
from sprite_lab.core.config.base import Setting
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.ui.draw.generate.cell_group import CellGroup
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.text import Label
from sprite_lab.ui.widgets.canvas.noise_handles import NoiseHandles
from sprite_lab.ui.widgets.fields.calm import allow, calm, fill, show_entry
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.fields.number_field import number_box
from sprite_lab.words import tr

_AWAY_TIP = tr(
    "Steer away from: what guidance steers away from, instead of from no class. Needs a class, "
    "or guidance other than 1."
)


class GuidanceGroup(CellGroup):
    """The noise levels at which guidance acts, and the class it steers away from."""

    def __init__(self, editor: CellEditor) -> None:
        super().__init__(tr("Guidance"), editor, name="guidance", opened=False)
        self._axis = NoiseLevels(None)
        self._away = calm(ElidedComboBox(), "draw.away", tr("Steer away from"), _AWAY_TIP)
        self._handles = NoiseHandles(
            tr("Where guidance steers"),
            (0.0, 1.0),
            name="draw.guided",
            tip=tr(
                "Where guidance steers: between the two handles; by default at all noise "
                "levels.\nLeft and Right move a handle, Up and Down switch handles, "
                "double-click resets."
            ),
        )
        tip = tr("Guidance steers only between these noise levels")
        self._from, self._to = (
            number_box(
                Setting(words, tip=tip, low=0, high=self._axis.timesteps),
                0,
                name=f"draw.guided.{name}",
            )
            for name, words in (("from", tr("Guidance from t")), ("to", tr("Guidance to t")))
        )
        levels = QWidget()
        parts = Label(tr("from t")), (self._from, 1), Label(tr("to t")), (self._to, 1)
        hbox(*parts, on=levels, spacing=4)
        for box in (self._from, self._to):
            box.valueChanged.connect(self._on_typed)
        self._text = dim_label(name="draw.guided.text")
        self.add_row(tr("Steers"), self._handles)
        self.add(levels, self._text)
        self.add_row(tr("Away from"), self._away)
        self._handles.changed.connect(lambda shares, drag: self._ask(shares, ("guided", drag)))
        self._away.activated.connect(
            lambda _: editor.ask(
                tr("Steer away"), None, {"negative_class": self._away.currentData()}
            )
        )

    def set_model(self, model: ModelInfo | None, names: Sequence[str]) -> None:
        self._axis = NoiseLevels(model)
        self._handles.set_axis(self._axis.timesteps, self._axis.noise)
        with QSignalBlocker(self._away), QSignalBlocker(self._from), QSignalBlocker(self._to):
            classes = [(class_words(name), name) for name in names]
            fill(self._away, [(tr("no class"), None), *classes], keep=False)
            for box in (self._from, self._to):
                box.setRange(0, self._axis.timesteps)
        student = model is not None and model.is_student
        why = tr("A student has not learned to steer away from a class: open its teacher.")
        allow(self._away, why if student else "", _AWAY_TIP)

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        asked = [cell.conditions for cell in chosen]
        interval = asked[0].guidance_interval
        several = len({a.guidance_interval for a in asked}) > 1
        self._handles.set_shares(interval, several)
        low, high = (round(share * self._axis.timesteps) for share in interval)
        with QSignalBlocker(self._from), QSignalBlocker(self._to):
            self._from.setValue(high)
            self._to.setValue(low)
        where = tr("at all noise") if interval == (0, 1) else self._axis.between(high, low)
        self._text.setText(
            tr("several intervals") if several else tr("Steers {where}.", where=where)
        )
        away = asked[0].negative_class
        differ = any(a.negative_class != away for a in asked)
        show_entry(self._away, away, class_words(away), tr("several") if differ else "")

    def _on_typed(self, _: int) -> None:
        low, high = sorted((self._from.value(), self._to.value()))
        shares = low / self._axis.timesteps, high / self._axis.timesteps
        self._ask(shares, "guided")

    def _ask(self, shares: tuple[float, float], key: object) -> None:
        self._editor.ask(tr("Set where guidance steers"), key, {"guidance_interval": shares})
