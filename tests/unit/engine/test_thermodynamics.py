"""The forward process of made sprites, with the best possible model and with worse ones."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import scipy
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.config import NetworkConfig, ScheduleConfig, TrainConfig
from sprite_lab.core.errors import ConfigError, NotFiniteError
from sprite_lab.core.records import Progress
from sprite_lab.core.results.probability import Thermodynamics
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.likelihood import Denoise
from sprite_lab.diffusion.optimal_denoiser import OptimalDenoiser
from sprite_lab.diffusion.parameterization import epsilon_from_x0, level
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.measuring.likelihood import bound_iter, model_tensors
from sprite_lab.engine.measuring.thermodynamics import (
    TIMESTEPS,
    augmented,
    thermodynamics_iter,
)
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.training.augment import Augment
from tests.made import make_sprites

SIZE = 8
DIMS = 3 * SIZE * SIZE


#: Step size of the log-SNR: even from obvious to unrecognizable sprites, after two levels before.
STEP = 0.15
FINE = np.array([13.0, 8.0, *np.arange(3.0, -8.8, -STEP)])


class Toy:
    """A closed-form denoiser with the attributes that a run needs."""

    def __init__(self, denoise: Denoise, channels: int, classes: int) -> None:
        self.config = NetworkConfig(image_size=SIZE, channels=channels, num_classes=classes)
        self.data_mean = torch.zeros(channels, SIZE, SIZE)
        self.denoise = denoise

    def __call__(self, x_t: Tensor, log_snr: Tensor, context: Tensor) -> DenoiserOutput:
        return self.denoise(x_t, log_snr, context)


def toy_model(denoise: Denoise, names: tuple[str, ...] = (), channels: int = 3) -> Model:
    toy = Toy(denoise, channels, len(names))
    return Model(toy, NoiseSchedule(ScheduleConfig()), Vocabulary(names), "toy", 0, "", "")  # type: ignore[arg-type]


def gray(x_t: Tensor, log_snr: Tensor, context: Tensor) -> DenoiserOutput:
    """Always the same picture."""
    x0 = torch.zeros_like(x_t)
    return DenoiserOutput(x0, epsilon_from_x0(x_t, x0, *level(log_snr)))


def optimal_model(training: SpriteSet) -> Model:
    x0, context = model_tensors(toy_model(gray, training.class_names), training)
    return toy_model(OptimalDenoiser(x0, context), training.class_names)


def pixels_of(training: SpriteSet) -> NDArray[np.float64]:
    """x_0, (N, C, H, W)."""
    return model_tensors(toy_model(gray, training.class_names), training)[0].double().numpy()


def measure(model: Model, training: SpriteSet, **options: object) -> Thermodynamics:
    return drain(thermodynamics_iter(model, training, RunControl(), **options))  # type: ignore[arg-type]


def noise_bits(log_snr: NDArray) -> NDArray[np.float64]:
    """The entropy of the noise in a value of x_t, in bits."""
    return scipy.stats.norm(0, np.sqrt(1 / (1 + np.exp(log_snr)))).entropy() / math.log(2)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def training() -> SpriteSet:
    """20 different sprites of 4 classes."""
    return make_sprites(20, classes=4, size=SIZE)


@pytest.fixture(scope="module")
def best(training: SpriteSet) -> Thermodynamics:
    """The results of the best model."""
    return measure(optimal_model(training), training, log_snr=FINE, draws=400)


# The best model of a set


def test_the_reverse_path_of_the_best_model_stays_behind_by_nothing(best: Thermodynamics) -> None:
    lost = best.conditional_entropy - best.lower  # the known part of the sprites, at each t
    assert lost.sum() * DIMS == pytest.approx(math.log2(20), abs=0.05)
    assert (np.abs(best.gap) < 4 * best.gap_stderr + 0.1 * lost).all()
    # In total, the gaps are the cost of finite steps: within a step, the error of the best guess
    # falls by half of what the step contributes.
    wanted = STEP / 2 * math.log2(5)  # a sprite is one of 5 in its class
    assert best.gap.sum() * DIMS == pytest.approx(wanted, abs=3 * best.gap_stderr.sum() * DIMS)
    assert 3 * best.gap_stderr.sum() * DIMS < 0.4 * math.log2(5)


def test_the_terms_add_up_to_the_bound_and_without_the_gap_to_what_is_known(
    best: Thermodynamics, training: SpriteSet
) -> None:
    """The likelihood run's bound, with every level visited, is another estimate of the sum."""
    sprites = training.take(np.arange(20).repeat(8))
    model = optimal_model(training)
    bound = drain(
        bound_iter(model, sprites, RunControl(), log_snr=FINE, blocks=len(FINE), rounds=2, seed=7)
    )
    error = math.hypot(best.bound_stderr[0], bound.bits_per_dim_stderr)
    assert best.bound[0] == pytest.approx(bound.bits_per_dim, abs=4 * error)
    assert 4 * error < 0.2 * best.bound[0]
    prior = 0.5 * math.exp(FINE[-1]) * (pixels_of(training) ** 2).mean() / math.log(2)
    assert best.bound[-1] == pytest.approx(prior, abs=5 * best.bound_stderr[-1])
    # Each step costs its gap and what it reveals of the sprite, given its class.
    lost = best.bound[:-1] - best.least_bound[:-1]
    np.testing.assert_allclose(lost[1:-1] - lost[2:], best.gap[:-1], atol=1e-12)
    assert lost[-1] == pytest.approx(best.gap[-1])
    told = (best.least_bound[1] - best.least_bound[-1]) * DIMS
    assert told == pytest.approx(math.log2(5), abs=0.05)  # one of 5 in its class


