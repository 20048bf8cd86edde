"""The ``sprite-lab`` command: its sub-commands, its exit codes, its one-line errors.

Exit codes: 0 all went well, 1 something a person can mend, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Protocol, runtime_checkable

import typer

from sprite_lab import __version__
from sprite_lab.cli import export, info, sample, selftest, train, trajectory
from sprite_lab.cli.console import print_error
from sprite_lab.core.errors import SpriteLabError

INTERRUPTED = 130

app = typer.Typer(
    name="sprite-lab",
    help="See, train and use a small diffusion model of pixel-art sprites. "
    "Without a command (or with --data FILE, --model RUN alone) the app opens.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("train")(train.train)
app.command("sample")(sample.sample)
app.command("trajectory")(trajectory.trajectory)
app.command("export")(export.export)
app.command("info")(info.info)
app.command("selftest")(selftest.selftest)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"sprite-lab {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    """Options that stand before a command."""


@runtime_checkable
class _UsageError(Protocol):
    """What click raises for wrong usage; typer carries its own copy of click."""

    exit_code: int

    def format_message(self) -> str: ...


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the process's exit code."""
    try:
        code = app(
            args=None if arguments is None else list(arguments),
            prog_name="sprite-lab",
            standalone_mode=False,
        )
        return code if isinstance(code, int) else 0
    except SpriteLabError as error:
        print_error(str(error))
        return 1
    except (KeyboardInterrupt, typer.Abort):
        print_error("interrupted")
        return INTERRUPTED
    except OSError as error:
        print_error(f"{error.strerror or error}: {error.filename or 'no file named'}")
        return 1
    except Exception as error:
        if not isinstance(error, _UsageError):
            raise
        # With no command at all click raises its help text as the message.
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error.format_message())
        else:
            print_error(f"{error.format_message()} (see sprite-lab --help)")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
