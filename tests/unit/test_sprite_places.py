"""Positions of sprites in a grid: results for a place or area, compared with a check of all."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF

from sprite_lab.ui.widgets.sprites.sprite_places import SpritePlaces


@pytest.mark.parametrize("below", [0, 17])
@pytest.mark.parametrize("width", [10, 200, 333])
def test_the_drawings_found_are_those_on_the_sheet(width: int, below: int) -> None:
    places = SpritePlaces(23, side=48, below=below, width=width)
    rects = [places.rect(i) for i in range(places.count)]
    assert places.rows * places.columns >= places.count > (places.rows - 1) * places.columns
    assert max(rect.bottom() for rect in rects) + below + 6 == places.height
    rng = np.random.default_rng(0)
    for x, y in rng.uniform(-20, (width + 20, places.height + 20), (200, 2)):
        found = places.at(QPointF(x, y))
        holding = [i for i, rect in enumerate(rects) if rect.contains(x, y)]
        assert holding in ([], [found])
        corner = QPointF(*rng.uniform(0, (width, places.height)))
        area = QRectF(QPointF(x, y), corner).normalized()
        touched = [i for i, rect in enumerate(rects) if rect.intersects(area)]
        assert places.inside(area).tolist() == touched
        rows = places.rows_in(max(0, int(y)), 120)
        seen = [i for i, r in enumerate(rects) if r.bottom() >= max(0, y) and r.top() < y + 120]
        assert {i // places.columns for i in seen} <= set(rows)
