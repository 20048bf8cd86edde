"""Models as weights with a card: read by safetensors' own reader, and reopened here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import safetensors
import torch

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import FileError
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.engine.models.model import load_model
from sprite_lab.engine.models.model_export import card_of, export_iter
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.training.trainer import train_iter
from tests.made import shortened

pytestmark = pytest.mark.usefixtures("few_threads")


@pytest.fixture(scope="module")
def run(sprites: SpriteSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three steps."""
    folder = tmp_path_factory.mktemp("runs") / "three"
    drain(train_iter(shortened("quick", 3), sprites, folder, RunControl()))
    return folder


def test_weights_of_a_run_come_with_their_card_and_draw_the_same(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.safetensors"
    written = drain(export_iter(run, out, RunControl()))
    assert written == (out, tmp_path / "mine.safetensors.md")
    card = written[1].read_text("utf-8")
    assert card.startswith("# three\n")
    for words in ("`sprite-lab sample --model mine.safetensors", "3 steps", "“made”", "`hero`, "):
        assert words in card
    assert "name them here" in card, "nobody said who drew these"
    with safetensors.safe_open(str(out), "np") as file:
        metadata = json.loads(file.metadata()["sprite_lab"])
        names = set(file.keys())
    assert metadata["card"] == card
    assert names == set(load_model(run, "cpu").denoiser.state_dict())

    drawn = [
        drain(sample_iter(load_model(ref, "cpu"), [SampleConfig(count=2, steps=2)], RunControl()))
        for ref in (run, out)
    ]
    np.testing.assert_array_equal(drawn[0].x0, drawn[1].x0)
    # An exported model keeps its card when exported again.
    assert card_of(out, "python draw.py") == card.replace(
        "sprite-lab sample --model mine.safetensors --out sprites.png", "python draw.py"
    )


def test_half_as_large_on_request(run: Path, tmp_path: Path) -> None:
    whole, half = tmp_path / "whole.safetensors", tmp_path / "half.safetensors"
    drain(export_iter(run, whole, RunControl()))
    drain(export_iter(run, half, RunControl(), half=True))
    assert half.stat().st_size < 0.6 * whole.stat().st_size
    with safetensors.safe_open(str(half), "pt") as file:
        assert {file.get_tensor(name).dtype for name in file.keys()} == {torch.float16}  # noqa: SIM118
    assert load_model(half, "cpu").step == 3


def test_a_shipped_model_keeps_the_card_it_came_with(tmp_path: Path) -> None:
    out = tmp_path / "real.safetensors"
    drain(export_iter("real", out, RunControl()))
    card = (tmp_path / "real.safetensors.md").read_text("utf-8")
    assert "“DawnLike 16x16” by DragonDePlatino" in card
    assert "--model real.safetensors " in card
    written, shipped = load_model(out, "cpu"), load_model("real", "cpu")
    assert written.data_fingerprint == shipped.data_fingerprint
    assert written.credits == shipped.credits
    # It includes the weak version, without which it would draw other sprites.
    config = SampleConfig(count=2, steps=2, words=("red", "slime"), precision="fp32")
    drawn = [drain(sample_iter(model, [config], RunControl())) for model in (written, shipped)]
    np.testing.assert_array_equal(drawn[0].x0, drawn[1].x0)
    assert "Lanea Zimmerman" in {c.author.partition(" (")[0] for c in written.credits}


def test_files_beside_it_are_not_overwritten_unasked(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.safetensors"
    beside = tmp_path / "x.safetensors.md"
    beside.write_text("my notes")
    with pytest.raises(FileError, match=r"x\.safetensors\.md.*would be lost"):
        drain(export_iter(run, out, RunControl()))
    assert beside.read_text() == "my notes"
    assert not out.exists()
    beside.unlink()
    for _ in range(2):  # the second replaces the first, including its card
        drain(export_iter(run, out, RunControl()))
    assert out.is_file()


def test_stopped_it_leaves_nothing(run: Path, tmp_path: Path) -> None:
    for name in ("x.safetensors", "x.onnx"):
        control = RunControl()
        control.cancel()
        assert drain(export_iter(run, tmp_path / name, control)) == ()
    assert not list(tmp_path.iterdir())


def test_another_ending_is_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"\.safetensors or \.onnx"):
        drain(export_iter(run, tmp_path / "x.pt", RunControl()))


def test_diffusers_loads_it_and_draws_the_same(run: Path, tmp_path: Path) -> None:
    diffusers = pytest.importorskip("diffusers")
    out = tmp_path / "mine.diffusers"
    assert drain(export_iter(run, out, RunControl())) == (out,)
    assert "# three" in (out / "README.md").read_text("utf-8")
    pipeline = diffusers.DiffusionPipeline.from_pretrained(str(out), trust_remote_code=True)
    asked = {"seed": 7, "classes": ("hero",), "words": ()}
    drawn = pipeline(batch_size=2, num_inference_steps=3, output_type="np", **asked).images
    config = SampleConfig(count=2, steps=3, **asked)
    model = load_model(run, "cpu")
    ours = drain(sample_iter(model, [config], RunControl(), record=False)).rgba()
    np.testing.assert_array_equal(drawn, ours)
    (picture,) = pipeline(num_inference_steps=2).images
    assert (picture.size, picture.mode) == ((16, 16), "RGBA")
    with pytest.raises(FileError, match="already exists"):
        drain(export_iter(run, out, RunControl()))
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
