"""Some of many things, evenly spaced."""

from __future__ import annotations

import numpy as np


def evenly(count: int, most: int) -> list[int]:
    """At most ``most`` of ``count`` indices, ascending; of several, the first and the last, too."""
    places = np.linspace(0, count - 1, min(count, most))
    return [int(place) for place in np.unique(np.rint(places))]
