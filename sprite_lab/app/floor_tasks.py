"""How low the error of a run can fall, asked for by the app."""

from __future__ import annotations

from pathlib import Path

from sprite_lab.app.task import task
from sprite_lab.core.errors import RunError
from sprite_lab.core.level_errors import Floor
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sprites import SpriteSet

# ruff: noqa: PLC0415 (as in ``tasks``)


@task()
def measure_floor(control: RunControl, run: Path, sprites: SpriteSet) -> Run[Floor]:
    """The floor of a run by noise level; it is kept in the run's folder."""
    yield Progress(0, 0, "The optimal denoiser")
    from sprite_lab.engine.floor import floor_iter
    from sprite_lab.engine.run_folder import RunFolder

    folder = RunFolder(run)
    data = folder.read_manifest()["data"]
    if data.get("fingerprint") != sprites.fingerprint:
        raise RunError(
            f"This run learnt from other sprites ('{data.get('title', '')}'): open those."
        )
    floor = yield from floor_iter(folder.read_config(), sprites, control)
    folder.write_floor(floor)
    return floor
