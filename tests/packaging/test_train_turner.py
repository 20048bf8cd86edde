"""Training of the turner: other colors, proportions and outlines change drawing and view alike."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[2] / "packaging"))

import train_turner
from train_turner import (
    a_thing,
    head_given,
    holding,
    loss_of,
    made_pairs,
    pairs_of,
    put,
    recolored,
    smudged,
    span_of,
    thinned,
    together,
    trained,
    warped,
    widened,
)

from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.diffusion.pointing import KINDS, Pointer, codes, edge_of


def rows() -> SpriteSet:
    """One character from four sides, each of another color, and one walk to the left."""
    images = np.full((2, 16, 64, 3), 255, np.uint8)
    alpha = np.zeros((2, 16, 64), np.uint8)
    for cell in range(4):
        x = 16 * cell + 4
        images[:, 3:15, x : x + 8], alpha[:, 3:15, x : x + 8] = 10, 255
        images[:, 4:14, x + 1 : x + 7] = (60 * cell + 20, 100, 50)
        images[:, 5, x + 2] = 200
    return SpriteSet(
        images=images, labels=np.zeros(2, np.int64), class_names=("hero",), alpha=alpha,
        direction=np.array(["", "left"]), title="made",
    )  # fmt: skip


def test_sides_come_from_the_front_and_steps_from_the_standing_frame() -> None:
    drawing, view, kind, weight = (part[:6] for part in pairs_of([rows()] * 4))
    assert [KINDS[k] for k in kind] == ["up 0", "up 0", "right 0", "right 0", "right 1", "right 3"]
    inside = [(int(a[0, 8, 8]), int(b[0, 8, 8])) for a, b in zip(drawing, view, strict=True)]
    assert inside == [(20, 80), (20, 80), (20, 200), (20, 140), (20, 80), (20, 200)]
    assert drawing[0, 0, 5, 6] == drawing[1, 0, 5, 9] == 200, "mirrored"
    assert drawing[4, 0, 5, 9] == 200, "a walk to the left is one to the right"
    assert (weight > 0).all()


@pytest.fixture
def pair() -> tuple[torch.Tensor, torch.Tensor]:
    drawing, view, _, _ = pairs_of([rows()] * 4)
    return drawing / 255, view / 255


def test_proportions_and_outlines_change_alike(
    pair: tuple[torch.Tensor, torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_turner, "WARPED", 1.0)
    monkeypatch.setattr(train_turner, "THIN", 1.0)
    x, y = warped(*pair, np.random.default_rng(3))
    assert torch.equal(x[:, 3], y[:, 3]), "their outlines are alike"
    heights = x[:, 3].amax(dim=2).sum(dim=1)
    assert heights.min() < 12 < heights.max(), "some lower, some higher than before"
    thin, _ = thinned(*pair, np.random.default_rng(3))
    assert edge_of(pair[0]).sum() == pair[0][:, 3].sum() - thin[:, 3].sum()


def test_columns_change_as_far_from_the_middle_in_both(
    pair: tuple[torch.Tensor, torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_turner, "WIDENED", 1.0)
    kinds = torch.zeros(len(pair[0]), dtype=torch.int64)
    x, y = widened(*pair, kinds, np.random.default_rng(0))
    before, after = ([len(span_of(z[3])) for z in part] for part in (pair[0], x))
    assert {b - a for a, b in zip(before, after, strict=True)} == {-2, 2}
    assert torch.equal(x[:, 3], x[:, 3].flip(2)), "still symmetric"
    assert torch.equal(x[:, 3], y[:, 3])


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_held_is_in_both_views(
    pair: tuple[torch.Tensor, torch.Tensor], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(train_turner, "HOLDING", 1.0)
    kinds = torch.full((len(pair[0]),), KINDS.index(kind))
    x, y = holding(*pair, kinds, np.random.default_rng(0))
    for drawing, view, old, former in zip(x, y, *pair, strict=True):
        new = [codes(z[None])[0] != codes(w[None])[0] for z, w in ((drawing, old), (view, former))]
        assert all(part.any() for part in new)
        if kind == "up 0":
            assert torch.equal(drawing[3], view[3].flip(1)), "mirrored"
        assert set(codes(view[None])[0][new[1]].tolist()) <= set(
            codes(drawing[None]).flatten().tolist()
        )


def test_made_up_characters_count_half_and_their_sides_twice() -> None:
    drawn, made = pairs_of([rows()] * 4), made_pairs(3)
    assert len(made[2]) == 3 * len(KINDS)
    *_, kind, weight = together(drawn, made)
    of_made = weight[len(drawn[3]) :]
    assert of_made.sum() == pytest.approx(0.5) == weight[: len(drawn[3])].sum()
    sides = torch.tensor([KINDS[k].endswith("0") for k in kind[len(drawn[3]) :].tolist()])
    assert of_made[sides].mean() == pytest.approx(2 * of_made[~sides].mean())


def test_smudges_are_pixels_of_neighbors_within_the_drawing(
    pair: tuple[torch.Tensor, torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_turner, "SMUDGED", 1.0)
    monkeypatch.setattr(train_turner, "SMUDGES", 0.5)
    x = pair[0]
    dirty = smudged(x, torch.Generator().manual_seed(0))
    assert not torch.equal(dirty, x)
    assert torch.equal(dirty[:, 3], x[:, 3])
    for before, after in zip(codes(x), codes(dirty), strict=True):
        assert set(after.unique().tolist()) <= set(before.unique().tolist())


@pytest.mark.parametrize("down", [-1, 0, 1])
def test_a_step_is_learned_below_the_head_of_the_drawing(
    pair: tuple[torch.Tensor, torch.Tensor], down: int
) -> None:
    x = pair[0]
    y, kinds = x.roll(down, dims=2), torch.full((len(x),), KINDS.index("down 1"))
    nothing = torch.zeros(len(x), 1, 16, 16, dtype=torch.bool)
    known, shown = head_given(x, y, nothing, kinds)
    stop = 3 + 7 + down  # of rows 3 to 14
    assert shown[:, :, :stop].all()
    assert not shown[:, :, stop:].any()
    assert torch.equal(known, y)
    standing = head_given(x, y, nothing, torch.zeros_like(kinds))
    assert not standing[1].any(), "a side has no known head"


def test_what_is_held_is_over_or_behind_the_body(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    thing = a_thing(pair[0][0], np.random.default_rng(0))
    over, behind = pair[0][0].clone(), pair[0][0].clone()
    put(over, thing, 4, True)
    put(behind, thing, 4, False)
    body = pair[0][0][3] > 0
    assert torch.equal(behind[:, body], pair[0][0][:, body])
    assert not torch.equal(over[:, body], pair[0][0][:, body])
    assert torch.equal(over[3], behind[3])


def test_it_trains_for_some_time_and_carries_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_turner, "BATCH", 2)
    clock = iter(range(100))
    monkeypatch.setattr(train_turner.time, "monotonic", lambda: 15.0 * next(clock))
    start = Pointer(width=8, key=8)
    before = start.enter.weight.clone()
    ((steps, network),) = trained(pairs_of([rows()] * 4), 1.0, start)
    assert steps == 3
    assert isinstance(network, Pointer)
    assert not torch.equal(network.enter.weight, before)


def test_other_hues_keep_equal_colors_equal(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    x, y = recolored(pair, torch.Generator().manual_seed(0))
    assert not torch.equal(x, pair[0])
    assert torch.equal(x[:, 3], pair[0][:, 3])
    for before, after in ((pair[0], x), (pair[1], y)):
        for old, new in zip(codes(before), codes(after), strict=True):
            assert len(old.unique()) == len(new.unique())
    assert torch.equal(x[:, :, 3, 5], y[:, :, 3, 5]), "the outline of both"


def test_it_learns(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    torch.manual_seed(0)
    network = Pointer(width=8, key=8)
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    kinds = torch.zeros(len(pair[0]), dtype=torch.int64)
    losses = []
    for step in range(12):
        loss = loss_of(network, pair[0], pair[0], kinds, torch.Generator().manual_seed(step))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert np.isfinite(losses).all()
    assert np.mean(losses[-3:]) < 0.7 * np.mean(losses[:3])
