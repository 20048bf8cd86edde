"""The group for starting from the drawing: how far it is noised first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QWidget

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.draw.live.live import STRENGTH
from sprite_lab.app.draw.noise_levels import NoiseLevels
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config.base import Setting
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.trajectories.noise import noised_drawing
from sprite_lab.ui.draw.generate.cell_group import CellGroup
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.widgets.canvas.noise_handles import NoiseHandles
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import dim_label, label_of
from sprite_lab.ui.widgets.fields.number_field import number_box
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.words import tr

#: Side of the picture of the noised drawing, in logical pixels.
_PICTURE = 64

_TIP = tr(
    "Strength: how far a drawing is noised before the model removes the noise.\nLow keeps the "
    "drawing, high keeps little but its colors. Double-click: 55%."
)


class StartGroup(CellGroup):
    """Sets how far the drawing is noised, and shows the result."""

    def __init__(self, editor: CellEditor) -> None:
        super().__init__(tr("Drawing"), editor, name="start")
        self._axis, self._channels = NoiseLevels(None), 3
        self._cell = Cell()
        tip = tr(
            "Noise the drawing up to Strength and let the model remove the noise:\nthe drawing "
            "steers the result. Off: only kept pixels do."
        )
        self._starts = named(QCheckBox(tr("Start from the drawing")), "draw.from_drawing", tip=tip)
        self._handle = NoiseHandles(
            tr("Strength"), (STRENGTH,), name="draw.strength", least=0.01, tip=_TIP
        )
        known = Setting(tr("Strength"), tip=_TIP, low=1, high=100, unit="%")
        self._field = number_box(known, round(100 * STRENGTH), name="draw.strength.field")
        self._noised = named(SpriteView(), "draw.noised", tr("The noised drawing"))
        self._noised.setFixedSize(_PICTURE, _PICTURE)
        self._text = dim_label(name="draw.strength.text")
        self._shown = QWidget()
        label = label_of(known.label, self._field)
        side = vbox(hbox(label, (self._field, 1), spacing=4), (self._text, 1), spacing=4)
        vbox(self._handle, hbox(self._noised, (side, 1)), on=self._shown)
        self.add(self._starts, self._shown)
        self._starts.clicked.connect(self._on_starts)
        self._handle.changed.connect(lambda shares, drag: self._ask(shares[0], ("strength", drag)))
        self._field.valueChanged.connect(lambda percent: self._ask(percent / 100, "strength"))

    def set_model(self, model: ModelInfo | None, names: Sequence[str]) -> None:
        self._axis = NoiseLevels(model)
        self._channels = 4 if model is not None and model.draws_alpha else 3
        self._handle.set_axis(self._axis.timesteps, self._axis.noise)

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        strengths = {cell.conditions.strength for cell in chosen}
        self._cell = chosen[0]
        strength = self._cell.conditions.strength
        with QSignalBlocker(self._starts), QSignalBlocker(self._field):
            self._starts.setTristate(len({s is None for s in strengths}) > 1)
            if self._starts.isTristate():
                self._starts.setCheckState(Qt.CheckState.PartiallyChecked)
            else:
                self._starts.setChecked(strength is not None)
            shown = next((s for s in (strength, *strengths) if s is not None), STRENGTH)
            several = len(strengths - {None}) > 1
            self._handle.set_shares((shown,), several)
            self._field.setValue(round(100 * shown))
        self._shown.setVisible(strengths != {None})
        self._show_noised(shown, several)

    def _show_noised(self, strength: float, several: bool) -> None:
        t = max(1, round(strength * self._axis.timesteps))
        first = tr("The first of several: ") if several else ""
        text = f"{first}{self._axis.text(t)}."
        if self._cell.is_blank:
            self._text.setText(
                tr("{value} Nothing is drawn, so it starts from pure noise.", value=text)
            )
            self._noised.set_image(None)
            return
        self._text.setText(tr("{value} The model starts from this.", value=text))
        asked = self._cell.conditions
        config = SampleConfig(
            count=1,
            seed=asked.seed,
            variations=asked.variations,
            start_t=t,
            drawing=self._cell.pixels,
        )
        self._noised.set_image(noised_drawing(config, self._axis.log_snr(t), self._channels))

    def _on_starts(self, _: bool) -> None:
        starts = self._starts.checkState() != Qt.CheckState.Unchecked
        self._starts.setTristate(False)
        strength = self._handle.shares[0] if starts else None
        text = tr("Start from the drawing") if starts else tr("Start from noise")
        self._editor.ask(text, None, {"strength": strength})

    def _ask(self, strength: float, key: object) -> None:
        self._editor.ask(tr("Set strength"), key, {"strength": strength})
