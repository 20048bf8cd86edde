#!/usr/bin/env python3
"""Builds everything that users install; README.md beside this file describes each product.

    python3 packaging/build.py PRODUCT...

makes an environment in build/venv with nothing but what is frozen, and the products in dist/. A
product that needs the frozen app makes it first if it is missing; ``app`` makes it again.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import bootstrap
from build_tools import BuildError, appimage_tool, find_program, notice
from freeze import APP, DIST, ROOT, freeze, frozen_version, size

#: The environment to freeze: besides Sprite Lab and these tools, it only has what an installed app
#: offers, because everything in it is frozen.
VENV = ROOT / "build" / "venv"
WHAT = ".[onnx,video]"
TOOLS = ("--require-hashes", "--requirement", "packaging/freeze_tools.txt")

#: Megabytes (10^6) that the app on Linux may take on disk; 58 are weights, which hardly compress.
LARGEST = 700

#: The program that packs each product; for Windows with its usual location.
PROGRAMS = {
    "deb": {"dpkg-deb": "", "readelf": ""},
    "rpm": {"rpmbuild": ""},
    "flatpak": {"flatpak-builder": "", "flatpak": ""},
    "nsis": {"makensis": r"NSIS\makensis.exe"},
    "dmg": {"hdiutil": "", "codesign": ""},
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("products", nargs="+", choices=list(PRODUCTS), metavar="PRODUCT")
    parser.epilog = f"Products: {', '.join(PRODUCTS)}."
    products = parser.parse_args(arguments).products
    try:
        python = bootstrap.venv_python(VENV)
        if Path(sys.prefix) != VENV:
            ask_for_programs(products)
            prepare(python)
            return subprocess.call([str(python), __file__, *products])
        for product in products:
            print(f"build: {PRODUCTS[product]()}", flush=True)
    except (BuildError, bootstrap.SetupError) as error:
        print(f"build: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def ask_for_programs(products: list[str]) -> None:
    """Report missing programs before the work, not after it."""
    for product in products:
        for name, on_windows in PROGRAMS.get(product, {}).items():
            find_program(name, on_windows)
        if product == "appimage":
            appimage_tool()


def prepare(python: Path) -> None:
    """The environment to freeze, with Sprite Lab in this checkout's state."""
    if sys.platform == "linux":
        # Anything the machine lacks, the package would lack.
        bootstrap.ensure_system_libraries(xcb=True)
    if bootstrap.venv_version(python) is None:
        bootstrap.make_venv(VENV)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    known = ["--constraint", str(ROOT / "packaging" / "constraints.txt")]
    for what in ([*known, WHAT], ["--no-deps", "--force-reinstall", "."], TOOLS):
        if subprocess.call([*pip, *what], cwd=ROOT):
            raise BuildError("The packages could not be installed (pip says why above).")


def app() -> Path:
    folder = freeze()
    megabytes = size(folder) / 1e6
    print(f"build: {frozen_version()}, {megabytes:.0f} MB", flush=True)
    if sys.platform == "linux" and megabytes > LARGEST:
        notice(f"that is more than {LARGEST} MB: look at what is new in it")
    return folder


def frozen() -> Path:
    return APP if APP.is_dir() else app()


def deb() -> Path:
    from linux_packages import build_deb

    return build_deb(frozen(), frozen_version(), DIST)


def rpm() -> Path:
    from linux_packages import build_rpm

    return build_rpm(frozen(), frozen_version(), DIST)


def appdir() -> Path:
    from linux_packages import build_appdir

    return build_appdir(frozen(), frozen_version(), DIST)


def appimage() -> Path:
    from linux_packages import build_appimage

    return build_appimage(appdir(), frozen_version(), DIST)


def flatpak() -> Path:
    from flatpak_bundle import build_flatpak

    version = frozen_version(frozen())
    return build_flatpak(APP, version, DIST / f"sprite-lab-{version}.flatpak")


def nsis() -> Path:
    from windows_installers import build_nsis

    version = frozen_version(frozen())
    return build_nsis(APP, version, DIST / f"sprite-lab-{version}-setup.exe")


def msi() -> Path:
    from windows_installers import build_msi

    version = frozen_version(frozen())
    return build_msi(APP, version, DIST / f"sprite-lab-{version}.msi")


def dmg() -> Path:
    from macos_image import build_dmg

    version = frozen_version(frozen())
    return build_dmg(DIST / "Sprite Lab.app", version, DIST / f"sprite-lab-{version}.dmg")


def sbom() -> Path:
    from sbom import write_sbom

    version = frozen_version(frozen())
    machine = f"{platform.system()}-{platform.machine()}".lower()
    return write_sbom(version, DIST / f"sprite-lab-{version}-{machine}.cdx.json")


#: The models whose pages are part of a release; a student draws a sprite there in a tenth of a
#: second.
PAGES = ("builtin-student", "real-student", "builtin", "real")


def pages() -> Path:
    DIST.mkdir(exist_ok=True)
    for model in PAGES:
        page = DIST / f"sprite-lab-{model}.html"
        command = [sys.executable, "-m", "sprite_lab", "export-web", model, "--out", str(page)]
        if subprocess.call(command, cwd=VENV):  # what is installed there, not this checkout
            raise BuildError(f"The page of {model} could not be made (see above).")
    return DIST


PRODUCTS: dict[str, Callable[[], object]] = {
    make.__name__: make
    for make in (app, deb, rpm, appdir, appimage, flatpak, nsis, msi, dmg, sbom, pages)
}

if __name__ == "__main__":
    sys.exit(main())