def test_entropy_above_the_noise_is_what_is_known_of_the_sprites(best: Thermodynamics) -> None:
    np.testing.assert_allclose(best.noise_entropy, noise_bits(FINE), rtol=1e-12)
    known = (best.entropy - best.noise_entropy) * DIMS
    assert known[0] == pytest.approx(math.log2(20), abs=0.01)


def test_its_error_is_the_lowest_there_can_be(best: Thermodynamics) -> None:
    np.testing.assert_allclose(best.model_error, best.optimal_error, rtol=1e-12)
    assert best.optimal_error.max() > 0.01 / DIMS


def test_conditional_entropy_is_between_its_bounds(best: Thermodynamics) -> None:
    slack = 4 * best.conditional_entropy_stderr + 1e-9
    assert (best.lower <= best.conditional_entropy + slack).all()
    assert (best.conditional_entropy <= best.upper + slack).all()
    assert (best.upper - best.lower > 0).all()


def test_at_first_the_noise_hides_none_of_the_sprites(best: Thermodynamics) -> None:
    told = (best.entropy[0] - noise_bits(best.log_snr[:1])[0]) * DIMS
    assert told == pytest.approx(math.log2(20), abs=1e-3)


def test_in_the_end_all_is_noise(best: Thermodynamics) -> None:
    pure = scipy.stats.norm().entropy() / math.log(2)
    assert best.entropy[-1] == pytest.approx(pure, abs=2e-4)
    told = (best.entropy[-1] - noise_bits(best.log_snr[-1:])[0]) * DIMS
    assert abs(told) < 4 * best.entropy_stderr[-1] * DIMS + 0.05


def test_entropy_rises_by_what_is_lost_of_the_sprites_and_gained_of_noise(
    best: Thermodynamics,
) -> None:
    """The chain rule, H(X_t) - H(X_{t-1}) = H(X_t | X_{t-1}) - H(X_{t-1} | X_t)."""
    risen = best.upper - best.conditional_entropy  # upper is H(X_t | X_{t-1})
    np.testing.assert_allclose(np.diff(best.entropy), risen, rtol=1e-6, atol=1e-7)


def test_sprites_that_occur_twice_are_one() -> None:
    once = make_sprites(6, classes=2, size=SIZE)
    twice = once.take(np.repeat(np.arange(6), 2))
    got = measure(optimal_model(twice), twice, log_snr=np.array([13.0, 12.0]), draws=16)
    told = (got.entropy - noise_bits(got.log_snr)) * DIMS
    np.testing.assert_allclose(told, math.log2(6), atol=1e-3)


# Two sprites, by quadrature


