"""Options shared by several commands, and the configurations built from them."""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

import typer

from sprite_lab.core import strict_json
from sprite_lab.core.config import DeviceName, SampleConfig
from sprite_lab.core.config.base import (
    LARGEST_SEED,
    Config,
    Setting,
    plain_settings,
    settings_of,
)
from sprite_lab.core.errors import ConfigError, FileError
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.formats.reading import read_limited
from sprite_lab.paths import example_run

T = TypeVar("T")

#: Size limit of a file of settings or prompts, in bytes.
LARGEST_SETTINGS = 10_000_000

#: The default of a required parameter.
_REQUIRED = inspect.Parameter.empty

#: Values of settings by name, as collected by :func:`with_settings`.
Given = dict[str, Any]

_MODEL = "A run folder, a weights file or a shipped model's name."
Model = Annotated[str, typer.Option("--model", metavar="RUN|FILE|NAME", help=_MODEL)]
#: The same as a positional argument, for commands about a model.
ModelArgument = Annotated[
    str, typer.Argument(metavar="RUN|FILE|NAME", help=_MODEL, show_default=False)
]
Device = Annotated[DeviceName, typer.Option("--device", help="Where to compute.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")]


def setting_option(known: Setting, *, given: bool, default: object = None) -> object:
    """The command-line option of a setting, as a parameter annotation.

    ``given``: the parameter is None unless the option is given; its help then shows any
    ``default``.
    """
    kind: Any = known.kind
    limits: dict[str, Any] = {}
    if known.choices:
        kind = Literal[known.values] if kind is str else kind
    elif kind in (int, float):
        high = None if known.high == LARGEST_SEED else known.high  # too large to be worth showing
        limits = {"min": known.least, "max": high}
    metavar = "TEXT" if kind is str else None
    if given and default is not None:
        limits["show_default"] = f"{default:g}" if isinstance(default, float) else str(default)
    how = typer.Option(known.flag, metavar=metavar, help=known.help or known.tip, **limits)
    return Annotated[kind | None if given else kind, how]


def with_settings(
    parameter: str,
    base: Config,
    *names: str,
    without: Collection[str] = (),
    given: bool = False,
) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Add options for settings of a configuration to a command.

    Parameters
    ----------
    parameter : name of the command's parameter that receives a dict of values by setting name.
    base : provides the defaults.
    names : the settings; none = all plain ones except ``without``.
    given : put only given values into the dict; help then shows only defaults that differ from
        those of the class.
    """
    known, usual = settings_of(type(base)), type(base)()
    names = names or plain_settings(type(base), without)

    def own_default(name: str) -> object:
        return base.at(name) if base.at(name) != usual.at(name) else None

    options = {
        name.replace(".", "_"): (
            setting_option(
                known[name], given=given or known[name].optional, default=own_default(name)
            ),
            None if given else base.at(name),
        )
        for name in names
    }

    def made(**values: object) -> Given:
        found = {name: values[name.replace(".", "_")] for name in names}
        return {n: v for n, v in found.items() if v is not None} if given else found

    return lambda command: replace_parameter(command, parameter, options, made)


class Declared(NamedTuple):
    """The default of a command's parameter, from which its option or argument is made."""

    made: Callable[[str], object]  #: makes typer's declaration from the parameter's name
    default: object


def option(help: str, default: object = _REQUIRED, *, flag: str = "", **how: Any) -> Any:
    """The default of a parameter that is set by an option of the same name, or by ``flag``.

    For a parameter of a command or a field of a request. ``how``: further arguments of
    ``typer.Option``.
    """

    def made(name: str) -> object:
        return typer.Option(flag or "--" + name.replace("_", "-"), help=help, **how)

    return Declared(made, default)


def argument(help: str, default: object = _REQUIRED, **how: Any) -> Any:
    """The same for a positional argument."""
    return Declared(lambda _: typer.Argument(help=help, **how), default)


def with_options(command: Callable[..., T]) -> Callable[..., T]:
    """Add the options to a command whose parameters are declared by :func:`option`."""
    return replace_parameter(command, "", {}, dict)


def with_request(request: type) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Add an option for each field of the dataclass ``request``, which the command takes.

    The default (:func:`option`) or type (``Annotated``) of a field declares its option.
    """
    return lambda command: replace_parameter(command, "request", _parameters(request), request)


def replace_parameter(
    command: Callable[..., T],
    parameter: str,
    options: Mapping[str, tuple[object, object]],
    made: Callable[..., object],
) -> Callable[..., T]:
    """Replace one parameter of a command by others, from which its value is computed by ``made``.

    ``parameter``: "" = none. ``options``: annotation and default of each new parameter by name.
    """
    known: dict[str, tuple[object, object]] = {}
    for name, own in _parameters(command).items():
        known |= options if name == parameter else {name: own}
    for name, (kind, default) in known.items():
        if isinstance(default, Declared):
            known[name] = Annotated[kind, default.made(name)], default.default

    @functools.wraps(command)
    def wrapped(**values: object) -> T:
        own = {name: values.pop(name) for name in options}
        return command(**values, **({parameter: made(**own)} if parameter else {}))

    # Typer reads the parameters from these two attributes.
    wrapped.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
            )
            for name, (kind, default) in known.items()
        ]
    )
    wrapped.__annotations__ = {name: kind for name, (kind, _) in known.items()}
    return wrapped


def _parameters(called: Callable[..., object]) -> dict[str, tuple[object, object]]:
    """Annotation and default of each parameter by name."""
    hints = typing.get_type_hints(called, include_extras=True)
    known = inspect.signature(called).parameters.items()
    return {name: (hints[name], parameter.default) for name, parameter in known}


@contextlib.contextmanager
def as_usage() -> Iterator[None]:
    """Turn an invalid setting into a usage error (exit code 2), instead of a failure."""
    try:
        yield
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from None


def read_sample_config(file: Path) -> SampleConfig:
    """A SampleConfig from a JSON file.

    Raises FileError if the file is missing or does not hold one.
    """
    try:
        return SampleConfig.from_json(strict_json.loads(read_limited(file, LARGEST_SETTINGS)))
    except OSError as error:
        raise FileError(f"'{file}' cannot be read: {error.strerror}.") from None
    except ConfigError as error:
        raise FileError(f"'{file}' holds no usable SampleConfig: {error}") from None
    except ValueError as error:
        raise FileError(f"'{file}' is not JSON: {error}.") from None


def run_folder(name: str | Path) -> Path:
    """A run folder, or the example run by its name."""
    example = example_run()
    return example if str(name) == example.name and not Path(name).exists() else Path(name)


def load_data(ref: str) -> SpriteSet:
    """Call :func:`~sprite_lab.engine.open_set.open_set`, importing it only now."""
    from sprite_lab.engine.open_set import open_set

    return open_set(ref)


def check_out(out: Path, *suffixes: str, flag: str = "--out") -> Path:
    """Refuse a target that cannot be written, before hours of work; create its folder."""
    if out.name.lower() in suffixes:
        raise typer.BadParameter(
            f"'{out}' is an ending alone: put a name before it.", param_hint=flag
        )
    if out.suffix.lower() not in suffixes:
        raise typer.BadParameter(f"'{out}' must end in {' or '.join(suffixes)}.", param_hint=flag)
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
