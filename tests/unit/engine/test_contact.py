"""Contact sheets: one setting varies, everything else, including the noise, is the same."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFont

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config_text import KEY, config_from_text
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.results.contact_sheet import ContactSheet, offered, title_of, values_of, varied
from sprite_lab.core.run import RunControl, drain
from sprite_lab.engine.models.model import Model, load_model
from sprite_lab.engine.sampling.contact import contact_iter
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.formats.images.contact_png import _fitting, contact_png

BASE = SampleConfig(count=2, seed=5, steps=2, classes=("food",), precision="fp32")


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("builtin-student", "cpu")


def test_values_are_read_as_people_write_them() -> None:
    assert values_of(" 1, 2,,2 , red slime ") == ("1", "2", "red slime")
    labels = [label for label, _ in varied(BASE, "sampler", ("ddim", "heun"))]
    assert labels == ["DDIM", "Heun"]
    ((_, words),) = varied(BASE, "words", ("red slime",))
    assert words.words == ("red", "slime")
    ((label, cold),) = varied(BASE, "classes", ("side_facing",))
    assert (label, cold.classes) == ("side facing", ("side_facing",))


@pytest.mark.parametrize(
    ("setting", "values", "sentence"),
    [
        ("mood", ("1",), "cannot be varied: choose one of steps"),
        ("steps", (), "Give 1 to 24 values"),
        ("steps", tuple(map(str, range(1, 30))), "Give 1 to 24 values"),
        ("steps", ("many",), "“many” is not a number"),
        ("steps", ("0",), "'steps' is 0, but must be"),
        ("guidance_scale", ("nan",), "'guidance_scale' is nan"),
        ("sampler", ("eular",), "'sampler' is 'eular'"),
    ],
)
def test_what_cannot_be_varied_is_a_sentence(
    setting: str, values: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(ConfigError, match=sentence):
        varied(BASE, setting, values)


def test_few_steps_visibly_differ_by_their_spacing() -> None:
    """From the same noise, with a model that was trained with one of these schedules."""
    values = values_of(offered("spacing", student=False, classes=(), words=()))
    assert values == ("shape", "linear", "cosine", "karras")
    config = SampleConfig(count=2, seed=0, steps=6, colors=0)
    builtin = load_model("builtin", "cpu")
    sheet = drain(contact_iter(builtin, config, "spacing", values, RunControl()))
    assert sheet is not None
    assert sheet.columns == ("Sprite Lab", "Linear", "Cosine", "Karras")
    usual, *others = sheet.images[..., :3].astype(int)
    for other in others:  # by more than 20 of 255 (root mean square) in some sprite
        assert np.sqrt(((other - usual) ** 2).mean(axis=(1, 2, 3))).max() > 20


def test_a_student_knows_only_its_own_levels(model: Model) -> None:
    for asked in ("shape", "karras"):
        lane = drain(sample_iter(model, [replace(BASE, spacing=asked)], RunControl()))
        assert lane.config is not None
        assert lane.config.spacing == "shape"


def test_a_value_has_at_most_so_many_sprites() -> None:
    assert len(varied(replace(BASE, count=16), "steps", ("1",))) == 1
    with pytest.raises(ConfigError, match="has at most 16 sprites per value"):
        varied(replace(BASE, count=17), "steps", ("1",))


def test_each_column_is_what_would_be_drawn_alone(model: Model) -> None:
    run = contact_iter(model, BASE, "steps", ("1", "3"), RunControl(), title="My run")
    sheet = drain(run)
    assert sheet is not None
    assert sheet.columns == ("1", "3")
    assert sheet.images.shape[:2] == (2, 2)
    for column, steps in enumerate((1, 3)):
        alone = drain(
            sample_iter(model, [BASE.having({"steps": steps})], RunControl(), record=False)
        )
        np.testing.assert_array_equal(sheet.images[column], alone.rgba())
    assert (sheet.images[0] != sheet.images[1]).any()
    first, second = sheet.title.split("\n")
    assert first == "Steps varied; each row is one noise"
    assert second == "My run: class food, Student, guidance 2, seed 5"
    along = replace(BASE, sampler="ddim", spacing="karras")
    assert ", Step spacing: Karras, " in title_of(along, "steps", "model")


def test_what_the_model_does_not_know_is_reported_before_anything_is_drawn(model: Model) -> None:
    run = contact_iter(model, BASE, "classes", ("food", "dragon"), RunControl())
    with pytest.raises(ConfigError, match="dragon"):
        drain(run)
    with pytest.raises(ConfigError, match="Only a training run has checkpoints"):
        drain(contact_iter(model, BASE, "checkpoint", (), RunControl()))


def test_stopped_there_is_no_sheet(model: Model) -> None:
    control = RunControl()
    run = contact_iter(model, BASE, "steps", ("1", "2"), control)
    next(run)
    control.stop()
    assert drain(run) is None


def test_what_is_offered_fits_the_model() -> None:
    known = {"classes": ("hero", "food"), "words": ("red",)}
    for setting in ("steps", "guidance_scale", "sampler", "spacing", "classes", "words"):
        for student in (True, False):
            values = values_of(offered(setting, student=student, **known))
            assert len(varied(BASE, setting, values)) == len(values)
    assert offered("spacing", student=True, **known) == "shape", "all its columns would be alike"


def test_the_picture_has_room_for_long_labels_and_carries_its_settings() -> None:
    images = np.zeros((3, 2, 16, 16, 4), np.uint8)
    images[1, 1] = 255, 0, 0, 255
    labels = ("1", "a very long value that goes on", "Unbreakableunbreakableunbreakable")
    sheet = ContactSheet("A title\nand more", labels, images, BASE, "Ann: CC-BY")
    png = contact_png(sheet)
    with Image.open(io.BytesIO(png)) as image:
        assert config_from_text(image.info[KEY]) == BASE
        assert image.info["Attribution"] == "Ann: CC-BY"
    with Image.open(io.BytesIO(contact_png(replace(sheet, attribution="")))) as image:
        assert "Attribution" not in image.info
        pixels = np.array(image)
    red = np.argwhere((pixels == (255, 0, 0)).all(axis=2))
    assert len(red) == 96 * 96
    assert (red[:, 1] >= 16 + 96).all()
    assert (pixels[:, -8:] == 255).all(), "nothing lies in the margin"


def test_a_long_title_is_no_wider_than_the_sprites() -> None:
    """The window once scrolled sideways because of a margin beside seven columns."""
    images = np.zeros((7, 1, 16, 16, 4), np.uint8)
    title = "Varied: steps; each row is one noise\n" + ", ".join(["a setting"] * 20)
    sheet = ContactSheet(title, tuple("1234567"), images, BASE, "")
    with Image.open(io.BytesIO(contact_png(sheet))) as image:
        assert image.width == 2 * 16 + 7 * (96 + 8) - 8


def test_checkpoints_of_a_run_are_columns(model: Model, tmp_path: Path) -> None:
    import shutil

    from sprite_lab.engine.models.model import weights_path

    weights = weights_path("builtin-student")
    (tmp_path / "run.json").write_text("{}")
    for folder, step in (("checkpoints", 20), ("early", 3)):
        (tmp_path / folder).mkdir()
        shutil.copy(weights, tmp_path / folder / f"step-{step:07d}.safetensors")
    found = drain(contact_iter(model, BASE, "checkpoint", (), RunControl(), run=tmp_path))
    assert found is not None
    assert found.columns == ("3", "20")
    np.testing.assert_array_equal(found.images[0], found.images[1])
    going = contact_iter(model, BASE, "checkpoint", (), RunControl(), run=tmp_path)
    next(going)
    # as a training run may do meanwhile
    (tmp_path / "checkpoints" / "step-0000020.safetensors").unlink()
    fewer = drain(going)
    assert fewer is not None
    assert fewer.columns == ("3",)
    assert len(fewer.images) == 1
    with pytest.raises(ConfigError, match="no checkpoint of step 7; it has 3"):
        drain(contact_iter(model, BASE, "checkpoint", ("7",), RunControl(), run=tmp_path))


def test_every_sprite_is_in_its_column_and_row_with_a_margin_around() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (3, 2, 16, 16, 4), np.uint8)
    images[..., 3] = 255
    sheet = ContactSheet("Steps", ("1", "2", "12"), images, BASE, "")
    with Image.open(io.BytesIO(contact_png(sheet))) as image:
        pixels = np.array(image)
    cell, pitch, margin = 96, 96 + 8, 16
    top = len(pixels) - margin - pitch - cell
    assert pixels.shape[1] == 2 * margin + 3 * pitch - 8
    for column in range(3):
        for row in range(2):
            x, y = margin + column * pitch, top + row * pitch
            shown = pixels[y : y + cell : 6, x : x + cell : 6]
            np.testing.assert_array_equal(shown, images[column, row, ..., :3])
    heads = pixels[: top - 4] < 128
    assert heads.any(axis=2)[-22:].any(), "labels right above the sprites"


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        ("two words", ["two words"]),
        ("some more words", ["some more", "words"]),
        ("even more words than two lines can hold", ["even more", "words th…"]),
        ("", [""]),
    ],
)
def test_a_label_has_two_lines_of_whole_words(label: str, lines: list[str]) -> None:
    font = ImageFont.load_default(16)
    assert _fitting(label, font, 82) == lines