def two_sprites(snr: NDArray, apart: float) -> tuple[NDArray, NDArray]:
    """I(X_0; X_t) in nats, and the error of the best guess summed over values, for two equally
    probable pictures at a distance: a channel that transmits one sign with normal noise.
    """
    z = np.linspace(-14, 14, 20_001)
    density = scipy.stats.norm.pdf(z) * (z[1] - z[0])
    strength = np.asarray(snr)[:, None] * apart**2 / 4
    field = strength + np.sqrt(strength) * z
    told = math.log(2) - (np.logaddexp(0, -2 * field) * density).sum(axis=1)
    return told, apart**2 / 4 * ((1 - np.tanh(field)) * density).sum(axis=1)


def test_two_sprites_are_as_quadrature_has_them() -> None:
    """The steps are so large that the gap is far from zero."""
    pair = make_sprites(2, classes=0, size=SIZE)
    model, log_snr = optimal_model(pair), np.linspace(2.0, -9.0, 16)
    got = measure(model, pair, log_snr=log_snr, draws=4000)
    x0 = model_tensors(model, pair)[0].double()
    snr = np.exp(log_snr)
    told, error = two_sprites(snr, float((x0[0] - x0[1]).square().sum().sqrt()))
    bits = 1 / math.log(2) / DIMS

    rare = 5e-3 / DIMS  # where one draw in thousands confuses the sprites
    off = np.abs(got.entropy - noise_bits(log_snr) - told * bits)
    assert (off < 4 * got.entropy_stderr + rare).all()
    lost = (told[:-1] - told[1:]) * bits
    off = np.abs(got.conditional_entropy - got.lower - lost)
    assert (off < 4 * got.conditional_entropy_stderr + rare).all()
    gap = 0.5 * (snr[:-1] - snr[1:]) * error[1:] * bits - lost
    assert (np.abs(got.gap - gap) < 4 * got.gap_stderr + rare).all()
    assert gap.max() > 10 * got.gap_stderr.max()
    np.testing.assert_allclose(got.optimal_error, snr * error / DIMS, rtol=0.15, atol=1e-4)
    # Each value has its own share: the step's variances, from alphas_cumprod.
    kept = 1 / (1 + np.exp(-log_snr))
    beta = 1 - kept[1:] / kept[:-1]
    for bound, variance in (
        (got.upper, beta),
        (got.lower, beta * (1 - kept[:-1]) / (1 - kept[1:])),
    ):
        wanted = scipy.stats.norm(0, np.sqrt(variance)).entropy() / math.log(2)
        np.testing.assert_allclose(bound, wanted, rtol=1e-6)


def test_standard_errors_are_the_spread_over_seeds() -> None:
    pair = make_sprites(2, classes=0, size=SIZE)
    model, log_snr = optimal_model(pair), np.array([-2.0, -3.0, -4.0])
    runs = [measure(model, pair, log_snr=log_snr, draws=40, seed=seed) for seed in range(60)]
    for name in ("entropy", "conditional_entropy", "gap"):
        values = np.stack([getattr(run, name) for run in runs])
        claimed = np.stack([getattr(run, f"{name}_stderr") for run in runs])
        np.testing.assert_allclose(
            np.sqrt((claimed**2).mean(axis=0)), values.std(axis=0, ddof=1), rtol=0.35
        )


def test_alpha_is_counted_but_not_divided_by() -> None:
    """The bound shown by Probability does the same."""
    sprites, log_snr = make_sprites(6, classes=0, size=SIZE), np.linspace(6.0, -8.0, 12)
    model = toy_model(gray, channels=4)
    got = measure(model, sprites, log_snr=log_snr, draws=400)
    bound = drain(bound_iter(model, sprites, RunControl(), log_snr=log_snr, blocks=len(log_snr)))
    assert got.bound[0] == pytest.approx(bound.bits_per_dim, abs=4 * got.bound_stderr[0])
    assert 4 * got.bound_stderr[0] < 0.1 * got.bound[0]
    np.testing.assert_allclose(got.noise_entropy, 4 / 3 * noise_bits(log_snr), rtol=1e-12)
    told = (got.entropy - got.noise_entropy) * DIMS
    assert told[0] == pytest.approx(math.log2(6), abs=1e-3)
    risen = got.upper - got.conditional_entropy
    np.testing.assert_allclose(np.diff(got.entropy), risen, rtol=1e-6, atol=1e-7)


# Worse models


