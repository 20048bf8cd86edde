"""How cells are generated: settings, the three ways to start, progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from sprite_lab.app.drawing import DrawSettings, Source, suits
from sprite_lab.core.cells import CELL_SIZE, Cell
from sprite_lab.core.config import SampleConfig
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.calm import calm
from sprite_lab.ui.widgets.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.number_field import NumberField
from sprite_lab.ui.widgets.sampler_choice import SamplerChoice

_TIPS: dict[Source, str] = {
    "class": "Draw new sprites of each cell's class, whatever is in the cells (Ctrl+Enter).",
    "drawing": "Noise what is drawn up to Strength and let the model take the noise away: "
    "the drawing steers what comes out.",
    "inpaint": "Draw everything anew but the pixels that are marked to keep.",
}
_MISSING: dict[Source, str] = {
    "class": "Choose a cell first.",
    "drawing": "Draw something in a chosen cell first.",
    "inpaint": "Mark pixels to keep with the mask brush (K) in a chosen cell first.",
}
#: Share of the noise levels that drawings are noised to by default: the silhouette stays.
_STRENGTH = 0.55


class GenerateGroup(FoldGroup):
    """Settings that all cells of a generation share, and what starts one.

    Parts: ``draw.apply``, ``draw.strength``, ``draw.guidance``, ``draw.sampler``,
    ``draw.steps``, ``draw.clean_colors``, ``draw.generate.class|drawing|inpaint``, ``draw.reason``,
    ``draw.progress``, ``draw.cancel``.

    Signals
    -------
    wanted : a Source to generate from.
    cancel_wanted : stop, and leave the cells as they are.
    """

    wanted = Signal(str)
    cancel_wanted = Signal()

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__(theme, "Generate", name="draw.group.generate")
        self._model: Any = None
        self._running = False
        self._pressed: QWidget | None = None
        self._chosen: Sequence[Cell] = ()
        self._all: Sequence[Cell] = ()
        self._apply = Segmented(
            theme,
            [
                Option("chosen", "Chosen cells", tip="Ctrl or Shift and click choose several"),
                Option("all", "All cells"),
            ],
            name="draw.apply",
            label="Cells to generate",
            stretch=True,
        )
        self._strength = NumberField(
            "Strength",
            1,
            500,
            round(500 * _STRENGTH),
            name="draw.strength",
            prefix="t = ",
            tip="Strength: the noise level that a drawing is noised to before the model takes "
            "the noise away.\nLow keeps the drawing, high keeps little but its colours.",
        )
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
        self._sampler = calm(SamplerChoice(), name="draw.sampler", label="Sampler")
        self._steps = NumberField(
            "Steps",
            1,
            500,
            self._sampler.usual_steps(500),
            name="draw.steps",
            tip="Noise levels visited on the way to a clean sprite. More is slower.",
        )
        self._clean = QCheckBox("Clean colours")
        self._clean.setObjectName("draw.clean_colors")
        self._clean.setToolTip(
            "Draw every sprite in few flat colours, as pixel art is.\n"
            "Off: as the model predicts it, with slightly different shades all over."
        )
        self._clean.setChecked(True)
        self._reason = dim_label(name="draw.reason")
        self._buttons = {
            "class": push_button(
                theme, "From class", name="draw.generate.class", icon_name="generate", primary=True
            ),
            "drawing": push_button(
                theme, "From drawing", name="draw.generate.drawing", icon_name="from-drawing"
            ),
            "inpaint": push_button(
                theme, "Around kept pixels", name="draw.generate.inpaint", icon_name="mask"
            ),
        }
        self._progress = QProgressBar()
        self._progress.setObjectName("draw.progress")
        self._progress.setAccessibleName("Progress of generating")
        self._progress_text = dim_label(name="draw.progress_text", wrap=False)
        self._cancel = push_button(
            theme,
            "Cancel",
            name="draw.cancel",
            icon_name="close",
            tip="Stop, and leave the cells as they are (Esc)",
        )
        self.add(self._apply)
        self.add_row("Strength", self._strength)
        self.add_row("Guidance", self._guidance)
        self.add_row("Sampler", self._sampler)
        self.add_row("Steps", self._steps)
        self.add(self._clean)
        self._choices = QWidget()
        choices = QVBoxLayout(self._choices)
        choices.setContentsMargins(0, 0, 0, 0)
        choices.setSpacing(8)
        for source, button in self._buttons.items():
            choices.addWidget(button)
            button.clicked.connect(lambda _=False, source=source: self.wanted.emit(source))
        self._busy = QWidget()
        busy = QHBoxLayout(self._busy)
        busy.setContentsMargins(0, 0, 0, 0)
        side = QVBoxLayout()
        side.setSpacing(4)
        side.addWidget(self._progress_text)
        side.addWidget(self._progress)
        busy.addLayout(side, 1)
        busy.addWidget(self._cancel)
        self.add(self._choices)
        self.add(self._reason)
        self.add(self._busy)
        self._apply.changed.connect(self._refresh)
        self._sampler.currentIndexChanged.connect(self._on_sampler)
        self._cancel.clicked.connect(self.cancel_wanted)
        self.set_running(False)

    # -- what is asked for ---------------------------------------------------------------

    @property
    def all_cells(self) -> bool:
        """Whether all cells are generated, not the chosen ones alone."""
        return bool(self._apply.value == "all")

    def settings(self) -> DrawSettings:
        """What the panel asks for now."""
        return DrawSettings(
            sampler=self._sampler.sampler,
            steps=self._steps.whole,
            guidance_scale=self._guidance.value,
            start_t=self._strength.whole,
            colors=SampleConfig().colors if self._clean.isChecked() else 0,
        )

    # -- what is shown -------------------------------------------------------------------

    def set_model(self, model: Any) -> None:
        """Offer the noise levels of a model; None = no model."""
        timesteps = 500 if model is None else model.timesteps
        if self._model is None or self._model.timesteps != timesteps:
            share = self._strength.value / 500 if self._model is None else _STRENGTH
            self._strength.set_range(1, timesteps)
            self._strength.set_value(round(share * timesteps))
            self._steps.set_range(1, timesteps)
        self._model = model
        self._sampler.set_model(model)
        self._refresh()

    def set_cells(self, chosen: Sequence[Cell], cells: Sequence[Cell]) -> None:
        """Say which cells there are to generate: the chosen ones, and all."""
        self._chosen, self._all = chosen, cells
        self._refresh()

    def set_running(self, running: bool) -> None:
        """Show progress and Cancel in the place of the buttons, or the other way round."""
        self._running = running
        focus = QApplication.focusWidget()
        if running:
            self._pressed = focus
        # The focus would wander off to whatever comes next as its button is hidden.
        moves = focus in (self._buttons.values() if running else (self._cancel,))
        self._choices.setVisible(not running)
        self._busy.setVisible(running)
        if moves:
            target = self._cancel if running else self._pressed
            if target is not None:
                target.setFocus()
        if running:
            self.show_progress(0, 0, "Starting")
        self._refresh()

    def show_progress(self, done: int, total: int, text: str) -> None:
        """How far it is; a total of 0 = not known."""
        self._progress.setRange(0, total)
        self._progress.setValue(done)
        self._progress_text.setText(
            (text or "Generating") + (f" {100 * done // total}%" if total else "…")
        )

    def _on_sampler(self) -> None:
        if self._model is not None:
            self._steps.set_value(self._sampler.usual_steps(self._model.timesteps))

    def _refresh(self, *_: object) -> None:
        """Grey out what cannot be done, each with its reason."""
        cells = self._all if self._apply.value == "all" else self._chosen
        problem = self.problem()
        counts = []
        for source, button in self._buttons.items():
            count = sum(suits(cell, source) for cell in cells)  # type: ignore[arg-type]
            counts.append(count)
            reason = problem or ("" if count else _MISSING[source])  # type: ignore[index]
            button.setEnabled(not reason)
            button.setToolTip(reason or _TIPS[source])  # type: ignore[index]
        text = problem or _shortage(len(cells), *counts[1:])
        self._reason.setText(text)
        self._reason.setVisible(bool(text) and not self._running)
        for part in (self._strength, self._guidance, self._sampler, self._steps):
            part.setEnabled(self._model is not None)

    def problem(self) -> str:
        """Why nothing can be generated, or ""."""
        if self._model is None:
            return "There is no model yet: train one, or open one from the menu."
        if self._model.image_size != CELL_SIZE:
            size = self._model.image_size
            return f"This model draws {size}x{size} sprites, but cells are 16x16: open another."
        return ""


def _shortage(count: int, drawn: int, kept: int) -> str:
    """What some of the cells that would be generated lack, or ""."""
    sentences = []
    if drawn < count:
        sentences.append(
            f"{drawn} of {count} cells are drawn." if drawn else "From drawing needs a drawing."
        )
    if kept < count:
        sentences.append(
            f"{kept} of {count} cells keep pixels."
            if kept
            else "Around kept pixels needs pixels marked with the mask brush (K)."
        )
    return " ".join(sentences)
