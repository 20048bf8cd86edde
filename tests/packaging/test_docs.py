"""Documents are current: links work, named modules exist, the picture is up to date."""

from __future__ import annotations

import re
from glob import glob
from pathlib import Path

import architecture_picture
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *ROOT.glob("*.md"),
    *ROOT.glob(".github/**/*.md"),
    *ROOT.glob("docs/*.md"),
    *ROOT.glob("changes/README.md"),
    *ROOT.glob("packaging/**/*.md"),
    *ROOT.glob("tests/**/*.md"),
]
GUIDES = [ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]


def anchors(page: Path) -> set[str]:
    """The names of a page's headings in links."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_within_the_checkout_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file), target


def test_the_readme_starts_without_a_release() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    picture, app, test = (
        readme.index(text) for text in ("![", "bootstrap.py app", "bootstrap.py test")
    )
    first_of_a_release = readme.index("## Install a release")
    assert picture < app < test < first_of_a_release
    assert "sprite-lab/releases" not in readme


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_modules_and_folders_that_guides_name_are_there(page: Path) -> None:
    named = set(re.findall(r"`(\w[\w.-]*/[\w./*-]+)`", page.read_text("utf-8")))
    for name in named - {"sprite_lab/_version.py"}:  # made at installation
        name = re.sub(r"\b(NAME|TOPIC)\b", "*", name)
        places = (ROOT / name, ROOT / "sprite_lab" / name, ROOT / "sprite_lab" / f"{name}.py")
        assert any(glob(str(place)) for place in places), name


def test_the_architecture_names_every_part() -> None:
    text = (ROOT / "docs/ARCHITECTURE.md").read_text("utf-8")
    packages = {path.parent.name for path in (ROOT / "sprite_lab").glob("*/__init__.py")}
    assert {name for name in packages - {"resources"} if f"| `{name}` |" not in text} == set()


def test_documents_say_how_much_training_a_crash_costs() -> None:
    trainer = (ROOT / "sprite_lab/engine/training/trainer.py").read_text("utf-8")
    (seconds,) = re.findall(r"^SAVE_EVERY = (\d+)", trainer, re.MULTILINE)
    said = {
        "README.md": [f"{seconds} seconds of training and a step", f"{seconds} seconds and a step"],
        "docs/DESIGN.md": [f"at most {seconds} s and that step"],
        "resources/help/guide.md": [f"at least every {seconds} seconds"],
    }
    for page, sentences in said.items():
        text = (ROOT / page).read_text("utf-8")
        assert [sentence for sentence in sentences if sentence not in text] == [], page


def test_the_picture_of_the_imports_is_current() -> None:
    assert architecture_picture.draw() == architecture_picture.PICTURE.read_text("utf-8"), (
        "run python packaging/architecture_picture.py"
    )
