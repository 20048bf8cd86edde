"""How much of a training error is floor, in words."""

from __future__ import annotations

from sprite_lab.words import tr

#: Number of steps whose mean loss Curves compares with the floor.
NEWEST = 100

#: What the newest error averages: each page has its own.
NEWEST_TIP = tr(
    "The newest error is a mean over steps: the last {steps} in Curves, as many as a smooth curve "
    "needs in By noise level. The loss in the header is smoothed instead.",
    steps=NEWEST,
)


def floor_share_words(error: float, floor: float) -> str:
    """How much of a mean ``error`` is ``floor``, why there is one, and what is left to learn."""
    if error <= floor:
        return tr(
            "The newest error, {error:.3g}, is at the floor: many sprites fit one noisy picture, "
            "so only their mean can be predicted.",
            error=error,
        )
    return tr(
        "Of the newest error, {error:.3g}, {floor:.3g} ({share:.0%}) is floor: many sprites fit "
        "one noisy picture, so only their mean can be predicted. The other {rest:.3g} could be "
        "learned, in the end by heart.",
        error=error,
        floor=floor,
        share=floor / error,
        rest=error - floor,
    )
