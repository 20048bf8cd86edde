#!/usr/bin/env python3
"""Draw docs/architecture.svg from the imports of ``sprite_lab``.

    python packaging/architecture_picture.py            # writes the picture
    python packaging/architecture_picture.py --check    # exits with 1 if it is out of date

Rows are the layers of the import contract in pyproject.toml. An arrow is an import that runs
with its module, a dashed one an import inside functions or for types only. Where a part is
reached by way of another, the arrow is left out and its name stands in the box.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "sprite_lab"
PICTURE = ROOT / "docs" / "architecture.svg"

#: Modules directly in the package: those that start the program, and those that query the system.
START, SYSTEM = "start", "system"
STARTING = ("__main__", "arguments", "display")

#: Libraries listed in a box, by import name.
LIBRARIES = {"numpy": "numpy", "PIL": "Pillow", "torch": "torch", "PySide6": "Qt"}
LIBRARIES |= {"pyqtgraph": "pyqtgraph", "typer": "typer", "platformdirs": "platformdirs"}

BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y, MARGIN = 216, 62, 32, 48, 16
FONT = "font-family='system-ui, sans-serif'"

# Importer -> imported -> whether any module does so at import time
Edges = dict[str, dict[str, bool]]


def part_of(module: str) -> str | None:
    """The box of a dotted module name; None if it is not ours."""
    package, _, rest = module.partition(".")
    name = rest.partition(".")[0]
    if package != PACKAGE:
        return None
    if not name or name == "_version":
        return SYSTEM
    if (ROOT / PACKAGE / name).is_dir():
        return name
    return START if name in STARTING else SYSTEM


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Dotted names that a module imports, and whether it does so when imported itself."""
    for node, now in statements(ast.parse(path.read_text("utf-8")), now=True):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, now
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            whole = node.module == PACKAGE  # "from sprite_lab import paths"
            for alias in node.names:
                yield (f"{PACKAGE}.{alias.name}" if whole else node.module), now


def statements(node: ast.AST, now: bool) -> Iterator[tuple[ast.AST, bool]]:
    """The statements within a node, and whether each runs when its module is imported."""
    now = now and not is_late(node)
    for inner in ast.iter_child_nodes(node):
        if not isinstance(inner, ast.expr):
            yield inner, now
            yield from statements(inner, now)


def is_late(node: ast.AST) -> bool:
    """Whether a node's contents run later, or never, when its module is imported."""
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))


def read_imports() -> tuple[Edges, dict[str, list[str]]]:
    """Which part imports which, and the libraries of each part."""
    edges: Edges = {}
    libraries: dict[str, set[str]] = {}
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        relative = path.relative_to(ROOT)
        if "resources" in relative.parts or path.name == "_version.py":
            continue
        here = part_of(".".join(relative.with_suffix("").parts).removesuffix(".__init__"))
        assert here is not None
        found = edges.setdefault(here, {})
        for name, now in imports(path):
            there = part_of(name)
            if there is not None and there != here:
                found[there] = found.get(there, False) or now
            library = LIBRARIES.get(name.partition(".")[0])
            if library:
                libraries.setdefault(here, set()).add(library)
    return edges, {name: sorted(found, key=str.lower) for name, found in libraries.items()}


