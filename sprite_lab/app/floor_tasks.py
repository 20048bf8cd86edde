"""How low the error of a run can fall, asked for by the app."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sprite_lab.core.errors import RunError
from sprite_lab.core.level_errors import Floor
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sprites import SpriteSet

if TYPE_CHECKING:
    from sprite_lab.jobs import Factory

# ruff: noqa: PLC0415 (as in ``tasks``)


def measure_floor(run: Path, sprites: SpriteSet) -> Factory:
    """The floor of a run by noise level; it is kept in the run's folder."""

    def measure(control: RunControl) -> Run[Floor]:
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

    return measure
