"""Train: start and steer a training run, and watch its loss and its samples from one noise."""

from sprite_lab.ui.train.workspace import TrainWorkspace

__all__ = ["TrainWorkspace"]
