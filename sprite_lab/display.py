"""Check whether a window can be opened, before Qt tries: Qt would abort.

May import only the standard library, so that it works even if PySide6 cannot be loaded. ``python -m
sprite_lab.display`` prints missing Debian packages.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from sprite_lab.arguments import COMMANDS

HEADLESS = ", ".join(COMMANDS)

#: System libraries that Qt's wheels load on Linux but do not include, with their Debian packages.
#: Found with ldd on QtWidgets and on the xcb and offscreen platform plugins.
QT_LIBRARIES: dict[str, str] = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
}
XCB_LIBRARIES: dict[str, str] = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_packages(*, xcb: bool = True, loads: Callable[[str], bool] = _loads) -> list[str]:
    """Debian packages with libraries that Qt needs and this Linux lacks; [] on other systems.

    ``xcb``: whether windows will be drawn on an X server, rather than off screen or by Wayland.
    """
    if not sys.platform.startswith("linux"):
        return []
    wanted = QT_LIBRARIES | (XCB_LIBRARIES if xcb else {})
    return [package for library, package in wanted.items() if not loads(library)]


def why_no_window(environment: Mapping[str, str] = os.environ) -> str | None:
    """Why no window can be opened here, in one sentence; None if one can be opened."""
    if not sys.platform.startswith("linux"):
        return None
    chosen = environment.get("QT_QPA_PLATFORM", "")
    has_display = environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    if not chosen and not has_display:
        return f"there is no display to open a window on; headless commands: {HEADLESS}."
    if chosen and not has_plugin(chosen):
        return (
            f"Qt has no platform '{chosen}': unset QT_QPA_PLATFORM; headless commands: {HEADLESS}."
        )
    on_wayland = chosen.startswith("wayland") or (
        not chosen and bool(environment.get("WAYLAND_DISPLAY"))
    )
    if on_wayland and not _wayland_answers(environment):
        if chosen or not environment.get("DISPLAY"):
            display = environment.get("WAYLAND_DISPLAY", "")
            return f"the display '{display}' does not answer; headless commands: {HEADLESS}."
        on_wayland = False  # Qt tries the X server next
    on_x = chosen.startswith("xcb") or (not chosen and not on_wayland)
    missing = missing_packages(xcb=on_x)
    if missing:
        return f"Qt needs system libraries: sudo apt-get install -y {' '.join(missing)}"
    if on_x:
        return _why_no_xcb()
    return None


def _platform_plugins() -> Path | None:
    """The folder of Qt's platform plugins, found without importing PySide6."""
    spec = importlib.util.find_spec("PySide6")
    folder = (
        Path(spec.origin).parent / "Qt" / "plugins" / "platforms" if spec and spec.origin else None
    )
    return folder if folder and folder.is_dir() else None


def has_plugin(chosen: str) -> bool:
    """Whether Qt knows any platform of ``QT_QPA_PLATFORM`` ("xcb", "wayland;xcb", "vnc:port=1").

    Also True if the plugins are not in their usual place: then only Qt itself can tell.
    """
    folder = _platform_plugins()
    if folder is None:
        return True
    known = {path.stem.removeprefix("libq").partition("-")[0] for path in folder.glob("libq*.so")}
    names = (name.partition(":")[0].partition("-")[0] for name in chosen.split(";"))
    return any(name in known for name in names)


def _wayland_answers(environment: Mapping[str, str]) -> bool:
    """Whether a compositor listens where ``WAYLAND_DISPLAY`` points, found as libwayland does."""
    if environment.get("WAYLAND_SOCKET"):
        return True  # an open connection that was handed to us
    name = environment.get("WAYLAND_DISPLAY") or "wayland-0"
    path = os.path.join(environment.get("XDG_RUNTIME_DIR", ""), name)
    if not os.path.isabs(path):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(path)
        except OSError:
            return False
    return True


def _why_no_xcb() -> str | None:
    """Why Qt would abort on X, in one sentence: a library does not load, or the server does not
    answer; None if both work.
    """
    folder = _platform_plugins()
    plugin = folder and folder / "libqxcb.so"
    if plugin and plugin.is_file():
        try:
            ctypes.CDLL(str(plugin))
        except OSError as error:
            return f"Qt cannot open windows here: {error}"
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError as error:
        return f"Qt cannot open windows here: {error}"
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    try:
        if xcb.xcb_connection_has_error(connection):
            display = os.environ.get("DISPLAY", "")
            return f"the display '{display}' does not answer; headless commands: {HEADLESS}."
    finally:
        xcb.xcb_disconnect(connection)
    return None


if __name__ == "__main__":
    print(" ".join(missing_packages()))
