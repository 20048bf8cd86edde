#!/usr/bin/env python3
"""Build, install and run the Flatpak with stand-ins for the app and for Flathub's runtime.

Needs flatpak, flatpak-builder and busybox-static, which is the whole stand-in runtime; prints a
line for each check and returns 1 if one of them failed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import flatpak_bundle
from build_tools import Checks

PROGRAMS = ("flatpak", "flatpak-builder", "busybox")
RUNTIMES = ("org.freedesktop.Platform", "org.freedesktop.Sdk")
#: Reports what it can see of the computer.
STAND_IN = """\
#!/bin/sh
echo "data $XDG_DATA_HOME"
echo "interfaces" $(sed -n 's/:.*//p' /proc/net/dev)
[ -e "$SECRET" ] && echo "sees the home folder"
exit 0
"""


def flatpak(*words: str) -> str:
    """Run flatpak; returns its output. CalledProcessError if it failed."""
    command = ["flatpak", "--user", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def make_runtimes(work: Path, branch: str) -> None:
    """Two runtimes of one program, built and installed."""
    for name in RUNTIMES:
        folder = work / name
        programs = folder / "files" / "bin"
        programs.mkdir(parents=True)
        (folder / "files" / "lib").mkdir()
        busybox = programs / "busybox"
        shutil.copy(str(shutil.which("busybox")), busybox)
        subprocess.run([busybox, "--install", "-s", programs], check=True)
        for link in programs.iterdir():
            if link.is_symlink():
                link.unlink()
                link.symlink_to("busybox")
        kind = "".join(
            f"{key}={runtime}/x86_64/{branch}\n"
            for key, runtime in zip(("runtime", "sdk"), RUNTIMES, strict=True)
        )
        (folder / "metadata").write_text(f"[Runtime]\nname={name}\n{kind}", "utf-8")
        export = ["flatpak", "build-export", "--files=files", "--runtime"]
        command = [*export, str(work / "runtimes"), str(folder), branch]
        subprocess.run(command, check=True, capture_output=True)
    flatpak("remote-add", "--no-gpg-verify", "stand-in", f"file://{work / 'runtimes'}")
    flatpak("install", "-y", "stand-in", *(f"{name}//{branch}" for name in RUNTIMES))


def check_flatpak(work: Path, check: Checks) -> None:
    """All of it, with temporary files below ``work``."""
    os.environ.update(FLATPAK_USER_DIR=str(work / "user"), XDG_RUNTIME_DIR=str(work))
    os.environ["HOME"] = str(work / "home")
    secret = work / "home" / "secret"
    secret.parent.mkdir()
    secret.touch()
    app = work / "sprite-lab"
    app.mkdir()
    (app / "sprite-lab").write_text(STAND_IN.replace("$SECRET", str(secret)), "utf-8")
    (app / "sprite-lab").chmod(0o755)
    make_runtimes(work, flatpak_bundle.manifest_for(app, app)["runtime-version"])
    name = flatpak_bundle.APP_ID

    bundle = flatpak_bundle.build_flatpak(app, "0.9.0", work / "app.flatpak", work=work / "work")
    flatpak("install", "-y", "--no-deps", str(bundle))
    exports = work / "user" / "exports" / "share"
    shown = {path.relative_to(exports) for path in exports.rglob("*.*") if not path.is_dir()}
    kinds = {path.parts[0] for path in shown if path.name.startswith(f"{name}.")}
    entry = (exports / "applications" / f"{name}.desktop").read_text("utf-8")
    said = flatpak("run", name)
    check("builds and installs", name in flatpak("list", "--columns=application"))
    check(
        "menu entry, icons, metainfo and file type are seen by the system",
        {"applications", "icons", "mime", "metainfo"} <= kinds,
    )
    check("chosen files are handed in", f"{name} @@ %f @@" in entry)
    check("starts, with a folder for its data", f".var/app/{name}/data" in said)
    check("has no network", "interfaces lo\n" in said)
    check("does not see the home folder", "sees the home folder" not in said)


def main() -> int:
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args()
    if missing := [name for name in PROGRAMS if not shutil.which(name)]:
        print(f"check_flatpak: {', '.join(missing)} missing: install them", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        check = Checks("check_flatpak")
        check_flatpak(Path(folder), check)
        return check.end()


if __name__ == "__main__":
    sys.exit(main())
