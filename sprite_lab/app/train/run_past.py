"""The history of a run, read from its folder as the records that training sends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sprite_lab.app.task import task
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.pixels.tile_sets import cut
from sprite_lab.core.records import Preview, Progress, Record
from sprite_lab.core.results.level_errors import Floor
from sprite_lab.core.run import Run, RunControl
from sprite_lab.words import tr

# ruff: noqa: PLC0415 (as in ``tasks``)


@dataclass(frozen=True, eq=False)
class RunPast:
    """Records and previews of a run.

    ``data_title``, ``data_fingerprint``: those of its training set. ``floor``: the lowest possible
    error, if computed.
    """

    run: Path
    config: TrainConfig
    data_title: str
    data_fingerprint: str
    records: tuple[Record, ...]
    previews: tuple[Preview, ...]
    floor: Floor | None = None


@task("files")
def read_past(control: RunControl, run: Path) -> Run[RunPast]:
    """Read the records of a run, oldest first, and its previews."""
    from sprite_lab.engine.training.level_window import level_bins
    from sprite_lab.engine.training.metrics_rows import records_of
    from sprite_lab.engine.training.run_folder import RunFolder
    from sprite_lab.formats.images.png import read_image

    folder = RunFolder(run)
    config, data = folder.read_config(), folder.read_data(prompts=False)
    bins = level_bins(config)
    records: list[Record] = []
    for count, row in enumerate(folder.read_metrics()):
        records.extend(records_of(row, bins))
        if count % 1000 == 0:
            yield None
    found = []
    steps = folder.steps("samples")
    for done, step in enumerate(steps):
        yield Progress(done, len(steps), tr("Reading the previews"))
        path = folder.sample_sheet(step)
        if not path.is_file():  # removed by training that resumed from an earlier step
            continue
        sheet = read_image(path)[..., :3]
        images = cut(sheet, config.network.image_size)[: config.preview_count]
        found.append(Preview(step, images))
    return RunPast(
        run,
        config,
        data_title=data.title,
        data_fingerprint=data.fingerprint,
        records=tuple(records),
        previews=tuple(found),
        floor=folder.read_floor(),
    )
