"""Which of its own samples a model learns to prefer."""

from __future__ import annotations

import copy
from dataclasses import replace

import favored_samples
import numpy as np
import pytest
import torch
from favored_samples import favoring, ranked_pairs
from preference import Drawings, Round

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.sets.sprites import SpriteSet
from tests.made_model import make_model


def test_the_better_of_a_kind_is_preferred_and_a_copy_never() -> None:
    rng = np.random.default_rng(0)
    kinds = [("food", "a"), ("food", "b"), ("item", "a")] * 30
    scores, copies = rng.normal(size=90), rng.random(90) < 0.3

    better, worse = ranked_pairs(kinds, scores, copies, 200, rng)

    assert len(better) == len(worse) == 200
    ahead = scores[better] - scores[worse]
    assert (ahead[~copies[worse]] >= 0.6 * scores.std()).all()
    assert copies[worse].mean() > copies.mean()
    assert (ahead[copies[worse]] < 0).any()
    assert not copies[better].any()
    assert all(kinds[i] == kinds[j] for i, j in zip(better, worse, strict=True))
    assert {kinds[i] for i in better} == set(kinds)


def test_a_round_trains_on_samples_of_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    model = make_model()
    model = replace(model, weak=copy.deepcopy(model.denoiser))
    images = np.full((8, 8, 8, 3), 255, np.uint8)
    images[:, 2:6, 2:6] = (200, 30, 30)
    drawings = SpriteSet(images, labels=np.arange(8) % 2, class_names=model.class_names)
    monkeypatch.setattr(favored_samples, "SAMPLES", dict.fromkeys(model.class_names, 16))
    monkeypatch.setattr(
        favored_samples, "load_critic", lambda: lambda rgba: rgba[..., :3].mean(axis=(1, 2, 3))
    )
    each = Round(16, 3, 1e-3, plain=0.3, batch_size=8)

    drawn = Drawings(model, drawings, np.ones(8))
    for aside in (drawings, None):
        (after,) = favoring(model, drawn, aside, TrainConfig(), (each,))

        before, now = (
            torch.cat([p.flatten() for p in m.denoiser.parameters()]) for m in (model, after)
        )
        assert not torch.equal(before, now)
        assert torch.isfinite(now).all()
