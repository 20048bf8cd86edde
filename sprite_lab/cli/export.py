"""``sprite-lab export``: animations of a run as GIF."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import typer
from numpy.typing import NDArray

from sprite_lab.cli.console import counted, print_result
from sprite_lab.cli.follow import Reporter, follow
from sprite_lab.cli.options import (
    BUILTIN,
    Device,
    Fps,
    Json,
    Scale,
    check_out,
    load_data,
)
from sprite_lab.cli.sampling import OPTIONS, with_sampling_options
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.run import RunControl
from sprite_lab.core.trajectory import Trajectory

Kind = Literal["reverse", "forward", "training"]

#: Options that are of use to some kinds only, by the names of their parameters.
_OF_USE: dict[Kind, set[str]] = {
    "reverse": {*OPTIONS, "gap"},
    "forward": {"count", "seed", "gap", "data"},
    "training": set(),
}


@with_sampling_options
def export(
    context: typer.Context,
    config: SampleConfig,
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run folder (or a model's name).")],
    kind: Annotated[Kind, typer.Option("--kind", help="What to show.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.gif")],
    scale: Scale = 8,
    fps: Fps = 20.0,
    hold: Annotated[
        float, typer.Option("--hold", min=0, max=60, help="Seconds that the last frame stays.")
    ] = 1.0,
    gap: Annotated[int, typer.Option("--gap", min=0, max=16, help="Pixels between sprites.")] = 0,
    max_frames: Annotated[
        int, typer.Option("--max-frames", min=2, help="Thin longer animations to this.")
    ] = 120,
    data: Annotated[
        str, typer.Option("--data", metavar="FILE|builtin", help="Sprites for --kind forward.")
    ] = BUILTIN,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Write a GIF: sprites coming out of noise (reverse), dissolving in it (forward), or
    the run's samples getting better (training)."""
    _check_of_use(context, kind)
    check_out(out, ".gif")

    from sprite_lab.formats.animation import training_frames, trajectory_frames
    from sprite_lab.formats.gif import write_gif
    from sprite_lab.formats.metadata import config_text

    comment = ""
    if kind == "training":
        frames = training_frames(Path(run), scale, max_frames)
    else:
        if kind == "reverse":
            recorded = _reverse(run, config, device)
            comment = config_text(recorded.config or config)
        else:
            recorded = _forward(run, config, data)
        frames = trajectory_frames(recorded, scale=scale, gap=gap, max_frames=max_frames)
    passed = _Counted(frames)
    write_gif(out, passed, fps=fps, hold_last_s=hold, comment=comment)
    print_result(
        {"out": str(out), "kind": kind, "frames": passed.count, "width": passed.width},
        f"{out}: {counted(passed.count, 'frame')}, {passed.width} pixels wide",
        as_json,
    )


def _check_of_use(context: typer.Context, kind: Kind) -> None:
    """Refuse options that would change nothing in an animation of this kind."""
    useless = set().union(*_OF_USE.values()) - _OF_USE[kind]
    for option in context.command.params:
        source = context.get_parameter_source(str(option.name))
        if option.name in useless and source and source.name == "COMMANDLINE":
            raise typer.BadParameter(
                f"--kind {kind} has no use for {option.opts[0]}: leave it out."
            )


def _reverse(run: str, config: SampleConfig, device: str) -> Trajectory:
    from sprite_lab.engine.models import load_model
    from sprite_lab.engine.sampling import sample_iter

    model = load_model(run, device)
    with Reporter("Sampling") as reporter:
        return follow(sample_iter(model, [config], RunControl()), reporter)


def _forward(run: str, config: SampleConfig, data: str) -> Trajectory:
    """Sprites of ``data``, picked by the seed, under the noise schedule of ``run``."""
    from sprite_lab.engine.forward import forward_iter
    from sprite_lab.engine.models import load_model

    schedule = load_model(run, "cpu").schedule_config
    sprites = load_data(data)
    rng = np.random.default_rng(config.seed)
    picked = rng.permutation(len(sprites))[: config.count]
    with Reporter("Adding noise") as reporter:
        return follow(
            forward_iter(sprites.images[picked], schedule, config.seed, RunControl()), reporter
        )


class _Counted:
    """Frames on their way to a file, counted and measured as they pass."""

    def __init__(self, frames: Iterator[NDArray[np.uint8]]) -> None:
        self._frames = frames
        self.count = 0
        self.width = 0

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        for frame in self._frames:
            self.count += 1
            self.width = frame.shape[1]
            yield frame
