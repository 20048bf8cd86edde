"""Shared work: every block once, in order, with bit-identical results after merging."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import pytest
import torch

from sprite_lab.core.errors import RunError
from sprite_lab.core.presets import PRESETS
from sprite_lab.core.run import RunControl
from sprite_lab.core.shares import SharedControl, any_stopped, merged, share_of, value_of_first
from sprite_lab.engine.training import training_data
from sprite_lab.engine.training.processes import Processes
from sprite_lab.engine.training.training_data import TrainingData
from tests.made import make_sprites
from tests.sharing import shared


class One:
    """One of several processes, without a connection to the others."""

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
    parts = [np.zeros((2, 1)), np.ones((2, 2))]
    np.testing.assert_array_equal(merged(RunControl(), parts, axis=1), [[0, 1, 1]] * 2)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_all_get_the_results_of_all_and_what_the_first_says(size: int) -> None:
    def work(control: SharedControl) -> tuple[list[int], str, bool]:
        blocks = share_of(control, range(0, 50, 10))
        whole = merged(control, [np.arange(start, start + 10) for start in blocks])
        return whole.tolist(), value_of_first(control, f"by {blocks}"), control.leads

    found = shared(size, work)
    assert [whole for whole, _, _ in found] == [list(range(50))] * size
    assert len({said for _, said, _ in found}) == 1
    assert [leads for _, _, leads in found] == [True] + [False] * (size - 1)
    assert value_of_first(RunControl(), "alone") == "alone"
    assert SharedControl().leads


def test_one_that_is_stopped_stops_all() -> None:
    def work(control: SharedControl) -> tuple[bool, bool]:
        before = any_stopped(control)
        if not control.leads:
            control.stop()
        with pytest.raises(RunError, match="stopped before all processes had done their part"):
            merged(control, [np.arange(3)])
        return before, control.stop_requested

    assert shared(2, work) == [(False, True)] * 2
    alone = RunControl()
    assert not any_stopped(alone)
    alone.stop()
    assert any_stopped(alone)


@pytest.mark.parametrize("size", [2, 3, 5, 30])
def test_rows_of_a_step_do_not_depend_on_who_draws_them(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_data, "NOISE_BLOCK", 4)
    config = replace(PRESETS["best"], batch_size=21, shifts=0.5, recolor=0.5)
    data = TrainingData(make_sprites(count=45), config, torch.device("cpu"))
    whole = data.batch(3)
    streams: list[int] = []
    inner = training_data.generator_for

    def noted(seed: int, stream: int, *rest: object) -> torch.Generator:
        streams.append(stream)
        return inner(seed, stream, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(training_data, "generator_for", noted)
    shares = []
    for rank in range(size):
        streams.clear()
        batch, rows, levels = data.share(3, rank, size)
        shares.append(batch)
        assert len(batch.x0) == rows.stop - rows.start
        assert torch.equal(levels, whole.log_snr)
        noise = sum(stream >= 2 for stream in streams)
        assert noise <= 2 + len(batch.x0) // 4, "it draws no more than it needs"
    for mine, part in zip(zip(*shares, strict=True), whole, strict=True):
        if part is not None:
            assert torch.equal(torch.cat(mine), part)
