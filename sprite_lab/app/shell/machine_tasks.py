"""Facts about this installation and its machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sprite_lab import __version__, paths
from sprite_lab.app import tasks
from sprite_lab.app.task import call, task
from sprite_lab.core.run import Run, RunControl
from sprite_lab.words import marked, tr

if TYPE_CHECKING:
    from importlib import metadata

    from sprite_lab.engine.machine import MachineFacts

# ruff: noqa: PLC0415 (not needed at the start)

#: Placeholder in a help page for facts about the machine.
PLACE = "{machine}"

#: Names of the facts about an installation, in order.
FACTS = ("Sprite Lab", "Python", "Qt", "PyTorch", marked("Devices"), marked("System"))

#: Display names of kinds of installation that are not proper names.
_KINDS = {
    "installer": marked("installer"),
    "image": marked("disk image"),
    "folder": marked("folder"),
    "checkout": marked("source code"),
    "other": marked("other package"),
}

#: Names of a package's home page in its metadata, best first.
_HOMES = ("homepage", "home", "home page", "source", "source code", "repository", "github")
#: Prefixes of license files.
_LICENSES = ("LICEN", "COPYING", "NOTICE", "AUTHORS")


@task()
def read_machine_page(control: RunControl, path: Path) -> Run[str]:
    """Read a help page, and fill in the devices of this machine."""
    page = yield from tasks.read_page(path)(control)
    from sprite_lab.engine.machine import machine_facts

    return str(page).replace(PLACE, _table(machine_facts()))


def _table(facts: MachineFacts) -> str:
    devices = _devices(facts)
    rows = {
        tr("Computes on"): devices[0],
        tr("Devices found"): ", ".join(devices),
        "PyTorch": _torch(facts),
        tr("Processor"): tr(
            "{threads} of {processors} threads in use",
            threads=facts.threads,
            processors=facts.processors,
        ),
    }
    lines = [f"| {name} | {value} |" for name, value in rows.items()]
    return "\n".join([lines[0], "|---|---|", *lines[1:]])  # the first line is the header


def _devices(facts: MachineFacts) -> list[str]:
    return [f"{device} ({what})" for device, what in facts.devices]


def _torch(facts: MachineFacts) -> str:
    return tr("{torch}, built for: {built_for}", torch=facts.torch, built_for=facts.built_for)


@call(name=marked("Looking at this installation"))
def about() -> dict[str, str]:
    """Facts for a bug report, by the names in ``FACTS``."""
    import platform

    from PySide6.QtCore import qVersion

    from sprite_lab import installation
    from sprite_lab.engine.machine import machine_facts

    facts, kind = machine_facts(), installation.find_installation().kind
    values = (
        f"{__version__} ({tr(_KINDS.get(kind, kind))})",
        platform.python_version(),
        qVersion(),
        _torch(facts),
        ", ".join(_devices(facts)),
        platform.platform(),
    )
    return dict(zip(FACTS, values, strict=True))


@task("files", marked("Reading licenses"))
def licenses(control: RunControl) -> Run[str]:
    """Collect the licenses of Sprite Lab's dependencies; a frozen app reads a file of licenses."""
    yield None
    bundled = paths.resource("licenses.txt")
    if bundled.is_file():
        return bundled.read_text("utf-8", "replace")
    parts = []
    for name in sorted(_needed(), key=str.lower):
        yield None
        parts.append(_license_of(name))
    return "\n\n\n".join(parts) or tr("The packages installed here name no licenses.")


def _needed() -> set[str]:
    """Names of the installed packages that this one depends on, directly or not."""
    from importlib import metadata

    from packaging.requirements import Requirement

    from sprite_lab.installation import PACKAGE

    found: set[str] = set()
    waiting = [PACKAGE]
    while waiting:
        name = waiting.pop()
        try:
            needs = metadata.distribution(name).requires or []
        except metadata.PackageNotFoundError:
            continue
        found.add(name.lower().replace("_", "-"))
        for need in map(Requirement, needs):
            wanted = need.marker is None or need.marker.evaluate({"extra": ""})
            if wanted and need.name.lower().replace("_", "-") not in found:
                waiting.append(need.name)
    return found - {PACKAGE}


def _license_of(name: str) -> str:
    from importlib import metadata

    package = metadata.distribution(name)
    facts: Any = package.metadata  # an email.message.Message; the stubs promise less
    known = (
        facts.get("License-Expression")
        or _classifier(facts.get_all("Classifier") or [])
        or _short(facts.get("License") or "")
    )
    title = f"{facts['Name']} {package.version}"
    head = [title, "=" * len(title), tr("License: {known}", known=known or tr("see below"))]
    home = facts.get("Home-page") or _home(facts.get_all("Project-URL") or [])
    if home:
        head.append(tr("More: {home}", home=home))
    return "\n".join([*head, *_texts(package)])


def _classifier(classifiers: list[str]) -> str:
    found = [c.rpartition(" :: ")[2] for c in classifiers if c.startswith("License ::")]
    return ", ".join(found)


def _short(text: str) -> str:
    """The name of a license; "" for the full text, which some packages give instead."""
    return text if len(text) < 120 and "\n" not in text else ""


def _home(addresses: list[str]) -> str:
    pairs = (address.partition(", ") for address in addresses)
    places = {label.lower(): place for label, _, place in pairs}
    return next((places[label] for label in _HOMES if label in places), "")


def _texts(package: metadata.Distribution) -> Iterator[str]:
    for file in package.files or ():
        inside = any(part.endswith((".dist-info", ".egg-info")) for part in file.parts[:-1])
        if inside and file.name.upper().startswith(_LICENSES):
            try:
                yield f"\n{file.locate().read_text('utf-8', 'replace').strip()}"  # type: ignore[attr-defined]
            except OSError:
                continue
