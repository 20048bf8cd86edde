"""A training run as an animation: its samples beside the loss."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import FileError
from sprite_lab.core.sets.credits import attribution
from sprite_lab.core.sets.sprites import composite
from sprite_lab.core.trajectories.clip import Clip, LossCurve
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.formats.images.png import read_image
from sprite_lab.words import tr

#: Maximum number of points in a drawn curve.
_POINTS = 400


def run_clip(run: Path) -> Clip:
    """The samples that a run kept during training, oldest first, with its loss.

    Raises FileError if there is no such run or it kept no samples and, when a picture is requested,
    if its size differs from the first.
    """
    if not run.is_dir():
        raise FileError(
            "There is no run folder '{run}'; choose the folder of a training run.", run=run
        )
    folder = RunFolder(run)
    thanks = attribution(folder.read_data(prompts=False).credits)
    steps = tuple(folder.steps("samples"))
    if not steps:
        raise FileError(
            "'{name}' has no samples from its training to animate; train it longer or "
            "choose another run.",
            name=run.name,
        )
    shape = composite(read_image(folder.sample_sheet(steps[0]))).shape

    def picture(k: int) -> NDArray[np.uint8]:
        path = folder.sample_sheet(steps[k])
        image = composite(read_image(path))
        if image.shape != shape:
            raise FileError(
                "'{name}' in '{run}' differs in size from the samples before it; "
                "remove it to export the others.",
                name=path.name,
                run=run.name,
            )
        return image

    return Clip(
        "training",
        len(steps),
        picture,
        caption=tr("Samples from one noise as training progresses"),
        labels=tuple(tr("step {step:,}", step=step) for step in steps),
        places=tuple(step / max(1, steps[-1]) for step in steps),
        ends=("start", "end"),
        curve=loss_curve(run),
        steps=steps,
        attribution=thanks,
    )


def loss_curve(run: Path) -> LossCurve | None:
    """A run's loss, averaged over up to 400 equal parts; None if it has fewer than two losses."""
    rows = [(float(row["step"]), float(row["loss"])) for row in RunFolder(run).read_metrics()]
    table = np.array(rows).reshape(-1, 2)
    table = table[np.isfinite(table).all(axis=1)]
    if len(table) < 2:
        return None
    parts = np.array_split(table, min(_POINTS, len(table)))
    means = np.array([part.mean(axis=0) for part in parts])
    # Both ends are kept, so that the curve covers the whole run.
    means[0, 0], means[-1, 0] = table[0, 0], table[-1, 0]
    return LossCurve(means[:, 0], means[:, 1])
