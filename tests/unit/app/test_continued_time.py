"""How long a completed training run is trained further when it is continued."""

from dataclasses import replace
from pathlib import Path

from sprite_lab.app.tasks import Stopped, read_stopped
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.records import StepRecord
from sprite_lab.core.run import RunControl, drain
from sprite_lab.engine.training.trainer import train_iter
from tests.made import make_sprites, short_training


def test_a_run_that_used_up_its_time_gets_as_much_again() -> None:
    limited = TrainConfig(max_seconds=180.0)
    assert Stopped(limited, "", 30.0).longer == limited
    assert Stopped(limited, "", 200.0).longer.max_seconds == 380.0
    assert Stopped(TrainConfig(max_seconds=None), "", 200.0).longer.max_seconds is None


def test_a_run_that_came_to_its_end_gets_as_many_epochs_again() -> None:
    config = TrainConfig(epochs=300, max_seconds=600.0)
    assert Stopped(config, "", 30.0, 299.0).longer == config
    assert Stopped(config, "", 30.0, 300.0).longer.epochs == 600
    assert Stopped(config, "", 30.0, 300.0).longer.max_seconds == 600.0


def test_a_run_of_so_many_steps_gets_as_many_again() -> None:
    """Continue once trained nothing, and claimed that it had."""
    config = TrainConfig(epochs=None, max_steps=60)
    assert Stopped(config, "", 30.0, 1.2, 59).longer == config
    assert Stopped(config, "", 30.0, 1.2, 60).longer.max_steps == 120


def test_tuning_longer_goes_on_from_where_it_was(tmp_path: Path) -> None:
    config = replace(short_training(1), max_steps=None, epochs=2, max_copies=0.5)
    sprites = make_sprites(40)
    first = drain(train_iter(config, sprites, tmp_path / "run", RunControl()))
    longer = drain(read_stopped(tmp_path / "run")(RunControl())).longer
    assert longer.epochs == 4
    more = train_iter(longer, sprites, tmp_path / "run", RunControl(), resume=True)
    steps = [record.step for record in more if isinstance(record, StepRecord)]
    assert steps == list(range(first.step + 1, 2 * first.step + 1))
