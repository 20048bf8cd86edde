"""Train: start a training, and watch its loss and its samples from one fixed noise. UI thread only.

May import what every workspace may, and pyqtgraph. It trains nothing itself: it steers a job of
``app.lab`` and shows its records.
"""

from sprite_lab.ui.train.workspace import TrainWorkspace

__all__ = ["TrainWorkspace"]
