"""Fragments become a section of the changelog, and sections become release notes."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import changelog
import pytest

ROOT = Path(__file__).resolve().parents[2]
KINDS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["towncrier"]["fragment"]

TWO = """# Changelog

## [1.1.0] - 2026-03-01

### Added
- A `thing` that is told
  on two lines, see [help](help.md).

### Fixed
- Another.

## [Unreleased]: 1.0.0

### Added
- All.
"""


class TestSections:
    def test_newest_first_with_their_dates(self) -> None:
        found = [(release.version, release.date) for release in changelog.releases(TWO)]
        assert found == [("1.1.0", "2026-03-01"), ("1.0.0", None)]

    def test_one_is_found_without_its_heading(self) -> None:
        text = changelog.section("1.1.0", TWO)
        assert text.startswith("### Added\n- A `thing`")
        assert text.endswith("- Another.")

    def test_a_development_version_is_told_as_what_it_leads_to(self) -> None:
        assert changelog.section("1.0.0.dev7+g1234567", TWO) == "### Added\n- All."

    def test_an_unknown_one_says_what_to_do(self) -> None:
        with pytest.raises(LookupError, match=r"towncrier build --version 3\.0\.0"):
            changelog.section("3.0.0", TWO)

    def test_points_are_lines_of_plain_words(self) -> None:
        assert changelog.items(changelog.section("1.1.0", TWO)) == [
            "A thing that is told on two lines, see help.",
            "Another.",
        ]

    def test_our_own_is_read(self) -> None:
        assert changelog.releases()
        assert all(changelog.items(release.text) for release in changelog.releases())


def test_every_fragment_has_a_kind_that_there_is() -> None:
    fragments = [path for path in (ROOT / "changes").glob("*.md") if path.name != "README.md"]
    for path in fragments:
        name, kind, *count = path.name.removesuffix(".md").split(".")
        assert name
        assert kind in KINDS, f"{path.name}: one of {', '.join(KINDS)}"
        assert all(part.isdigit() for part in count), path.name


class TestGathering:
    @pytest.fixture
    def tree(self, tmp_path: Path) -> Path:
        pytest.importorskip("towncrier", reason="needs the extra [dev]")
        shutil.copy(ROOT / "pyproject.toml", tmp_path)
        shutil.copy(ROOT / "CHANGELOG.md", tmp_path)
        (tmp_path / "changes").mkdir()
        for name in ("README.md", "template.md.jinja"):
            shutil.copy(ROOT / "changes" / name, tmp_path / "changes")
        return tmp_path

    def gather(self, tree: Path, version: str) -> str:
        command = [sys.executable, "-m", "towncrier", "build", "--yes", "--version", version]
        done = subprocess.run(
            [*command, "--date", "2030-01-02"], cwd=tree, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return (tree / "CHANGELOG.md").read_text("utf-8")

    def test_fragments_become_the_newest_section(self, tree: Path) -> None:
        before = changelog.releases((tree / "CHANGELOG.md").read_text("utf-8"))
        (tree / "changes/one.added.md").write_text("One thing\non two lines.\n")
        (tree / "changes/two.added.md").write_text("Two.\n")
        (tree / "changes/two.fixed.md").write_text("Mended.\n")
        newest, *rest = changelog.releases(self.gather(tree, "9.0.0"))
        assert newest == (
            "9.0.0",
            "2030-01-02",
            "### Added\n- One thing\n  on two lines.\n- Two.\n\n### Fixed\n- Mended.",
        )
        assert rest == before
        names = sorted(path.name for path in (tree / "changes").iterdir())
        assert names == ["README.md", "template.md.jinja"]

    def test_a_name_may_have_several_of_a_kind(self, tree: Path) -> None:
        (tree / "changes/one.fixed.md").write_text("Mended.\n")
        (tree / "changes/one.fixed.1.md").write_text("Mended, too.\n")
        text = changelog.section("9.0.0", self.gather(tree, "9.0.0"))
        assert set(changelog.items(text)) == {"Mended.", "Mended, too."}

    def test_a_release_after_it_is_above(self, tree: Path) -> None:
        self.gather(tree, "9.0.0")
        text = self.gather(tree, "9.0.1")
        assert [release.version for release in changelog.releases(text)][:2] == ["9.0.1", "9.0.0"]
        assert changelog.section("9.0.1", text) == "Nothing that users would notice."
