"""How long a training that came to its end goes on when it is continued."""

from sprite_lab.app.tasks import Stopped
from sprite_lab.core.config import TrainConfig


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
