"""``sprite-lab``: opens the app or, with a command, runs without a window.

Both are imported only when needed: the app never waits for the command line's libraries, and the
command line never loads Qt.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import os
import sys
import warnings

# Nothing else is loaded outside main(), so that Ctrl+C during loading also prints only one line.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sprite_lab.app.shell.settings import Settings
    from sprite_lab.arguments import AppOptions


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the app or a command; returns the process's exit code."""
    try:
        return _main(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:  # a command that has begun reports it itself
        print("sprite-lab: interrupted", file=sys.stderr)
        return 130


def _main(arguments: Sequence[str]) -> int:
    from sprite_lab import words  # noqa: PLC0415 (see above)
    from sprite_lab.arguments import app_options  # noqa: PLC0415 (see above)

    if not sys.warnoptions:
        # Warnings of libraries about a file do not help users; real problems are raised as errors.
        warnings.simplefilter("ignore")
    words.use_language(os.environ.get(words.VARIABLE, ""))
    options = app_options(arguments)
    if options is None:
        from sprite_lab.cli.main import main as run_command  # noqa: PLC0415 (see above)

        return run_command(arguments)
    return _open_app(options)


def _open_app(options: AppOptions) -> int:
    from pathlib import Path  # noqa: PLC0415 (see above)

    from sprite_lab.arguments import why_not_opened  # noqa: PLC0415 (see above)
    from sprite_lab.display import why_no_window  # noqa: PLC0415 (see above)

    no_window = why_no_window()
    # Without stderr, as when Windows starts the app, the window reports files that cannot be
    # opened.
    problem = (sys.stderr and why_not_opened(options.paths)) or no_window or _why_no_folder()
    if problem:
        print(f"sprite-lab: {problem}", file=sys.stderr)
        if not no_window:
            _show(problem)
        return 2
    # Absolute paths: '.' has no name to show, and the next launch may start in another folder.
    paths = [Path(os.path.abspath(path)) for path in options.paths]
    if paths and options.data is None and options.model is None:
        from sprite_lab.app.files.handover import hand_over  # noqa: PLC0415 (see above)

        if hand_over(paths):
            return 0
    from sprite_lab.log import start_logging  # noqa: PLC0415 (see above)

    start_logging()
    # Objects made so far live as long as the app; scanning them for garbage would cost a tenth of
    # the startup time. jobs.Collector does it later.
    gc.disable()
    try:
        import_qt()
        settings = _settings_and_language()
        from sprite_lab.ui.shell.app import run_app  # noqa: PLC0415 (see above)
    except ImportError as error:
        if "PySide6" not in str(error) and ".so" not in str(error):
            raise
        print(f"sprite-lab: Qt cannot be loaded: {error}", file=sys.stderr)
        return 2
    return run_app(options.data, options.model, paths, settings)


def _settings_and_language() -> Settings:
    """Load the settings, and choose their language before modules with texts are imported."""
    from PySide6.QtCore import QLocale  # noqa: PLC0415 (see above)

    from sprite_lab import words  # noqa: PLC0415 (see above)
    from sprite_lab.app.shell.settings import Settings  # noqa: PLC0415 (see above)

    settings = Settings()
    chosen = settings.value.language
    if not os.environ.get(words.VARIABLE):
        asked = QLocale.system().uiLanguages() if chosen == "system" else [chosen]
        codes = (code.partition("-")[0] for code in asked)
        words.use_language(next((code for code in codes if code in words.LANGUAGES), ""))
    return settings


def _why_no_folder() -> str:
    """Why there is no folder for runs and drawings, in one sentence; "" if there is one."""
    from sprite_lab import paths  # noqa: PLC0415 (commands load it when they want it)

    try:
        folder = paths.data_dir()
    except OSError as error:
        return str(error)
    if os.access(folder, os.W_OK):
        return ""
    return f"'{folder}' cannot be written: set {paths.HOME_VARIABLE} to one that can be written."


def _show(problem: str) -> None:
    """Show why the app does not start if there is no terminal, as after a double click."""
    in_terminal = sys.stderr and sys.stderr.isatty()
    if in_terminal or os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal"):
        return
    with contextlib.suppress(ImportError):  # Qt itself may not load
        import_qt()
        from sprite_lab.ui.shell.not_started import show_why  # noqa: PLC0415 (see above)

        show_why(problem)


def import_qt() -> None:
    """Load Qt, and undo PySide's change to Python's ``import``.

    That change looks for ``__feature__`` in the source of every module imported later: half a
    million lines for torch. Only ``from PySide6.QtGui import *`` needs it.
    """
    plain = builtins.__import__
    import PySide6.QtCore  # noqa: F401, PLC0415 (see above)

    builtins.__import__ = plain


if __name__ == "__main__":
    sys.exit(main())
