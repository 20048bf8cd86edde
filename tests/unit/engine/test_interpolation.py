"""Between noises: the arc in closed form, the mixes, and corners equal to sample_iter's."""

import numpy as np
import pytest

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.trajectories.interpolation import Corner, Sheet, blend, slerp
from sprite_lab.engine.sampling.interpolation import between_iter
from sprite_lab.engine.sampling.reverse import sample_iter
from tests.unit.engine.test_sampling import make_model


@pytest.fixture(scope="module")
def model():
    return make_model()


def angle(a, b):
    a, b = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    return np.arccos(np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b))


def noises(count=2, shape=(4, 16, 16)):
    rng = np.random.default_rng(5)
    return [rng.standard_normal(shape, np.float32) for _ in range(count)]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.83, 1.0])
def test_the_arc_turns_evenly_and_its_length_goes_evenly(share):
    a, b = noises()
    b *= 1.3
    x = slerp(a, b, share)
    assert x.dtype == np.float32
    whole = angle(a, b)
    # Rounding the cosine hides angles near 0, up to sqrt(float32's epsilon).
    assert angle(a, x) == pytest.approx(share * whole, abs=1e-3)
    assert angle(x, b) == pytest.approx((1 - share) * whole, abs=1e-3)
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    wanted = (1 - share) * lengths[0] + share * lengths[1]
    assert np.linalg.norm(x) == pytest.approx(wanted, rel=1e-5)


def test_in_a_plane_it_is_the_circle():
    a, b = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
    for share in (0.25, 0.5, 0.9):
        turn = share * np.pi / 2
        np.testing.assert_allclose(slerp(a, b, share), [np.cos(turn), np.sin(turn)], atol=1e-7)


def test_ends_are_exact_and_degenerate_arcs_are_reported():
    a, b = noises()
    assert slerp(a, b, 0.0).tobytes() == a.tobytes()
    assert slerp(a, b, 1.0).tobytes() == b.tobytes()
    np.testing.assert_allclose(slerp(a, a.copy(), 0.3), a, rtol=1e-6)
    with pytest.raises(ConfigError, match="opposite"):
        slerp(a, -a, 0.5)


def test_noise_of_a_grid_is_noise_as_long_as_that_of_its_corners():
    corners = tuple(Corner(seed) for seed in (1, 2, 3, 4))
    sheet = Sheet(corners, 5, 5)
    noise = sheet.noise((4, 16, 16))
    assert noise.shape == (25, 4, 16, 16)
    assert noise.dtype == np.float32
    for cell, corner in zip((0, 4, 20, 24), corners, strict=True):
        own = np.random.default_rng([corner.seed, 0]).standard_normal((4, 16, 16), np.float32)
        assert noise[cell].tobytes() == own.tobytes()
    lengths = np.linalg.norm(noise.reshape(25, -1), axis=1)
    ends = lengths[[0, 4, 20, 24]]
    assert ends.min() - 1e-3 <= lengths.min() <= lengths.max() <= ends.max() + 1e-3
    # The middle is halfway along each arc.
    top, bottom = noise[2], noise[22]
    np.testing.assert_allclose(noise[12], slerp(top, bottom, 0.5), rtol=1e-6)
    assert angle(noise[10], noise[12]) > 0.1


def test_classes_are_mixed_bilinearly():
    corners = (
        Corner(1, (("hero", 1.0),)),
        Corner(2, (("food", 1.0),)),
        Corner(3, (("hero", 0.5), ("item", 0.5))),
        Corner(4),
    )
    sheet = Sheet(corners, 5, 3)
    assert len(sheet) == 15
    assert sheet.place(8) == (0.75, 0.5)
    assert sheet.shares(8) == pytest.approx((0.125, 0.375, 0.125, 0.375))
    assert dict(sheet.mix(8)) == pytest.approx({"hero": 0.1875, "food": 0.375, "item": 0.0625})
    assert sheet.mix(0) == (("hero", 1.0),)
    assert sheet.mix(14) == ()
    assert all(sum(sheet.shares(cell)) == pytest.approx(1) for cell in range(15))
    assert blend([{"a": 1.0}, {"a": 1.0}], (0.3, 0.7)) == (("a", pytest.approx(1.0)),)
    for bad in ((corners, 5, 1), (corners[:2], 5, 2), (corners[:2], 1, 1)):
        with pytest.raises(ConfigError):
            Sheet(*bad)
    with pytest.raises(ConfigError, match="not a seed"):
        Corner(-1)


