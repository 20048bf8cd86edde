"""Samples of the shipped models, and the grades that strict raters gave them.

NAME.webp has the samples of one model, 96 in a row; NAME.csv has a line for each, in the same
order: its prompt, one of the raters, and a grade: 4 = into a game as it is, 3 = after a minute's
clean-up, 2 = recognizable, 1 = hardly, 0 = nothing. Newer files also say how sure the
rater was that a person drew it, from 4 = surely to 0 = surely not. The raters are AI models that
saw nothing but shuffled sheets of 96 samples; tests/benchmarks/README.md says how well they agree.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sprite_lab.core.sets.vocabulary import Prompt

FOLDER = Path(__file__).parent

#: The pixels of a sample's side, and samples in a row.
SIDE, COLUMNS = 16, 96


class Graded(NamedTuple):
    """Samples, uint8 (N, 16, 16, 4), their prompts, raters and grades, int64 (N,)."""

    rgba: NDArray[np.uint8]
    prompts: list[Prompt]
    raters: NDArray[np.int64]
    grades: NDArray[np.int64]


def graded(path: Path) -> Graded:
    """The contents of ``path``, a CSV file, and of the picture beside it."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with Image.open(path.with_suffix(".webp")) as picture:
        pixels = np.asarray(picture.convert("RGBA"))
    samples = pixels.reshape(-1, SIDE, COLUMNS, SIDE, 4).swapaxes(1, 2).reshape(-1, SIDE, SIDE, 4)
    return Graded(
        samples[: len(rows)],
        [Prompt(((row["class"], 1.0),), tuple(row["words"].split()), row["style"]) for row in rows],
        np.array([int(row["rater"]) for row in rows]),
        np.array([int(row["grade"]) for row in rows]),
    )


def all_graded() -> list[Graded]:
    """All files of this folder."""
    return [graded(path) for path in sorted(FOLDER.glob("*.csv"))]