def test_a_model_blind_to_classes_pays_for_the_class(
    training: SpriteSet, best: Thermodynamics
) -> None:
    """It knows all sprites, but takes each for one of 20 instead of one of the 5 in its class."""
    x0, context = model_tensors(toy_model(gray, training.class_names), training)
    blind = toy_model(OptimalDenoiser(x0, torch.zeros_like(context)), training.class_names)
    got = measure(blind, training, log_snr=FINE, draws=400)
    paid = (got.gap - best.gap).sum() * DIMS  # with the same draws
    assert paid == pytest.approx((1 + STEP / 2) * math.log2(4), abs=0.5)
    assert (got.gap > -4 * got.gap_stderr - 2e-3 / DIMS).all()
    assert (got.model_error > got.optimal_error - 1e-12).mean() > 0.9
    np.testing.assert_allclose(got.optimal_error, best.optimal_error, rtol=1e-12)


def test_of_a_single_sprite_all_is_known_without_chance() -> None:
    one = make_sprites(1, classes=0, size=SIZE)
    model, log_snr = toy_model(gray), np.linspace(5.0, -8.0, 12)
    got = measure(model, one, log_snr=log_snr, draws=8)
    square = float(model_tensors(model, one)[0].double().square().sum())
    snr = np.exp(log_snr)
    np.testing.assert_allclose(got.entropy, noise_bits(log_snr), atol=1e-9)
    np.testing.assert_allclose(got.conditional_entropy, got.lower, atol=1e-9)
    np.testing.assert_allclose(got.optimal_error, 0, atol=1e-9)
    # The missing part of x_0 is attributed to the noise.
    np.testing.assert_allclose(got.model_error, snr * square / DIMS, rtol=1e-3)
    wanted = 0.5 * (snr[:-1] - snr[1:]) * square / DIMS / math.log(2)
    np.testing.assert_allclose(got.gap, wanted, rtol=1e-4)
    np.testing.assert_allclose(got.gap_stderr, 0, atol=1e-4 * wanted.max())


# The run


def test_levels_are_those_that_were_trained_if_none_are_given(training: SpriteSet) -> None:
    model = toy_model(gray, training.class_names)
    got = measure(model, training, draws=2)
    low, high = model.schedule.trained_range
    np.testing.assert_allclose(got.log_snr, np.linspace(high, low, TIMESTEPS))


def test_stopped_it_gives_the_levels_so_far(training: SpriteSet) -> None:
    model = optimal_model(training)
    log_snr, control = np.linspace(4.0, -8.0, 10), RunControl()
    whole = measure(model, training, log_snr=log_snr, draws=16)

    def stopped(at: int) -> Thermodynamics:
        control = RunControl()

        def hear(record: object) -> None:
            assert isinstance(record, Progress)
            assert record.total == 10
            if record.done == at:
                control.stop()

        run = thermodynamics_iter(model, training, control, log_snr=log_snr, draws=16)
        return drain(run, hear)

    for at, count in ((1, 2), (4, 4), (10, 10)):  # there are at least two levels
        got = stopped(at)
        short = measure(model, training, log_snr=log_snr[:count], draws=16)
        for name, value in vars(got).items():
            # The bound of fewer levels starts with its own L_T.
            wanted = getattr(short if name.startswith("bound") else whole, name)
            np.testing.assert_array_equal(value, wanted[: len(value)])
        assert len(got.log_snr) == count
    assert not control.stop_requested


def test_chance_follows_from_the_seed(training: SpriteSet) -> None:
    model, options = optimal_model(training), {"log_snr": np.array([0.0, -4.0]), "draws": 8}
    one, same, other = (measure(model, training, seed=seed, **options) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.entropy, same.entropy)
    assert (one.entropy != other.entropy).any()


def test_a_model_that_diverged_is_called_so(training: SpriteSet) -> None:
    def diverged(x_t: Tensor, log_snr: Tensor, context: Tensor) -> DenoiserOutput:
        return DenoiserOutput(x_t * torch.nan, x_t * torch.nan)

    model = toy_model(diverged, training.class_names)
    with pytest.raises(NotFiniteError, match="what 'toy' draws"):
        measure(model, training, log_snr=np.linspace(5.0, -8.0, 3), draws=4)


def test_sprites_of_another_size_are_refused() -> None:
    with pytest.raises(ConfigError, match="16×16, but the model draws 8×8"):
        measure(toy_model(gray), make_sprites(2))


