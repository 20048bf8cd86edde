"""``sprite-lab export``: animations of a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import typer

from sprite_lab.cli.console import counted, print_result
from sprite_lab.cli.follow import follow
from sprite_lab.cli.options import (
    Device,
    Given,
    Json,
    argument,
    as_usage,
    check_out,
    load_data,
    option,
    run_folder,
    with_request,
    with_settings,
)
from sprite_lab.cli.sampling import OPTIONS, Asked, with_sampling_options
from sprite_lab.core.config import AnimationConfig, AnimationFormat, ForwardConfig
from sprite_lab.core.run import RunControl
from sprite_lab.core.sets.credits import attribution, credits_first, credits_of
from sprite_lab.core.sets.sprites import BUILTIN
from sprite_lab.core.sets.vocabulary import styles_of
from sprite_lab.core.trajectories.clip import Clip
from sprite_lab.core.trajectories.trajectory import Trajectory

Kind = Literal["reverse", "forward", "training"]

#: Options, by parameter name, that only some kinds of export use.
_OF_USE: dict[Kind, set[str]] = {
    "reverse": {*OPTIONS, "gap", "shown"},
    "forward": {"count", "seed", "gap", "data"},
    "training": {"loss_curve"},
}

#: A .png is an animated PNG.
ENDINGS = tuple(f".{name}" for name in get_args(AnimationFormat))

#: Defaults of animations on the command line.
_DEFAULTS = AnimationConfig(hold_last_s=1.0, max_frames=120)


@dataclass(frozen=True, kw_only=True)
class Request:
    """Options of the command."""

    run: str = argument("A run folder (or a model's name).", metavar="RUN")
    kind: Kind = option("What to show.")
    out: Path = option(
        "The ending sets the format; .png is an animated PNG.",
        metavar=f"FILE{'|'.join(ENDINGS)}",
    )
    given: Given
    shared_palette: bool = option("One palette for all frames of a GIF.", False)
    caption: str | None = option("Draw this above; '' = a description.", None, metavar="TEXT")
    data: str = option("Sprites for --kind forward.", BUILTIN, metavar="FILE|STORE|builtin")
    device: Device = "auto"
    as_json: Json = False
    asked: Asked


@with_sampling_options
@with_settings(
    "given",
    _DEFAULTS,
    without=("format", "palette", "colors", "captioned", "caption"),
)
@with_request(Request)
def export(context: typer.Context, request: Request) -> None:
    """Write an animation: sprites emerging from noise (reverse), dissolving into it (forward), or
    the run's samples improving (training).
    """
    _check_of_use(context, request.kind)
    out, caption = request.out, request.caption
    check_out(out, *ENDINGS)
    with as_usage():
        look = AnimationConfig(
            **request.given,
            format=out.suffix.lower()[1:],  # type: ignore[arg-type]
            palette="shared" if request.shared_palette else "frame",
            captioned=caption is not None,
            caption=caption or "",
        )
    _check_format(look)
    facts, sentence = _written(out, _clip(request, look), look, request.kind)
    print_result(facts, sentence, request.as_json)


def _check_format(look: AnimationConfig) -> None:
    """Refuse a video that cannot be written on this machine, before anything is computed."""
    from sprite_lab import extras
    from sprite_lab.core.errors import FileError
    from sprite_lab.formats.animation import video

    missing = extras.missing("video") if look.suffix in video.SUFFIXES else ""
    if missing:
        raise FileError(f"{missing}; or choose .gif, .png or .webp.")


def _written(
    out: Path, clip: Clip, look: AnimationConfig, kind: Kind
) -> tuple[dict[str, object], str]:
    """Write the file; returns facts about it and a sentence."""
    from sprite_lab.formats.animation.film import Film

    film = Film(clip, look)
    follow("Writing", film.write(out))
    width, height = film.size
    facts: dict[str, object] = {
        "out": out,
        "kind": kind,
        "frames": len(film),
        "width": width,
        "height": height,
        "seconds": sum(film.shown_ms()) / 1000,
    }
    return facts, f"{out}: {counted(len(film), 'frame')}, {width} pixels wide"


def _check_of_use(context: typer.Context, kind: Kind) -> None:
    """Refuse options that have no effect on this kind of animation."""
    useless = set().union(*_OF_USE.values()) - _OF_USE[kind]
    for known in context.command.params:
        source = context.get_parameter_source(str(known.name))
        if known.name in useless and source and source.name == "COMMANDLINE":
            raise typer.BadParameter(f"--kind {kind} has no use for {known.opts[0]}: leave it out.")


def _clip(request: Request, look: AnimationConfig) -> Clip:
    from sprite_lab.formats.animation.animation import trajectory_clip

    if request.kind == "training":
        from sprite_lab.engine.training.run_clip import run_clip

        return run_clip(run_folder(request.run))
    recorded, thanks = _reverse(request) if request.kind == "reverse" else _forward(request)
    return replace(trajectory_clip(recorded, look.shown, look.gap), attribution=thanks)


def _reverse(request: Request) -> tuple[Trajectory, str]:
    """Sprites drawn by the model, and the attribution of its training data."""
    from sprite_lab.engine.models.model import load_model
    from sprite_lab.engine.sampling.reverse import sample_iter

    model = load_model(request.run, request.device)
    configs = request.asked.configs(model.class_names)
    recorded = follow("Sampling", sample_iter(model, configs, RunControl()))
    return recorded, attribution(credits_first(model.credits, styles_of(recorded.prompts)))


def _forward(request: Request) -> tuple[Trajectory, str]:
    """Sprites of a set, chosen by the seed, under the run's schedule, and their attribution."""
    from sprite_lab.engine.models.model import load_model
    from sprite_lab.engine.sampling.forward import forward_iter

    config = request.asked.config
    schedule = load_model(request.run, "cpu").schedule_config
    forward = ForwardConfig(schedule=schedule, seed=config.seed)
    sprites = load_data(request.data)
    rng = np.random.default_rng(config.seed)
    picked = rng.permutation(len(sprites))[: config.count]
    recorded = follow("Adding noise", forward_iter(sprites.images[picked], forward, RunControl()))
    sources = [str(sprites.source[i]) for i in picked]
    return recorded, attribution(credits_of(sprites.credits, sources))
