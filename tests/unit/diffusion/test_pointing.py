"""Views of a character, built from the pixels of its drawing."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from sprite_lab.diffusion.pointing import (
    BLANK,
    KINDS,
    Known,
    Pointer,
    both_ways,
    codes,
    draw,
    edge_of,
    log_shares,
    mirrored,
    outline_of,
    with_eye,
    with_head,
    within,
)  # fmt: skip


@pytest.fixture(scope="module")
def network() -> Pointer:
    torch.manual_seed(0)
    return Pointer(width=8, key=8).eval()


def figure() -> Tensor:
    """A body of three colors in columns 4 to 9 of rows 2 to 13."""
    drawing = torch.zeros(1, 4, 16, 16)
    drawing[0, :, 2:14, 4:10] = torch.tensor([0.2, 0.4, 0.6, 1.0])[:, None, None]
    drawing[0, :3, 4:6, 4:6] = torch.tensor([1.0, 0.0, 0.0])[:, None, None]
    drawing[0, :3, 10:14, 4:10] = 0.0
    return drawing


def test_pixels_point_at_drawn_ones_or_are_blank(network: Pointer) -> None:
    nothing = torch.zeros(1, 1, 16, 16, dtype=torch.bool)
    for kind in range(len(KINDS)):
        found = network(figure(), torch.zeros_like(figure()), nothing, torch.tensor([kind])).exp()
        assert found.shape == (1, 256, BLANK + 1)
        assert torch.allclose(found.sum(dim=2), torch.ones(1, 256))
        assert found[..., :BLANK][:, :, figure()[0, 3].flatten() == 0].max() < 1e-6


def test_a_color_is_as_likely_as_all_its_pixels(network: Pointer) -> None:
    nothing = torch.zeros(1, 1, 16, 16, dtype=torch.bool)
    found = network(figure(), torch.zeros_like(figure()), nothing, torch.tensor([0]))
    colors = torch.unique(figure()[0, :3, 2:14, 4:10].flatten(1).T, dim=0)
    shares = log_shares(found, figure(), colors[None]).exp()
    assert shares.shape == (1, 256, 4)
    assert torch.allclose(shares.sum(dim=2), torch.ones(1, 256), atol=1e-5)


def test_a_view_has_the_colors_of_its_drawing(network: Pointer) -> None:
    own = set(codes(figure()).unique().tolist())
    again = [draw(network, figure(), 0) for _ in range(2)]
    assert torch.equal(*again), "the likeliest pixels are the same every time"
    chance = [draw(network, figure(), 1, None, torch.Generator().manual_seed(k)) for k in (0, 0, 1)]
    assert torch.equal(chance[0], chance[1])
    assert not torch.equal(chance[0], chance[2])
    for view in (*again, *chance):
        assert set(codes(view).unique().tolist()) <= own
        assert set(view[0, 3].unique().tolist()) <= {0.0, 1.0}


def test_a_character_is_mirrored_about_its_own_middle() -> None:
    over = mirrored(figure())
    assert torch.equal(over[:, 3], figure()[:, 3]), "its outline is symmetric"
    assert over[0, 0, 4, 8:10].tolist() == [1.0, 1.0]
    down, across = within(figure()[:, 3:])
    assert (down[0, 0, 2, 0], down[0, 0, 13, 0]) == (-1, 1)
    assert (across[0, 0, 0, 4], across[0, 0, 0, 9]) == (-1, 1)


def test_a_mirrored_drawing_has_the_mirrored_view(network: Pointer) -> None:
    drawing, nothing = figure(), Known.nothing()
    drawing[0, 0, 7, 4] = 0.9
    for part, other in (("up 0", "up 0"), ("down 1", "down 3")):
        one = both_ways(network, drawing, nothing.view, nothing.shown, KINDS.index(part))
        two = both_ways(
            network, drawing.flip(3), nothing.view, nothing.shown, KINDS.index(other)
        )  # fmt: skip
        assert torch.allclose(one.exp().sum(dim=2), torch.ones(1, 256), atol=1e-5)
        assert torch.allclose(
            one[..., BLANK].view(16, 16), two[..., BLANK].view(16, 16).flip(1), atol=1e-4
        )
        colors = torch.unique(drawing[0, :3, 2:14, 4:10].flatten(1).T, dim=0)
        shares = log_shares(one, drawing, colors[None]).view(16, 16, -1)
        mirror = log_shares(two, drawing.flip(3), colors[None]).view(16, 16, -1)
        assert torch.allclose(shares, mirror.flip(1), atol=1e-3)
    right = KINDS.index("right 0")
    one = both_ways(network, drawing, nothing.view, nothing.shown, right)
    assert torch.equal(one, network(drawing, nothing.view, nothing.shown, torch.tensor([right])))


def test_known_pixels_stay_and_unlikely_colors_are_not_drawn(network: Pointer) -> None:
    known = with_head(network, figure(), 2, slice(2, 8))
    view = draw(network, figure(), 2, known)
    assert known.shown[:, :, :7].all(), "moved by at most one row"
    assert not known.shown[:, :, 9:].any()
    assert torch.equal(view * known.shown, known.view * known.shown)
    head = figure()[..., 2:8, :]
    rows = torch.nonzero(known.view[0, 3].amax(dim=1)).flatten()
    assert len(rows) == 6
    moved = [head.roll(dx, 3) for dx in (-1, 0, 1)]
    assert any(torch.equal(known.view[..., rows, :], m) for m in moved)

    nothing = Known.nothing()
    bias = torch.zeros(256, 4)
    bias[:, -1] = -1e3
    view = draw(network, figure(), 0, Known(nothing.view, nothing.shown, bias))
    assert (view[0, 3] == 1).all(), "no pixel may be blank"


def test_one_eye_is_seen_from_the_side(network: Pointer) -> None:
    drawing = figure()
    drawing[0, :3, 6, 5] = drawing[0, :3, 6, 8] = 0.05
    eyes = codes(drawing)[0] == codes(drawing)[0, 6, 5]
    known = with_eye(network, drawing, 1, eyes)
    ((_, _, row, column),) = torch.nonzero(known.shown).tolist()
    assert row == 6
    assert 7 <= column < 9
    assert known.bias is not None
    less = torch.nonzero(known.bias.view(16, 16, -1)[..., :-1])[:, :2].tolist()
    assert less == [[6, column - 1], [6, column + 1]], "it is no wider"
    view = draw(network, drawing, 1, known)
    assert codes(view)[0, row, column] == codes(drawing)[0, 6, 5]


def test_a_head_at_the_upper_border_does_not_leave_it(network: Pointer) -> None:
    drawing = figure().roll(-2, 2)
    assert torch.nonzero(with_head(network, drawing, 3, slice(0, 6)).view[0, 3]).numel()


def test_a_head_as_wide_as_the_picture_does_not_come_in_on_the_other_side(network: Pointer) -> None:
    drawing = torch.zeros(1, 4, 16, 16)
    drawing[0, :, 2:14] = torch.tensor([0.2, 0.4, 0.6, 1.0])[:, None, None]
    for kind in range(2, len(KINDS)):
        for left, right in ((0, 15), (15, 0)):
            marked = drawing.clone()
            marked[0, :3, 2:9, left] = 1.0
            head = with_head(network, marked, kind, slice(2, 9)).view
            assert (codes(head)[..., right] != 0xFFFFFF).all()


def test_a_head_at_the_lower_border_stays_whole(network: Pointer) -> None:
    dot = torch.zeros(1, 4, 16, 16)
    dot[0, :, 15, 7] = 1.0
    for kind in range(2, len(KINDS)):
        assert with_head(network, dot, kind, slice(15, 16)).view[0, 3].sum() == 1


def test_the_edge_of_a_drawing_is_what_has_a_blank_neighbor() -> None:
    edge = edge_of(figure())[0]
    inside = torch.zeros(16, 16, dtype=torch.bool)
    inside[3:13, 5:9] = True
    assert torch.equal(edge, (figure()[0, 3] > 0) & ~inside)
    full = torch.ones(1, 4, 16, 16)
    assert int(edge_of(full).sum()) == 60, "the border of the picture counts as blank"


def test_an_outline_is_the_color_of_most_of_the_edge() -> None:
    drawing = figure()
    assert outline_of(drawing) is None, "half of its edge is blue, a third black"
    drawing[0, :3] *= torch.where(edge_of(drawing), 0.0, 1.0)
    assert outline_of(drawing) == 0
    assert outline_of(torch.zeros(1, 4, 16, 16)) is None
