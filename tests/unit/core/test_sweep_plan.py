"""What a sweep tries: notation, number of training runs, and errors."""

import pytest

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.config.base import settings_of
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.plain import from_plain, to_plain
from sprite_lab.core.sweep import USUAL_TRIALS, SweepPlan, Tried, parse_tried


def test_values_and_ranges_are_read_as_their_setting_has_them():
    assert parse_tried("network.width=64, 80").values == (64, 80)
    found = parse_tried("learning-rate=1e-4..1e-2")
    assert (found.name, found.values, found.is_range) == ("learning_rate", (1e-4, 1e-2), True)
    assert found.logarithmic
    assert parse_tried("network.width=64..128").step > 1  # widths are multiples
    switch = next(n for n, s in settings_of(TrainConfig).items() if s.kind is bool)
    assert parse_tried(f"{switch}=yes,no") == Tried(switch, (True, False))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("learning-rate", "has no values to try"),
        ("learning-rate=", "has no values to try"),
        ("charm=1,2", "no setting 'charm'"),
        ("learning-rate=fast", "'fast' is not a value"),
        ("learning-rate=1e-2..1e-4", "is not a range"),
        ("preset=a..b", "."),
    ],
)
def test_what_cannot_be_tried_is_refused_in_a_sentence(text, said):
    with pytest.raises(ConfigError, match=said):
        parse_tried(text)


def test_every_combination_is_tried_once_the_last_setting_first():
    plan = SweepPlan(TrainConfig(), "builtin", ("batch_size=16,32,16", "seed=1,2"))
    assert plan.is_grid
    assert plan.count == 4
    assert [tuple(plan.combination(i).items()) for i in range(3)] == [
        (("seed", 1), ("batch_size", 16)),
        (("seed", 2), ("batch_size", 16)),
        (("seed", 1), ("batch_size", 32)),
    ]


def test_a_range_takes_as_many_trials_as_are_asked_for():
    plan = SweepPlan(TrainConfig(), "builtin", ("learning_rate=1e-4..1e-2",))
    assert not plan.is_grid
    assert plan.count == USUAL_TRIALS
    assert SweepPlan(plan.config, plan.data, plan.tried, 7).count == 7
    few = SweepPlan(TrainConfig(), "builtin", ("seed=1,2,3",), trials=2)
    assert few.count == 2


def test_a_plan_is_kept_as_json():
    plan = SweepPlan(TrainConfig(batch_size=24), "a.npz", ("seed=1,2",), 2)
    assert from_plain(SweepPlan, to_plain(plan)) == plan


@pytest.mark.parametrize("tried", [(), ("seed=1", "seed=2")])
def test_each_setting_is_named_once(tried):
    with pytest.raises(ConfigError, match="once"):
        SweepPlan(TrainConfig(), "builtin", tried)
