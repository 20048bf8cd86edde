"""A weak version of a model, for autoguidance: the model trained on its own samples.

A model that is trained further on its own samples exaggerates their faults, so the difference
between the two shows where the faults lie (Alemohammad et al. 2024, "Self-Improving Diffusion
Models with Synthetic Data").
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from own_samples import own_samples

from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.sets.sprites import SpriteSet, composite
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.training.fine_tuning import fine_tuning
from sprite_lab.engine.training.training_task import TrainingTask, sprite_task

#: Samples to learn from, samples drawn at a time, and number of training steps.
COUNT, AT_ONCE, STEPS = 12_000, 500, 750


def weak_config(config: TrainConfig, model: Model) -> TrainConfig:
    """Its training settings, given those of ``model``: briefly, and on its samples as they are."""
    brief = replace(
        config,
        epochs=None,
        max_steps=STEPS,
        batch_size=64,
        learning_rate=3e-4,
        lr_decay="linear",
        ema_decay=0.99,
        flips=0.0,
        shifts=0.0,
        recolor=0.0,
        group_balance=0.0,
        sealed_fraction=0.0,
    )
    return fine_tuning(brief, model)


def weak_task(config: TrainConfig, model: Model) -> TrainingTask:
    """The training of a weak version with :func:`weak_config`."""
    return sprite_task(config, own_set(model), model, (model.vocabulary, ()))


def own_set(model: Model) -> SpriteSet:
    """The model's samples of all of its prompts, without guidance and in any colors."""
    config = SampleConfig(
        count=AT_ONCE, classes=model.class_names, guidance_scale=1.0, autoguidance=0.0, colors=0,
        style_colors=False,
    )  # fmt: skip
    batches = (replace(config, seed=seed) for seed in range(COUNT // AT_ONCE))
    sprites, prompts = own_samples(replace(model, dealt=None), batches)
    return SpriteSet(
        composite(sprites),
        sprites[..., 3],
        np.array([model.class_names.index(prompt.class_mix[0][0]) for prompt in prompts]),
        model.class_names,
        group=np.arange(len(sprites)),
        source=np.array([prompt.style for prompt in prompts]),
        words=np.array([" ".join(prompt.words) for prompt in prompts]),
        title=f"Samples of {model.title}",
    )
