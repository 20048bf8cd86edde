"""A model's statements about itself and its training data, read back from untrusted files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.model_facts import DataFacts, ModelFacts, Start
from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.vocabulary import Prompt, Vocabulary

DATA = DataFacts(
    vocabulary=Vocabulary(("hero", "food"), ("red",), ("a",)),
    fingerprint="f00d",
    title="mine",
    prompts=(Prompt((("hero", 1.0),), ("red",), "a"),),
    dealt=3,
    count=464,
    credits=(Credit("a", author="Ann"),),
    init=Start("Real sprites", 9000),
    student_of="A teacher",
)
BARE = DataFacts(vocabulary=Vocabulary(("hero",)), fingerprint="f", title="t")


@pytest.mark.parametrize("data", [DATA, BARE])
def test_all_comes_back(data: DataFacts) -> None:
    assert DataFacts.from_json(data.to_json()) == data
    assert DataFacts.from_json(data.to_json(), prompts=False) == replace(data, prompts=())


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {**DATA.to_json(), "title": 3},
        {**DATA.to_json(), "fingerprint": None},
        {**DATA.to_json(), "student_of": 3},
        {**DATA.to_json(), "dealt": -1},
        {**DATA.to_json(), "count": 1.0},
        {**DATA.to_json(), "count": True},
        {**DATA.to_json(), "init": {}},
        {**DATA.to_json(), "init": 3},
    ],
)
def test_anything_else_is_refused(data: Any) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        DataFacts.from_json(data)


def test_a_resumed_run_keeps_where_its_weights_came_from() -> None:
    now = replace(DATA, init=None, credits=(Credit("b", author="Bo"),))
    resumed = now.resumed(DATA)
    assert resumed.init == DATA.init
    assert {credit.author for credit in resumed.credits} == {"Ann", "Bo"}


def test_facts_of_weights_and_of_a_run() -> None:
    weights = ModelFacts(title="A", step=9, config=TrainConfig(), data=DATA, bytes=5)
    found = weights.to_json()
    assert found["kind"] == "weights"
    assert "checkpoints" not in found
    run = replace(weights, checkpoints=(3, 9), samples=(3,), figures={"loss": 0.5})
    assert run.to_json() == {
        **found,
        "kind": "run",
        "checkpoints": [3, 9],
        "samples": [3],
        "loss": 0.5,
        "epsilon_error": None,
    }
