"""The pictures of README, guide and AppStream exist in the right size, and no others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import picture_set as pictures
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
#: Made with the models, and also shown in the README.
MODELS = "resources/models/*/*.png"


def test_the_set_that_is_there_has_no_fault() -> None:
    assert list(pictures.faults(ROOT)) == []


def test_every_picture_of_appstream_is_wide_enough() -> None:
    """AppStream: 16:9, at least 1248x702."""
    width, height = pictures.WIDE
    assert width * 9 == height * 16
    assert width >= 1248
    assert height >= 702


@pytest.fixture
def a_copy(tmp_path: Path) -> Path:
    """The set and the files that show it, in a folder where it can be broken."""
    for pattern in (*pictures.SHOWN_IN, f"{pictures.GUIDE}/*", f"{pictures.FRONT}/*", MODELS):
        for file in ROOT.glob(pattern):
            copy = tmp_path / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    assert list(pictures.faults(tmp_path)) == []
    return tmp_path


def test_a_picture_that_is_gone_is_reported(a_copy: Path) -> None:
    (a_copy / pictures.GUIDE / "draw.png").unlink()
    (fault,) = pictures.faults(a_copy)
    assert "draw.png is missing" in fault


def test_a_picture_that_nobody_shows_is_reported(a_copy: Path) -> None:
    guide = a_copy / "resources/help/guide.md"
    guide.write_text(guide.read_text("utf-8").replace("images/draw.png", "elsewhere"), "utf-8")
    faults = " ".join(pictures.faults(a_copy))
    assert "images/draw.png is shown nowhere" in faults
    assert "elsewhere is shown in resources/help/guide.md, but is not there" in faults


def test_a_picture_that_is_not_of_the_set_is_reported(a_copy: Path) -> None:
    folder = a_copy / pictures.GUIDE
    (folder / "old.png").write_bytes((folder / "draw.png").read_bytes())
    (fault,) = pictures.faults(a_copy)
    assert "old.png is not of the set" in fault


def test_a_picture_of_another_size_is_reported(a_copy: Path) -> None:
    Image.new("RGB", (10, 10)).save(a_copy / pictures.GUIDE / "draw.png")
    (fault,) = pictures.faults(a_copy)
    assert "(10, 10)" in fault


def test_metainfo_and_whole_addresses_count_as_showing(tmp_path: Path) -> None:
    desktop = tmp_path / "resources/desktop"
    desktop.mkdir(parents=True)
    (desktop / "x.metainfo.xml").write_text(
        "<image type='source'>https://example.org/o/r/HEAD/packaging/pictures/see.png</image>"
    )
    (tmp_path / "README.md").write_text(
        "![one](https://example.org/o/r/HEAD/packaging/pictures/two.gif) ![](resources/a.png)"
    )
    assert pictures.shown(tmp_path) == {
        "packaging/pictures/see.png": {"resources/desktop/x.metainfo.xml"},
        "packaging/pictures/two.gif": {"README.md"},
        "resources/a.png": {"README.md"},
    }


def test_what_differs_is_reported_and_noise_is_not(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    page = np.full((400, 640, 3), 240, np.uint8)
    page[100:300, 200:400] = 60
    noisy = np.clip(page + rng.normal(0, 8, page.shape), 0, 255).astype(np.uint8)
    moved = np.roll(page, 48, axis=0)
    for name, array in (("page", page), ("noisy", noisy), ("moved", moved)):
        Image.fromarray(array).save(tmp_path / f"{name}.png")
    first = tmp_path / "page.png"
    assert not pictures.is_stale(pictures.difference(first, tmp_path / "noisy.png"))
    assert pictures.is_stale(pictures.difference(first, tmp_path / "moved.png"))
    Image.fromarray(page[:-1]).save(tmp_path / "smaller.png")
    assert pictures.difference(first, tmp_path / "smaller.png") == 1


def test_the_readme_says_how_its_animation_is_made() -> None:
    text = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert " ".join(("sprite-lab", *pictures.ANIMATION_ARGUMENTS)) in text
