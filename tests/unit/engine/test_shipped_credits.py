"""Shipped models name the artists whose drawings they learned from."""

from __future__ import annotations

import pytest

from sprite_lab.core.errors import FileError
from sprite_lab.engine.models.model import _credits, describe, shipped_models


def test_every_shipped_model_says_whom_to_credit() -> None:
    for model in shipped_models():
        lines = "\n".join(credit.line for credit in describe(model.path).data.credits)
        if model.name.startswith("builtin"):
            assert "Sprite Lab (MIT)" in lines
        else:
            for name in ("DawnBringer", "Lanea Zimmerman", "Yusuke Kamiyamane", "Kenney"):
                assert name in lines
            assert "CC-BY 4.0" in lines


def test_what_the_weights_say_wins(tmp_path) -> None:  # type: ignore[no-untyped-def]
    weights = tmp_path / "weights.safetensors"
    assert _credits(weights, {}) == ()
    (tmp_path / "credits.json").write_text('[{"source": "a", "author": "Ann"}]')
    assert _credits(weights, {})[0].author == "Ann"
    assert _credits(weights, {"credits": []}) == ()
    (tmp_path / "credits.json").write_text("[{]")
    with pytest.raises(FileError, match="does not hold credits"):
        _credits(weights, {})