# Augmentation of a set


def colored(count: int) -> SpriteSet:
    """Sprites with noise inside their outline, so that no two views of a sprite are alike."""
    made = make_sprites(count, classes=2, size=SIZE)
    noise = np.random.default_rng(1).integers(0, 256, made.images.shape, np.uint8)
    images = np.where(made.alpha[..., None] > 0, noise, made.images)
    # One sprite is farther left than right, and farther up than down.
    images[0], alpha = np.roll(images[0], (-1, -1), (0, 1)), made.alpha.copy()
    alpha[0] = np.roll(alpha[0], (-1, -1), (0, 1))
    return replace(made, images=images, alpha=alpha)


COURSE = TrainConfig(
    network=NetworkConfig("context_unet", 16, SIZE, num_classes=2),
    flips=0.3,
    shifts=0.6,
    recolor=0.5,
)


def shown(model: Model, optimal: OptimalDenoiser, pictures: Tensor, context: Tensor) -> NDArray:
    """The probability of each picture in the set, from its density at practically no noise."""
    log_snr = torch.full((len(pictures),), 13.0, dtype=torch.float64)
    alpha, std = torch.sigmoid(log_snr[0]).sqrt(), torch.sigmoid(-log_snr[0]).sqrt()
    log_p = optimal.log_density(alpha * pictures.double(), log_snr, context)
    peak = pictures[0].numel() * (std.log() + 0.5 * math.log(2 * math.pi))
    return (log_p + peak).exp().numpy()


@pytest.mark.parametrize("channels", [3, 4])
def test_augmented_sprites_count_as_often_as_training_shows_them(channels: int) -> None:
    sprites = colored(2)
    model = toy_model(gray, sprites.class_names, channels)
    x0, context = model_tensors(model, sprites)
    pick = torch.arange(12_000) % 2
    drawn, _ = Augment(COURSE, channels)(x0[pick], torch.Generator().manual_seed(0))
    seen, counts = np.unique(drawn.flatten(1).numpy(), axis=0, return_counts=True)
    pictures = torch.from_numpy(seen).view(-1, *x0.shape[1:])
    optimal = augmented(*model_tensors(model, sprites), COURSE)
    share = shown(model, optimal, pictures, torch.zeros(len(seen), 2))
    assert share.sum() == pytest.approx(1, abs=0.02)  # few views, if any, were not drawn
    assert share.sum() < 1 + 1e-6
    expected = share * len(drawn)
    chi_square = float(((counts - expected) ** 2 / expected).sum())
    assert scipy.stats.chi2(len(seen) - 1).sf(chi_square) > 1e-3
    # In each class, there is only one of the two sprites.
    first = shown(model, optimal, pictures, context[:1].expand(len(seen), -1))
    others = shown(model, optimal, pictures, context[1:].expand(len(seen), -1))
    np.testing.assert_allclose(first + others, 2 * share, rtol=1e-4)
    assert (np.minimum(first, others) == 0).all()


def test_where_the_network_is_told_sprites_are_taken_as_they_are() -> None:
    sprites = colored(2)
    model = toy_model(gray, sprites.class_names, 4)
    x0, _ = model_tensors(model, sprites)
    told = replace(COURSE, network=NetworkConfig(image_size=SIZE, channels=4, num_classes=2))
    still = replace(COURSE, flips=0.0, shifts=0.0, recolor=0.0)
    for config in (told, still):
        optimal = augmented(*model_tensors(model, sprites), config)
        np.testing.assert_allclose(shown(model, optimal, x0, torch.zeros(2, 2)), 0.5, rtol=1e-6)


def test_augmentation_raises_the_entropy_by_the_choices_that_it_makes() -> None:
    """One sprite, mirrored or not, in six orders of colors: 12 views, equally probable."""
    one = colored(1)
    model = toy_model(gray, one.class_names)
    config = replace(COURSE, flips=0.5, shifts=0.0, recolor=5 / 6)
    optimal = augmented(*model_tensors(model, one), config)
    got = measure(model, one, optimal=optimal, log_snr=np.array([13.0, 12.0]), draws=8)
    told = (got.entropy - noise_bits(got.log_snr)) * DIMS
    np.testing.assert_allclose(told, math.log2(12), atol=1e-3)
