"""The paths of shipped resources and of the user's folders, all defined here.

May import platformdirs and the standard library only. Safe to call from any thread.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import platformdirs

#: The environment variable that replaces all user folders, for tests and portable installations.
HOME_VARIABLE = "SPRITE_LAB_HOME"

#: The app's name for desktops: of its entry, its icon, and its windows under Wayland.
APP_ID = "io.github.sprite_lab.SpriteLab"

_KINDS = {"data": "user_data_path", "config": "user_config_path", "logs": "user_log_path"}

_PACKAGE = Path(__file__).resolve().parent


def resource(*parts: str) -> Path:
    """A shipped file or folder: ``resource("icons", "play.svg")``.

    An installed wheel has ``resources`` inside the package, a checkout beside it.
    """
    installed = _PACKAGE / "resources"
    root = installed if installed.is_dir() else _PACKAGE.parent / "resources"
    return root.joinpath(*parts)


def example_run() -> Path:
    """The run folder of the shipped example run; made by ``packaging/make_example_run.py``."""
    return resource("examples", "learned-by-heart")


def package() -> Path:
    """The folder of the source code, for displaying it."""
    return _PACKAGE


def home() -> Path:
    """The user's home folder.

    Raises OSError if neither HOME nor the system says where it is, as in some containers.
    """
    with _home_wanted():
        return Path.home()


@contextlib.contextmanager
def _home_wanted() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise OSError("there is no home folder; set HOME to one that can be written") from error


def _user_folder(kind: str, *parts: str) -> Path:
    own = os.environ.get(HOME_VARIABLE)
    if own:
        folder = Path(own).expanduser() / kind
    else:
        dirs = platformdirs.PlatformDirs("sprite-lab", appauthor=False, roaming=False)
        with _home_wanted():
            folder = getattr(dirs, _KINDS[kind])
    folder = folder.joinpath(*parts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(
            f"The folder '{folder}' cannot be created ({error.strerror}): set {HOME_VARIABLE} to "
            "one that can be written."
        ) from error
    return folder


def data_dir() -> Path:
    """The folder of runs and recovery files, created if missing.

    Raises OSError, with a sentence for the user, if that fails; so do the functions below.
    """
    return _user_folder("data")


def token_file() -> Path:
    """The file of the token that clients of ``sprite-lab serve`` send."""
    return data_dir() / "serve-token"


def runs_dir() -> Path:
    """The default folder of training runs."""
    return _user_folder("data", "runs")


def sets_dir() -> Path:
    """The default folder of imported sets of sprites."""
    return _user_folder("data", "sets")


def models_dir() -> Path:
    """The folder of downloaded shared models."""
    return _user_folder("data", "models")


def desk_dir() -> Path:
    """The folder of pictures taken for the results of lessons."""
    return _user_folder("data", "desk")


def measured_dir() -> Path:
    """The folder of saved measurements of models."""
    return _user_folder("data", "measured")


def config_dir() -> Path:
    """The folder of preferences."""
    return _user_folder("config")


def log_dir() -> Path:
    """The folder of the log and the crash file."""
    return _user_folder("logs")
