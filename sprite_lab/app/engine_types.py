"""Classes of the engine, for annotations only: importing them would load torch, which takes 1 s.

Of a Model, widgets use only properties other than tensors and networks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from sprite_lab.engine.following import follow_run
    from sprite_lab.engine.models import model
    from sprite_lab.engine.training import trainer

Followed: TypeAlias = "follow_run.Followed"
Model: TypeAlias = "model.Model"
TrainResult: TypeAlias = "trainer.TrainResult"
