"""The settings of a sample as options: their effects, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sprite_lab.cli.sampling import Asked
from sprite_lab.core.config import SampleConfig
from sprite_lab.formats.images.png import write_png
from sprite_lab.formats.metadata import read_config
from tests.cli.conftest import Command

RED = np.full((16, 16, 4), [200, 0, 0, 255], np.uint8)


@pytest.fixture
def drawn(command: Command, small_run: Path, tmp_path: Path):  # type: ignore[no-untyped-def]
    """Draw with some options; returns the configuration stored in the sheet."""

    def run(*options: object) -> SampleConfig:
        out = tmp_path / "s.png"
        arguments = ("--model", small_run, "--count", 2, "--steps", 2, *options, "--out", out)
        done = command("sample", *arguments)
        assert done.code == 0, done.err
        config = read_config(out)
        assert config is not None
        return config

    return run


def test_each_option_is_a_setting(drawn) -> None:  # type: ignore[no-untyped-def]
    config = drawn(
        *("--sampler", "heun", "--churn", 3, "--visits", 2, "--eta", 0.5, "--variance", "beta"),
        *("--class-mix", "hero=0.5, food=0.25", "--negative", "item"),
        *("--guidance", 3, "--guidance-interval", "50,300", "--precision", "fp32"),
        *("--colors", 6, "--symmetric", "--tile"),
    )
    assert config == SampleConfig(
        count=2,
        steps=2,
        sampler="heun",
        churn=3.0,
        visits=2,
        eta=0.5,
        variance="beta",
        class_mix=(("hero", 0.5), ("food", 0.25)),
        negative_class="item",
        guidance_scale=3.0,
        guidance_interval=(50.0, 300.0),
        precision="fp32",
        colors=6,
        symmetric=True,
        tile=True,
        autoguidance=0.0,  # there is no weak version
    )


def test_a_drawing_a_strength_and_a_palette_from_files(drawn, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    strength = np.zeros((16, 16), np.uint8)
    strength[:, 8:] = 255
    write_png(tmp_path / "drawing.png", RED)
    write_png(tmp_path / "strength.png", strength)
    (tmp_path / "two.hex").write_text("c80000\n0000ff\n")
    config = drawn(
        *("--drawing", tmp_path / "drawing.png", "--start-t", 300),
        *("--redraw", tmp_path / "strength.png", "--palette", tmp_path / "two.hex"),
    )
    assert config.drawing == RED.tobytes()
    assert config.redraw_strength == strength.tobytes()
    assert config.start_t == 300
    assert config.palette == bytes([200, 0, 0, 0, 0, 255])


def test_classes_take_the_place_of_a_files_mix(drawn, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    from sprite_lab.core import strict_json

    file = tmp_path / "c.json"
    mixed = SampleConfig(class_mix=(("hero", 1.0),), symmetric=True)
    file.write_text(strict_json.dumps(mixed.to_json()))
    config = drawn("--config", file, "--classes", "food", "--asymmetric")
    assert (config.classes, config.class_mix, config.symmetric) == (("food",), (), False)
    file.write_text(strict_json.dumps(SampleConfig(classes=("hero",)).to_json()))
    config = drawn("--config", file, "--class-mix", "food=1")
    assert (config.classes, config.class_mix) == ((), (("food", 1.0),))


def test_classes_may_be_spelled_as_the_window_shows_them() -> None:
    asked = Asked(
        SampleConfig(classes=("side facing", "Hero", "hero"), negative_class="No Such")
    ).configs(("hero", "side_facing"))
    assert asked[0].classes == ("side_facing", "hero", "hero")
    assert asked[0].negative_class == "No Such", "the model says that it does not know it"
    mixed = Asked(SampleConfig(class_mix=(("side facing", 0.5),))).configs(("side_facing",))
    assert mixed[0].class_mix == (("side_facing", 0.5),)
    # If a model distinguishes them, so does the command.
    both = Asked(SampleConfig(classes=("a b",))).configs(("a_b", "a b"))
    assert both[0].classes == ("a b",)


@pytest.mark.parametrize(
    "options",
    [
        ["--class-mix", "hero"],
        ["--class-mix", "hero=nan"],
        ["--guidance-interval", "50,"],
        ["--class-mix", "hero=0.5", "--classes", "food"],
        ["--guidance-interval", "50"],
        ["--guidance-interval", "300,50"],
        ["--colors", "1"],
        ["--start-t", "20"],
        ["--keep-alpha"],
        ["--precision", "fp8"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("name", ["sample", "trajectory"])
def test_wrong_usage_is_one_line_and_code_2(
    command: Command, name: str, options: list[str], tmp_path: Path
) -> None:
    done = command(name, "--model", "x", "--out", tmp_path / "x.npz", *options)
    assert done.code == 2
    assert done.error


def test_files_that_cannot_be_used_are_one_line_and_code_1(
    command: Command, tmp_path: Path
) -> None:
    write_png(tmp_path / "wide.png", RED[:8])
    for options, says in (
        (["--drawing", tmp_path / "wide.png"], "square"),
        (["--drawing", tmp_path / "none.png"], "no file"),
        (["--palette", tmp_path / "none.hex"], "no file"),
    ):
        done = command("sample", "--model", "x", "--out", tmp_path / "x.npz", *options)
        assert done.code == 1
        assert says in done.error


def test_a_missing_number_is_reported(command: Command, tmp_path: Path) -> None:
    done = command("sample", "--model", "x", "--out", tmp_path / "x.npz", "--class-mix", "food")
    assert "a number is missing: write --class-mix" in done.error
