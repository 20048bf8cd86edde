"""Work that is shared out: every block once, in order, and merged to the last bit."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from sprite_lab.core.run import RunControl
from sprite_lab.engine.measuring.shares import SharedControl, merged, share_of
from sprite_lab.engine.training.processes import Processes


class One:
    """One of some processes, without what joins them."""

    def __init__(self, rank: int, size: int) -> None:
        self.rank, self.size = rank, size


@pytest.mark.parametrize("size", [1, 2, 3, 7, 20])
@pytest.mark.parametrize("count", [0, 1, 5, 130])
def test_every_block_is_done_once_and_in_order(size: int, count: int) -> None:
    blocks = range(0, count, 10)
    done = []
    for rank in range(size):
        control = SharedControl()
        control.processes = cast(Processes, One(rank, size))
        done.append(share_of(control, blocks))
    assert [start for share in done for start in share] == list(blocks)
    assert max(map(len, done)) - min(map(len, done)) <= 1
    assert share_of(RunControl(), blocks) == blocks


def test_alone_parts_are_joined() -> None:
    np.testing.assert_array_equal(
        merged(RunControl(), [np.arange(3), np.arange(2)]), [0, 1, 2, 0, 1]
    )