@pytest.mark.parametrize("sampler", ["dpmpp_2m", "heun", "unipc", "ddim", "euler"])
def test_corners_are_what_sample_iter_draws_from_the_same_seeds(model, sampler):
    corners = (
        Corner(11, (("bar", 1.0),)),
        Corner(12, (("square", 1.0),)),
        Corner(13),
        Corner(14, (("bar", 0.25), ("square", 0.75))),
    )
    config = SampleConfig(count=1, sampler=sampler, steps=4, guidance_scale=3.0, colors=0)
    sheet = drain(between_iter(model, Sheet(corners, 3, 3), config, RunControl()))
    assert sheet.count == 9
    for cell, corner in zip((0, 2, 6, 8), corners, strict=True):
        alone = SampleConfig(
            count=1,
            seed=corner.seed,
            sampler=sampler,
            steps=4,
            guidance_scale=3.0,
            colors=0,
            class_mix=corner.mix,
        )
        own = drain(sample_iter(model, [alone], RunControl()))
        for name in ("t", "log_snr"):
            np.testing.assert_array_equal(getattr(sheet, name), getattr(own, name))
        # Float16 rounds by a thousandth of the large values of an untrained network.
        np.testing.assert_allclose(sheet.x_t[:, cell], own.x_t[:, 0], rtol=2e-3, atol=5e-3)
        np.testing.assert_allclose(sheet.x0[:, cell], own.x0[:, 0], atol=5e-3)
    # A cell in between differs from its corner.
    assert np.abs(sheet.final()[1] - sheet.final()[0]).max() > 0.05
    assert np.abs(sheet.final()[1] - sheet.final()[2]).max() > 0.05


def test_a_cell_says_what_drew_it_but_not_that_it_could_be_drawn_again(model):
    corners = (Corner(11, (("bar", 1.0),)), Corner(12, (("square", 1.0),)))
    sheet = Sheet(corners, 3, 1)
    config = SampleConfig(count=1, steps=3, colors=0)
    found = drain(between_iter(model, sheet, config, RunControl()))
    assert found.made_by is None
    cell = sheet.settings(1, found.config)
    assert dict(cell.class_mix) == {"bar": 0.5, "square": 0.5}
    assert (cell.seed, cell.steps, cell.sampler) == (11, 3, "dpmpp_2m")


def test_fresh_noise_and_unknown_classes_are_refused(model):
    sheet = Sheet((Corner(1), Corner(2)), 3, 1)
    for config in (
        SampleConfig(sampler="ddpm", steps=4),
        SampleConfig(sampler="ddim", eta=0.5, steps=4),
        SampleConfig(sampler="euler", churn=5.0, steps=4),
    ):
        with pytest.raises(ConfigError, match="Fresh noise"):
            drain(between_iter(model, sheet, config, RunControl()))
    strange = Sheet((Corner(1, (("dragon", 1.0),)), Corner(2)), 3, 1)
    with pytest.raises(ConfigError, match="dragon"):
        drain(between_iter(model, strange, SampleConfig(steps=2), RunControl()))


def test_stopped_it_keeps_what_it_has(model):
    control = RunControl()
    run = between_iter(model, Sheet((Corner(1), Corner(2)), 4, 1), SampleConfig(steps=8), control)
    for _ in range(3):
        next(run)
    control.stop()
    found = drain(run)
    assert 1 <= len(found) < 9
    assert found.count == 4
