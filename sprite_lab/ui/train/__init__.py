"""Train: start a training, and watch its loss and its samples from one fixed noise.

May import what every workspace may, and pyqtgraph. It trains nothing: it steers a job of
``app.lab`` and shows the records that come from it.
UI thread only.
"""

from sprite_lab.ui.train.workspace import TrainWorkspace

__all__ = ["TrainWorkspace"]
