"""``sprite-lab``: without a command it opens the app, with one it works headless.

Both are imported only when they are wanted: the app never waits for the command line's
libraries, the command line never loads Qt.
"""

from __future__ import annotations

import builtins
import gc
import sys
from collections.abc import Sequence

#: What the app itself takes: ``sprite-lab --data FILE --model RUN``, and a lesson:
#: ``sprite-lab lesson.json``.
APP_OPTIONS = ("--data", "--model")
LESSON_SUFFIX = ".json"


def app_options(arguments: Sequence[str]) -> dict[str, str] | None:
    """The app's options, by name without dashes; None if the arguments are a command's.

    >>> app_options([])
    {}
    >>> app_options(["--data", "sprites.npz"])
    {'data': 'sprites.npz'}
    >>> app_options(["lesson.json"])
    {'lesson': 'lesson.json'}
    >>> app_options(["--version"]) is None
    True
    """
    options: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        if rest[0].endswith(LESSON_SUFFIX) and not rest[0].startswith("-"):
            options["lesson"] = rest.pop(0)
            continue
        name, equals, value = rest.pop(0).partition("=")
        if name not in APP_OPTIONS or (not equals and not rest):
            return None
        options[name.lstrip("-")] = value if equals else rest.pop(0)
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the app or a command; the process's exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = app_options(arguments)
    if options is None:
        try:
            from sprite_lab.cli.main import main as run_command  # noqa: PLC0415 (see above)

            return run_command(arguments)
        except KeyboardInterrupt:  # while the libraries load; later ones are the command's own
            print("sprite-lab: interrupted", file=sys.stderr)
            return 130
    return _open_app(**options)


def _open_app(data: str | None = None, model: str | None = None, lesson: str | None = None) -> int:
    from sprite_lab.display import why_no_window  # noqa: PLC0415 (see above)

    problem = why_no_window()
    if problem:
        print(f"sprite-lab: {problem}", file=sys.stderr)
        return 2
    from sprite_lab.log import start_logging  # noqa: PLC0415 (see above)

    start_logging()
    # What comes into being now stays: to look through all of it for garbage costs a tenth of the
    # start. Later the app sees to that itself (jobs.Collector).
    gc.disable()
    try:
        import_qt()
        from sprite_lab.ui.app import run_app  # noqa: PLC0415 (see above)
    except ImportError as error:
        if "PySide6" not in str(error) and ".so" not in str(error):
            raise
        print(f"sprite-lab: Qt cannot be loaded: {error}", file=sys.stderr)
        return 2
    return run_app(data=data, model=model, lesson=lesson)


def import_qt() -> None:
    """Load Qt, and take back what PySide makes of Python's ``import``.

    It would read the source of every module from now on to look for ``__feature__`` in it: half
    a million lines for torch. ``from PySide6.QtGui import *`` would need it; we have none.
    """
    plain = builtins.__import__
    import PySide6.QtCore  # noqa: F401, PLC0415 (see above)

    builtins.__import__ = plain


if __name__ == "__main__":
    sys.exit(main())
