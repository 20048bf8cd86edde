"""The button that computes the floor of a run's error, or opens the set needed for that."""

from __future__ import annotations

import math

from sprite_lab.app.lab import Lab
from sprite_lab.app.train.run_floor import RunFloor
from sprite_lab.ui.widgets.fields.buttons import PushButton, theme_icon
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.set_needed import open_missing
from sprite_lab.words import number_text, tr, trn

#: Significant digits of a mean error.
_DIGITS = 3


def floor_share_words(error: float, floor: float, steps: int) -> str:
    """Text on how much of a mean ``error`` over the last steps is ``floor``, why there is one, and
    what is left to learn, in numbers that add up as written.
    """
    decimals = max(0, _DIGITS - 1 - math.floor(math.log10(error)))
    share, error, floor = floor / error, round(error, decimals), round(floor, decimals)

    def written(value: float) -> str:
        return number_text(value, f".{decimals}f")

    mean = trn(
        "The error of the last {n:,} step is {error}.",
        "The mean error of the last {n:,} steps is {error}.",
        steps,
        error=written(error),
    )
    if share >= 1:
        rest = tr(
            "That is the floor: many sprites fit one noisy picture, and only their mean can be "
            "predicted."
        )
    else:
        rest = tr(
            "Of it, {floor} ({share:.0%}) is floor: many sprites fit one noisy picture, and only "
            "their mean can be predicted. The other {rest} could be learned, in the end by heart.",
            floor=written(floor),
            share=share,
            rest=written(error - floor),
        )
    return f"{mean} {rest}"


class FloorButton(PushButton):
    """Shown while the floor is unknown."""

    def __init__(self, lab: Lab, floor: RunFloor, *, name: str) -> None:
        super().__init__()
        named(self, name)
        self.setAutoDefault(False)
        theme_icon(self, "measure")
        self._lab, self._floor = lab, floor
        self.clicked.connect(self._on_clicked)
        floor.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.setVisible(self._floor.may_be_asked)
        if not self._floor.may_be_asked:
            return
        missing, running = self._floor.missing, self._floor.running
        if running:
            text, tip = tr("Computing…"), ""
        elif missing is None:
            text = tr("Show the floor")
            tip = tr(
                "Compute the lowest possible error at each noise level, that of the optimal "
                "denoiser of the training sprites. Takes a few seconds."
            )
        else:
            dots = "" if missing.builtin else "…"
            text = tr("Open “{title}”{dots}", title=missing.shown_title, dots=dots)
            tip = tr("The floor needs the sprites this run learned from.")
        self.setText(text)
        self.setAccessibleName(text)
        allow(self, text if running else "", tip)

    def _on_clicked(self) -> None:
        missing = self._floor.missing
        if missing is None:
            self._floor.measure()
        else:
            open_missing(self._lab, missing, self)
