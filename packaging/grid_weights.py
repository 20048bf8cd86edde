#!/usr/bin/env python3
"""Fits the weights by which the importer judges grids, to sheets whose cells are known.

    python packaging/grid_weights.py sheets.json

The file lists pictures, by their paths from it; "" = the picture is no sheet:

    [{"file": "a/tiles.png", "game": "a", "grid": "16x16+1+2"}, {"file": "b.png", "game": "b",
      "grid": ""}]

It prints how often the first and the first three guesses are right with weights fitted to other
games, and the weights fitted to all, for ``sprite_lab/formats/importing/grids.py``. The sheets that
the weights there come from are not shipped: they belong to their games.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sprite_lab.core.sets.imports import Grid
from sprite_lab.formats.importing.background import (
    LOSSY_TOLERANCE,
    find_background,
    without_background,
    without_lines,
)
from sprite_lab.formats.importing.decode import decode
from sprite_lab.formats.importing.grids import WEIGHTS, evidence_of_grids
from sprite_lab.formats.importing.pixel_size import at_pixel_size, find_pixel_size

NAMES = tuple(WEIGHTS)

#: Groups of games, each judged by the weights fitted to the others.
FOLDS = 6

#: Penalty on the squares of the differences from the weights at the start, in standard deviations
#: of their evidence.
PENALTY = 0.003


@dataclass(frozen=True, eq=False)
class Case:
    """A sheet with the evidence for each way to cut it.

    ``evidence`` : float64 (N, names). ``right`` : bool (N,), those that cut its cells.
    """

    game: str
    evidence: NDArray[np.float64]
    right: NDArray[np.bool_]


def case_of(data: bytes, path: str, game: str, grid: Grid | None) -> Case | None:
    """A sheet as the importer sees it; None = the right cut is not among those it judges."""
    decoded = decode(data, path)
    tolerance = LOSSY_TOLERANCE if decoded.lossy else 0
    frames = decoded.frames[:1]
    background = find_background(frames, tolerance=tolerance)
    clear = without_background(frames, background, tolerance)
    size = find_pixel_size(clear)
    frames, clear = at_pixel_size(frames, size), at_pixel_size(clear, size)
    if grid is not None and any(n % size.scale for n in grid.numbers):
        return None
    wanted = None if grid is None else _cells(grid.reduced(size.scale), clear[0])
    judged = evidence_of_grids(without_lines(frames, clear)[0], path, size.scale)
    right = [
        wanted is None if other is None else _cells(other, clear[0]) == wanted
        for other, _ in judged
    ]
    evidence = [[found.get(name, 0.0) for name in NAMES] for _, found in judged]
    return Case(game, np.array(evidence), np.array(right)) if any(right) else None


def _cells(grid: Grid, clear: NDArray[np.uint8]) -> set[tuple[int, ...]]:
    """The boxes with anything drawn in them."""
    boxes = grid.boxes(*clear.shape[:2]).tolist()
    return {(x, y, w, h) for x, y, w, h in boxes if clear[y : y + h, x : x + w, 3].any()}


def fitted(cases: Sequence[Case], start: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights (names,) of a conditional logit; many sheets of one game count less each."""
    spread = np.concatenate([case.evidence for case in cases]).std(axis=0) + 1e-6
    per_game = Counter(case.game for case in cases)
    share = torch.tensor([per_game[case.game] ** -0.5 for case in cases], dtype=torch.float64)
    share /= share.sum()
    tables = [torch.tensor(case.evidence / spread) for case in cases]
    rights = [torch.tensor(case.right) for case in cases]
    first = torch.tensor(start * spread)
    weights = first.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([weights], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        losses = []
        for table, right in zip(tables, rights, strict=True):
            scores = table @ weights
            losses.append(scores.logsumexp(0) - scores[right].logsumexp(0))
        total = (share * torch.stack(losses)).sum() + PENALTY * ((weights - first) ** 2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(loss)
    return np.asarray(weights.detach().numpy() / spread)


def rank(case: Case, weights: NDArray[np.float64]) -> int:
    """How many ways to cut are judged more probable than the right one."""
    scores = case.evidence @ weights
    return int((scores > scores[case.right].max()).sum())


def ranks_of_others(cases: Sequence[Case], start: NDArray[np.float64]) -> list[int]:
    """The rank of each case by the weights fitted to other games."""
    folds = np.array([int(sha256(case.game.encode()).hexdigest(), 16) % FOLDS for case in cases])
    ranks = [0] * len(cases)
    for fold in set(folds.tolist()):
        weights = fitted([cases[i] for i in np.flatnonzero(folds != fold)], start)
        for i in np.flatnonzero(folds == fold):
            ranks[i] = rank(cases[i], weights)
    return ranks


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sheets", type=Path, help="the list of sheets, JSON")
    listed: Path = parser.parse_args(arguments).sheets
    cases = []
    for told in json.loads(listed.read_text()):
        grid = Grid.parse(told["grid"]) if told["grid"] else None
        data = (listed.parent / told["file"]).read_bytes()
        case = case_of(data, told["file"], told["game"], grid)
        if case is None:
            print(f"{told['file']}: the right cut is not judged; left out")
        else:
            cases.append(case)
    start = np.array([WEIGHTS[name] for name in NAMES])
    # From none, as the present weights may have learned from the very games that are judged.
    ranks = ranks_of_others(cases, np.zeros_like(start))
    games = len({case.game for case in cases})
    first, third = (sum(each < most for each in ranks) for most in (1, 3))
    print(f"{len(cases)} pictures of {games} games, cross-validated by game:")
    print(f"{first} right at once, {third} within three guesses")
    for name, weight in zip(NAMES, fitted(cases, start), strict=True):
        print(f'    "{name}": {weight:.2f},')


if __name__ == "__main__":
    main()
