"""What the metadata of a weights file may say of its model."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from sprite_lab.core.config import NetworkConfig, TrainConfig
from sprite_lab.core.errors import FileError
from sprite_lab.core.model_facts import DataFacts
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.engine.models.checkpoint import load_tensors, save_tensors
from sprite_lab.engine.models.model import load_model, save_weights


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "a.safetensors"
    config = TrainConfig(network=NetworkConfig(width=16, num_classes=0))
    facts = DataFacts(vocabulary=Vocabulary(()), fingerprint="f00", title="made sprites")
    save_weights(path, Denoiser(config.network, config.prediction_type), config, 1, facts)
    return path


def stating(weights: Path, path: Path, **metadata: object) -> Path:
    tensors, stated = load_tensors(weights)
    save_tensors(path, tensors, {**stated, **metadata})
    return path


@pytest.mark.parametrize("value", ["nan", "inf", "0", 1e300, 10**200, -17, True, None, [0]])
def test_guidance_ends_at_a_log_snr(weights: Path, tmp_path: Path, value: object) -> None:
    path = stating(weights, tmp_path / "b.safetensors", guided_below=value)
    with pytest.raises(FileError, match="'guided_below' must be a number from -16 to 16"):
        load_model(path, "cpu")


@pytest.mark.parametrize(("metadata", "found"), [({}, math.inf), ({"guided_below": -2}, -2.0)])
def test_guidance_ends_where_the_weights_say(
    weights: Path, tmp_path: Path, metadata: dict[str, object], found: float
) -> None:
    model = load_model(stating(weights, tmp_path / "b.safetensors", **metadata), "cpu")
    assert model.guided_below == found
