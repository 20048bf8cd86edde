import itertools

import numpy as np
import pytest
import torch

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.results.metrics import nearest_sprites
from sprite_lab.core.results.neighbors import Augmentation, TrainingPart
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet, to_model_space
from sprite_lab.data import split
from sprite_lab.diffusion.optimal_denoiser import OptimalDenoiser
from sprite_lab.engine.measuring import neighbors as memory
from sprite_lab.engine.training.augment import COLOR_ORDERS, Augment


@pytest.fixture
def sprites() -> SpriteSet:
    """8x8 sprites with margins of different sizes."""
    rng = np.random.default_rng(0)
    images = np.full((9, 8, 8, 3), 255, np.uint8)
    alpha = np.zeros((9, 8, 8), np.uint8)
    for i in range(9):
        top, left = rng.integers(0, 3, 2)
        bottom, right = 8 - rng.integers(0, 3, 2)
        images[i, top:bottom, left:right] = rng.integers(0, 256, (bottom - top, right - left, 3))
        alpha[i, top:bottom, left:right] = 255
    return SpriteSet(images, alpha)


def _path(sprites: SpriteSet) -> tuple[np.ndarray, np.ndarray]:
    """Frames of one sprite with decreasing noise, as recorded."""
    log_snr = np.array([-6, -3, -1, 1, 4], np.float32)
    alpha = np.sqrt(1 / (1 + np.exp(-log_snr)))[:, None, None, None]
    std = np.sqrt(1 / (1 + np.exp(log_snr)))[:, None, None, None]
    noise = np.random.default_rng(1).standard_normal((5, 8, 8, 3))
    x0 = to_model_space(sprites.images[4])
    return (alpha * x0 + std * noise).astype(np.float16), log_snr