def layers(parts: set[str]) -> list[list[str]]:
    """Rows of parts, highest first, from the contract on layers."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = contracts["tool"]["importlinter"]["contracts"]
    (contract,) = [contract for contract in contracts if contract["type"] == "layers"]
    rows = [
        [name.strip().removeprefix(f"{PACKAGE}.") for name in row.split("|")]
        for row in contract["layers"]
    ]
    rows = [[name for name in row if name in parts] for row in rows]
    known = {START, SYSTEM}.union(*rows)
    rows = [[START], *filter(None, rows)]
    rows[-1] += [*sorted(parts - known), SYSTEM]
    return rows


def needed(edges: Edges) -> Edges:
    """``edges`` without those to a part that is also reached through another one."""

    def reached(start: str, seen: set[str]) -> set[str]:
        for name in edges.get(start, {}):
            if name not in seen:
                seen.add(name)
                reached(name, seen)
        return seen

    return {
        here: {
            there: now
            for there, now in found.items()
            if not any(there in reached(other, set()) for other in found if other != there)
        }
        for here, found in edges.items()
    }


def draw() -> str:
    """The picture as SVG text."""
    edges, libraries = read_imports()
    rows = layers(set(edges))
    drawn = needed(edges)
    width = max(len(row) for row in rows) * (BOX_WIDTH + GAP_X) - GAP_X + 2 * MARGIN
    height = len(rows) * (BOX_HEIGHT + GAP_Y) - GAP_Y + 2 * MARGIN
    places: dict[str, tuple[float, float]] = {}
    for index, row in enumerate(rows):
        left = (width - len(row) * (BOX_WIDTH + GAP_X) + GAP_X) / 2
        for column, name in enumerate(row):
            x = left + column * (BOX_WIDTH + GAP_X)
            places[name] = x, MARGIN + index * (BOX_HEIGHT + GAP_Y)
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}'>",
        "<title>Which part of Sprite Lab imports which</title>",
        "<defs><marker id='tip' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='7' "
        "markerHeight='7' orient='auto'><path d='M0 0L8 4L0 8z' fill='#667'/></marker></defs>",
        f"<rect width='{width}' height='{height}' fill='#fff'/>",
    ]
    for here, found in sorted(drawn.items()):
        below = sorted(found, key=lambda name: places[name])
        for number, there in enumerate(below, 1):
            x1 = places[here][0] + BOX_WIDTH * number / (len(below) + 1)
            y1 = places[here][1] + BOX_HEIGHT
            above = sorted((n for n in drawn if there in drawn[n]), key=lambda n: places[n])
            share = (above.index(here) + 1) / (len(above) + 1)
            x2, y2 = places[there][0] + BOX_WIDTH * share, places[there][1] - 2
            dash = "" if found[there] else " stroke-dasharray='5 4'"
            # Straight down beside the rows in between, which leave a gap there.
            turn = y2 + 2 - GAP_Y
            middle = (turn + y2) / 2
            lines.append(
                f"<path d='M{x1:.0f} {y1}V{turn}C{x1:.0f} {middle} {x2:.0f} {middle} "
                f"{x2:.0f} {y2}' fill='none' stroke='#667' stroke-width='1.5'{dash} "
                "marker-end='url(#tip)'/>"
            )
    for name, (x, y) in places.items():
        also = sorted(edges[name].keys() - drawn[name].keys())
        uses = ", ".join(libraries.get(name, [])) or "standard library"
        center = x + BOX_WIDTH / 2
        lines += [
            f"<rect x='{x:.0f}' y='{y}' width='{BOX_WIDTH}' height='{BOX_HEIGHT}' rx='6' "
            "fill='#eef2f8' stroke='#445'/>",
            text(center, y + 22, name, 15, "font-weight='600'"),
            text(center, y + 39, uses, 11),
        ]
        if also:
            lines.append(text(center, y + 54, "also " + ", ".join(also), 10, "fill='#556'"))
    return "\n".join([*lines, "</svg>", ""])


def text(x: float, y: float, words: str, size: int, more: str = "") -> str:
    return (
        f"<text x='{x:.0f}' y='{y:.0f}' font-size='{size}' text-anchor='middle' {FONT} {more}>"
        f"{escape(words)}</text>"
    )


def main(arguments: list[str]) -> int:
    picture = draw()
    if arguments == ["--check"]:
        current = PICTURE.is_file() and PICTURE.read_text("utf-8") == picture
        if not current:
            print(f"{PICTURE.relative_to(ROOT)} is out of date: run {Path(__file__).name}.")
        return not current
    PICTURE.write_text(picture, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
