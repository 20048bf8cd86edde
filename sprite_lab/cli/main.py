"""The ``sprite-lab`` command: its subcommands, exit codes and one-line errors.

Exit codes: 0 success, 1 an error that the user can fix, 2 wrong usage, 130 interrupted. A bug in
Sprite Lab shows its traceback.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any, NoReturn, Protocol, runtime_checkable

import typer

from sprite_lab import __version__
from sprite_lab.cli import (
    character,
    compress,
    distill,
    evaluate,
    export,
    export_events,
    export_model,
    export_web,
    hub,
    import_,
    info,
    report,
    sample,
    selftest,
    serve,
    sweep,
    terrain,
    train,
    trajectory,
)
from sprite_lab.cli.console import print_error
from sprite_lab.cli.follow import ENDING, INTERRUPTED
from sprite_lab.cli.options import option, with_options
from sprite_lab.core.errors import ConfigError, SpriteLabError

app = typer.Typer(
    name="sprite-lab",
    help="See, train and use a small diffusion model of pixel-art sprites. "
    "Without a command the app opens, with the files and folders that are named, if there are "
    "any: a project, sprites, a model, a palette, a lesson (and --data SET, --model MODEL).",
    epilog="A file that --out names is replaced if it exists, and so are those written beside it; "
    "a run, a store or another folder never is.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("train")(train.train)
app.command("sample")(sample.sample)
app.command("trajectory")(trajectory.trajectory)
app.command("character")(character.character)
app.command("terrain")(terrain.terrain)
app.command("distill")(distill.distill)
app.command("evaluate")(evaluate.evaluate)
app.command("report")(report.report)
app.command("export")(export.export)
app.command("export-model")(export_model.export_model)
app.command("export-web")(export_web.export_web)
app.command("export-events")(export_events.export_events)
app.command("sweep")(sweep.sweep)
app.command("push")(hub.push)
app.command("pull")(hub.pull)
app.command("import")(import_.import_)
app.command("compress")(compress.compress)
app.command("decompress")(compress.decompress)
app.command("serve")(serve.serve)
app.command("info")(info.info)
app.command("selftest")(selftest.selftest)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"sprite-lab {__version__}")
        raise typer.Exit


def _install_desktop(wanted: bool) -> None:
    if wanted:
        from sprite_lab.cli import desktop

        if "SUDO_UID" in os.environ:
            raise ConfigError("The entry is for one user: run this again without sudo.")
        print(desktop.install())
        raise typer.Exit


def _uninstall_desktop(wanted: bool) -> None:
    if wanted:
        from sprite_lab.cli import desktop

        print(desktop.uninstall())
        raise typer.Exit


@app.callback()
@with_options
def _root(
    version: bool = option("Print the version.", False, callback=_print_version, is_eager=True),
    install_desktop: bool = option(
        "Put the app into the desktop's menu and have it open projects, for this user.",
        False,
        callback=_install_desktop,
        is_eager=True,
    ),
    uninstall_desktop: bool = option(
        "Undo --install-desktop.", False, callback=_uninstall_desktop, is_eager=True
    ),
) -> None:
    """Options that precede the command."""


class _Context(Protocol):
    command_path: str


@runtime_checkable
class _UsageError(Protocol):
    """The error that click raises for wrong usage; typer has its own copy of click."""

    exit_code: int
    ctx: _Context | None

    def format_message(self) -> str: ...


class _Interrupted(BaseException):
    """Raised by Ctrl+C, SIGTERM or SIGHUP. Not KeyboardInterrupt, on which typer exits silently."""


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise _Interrupted


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl+C, SIGTERM and SIGHUP raise an exception, so that no half-written file remains.

    A signal that the parent process made us ignore (as ``nohup`` does) stays ignored.
    """
    ours: dict[signal.Signals, Any] = dict.fromkeys(ENDING, signal.SIG_DFL)
    ours[signal.SIGINT] = signal.default_int_handler
    taken = [number for number, usual in ours.items() if signal.getsignal(number) == usual]
    for number in taken:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, ours[number])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the process's exit code. Main thread."""
    _open_closed_output()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names may contain characters that the terminal cannot show.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with _interruptible():
            code = app(
                args=None if arguments is None else list(arguments),
                prog_name="sprite-lab",
                standalone_mode=False,
            )
            # A full disk or closed pipe is reported here, not at exit.
            sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except SpriteLabError as error:
        print_error(str(error))
        return 1
    except (_Interrupted, KeyboardInterrupt, typer.Abort):
        print_error("interrupted")
        return INTERRUPTED
    except MemoryError:
        print_error("that needs more memory than there is; ask for fewer or smaller sprites.")
        return 1
    except OSError as error:
        reason = error.strerror or str(error)
        if error.filename:
            reason = f"'{error.filename}' cannot be used: {reason.lower()}."
        print_error(reason)
        _forget_output()
        return 1
    except Exception as error:
        if not isinstance(error, _UsageError):
            raise
        # Without a command, click raises an error whose message is the help text.
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error.format_message())
        else:
            # Typer prefixes Pydantic's reason why a value is invalid.
            told = error.format_message().replace("Value error, ", "")
            told = re.sub(r"Input should be (.+?)(, unable .*)?$", r"It must be \1.", told)
            command = "sprite-lab" if error.ctx is None else error.ctx.command_path
            print_error(f"{told} (see {command} --help)")
        return error.exit_code


def _open_closed_output() -> None:
    """Discard output if stdout or stderr is closed (``>&-``): it could end up in another file."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115


def _forget_output() -> None:
    """Discard output that a full disk or closed pipe did not accept: Python would retry at exit."""
    with contextlib.suppress(OSError, ValueError):  # a replacement of stdout has no file descriptor
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
