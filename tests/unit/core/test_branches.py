"""Changes in words, and the tree of branches as an immutable value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.trajectories.branches import BranchTree, Change, drawable, drawn_into
from sprite_lab.core.trajectories.trajectory import Trajectory

CONFIG = SampleConfig(count=2, sampler="ddim", steps=4, classes=("hero", "food"), seed=5)


def made(count: int = 2, branched_at: int | None = None) -> Trajectory:
    t = np.array([500, 300, 212, 90, 0], np.float32)
    log_snr = np.array([-8, -2, 0, 3, 20], np.float32)
    pictures = np.zeros((5, count, 16, 16, 3), np.float16)
    return Trajectory(
        "reverse", t, log_snr, pictures, pictures.copy(), CONFIG, branched_at=branched_at
    )


def test_a_change_in_words() -> None:
    whole = made()
    assert Change().words(whole, 2) == ""
    assert Change(seed=5, sampler="ddim", guidance_scale=2.0, steps=2).words(whole, 2) == ""
    change = Change(classes=("food",), guidance_scale=4.0, sampler="heun", steps=9, seed=6)
    assert change.words(whole, 2) == (
        "class 2 alternating → food, guidance 2 → 4, sampler DDIM → Heun, "
        "remaining steps 2 → 9, seed 5 → 6"
    )
    one = whole.one(1)
    assert Change(classes=()).words(one, 2) == "class food → any"
    assert Change(classes=("food",)).words(one, 2) == "", "it was asked for that before"
    x0 = one.x0[2].astype(np.float32)
    x0[0, 3, 4:6] = 1
    redraw = np.zeros((16, 16), bool)
    redraw[0, 0] = True
    words = Change(x0=x0, redraw=redraw).words(one, 2)
    assert words == "2 pixels edited, noise of 1 pixel redrawn"


def test_the_settings_from_there_on() -> None:
    mixed = replace(CONFIG, classes=(), class_mix=(("hero", 0.5), ("food", 0.5)))
    assert Change().settings(mixed) == mixed
    after = Change(classes=("food",), seed=9).settings(mixed)
    assert (after.classes, after.class_mix, after.seed) == (("food",), (), 9)


def grown() -> BranchTree:
    """The original with two branches, the first of which has one of its own."""
    tree = BranchTree.of(made())
    tree = tree.add(0, made(branched_at=2), "guidance 2 → 4", (0, 1))
    tree = tree.add(0, made(branched_at=3), "class", (0, 1))
    return tree.add(1, made(1, branched_at=3), "1 pixel edited", (1,))


def test_a_tree_grows() -> None:
    tree = grown()
    assert [branch.number for branch in tree.branches] == [0, 1, 2, 3]
    assert [branch.number for branch in tree.rows()] == [0, 1, 3, 2]
    assert [branch.number for branch in tree.path(3)] == [0, 1, 3]
    assert [branch.number for branch in tree.children(0)] == [1, 2]
    assert tree[1].words == "at t = 212: guidance 2 → 4"
    assert tree.root.words == ""
    assert (tree[3].log_snr, tree[3].sprites, tree[3].name) == (3, (1,), "Branch 3")
    assert tree.find(tree[2].trajectory) is tree[2]
    assert tree.find(made()) is None
    assert len(tree) == 4
    assert 3 in tree
    assert 4 not in tree
    with pytest.raises(KeyError):
        tree[4]


def test_names() -> None:
    tree = grown()
    named = tree.rename(1, "  stronger ")
    assert named[1].name == "stronger"
    assert tree[1].name == "Branch 1", "a tree is a value"
    assert tree.rename(1, " ") is tree
    assert named.rename(1, "stronger") is named


def test_a_branch_goes_with_all_that_left_it() -> None:
    tree = grown()
    assert [branch.number for branch in tree.remove(1).branches] == [0, 2]
    assert [branch.number for branch in tree.remove(3).branches] == [0, 1, 2]
    with pytest.raises(ValueError, match="root"):
        tree.remove(0)
    # Numbers, and therefore names, are never reused.
    again = tree.remove(2).add(0, made(branched_at=1), "", (0, 1))
    assert again.branches[-1].name == "Branch 4"


def test_the_oldest_leaf() -> None:
    tree = grown()
    assert tree.oldest_leaf(but=0) is tree[2]
    assert tree.oldest_leaf(but=2) is tree[3]
    assert BranchTree.of(made()).oldest_leaf(but=0) is None


def test_drawing_into_a_prediction() -> None:
    rng = np.random.default_rng(2)
    shape = (5, 2, 16, 16)
    x0 = rng.uniform(-1, 1, (*shape, 3)).astype(np.float16)
    alpha = rng.uniform(-1, 1, shape).astype(np.float16)
    whole = replace(made(), x0=x0, alpha=alpha, noisy_alpha=alpha)
    rgba = drawable(whole, 2, 1)
    empty = alpha[2, 1] < 0
    assert (rgba[empty] == 0).all()
    assert (rgba[~empty, 3] == 255).all()
    assert np.array_equal(rgba[~empty, :3], to_pixels(x0[2, 1])[~empty])
    drawn = rgba.copy()
    drawn[3, 4], drawn[5, 6] = (255, 0, 0, 255), 0
    where = np.zeros((16, 16), bool)
    where[3, 4] = where[5, 6] = True
    change = drawn_into(whole, 2, 1, drawn, where)
    assert np.array_equal(change.x0[0][~where], x0[2, 1].astype(np.float32)[~where])
    assert np.array_equal(change.alpha[0][~where], alpha[2, 1].astype(np.float32)[~where])
    assert change.x0[0, 3, 4].tolist() == [1, -1, -1]
    assert (change.x0[0, 5, 6].tolist(), change.alpha[0, 5, 6]) == ([1, 1, 1], -1)
    assert change.words(whole.one(1), 2) == "2 pixels edited"
    opaque = drawable(made(), 2, 1)
    assert (opaque[..., 3] == 255).all()
    assert np.array_equal(opaque[..., :3], to_pixels(made().x0[2, 1]))
    assert drawn_into(made(), 2, 0, drawn, where).alpha is None
