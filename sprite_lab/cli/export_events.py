"""``sprite-lab export-events``: runs for TensorBoard or trackio."""

from __future__ import annotations

import contextlib
import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sprite_lab.cli.console import counted, print_result
from sprite_lab.cli.options import Json, argument, option, with_options
from sprite_lab.core.errors import FileError
from sprite_lab.core.file_names import check_text
from sprite_lab.formats.reading import check_extra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sprite_lab.engine.training.run_folder import RunFolder

#: Fields of metrics.jsonl that are exported, and their names.
_SCALARS = {
    "loss": "loss/training",
    "val_loss": "loss/validation",
    "epsilon_error": "noise error",
    "copies": "copies",
    "learning_rate": "step/learning rate",
    "grad_norm": "step/gradient norm",
    "ema_distance": "step/distance of the average",
}

#: The trackio project to which runs are added.
PROJECT = "sprite-lab"


@with_options
def export_events(
    runs: list[Path] = argument("", metavar="RUN", show_default=False),
    out: Path = option("The folder that the viewer is given.", metavar="FOLDER"),
    viewer: Literal["tensorboard", "trackio"] = option(
        "What will show them.", "tensorboard", flag="--for"
    ),
    as_json: Json = False,
) -> None:
    """Write the figures, samples and settings of runs for TensorBoard or trackio.

    TensorBoard gets event files, a folder for each run: look at them with 'tensorboard --logdir
    FOLDER'. trackio gets its database: 'TRACKIO_DIR=FOLDER trackio show'. Each needs its package:
    pip install 'sprite-lab[tensorboard]' or 'sprite-lab[trackio]'.
    """
    check_extra(viewer)
    os.environ["TRACKIO_DIR"] = str(out.absolute())  # read when it is imported
    names = [run.resolve().name for run in runs]
    from sprite_lab.engine.training.run_folder import RunFolder

    there = _shown_by_trackio(out) if viewer == "trackio" else _shown_by_tensorboard(out)
    for name in names:
        check_text(out / name)
        if name in there or names.count(name) > 1:
            raise FileError(f"'{out / name}' already exists: choose another folder.")
    write = _for_trackio if viewer == "trackio" else _for_tensorboard
    points = sum(write(RunFolder(run), out / name) for run, name in zip(runs, names, strict=True))
    print_result(
        {"out": out, "runs": len(runs), "points": points},
        f"{out}: {counted(points, 'point')} of {counted(len(runs), 'run')}",
        as_json,
    )


def _shown_by_tensorboard(out: Path) -> set[str]:
    return {path.name for path in out.iterdir()} if out.exists() else set()


def _shown_by_trackio(out: Path) -> set[str]:
    if not (out / f"{PROJECT}.db").exists():
        return set()
    import trackio

    return {run.name for run in trackio.Api().runs(PROJECT)}


def _scalars(run: RunFolder) -> Iterator[tuple[int, float, dict[str, float]]]:
    """Steps, with seconds since the epoch, and figures by displayed name."""
    began = run.manifest.stat().st_mtime
    for row in run.read_metrics():
        shown = {_SCALARS[name]: row[name] for name in _SCALARS.keys() & row.keys()}
        yield row["step"], began + float(row.get("seconds", 0.0)), shown


def _sheets(run: RunFolder) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Sheets of samples, uint8 (H, W, 3), and their steps."""
    from sprite_lab.formats.images.png import read_image

    for step in run.steps("samples"):
        yield step, read_image(run.sample_sheet(step))[..., :3]


def _for_tensorboard(run: RunFolder, out: Path) -> int:
    """Write one run; returns the number of points."""
    from torch.utils.tensorboard import SummaryWriter

    from sprite_lab.core import strict_json
    from sprite_lab.formats.folders import new_folder

    settings, points = strict_json.dumps(run.read_config().to_json(), indent=2), 0
    with (
        new_folder(out) as folder,
        _silent_threads(),
        contextlib.closing(SummaryWriter(str(folder))) as writer,
    ):
        writer.add_text("settings", f"```\n{settings}\n```")
        for step, when, shown in _scalars(run):
            for name, value in shown.items():
                writer.add_scalar(name, value, step, when)
            points += len(shown)
        for step, sheet in _sheets(run):
            writer.add_image("samples", sheet, step, dataformats="HWC")
    return points


@contextlib.contextmanager
def _silent_threads() -> Iterator[None]:
    """Suppress errors printed by TensorBoard's writing thread, which also passes them on."""
    usual = threading.excepthook
    threading.excepthook = lambda failed: None
    try:
        yield
    finally:
        threading.excepthook = usual


def _for_trackio(run: RunFolder, out: Path) -> int:
    """Write one run; returns the number of points. Their times are those at which they are sent."""
    import trackio

    settings, points = run.read_config().to_json(), 0
    with contextlib.redirect_stdout(io.StringIO()):  # it prints how to continue
        tracker = trackio.init(
            PROJECT,
            name=out.name,
            config=settings,
            embed=False,
            auto_log_gpu=False,
            auto_log_cpu=False,
        )
        for step, _, shown in _scalars(run):
            tracker.log(shown, step=step)
            points += len(shown)
        for step, sheet in _sheets(run):
            tracker.log({"samples": trackio.Image(sheet)}, step=step)
        trackio.finish()
    return points
