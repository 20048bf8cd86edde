"""Finds the prompts that a model draws well, from ratings of its sprites.

``prompt_ratings.csv`` has 6,000 samples of `real`: what each was asked for, and its grade by one of
three strict raters (AI models): 2 = into a game after a minute's clean-up, 1 = recognizable,
0 = no. Two saw nothing but the sprites; the third, who rated figures alone and gave no 1, had
chosen the prompts. What is asked for says more about the grade than the critic does: see
tests/benchmarks/README.md.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from sprite_lab.core.sets.vocabulary import Prompt

#: The share of each class's prompts that are dealt unless a style is asked for. Two dozen of each
#: class would be accepted hardly more often, and look alike (tests/benchmarks/README.md).
DEALT = 1 / 8

#: Figures seen from behind have no face, which is what raters miss most.
AWAY = "back"

#: Penalty on the squared weights, the best of four in cross-validation.
_PENALTY = 3e-4


def best_first(prompts: Sequence[Prompt]) -> tuple[list[Prompt], int]:
    """The prompts of each class that it draws best, then the others; and how many the first are."""
    promise = _promise(prompts)
    kinds = defaultdict(list)
    for row in sorted(range(len(prompts)), key=lambda k: (AWAY in prompts[k].words, -promise[k])):
        kinds[prompts[row].class_mix].append(row)
    best = [row for rows in kinds.values() for row in rows[: round(DEALT * len(rows))]]
    rest = [row for rows in kinds.values() for row in rows[round(DEALT * len(rows)) :]]
    return [prompts[row] for row in best + rest], len(best)


def _promise(prompts: Sequence[Prompt]) -> np.ndarray:
    """Log-odds that a sample of each gets the best rating, up to a constant: a logistic fit."""
    with (Path(__file__).parent / "prompt_ratings.csv").open(encoding="utf-8", newline="") as file:
        ratings = list(csv.DictReader(file))
    asked = [
        [*_features(row["class"], row["words"].split(), row["style"]), f"by {row['rater']}"]
        for row in ratings
    ]
    column = {name: k for k, name in enumerate(sorted({name for names in asked for name in names}))}

    def rows_of(lists: Sequence[Sequence[str]]) -> torch.Tensor:
        rows = torch.zeros(len(lists), len(column))
        for row, names in zip(rows, lists, strict=True):
            row[[column[name] for name in names if name in column]] = 1
        return rows

    given, good = rows_of(asked), torch.tensor([float(row["grade"] == "2") for row in ratings])
    weight = torch.zeros(len(column), requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=300)

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        error = torch.nn.functional.binary_cross_entropy_with_logits(given @ weight + bias, good)
        error = error + _PENALTY * weight.square().sum()
        error.backward()
        return error

    optimizer.step(loss)
    wished = [
        _features(prompt.class_mix[0][0] if prompt.class_mix else "", prompt.words, prompt.style)
        for prompt in prompts
    ]
    return (rows_of(wished) @ weight.detach()).numpy()


def _features(kind: str, words: Sequence[str], style: str) -> list[str]:
    return [kind, *words, f"in {style}", f"{kind} in {style}"]
