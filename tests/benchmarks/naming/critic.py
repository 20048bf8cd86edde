"""How well the critic and each rater rank the sprites on rated sheets: ``python -m
tests.benchmarks.naming.critic [NAME ...]``; without names, all sheets.

The figure is the share of correctly ranked pairs, weighted by the difference: pairs of generated
sprites of one sheet, class and model that the other raters would use with different frequency. A
rater ranks by how sure it is that a person drew a sprite, compared with the other two. The critic
has seen none of these sheets.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sprite_lab.engine.measuring.features import load_critic
from tests.benchmarks.naming.make_sheet import GENERATED

HERE = Path(__file__).parent


def generated(name: str) -> NDArray[np.uint8]:
    """The generated sprites of a sheet, uint8 (N, 16, 16, 4), by position."""
    with Image.open(HERE / f"{name}-generated.png") as picture:
        pixels = np.asarray(picture.convert("RGBA"))[::2, ::2]
    framed = np.pad(pixels, ((0, 2), (0, 2), (0, 0)))  # the gap of the last row and column
    tiles = framed.reshape(-1, 18, GENERATED, 18, 4).swapaxes(1, 2).reshape(-1, 18, 18, 4)
    return tiles[:, :16, :16]


def ranked(
    names: list[str],
) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64], NDArray[np.float32]]:
    """For all generated sprites: the kind to compare within, how often three raters would use each,
    how sure each rater was that a person drew it, and the critic's score.
    """
    kinds, used, person, scores = [], [], [], []
    for name in names:
        key = json.loads((HERE / f"{name}.json").read_text("utf-8"))
        answers = []
        for path in sorted(HERE.glob(f"{name}-rater-*.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                answers.append({int(row[0]): row for row in csv.reader(file)})
        judged = load_critic()(generated(name))
        for number, fact in enumerate(key):
            if "sprite" not in fact:
                continue
            kinds.append(f"{name} {fact['class']} {fact['of']}")
            used.append([float(rater[number][3].strip() == "1") for rater in answers])
            person.append([float(rater[number][4]) for rater in answers])
            scores.append(judged[fact["sprite"]])
    return kinds, np.array(used), np.array(person), np.array(scores)


def right(kinds: list[str], scores: NDArray, used: NDArray[np.float64]) -> float:
    """The share of pairs that ``scores`` rank as ``used`` does, weighted by the difference."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, kind in enumerate(kinds):
        rows[kind].append(row)
    found = total = 0.0
    for of in rows.values():
        better = np.maximum(used[of][:, None] - used[of][None], 0)
        higher = scores[of][:, None] - scores[of][None]
        found += float((better * ((higher > 0) + 0.5 * (higher == 0))).sum())
        total += float(better.sum())
    return found / total


def main() -> None:
    of_keys = sorted(HERE.glob("*.json"))
    every = [path.stem for path in of_keys if '"sprite"' in path.read_text("utf-8")]
    kinds, used, person, scores = ranked(sys.argv[1:] or every)
    print(f"{len(kinds)} sprites; the critic {right(kinds, scores, used.mean(axis=1)):.3f}")
    for name in sorted({kind.split()[1] for kind in kinds}):
        rows = [row for row, kind in enumerate(kinds) if kind.split()[1] == name]
        of_class = right([kinds[row] for row in rows], scores[rows], used[rows].mean(axis=1))
        print(f"  {name}: {of_class:.3f}")
    for rater in range(used.shape[1]):
        others = np.delete(used, rater, axis=1).mean(axis=1)
        print(f"rater {rater + 1}: {right(kinds, person[:, rater], others):.3f}")


if __name__ == "__main__":
    main()
