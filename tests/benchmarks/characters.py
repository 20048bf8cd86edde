"""How close the turner's views of held-out characters are to those drawn by people.

Two sets: characters of 16x16 pixels, most of one style, and halved ones of another style. About a
third of each was set aside from training (``packaging/train_turner.py``); every second of those is
for development (``--development``), the others are used only here. For comparison, three views that
need no model: the front mirrored, the front itself, and the standing frame. The value is the
largest ratio of feature distances between two sides of a character, drawn to people's.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[2] / "packaging"))

from make_characters import as_sheets, in_rows
from train_turner import aside_of, cells_of

from sprite_lab.core.pixels.characters import LEADER, drawn_from
from sprite_lab.core.sets.sprites import SpriteSet, composite
from sprite_lab.data.datasets import split_rows
from sprite_lab.diffusion.pointing import KINDS
from sprite_lab.engine.measuring.features import load_features
from sprite_lab.engine.sampling.turning import load_turner
from sprite_lab.formats.sets.sprites import load_sprites
from tests.benchmarks.app import data_file
from tests.benchmarks.recognizability import ROOT, drawn_sprites
from tests.benchmarks.report import report

GOAL = 1.2

Rgba = NDArray[np.uint8]
Case = tuple[str, Rgba, Rgba]  # a part, the drawing it is made from, and a person's drawing of it


def halved_sprites() -> SpriteSet:
    """The drawn 32x32 sprites at half size."""
    file = data_file()
    assert file is not None
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "halved.npz"
        command = [sys.executable, ROOT / "packaging/real_set.py", out]
        command += [file.with_name("sprites_32.npz"), "--halved"]
        subprocess.run([*command, "--credits", ROOT / "packaging/real_credits.json"], check=True)
        return load_sprites(out)


def cases_of(rows: SpriteSet, first: int) -> list[Case]:
    """The views of every second character, starting with ``first``; of its sides one pose."""
    assert rows.group is not None
    wanted = set(np.unique(rows.group)[first::2].tolist())
    found: dict[tuple[int, str], Case] = {}
    for cells, way, group in zip(cells_of(rows), rows.direction, rows.group.tolist(), strict=True):
        if group not in wanted:
            continue
        if way == "":
            some = [("up 0", 0, 1), ("right 0", 0, 3)]
        else:
            part = {"front": "down", "back": "up"}.get(str(way), "right")
            cells = cells[:, :, ::-1] if way == "left" else cells
            some = [(f"{part} 1", 0, 1), (f"{part} 3", 0, 3)]
        for part, a, b in some:
            found.setdefault((group, part), (part, cells[a], cells[b]))
    return list(found.values())


class Figures(NamedTuple):
    """Means over drawn views."""

    pixels: float  #: difference from people's, on white, of 255
    outline: float  #: intersection over union of the silhouettes
    features: float  #: distance from people's in our feature space
    apart: float  #: distance from the original drawing, relative to people's
    colors: float  #: distance of color histograms from the original drawing
    own: float  #: share of the pixels in a color of the original drawing


def figures(cases: list[Case], views: list[Rgba]) -> Figures:
    compute = load_features()
    made, drawn, given = (
        compute(np.stack([composite(rgba) for rgba in part]))
        for part in (views, [case[2] for case in cases], [case[1] for case in cases])
    )

    def apart(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
        return float(np.linalg.norm(a - b, axis=1).mean())

    each = [
        (
            np.abs(composite(view).astype(float) - composite(person)).mean(),
            _overlap(view, person),
            *_colors(view, source),
        )
        for view, (_, source, person) in zip(views, cases, strict=True)
    ]
    pixels, outline, colors, own = np.mean(each, axis=0).tolist()
    ratio = apart(made, given) / apart(drawn, given)
    return Figures(pixels, outline, apart(made, drawn), ratio, colors, own)


def _overlap(a: Rgba, b: Rgba) -> float:
    first, second = a[..., 3] > 0, b[..., 3] > 0
    return float((first & second).sum() / max(1, (first | second).sum()))


def _colors(view: Rgba, source: Rgba) -> tuple[float, float]:
    shares = []
    for rgba in (view, source):
        drawn = rgba[rgba[..., 3] > 0]
        colors, counts = np.unique(drawn, axis=0, return_counts=True)
        shares.append(dict(zip(map(tuple, colors.tolist()), counts / len(drawn), strict=True)))
    mine, theirs = shares
    apart = sum(abs(mine.get(c, 0.0) - theirs.get(c, 0.0)) for c in mine.keys() | theirs.keys())
    return apart / 2, sum(share for color, share in mine.items() if color in theirs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--development", action="store_true")
    first = 0 if parser.parse_args().development else 1
    torch.set_num_threads(1)
    drawn, halved = in_rows(drawn_sprites()), in_rows(halved_sprites())
    sets = {
        "drawn": drawn.take(split_rows(as_sheets(drawn))[1]),
        "halved": halved.take(np.flatnonzero(aside_of(halved))),
    }
    turner, ratios = load_turner(), []
    print("| | pixels | outline | features | apart | colors | own |\n|" + " --- |" * 7)
    for name, rows in sets.items():
        all_cases = cases_of(rows, first)
        for part in KINDS:
            cases = [case for case in all_cases if case[0] == part]
            if not cases:
                continue
            copied = [c[1][:, ::-1] if part == "up 0" else c[1] for c in cases]
            made = [turner.draw({drawn_from(part): c[1]}, [part], None)[part] for c in cases]
            for what, views in (
                ("people's", [c[2] for c in cases]), ("copied", copied), ("turner", made)
            ):  # fmt: skip
                found = figures(cases, views)
                cells = " | ".join(f"{value:.2f}" for value in found)
                print(f"| {name}, {part}, {len(cases)}, {what} | {cells} |", flush=True)
                if what == "turner" and drawn_from(part) == LEADER and part.endswith(" 0"):
                    ratios.append(found.apart)
    report("characters", [max(ratios)], "of people's distance", GOAL, {"all": ratios})


if __name__ == "__main__":
    main()