def _direct(
    x_t: np.ndarray, log_snr: np.ndarray, pictures: np.ndarray, share: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (K, M) and mean (K, H, W, 3) by the formula in float64, frame by frame."""
    weights, means = [], []
    for x, level in zip(x_t.astype(np.float64), log_snr.astype(np.float64), strict=True):
        alpha, variance = np.sqrt(1 / (1 + np.exp(-level))), 1 / (1 + np.exp(level))
        square = ((x - alpha * pictures) ** 2).sum(axis=(1, 2, 3))
        logit = np.log(share) - square / (2 * variance)
        weight = np.exp(logit - logit.max())
        weight /= weight.sum()
        weights.append(weight)
        means.append(np.tensordot(weight, pictures, 1))
    return np.array(weights), np.array(means)


def test_weights_are_a_softmax_of_squared_distances(sprites: SpriteSet) -> None:
    x_t, log_snr = _path(sprites)
    found = drain(memory.becoming_iter(x_t, log_snr, sprites, RunControl()))
    pictures = to_model_space(sprites.images).astype(np.float64)
    weights, means = _direct(x_t, log_snr, pictures, np.full(9, 1 / 9))
    np.testing.assert_allclose(np.exp(found.log_weight), weights, atol=1e-6)
    np.testing.assert_allclose(found.x0, means, atol=1e-6)
    assert found.likeliest[-1] == 4
    assert 1 < found.perplexity[2] < found.perplexity[0] <= 9


def test_the_mean_is_that_of_the_optimal_denoiser(sprites: SpriteSet) -> None:
    x_t, log_snr = _path(sprites)
    found = drain(memory.becoming_iter(x_t, log_snr, sprites, RunControl()))
    x0 = torch.from_numpy(to_model_space(sprites.images)).permute(0, 3, 1, 2)
    optimal = OptimalDenoiser(x0, torch.zeros(9, 0))
    seen = torch.from_numpy(x_t.astype(np.float32)).permute(0, 3, 1, 2)
    out = optimal(seen, torch.from_numpy(log_snr), torch.zeros(5, 0))
    np.testing.assert_allclose(found.x0, out.x0.permute(0, 2, 3, 1).numpy(), atol=1e-6)


def _augmented(
    sprites: SpriteSet, augmentation: Augmentation
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All pictures of all sprites, made one by one: pictures, their sprites, and their shares."""
    a, pictures, whose, shares = augmentation, [], [], []
    for i, (image, alpha) in enumerate(zip(sprites.images, sprites.alpha, strict=True)):
        for mirrored in (False, True):
            seen = alpha[:, ::-1] if mirrored else alpha
            rows, columns = np.nonzero(seen.any(axis=1))[0], np.nonzero(seen.any(axis=0))[0]
            downs = range(-min(3, int(rows[0])), min(3, int(7 - rows[-1])) + 1)
            rights = range(-min(3, int(columns[0])), min(3, int(7 - columns[-1])) + 1)
            for down, right in itertools.product(downs, rights):
                moved = a.shifts / (len(downs) * len(rights))
                if down == right == 0:
                    moved += 1 - a.shifts
                for order in COLOR_ORDERS:
                    first = order == COLOR_ORDERS[0]
                    color = 1 - a.recolor if first else a.recolor / 5
                    picture = image[:, ::-1] if mirrored else image
                    picture = np.roll(picture, (down, right), (0, 1))[..., list(order)]
                    pictures.append(to_model_space(picture).astype(np.float64))
                    whose.append(i)
                    shares.append((a.flips if mirrored else 1 - a.flips) * moved * color)
    return np.array(pictures), np.array(whose), np.array(shares)


def test_augmented_weights_are_those_of_all_pictures_that_a_training_makes(
    sprites: SpriteSet,
) -> None:
    augmentation = Augmentation(flips=0.5, shifts=0.4, recolor=0.3)
    x_t, log_snr = _path(sprites)
    found = drain(memory.becoming_iter(x_t, log_snr, sprites, RunControl(), augmentation))
    pictures, whose, share = _augmented(sprites, augmentation)
    assert share.sum() == pytest.approx(9)
    weights, means = _direct(x_t, log_snr, pictures, share)
    by_sprite = np.stack([weights[:, whose == i].sum(axis=1) for i in range(9)], axis=1)
    np.testing.assert_allclose(np.exp(found.log_weight), by_sprite, atol=1e-6)
    np.testing.assert_allclose(found.x0, means, atol=1e-6)


def test_pictures_are_made_as_often_as_in_training(sprites: SpriteSet) -> None:
    """The shares in the sum are the frequencies of the real augmentation."""
    config = TrainConfig(flips=0.5, shifts=0.5, recolor=0.0)
    x0 = torch.from_numpy(to_model_space(sprites.rgba)).permute(0, 3, 1, 2).contiguous()
    pick = torch.full((4000,), 2)
    made, _ = Augment(config, 4)(x0[pick], torch.Generator().manual_seed(0))
    pictures, whose, share = _augmented(sprites, Augmentation(0.5, 0.5, 0.0))
    mine = (whose == 2) & (share > 0)
    seen = made[:, :3].permute(0, 2, 3, 1).numpy()
    counts = [
        (np.abs(seen - picture).max(axis=(1, 2, 3)) < 1e-6).sum() for picture in pictures[mine]
    ]
    assert sum(counts) == 4000
    expected = share[mine] * 4000
    assert (np.abs(np.array(counts) - expected) < 5 * np.sqrt(expected) + 1).all()


def test_sprites_of_another_size_are_refused(sprites: SpriteSet) -> None:
    with pytest.raises(ConfigError, match="16×16"):
        drain(memory.becoming_iter(np.zeros((2, 16, 16, 3)), np.zeros(2), sprites, RunControl()))


def test_copies_are_recognized_by_sprites_that_were_kept_out() -> None:
    rng = np.random.default_rng(3)
    sprites = SpriteSet(
        rng.integers(0, 256, (60, 8, 8, 3), dtype=np.uint8), group=np.arange(60, dtype=np.int64)
    )
    train, validation = split(sprites, 0.5)
    part = TrainingPart(train, validation, Augmentation(), 3)
    rule = drain(memory.copy_rule_iter(part, RunControl()))
    expected = nearest_sprites(validation.images, train.images).distance
    np.testing.assert_allclose(rule.distances, np.sort(expected))
    assert rule.threshold == pytest.approx(np.percentile(expected, 5))


def test_what_the_shipped_model_learned_from() -> None:
    from sprite_lab.data import builtin

    part = memory.training_part(builtin(), "builtin")
    assert len(part.train) + len(part.validation) == len(builtin())
    assert not set(part.train.group.tolist()) & set(part.validation.group.tolist())
    assert part.augmentation == Augmentation(0.1, 0.1, 0.05, told=True)
    assert part.channels == 4
