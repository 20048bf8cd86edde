"""The version: the git tag, and its substitute without one."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import sprite_lab

ROOT = Path(__file__).resolve().parents[2]
FALLBACK = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["version"][
    "fallback-version"
]


def run(folder: Path, *command: str) -> str:
    """Run a command there, without this repository's git; returns its output."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_one_that_pip_can_order() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+(\+[a-z0-9.]+)?)?", sprite_lab.__version__)


def test_a_bare_folder_has_the_fallback(tmp_path: Path) -> None:
    (tmp_path / "sprite_lab").mkdir()
    shutil.copy(ROOT / "sprite_lab/__init__.py", tmp_path / "sprite_lab")
    code = "import sprite_lab; print(sprite_lab.__version__)"
    assert run(tmp_path, sys.executable, "-c", code).strip() == FALLBACK


class TestBuilding:
    """A small tree with our pyproject.toml; check_wheel.py tests the wheel's contents."""

    @pytest.fixture
    def tree(self, tmp_path: Path) -> Path:
        pytest.importorskip("hatch_vcs", reason="needs the extra [dev]")
        tree = tmp_path / "tree"
        (tree / "sprite_lab").mkdir(parents=True)
        (tree / "resources").mkdir()
        (tree / "resources/theme.qss").write_text("")
        for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore", ".gitattributes"):
            shutil.copy(ROOT / name, tree)
        shutil.copy(ROOT / ".git_archival.txt", tree)
        shutil.copy(ROOT / "sprite_lab/__init__.py", tree / "sprite_lab")
        return tree

    @pytest.fixture
    def repository(self, tree: Path) -> Path:
        if not shutil.which("git"):
            pytest.skip("needs git")
        self.git(tree, "init", "--quiet")
        self.git(tree, "add", "--all")
        self.commit(tree)
        return tree

    def git(self, folder: Path, *arguments: str) -> str:
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        return run(folder, "git", *who, *arguments)

    def commit(self, folder: Path) -> None:
        self.git(folder, "commit", "--quiet", "--allow-empty", "--message", "Changes")

    def build(self, folder: Path, target: str = "wheel") -> Path:
        """Build the folder with hatchling."""
        out = folder / "dist"
        shutil.rmtree(out, ignore_errors=True)
        run(folder, sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out))
        (built,) = out.iterdir()
        return built

    def version(self, wheel: Path) -> str:
        """As stated by the wheel's name, its metadata and its code."""
        with zipfile.ZipFile(wheel) as archive:
            (metadata,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
            said = re.search(r"^Version: (.+)$", archive.read(metadata).decode(), re.MULTILINE)
            written = re.search(
                r'^__version__ = "(.+)"$',
                archive.read("sprite_lab/_version.py").decode(),
                re.MULTILINE,
            )
        assert said
        assert written
        assert said[1] == written[1] == wheel.name.split("-")[1]
        return said[1]

    def test_a_tag_is_the_version(self, repository: Path) -> None:
        self.git(repository, "tag", "v1.2.3")
        assert self.version(self.build(repository)) == "1.2.3"
        assert self.git(repository, "status", "--porcelain") == ""

    def test_after_a_tag_comes_a_development_version(self, repository: Path) -> None:
        self.git(repository, "tag", "v1.2.3")
        self.commit(repository)
        assert re.fullmatch(r"1\.2\.4\.dev1\+g\w+", self.version(self.build(repository)))

    def test_without_a_tag_it_is_the_first_version_to_come(self, repository: Path) -> None:
        assert re.fullmatch(r"0\.1\.0\.dev1\+g\w+", self.version(self.build(repository)))

    def test_a_shallow_clone_builds(self, repository: Path, tmp_path: Path) -> None:
        self.git(repository, "tag", "v1.2.3")
        self.commit(repository)
        self.commit(repository)
        clone = tmp_path / "clone"
        self.git(tmp_path, "clone", "--quiet", "--depth=1", repository.as_uri(), str(clone))
        assert ".dev" in self.version(self.build(clone))

    def test_without_git_it_is_the_fallback(self, tree: Path) -> None:
        assert self.version(self.build(tree)) == FALLBACK

    @pytest.mark.parametrize("commits", [0, 2])
    def test_a_source_archive_knows_its_tag(
        self, repository: Path, tmp_path: Path, commits: int
    ) -> None:
        self.git(repository, "tag", "v1.2.3")
        for _ in range(commits):
            self.commit(repository)
        self.git(repository, "archive", "--output", str(tmp_path / "a.tar"), "HEAD")
        archive = tmp_path / "archive"
        with tarfile.open(tmp_path / "a.tar") as tar:
            tar.extractall(archive, filter="data")
        expected = r"1\.2\.4\.dev2\+g\w+" if commits else r"1\.2\.3"
        assert re.fullmatch(expected, self.version(self.build(archive)))

    def test_the_sdist_builds_the_same_wheel(self, repository: Path, tmp_path: Path) -> None:
        self.git(repository, "tag", "v1.2.3")
        here = self.build(repository).read_bytes()
        with tarfile.open(self.build(repository, "sdist")) as tar:
            tar.extractall(tmp_path, filter="data")
        wheel = self.build(tmp_path / "sprite_lab-1.2.3")
        assert self.version(wheel) == "1.2.3"
        assert wheel.read_bytes() == here
