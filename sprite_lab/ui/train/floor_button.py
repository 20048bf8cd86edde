"""The button that computes the floor of a run's error, or opens the set that this needs."""

from __future__ import annotations

from sprite_lab.app.lab import Lab
from sprite_lab.app.train.run_floor import RunFloor
from sprite_lab.ui.widgets.fields.buttons import PushButton, theme_icon
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.set_needed import open_missing
from sprite_lab.words import tr, trn

#: Number of steps whose mean loss Curves compares with the floor.
NEWEST = 100

#: Why the pages name other errors than the header.
MEAN_TIP = tr(
    "Curves takes the mean of the last {steps} steps, By noise level of as many as a smooth curve "
    "needs. The loss in the header is smoothed instead.",
    steps=NEWEST,
)


def floor_share_words(error: float, floor: float, steps: int) -> str:
    """How much of a mean ``error`` over the last steps is ``floor``, why there is one, and what is
    left to learn.
    """
    if error <= floor:
        return trn(
            "The error of the last {n:,} step, {error:.3g}, is at the floor: many sprites fit one "
            "noisy picture, so only their mean can be predicted.",
            "The mean error of the last {n:,} steps, {error:.3g}, is at the floor: many sprites "
            "fit one noisy picture, so only their mean can be predicted.",
            steps,
            error=error,
        )
    return trn(
        "Of the error of the last {n:,} step, {error:.3g}, {floor:.3g} ({share:.0%}) is floor: "
        "many sprites fit one noisy picture, so only their mean can be predicted. The other "
        "{rest:.3g} could be learned, in the end by heart.",
        "Of the mean error of the last {n:,} steps, {error:.3g}, {floor:.3g} ({share:.0%}) is "
        "floor: many sprites fit one noisy picture, so only their mean can be predicted. The other "
        "{rest:.3g} could be learned, in the end by heart.",
        steps,
        error=error,
        floor=floor,
        share=floor / error,
        rest=error - floor,
    )


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
