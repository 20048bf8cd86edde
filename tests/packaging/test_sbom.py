"""The bill of materials: of installed and frozen parts, and those from no package."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sbom
from licenses import Component


def part(name: str, version: str) -> dict[str, str]:
    ref = f"{name}=={version}"
    purl = f"pkg:pypi/{name.lower()}@{version}"
    return {
        "bom-ref": ref,
        "type": "library",
        "name": name,
        "version": version,
        "purl": purl,
    }


INSTALLED = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "version": 1,
    "metadata": {
        "component": {"bom-ref": "root-component", "type": "application", "name": "sprite-lab"}
    },
    "components": [part("Fast_Arrays", "2.0"), part("tester", "9.1"), part("base", "1.0+cpu")],
    "dependencies": [
        {"ref": "root-component", "dependsOn": ["Fast_Arrays==2.0", "tester==9.1"]},
        {"ref": "Fast_Arrays==2.0", "dependsOn": ["base==1.0+cpu"]},
        {"ref": "tester==9.1", "dependsOn": ["Fast_Arrays==2.0"]},
        {"ref": "base==1.0+cpu"},
    ],
}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(sbom.platform, "freedesktop_os_release", lambda: {"ID": "debian"})
    packages = [Component("fast-arrays", "2.0", "MIT", ()), Component("base", "1.0", "MIT", ())]
    others = [Component("Python", "3.12.1", "", ()), Component("libxcb1", "1.17-2+b1", "", ())]
    bill: dict[str, Any] = sbom.bill(INSTALLED, "1.2.3", packages, others)
    return bill


def test_it_lists_what_was_frozen_and_nothing_beside_it(made: dict[str, Any]) -> None:
    names = [(one["name"], one["version"]) for one in made["components"]]
    assert names == [
        ("Fast_Arrays", "2.0"),
        ("base", "1.0+cpu"),
        ("Python", "3.12.1"),
        ("libxcb1", "1.17-2+b1"),
    ]
    assert made["metadata"]["component"]["version"] == "1.2.3"


def test_who_needs_whom_is_kept_among_these(made: dict[str, Any]) -> None:
    assert {one["ref"]: one["dependsOn"] for one in made["dependencies"]} == {
        "root-component": ["Fast_Arrays==2.0"],
        "Fast_Arrays==2.0": ["base==1.0+cpu"],
        "base==1.0+cpu": [],
    }


def test_libraries_of_the_system_are_named_as_their_system_does(made: dict[str, Any]) -> None:
    assert made["components"][-1]["purl"] == "pkg:deb/debian/libxcb1@1.17-2%2Bb1"


def test_what_is_frozen_but_unknown_is_a_fault() -> None:
    with pytest.raises(ValueError, match="not in the environment: elsewhere"):
        sbom.bill(INSTALLED, "1", [Component("elsewhere", "1", "", ())], [])


def test_cyclonedx_finds_it_valid(made: dict[str, Any]) -> None:
    pytest.importorskip("cyclonedx", reason="cyclonedx-bom is of the build's own environment")
    assert sbom.problem_of(json.dumps(made)) == ""
    made["components"][0]["type"] = "nonsense"
    assert "nonsense" in sbom.problem_of(json.dumps(made))
