"""The learning rate of each step."""

from __future__ import annotations

import math

from sprite_lab.core.config import TrainConfig


def learning_rate(config: TrainConfig, step: int, total: int | None, seconds: float) -> float:
    """The rate of ``step``, counted from 0, of a run of ``total`` steps.

    ``seconds``: how long it has trained, which matters if ``max_seconds`` limits it.
    """
    done = step / total if total else 0.0
    if config.max_seconds:
        done = max(done, seconds / config.max_seconds)
    done = min(done, 1.0)
    if config.lr_decay == "linear":
        # The course lowers it once per epoch.
        return config.learning_rate * (1.0 - done)
    warm_up = min(1.0, (step + 1) / config.warm_up_steps)
    fall = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done))
    return config.learning_rate * warm_up * fall
