"""Evenly spaced indices."""

from __future__ import annotations

import numpy as np


def evenly(count: int, most: int) -> list[int]:
    """At most ``most`` of ``count`` indices, ascending; if two or more, with the first and last."""
    places = np.linspace(0, count - 1, min(count, most))
    return [int(place) for place in np.unique(np.rint(places))]
