"""The numbers of a training, in one row, refreshed no faster than they can be read."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from sprite_lab.app.loss_history import LossHistory
from sprite_lab.app.text_format import time_text
from sprite_lab.jobs import JobHandle
from sprite_lab.ui.theme import tabular
from sprite_lab.ui.widgets.calm import named
from sprite_lab.ui.widgets.inspector import dim_label

_FIGURES = (
    ("step", "Step", "Optimizer steps so far"),
    ("epoch", "Epoch", "How often every sprite was seen"),
    ("loss", "Loss", "Smoothed loss on what is learnt from"),
    ("validation", "Validation", "The same loss on sprites that were kept aside"),
    (
        "epsilon",
        "Noise error",
        "Mean squared error of the predicted noise, comparable between any two runs",
    ),
    (
        "copies",
        "Copies",
        "Share of its samples that are copies of training sprites, where that is looked for",
    ),
    ("speed", "Sprites/s", "Sprites learnt from in a second"),
    ("elapsed", "Elapsed", "Training time, pauses left out"),
    ("left", "Left", "Time to the end at this speed"),
)


class Figures(QWidget):
    """Labels ``train.figure.<name>``: step, epoch, loss, validation, epsilon, copies, speed,
    elapsed, left."""

    def __init__(self) -> None:
        super().__init__()
        self._labels: dict[str, QLabel] = {}
        self._captions: dict[str, QLabel] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for name, text, tip in _FIGURES:
            value = named(QLabel("–"), f"train.figure.{name}", text)
            font = tabular(value.font())
            font.setPointSizeF(font.pointSizeF() * 1.25)
            value.setFont(font)
            caption = dim_label(text, wrap=False)
            for label in (value, caption):
                label.setToolTip(tip)
            column = QVBoxLayout()
            column.setSpacing(0)
            column.addWidget(caption)
            column.addWidget(value)
            row.addLayout(column, 1)
            self._labels[name], self._captions[name] = value, caption

    def show_figures(self, history: LossHistory, handle: JobHandle | None) -> None:
        """Show the newest of a history, and how far its job is if it goes on."""
        step, figures = history.last_step, history.last_eval
        shown = dict.fromkeys(self._labels, "–")
        if step is not None:
            shown["step"] = f"{step.step:,}"
            shown["epoch"] = f"{step.epoch:.1f}"
            shown["loss"] = f"{history.smoothed[-1]:.4f}"
            shown["elapsed"] = time_text(step.seconds)
            if history.speed:
                shown["speed"] = f"{history.speed:,.0f}"
            share = handle.share_done if handle is not None else None
            if share:
                shown["left"] = time_text(step.seconds * (1 - share) / share)
        copies = history.last_copies
        if copies is not None:
            shown["copies"] = f"{copies.share:.0%}"
        for label in (self._labels["copies"], self._captions["copies"]):
            label.setVisible(copies is not None)
        if figures is not None:
            shown["validation"] = f"{figures.val_loss:.4f}"
            shown["epsilon"] = f"{figures.epsilon_error:.4f}"
        for name, text in shown.items():
            if self._labels[name].text() != text:
                self._labels[name].setText(text)
