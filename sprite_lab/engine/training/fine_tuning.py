"""Training that starts from a model: its network for other sprites, its classes by name."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.errors import RunError
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.patch_unet import PATCH
from sprite_lab.engine.models.model import Model

#: Number of warm-up steps: good weights only need protection while the optimizer has no statistics.
WARM_UP_STEPS = 20


def fine_tuning(config: TrainConfig, start: Model) -> TrainConfig:
    """``config`` with the settings that the model determines: network, prediction and noise
    schedule.

    Color attention is added, and learned, if only ``config`` has it.
    """
    network = start.denoiser.config
    shares = config.network.colour_attention and network.name == "patch_unet"
    return replace(
        config,
        network=replace(
            network,
            augment_labels=0,
            guided=False,
            dropout=config.network.dropout if network.name == "patch_unet" else 0.0,
            colour_attention=shares or network.colour_attention,
        ),
        prediction_type=start.denoiser.prediction_type,
        schedule=start.schedule_config,
        warm_up_steps=min(config.warm_up_steps, WARM_UP_STEPS),
    )


def check_start(config: TrainConfig, sprites: SpriteSet, start: Model) -> None:
    """Check that training with ``config`` on ``sprites`` can start from the model ``start``.

    Raises RunError if it cannot.
    """
    network, size = start.denoiser.config, sprites.size[0]
    if start.is_student:
        raise RunError(
            "'{title}' is a student, which cannot learn from sprites: start from the model it "
            "was distilled from.",
            title=start.title,
        )
    if size != start.image_size:
        raise RunError(
            "'{title}' draws {side}×{side}, but these sprites are {size}×{size}: start from a "
            "model of that size, or from none.",
            title=start.title,
            side=start.image_size,
            size=size,
        )
    if network.name == "context_unet" and bool(start.class_names) != bool(sprites.class_names):
        raise RunError(
            "'{title}' has the course's network, which has a class part only if it was made with "
            "one: its set and yours must both have classes, or neither.",
            title=start.title,
        )
    ours = fine_tuning(config, start)
    if ours.network.width != config.network.width or (
        (ours.network.name, ours.prediction_type, ours.schedule)
        != (config.network.name, config.prediction_type, config.schedule)
    ):
        raise RunError(
            "'{title}' has a different network, prediction or noise schedule than this "
            "training run would have: use those of the model.",
            title=start.title,
        )


@torch.no_grad()
def take_weights(denoiser: Denoiser, vocabulary: Vocabulary, start: Model) -> None:
    """Copy weights of ``start`` to a denoiser, as far as their inputs have the same meaning.

    Classes, words and styles are matched by name; new ones start without effect. Alpha that only
    the new network draws starts at zero. Anything else new keeps its initial weights.
    """
    old = dict(start.denoiser.state_dict())
    for name, value in denoiser.state_dict().items():
        if name == "data_mean":
            continue
        if name in _CONTEXT_LAYERS:
            value.copy_(_by_name(old.get(name), value, start.vocabulary, vocabulary))
        elif name == "network.context.bias" and name not in old:
            value.zero_()
        elif name in old:
            value.copy_(_fitted(name, old[name], value))
    if "network.context.bias" in old and not len(vocabulary):
        # Without a context, its layer is removed, but the constant that it added can be kept.
        bias = denoiser.get_parameter("network.level.layers.2.bias")
        bias.add_(old["network.context.bias"].to(bias.device))


#: Weights with one column per entry of the context, in our network and in the course's.
_CONTEXT_LAYERS = ("network.context.weight", "network.class1.0.weight", "network.class2.0.weight")


def _by_name(old: Tensor | None, value: Tensor, before: Vocabulary, now: Vocabulary) -> Tensor:
    """Columns for ``value`` (dim, context_size): those of the same name in ``old``, or zero."""
    mapped = torch.zeros_like(value)
    if old is None:
        return mapped
    known = {name: column for column, name in enumerate(before.columns)}
    for column, name in enumerate(now.columns):
        if name in known:
            mapped[:, column] = old[:, known[name]]
    return mapped


def _fitted(name: str, old: Tensor, value: Tensor) -> Tensor:
    """``old`` in the shape of ``value``, with image channels added or removed."""
    if old.shape == value.shape:
        return old
    # A patch lists its pixels channel by channel: red, green, blue, then alpha.
    fitted = torch.zeros_like(value)
    kept = 3 * PATCH * PATCH
    if name == "network.stem.weight":
        fitted[:, :kept] = old[:, :kept]
    else:  # the head's weight and bias
        fitted[:kept] = old[:kept]
    return fitted
