"""Likelihood runs on closed-form denoisers, whose bits can be computed in other ways."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import scipy
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.config import NetworkConfig, ScheduleConfig
from sprite_lab.core.errors import ConfigError, NotFiniteError
from sprite_lab.core.records import Progress
from sprite_lab.core.results.probability import BOUND_LEVELS, Bound, FlowLikelihood
from sprite_lab.core.run import Run, RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.data.datasets import groups_of
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.likelihood import Denoise, sharpened
from sprite_lab.diffusion.optimal_denoiser import OptimalDenoiser
from sprite_lab.diffusion.parameterization import epsilon_from_x0, level
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.measuring import likelihood
from sprite_lab.engine.measuring.likelihood import (
    bound_iter,
    bound_levels,
    class_probabilities_iter,
    flow_levels,
    model_tensors,
    ode_iter,
)
from sprite_lab.engine.models.model import Model
from tests.made import make_sprites

SIZE = 8
DIMS = 3 * SIZE * SIZE
#: The spacing of 8-bit values in [-1, 1].
BIN = 2 / 255


class Toy:
    """A closed-form denoiser with the attributes that a run needs."""

    def __init__(self, denoise: Denoise, channels: int, classes: int, mean: float) -> None:
        self.config = NetworkConfig(image_size=SIZE, channels=channels, num_classes=classes)
        self.data_mean = torch.full((channels, SIZE, SIZE), mean)
        self.denoise = denoise
        self.asked: list[tuple[Tensor, Tensor]] = []

    def __call__(self, x_t: Tensor, log_snr: Tensor, context: Tensor) -> DenoiserOutput:
        self.asked.append((log_snr, context))
        return self.denoise(x_t, log_snr, context)


def toy_model(
    denoise: Denoise, names: tuple[str, ...] = (), channels: int = 3, mean: float = 0.0
) -> Model:
    toy = Toy(denoise, channels, len(names), mean)
    return Model(toy, NoiseSchedule(ScheduleConfig()), Vocabulary(names), "toy", 0, "", "")  # type: ignore[arg-type]


def guess(value: float) -> Denoise:
    """Always predicts the same gray, so that each term depends on t alone."""

    def denoise(x_t: Tensor, log_snr: Tensor, context: Tensor) -> DenoiserOutput:
        x0 = torch.full_like(x_t, value)
        return DenoiserOutput(x0, epsilon_from_x0(x_t, x0, *level(log_snr)))

    return denoise


MEAN, SPREAD, SHARED = 0.3, 0.5, 0.2


def gaussian(shared: float = 0.0) -> Denoise:
    """E[x_0 | x_t] of normal values around MEAN, which share the fraction
    ``shared`` of the variance.
    """

    def denoise(x_t: Tensor, log_snr: Tensor, context: Tensor) -> DenoiserOutput:
        alpha, std = level(log_snr)
        apart = x_t - alpha * MEAN
        common = apart.mean(dim=(1, 2, 3), keepdim=True)
        x0 = MEAN + 0 * x_t
        for part, variance in (
            (common, SPREAD**2 + shared * x_t[0].numel()),
            (apart - common, SPREAD**2),
        ):
            x0 = x0 + alpha * variance / (alpha**2 * variance + std**2) * part
        return DenoiserOutput(x0, epsilon_from_x0(x_t, x0, alpha, std))

    return denoise


def optimal_model(training: SpriteSet) -> Model:
    """The best model of a set."""
    model = toy_model(guess(0.0), training.class_names)
    x0, context = model_tensors(model, training)
    model = toy_model(OptimalDenoiser(x0, context), training.class_names)
    model.denoiser.data_mean = x0.mean(dim=0)
    return model


def pixels_of(model: Model, sprites: SpriteSet) -> NDArray[np.float64]:
    """x_0, (N, C, H, W)."""
    return model_tensors(model, sprites)[0].double().numpy()


def decoder_bits(x0: NDArray, x0_hat: float | NDArray, log_snr: float) -> NDArray[np.float64]:
    """-log2 of the mass in the bin of each value, (N,): by scipy."""
    normal, half = scipy.stats.norm(x0_hat, math.exp(-0.5 * log_snr)), BIN / 2
    below = np.where(x0 < -1 + half, 0.0, normal.cdf(x0 - half))
    above = np.where(x0 > 1 - half, 1.0, normal.cdf(x0 + half))
    return -np.log2(above - below).sum(axis=(1, 2, 3))


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def six() -> SpriteSet:
    return make_sprites(6, classes=2, size=SIZE)


def bound(model: Model, sprites: SpriteSet, **options: object) -> Bound:
    return drain(bound_iter(model, sprites, RunControl(), **options))  # type: ignore[arg-type]


# The bound, block by block

#: 31 levels; the noise of the first is a tenth of a guess's usual error.
FEW = np.linspace(4.0, -6.0, 31)


def terms_of_guess(x0: NDArray, value: float, log_snr: NDArray) -> NDArray[np.float64]:
    """L_{t-1} in bits for t = 2, ..., T, (N, T - 1)."""
    snr = np.exp(log_snr)
    error = ((x0 - value) ** 2).sum(axis=(1, 2, 3))
    return 0.5 * (snr[:-1] - snr[1:]) * error[:, None] / math.log(2)


@pytest.mark.parametrize("blocks", [30, 500])
@pytest.mark.parametrize("channels", [3, 4])
def test_with_a_block_for_each_t_all_are_visited_and_the_bound_is_exact(
    six: SpriteSet, channels: int, blocks: int
) -> None:
    model = toy_model(guess(0.1), channels=channels, mean=0.4)
    figures = bound(model, six, log_snr=FEW, blocks=blocks, rounds=2)
    seen = torch.cat([log_snr for log_snr, _ in model.denoiser.asked])
    values, counts = seen.unique(return_counts=True)
    np.testing.assert_allclose(values.numpy(), FEW[::-1], rtol=1e-6)
    assert (counts == 2 * len(six)).all()
    assert figures.block_t.tolist() == list(range(2, 33))

    x0 = pixels_of(model, six)
    terms = terms_of_guess(x0, 0.1, FEW)
    prior = 0.5 * math.exp(FEW[-1]) * ((x0 - 0.4) ** 2).sum(axis=(1, 2, 3)) / math.log(2)
    decoder = decoder_bits(x0, 0.1, FEW[0])
    np.testing.assert_allclose(figures.diffusion, terms, rtol=1e-4)
    np.testing.assert_allclose(figures.prior, prior, rtol=1e-5)
    np.testing.assert_allclose(figures.decoder, decoder, rtol=1e-5)
    np.testing.assert_allclose(figures.bits, prior + terms.sum(axis=1) + decoder, rtol=1e-5)
    np.testing.assert_allclose(figures.bits_stderr, 0, atol=1e-3)


@pytest.mark.parametrize("blocks", [1, 4, 7])
def test_blocks_are_unbiased_and_err_as_much_as_they_say(six: SpriteSet, blocks: int) -> None:
    sprites = six.take(np.arange(3))
    model, seeds = toy_model(guess(0.1)), 80
    runs = [bound(model, sprites, log_snr=FEW, blocks=blocks, seed=seed) for seed in range(seeds)]
    edges = runs[0].block_t
    assert len(edges) == blocks + 1
    assert (edges[0], edges[-1]) == (2, 32)
    terms = terms_of_guess(pixels_of(model, sprites), 0.1, FEW)
    by_block = np.add.reduceat(terms, edges[:-1] - 2, axis=1)  # (N, S)
    got = np.stack([run.diffusion for run in runs])
    off = (got.mean(axis=0) - by_block) / (got.std(axis=0, ddof=1) / math.sqrt(seeds))
    assert (np.abs(off) < 4).all()
    total = np.stack([run.bits for run in runs])
    claimed = np.stack([run.bits_stderr for run in runs])
    ratio = (claimed**2).mean() / total.var(axis=0, ddof=1).mean()
    assert ratio == pytest.approx(1, abs=0.3)


def best_guess_of_two(snr: NDArray, apart: float) -> NDArray[np.float64]:
    """The mean squared error of E[x_0 | x_t] for two equally probable pictures at the distance
    ``apart``, summed over values: Guo et al. 2005, eq. 17, by quadrature.
    """
    z = np.linspace(-14, 14, 40_001)
    density = scipy.stats.norm.pdf(z) * (z[1] - z[0])
    strength = np.asarray(snr)[:, None] * apart**2 / 4
    lost = ((1 - np.tanh(strength + np.sqrt(strength) * z)) * density).sum(axis=1)
    return apart**2 / 4 * lost


@pytest.mark.parametrize("blocks", [30, 5])
def test_a_model_of_two_sprites_has_the_bound_that_quadrature_gives(blocks: int) -> None:
    pair = make_sprites(2, classes=0, size=SIZE)
    model, log_snr = optimal_model(pair), np.linspace(6.0, -9.0, 31)
    x0, snr = pixels_of(model, pair), np.exp(log_snr)
    apart = math.sqrt(((x0[0] - x0[1]) ** 2).sum())
    terms = 0.5 * (snr[:-1] - snr[1:]) * best_guess_of_two(snr, apart)[1:]
    prior = 0.5 * snr[-1] * apart**2 / 4
    wanted = (terms.sum() + prior) / math.log(2) + decoder_bits(x0, x0, log_snr[0])

    runs = [bound(model, pair, log_snr=log_snr, blocks=blocks, seed=seed) for seed in range(100)]
    bits = np.stack([run.bits for run in runs])
    stderr = bits.std(axis=0, ddof=1) / math.sqrt(len(runs))
    assert (np.abs(bits.mean(axis=0) - wanted) < 3.5 * stderr).all()
    assert (stderr < 0.25).all()
    choosing = wanted - decoder_bits(x0, x0, log_snr[0])
    # log2 of 2, and the cost of using so few levels
    assert ((choosing > 1) & (choosing < 1.6)).all()


def test_the_best_model_of_a_set_takes_the_bits_that_choosing_a_sprite_takes() -> None:
    """log2 of the size of its class, and the cost of the remaining noise."""
    training = make_sprites(15, classes=3, size=SIZE)
    sizes = np.array([5, 5, 5])
    extra = training.take(np.flatnonzero(training.labels == 2)[:3])
    training = training.take(np.setdiff1d(np.arange(15), [2, 5, 8]))  # class 2 keeps two sprites
    sizes[2] -= len(extra)
    model = optimal_model(training)
    figures = bound(model, training, rounds=16)
    x0 = pixels_of(model, training)
    decoder = decoder_bits(x0, x0, model.schedule.trained_range[1])
    np.testing.assert_allclose(figures.decoder, decoder, rtol=1e-3)
    choosing = figures.bits - decoder
    off = (choosing - np.log2(sizes[training.labels])) / figures.bits_stderr
    assert (np.abs(off) < 5).all()  # Student's t with 15 degrees of freedom
    stderr = math.sqrt((figures.bits_stderr**2).sum()) / len(training)
    wanted = np.log2(sizes[training.labels]).mean()
    assert choosing.mean() == pytest.approx(wanted, abs=3 * stderr)
    assert stderr < 0.15


def test_each_sprite_is_asked_for_under_its_own_class(six: SpriteSet) -> None:
    """Without a class if it has none, or one that the model does not know."""
    sprites = replace(six, labels=np.array([0, 1, 2, -1, 1, 0]), class_names=("a", "b", "c"))
    model = toy_model(guess(0.0), ("b", "a"))
    bound(model, sprites, log_snr=FEW, blocks=1, rounds=2)
    context = torch.cat([context for _, context in model.denoiser.asked])
    wanted = torch.tensor([[0, 1], [1, 0], [0, 0], [0, 0], [1, 0], [0, 1]]).float()
    assert torch.equal(context, wanted.repeat_interleave(4, 0))


def test_groups_are_those_of_the_set_or_its_near_copies(six: SpriteSet) -> None:
    model = toy_model(gaussian())
    named = replace(six, group=np.array([7, 3, 7, 9, 3, 100]))
    for run in (bound_iter, ode_iter):
        figures = drain(run(model, named, RunControl(), log_snr=FEW))
        assert figures.group.tolist() == [1, 0, 1, 2, 0, 3]
    copies = replace(six.take(np.array([0, 1, 0, 2, 1])), group=None)
    found = bound(model, copies, log_snr=FEW).group
    same = found[:, None] == found
    wanted = groups_of(copies)
    assert (same == (wanted[:, None] == wanted)).all()
    assert same[0, 2]
    assert same[1, 4]


def test_levels_fall_evenly_over_what_was_trained() -> None:
    model = toy_model(guess(0.0))
    low, high = model.schedule.trained_range
    levels = bound_levels(model)
    assert (levels[0], levels[-1], len(levels)) == (high, low, BOUND_LEVELS)
    flow = flow_levels(model)
    assert (flow[0], flow[-1], len(flow)) == (high, low, likelihood.FLOW_STEPS + 1)
    for each in (levels, flow):
        np.testing.assert_allclose(np.diff(each), (each[-1] - each[0]) / (len(each) - 1))


# The ODE


def flow_bits(
    x0: NDArray, log_snr: float, shared: float = 0.0, rounds: int = 2, seed: int = 0
) -> NDArray[np.float64]:
    """The ODE's bound of each sprite with its drawn noise, (N, rounds): log2 q(z | x_0) - log2 p(z)
    - log2 p(x_0 | z), by scipy.
    """
    alpha, std = 1 / math.sqrt(1 + math.exp(-log_snr)), 1 / math.sqrt(1 + math.exp(log_snr))
    dims = x0[0].size
    cov = alpha**2 * (SPREAD**2 * np.eye(dims) + shared) + std**2 * np.eye(dims)
    normal = scipy.stats.multivariate_normal(np.full(dims, alpha * MEAN), cov)
    found = []
    for i, clean in enumerate(x0):
        rng = np.random.default_rng([seed, i])
        epsilon = rng.standard_normal((rounds, *clean.shape), np.float32)
        z = alpha * clean + std * epsilon
        log_q = scipy.stats.norm(alpha * clean, std).logpdf(z).sum(axis=(1, 2, 3))
        denoised = gaussian(shared)(
            torch.tensor(z).float(), torch.full((rounds,), log_snr), torch.zeros(rounds, 0)
        )
        levels = torch.full((rounds,), log_snr)
        x0_hat = sharpened(denoised.x0, levels, 256).double().numpy()
        clean = np.broadcast_to(clean, z.shape)
        log_p = normal.logpdf(z.reshape(rounds, dims))
        found.append((log_q - log_p) / math.log(2) + decoder_bits(clean, x0_hat, log_snr))
    return np.array(found)


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("first", [13.0, 8.0, 1.0])
def test_the_ode_gives_the_closed_form_of_gaussian_data(
    six: SpriteSet, channels: int, first: float
) -> None:
    model = toy_model(gaussian(), channels=channels, mean=MEAN)
    levels = np.linspace(first, -8.76, 151)
    figures = drain(ode_iter(model, six, RunControl(), log_snr=levels))
    wanted = flow_bits(pixels_of(model, six), first)
    np.testing.assert_allclose(figures.bits / DIMS, wanted.mean(axis=1) / DIMS, atol=0.005)
    # Values are independent, so signs cause no error: the rest is due to the noise.
    spread = wanted.std(axis=1, ddof=1) / math.sqrt(2)
    np.testing.assert_allclose(figures.bits_stderr / DIMS, spread / DIMS, atol=0.005)
    assert figures.dims == DIMS
    assert not figures.exact
    assert figures.levels == 256


def test_the_ode_is_an_upper_bound_where_all_is_known() -> None:
    """Sprites with one value per channel, black, gray or white, whose bits are computed by hand."""
    values = np.array([0, 128, 255], np.uint8)
    images = np.broadcast_to(values[:, None, None, None], (3, SIZE, SIZE, 3))
    model = toy_model(flat_sprites(), mean=float((2 * values / 255 - 1).mean()))
    figures = drain(ode_iter(model, SpriteSet(images.copy()), RunControl(), rounds=8))
    true = math.log2(3)  # all three are equally probable
    off = figures.bits - true
    assert (off > -3 * figures.bits_stderr - 0.005 * DIMS).all()
    assert abs(off.mean()) / DIMS < 0.01


def flat_sprites() -> Denoise:
    """E[x_0 | x_t] if sprites are entirely black, gray or white."""
    centers = torch.tensor([0.0, 128.0, 255.0]) * BIN - 1

    def denoise(x_t: Tensor, log_snr: Tensor, context: Tensor) -> DenoiserOutput:
        alpha, std = level(log_snr)
        apart = (x_t[..., None] - alpha[..., None] * centers) / std[..., None]
        share = torch.softmax(-0.5 * apart.square().sum(dim=(1, 2, 3)), dim=1)
        x0 = (share @ centers)[:, None, None, None] + 0 * x_t
        return DenoiserOutput(x0, epsilon_from_x0(x_t, x0, alpha, std))

    return denoise


def test_the_exact_divergence_gives_the_closed_form_of_values_that_hang_together() -> None:
    one = make_sprites(1, size=SIZE)
    model = toy_model(gaussian(SHARED), mean=MEAN)
    levels = flow_levels(model, 30)
    figures = drain(ode_iter(model, one, RunControl(), log_snr=levels, probes=0))
    wanted = flow_bits(pixels_of(model, one), float(levels[0]), SHARED).mean(axis=1)
    assert figures.exact
    np.testing.assert_allclose(figures.bits / DIMS, wanted / DIMS, atol=0.01)


def test_the_errors_of_the_terms_are_their_spread(six: SpriteSet) -> None:
    model = toy_model(gaussian(), mean=MEAN)
    runs = [bound(model, six.take(np.arange(2)), blocks=4, rounds=4, seed=s) for s in range(60)]
    for name in ("decoder", "diffusion"):
        values = np.stack([getattr(run, name) for run in runs])
        claimed = np.stack([getattr(run, f"{name}_stderr") for run in runs])
        spread = values.std(axis=0, ddof=1)
        assert (spread > 0).all()
        np.testing.assert_allclose(np.sqrt((claimed**2).mean(axis=0)), spread, rtol=0.4)


#: Estimates for ordinary sprites, each 60 times.
STATED: dict[str, Callable[[Model, SpriteSet, int], FlowLikelihood | Bound]] = {
    "ode": lambda model, sprites, seed: drain(
        ode_iter(model, sprites, RunControl(), log_snr=flow_levels(model, 20), seed=seed)
    ),
    "bound": lambda model, sprites, seed: bound(model, sprites, blocks=8, seed=seed),
}


@pytest.mark.parametrize("method", STATED)
def test_stated_errors_are_the_spread_of_repeated_estimates(method: str) -> None:
    """For noise and signs; each error comes from two estimates, so only the mean
    square is tested.
    """
    model, sprites = toy_model(gaussian(SHARED), mean=MEAN), make_sprites(4, size=SIZE)
    runs = [STATED[method](model, sprites, seed) for seed in range(60)]
    bits, claimed = (np.stack([getattr(run, n) for run in runs]) for n in ("bits", "bits_stderr"))
    stated = np.sqrt((claimed**2).mean())
    true = np.sqrt(bits.var(axis=0, ddof=1).mean())
    assert stated == pytest.approx(true, rel=0.15)


@pytest.mark.parametrize("exact", [False, True])
def test_pixels_sum_to_the_bits_of_the_sprite(six: SpriteSet, exact: bool) -> None:
    model = toy_model(gaussian(), channels=4)
    few = flow_levels(model, 2)
    pair = six.take(np.arange(2))
    figures = [
        bound(model, six, blocks=5),
        drain(ode_iter(model, pair, RunControl(), log_snr=few, probes=0 if exact else 2)),
    ]
    for each in figures:
        assert each.pixels.shape == (len(each.bits), SIZE, SIZE)
        np.testing.assert_allclose(each.pixels.sum(axis=(1, 2)), each.bits, rtol=1e-5)


def test_a_pixel_that_is_hard_to_guess_takes_the_bits() -> None:
    """All sprites are white except for one pixel, and the model expects all white."""
    images = np.full((2, SIZE, SIZE, 3), 255, np.uint8)
    images[0, 2, 5], images[1, 6, 1] = 0, 0
    model = toy_model(guess(1.0), mean=1.0)
    pixels = bound(model, SpriteSet(images), log_snr=FEW).pixels
    for pixel, place in zip(pixels, ((2, 5), (6, 1)), strict=True):
        assert np.unravel_index(pixel.argmax(), pixel.shape) == place
        others = np.delete(pixel, np.ravel_multi_index(place, pixel.shape))
        np.testing.assert_allclose(others, others[0])


# Classes


def class_probabilities(model: Model, sprites: SpriteSet, **options: int):
    return drain(class_probabilities_iter(model, sprites, RunControl(), **options))


def test_the_best_model_of_a_set_knows_the_class_of_its_sprites() -> None:
    training = make_sprites(9, classes=3, size=SIZE)
    got = class_probabilities(optimal_model(training), training)
    assert got.class_names == training.class_names
    assert got.probability.shape == got.stderr.shape == got.bits.shape == (9, 3)
    np.testing.assert_allclose(got.probability.sum(axis=1), 1)
    assert (got.probability.argmax(axis=1) == training.labels).all()
    assert (got.probability.max(axis=1) > 0.99).all()
    assert (got.bits.argmin(axis=1) == training.labels).all()


def test_a_class_is_the_less_probable_the_more_else_it_holds(six: SpriteSet) -> None:
    """By Bayes: with 4 sprites in class a and 1 in class b, a sprite in both is b with 4 to 1."""
    training = replace(
        six.take(np.array([0, 1, 2, 3, 0])),
        labels=np.array([0, 0, 0, 0, 1]),
        class_names=("a", "b"),
    )
    model = optimal_model(training)
    got = class_probabilities(model, training.take(np.array([0, 1])), rounds=32)
    assert (got.stderr[0] < 0.08).all()
    assert got.probability[0] == pytest.approx([0.2, 0.8], abs=3 * float(got.stderr[0, 0]))
    assert got.probability[1] == pytest.approx([1, 0], abs=1e-6)


def test_the_standard_error_of_probabilities_is_their_spread(six: SpriteSet) -> None:
    training = replace(
        six.take(np.array([0, 1, 0])), labels=np.array([0, 0, 1]), class_names=("a", "b")
    )
    model, first = optimal_model(training), training.take(np.arange(1))
    runs = [class_probabilities(model, first, seed=seed, rounds=16) for seed in range(50)]
    probability = np.stack([run.probability[0] for run in runs])
    claimed = np.stack([run.stderr[0] for run in runs])
    spread = probability.std(axis=0, ddof=1)
    assert (spread > 0.02).all()
    np.testing.assert_allclose(np.sqrt((claimed**2).mean(axis=0)), spread, rtol=0.3)
    assert abs(probability[:, 0].mean() - 1 / 3) < 3 * spread[0] / math.sqrt(len(runs)) + 0.01


def test_the_bits_of_the_own_class_are_those_of_the_bound(six: SpriteSet) -> None:
    """The same t and noise are used for all classes."""
    model = optimal_model(six)
    got = class_probabilities(model, six, blocks=9, rounds=3, seed=5)
    own = got.bits[np.arange(6), six.labels]
    wanted = bound(model, six, blocks=9, rounds=3, seed=5).bits
    np.testing.assert_allclose(own, wanted, rtol=1e-4)


def test_classes_that_the_model_does_not_tell_apart_are_equally_probable(six: SpriteSet) -> None:
    got = class_probabilities(toy_model(guess(0.0), ("a", "b", "c", "d")), six)
    np.testing.assert_allclose(got.probability, 0.25, rtol=1e-6)
    np.testing.assert_allclose(got.stderr, 0, atol=1e-6)


def test_an_ode_needs_two_levels(six: SpriteSet) -> None:
    with pytest.raises(ValueError, match="two or more"):
        drain(ode_iter(toy_model(gaussian()), six, RunControl(), log_snr=np.array([9.0])))


# All runs

Figures = Callable[[Model, SpriteSet, RunControl], Run]

RUNS: dict[str, Figures] = {
    "bound": lambda *to: bound_iter(*to, blocks=6),
    "ode": lambda *to: ode_iter(*to, log_snr=np.linspace(9, -6, 5)),
    "ode, exact": lambda *to: ode_iter(*to, log_snr=np.linspace(9, -6, 2), probes=0),
    "classes": lambda *to: class_probabilities_iter(*to, blocks=6),
}
ALL_RUNS = pytest.mark.parametrize("name", RUNS)


@pytest.fixture(scope="module")
def any_model() -> Model:
    """A model that supports all runs."""
    return toy_model(gaussian(SHARED), ("hero", "creature"))


@ALL_RUNS
def test_a_sprite_does_not_depend_on_the_others(
    six: SpriteSet, any_model: Model, name: str
) -> None:
    whole = drain(RUNS[name](any_model, six, RunControl())).bits
    alone = drain(RUNS[name](any_model, six.take(np.arange(1)), RunControl())).bits
    other = make_sprites(6, seed=9, classes=2, size=SIZE)
    images = other.images.copy()
    images[[0, 3]] = six.images[[0, 3]]
    among = drain(RUNS[name](any_model, replace(other, images=images), RunControl())).bits
    np.testing.assert_allclose(among[[0, 3]], whole[[0, 3]], rtol=1e-5)
    np.testing.assert_allclose(alone[0], whole[0], rtol=1e-5)


@ALL_RUNS
def test_stopped_it_gives_the_figures_of_the_sprites_so_far(
    six: SpriteSet, any_model: Model, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likelihood, "BATCH", 4)
    whole = drain(RUNS[name](any_model, six, RunControl()))

    def stopped(share: float):
        control, reached = RunControl(), [0.0]

        def hear(record: Progress) -> None:
            reached.append(record.done / record.total)
            if reached[-1] >= share:
                control.stop()

        return drain(RUNS[name](any_model, six, control), hear), reached[-1]

    for share, least, most in ((0.0, 1, 2), (0.6, 2, 4)):
        figures, reached = stopped(share)
        count = len(figures.bits)
        assert least <= count <= most
        assert reached < max(share, 1 / 3) + 0.2  # stopping takes effect soon
        for field in ("bits", "bits_stderr", "pixels", "group", "prior", "diffusion", "decoder"):
            if hasattr(whole, field):
                got, wanted = getattr(figures, field), getattr(whole, field)
                np.testing.assert_allclose(got, wanted[:count], rtol=1e-6)
        if name == "classes":
            np.testing.assert_allclose(figures.probability, whole.probability[:count])


@ALL_RUNS
def test_progress_rises_to_all(six: SpriteSet, any_model: Model, name: str) -> None:
    records = list(RUNS[name](any_model, six, RunControl()))
    assert all(isinstance(record, Progress) for record in records)
    done = [record.done for record in records]
    assert done == sorted(set(done))
    assert {record.total for record in records} == {done[-1]}


@pytest.mark.parametrize("name", ["bound", "classes"])
def test_how_many_are_evaluated_at_once_changes_nothing(
    six: SpriteSet, any_model: Model, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = drain(RUNS[name](any_model, six, RunControl())).bits
    monkeypatch.setattr(likelihood, "BATCH", 5)
    parts = drain(RUNS[name](any_model, six, RunControl())).bits
    np.testing.assert_allclose(parts, whole, rtol=1e-5)


@pytest.mark.parametrize("run", [bound_iter, ode_iter, class_probabilities_iter])
def test_chance_follows_from_the_seed(six: SpriteSet, any_model: Model, run: Callable) -> None:
    options = {"log_snr": FEW[::6]} if run is ode_iter else {"blocks": 3}
    one, same, other = (
        drain(run(any_model, six, RunControl(), seed=seed, **options)).bits for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert (one != other).all()


@ALL_RUNS
def test_the_same_sprite_in_two_places_meets_different_chance(
    six: SpriteSet, any_model: Model, name: str
) -> None:
    twice = drain(RUNS[name](any_model, six.take(np.array([0, 0])), RunControl())).bits
    assert (twice[0] != twice[1]).all()


@pytest.mark.parametrize("run", [bound_iter, ode_iter, class_probabilities_iter])
def test_sprites_of_another_size_are_refused(any_model: Model, run: Callable) -> None:
    with pytest.raises(ConfigError, match="16×16, but the model draws 8×8"):
        drain(run(any_model, make_sprites(2), RunControl()))


@ALL_RUNS
def test_a_model_that_diverged_is_called_so(six: SpriteSet, name: str) -> None:
    model = toy_model(guess(math.nan), ("hero", "creature"))
    with pytest.raises(NotFiniteError, match="what 'toy' draws"):
        drain(RUNS[name](model, six.take(np.arange(2)), RunControl()))


def test_a_model_without_classes_cannot_tell_them_apart(six: SpriteSet) -> None:
    with pytest.raises(ConfigError, match="no classes"):
        class_probabilities(toy_model(guess(0.0)), six)
