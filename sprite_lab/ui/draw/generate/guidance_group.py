"""The group for guidance: the noise levels where it acts, and what it leads away from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from sprite_lab.app.draw.noise_levels import NoiseLevels
from sprite_lab.app.shell.text_format import class_words
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.core.pixels.cells import Cell, Conditions
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.text import Label
from sprite_lab.ui.theme import tabular
from sprite_lab.ui.widgets.canvas.noise_handles import NoiseHandles
from sprite_lab.ui.widgets.fields.calm import calm
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label
from sprite_lab.words import tr

_AWAY_TIP = tr(
    "Steer away from: what guidance leads away from, instead of from no class. Needs a class, or "
    "guidance other than 1."
)


class GuidanceGroup(FoldGroup):
    """The noise levels at which guidance acts, and the class it leads away from."""

    asked = Signal(str, object, object)  #: as of :class:`ClassGroup`

    def __init__(self) -> None:
        super().__init__(tr("Guidance"), name="draw.group.guidance", opened=False)
        self._axis = NoiseLevels(None)
        self._away = calm(QComboBox(), "draw.away", tr("Steer away from"), _AWAY_TIP)
        self._handles = NoiseHandles(
            tr("Where guidance steers"),
            (0.0, 1.0),
            name="draw.guided",
            tip=tr(
                "Where guidance steers: between the two handles, at all noise by default.\n"
                "Left and Right move a handle, Up and Down take the other, double click: "
                "everywhere."
            ),
        )
        self._from, self._to = (
            calm(
                QSpinBox(),
                f"draw.guided.{name}",
                words,
                tr("Guidance steers from this noise level to the other, and nowhere else"),
            )
            for name, words in (("from", tr("Guidance from t")), ("to", tr("Guidance to t")))
        )
        levels = QWidget()
        hbox(
            Label(tr("from t")),
            (self._from, 1),
            Label(tr("to t")),
            (self._to, 1),
            on=levels,
            spacing=4,
        )
        for box in (self._from, self._to):
            box.setKeyboardTracking(False)
            box.setFont(tabular(box.font()))
            box.valueChanged.connect(self._on_typed)
        self._text = dim_label(name="draw.guided.text")
        self.add_row(tr("Steers"), self._handles)
        self.add(levels)
        self.add(self._text)
        self.add_row(tr("Away from"), self._away)
        self._handles.changed.connect(self._on_handles)
        self._away.activated.connect(
            lambda _: self.asked.emit(
                tr("Steer away"), None, {"negative_class": self._away.currentData()}
            )
        )

    def set_model(self, model: ModelInfo | None, names: Sequence[str]) -> None:
        """Offer the classes and levels there are; None = no model."""
        self._axis = NoiseLevels(model)
        self._handles.set_axis(self._axis.timesteps, self._axis.noise)
        with QSignalBlocker(self._away), QSignalBlocker(self._from), QSignalBlocker(self._to):
            self._away.clear()
            self._away.addItem(tr("no class"), None)
            for name in names:
                self._away.addItem(class_words(name), name)
            for box in (self._from, self._to):
                box.setRange(0, self._axis.timesteps)
        student = model is not None and model.is_student
        self._away.setEnabled(not student)
        self._away.setToolTip(
            tr(
                "A student was not taught to steer away from a class: open the model that it is a "
                "student of."
            )
            if student
            else _AWAY_TIP
        )

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        """Show what is asked for in the chosen cells, of which the first is on the canvas."""
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
        self._show_away(asked)

    def _show_away(self, asked: Sequence[Conditions]) -> None:
        several = len({a.negative_class for a in asked}) > 1
        name = asked[0].negative_class
        with QSignalBlocker(self._away):
            index = -1 if several else self._away.findData(name)
            if index < 0 and not several:
                self._away.addItem(class_words(name), name)
                index = self._away.count() - 1
            self._away.setCurrentIndex(index)
            self._away.setPlaceholderText(tr("several") if several else "")

    def _on_handles(self, shares: tuple[float, float], drag: int) -> None:
        self.asked.emit(
            tr("Set where guidance steers"), ("guided", drag), {"guidance_interval": shares}
        )

    def _on_typed(self, _: int) -> None:
        low, high = sorted((self._from.value(), self._to.value()))
        shares = low / self._axis.timesteps, high / self._axis.timesteps
        self.asked.emit(tr("Set where guidance steers"), "guided", {"guidance_interval": shares})
