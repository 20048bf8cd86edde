"""``sprite-lab export-events``: runs for TensorBoard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sprite_lab import extras
from sprite_lab.cli.console import counted, print_result
from sprite_lab.cli.options import Json
from sprite_lab.core.errors import FileError

#: What is shown of a line of metrics.jsonl, and by which names.
_SCALARS = {
    "loss": "loss/training",
    "val_loss": "loss/validation",
    "epsilon_error": "noise error",
    "copies": "copies",
    "learning_rate": "step/learning rate",
    "grad_norm": "step/gradient norm",
    "ema_distance": "step/distance of the average",
}


def export_events(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", show_default=False)],
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="The folder that TensorBoard is given.")
    ],
    as_json: Json = False,
) -> None:
    """Write the figures, samples and settings of runs as event files of TensorBoard.

    Each run becomes a folder of its name in FOLDER: look at them with 'tensorboard --logdir
    FOLDER'. That takes its package: pip install 'sprite-lab[tensorboard]'.
    """
    missing = extras.missing("tensorboard")
    if missing:
        raise FileError(f"{missing}.")
    names = [run.resolve().name for run in runs]
    for name in names:
        if (out / name).exists() or names.count(name) > 1:
            raise FileError(f"'{out / name}' is there already: choose another folder.")
    points = sum(_write(run, out / name) for run, name in zip(runs, names, strict=True))
    print_result(
        {"out": str(out), "runs": len(runs), "points": points},
        f"{out}: {counted(points, 'point')} of {counted(len(runs), 'run')}",
        as_json,
    )


def _write(run: Path, out: Path) -> int:
    """Write one run; how many points."""
    from torch.utils.tensorboard import SummaryWriter

    from sprite_lab.core import strict_json
    from sprite_lab.engine.training.run_folder import RunFolder
    from sprite_lab.formats.images.png import read_image

    folder = RunFolder(run)
    settings = strict_json.dumps(folder.read_config().to_json(), indent=2)
    began, points = folder.manifest.stat().st_mtime, 0
    writer = SummaryWriter(str(out))
    try:
        writer.add_text("settings", f"```\n{settings}\n```")
        for row in folder.read_metrics():
            when = began + float(row.get("seconds", 0.0))
            for name in _SCALARS.keys() & row.keys():
                writer.add_scalar(_SCALARS[name], row[name], row["step"], when)
                points += 1
        for step in folder.steps("samples"):
            sheet = read_image(folder.sample_sheet(step))[..., :3]
            writer.add_image("samples", sheet, step, dataformats="HWC")
    finally:
        writer.close()
    return points
