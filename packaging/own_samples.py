"""Draws samples of a model in batches, for it to learn from."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling.reverse import sample_iter


def own_samples(
    model: Model, batches: Iterable[SampleConfig]
) -> tuple[NDArray[np.uint8], list[Prompt]]:
    """The sprites of some batches, uint8 (N, H, W, 4), and their prompts."""
    drawn = [drain(sample_iter(model, [config], RunControl(), record=False)) for config in batches]
    prompts = [prompt for each in drawn for prompt in each.prompts]
    return np.concatenate([each.rgba() for each in drawn]), prompts
