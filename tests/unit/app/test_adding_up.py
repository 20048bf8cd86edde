"""Numbers that add up as they are written."""

from __future__ import annotations

import pytest

from sprite_lab.app.shell.text_format import adding_up


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ((0.00014, 0.00924, 0.66286, 0.00949), [0.0001, 0.0092, 0.6629, 0.0095]),
        ((0.00005, 0.00005, 0.00006), [0.0001, 0.0, 0.0001]),
        ((1.0, -0.25004, 0.5), [1.0, -0.25, 0.5]),
    ],
)
def test_terms_add_up_to_their_rounded_sum(values: tuple[float, ...], wanted: list[float]) -> None:
    """Each term was once rounded by itself: terms of 0.6818 beside a bound of 0.6817."""
    found = adding_up(values)
    assert found == pytest.approx(wanted)
    assert sum(found) == pytest.approx(round(sum(values), 4))
