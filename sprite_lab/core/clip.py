"""Pictures in a row that can be played, with what is known about each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError


@dataclass(frozen=True, eq=False)
class LossCurve:
    """A loss over the steps of a training: float64 (n,) each, steps ascending, n >= 2."""

    steps: NDArray[np.float64]
    losses: NDArray[np.float64]

    def at(self, step: float) -> float:
        """The loss at a step."""
        return float(np.interp(step, self.steps, self.losses))


@dataclass(frozen=True, eq=False)
class Clip:
    """K pictures in the order they are played.

    Pictures are made when they are asked for, so that a long clip takes no memory.

    Parameters
    ----------
    title : what it is, in a few words; also the stem of a file's name.
    count : K, 1 or more.
    picture : gives picture k, uint8 (h, w, 3|4), one pixel for each of a sprite; all of a shape.
    caption : a sentence on it.
    labels : what each picture is at, such as "t = 250"; () = nothing to say.
    places : where each is on a slider from 0 to 1; () = evenly spread.
    ends : what the ends of that slider are called.
    rows : names of the rows of sprites, evenly high from top to bottom; () = none.
    durations_ms : how long each is shown; None = evenly.
    config : what makes it again; None = not known, or nothing does.
    attribution : a line of thanks for each source that it was learnt from, "" = none.
    curve : the loss of the training it shows; ``steps``: the step of each picture on it.
    """

    title: str
    count: int
    picture: Callable[[int], NDArray[np.uint8]]
    caption: str = ""
    labels: tuple[str, ...] = ()
    places: tuple[float, ...] = ()
    ends: tuple[str, str] = ("", "")
    rows: tuple[str, ...] = ()
    durations_ms: tuple[int, ...] | None = None
    config: SampleConfig | None = None
    attribution: str = ""
    curve: LossCurve | None = None
    steps: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ConfigError("There are no frames to make an animation of; record some first.")
        for name in ("labels", "places", "durations_ms", "steps"):
            known = getattr(self, name)
            if known and len(known) != self.count:
                raise ConfigError(f"{self.count} pictures cannot have {len(known)} {name}.")

    def place(self, k: int) -> float:
        """Where picture ``k`` is on the slider, 0 to 1."""
        return self.places[k] if self.places else k / max(1, self.count - 1)
