"""Which prompts a model deals."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import prompt_ratings

from sprite_lab.core.sets.vocabulary import Prompt


def asked() -> list[Prompt]:
    """Every rated prompt."""
    with Path(prompt_ratings.__file__).with_suffix(".csv").open(encoding="utf-8") as file:
        return [
            Prompt(((row["class"], 1.0),), tuple(row["words"].split()), row["style"])
            for row in csv.DictReader(file)
        ]


def test_the_prompts_graded_best_come_first() -> None:
    prompts = list(dict.fromkeys(asked()))
    with Path(prompt_ratings.__file__).with_suffix(".csv").open(encoding="utf-8") as file:
        good = [float(row["grade"] == "2") for row in csv.DictReader(file)]
    grades: dict[Prompt, list[float]] = {}
    for prompt, grade in zip(asked(), good, strict=True):
        grades.setdefault(prompt, []).append(grade)

    first, dealt = prompt_ratings.best_first(prompts)

    assert sorted(map(repr, first)) == sorted(map(repr, prompts))
    share = np.mean([grade for prompt in first[:dealt] for grade in grades[prompt]])
    assert share > 2 * np.mean(good)


def test_an_eighth_of_each_class_is_dealt_and_no_figure_from_behind() -> None:
    prompts = list(dict.fromkeys(asked()))

    first, dealt = prompt_ratings.best_first(prompts)

    of_each = Counter(prompt.class_mix for prompt in first[:dealt])
    for kind, count in Counter(prompt.class_mix for prompt in prompts).items():
        assert of_each[kind] == round(prompt_ratings.DEALT * count)
    assert not any("back" in prompt.words for prompt in first[:dealt])
