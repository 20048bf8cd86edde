"""The licenses of everything in a frozen app, as one text for its About window.

The contents are read from PyInstaller's own tables: Python packages, Python itself and, on Debian
and Ubuntu, system libraries.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from build_tools import BuildError

LINE = "=" * 78
#: Files of a distribution that concern rights.
WORDS = ("licen", "copying", "notice", "authors")
#: Texts of licenses that packages name but do not include.
OWN_TEXTS = Path(__file__).resolve().parent / "license_texts"
#: Where Debian keeps the texts that its packages name.
COMMON = Path("/usr/share/common-licenses")


class Component(NamedTuple):
    """A third-party component, and its terms."""

    name: str
    version: str
    terms: str
    texts: tuple[str, ...]


def write_licenses(tables: Path, out: Path) -> None:
    """Write the text about everything that PyInstaller included; ``tables`` is its work folder.

    Raises
    ------
    BuildError
        If a package, or Python, comes without the text of its license.
    """
    sources = bundled_sources(tables)
    of_python = [python_itself(), *distributions(sources)]
    for one in of_python:
        if not one.texts:
            raise BuildError(
                f"{one.name} brings no text of its license ({one.terms}): put it into {OWN_TEXTS}."
            )
    out.write_text(licenses_text([*of_python, *system_libraries(sources)]), "utf-8")


def bundled_sources(tables: Path) -> set[str]:
    """The frozen files, by their real paths."""
    # Anything a program has, others have, too; and on Windows its table is more than plain data.
    plain = [table for table in tables.glob("*.toc") if not table.name.startswith("EXE-")]
    return {
        os.path.realpath(source)
        for table in plain
        for source in _strings(ast.literal_eval(table.read_text("utf-8")))
        if os.path.isabs(source) and os.path.isfile(source)
    }


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _strings(item)


def distributions(sources: set[str]) -> list[Component]:
    """Python packages of which a file was frozen, and PyInstaller, whose loader starts the app."""
    found = []
    for one in metadata.distributions():
        files = [os.path.realpath(str(one.locate_file(file))) for file in one.files or ()]
        name = one.metadata["Name"]
        if name != "sprite-lab" and (name == "pyinstaller" or not sources.isdisjoint(files)):
            terms = _terms(one.metadata)
            found.append(Component(name, one.version, terms, _texts(files) or _own_texts(terms)))
    return sorted(found, key=lambda component: component.name.lower())


def _terms(facts: metadata.PackageMetadata) -> str:
    """An SPDX expression if the package has one, otherwise the text of other fields."""
    said = facts.get("License-Expression") or facts.get("License") or ""
    if said and "\n" not in said:
        return said
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in facts.get_all("Classifier") or ()
        if line.startswith("License :: ")
    ]
    return "; ".join(classifiers) or "see below"


def _texts(files: list[str]) -> tuple[str, ...]:
    named = [
        Path(file)
        for file in files
        if any(word in os.path.basename(file).lower() for word in WORDS)
        and os.path.splitext(file)[1].lower() in ("", ".txt", ".md", ".rst")
        and os.path.isfile(file)
    ]
    return tuple(path.read_text("utf-8", "replace").strip() for path in sorted(named))


def _own_texts(terms: str) -> tuple[str, ...]:
    named = [path for path in sorted(OWN_TEXTS.iterdir()) if path.stem in terms]
    return tuple(path.read_text("utf-8").strip() for path in named)


def python_itself() -> Component:
    # Beside the standard library, and on Windows beside the program.
    places = (Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix))
    found = [place / "LICENSE.txt" for place in places if (place / "LICENSE.txt").is_file()]
    texts = tuple(text.read_text("utf-8", "replace").strip() for text in found[:1])
    return Component("Python", sys.version.split()[0], "PSF-2.0", texts)


def system_libraries(sources: set[str]) -> list[Component]:
    """Files from packages of Debian or Ubuntu, with their copyright."""
    outside = sorted(
        path for path in sources if path.startswith(("/usr/lib/", "/lib/", "/usr/share/"))
    )
    if not outside or not shutil.which("dpkg-query"):
        return []
    # It fails for files that belong to no package, and still names the others.
    asked = subprocess.run(
        ["dpkg-query", "--search", *outside], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    lines = asked.stdout.decode().splitlines()
    packages = sorted({line.partition(": ")[0].partition(":")[0] for line in lines})
    return [_debian_package(name) for name in packages]


def _debian_package(name: str) -> Component:
    command = ["dpkg-query", "--show", "--showformat=${Version}\n", name]
    version = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode().split()[0]
    file = Path("/usr/share/doc", name, "copyright")
    texts = (file.read_text("utf-8", "replace").strip(),) if file.is_file() else ()
    return Component(name, version, "a library of the system", texts)


def common_licenses(components: list[Component]) -> dict[str, str]:
    """The texts that Debian's packages refer to by path, by name."""
    said = "\n".join(text for one in components for text in one.texts)
    names = {name.rstrip(".") for name in re.findall(r"common-licenses/([\w.-]+)", said)}
    files = {(COMMON / name).resolve() for name in names}
    return {
        file.name: file.read_text("utf-8", "replace").strip()
        for file in sorted(files)
        if file.is_file()
    }


def licenses_text(components: list[Component]) -> str:
    """A list of all components, then their texts; a shared text is printed once."""
    lines = [
        "Sprite Lab comes under the MIT license. This installation also carries:",
        "",
        *(f"  {one.name} {one.version}: {one.terms}" for one in components),
        "",
        "Qt and PySide6 are used under the LGPL, version 3: they are separate libraries in the",
        "folder PySide6, and may be exchanged for others of the same interface. What Qt itself has",
        "of others is listed at https://doc.qt.io/qt-6/licenses-used-in-qt.html.",
    ]
    printed: dict[str, str] = {}
    for one in components:
        lines += ["", LINE, f"{one.name} {one.version}: {one.terms}", LINE, ""]
        for text in one.texts:
            lines += [f"As {printed[text]}." if text in printed else text, ""]
            printed.setdefault(text, one.name)
    for name, text in common_licenses(components).items():
        lines += ["", LINE, f"{name}, named above by its place on Debian", LINE, "", text]
    return "\n".join(lines) + "\n"
