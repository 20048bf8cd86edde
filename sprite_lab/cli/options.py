"""Options that several commands share, and the configurations that they make."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sprite_lab.core import strict_json
from sprite_lab.core.config import SAMPLERS, DeviceName, SampleConfig
from sprite_lab.core.errors import ConfigError, FileError

if TYPE_CHECKING:
    from sprite_lab.core.sprites import SpriteSet

BUILTIN = "builtin"

Model = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="RUN|FILE|NAME",
        help="A run folder, a weights file or a shipped model's name.",
    ),
]
Sampler = Annotated[
    str | None,
    typer.Option("--sampler", metavar="NAME", help=f"One of: {', '.join(SAMPLERS)}."),
]
Steps = Annotated[int | None, typer.Option("--steps", min=1, help="Noise levels visited.")]
Guidance = Annotated[
    float | None,
    typer.Option("--guidance", help="How strongly the class steers; 1 = no guidance."),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE.json", help="A SampleConfig; other options override."),
]
Device = Annotated[DeviceName, typer.Option("--device", help="Where to compute.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")]
Scale = Annotated[int, typer.Option("--scale", min=1, max=64, help="Screen pixels a pixel.")]
Fps = Annotated[float, typer.Option("--fps", min=0.1, max=50, help="Frames per second.")]


@contextlib.contextmanager
def as_usage() -> Iterator[None]:
    """Within, a setting that may not be is wrong usage (exit code 2), not a failure."""
    try:
        yield
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from None


def sample_config(file: Path | None, **options: Any) -> SampleConfig:
    """The configuration of ``file`` (or the default), with those options put in that are given.

    Parameters
    ----------
    options : fields of a SampleConfig; None = not given.
    """
    base = SampleConfig() if file is None else read_sample_config(file)
    with as_usage():
        return replace(base, **{k: v for k, v in options.items() if v is not None})


def read_sample_config(file: Path) -> SampleConfig:
    """A SampleConfig from a JSON file.

    Raises
    ------
    FileError
        If there is no such file, or it does not hold one.
    """
    try:
        return SampleConfig.from_json(strict_json.loads(file.read_bytes()))
    except OSError as error:
        raise FileError(f"'{file}' cannot be read: {error.strerror}.") from None
    except ConfigError as error:
        raise FileError(f"'{file}' holds no usable SampleConfig: {error}") from None
    except ValueError as error:
        raise FileError(f"'{file}' is not JSON: {error}.") from None


def load_data(ref: str) -> SpriteSet:
    """The built-in set, or the one in a file."""
    if ref == BUILTIN:
        from sprite_lab.data import builtin

        return builtin()
    from sprite_lab.formats.sprites import load_sprites

    return load_sprites(Path(ref))


def check_out(out: Path, *suffixes: str) -> Path:
    """Refuse, before hours of work, a target that could not be written; make its folder."""
    if out.name.lower() in suffixes:
        raise typer.BadParameter(
            f"'{out}' is an ending alone: put a name before it.", param_hint="--out"
        )
    if out.suffix.lower() not in suffixes:
        raise typer.BadParameter(
            f"'{out}' must end in {' or '.join(suffixes)}.", param_hint="--out"
        )
    if out.is_dir():
        raise FileError(f"'{out}' is a folder; name a file.")
    if out.exists() and not out.is_file():
        raise FileError(f"'{out}' is not a plain file; choose another name.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"The folder of '{out}' cannot be made: {error.strerror}.") from None
    if not os.access(out.parent, os.W_OK):
        raise FileError(f"Nothing can be written in the folder of '{out}'; choose another one.")
    return out
