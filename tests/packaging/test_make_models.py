"""How the shipped models are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import make_models
import pytest
import torch
from make_models import BUILTIN, Recipe, favor, save_half
from preference import Drawings, Round

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.engine.models.checkpoint import load_tensors
from sprite_lab.engine.models.model import Model
from tests.made import make_sprites
from tests.made_model import make_model


@pytest.mark.parametrize(("ours", "share"), [(True, 0.5), (False, 1.0)])
def test_what_is_favored_is_mixed_with_the_weights_before(
    ours: bool, share: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, path = make_model(), tmp_path / "weights.safetensors"
    before = model.denoiser.state_dict()
    after = {key: value + 1 for key, value in before.items()}
    taught = replace(model, denoiser=make_model().denoiser)
    taught.denoiser.load_state_dict(after)
    save_half(path, before, {"step": 3})
    sprites, more = make_sprites(60), make_sprites(20, seed=1)
    given: list[tuple[int, bool]] = []

    def favoring(
        _model: Model, drawings: Drawings, aside: SpriteSet | None, _c: TrainConfig, _r: object
    ) -> Iterator[Model]:
        given.append((len(drawings.sprites), aside is None))
        yield taught

    monkeypatch.setattr(make_models, "resource", lambda *_: tmp_path)
    monkeypatch.setattr(make_models, "load_model", lambda _: model)
    monkeypatch.setattr(make_models, "favoring", favoring)
    rounds = (Round(8, 1, 1e-3, plain=0.3),)
    favor(
        Recipe("own", "Own", sprites, "", ours, BUILTIN, more, favored=rounds, favored_share=share)
    )

    training, _ = make_models.split_rows(sprites)
    assert given == [(len(training) + 20 * ours, ours)]
    found, metadata = load_tensors(path)
    assert metadata["step"] == 3
    for key, value in found.items():
        assert torch.allclose(value.float(), before[key] + share, atol=1e-2), key
    assert {value.dtype for value in found.values()} == {torch.float16}
