"""How long a training that a time limit ended goes on when it is continued."""

from sprite_lab.app.tasks import Stopped
from sprite_lab.core.config import TrainConfig


def test_a_run_that_used_up_its_time_gets_as_much_again() -> None:
    limited = TrainConfig(max_seconds=180.0)
    assert Stopped(limited, "", 30.0).with_time == limited
    assert Stopped(limited, "", 200.0).with_time.max_seconds == 380.0
    assert Stopped(TrainConfig(max_seconds=None), "", 200.0).with_time.max_seconds is None
