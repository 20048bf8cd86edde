"""Trajectories saved and loaded, and the frames of animations."""

import json
from dataclasses import replace

import numpy as np
import pytest

from sprite_lab.core.config import AnimationConfig, SampleConfig
from sprite_lab.core.errors import ConfigError, FileError
from sprite_lab.core.evenly import evenly
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.core.trajectories.branches import BranchTree
from sprite_lab.core.trajectories.trajectory import Trajectory, Walk
from sprite_lab.formats.animation.animation import trajectory_clip
from sprite_lab.formats.animation.film import Film
from sprite_lab.formats.images.sheet import make_sheet
from sprite_lab.formats.sets.trajectories import (
    load_trajectory,
    load_tree,
    save_trajectory,
    save_tree,
)


def made(kind="reverse", frames=7, count=3, config=None):
    rng = np.random.default_rng(0)
    log_snr = np.linspace(-9, 12, frames).astype(np.float32)
    alpha = np.sqrt(1 / (1 + np.exp(-log_snr)))[:, None, None, None, None]
    x0 = rng.uniform(-1, 1, (frames, count, 16, 16, 3)).astype(np.float32)
    noise = rng.normal(size=(1, count, 16, 16, 3))
    x_t = (alpha * x0 + np.sqrt(1 - alpha**2) * noise).astype(np.float16)
    t = np.linspace(500, 0, frames).astype(np.float32)
    return Trajectory(kind, t, log_snr, x_t, x0.astype(np.float16), config)


def frames_of(clip, **look):
    film = Film(clip, AnimationConfig(**{"scale": 1, **look}))
    return [film.frame(i) for i in range(len(film))]


@pytest.mark.parametrize("kind", ["reverse", "forward"])
@pytest.mark.parametrize("config", [None, SampleConfig(seed=5, classes=("hero",))])
def test_trajectory_round_trip(tmp_path, kind, config):
    trajectory = made(kind, config=config)
    save_trajectory(tmp_path / "a.npz", trajectory)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        for name in ("x0", "x_t", "t", "log_snr"):
            assert arrays[name].dtype == np.float32
        assert arrays["x_t"].shape == (7, 3, 16, 16, 3)
        assert np.abs(arrays["x0"]).max() <= 1
    back = load_trajectory(tmp_path / "a.npz")
    assert back.kind == kind
    assert back.config == config
    for name in ("x0", "x_t", "t", "log_snr"):
        assert np.array_equal(getattr(back, name), getattr(trajectory, name))


def test_predicted_alpha_goes_with_its_trajectory(tmp_path):
    alpha = np.random.default_rng(1).uniform(-1, 1, (7, 3, 16, 16)).astype(np.float16)
    trajectory = replace(made(), alpha=alpha, noisy_alpha=-alpha, branched_at=2, model="m, step 5")
    save_trajectory(tmp_path / "a.npz", trajectory)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert (arrays["alpha"].shape, arrays["alpha"].dtype) == (alpha.shape, np.float32)
    back = load_trajectory(tmp_path / "a.npz")
    np.testing.assert_array_equal(back.alpha, alpha)
    np.testing.assert_array_equal(back.noisy_alpha, -alpha)
    assert (back.branched_at, back.model) == (2, "m, step 5")
    np.testing.assert_array_equal(back.rgba(), trajectory.rgba())
    walk = Walk(np.linspace(-2, 2, 9), np.array([0, 1, 3, 4, 6, 8, 9]))
    save_trajectory(tmp_path / "w.npz", replace(made(), walk=walk))
    found = load_trajectory(tmp_path / "w.npz").walk
    assert np.array_equal(found.levels, walk.levels)
    assert np.array_equal(found.at, walk.at)
    for levels, at in (
        (walk.levels[::-1], walk.at),
        (np.sort(np.append(walk.levels[1:], 0.0)), walk.at),  # one level twice
        (walk.levels, walk.at + 1),
        (walk.levels, np.array([-1, 1, 3, 4, 6, 8, 9])),
        (walk.levels, np.array([0, 1, 3, 3, 6, 8, 9])),
    ):
        save_trajectory(tmp_path / "bad.npz", replace(made(), walk=Walk(levels.copy(), at.copy())))
        with pytest.raises(FileError, match="are not in order"):
            load_trajectory(tmp_path / "bad.npz")
    short = Walk(walk.levels.copy(), np.arange(3))
    save_trajectory(tmp_path / "bad.npz", replace(made(), walk=short))
    with pytest.raises(FileError, match="do not belong to its frames"):
        load_trajectory(tmp_path / "bad.npz")
    save_trajectory(tmp_path / "b.npz", made())
    plain = load_trajectory(tmp_path / "b.npz")
    assert (plain.alpha, plain.noisy_alpha, plain.branched_at) == (None, None, None)
    assert plain.model == ""


