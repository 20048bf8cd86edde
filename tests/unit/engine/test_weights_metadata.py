"""What the metadata of a weights file may state about its model."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import safetensors.torch
import torch

from sprite_lab.core.config import NetworkConfig, PredictionType, TrainConfig
from sprite_lab.core.errors import ConfigError, FileError
from sprite_lab.core.model_facts import DataFacts, Start
from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.diffusion.consistency import SEGMENTS
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.engine.models import checkpoint
from sprite_lab.engine.models.checkpoint import load_tensors, read_metadata, save_tensors
from sprite_lab.engine.models.model import (
    check_network,
    describe,
    load_model,
    save_weights,
    shipped_models,
    weak_path,
    weights_path,
)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "a.safetensors"
    config = TrainConfig(network=NetworkConfig(width=16, num_classes=0))
    facts = DataFacts(vocabulary=Vocabulary(()), fingerprint="f00", title="made sprites")
    save_weights(path, Denoiser(config.network, config.prediction_type), config, 1, facts)
    return path


@pytest.mark.parametrize("kind", ["epsilon", "x0", "v"])
def test_weights_say_what_their_network_predicts(tmp_path: Path, kind: PredictionType) -> None:
    config = TrainConfig(network=NetworkConfig(width=16, num_classes=0), prediction_type=kind)
    facts = DataFacts(vocabulary=Vocabulary(()), fingerprint="f00", title="made sprites")
    path = tmp_path / "a.safetensors"
    save_weights(path, Denoiser(config.network, kind), config, 1, facts)
    assert load_model(path, "cpu").prediction_type == kind


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


def test_what_is_saved_is_loaded_also_in_half_precision(weights: Path, tmp_path: Path) -> None:
    config = TrainConfig(network=NetworkConfig(width=16, num_classes=0))
    torch.manual_seed(1)  # not the weights of the file
    denoiser = Denoiser(config.network, config.prediction_type)
    facts = DataFacts(vocabulary=Vocabulary(()), fingerprint="f00", title="made sprites")
    for half in (False, True):
        path = tmp_path / f"{half}.safetensors"
        save_weights(path, denoiser, config, 1, facts, half=half)
        stored, _ = load_tensors(path)
        loaded = load_model(path, "cpu").denoiser.state_dict()
        for name, tensor in denoiser.state_dict().items():
            wanted = tensor.half() if half and tensor.is_floating_point() else tensor
            assert torch.equal(stored[name], wanted)
            assert torch.equal(loaded[name], wanted.to(tensor.dtype)), name
    one, other = load_model(weights, "cpu"), load_model(tmp_path / "False.safetensors", "cpu")
    assert one.fingerprint == load_model(weights, "cpu").fingerprint != other.fingerprint
    assert one.key == "a, step 1, data f00"


def test_a_file_of_another_network_is_refused_before_it_takes_memory(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = TrainConfig(network=NetworkConfig(width=32, num_classes=0))
    check_network(weights, TrainConfig(network=NetworkConfig(width=16, num_classes=0)))
    with pytest.raises(FileError, match="not those of its network"):
        check_network(weights, wide)
    with pytest.raises(FileError, match="not those of its network"):
        load_model(stating(weights, tmp_path / "b.safetensors", config=wide.to_json()), "cpu")
    monkeypatch.setattr(checkpoint, "LARGEST_FILE", weights.stat().st_size)
    load_tensors(weights)
    monkeypatch.setattr(checkpoint, "LARGEST_FILE", weights.stat().st_size - 1)
    for read in (load_tensors, read_metadata):
        with pytest.raises(FileError, match="can be opened; use a smaller file"):
            read(weights)


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"config": None, "seconds": 3.0}, "is the training state of a run"),
        ({"config": None}, "weights, but not of a model that draws"),
        ({"count": -1}, "not an integer of 0 or more"),
        ({"dealt": True}, "not an integer of 0 or more"),
        ({"title": 7}, "is not text"),
        ({"class_names": ["a"]}, "class names do not fit its network"),
    ],
)
def test_what_is_no_model_is_refused_with_the_reason(
    weights: Path, tmp_path: Path, metadata: dict[str, object], said: str
) -> None:
    tensors, stated = load_tensors(weights)
    kept = {name: value for name, value in {**stated, **metadata}.items() if value is not None}
    save_tensors(tmp_path / "b.safetensors", tensors, kept)
    with pytest.raises(FileError, match=said):
        load_model(tmp_path / "b.safetensors", "cpu")


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="There is no file"):
        load_tensors(tmp_path / "b.safetensors")


def test_a_model_takes_its_own_size_and_no_more_steps_than_there_are(weights: Path) -> None:
    model = load_model(weights, "cpu")
    model.check_size((16, 16))
    with pytest.raises(ConfigError, match="8×16"):
        model.check_size((16, 8))
    assert (model.most_steps("ddim", 0.2), model.most_steps("ddim", 70.9)) == (1, 70)
    assert model.most_steps("student", model.timesteps) == SEGMENTS
    assert model.most_steps("student", 1) == 1


def test_no_prompts_and_no_sprites_are_numbers_too(weights: Path, tmp_path: Path) -> None:
    path = stating(weights, tmp_path / "b.safetensors", count=0, dealt=0, init={"title": "a"})
    data = describe(path).data
    assert (data.count, data.dealt, data.init) == (0, 0, Start("a", 0))


def test_credits_are_in_the_file(weights: Path, tmp_path: Path) -> None:
    assert describe(weights).data.credits == ()
    his = Credit("s", "w", "him", "CC0", "")
    path = stating(weights, tmp_path / "b.safetensors", credits=[his.to_json()])
    assert describe(path).data.credits == (his,)


def test_a_weak_version_is_that_of_the_same_training(weights: Path, tmp_path: Path) -> None:
    path = stating(weights, tmp_path / "b.safetensors")
    beside = weak_path(path)
    assert load_model(path, "cpu").weak is None
    stating(weights, beside)
    assert load_model(path, "cpu").weak is not None
    stating(weights, beside, fingerprint="of other sprites")
    assert load_model(path, "cpu").weak is None


def test_a_model_is_named_as_its_file_its_run_or_on_its_card(weights: Path, tmp_path: Path) -> None:
    assert load_model(weights, "cpu").title == "a"
    run = tmp_path / "my run"
    (run / "checkpoints").mkdir(parents=True)
    with pytest.raises(FileError, match="is not a run folder"):
        weights_path(run)
    (run / "run.json").write_text("{}")  # a run killed before its first checkpoint
    with pytest.raises(FileError, match="holds no checkpoint: continue its training"):
        weights_path(run)
    stating(weights, run / "checkpoints" / "step-0000001.safetensors")
    assert describe(run / "checkpoints" / "step-0000001.safetensors").title == "my run"
    shipped = shipped_models()
    assert [describe(each.path).title for each in shipped] == [each.title for each in shipped]
    assert all(each.title != each.path.stem for each in shipped)
    with pytest.raises(FileError, match=f"shipped models: {shipped[0].name}, "):
        weights_path(tmp_path / "none")


def test_a_file_is_found_without_reading_the_shipped_models(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading their long metadata takes longer than loading a small model."""
    read: list[Path] = []

    def noted(path: Path) -> dict[str, object]:
        read.append(path)
        return read_metadata(path)

    monkeypatch.setattr("sprite_lab.engine.models.model.read_metadata", noted)
    assert weights_path(weights) == weights
    assert read == []
    assert weights_path("builtin") == read[0]
    assert len(read) == 1


@pytest.mark.parametrize(
    ("value", "description", "said"),
    [
        (math.nan, "{}", "'w' holds numbers that are not finite"),
        (1.0, None, "it has no description"),
        (1.0, "[1]", "its description is not a JSON object"),
    ],
)
def test_files_of_other_programs_are_refused_with_the_reason(
    tmp_path: Path, value: float, description: str | None, said: str
) -> None:
    path = tmp_path / "c.safetensors"
    told = None if description is None else {"sprite_lab": description}
    safetensors.torch.save_file({"w": torch.tensor([value])}, path, told)
    with pytest.raises(FileError, match=said):
        load_tensors(path)
