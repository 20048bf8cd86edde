"""Train: start and steer a training, and watch its loss and its samples from one fixed noise."""

from sprite_lab.ui.train.workspace import TrainWorkspace

__all__ = ["TrainWorkspace"]
