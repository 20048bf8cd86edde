"""The bill of materials of a frozen app, in CycloneDX: its components, their makers and versions.

``packaging/build.py sbom`` runs this in the environment that was frozen. It lists what PyInstaller
included, not what happened to be installed as well.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from build_tools import run
from freeze import ROOT, WORK
from licenses import (
    Component,
    bundled_sources,
    distributions,
    python_itself,
    system_libraries,
)

#: Beside the environment that is frozen, otherwise part of it would be frozen with the app.
TOOLS = ROOT / "build" / "sbom"
WHAT = "cyclonedx-bom>=7"


def write_sbom(version: str, out: Path) -> Path:
    """Write the bill of the last frozen app.

    Raises
    ------
    ValueError
        If the bill is not valid CycloneDX, which would be our own error.
    """
    if not (TOOLS / "cyclonedx_py").is_dir():
        run([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(TOOLS), WHAT])
    sys.path.append(str(TOOLS))
    sources = bundled_sources(WORK / "sprite_lab")
    others = [python_itself(), *system_libraries(sources)]
    text = json.dumps(bill(environment(), version, distributions(sources), others), indent=2)
    problem = problem_of(text)
    if problem:
        raise ValueError(f"The bill of materials is not valid: {problem}")
    out.write_text(text + "\n", "utf-8")
    return out


def environment() -> dict[str, Any]:
    """The bill of everything installed with this Python."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
    project = ["--pyproject", str(ROOT / "pyproject.toml")]
    done = subprocess.run(
        [*command, *project, sys.executable],
        env={**os.environ, "PYTHONPATH": str(TOOLS)},
        stdout=subprocess.PIPE,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def bill(
    installed: dict[str, Any], version: str, packages: list[Component], others: list[Component]
) -> dict[str, Any]:
    """The bill of the installed ``packages`` only, and of ``others`` from no package."""
    names = {normalized(package.name) for package in packages}
    kept = [part for part in installed["components"] if normalized(part["name"]) in names]
    missing = names - {normalized(part["name"]) for part in kept}
    if missing:
        raise ValueError(f"Frozen, but not in the environment: {', '.join(sorted(missing))}.")
    main = {**installed["metadata"]["component"], "version": version}
    parts = [*kept, *map(foreign, others)]
    refs = {main["bom-ref"], *(part["bom-ref"] for part in parts)}
    needs = [
        {**entry, "dependsOn": [ref for ref in entry.get("dependsOn", ()) if ref in refs]}
        for entry in installed["dependencies"]
        if entry["ref"] in refs
    ]
    return {
        **installed,
        "metadata": {**installed["metadata"], "component": main},
        "components": parts,
        "dependencies": needs,
    }


def foreign(component: Component) -> dict[str, Any]:
    """An entry for Python itself, or a system library."""
    if component.name == "Python":
        purl, supplier = f"pkg:generic/python@{component.version}", "Python Software Foundation"
    else:
        supplier = platform.freedesktop_os_release()["ID"]
        purl = f"pkg:deb/{supplier}/{component.name}@{component.version.replace('+', '%2B')}"
    return {
        "bom-ref": purl,
        "type": "library",
        "name": component.name,
        "version": component.version,
        "purl": purl,
        "supplier": {"name": supplier},
    }


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def problem_of(text: str) -> str:
    """The fault found by CycloneDX's own schema; "" if none."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    version = SchemaVersion.from_version(json.loads(text)["specVersion"])
    error = JsonStrictValidator(version).validate_str(text)
    return str(error) if error else ""
