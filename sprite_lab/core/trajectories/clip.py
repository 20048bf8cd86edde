"""A sequence of pictures to play, with facts about each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError


@dataclass(frozen=True, eq=False)
class LossCurve:
    """Training loss by step: float64 (n,) each, steps ascending, n >= 2."""

    steps: NDArray[np.float64]
    losses: NDArray[np.float64]

    def at(self, step: float) -> float:
        return float(np.interp(step, self.steps, self.losses))


@dataclass(frozen=True, eq=False)
class Clip:
    """K pictures in playing order.

    Pictures are made on demand, so that a long clip takes no memory.
    """

    title: str  #: a short description; also the stem of file names
    count: int  #: K, 1 or more
    #: returns picture k, uint8 (h, w, 3|4), one pixel for each sprite pixel; all of one shape
    picture: Callable[[int], NDArray[np.uint8]]
    caption: str = ""  #: one sentence about it
    labels: tuple[str, ...] = ()  #: the position of each picture, such as "t = 250"; () = none
    places: tuple[float, ...] = ()  #: place of each on a slider from 0 to 1; () = evenly spaced
    ends: tuple[str, str] = ("", "")  #: names of the slider's two ends
    #: names of the rows of sprites, equally high, from top to bottom; () = none
    rows: tuple[str, ...] = ()
    durations_ms: tuple[int, ...] | None = None  #: how long each is shown; None = all equally long
    #: settings that reproduce it; None = unknown or not reproducible
    config: SampleConfig | None = None
    attribution: str = ""  #: one line of credit per source of the training data, "" = none
    styles: tuple[str, ...] = ()  #: the sources whose style a model was asked for
    curve: LossCurve | None = None  #: loss of the training run shown
    steps: tuple[int, ...] = ()  #: the training step of each picture
    #: (ending of the name, clip) pairs, to save as several files; () = it is one file
    parts: tuple[tuple[str, Clip], ...] = ()

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ConfigError("There are no frames to animate; record some first.")
        for name in ("labels", "places", "durations_ms", "steps"):
            known = getattr(self, name)
            if known and len(known) != self.count:
                raise ConfigError(
                    "{count} pictures cannot have {length} {name}.",
                    count=self.count,
                    length=len(known),
                    name=name,
                )

    def place(self, k: int) -> float:
        """Where picture ``k`` is on the slider, 0 to 1."""
        return self.places[k] if self.places else k / max(1, self.count - 1)
