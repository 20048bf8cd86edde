"""Tasks that export and share models, and make lab reports and web pages about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.files.import_tasks import free_path
from sprite_lab.app.task import task
from sprite_lab.core.config import EvalConfig, ShareConfig, WebConfig
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.words import marked, tr

# ruff: noqa: PLC0415 (torch takes a second to import)


@task()
def export_model(control: RunControl, ref: str | Path, path: Path) -> Run[tuple[Path, ...]]:
    """Write a model as .safetensors or .onnx with its card; returns all files."""
    from sprite_lab.engine.models.model_export import export_iter

    return export_iter(ref, path, control)


@task("network")
def share_model(control: RunControl, ref: str | Path, config: ShareConfig) -> Run[str]:
    """Send a model to the hub; returns its address there."""
    from sprite_lab.engine.models.hub import push_iter

    return push_iter(ref, config, control)


@task("network")
def get_model(control: RunControl, config: ShareConfig, folder: Path) -> Run[Path]:
    """Download a shared model into ``folder``, or beside it if that exists; returns its weights."""
    from sprite_lab.engine.models.hub import pull_iter

    return pull_iter(config, free_path(folder), control)


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

    ``sprites``: the open set, used if the model was trained on it; the built-in set is loaded if
    needed. Without the training set, little is measured. ``data``: the open set as the command line
    names it.
    """
    from sprite_lab.core.sets.sprites import BUILTIN_TITLE
    from sprite_lab.data import builtin
    from sprite_lab.engine.measuring.lab_report import lab_report_iter
    from sprite_lab.engine.models.model import describe
    from sprite_lab.formats.reports.lab_report import write_lab_report

    yield Progress(0, 0, tr("Loading the model"))
    learned, name = describe(ref).data, data
    of_use = sprites
    if sprites is None or sprites.fingerprint != learned.fingerprint:
        made = learned.title == BUILTIN_TITLE
        of_use, name = (builtin(), "builtin") if made else (None, "")
    report = yield from lab_report_iter(ref, of_use, config, control, data=name)
    if not control.cancel_requested:
        write_lab_report(path, report)
    return path


@dataclass(frozen=True, eq=False)
class MadePage:
    """A web page that is ready to be written."""

    data: bytes  #: the file
    #: the frames of its first recording, uint8 (H, W, 3) each; () = none
    frames: tuple[NDArray[np.uint8], ...]
    parts: tuple[str, ...]  #: titles of everything in it


@task(name=marked("Making the web page"))
def make_web_page(
    control: RunControl,
    ref: str | Path,
    config: WebConfig,
    drawings: Sequence[NDArray[np.uint8]],
    seen: Trajectory | None,
) -> Run[MadePage | None]:
    """Make a web page of a model; None if it was stopped.

    ``drawings``: uint8 (H, W, 4) each, the initial drawings in Draw. ``seen``: a trajectory, the
    first of the page's recordings; None = only the recordings made for it.
    """
    from sprite_lab.engine.models.web_export import web_page_iter
    from sprite_lab.formats.images.sheet import make_sheet
    from sprite_lab.formats.web.page import page_text
    from sprite_lab.formats.web.recordings import Recording, pictures_of

    extra = [] if seen is None else [Recording.of(seen, tr("Sprites in See"))]
    page = yield from web_page_iter(ref, config, control, drawings=drawings, extra=extra)
    if page is None:
        return None
    frames: tuple[NDArray[np.uint8], ...] = ()
    if page.recordings:
        pictures = pictures_of(page.recordings[0].lanes[0])
        frames = tuple(make_sheet(sprites, gap=1) for sprites in pictures)
    parts = [recording.title for recording in page.recordings]
    if page.model is not None:
        parts += [tr("Sample"), tr("Draw")]
    return MadePage(page_text(page).encode(), frames, tuple(parts))
