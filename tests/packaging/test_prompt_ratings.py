"""Which prompts a model deals."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import prompt_ratings

from sprite_lab.core.sets.vocabulary import Prompt


def asked() -> list[Prompt]:
    """Every prompt that was graded."""
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
    assert share > 3 * np.mean(good)


def test_two_dozen_of_each_class_are_dealt_and_no_figure_from_behind() -> None:
    first, dealt = prompt_ratings.best_first(list(dict.fromkeys(asked())))

    best = first[:dealt]

    assert set(Counter(prompt.class_mix for prompt in best).values()) == {prompt_ratings.DEALT}
    assert not any("back" in prompt.words for prompt in best)


def test_at_most_two_poses_of_a_subject_are_dealt() -> None:
    hero = (("hero", 1.0),)
    walk = [Prompt(hero, ("front", "frame", "knight", str(k)), "dawnlike") for k in range(4)]

    first, dealt = prompt_ratings.best_first(walk)

    assert dealt == 2
    assert set(first) == set(walk)
