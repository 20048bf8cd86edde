"""Shipped models name the artists whose drawings they learned from."""

from __future__ import annotations

from sprite_lab.engine.models.model import describe, shipped_models


def test_every_shipped_model_says_whom_to_credit() -> None:
    for model in shipped_models():
        lines = "\n".join(credit.line for credit in describe(model.path).data.credits)
        if model.name.startswith("builtin"):
            assert "Sprite Lab (MIT)" in lines
        else:
            for name in ("DawnBringer", "Lanea Zimmerman", "Yusuke Kamiyamane", "Kenney"):
                assert name in lines
            assert "CC-BY 4.0" in lines
