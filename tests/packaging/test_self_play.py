"""Self-play, and the weak version that autoguidance leads away from."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
import weak_version
from preference import Drawings, Round, preferring
from self_play import drawn_pairs, self_play
from weak_version import own_set

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.diffusion.loss import squared_errors
from sprite_lab.engine.models.model import Model
from tests.made_model import make_model


@pytest.fixture
def model() -> Model:
    made = make_model()
    return replace(made, weak=copy.deepcopy(made.denoiser))


@pytest.fixture
def drawings(model: Model) -> SpriteSet:
    images = np.full((8, 8, 8, 3), 255, np.uint8)
    images[:, 2:6, 2:6] = (200, 30, 30)
    return SpriteSet(images, labels=np.arange(8) % 2, class_names=model.class_names)


def errors(model: Model, pictures: torch.Tensor, context: torch.Tensor) -> float:
    """The mean error at one noise level, with the same noise for all."""
    epsilon = torch.randn(pictures.shape, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        return float(
            squared_errors(
                model.denoiser, pictures, epsilon, torch.zeros(len(pictures)), context
            ).mean()
        )


def test_it_learns_to_tell_drawings_from_its_own_samples(model, drawings) -> None:
    generator = torch.Generator().manual_seed(0)
    often = Drawings(model, drawings, np.ones(8))
    pairs = drawn_pairs(model, often, 64, True, generator)
    each = Round(64, 30, 1e-3, plain=0.5, batch_size=16)
    after = replace(model, denoiser=preferring(model, pairs, often, TrainConfig(), each, generator))
    drawn, sampled, context, _ = (part.float() for part in pairs)
    gained = errors(model, drawn, context) - errors(after, drawn, context)
    given = errors(model, sampled, context) - errors(after, sampled, context)
    assert gained > 0
    assert gained > given


def test_a_round_begins_where_the_last_one_ended(model, drawings) -> None:
    rounds = (Round(128, 3, 1e-3, plain=0.5, batch_size=8),) * 2
    first, second = self_play(model, Drawings(model, drawings, np.ones(8)), TrainConfig(), rounds)
    weights = [
        torch.cat([p.flatten() for p in m.denoiser.parameters()]) for m in (model, first, second)
    ]
    assert not torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[1], weights[2])
    assert second.weak is model.weak


def test_its_own_samples_have_the_prompts_they_were_drawn_of(model, monkeypatch) -> None:
    monkeypatch.setattr(weak_version, "COUNT", 8)
    monkeypatch.setattr(weak_version, "AT_ONCE", 4)
    sprites = own_set(model)
    assert len(sprites) == 8
    assert sprites.class_names == model.class_names
    assert list(sprites.labels[:4]) == [0, 1, 0, 1]
    assert not np.array_equal(sprites.images[:4], sprites.images[4:])
