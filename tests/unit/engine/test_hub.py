"""Models shared with the hub's own client and a stand-in server, and fetched again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sprite_lab import extras
from sprite_lab.core.config import SampleConfig, ShareConfig
from sprite_lab.core.errors import ConfigError, FileError
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.engine.models.hub import hub_errors, pull_iter, push_iter
from sprite_lab.engine.models.model import load_model
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.training.trainer import train_iter
from tests.hub_stand_in import TOKEN, Hub, hub_for
from tests.made import shortened

pytest.importorskip("huggingface_hub")
pytestmark = pytest.mark.usefixtures("few_threads")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    with hub_for(monkeypatch, tmp_path) as running:
        yield running


def share(name: str, *, private: bool = False, token: str = TOKEN) -> ShareConfig:
    return ShareConfig(name, private, token)


def trained(sprites: SpriteSet, folder: Path, preset: str) -> Path:
    drain(train_iter(shortened(preset, 2), sprites, folder, RunControl()))
    return folder


def test_what_is_shared_comes_back_and_draws_the_same(
    sprites: SpriteSet, tmp_path: Path, hub: Hub
) -> None:
    run = trained(sprites, tmp_path / "mine", "quick")
    address = drain(push_iter(run, share("ada/heroes"), RunControl()))
    assert address == f"{hub.address}/ada/heroes"
    files = hub.files["ada/heroes"]
    assert {"model.safetensors", "README.md", "samples.png", "index.html"} == files.keys()
    card = files["README.md"].decode()
    assert card.startswith("---\nlibrary_name: sprite-lab\n")
    for words in ("`sprite-lab pull ada/heroes`", "![Samples](samples.png)", "training loss: "):
        assert words in card
    assert files["samples.png"].startswith(b"\x89PNG")
    assert b"<html" in files["index.html"]
    assert files["model.safetensors"] in hub.large.values(), "sent as a large file"

    drain(push_iter(run, share("ada/heroes"), RunControl()))  # a new version
    weights = drain(pull_iter(share("ada/heroes", token=""), tmp_path / "theirs", RunControl()))
    assert weights == tmp_path / "theirs" / "heroes.safetensors"
    config = SampleConfig(count=2, steps=2, classes=("hero",))
    drawn = [
        drain(sample_iter(load_model(ref, "cpu"), [config], RunControl())) for ref in (run, weights)
    ]
    np.testing.assert_array_equal(drawn[0].x0, drawn[1].x0)
    with pytest.raises(FileError, match="already exists"):
        drain(pull_iter(share("ada/heroes", token=""), tmp_path / "theirs", RunControl()))


def test_a_network_of_diffusers_is_shared_as_its_pipeline(
    sprites: SpriteSet, tmp_path: Path, hub: Hub
) -> None:
    diffusers = pytest.importorskip("diffusers")
    run = trained(sprites, tmp_path / "plain", "diffusers")
    drain(push_iter(run, share("ada/plain", private=True), RunControl()))
    assert hub.private == {"ada/plain"}
    with pytest.raises(FileError, match="log in"):
        drain(pull_iter(share("ada/plain", token=""), tmp_path / "theirs", RunControl()))
    pulled = drain(pull_iter(share("ada/plain"), tmp_path / "theirs", RunControl()))
    assert load_model(pulled, "cpu").denoiser.config.name == "unet2d"
    there = tmp_path / "there"
    for name, data in hub.files["ada/plain"].items():
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        (there / name).write_bytes(data)
    assert diffusers.DDPMPipeline.from_pretrained(str(there)).unet.config.in_channels == 3


@pytest.mark.parametrize("said", ["No network", "No network.", "No network.\nTry again."])
def test_what_a_server_says_ends_in_one_full_stop(said: str) -> None:
    told = pytest.raises(FileError, match=r"^The hub refused 'ada/x': No network\.$")
    with told, hub_errors("ada/x"):
        raise OSError(said)


def test_what_cannot_be_says_why(tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    control = RunControl()
    with pytest.raises(ConfigError, match="write it as OWNER/NAME"):
        share("heroes")
    with pytest.raises(FileError, match="there is no such model"):
        drain(pull_iter(share("ada/nothing", token=""), tmp_path / "x", control))
    hub.files["ada/other"] = {"pytorch_model.bin": b"pickle"}
    with pytest.raises(FileError, match="not a Sprite Lab model"):
        drain(pull_iter(share("ada/other", token=""), tmp_path / "x", control))
    hub.files["ada/evil"] = {"model.safetensors": b"\x80\x02 not weights"}
    with pytest.raises(FileError, match=r"evil\.safetensors"):
        drain(pull_iter(share("ada/evil", token=""), tmp_path / "x", control))
    assert not list(tmp_path.glob("*x*"))
    stopped = RunControl()
    stopped.stop()
    assert drain(push_iter("builtin-student", share("ada/student"), stopped)) == ""
    assert "ada/student" not in hub.files
    monkeypatch.setattr(extras, "is_installed", lambda module: False)
    with pytest.raises(FileError, match=r"sprite-lab\[hub\]"):
        drain(push_iter("builtin-student", share("ada/student"), control))
