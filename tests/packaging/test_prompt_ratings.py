"""Which prompts a model deals."""

from __future__ import annotations

from collections import Counter

import numpy as np
import prompt_ratings
import pytest
from grades import FOLDER, Graded, graded

from sprite_lab.core.sets.vocabulary import Prompt


def asked(name: str) -> list[Prompt]:
    """The prompts of the graded samples of model ``name``."""
    files = [graded(path) for path in sorted(FOLDER.glob(f"{name}-*.csv"))]
    return list(dict.fromkeys(prompt for file in files for prompt in file.prompts))


def half(file: Graded, which: int) -> Graded:
    """The samples of every other rater."""
    rows = file.raters % 2 == which
    prompts = [prompt for prompt, is_kept in zip(file.prompts, rows, strict=True) if is_kept]
    return Graded(file.rgba[rows], prompts, file.raters[rows], file.grades[rows])


@pytest.mark.parametrize("name", ["builtin", "real"])
def test_the_prompts_that_some_raters_grade_best_others_would_use(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts = asked(name)
    monkeypatch.setattr(prompt_ratings, "graded", lambda path: half(graded(path), 0))

    first, dealt = prompt_ratings.best_first(prompts, name)

    assert sorted(map(repr, first)) == sorted(map(repr, prompts))
    newest = sorted(FOLDER.glob(f"{name}-*.csv"))[-prompt_ratings.NEWEST :]
    others = [half(graded(path), 1) for path in newest]
    is_dealt = np.array([p in first[:dealt] for file in others for p in file.prompts])
    used = np.concatenate([file.grades for file in others]) >= 3
    assert used[is_dealt].mean() > 1.5 * used.mean()


@pytest.mark.parametrize("name", ["builtin", "real"])
def test_as_many_of_each_class_are_dealt_in_few_looks_and_never_from_behind(name: str) -> None:
    prompts = asked(name)

    first, dealt = prompt_ratings.best_first(prompts, name)

    of_each = Counter(prompt.class_mix for prompt in first[:dealt])
    every = {prompt.class_mix for prompt in prompts}
    assert of_each == dict.fromkeys(every, prompt_ratings.DEALT[name])
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
        assert {1, 2, 3, 4} <= set(file.grades.tolist()) <= {0, 1, 2, 3, 4}
        empty = (file.rgba[..., 3] == 0).all(axis=(1, 2))
        assert (file.grades[empty] == 0).all()
