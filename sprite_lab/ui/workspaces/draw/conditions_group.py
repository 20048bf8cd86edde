"""What the model is asked for in the chosen cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox

from sprite_lab.core.cells import Cell, Conditions
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.calm import calm
from sprite_lab.ui.widgets.inspector import FoldGroup
from sprite_lab.ui.widgets.number_field import NumberField
from sprite_lab.ui.widgets.seed_field import SeedField
from sprite_lab.ui.workspaces.draw.cell_grid import class_words

#: Share of T that drawings are noised to by default: the silhouette stays.
STRENGTH = 0.55


class ConditionsGroup(FoldGroup):
    """Parts: ``draw.class``, ``draw.seed``, ``draw.guidance``, ``draw.from_drawing``,
    ``draw.strength``.

    Signals
    -------
    asked : text for the history, a key by which changes merge or None, and the fields of
        :class:`Conditions` that were changed.
    seed_chosen : for the chosen cells.
    """

    asked = Signal(str, object, object)
    seed_chosen = Signal(object)  # a seed may not fit Qt's int

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__(theme, "Cell", name="draw.group.cell")
        self._class = calm(QComboBox(), name="draw.class", label="Class")
        self._class.setToolTip("Class: what the chosen cells should become")
        self._seed = SeedField(theme, name="draw.seed")
        self._guidance = NumberField(
            "Guidance",
            0,
            8,
            2,
            name="draw.guidance",
            step=0.5,
            decimals=1,
            unit=" ×",
            tip="Guidance: how strongly the class steers; 1 = off. Needs a class.",
        )
        self._starts = QCheckBox("Start from the drawing")
        self._starts.setObjectName("draw.from_drawing")
        self._starts.setToolTip(
            "Noise what is drawn up to Strength and let the model take the noise away:\n"
            "the drawing steers what comes out. Off: only pixels that are kept do."
        )
        self._strength = NumberField(
            "Strength",
            1,
            100,
            round(100 * STRENGTH),
            name="draw.strength",
            unit=" %",
            tip="Strength: how much of the way to pure noise a drawing goes before the model "
            "takes the noise away.\nLow keeps the drawing, high keeps little but its colours.",
        )
        self.add_row("Class", self._class)
        self.add_row("Guidance", self._guidance)
        self.add(self._starts)
        self.add_row("Strength", self._strength)
        self.add_row("Seed", self._seed)
        self._class.activated.connect(self._on_class)
        self._seed.changed.connect(self.seed_chosen)
        self._guidance.changed.connect(
            lambda value: self.asked.emit("Set guidance", "guidance", {"guidance_scale": value})
        )
        self._starts.clicked.connect(self._on_strength)
        self._strength.changed.connect(self._on_strength)

    @property
    def seed_locked(self) -> bool:
        """Whether cells keep their seeds when they are generated."""
        return self._seed.locked

    def set_classes(self, names: Sequence[str]) -> None:
        """Offer the classes there are."""
        kept = self._class.currentData()
        with QSignalBlocker(self._class):
            self._class.clear()
            for name in (None, *names):
                self._class.addItem("any class" if name is None else class_words(name), name)
        self._show_class(kept)

    def show_cells(self, title: str, chosen: Sequence[Cell]) -> None:
        """Show what is asked for in the chosen cells, of which the first is on the canvas."""
        self.set_title(title)
        if not chosen:
            return
        asked: Conditions = chosen[0].conditions
        self._show_class(asked.class_name, len({c.conditions.class_mix for c in chosen}) > 1)
        widgets = (self._seed, self._guidance, self._starts, self._strength)
        blocked = [QSignalBlocker(widget) for widget in widgets]
        self._seed.set_seed(asked.seed)
        self._guidance.set_value(asked.guidance_scale)
        self._starts.setChecked(asked.strength is not None)
        if asked.strength is not None:
            self._strength.set_value(round(100 * asked.strength))
        self._strength.setEnabled(asked.strength is not None)
        del blocked

    def _on_class(self, _index: int) -> None:
        name = self._class.currentData()
        mix = () if name is None else ((name, 1.0),)
        self.asked.emit("Set class", None, {"class_mix": mix})

    def _on_strength(self, *_: Any) -> None:
        strength = self._strength.value / 100 if self._starts.isChecked() else None
        self._strength.setEnabled(strength is not None)
        self.asked.emit("Set strength", "strength", {"strength": strength})

    def _show_class(self, name: str | None, mixed: bool = False) -> None:
        with QSignalBlocker(self._class):
            index = -1 if mixed else self._class.findData(name)
            if index < 0 and not mixed and name:
                # A class of an opened project that neither model nor data have.
                self._class.addItem(class_words(name), name)
                index = self._class.count() - 1
            self._class.setCurrentIndex(index)
            self._class.setPlaceholderText("several" if mixed else "")
