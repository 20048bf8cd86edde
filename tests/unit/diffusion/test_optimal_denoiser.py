"""The optimal denoiser, compared picture by picture with a softmax of distances, and with scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.diffusion import optimal_denoiser
from sprite_lab.diffusion.optimal_denoiser import OptimalDenoiser
from sprite_lab.diffusion.parameterization import level, q_sample

SHAPE = (3, 8, 8)
DIMS = math.prod(SHAPE)
COUNT = 12
LEVELS = (-9.0, -4.0, -1.0, 1.0, 4.0)

#: No picture has the last of three classes; two pictures have no class.
LABELS = np.array([0, 1, 0, 1, -1, 0, 0, 1, -1, 0, 1, 0])
CLASSES = torch.from_numpy((LABELS[:, None] == np.arange(3)).astype(np.float32))
WEIGHTS = torch.from_numpy(np.random.default_rng(7).uniform(0.1, 3, COUNT))

#: Possible contexts, and each picture's prior probability in them.
A, B = (of_class / of_class.sum() for of_class in CLASSES.double().numpy().T[:2])
ASKED = {
    "all": ((0, 0, 0), np.full(COUNT, 1 / COUNT)),
    "a class": ((0, 1, 0), B),
    "a mix": ((0.25, 0.75, 0), 0.25 * A + 0.75 * B),
    "a mix that does not sum to 1": ((1, 2, 0), (A + 2 * B) / 3),
    "a class without pictures": ((0, 0, 1), np.full(COUNT, 1 / COUNT)),
    "a mix with a class without pictures": ((0.5, 0, 0.5), A),
}


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def x0() -> Tensor:
    """float32 (COUNT, *SHAPE), close together, so that several stay probable for long."""
    rng = np.random.default_rng(0)
    near = rng.uniform(-0.9, 0.9, SHAPE) + 0.1 * rng.uniform(-1, 1, (COUNT, *SHAPE))
    return torch.from_numpy(near).float()


def noisy(x0: Tensor, log_snr: float, seed: int = 1) -> Tensor:
    """x_t of all pictures, float64."""
    epsilon = torch.from_numpy(np.random.default_rng(seed).standard_normal(x0.shape))
    return q_sample(x0.double(), epsilon, *level(torch.full((len(x0),), log_snr)))


def asked(context: tuple[float, ...], count: int = COUNT) -> Tensor:
    return torch.tensor([context], dtype=torch.float32).expand(count, -1)


def posterior(x0: Tensor, prior: NDArray, x_t: Tensor, log_snr: float) -> NDArray[np.float64]:
    """The probability of each picture, (N, COUNT), by the distance of each pair."""
    alpha, variance = math.sqrt(scipy.special.expit(log_snr)), scipy.special.expit(-log_snr)
    distance = np.array([[float(((x - alpha * p) ** 2).sum()) for p in x0.double()] for x in x_t])
    with np.errstate(divide="ignore"):
        return scipy.special.softmax(np.log(prior) - distance / (2 * variance), axis=1)


@pytest.mark.parametrize("log_snr", LEVELS)
@pytest.mark.parametrize("name", ASKED)
def test_it_is_the_mean_of_pictures_by_how_probable_they_are(
    x0: Tensor, name: str, log_snr: float
) -> None:
    context, prior = ASKED[name]
    x_t = noisy(x0, log_snr)
    got = OptimalDenoiser(x0, CLASSES)(x_t, torch.full((COUNT,), log_snr), asked(context))
    wanted = posterior(x0, prior, x_t, log_snr) @ x0.double().flatten(1).numpy()
    np.testing.assert_allclose(got.x0.flatten(1).numpy(), wanted, atol=1e-9)
    alpha, std = math.sqrt(scipy.special.expit(log_snr)), math.sqrt(scipy.special.expit(-log_snr))
    np.testing.assert_allclose((alpha * got.x0 + std * got.epsilon).numpy(), x_t.numpy(), atol=1e-9)


@pytest.mark.parametrize("log_snr", LEVELS)
@pytest.mark.parametrize("name", ASKED)
def test_the_density_is_that_of_scipys_mixture(x0: Tensor, name: str, log_snr: float) -> None:
    context, prior = ASKED[name]
    x_t = noisy(x0, log_snr)
    got = OptimalDenoiser(x0, CLASSES).log_density(
        x_t, torch.full((COUNT,), log_snr), asked(context)
    )
    alpha, variance = math.sqrt(scipy.special.expit(log_snr)), scipy.special.expit(-log_snr)
    each = [
        scipy.stats.multivariate_normal(alpha * picture, variance).logpdf(x_t.flatten(1).numpy())
        for picture in x0.double().flatten(1).numpy()
    ]
    wanted = scipy.special.logsumexp(np.stack(each, axis=1), axis=1, b=prior)
    assert got.dtype == torch.float64
    np.testing.assert_allclose(got.numpy(), wanted, rtol=1e-9)


@pytest.mark.parametrize("context", [(0, 0, 0), (1, 0, 0), (0.25, 0.75, 0)])
def test_a_picture_of_weight_n_is_as_good_as_n_of_it(
    x0: Tensor, context: tuple[float, ...]
) -> None:
    times = torch.arange(COUNT) % 4  # some are never shown
    weighted = OptimalDenoiser(x0, CLASSES, times.double())
    repeated = OptimalDenoiser(x0.repeat_interleave(times, 0), CLASSES.repeat_interleave(times, 0))
    x_t, log_snr = noisy(x0, 0.0), torch.zeros(COUNT)
    one, other = (d(x_t, log_snr, asked(context)) for d in (weighted, repeated))
    torch.testing.assert_close(one.x0, other.x0, rtol=0, atol=1e-10)
    densities = [d.log_density(x_t, log_snr, asked(context)) for d in (weighted, repeated)]
    torch.testing.assert_close(*densities)


def test_weights_count_relative_to_one_another_within_each_class(x0: Tensor) -> None:
    weights = WEIGHTS.numpy()
    x_t, log_snr = noisy(x0, -1.0), torch.full((COUNT,), -1.0)
    for scale in (1.0, 50.0):
        optimal = OptimalDenoiser(x0, CLASSES, scale * WEIGHTS)
        mix = 0.25 * weights * A / (weights * A).sum() + 0.75 * weights * B / (weights * B).sum()
        for context, prior in (((0, 0, 0), weights / weights.sum()), ((0.25, 0.75, 0), mix)):
            got = optimal(x_t, log_snr, asked(context)).x0.flatten(1).numpy()
            wanted = posterior(x0, prior, x_t, -1.0) @ x0.double().flatten(1).numpy()
            np.testing.assert_allclose(got, wanted, atol=1e-9)


def test_weights_have_no_scale(x0: Tensor) -> None:
    x_t, levels, context = noisy(x0, -1.0), torch.full((COUNT,), -1.0), asked((0.25, 0.75, 0))
    wanted = OptimalDenoiser(x0, CLASSES, WEIGHTS)
    got = OptimalDenoiser(x0, CLASSES, WEIGHTS * 1e-6)
    torch.testing.assert_close(got(x_t, levels, context), wanted(x_t, levels, context))
    torch.testing.assert_close(got.log_joint(x_t, levels), wanted.log_joint(x_t, levels))


def test_a_class_whose_pictures_are_never_shown_is_one_without_pictures(x0: Tensor) -> None:
    weights = torch.from_numpy((LABELS != 1).astype(np.float64))
    optimal = OptimalDenoiser(x0, CLASSES, weights)
    x_t, log_snr = noisy(x0, 0.0), torch.zeros(COUNT)
    got, wanted = (optimal(x_t, log_snr, asked(c)).x0 for c in ((0, 1, 0), (0, 0, 0)))
    torch.testing.assert_close(got, wanted)


def test_each_row_has_its_own_level_and_wish(x0: Tensor) -> None:
    optimal = OptimalDenoiser(x0, CLASSES, WEIGHTS)
    log_snr = torch.linspace(-6, 6, COUNT)
    context = torch.tensor([ASKED[name][0] for name in [*ASKED, *ASKED]]).float()
    x_t = torch.stack([noisy(x0, float(value))[i] for i, value in enumerate(log_snr)])
    together = optimal(x_t, log_snr, context)
    density = optimal.log_density(x_t, log_snr, context)
    for i in range(COUNT):
        row = x_t[i : i + 1], log_snr[i : i + 1], context[i : i + 1]
        torch.testing.assert_close(optimal(*row).x0[0], together.x0[i])
        torch.testing.assert_close(optimal.log_density(*row)[0], density[i])


def test_a_set_larger_than_what_is_held_against_at_once(
    x0: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some of the parts have no picture of the class, as pictures are sorted by class here."""
    order = np.argsort(LABELS, kind="stable")
    optimal = OptimalDenoiser(x0[order], CLASSES[order], WEIGHTS[order])
    for name in ASKED:
        for log_snr in (-3.0, 2.0, 12.0):
            row = noisy(x0, log_snr), torch.full((COUNT,), log_snr), asked(ASKED[name][0])
            whole, density = optimal(*row).x0, optimal.log_density(*row)
            with monkeypatch.context() as patch:
                patch.setattr(optimal_denoiser, "CHUNK", 2)
                torch.testing.assert_close(optimal(*row).x0, whole, rtol=0, atol=1e-9)
                torch.testing.assert_close(optimal.log_density(*row), density)