def test_what_was_asked_for_goes_with_a_trajectory(tmp_path):
    prompts = tuple(Prompt.of_class(name, words=("red",)) for name in ("hero", None, "food"))
    trajectory = replace(made(), prompts=prompts, x0_free=made().x0)
    save_trajectory(tmp_path / "a.npz", trajectory)
    back = load_trajectory(tmp_path / "a.npz")
    assert back.prompts == prompts
    np.testing.assert_array_equal(back.x0_free, trajectory.x0_free)
    save_trajectory(tmp_path / "a.npz", replace(trajectory, prompts=prompts[:2]))
    with pytest.raises(FileError, match="damaged"):
        load_trajectory(tmp_path / "a.npz")


def test_a_tree_of_branches_is_read_as_it_was_written(tmp_path):
    root = made(config=SampleConfig(count=3, seed=5))
    eye = replace(root.one(1), branched_at=2)
    tree = BranchTree.of(root).add(0, root, "seed 5 → 6", (0, 1, 2)).add(1, eye, "", (1,), "eye")
    save_tree(tmp_path / "a.npz", tree.remove(1).add(0, eye, "1 pixel edited", (1,), "eye"), 3)
    back, shown = load_tree(tmp_path / "a.npz")
    assert ([b.number for b in back.branches], back.made, shown) == ([0, 3], 4, 3)
    assert (back[3].name, back[3].changed, back[3].sprites) == ("eye", "1 pixel edited", (1,))
    assert (back[3].parent, back[3].t, back[3].log_snr) == (0, root.t[2], root.log_snr[2])
    for branch, trajectory in zip(back.branches, (root, eye), strict=True):
        assert branch.trajectory.config == trajectory.config
        assert branch.trajectory.branched_at == trajectory.branched_at
        np.testing.assert_array_equal(branch.trajectory.x_t, trajectory.x_t)


@pytest.mark.parametrize(
    "change",
    [{"shown": 7}, {"made": 1}, {"parent": 5}, {"sprites": [3]}, {"sprites": [0, 1]}],
)
def test_a_wrong_tree_is_refused(tmp_path, change):
    root = made()
    save_tree(tmp_path / "a.npz", BranchTree.of(root).add(0, root.one(1), "", (1,)), 1)
    with np.load(tmp_path / "a.npz") as archive:
        arrays = dict(archive)
    document = json.loads(str(arrays["tree"]))
    of = document if change.keys() <= document.keys() else document["branches"][1]
    of.update(change)
    np.savez(tmp_path / "a.npz", **{**arrays, "tree": np.asarray(json.dumps(document))})
    with pytest.raises(FileError, match="damaged"):
        load_tree(tmp_path / "a.npz")


