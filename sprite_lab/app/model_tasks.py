"""Exporting models, and lab reports on them."""

from __future__ import annotations

from pathlib import Path

from sprite_lab.app.task import task
from sprite_lab.core.config import EvalConfig
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import SpriteSet

# ruff: noqa: PLC0415 (torch takes a second to import)


@task()
def export_model(control: RunControl, ref: str | Path, path: Path) -> Run[tuple[Path, ...]]:
    """Write a model as .safetensors or .onnx with its card; returns all files."""
    from sprite_lab.engine.models.model_export import export_iter

    return export_iter(ref, path, control)


@task()
def lab_report(
    control: RunControl,
    ref: str | Path,
    sprites: SpriteSet | None,
    data: str,
    config: EvalConfig,
    path: Path,
) -> Run[Path]:
    """Measure a model and write its lab report; returns the path.

    Parameters
    ----------
    sprites : the open set, used if the model was trained on it. The built-in set is read if
        needed; without the training set, little is measured.
    data : name of the open set on the command line.
    """
    from sprite_lab.core.sets.sprites import BUILTIN_TITLE
    from sprite_lab.data import builtin
    from sprite_lab.engine.measuring.lab_report import lab_report_iter
    from sprite_lab.engine.models.model import describe
    from sprite_lab.formats.reports.lab_report import write_lab_report

    yield Progress(0, 0, "Loading the model")
    learnt, name = describe(Path(ref)), data
    of_use = sprites
    if sprites is None or sprites.fingerprint != learnt["data_fingerprint"]:
        made = learnt["data"] == BUILTIN_TITLE
        of_use, name = (builtin(), "builtin") if made else (None, "")
    report = yield from lab_report_iter(ref, of_use, config, control, data=name)
    if not control.cancel_requested:
        write_lab_report(path, report)
    return path
