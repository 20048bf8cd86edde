"""Contact sheets: the same noises with one setting varied, or with checkpoints of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.evenly import evenly
from sprite_lab.core.records import Progress
from sprite_lab.core.results.contact_sheet import ContactSheet, title_of, varied
from sprite_lab.core.run import Run, RunControl, relay_as
from sprite_lab.core.sets.credits import attribution
from sprite_lab.engine.models.model import Model, load_model
from sprite_lab.engine.sampling.reverse import resolved, sample_iter
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.words import tr

#: Number of checkpoints compared if none are named.
_SOME = 8


def contact_iter(
    model: Model,
    config: SampleConfig,
    setting: str,
    values: Sequence[str],
    control: RunControl,
    *,
    run: Path | None = None,
    title: str = "",
) -> Run[ContactSheet | None]:
    """Draw a contact sheet; None if stopped. Yields Progress.

    Raises ConfigError if the setting does not accept a value, or the model cannot draw with it.

    Parameters
    ----------
    values : values of the setting, as text; for checkpoints, training steps, where () = some of
        them.
    run : the model's run folder, which holds its checkpoints; None = it has none.
    title : the model's name on the sheet; "" = its own title.
    """
    checkpoints = _checkpoints(run) if setting == "checkpoint" else {}
    if checkpoints and not values:
        values = [list(checkpoints)[i] for i in evenly(len(checkpoints), _SOME)]
    columns = varied(config, setting, values)
    if checkpoints and (missing := next((v for v in values if v not in checkpoints), None)):
        known = ", ".join(checkpoints)
        raise ConfigError(
            "The run has no checkpoint of step {missing}; it has {known}.",
            missing=missing,
            known=known,
        )
    for _, one in columns:
        resolved([one], model)  # before anything is drawn
    drawn = []
    for done, (label, one) in enumerate(columns):
        if checkpoints and not checkpoints[label].is_file():  # a running training has removed it
            continue
        used = load_model(checkpoints[label], str(model.device)) if checkpoints else model
        sampling = sample_iter(used, [one], control, record=False)
        progress = Progress(done, len(columns), tr("Drawing {label}", label=label))
        yield progress
        trajectory = yield from relay_as(sampling, progress)
        if control.stop_requested:
            return None
        drawn.append((label, trajectory.rgba()))
    if not drawn:
        raise _no_checkpoints()
    first = resolved([columns[0][1]], model)
    return ContactSheet(
        title_of(first, setting, title or model.title),
        tuple(label for label, _ in drawn),
        np.stack([sprites for _, sprites in drawn]),
        first,
        attribution(model.credits),
    )


def _checkpoints(run: Path | None) -> dict[str, Path]:
    """The weights of a run by their steps."""
    found = {} if run is None else dict(RunFolder(run).all_weights())
    if not found:
        raise _no_checkpoints()
    return {str(step): path for step, path in found.items()}


def _no_checkpoints() -> ConfigError:
    return ConfigError("Only a training run has checkpoints: open one as the model.")