def test_with_next_to_no_noise_it_gives_training_pictures_back(x0: Tensor) -> None:
    x_t, log_snr = noisy(x0, 13.0).float(), torch.full((COUNT,), 13.0)
    got = OptimalDenoiser(x0, CLASSES)(x_t, log_snr, asked((0, 0, 0))).x0
    torch.testing.assert_close(got, x0, rtol=0, atol=1e-6)


def test_from_next_to_nothing_but_noise_it_gives_the_mean(x0: Tensor) -> None:
    x_t, log_snr = noisy(x0, -25.0).float(), torch.full((COUNT,), -25.0)
    optimal = OptimalDenoiser(x0, CLASSES, WEIGHTS)
    for context, chosen in (((0, 0, 0), LABELS > -2), ((1, 0, 0), LABELS == 0)):
        share = (WEIGHTS * torch.from_numpy(chosen)).float()
        mean = (share @ x0.flatten(1) / share.sum()).view(1, *SHAPE).expand_as(x0)
        got = optimal(x_t, log_snr, asked(context)).x0
        torch.testing.assert_close(got, mean, rtol=0, atol=1e-4)


@pytest.mark.parametrize("log_snr", [-2.0, 2.0])
def test_its_noise_is_the_score_of_its_density(x0: Tensor, log_snr: float) -> None:
    """epsilon = -std d log q(x_t) / d x_t, by differences along random directions."""
    optimal = OptimalDenoiser(x0, CLASSES, WEIGHTS)
    x_t, row = noisy(x0, log_snr), (torch.full((COUNT,), log_snr), asked((0.25, 0.75, 0)))
    epsilon = optimal(x_t, *row).epsilon
    for seed in range(3):
        way = torch.from_numpy(np.random.default_rng(seed).standard_normal(SHAPE))
        ahead, behind = (optimal.log_density(x_t + h * way, *row) for h in (1e-4, -1e-4))
        slope = -math.sqrt(scipy.special.expit(-log_snr)) * (ahead - behind) / 2e-4
        torch.testing.assert_close((epsilon * way).sum(dim=(1, 2, 3)), slope, rtol=1e-5, atol=1e-5)


def test_its_outputs_are_of_the_kind_of_x_t(x0: Tensor) -> None:
    for dtype in (torch.float32, torch.float64):
        x_t = noisy(x0, 0.0).to(dtype)
        found = OptimalDenoiser(x0, CLASSES)(x_t, torch.zeros(COUNT), asked((0, 0, 0)))
        for value in (found.x0, found.epsilon):
            assert value.dtype == dtype
            assert value.shape == x_t.shape


def test_a_set_without_classes(x0: Tensor) -> None:
    plain = OptimalDenoiser(x0, torch.zeros(COUNT, 0))
    x_t, log_snr = noisy(x0, 0.0), torch.zeros(COUNT)
    wanted = OptimalDenoiser(x0, CLASSES)(x_t, log_snr, asked((0, 0, 0))).x0
    torch.testing.assert_close(plain(x_t, log_snr, torch.zeros(COUNT, 0)).x0, wanted)
