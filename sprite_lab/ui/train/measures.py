"""What can be plotted of a training, and the numbers of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.train.loss_history import LossHistory, moving_average

Points = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True)
class Line:
    """One curve of a measure: its name in the legend, which of the theme's curves it is.

    ``comparable``: whether it means the same in any two runs.
    """

    name: str
    which: int
    marked: bool
    tip: str
    points: Callable[[LossHistory], Points]
    comparable: bool = False


@dataclass(frozen=True)
class Measure:
    """A quantity that is plotted by itself.

    Parameters
    ----------
    raw : drawn faintly behind the others, of every step; None = nothing is.
    lines : the first is what other runs are compared by.
    """

    key: str
    title: str
    tip: str
    raw: Callable[[LossHistory], NDArray[np.float64]] | None
    lines: tuple[Line, ...]


def _smoothed_norms(history: LossHistory) -> Points:
    norms = history.grad_norms
    count = np.arange(1, len(norms) + 1)
    # As the loss is smoothed: divided by what the weights add up to.
    return history.steps, moving_average(norms, history.weight) / (1 - history.weight**count)


MEASURES = (
    Measure(
        "loss",
        "Loss",
        "What training minimizes, step by step",
        lambda history: history.losses,
        (
            Line(
                "training",
                0,
                False,
                "Loss on what is learnt from: faint as it is, strong smoothed.",
                lambda history: (history.steps, history.smoothed),
            ),
            Line(
                "validation",
                1,
                True,
                "The same loss on sprites that were kept aside. Where it rises while the "
                "training loss falls, sprites are being learnt by heart.",
                lambda history: (history.eval_steps, history.val_losses),
            ),
            Line(
                "noise error",
                2,
                True,
                "Mean squared error of the predicted noise, over the course's 500 levels: the "
                "one figure that can be compared between any two runs.",
                lambda history: (history.eval_steps, history.epsilon_errors),
                comparable=True,
            ),
        ),
    ),
    Measure(
        "gradient",
        "Gradient",
        "Length of the loss's gradient at each step, before it is limited",
        lambda history: history.grad_norms,
        (
            Line(
                "gradient norm",
                0,
                False,
                "How steep the loss is where the weights are: faint as it is, strong smoothed.",
                _smoothed_norms,
            ),
        ),
    ),
    Measure(
        "rate",
        "Rate",
        "The learning rate: how far each step goes",
        None,
        (
            Line(
                "learning rate",
                0,
                False,
                "It rises at first, and falls to nothing at the end.",
                lambda history: (history.steps, history.learning_rates),
            ),
        ),
    ),
    Measure(
        "ema",
        "EMA",
        "How far the averaged weights, which draw, are from the newest, which learn",
        None,
        (
            Line(
                "EMA distance",
                0,
                False,
                "‖average − newest‖ / ‖newest‖. It falls as the learning rate does.",
                lambda history: (history.window_steps, history.ema_distances),
            ),
        ),
    ),
)
