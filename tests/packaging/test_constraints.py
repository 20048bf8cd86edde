"""The versions known to work are complete, and are versions that pyproject.toml allows."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import floors
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LINES = (ROOT / "packaging/constraints.txt").read_text("utf-8").splitlines()
PINS = dict(line.split("==") for line in LINES if not line.startswith("#"))
VERSIONS = {canonicalize_name(name): version for name, version in PINS.items()}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
#: All that users install: everything but development tools and extras that only combine others.
WANTED = [*PROJECT["dependencies"]]
WANTED += [one for name in EXTRAS.keys() - {"all", "dev", "trackio"} for one in EXTRAS[name]]
WANTED.sort()


def test_each_is_one_exact_version_of_no_special_build() -> None:
    for name, version in PINS.items():
        assert re.fullmatch(r"[\w.-]+", name)
        assert re.fullmatch(r"[\w.]+", version), f"{name}: no + may stand in {version}"


@pytest.mark.parametrize("wanted", WANTED)
def test_what_the_project_needs_is_there_in_a_version_it_allows(wanted: str) -> None:
    requirement = Requirement(wanted)
    assert requirement.specifier.contains(VERSIONS[canonicalize_name(requirement.name)])


CHECKED = tomllib.loads((ROOT / "packaging/floors.toml").read_text("utf-8"))["floors"]


@pytest.mark.parametrize("wanted", WANTED)
def test_nothing_with_a_published_hole_is_allowed(wanted: str) -> None:
    """Each requirement was looked up, and its lower bound excludes all vulnerabilities found."""
    name = canonicalize_name(Requirement(wanted).name)
    bounds = [s.version for s in Requirement(wanted).specifier if s.operator == ">="]
    known = CHECKED[name]
    assert len(bounds) == 1
    assert bool(known["version"]) == bool(known["holes"])
    assert Version(bounds[0]) >= Version(known["version"] or "0"), known["holes"]
    assert Version(VERSIONS[name]) >= Version(known["version"] or "0"), known["holes"]


def test_what_is_asked_of_the_databases_is_what_is_allowed() -> None:
    assert set(floors.lower_bounds()) == {canonicalize_name(Requirement(w).name) for w in WANTED}
    assert set(CHECKED) == set(floors.lower_bounds())


@pytest.mark.parametrize("name", ["release_tools", "freeze_tools"])
def test_tools_of_a_release_are_pinned_with_hashes(name: str) -> None:
    asked = (ROOT / f"packaging/{name}.in").read_text("utf-8").splitlines()
    pinned = (ROOT / f"packaging/{name}.txt").read_text("utf-8").replace("\\\n", "")
    found = {}
    for line in pinned.splitlines():
        if line and not line.lstrip().startswith("#"):
            match = re.match(r"([\w.-]+)==[\w.]+ .*--hash=sha256:[0-9a-f]{64}", line)
            assert match, line
            found[canonicalize_name(match[1])] = line
    wanted = {Requirement(line).name for line in asked if line and not line.startswith("#")}
    assert {canonicalize_name(tool) for tool in wanted} <= set(found)
