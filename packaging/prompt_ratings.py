"""Finds the prompts that a model draws well, from the grades of its samples (``grades/``).

The prompt predicts much of the grade: of samples for the third of the prompts that eight raters'
grades favor, eight other raters would use half as many again as of all samples
(tests/benchmarks/README.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from grades import FOLDER, graded
from numpy.typing import NDArray

from sprite_lab.core.sets.vocabulary import Prompt

#: Number of prompts of each class that are dealt if no style is requested. For `builtin`, prompts
#: say less about the grade.
DEALT = {"builtin": 48, "real": 24}

#: Maximum number of poses and colors of one subject among these.
MOST_LOOKS = 3
_LOOKS = """
0 1 2 3 4 5 6 7 attack back dead frame front idle jump left lift right special walk
crossing lunging marching passing running side standing stepping striding walking
black blue brown cyan gold gray green orange pink purple red tan white yellow
colored spotted striped two
"""
LOOKS = frozenset(_LOOKS.split())

#: Figures seen from behind have no face, which is what raters miss most.
AWAY = "back"

#: Number of newest files of grades to use, those of the last rounds of training: what a model draws
#: well changes.
NEWEST = 3

#: Minimum grade of a sample that would be used.
_USED = 3

#: Penalty on the squared weights.
_PENALTY = 3e-4


def best_first(prompts: Sequence[Prompt], name: str) -> tuple[list[Prompt], int]:
    """The prompts that model ``name`` draws best, of each class, then the others; and how many are
    first.
    """
    promise = _promise(prompts, name)
    left = dict.fromkeys((prompt.class_mix for prompt in prompts), DEALT[name])
    subjects: Counter[tuple[object, ...]] = Counter()
    best: list[int] = []
    rest: list[int] = []
    for row in sorted(range(len(prompts)), key=lambda k: (AWAY in prompts[k].words, -promise[k])):
        prompt = prompts[row]
        subject = prompt.class_mix, frozenset(prompt.words) - LOOKS
        if subjects[subject] < MOST_LOOKS and left[prompt.class_mix]:
            subjects[subject] += 1
            left[prompt.class_mix] -= 1
            best.append(row)
        else:
            rest.append(row)
    return [prompts[row] for row in best + rest], len(best)


def _promise(prompts: Sequence[Prompt], name: str) -> NDArray[np.float32]:
    """Log-odds that a sample of each would be used, up to a constant: a logistic fit."""
    files = [graded(path) for path in sorted(FOLDER.glob(f"{name}-*.csv"))[-NEWEST:]]
    asked = [
        [*_features(prompt), f"by {number}.{rater}"]
        for number, file in enumerate(files)
        for prompt, rater in zip(file.prompts, file.raters.tolist(), strict=True)
    ]
    used = torch.from_numpy(np.concatenate([file.grades >= _USED for file in files])).float()
    column = {name: k for k, name in enumerate(sorted({name for names in asked for name in names}))}

    def rows_of(lists: Sequence[Sequence[str]]) -> torch.Tensor:
        rows = torch.zeros(len(lists), len(column))
        for row, names in zip(rows, lists, strict=True):
            row[[column[name] for name in names if name in column]] = 1
        return rows

    given = rows_of(asked)
    weight = torch.zeros(len(column), requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=300)

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        error = torch.nn.functional.binary_cross_entropy_with_logits(given @ weight + bias, used)
        error = error + _PENALTY * weight.square().sum()
        error.backward()
        return error

    optimizer.step(loss)
    return (rows_of([_features(prompt) for prompt in prompts]) @ weight.detach()).numpy()


def _features(prompt: Prompt) -> list[str]:
    kind, style = prompt.class_mix[0][0] if prompt.class_mix else "", f"in {prompt.style}"
    pairs = [f"{word} {each}" for word in prompt.words for each in (kind, style)]
    whole = " ".join((kind, style, *sorted(prompt.words)))
    return [kind, style, f"{kind} {style}", *prompt.words, *pairs, f"all of {whole}"]
