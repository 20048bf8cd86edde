"""The shipped feature network: what it must detect, and what it must ignore."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sprite_lab.core.errors import FileError
from sprite_lab.core.results.metrics import frechet_distance, kernel_distance
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.data import builtin, split
from sprite_lab.engine.measuring.features import FEATURES, FeatureFunction, load_features
from sprite_lab.engine.models import eight_bits as module
from sprite_lab.formats.sets.sprites import load_sprites

pytestmark = pytest.mark.usefixtures("few_threads")


@pytest.fixture(scope="module")
def features() -> FeatureFunction:
    return load_features()


def boiled(sprites: SpriteSet, strength: float) -> NDArray[np.uint8]:
    """Faint noise on the drawings, none on the background."""
    noise = np.random.default_rng(0).normal(0, strength, sprites.images.shape)
    noise *= (sprites.alpha >= 128)[..., None]
    return np.rint((sprites.images + noise).clip(0, 255)).astype(np.uint8)


def blurred(images: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    """Mixed with the mean of the four neighbors."""
    wide = np.pad(images.astype(np.float64), ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    around = wide[:, :-2, 1:-1] + wide[:, 2:, 1:-1] + wide[:, 1:-1, :-2] + wide[:, 1:-1, 2:]
    return np.rint((1 - share) * images + share * around / 4).astype(np.uint8)


def quarters_shuffled(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.roll(np.where(np.arange(16)[:, None, None] < 8, images[:, :, ::-1], images), 8, 2)


def worse_and_worse(
    features: FeatureFunction, train: SpriteSet, validation: SpriteSet
) -> dict[str, float]:
    known = features(validation.images)
    pictures = {
        "other sprites": train.images,
        "boiled a little": boiled(train, 6),
        "boiled": boiled(train, 20),
        "blurred a little": blurred(train.images, 0.2),
        "blurred": blurred(train.images, 0.6),
        "noise": np.random.default_rng(0).integers(0, 256, train.images.shape).astype(np.uint8),
        "shuffled": quarters_shuffled(train.images),
    }
    return {name: frechet_distance(known, features(images)) for name, images in pictures.items()}


def check_ranking(found: dict[str, float]) -> None:
    clean = found["other sprites"]
    assert clean < found["boiled a little"] < found["boiled"] < found["noise"]
    assert clean < found["blurred a little"] < found["blurred"] < found["noise"]
    assert 2 * clean < found["boiled"]
    assert 4 * clean < found["blurred"]
    assert 2 * clean < found["shuffled"]


def test_harm_is_seen_on_the_built_in_sprites(features: FeatureFunction) -> None:
    train, validation = split(builtin())
    some = train.take(np.random.default_rng(0).permutation(len(train))[:800])
    check_ranking(worse_and_worse(features, some, validation))


def test_harm_is_seen_on_real_sprites(features: FeatureFunction, shared_data: Path) -> None:
    train, validation = split(load_sprites(shared_data / "real_sprites.npz"))
    rng = np.random.default_rng(0)
    same = [rng.choice(np.flatnonzero(train.labels == k)) for k in validation.labels]
    check_ranking(worse_and_worse(features, train.take(np.array(same)), validation))


def test_a_class_left_out_is_seen(features: FeatureFunction) -> None:
    train, validation = split(builtin())
    known = features(validation.images)
    without = features(train.images[train.labels != 2])
    assert kernel_distance(known, without).value > 4 * kernel_distance(known, known).stderr


def test_mirroring_and_moving_matter_little(features: FeatureFunction) -> None:
    images = builtin().images[:300]
    own = features(images)
    spread = np.linalg.norm(own - own[np.random.default_rng(0).permutation(300)], axis=1).mean()
    for moved in (images[:, :, ::-1], np.roll(images, 1, axis=1)):
        assert np.linalg.norm(own - features(moved), axis=1).mean() < 0.6 * spread


def test_batches_do_not_matter_and_other_sizes_will_do(features: FeatureFunction) -> None:
    images = builtin().images[:300]
    both = features(images)
    assert both.shape == (300, FEATURES)
    assert both.dtype == np.float32
    np.testing.assert_allclose(both[:7], features(images[:7]), atol=2e-4)
    assert features(np.zeros((2, 32, 32, 3), np.uint8)).shape == (2, FEATURES)


def test_a_damaged_file_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weights.safetensors").write_bytes(b"nothing of the kind")
    monkeypatch.setattr(module, "resource", lambda *parts: tmp_path / parts[-1])
    with pytest.raises(FileError, match="safetensors"):
        load_features()
