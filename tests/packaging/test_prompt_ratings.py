"""Which prompts a model deals."""

from __future__ import annotations

from collections import Counter

import numpy as np
import prompt_ratings
from grades import FOLDER, graded

from sprite_lab.core.sets.vocabulary import Prompt


def asked() -> tuple[list[Prompt], np.ndarray]:
    """The prompt of every graded sample of `real`, and whether the sample would be used."""
    files = [graded(path) for path in sorted(FOLDER.glob("real-*.csv"))]
    prompts = [prompt for file in files for prompt in file.prompts]
    return prompts, np.concatenate([file.grades for file in files]) >= 3


def test_the_prompts_graded_best_come_first() -> None:
    every, used = asked()
    prompts = list(dict.fromkeys(every))
    of_prompt: dict[Prompt, list[float]] = {}
    for prompt, is_used in zip(every, used, strict=True):
        of_prompt.setdefault(prompt, []).append(is_used)

    first, dealt = prompt_ratings.best_first(prompts)

    assert sorted(map(repr, first)) == sorted(map(repr, prompts))
    share = np.mean([is_used for prompt in first[:dealt] for is_used in of_prompt[prompt]])
    assert share > 1.5 * np.mean(used)


def test_as_many_of_each_class_are_dealt_in_few_looks_and_never_from_behind() -> None:
    prompts = list(dict.fromkeys(asked()[0]))

    first, dealt = prompt_ratings.best_first(prompts)

    of_each = Counter(prompt.class_mix for prompt in first[:dealt])
    every = {prompt.class_mix for prompt in prompts}
    assert of_each == dict.fromkeys(every, prompt_ratings.DEALT)
    assert not any("back" in prompt.words for prompt in first[:dealt])
    subjects = Counter(
        (prompt.class_mix, frozenset(prompt.words) - prompt_ratings.LOOKS)
        for prompt in first[:dealt]
    )
    assert max(subjects.values()) == prompt_ratings.MOST_LOOKS


def test_graded_samples_are_sprites_with_prompts_and_grades() -> None:
    for path in sorted(FOLDER.glob("*.csv")):
        file = graded(path)
        assert file.rgba.shape == (len(file.grades), 16, 16, 4)
        assert len(file.prompts) == len(file.raters) == len(file.grades) > 1000
        assert set(file.grades.tolist()) == {0, 1, 2, 3, 4}
        empty = (file.rgba[..., 3] == 0).all(axis=(1, 2))
        assert (file.grades[empty] == 0).all()