def test_wrong_trajectories(tmp_path):
    good = {
        "x0": np.zeros((4, 2, 16, 16, 3), np.float32),
        "x_t": np.zeros((4, 2, 16, 16, 3), np.float32),
        "t": np.array([3, 2, 1, 0], np.float32),
        "log_snr": np.zeros(4, np.float32),
    }
    np.savez(tmp_path / "a.npz", **good)
    assert len(load_trajectory(tmp_path / "a.npz")) == 4
    single = {"x0": good["x0"][:, :1], "x_t": good["x_t"][:, :1], "t": np.array([2.0, 2, 1, 0])}
    np.savez(tmp_path / "a.npz", **{**good, **single})  # a level may come twice
    assert load_trajectory(tmp_path / "a.npz").t.tolist() == [2, 2, 1, 0]
    for change, says in (
        ({"t": good["t"][::-1]}, "not in order"),
        ({"t": good["t"][:3]}, "for each frame"),
        ({"log_snr": np.full(4, np.inf, np.float32)}, "not in order"),
        ({"x0": good["x0"][:3]}, "differ in shape"),
        ({"x_t": good["x_t"][0]}, "has shape"),
        ({"x_t": good["x_t"][:, :0]}, "has shape"),
        ({"x0": good["x0"].astype(np.int8)}, "floating-point"),
        ({"x_t": good["x_t"] + np.nan}, "not finite"),
        ({"x_t": good["x_t"] + 1e9}, "not finite"),
        ({"kind": np.array("sideways")}, "unknown kind"),
        ({"alpha": np.zeros((4, 2, 16, 16, 1), np.float32)}, "one number for each pixel"),
        ({"alpha": np.zeros((4, 2, 16, 16), np.uint8)}, "floating-point"),
        ({"branched_at": np.array(1.0)}, "'branched_at' in 'a.npz' must be one whole number"),
        ({"branched_at": np.array([1])}, "'branched_at' in 'a.npz' must be one whole number"),
        ({"branched_at": np.array(4)}, "'branched_at' in 'a.npz' must be one of its frames"),
        ({"branched_at": np.array(-1)}, "'branched_at' in 'a.npz' must be one of its frames"),
        ({"alpha": np.full((4, 2, 16, 16), np.nan, np.float32)}, "not finite"),
    ):
        np.savez(tmp_path / "a.npz", **{**good, **change})
        with pytest.raises(FileError, match=says):
            load_trajectory(tmp_path / "a.npz")
    np.savez(tmp_path / "a.npz", x0=good["x0"])
    with pytest.raises(FileError, match="no array named 'x_t'"):
        load_trajectory(tmp_path / "a.npz")


def test_reverse_ends_and_forward_starts_with_the_clean_sprites():
    for kind, clean in (("reverse", -1), ("forward", 0)):
        trajectory = made(kind)
        frames = frames_of(trajectory_clip(trajectory, gap=1, columns=3), scale=2)
        assert len(frames) == 7
        want = make_sheet(to_pixels(trajectory.final()), columns=3, scale=2, gap=1)
        assert np.array_equal(frames[clean], want)
        assert frames[0].shape == (32, 100, 3)


def test_what_is_shown():
    trajectory = made()
    frames = frames_of(trajectory_clip(trajectory, "x0"))
    want = make_sheet(to_pixels(trajectory.x0[0].astype(np.float32)))
    assert np.array_equal(frames[0], want)
    both = frames_of(trajectory_clip(trajectory, "both"))[0]
    assert np.array_equal(both[:, -want.shape[1] :], want)
    assert (both[:, 32:48] == 255).all(), "a sprite's width lies between"
    with pytest.raises(ConfigError, match="'shown' is 'epsilon'"):
        AnimationConfig(shown="epsilon")


@pytest.mark.parametrize(
    ("count", "most"), [(501, 60), (10, 3), (10, 9), (10, 10), (2, 2), (9, 50)]
)
def test_thinning_keeps_first_and_last_and_is_even(count, most):
    picked = evenly(count, most)
    assert picked[0] == 0
    assert picked[-1] == count - 1
    assert len(picked) == min(count, most)
    steps = np.diff(picked)
    assert steps.min() >= 1
    assert steps.max() - steps.min() <= 1


def test_thinned_animation():
    trajectory = made(frames=7)
    frames = frames_of(trajectory_clip(trajectory), max_frames=3)
    every = frames_of(trajectory_clip(trajectory))
    assert np.array_equal(np.stack(frames), np.stack(every[::3]))
    with pytest.raises(ConfigError, match="'max_frames' is 1"):
        AnimationConfig(max_frames=1)
