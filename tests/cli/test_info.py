"""``sprite-lab info`` for everything it knows, and ``selftest``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sprite_lab.core.frame_tags import Tag
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.formats.aseprite.aseprite import write_aseprite
from sprite_lab.formats.images.png import write_png
from sprite_lab.formats.sets.trajectories import save_trajectory
from tests.cli.conftest import Command


def test_a_run(command: Command, small_run: Path) -> None:
    facts = command("info", small_run, "--json").json
    assert (facts["kind"], facts["step"], facts["checkpoints"]) == ("run", 12, [12])
    assert facts["class_names"] == ["hero", "creature", "food", "item", "side_facing"]
    assert facts["config"]["preset"] == "quick"
    assert facts["epsilon_error"] > 0


def test_the_example_run_has_records_and_no_weights(command: Command, tmp_path: Path) -> None:
    facts = command("info", "learned-by-heart", "--json").json
    assert (facts["kind"], facts["step"], facts["checkpoints"]) == ("run", 1500, [])
    assert facts["title"] == "Example: 50 sprites, learned by heart"
    assert facts["config"]["max_sprites"] == 50
    assert 1500 in facts["samples"]
    out = tmp_path / "example.gif"
    made = command("export", "learned-by-heart", "--kind", "training", "--out", out, "--json").json
    assert made["frames"] == len(facts["samples"])
    asked = command("sample", "--model", "learned-by-heart", "--out", tmp_path / "samples.png")
    assert "no run, weights file or shipped model" in asked.error


def test_weights(command: Command, small_run: Path) -> None:
    weights = small_run / "checkpoints" / "step-0000012.safetensors"
    facts = command("info", weights, "--json").json
    assert (facts["kind"], facts["step"]) == ("weights", 12)
    assert facts["bytes"] == weights.stat().st_size


def test_sprites(command: Command, sprites_file: Path) -> None:
    facts = command("info", sprites_file, "--json").json
    assert (facts["kind"], facts["count"], facts["size"]) == ("sprites", 80, [16, 16])
    assert facts["per_class"] == dict.fromkeys(facts["class_names"], 16)
    assert facts["has_alpha"]


def test_real_sprites(command: Command, shared_data: Path) -> None:
    facts = command("info", shared_data / "real_sprites.npz", "--json").json
    assert facts["count"] == 3093
    assert sum(facts["per_class"].values()) == 3093


def test_samples(command: Command, small_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.npz"
    command("sample", "--model", small_run, "--count", 2, "--steps", 2, "--out", out)
    facts = command("info", out, "--json").json
    assert (facts["kind"], facts["count"], facts["config"]["steps"]) == ("samples", 2, 2)


def test_a_trajectory(command: Command, tmp_path: Path) -> None:
    frames = np.zeros((2, 3, 16, 16, 3), np.float16)
    levels = np.array([500, 0], np.float32), np.array([-8, 20], np.float32)
    save_trajectory(tmp_path / "t.npz", Trajectory("forward", *levels, frames, frames.copy()))
    facts = command("info", tmp_path / "t.npz", "--json").json
    assert (facts["kind"], facts["process"]) == ("trajectory", "forward")
    assert (facts["frames"], facts["count"], facts["t"]) == (2, 3, [500.0, 0.0])
    assert facts["config"] is None


def test_somebody_elses_picture(command: Command, tmp_path: Path) -> None:
    write_png(tmp_path / "p.png", np.zeros((4, 6, 3), np.uint8))
    facts = command("info", tmp_path / "p.png", "--json").json
    assert (facts["kind"], facts["width"], facts["height"]) == ("picture", 6, 4)
    assert facts["config"] is None


def test_words_for_people(command: Command, sprites_file: Path) -> None:
    done = command("info", sprites_file)
    assert done.code == 0
    assert "hero 16" in done.out


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.npz", None),
        ("torn.npz", b"PK\x03\x04"),
        ("torn.npy", b"\x93NUMPY\x01\x00"),
        ("torn.png", b"\x89PNG\r\n\x1a\n"),
        ("torn.gif", b"GIF89a"),
        ("torn.safetensors", b"\xff" * 64),
        ("torn.spritelab", b"PK"),
        ("letter.txt", b"Dear Sir"),
    ],
)
def test_what_cannot_be_described(
    command: Command, tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = command("info", tmp_path / name)
    assert done.code == 1
    assert name.partition(".")[0] in done.error


def test_a_folder_of_pictures_is_no_run(command: Command, tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", np.zeros((16, 16, 4), np.uint8))
    done = command("info", tmp_path)
    assert done.code == 1
    assert "is not a run folder: choose the folder of a training run." in done.error


def test_shipped_models(command: Command) -> None:
    models = command("info", "--models", "--json").json
    assert isinstance(models, list)
    assert all({"name", "data", "student"} <= set(model) for model in models)
    found = {model["name"]: (model["data"], model["student"]) for model in models}
    assert found["builtin"] == ("builtin", None)
    assert found["builtin-student"] == ("builtin", "Built-in sprites")
    assert found["real-student"] == ("Drawn sprites", "Real sprites")
    assert command("info", "--models").out


def test_a_shipped_model_by_its_name(command: Command) -> None:
    models = command("info", "--models", "--json").json
    if not models:
        pytest.skip("this version ships no models")
    facts = command("info", models[0]["name"], "--json").json
    assert (facts["kind"], facts["title"]) == ("weights", models[0]["title"])


def test_a_name_that_nothing_has(command: Command) -> None:
    done = command("info", "nobody")
    assert done.code == 1
    assert "'nobody'" in done.error
    assert "There is no" in command("info", "n" * 300).error, "no system allows such a name"


def test_selftest(command: Command) -> None:
    done = command("selftest", "--json")
    assert done.code == 0, done.err
    assert done.json["ok"] is True
    assert any("20 steps" in check for check in done.json["checks"])
    assert any("GIF" in check for check in done.json["checks"])


def test_an_aseprite_file(command: Command, tmp_path: Path) -> None:
    for name in ("walk.aseprite", "walk.ase"):
        path = tmp_path / name
        write_aseprite(
            path, np.full((3, 8, 16, 4), 255, np.uint8), [100] * 3, (), [Tag("go", 0, 2)]
        )
        facts = command("info", path, "--json").json
        assert (facts["kind"], facts["frames"]) == ("aseprite", 3)
        assert (facts["width"], facts["height"]) == (16, 8)
        assert facts["tags"] == ["go"]
