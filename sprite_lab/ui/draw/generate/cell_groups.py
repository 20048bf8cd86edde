"""Groups of settings of the chosen cells, and their base class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from sprite_lab.app.draw.config_words import variation_words
from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.draw.generate.generation import CellGeneration
from sprite_lab.app.draw.live.live import STRENGTH
from sprite_lab.app.draw.noise_levels import NoiseLevels
from sprite_lab.app.engine_types import Model
from sprite_lab.app.shell.text_format import class_words
from sprite_lab.core.config import Conditions, SampleConfig
from sprite_lab.core.config.base import Setting
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.names import LONGEST_NAME, name_of
from sprite_lab.core.trajectories.noise import noised_drawing
from sprite_lab.ui.draw.generate.drawing_over import cells_to_draw
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import as_widget, hbox, vbox
from sprite_lab.ui.text import Label
from sprite_lab.ui.widgets.canvas.noise_handles import NoiseHandles
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button
from sprite_lab.ui.widgets.fields.calm import allow, calm, fill, named, show_entry
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label, label_of
from sprite_lab.ui.widgets.fields.number_field import NumberField, number_box
from sprite_lab.ui.widgets.keys import ENTER, claims, is_press
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.words import tr


class CellGroup(FoldGroup):
    """A group of the inspector that shows the chosen cells and edits them."""

    def __init__(self, title: str, editor: CellEditor, *, name: str, opened: bool = True) -> None:
        super().__init__(title, name=f"draw.group.{name}", opened=opened)
        self._editor, self._session = editor, editor.session
        self.form = Form(Conditions(), self, name="draw", names={"guidance_scale": "guidance"})

    def add_settings(self, below: Mapping[str, QWidget] | None = None) -> None:
        """Add the fields of the conditions that belong to this group, like :meth:`Form.group`."""
        for path in self.form.fill(self, below=below):
            self.form.on_edit(path, partial(self._on_edit, path))

    def _on_edit(self, path: str, value: object) -> None:
        label = self.form.label(path)
        on, off = tr("Set “{label}”", label=label), tr("Remove “{label}”", label=label)
        words = off if value is False else on
        self._editor.ask(words, None if isinstance(value, bool) else path, {path: value})

    def set_model(self, model: Model | None, names: Sequence[str]) -> None:
        """Offer what ``model`` can do (None = no model), and the classes ``names``."""

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        """Show the chosen cells; the first of them is on the canvas."""


_NAME_TIP = tr(
    "Name of the drawing, used in data sets and in exports whose template has {name}.\nSeveral "
    "cells are numbered."
)
_TAGS_TIP = tr(
    "Animations that this cell is a frame of, such as “walk, left”: neighboring cells with the "
    "same tag\nbecome its frames in Aseprite files, in the JSON of a sheet and in Godot."
)


class NamesGroup(CellGroup):
    """Sets names and tags of the chosen cells while the user types."""

    left = Signal()  #: Enter or Esc was pressed

    def __init__(self, editor: CellEditor) -> None:
        super().__init__(tr("Name and tags"), editor, name="names", opened=False)
        self.name = named(QLineEdit(), "draw.name", tr("Name of the cell"), _NAME_TIP)
        self.name.setMaxLength(LONGEST_NAME)
        self.tags = named(QLineEdit(), "draw.tags", tr("Tags of the cell"), _TAGS_TIP)
        self.add_row(tr("Name"), self.name)
        self.add_row(tr("Tags"), self.tags)
        self.name.textEdited.connect(lambda text: editor.set_name(name_of(text)))
        self.tags.textEdited.connect(lambda text: editor.set_tags(text.split(",")))
        for field in (self.name, self.tags):
            field.installEventFilter(self)

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        fields = (
            (self.name, [cell.name for cell in chosen]),
            (self.tags, [", ".join(cell.tags) for cell in chosen]),
        )
        for field, texts in fields:
            alike = len(set(texts)) == 1
            field.setPlaceholderText("" if alike else tr("several"))
            if not field.hasFocus():  # never replace text being typed
                field.setText(texts[0] if alike else "")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        leaving = (*ENTER, Qt.Key.Key_Escape)
        if is_press(event, leaving):
            self.left.emit()
            return True
        return claims(event, leaving) or super().eventFilter(watched, event)


#: Side of the picture of the noised drawing, in logical pixels.
_NOISED = 64

_STRENGTH_TIP = tr(
    "Strength: how far a drawing is noised before the model removes the noise.\nLow keeps the "
    "drawing, high keeps little but its colors. Double-click: 55%."
)


class StartGroup(CellGroup):
    """Sets how far the drawing is noised, and shows the noisy picture."""

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
            tr("Strength"), (STRENGTH,), name="draw.strength", least=0.01, tip=_STRENGTH_TIP
        )
        known = Setting(tr("Strength"), tip=_STRENGTH_TIP, low=1, high=100, unit="%")
        self._field = number_box(known, round(100 * STRENGTH), name="draw.strength.field")
        self._noised = named(SpriteView(), "draw.noised", tr("The noised drawing"))
        self._noised.setFixedSize(_NOISED, _NOISED)
        self._text = dim_label(name="draw.strength.text")
        self._shown = QWidget()
        label = label_of(known.label, self._field)
        side = vbox(hbox(label, (self._field, 1), spacing=4), (self._text, 1), spacing=4)
        vbox(self._handle, hbox(self._noised, (side, 1)), on=self._shown)
        self.add(self._starts, self._shown)
        self._starts.clicked.connect(self._on_starts)
        self._handle.changed.connect(lambda shares, drag: self._ask(shares[0], ("strength", drag)))
        self._field.valueChanged.connect(lambda percent: self._ask(percent / 100, "strength"))

    def set_model(self, model: Model | None, names: Sequence[str]) -> None:
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


_VARY_TIP = tr(
    "Draw variations of the cell on the canvas, from noises near its own, into the other "
    "selected cells, or else into the next blank ones"
)


class VariationsGroup(CellGroup):
    """Makes variations of the current cell, and shows how its seed is varied."""

    def __init__(self, editor: CellEditor, generation: CellGeneration) -> None:
        super().__init__(tr("Variations of this seed"), editor, name="vary", opened=False)
        self._generation = generation
        self._share = NumberField(
            Setting(
                tr("Difference"),
                tip=tr(
                    "Difference: how far to turn the noise toward another one.\n100% is a "
                    "different sprite."
                ),
                low=1,
                high=100,
                unit="%",
            ),
            20,
            name="draw.vary.share",
        )
        known = Setting(tr("Number"), tip=tr("Number of variations"), low=1, high=64)
        self._count = number_box(known, 4, name="draw.vary.count")
        self._make = push_button(
            "draw.vary", tr("Make variations"), "dice", _VARY_TIP, do=self._vary
        )
        self._text = dim_label(name="draw.vary.text")
        self._clear = IconButton(
            "draw.vary.clear",
            "close",
            tr("Return to the noise of the seed itself"),
            do=lambda: editor.ask(tr("Back to the seed"), None, {"variations": ()}),
        )
        self._now = as_widget(hbox((self._text, 1), self._clear, spacing=6))
        self.add_row(tr("Difference"), self._share)
        self.add(hbox(self._count, (self._make, 1)), self._now)

    def _vary(self) -> None:
        others = [i for i in self._session.chosen if i != self._session.first]
        if cells_to_draw(self, self._generation, others, whole=True) is not None:
            self._generation.vary(self._count.value(), self._share.value / 100)

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        variations = chosen[0].conditions.variations
        self._text.setText(
            tr("Noise: {variation_words}.", variation_words=variation_words(variations))
        )
        self._now.setVisible(any(cell.conditions.variations for cell in chosen))
        others = len(chosen) - 1
        as_many = tr("As many as there are other selected cells: {others}", others=others)
        allow(self._count, as_many if others else "")
        allow(self._make, self._session.problem, _VARY_TIP)


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

    def set_model(self, model: Model | None, names: Sequence[str]) -> None:
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


#: Side of the picture of nine copies, in logical pixels: 2 for each pixel of a 16x16 sprite.
_TILED = 96


class LimitsGroup(CellGroup):
    """Switches for the palette lock, symmetry, tiling and the silhouette."""

    def __init__(self, editor: CellEditor) -> None:
        super().__init__(tr("Limit to"), editor, name="limits")
        self._no_alpha = ""
        self._reason = dim_label(name="draw.limits.reason")
        tip = tr("Three by three copies, as a tile repeats")
        self._tiled = named(SpriteView(), "draw.tiled", tr("Nine copies side by side"), tip)
        self._tiled.setFixedHeight(_TILED)
        self.add_settings({"tile": self._tiled})
        self.form.gray("keep_alpha", lambda _: self._no_alpha)
        self.add(self._reason)
        everywhere = push_button(
            "draw.limits.everywhere",
            tr("Same for all cells"),
            "copy",
            tr("Apply these limits and the guidance to all cells of the project, blank ones too"),
            do=editor.share_conditions,
        )
        self.add(everywhere)
        self.set_model(None, ())

    def set_model(self, model: Model | None, names: Sequence[str]) -> None:
        self._no_alpha = ""
        if model is not None and not model.draws_alpha:
            self._no_alpha = tr(
                "This model draws no alpha, so it cannot keep a silhouette: open one trained on "
                "transparent sprites."
            )
        self.form.refresh()
        self._reason.setText(self._no_alpha)
        self._reason.setVisible(bool(self._no_alpha))

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        tiles = any(cell.conditions.tile for cell in chosen)
        self._tiled.setVisible(tiles)
        if tiles:
            self._tiled.set_image(np.tile(chosen[0].rgba, (3, 3, 1)))
