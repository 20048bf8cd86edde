#!/usr/bin/env python3
"""Checks the packages for Linux: installs and uses them on a bare system.

    sudo python3 packaging/check_linux.py                 all that is in dist/
    sudo python3 packaging/check_linux.py deb rpm         some

The .deb and the .rpm go into a bare Debian without Python, the Flatpak into a sandbox, the setup
program for Windows into a wine, the wheel into an empty environment. Prints ok or FAIL for each;
the exit code is 1 if anything failed. Needs mmdebstrap, xvfb, xdotool, x11-apps, imagemagick, rpm,
lintian, appstream, desktop-file-utils, for the Flatpak flatpak-builder and busybox-static, and for
Windows nsis, wixl and wine. Pictures of what was seen lie in build/check/.
"""

from __future__ import annotations

import argparse
import configparser
import hashlib
import json
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bootstrap
from build import LARGEST
from build_tools import BuildError, Checks
from chroot import HOME, ROOT, Chroot, Screen, brightness, end

DIST = ROOT / "dist"
PICTURES = ROOT / "build" / "check"
# Repeated here, because the system's Python, which runs this, has none of the app's dependencies.
APP_ID = "io.github.sprite_lab.SpriteLab"
PROJECT_TYPE = "application/vnd.sprite-lab.project"
#: What a user's desktop provides besides the app.
DESKTOP = ("shared-mime-info", "desktop-file-utils", "libglib2.0-bin")
#: Megabytes (10^6) that a package may take.
LARGEST_PACKED = 220
#: lintian errors that are unavoidable in a package with other people's libraries.
UNMENDABLE = {"embedded-library", "library-not-linked-against-libc"}

check = Checks("check_linux")


def require(condition: object, otherwise: str) -> None:
    if not condition:
        raise BuildError(otherwise)


def newest(pattern: str) -> Path:
    found = max(DIST.glob(pattern), key=lambda path: path.stat().st_mtime, default=None)
    if found is None:
        raise BuildError(f"There is no {pattern} in dist/: build it first (packaging/README.md).")
    return found


# -- the .deb ------------------------------------------------------------------------------


def check_deb(chroot: Chroot, screen: Screen, previous: Path | None) -> None:
    package = newest("*.deb")
    if previous is not None:
        shutil.copyfile(previous, chroot.path("/srv/previous.deb"))
    else:
        older(package, chroot.path("/srv/previous.deb"))
    shutil.copyfile(package, chroot.path("/srv/sprite-lab.deb"))
    print(f"     {package.name}, {package.stat().st_size / 1e6:.0f} MB")
    check("the .deb is small enough", lambda: sizes(package))
    check("lintian finds no error", lambda: lintian(package))

    apt = ["apt-get", "-qq", "--yes", "--no-install-recommends"]
    chroot.run("apt-get", "-qq", "update")
    check("installs with apt", lambda: chroot.run(*apt, "install", "/srv/previous.deb") and "")
    check("needs no Python", lambda: no_python(chroot))
    check("passes its self-test", lambda: selftest(chroot, "sprite-lab"))
    check("exports to ONNX", lambda: exports_onnx(chroot))
    chroot.run(*apt, "install", *DESKTOP)
    project = make_project(chroot)
    check("starts from its desktop entry", lambda: starts(chroot, screen))
    check("opens a project by its type", lambda: opens_project(chroot, screen, project))
    check("remembers settings", lambda: sets_dark(chroot, screen))
    kept = contents(chroot.path(HOME))
    check("upgrades", lambda: upgrades(chroot, apt))
    check("an upgrade keeps what is the person's", lambda: contents(chroot.path(HOME)) == kept)
    check("and the settings hold", lambda: is_dark(chroot, screen))
    kept = contents(chroot.path(HOME))
    check("purges", lambda: chroot.run(*apt, "purge", "sprite-lab") and "")
    check("a purge leaves nothing of the app", lambda: nothing_left(chroot))
    check("and all that is the person's", lambda: contents(chroot.path(HOME)) == kept)


def older(package: Path, out: Path) -> None:
    """The same package under an older version, unpacked and repacked."""
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        subprocess.run(["dpkg-deb", "--raw-extract", str(package), folder], check=True)
        control = Path(folder, "DEBIAN", "control")
        lines = control.read_text("utf-8").splitlines()
        lines = ["Version: 0.0.1" if line.startswith("Version:") else line for line in lines]
        control.write_text("\n".join(lines) + "\n", "utf-8")
        command = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", folder, str(out)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def sizes(package: Path) -> str:
    command = ["dpkg-deb", "--field", str(package), "Installed-Size"]
    on_disk = int(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout) * 1024 / 1e6
    packed = package.stat().st_size / 1e6
    words = f"{on_disk:.0f} MB, {packed:.0f} MB packed"
    require(on_disk < LARGEST and packed < LARGEST_PACKED, words)
    return words


def lintian(package: Path) -> str:
    command = ["lintian", "--no-cfg", "--tag-display-limit", "0", str(package)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    # 2: there are errors, which is what we look for.
    require(done.returncode in (0, 2), f"lintian failed with code {done.returncode}")
    errors = [line for line in done.stdout.splitlines() if line.startswith("E: ")]
    mendable = [line for line in errors if line.split()[2] not in UNMENDABLE]
    require(not mendable, "; ".join(mendable[:5]))
    return f"{len(errors)} that no package which brings its libraries can mend"


def no_python(chroot: Chroot) -> str:
    names = [
        path
        for folder in ("/usr/bin", "/usr/local/bin", "/bin")
        for path in chroot.path(folder).glob("python*")
    ]
    require(not names, f"there is {names[:1]}")
    return ""


def selftest(chroot: Chroot, program: str) -> str:
    return chroot.run(program, "selftest", person=True).strip().splitlines()[-1]


def exports_onnx(chroot: Chroot) -> str:
    """The feature that depends on most of torch, which a smaller package could break."""
    inside = f"{HOME}/model.onnx"
    chroot.run("sprite-lab", "export-model", "builtin-student", "--out", inside, person=True)
    file = chroot.path(inside)
    megabytes = file.stat().st_size / 1e6
    file.unlink()
    require(megabytes > 1, f"it has {megabytes:.2f} MB")
    return f"{megabytes:.0f} MB"


def make_project(chroot: Chroot) -> str:
    """A project of the user, as the app itself writes it; returns its path inside."""
    inside = f"{HOME}/a hero.spritelab"
    code = (
        "import sys; from sprite_lab.core.pixels.cells import CellSheet; "
        "from sprite_lab.formats.project import save_project; "
        "save_project(sys.argv[1], CellSheet(title='a hero'))"
    )
    python = bootstrap.venv_python(ROOT / "build" / "venv")
    subprocess.run([str(python), "-c", code, str(chroot.path(inside))], check=True)
    return inside


def desktop_command(chroot: Chroot, *files: str) -> list[str]:
    """The command of the desktop entry, with files inserted."""
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(chroot.path(f"/usr/share/applications/{APP_ID}.desktop"), "utf-8")
    words = shlex.split(entry["Desktop Entry"]["Exec"])
    return [part for word in words for part in (files if word in ("%f", "%F") else [word])]


def starts(chroot: Chroot, screen: Screen) -> str:
    return shown(chroot, screen, "started", ["Sprite Lab"], desktop_command(chroot))


def shown(chroot: Chroot, screen: Screen, name: str, titles: list[str], command: list[str]) -> str:
    """The title of the window that a command opens; takes a picture of it."""
    process = chroot.start(*command, display=screen.display)
    try:
        screen.wait_for(titles)
        time.sleep(8)
        screen.picture(PICTURES / f"{name}.png")
        return screen.wait_for(titles, seconds=1)  # it is still there, maybe with a project
    finally:
        end(process)


def opens_project(chroot: Chroot, screen: Screen, project: str) -> str:
    kind = chroot.run("gio", "info", "-a", "standard::content-type", project, person=True)
    require(PROJECT_TYPE in kind, kind)
    command = f"gio open '{project}'; sleep 600"  # it does not wait for what it started
    return shown(chroot, screen, "project", ["a hero", "Sprite Lab"], ["sh", "-c", command])


def settings_file(chroot: Chroot) -> Path:
    return chroot.path(f"{HOME}/.config/sprite-lab/settings.json")


def sets_dark(chroot: Chroot, screen: Screen) -> str:
    """Set the dark theme as the Theme menu does: in the app's settings file."""
    file = settings_file(chroot)
    settings = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**settings, "theme": "dark"}), "utf-8")
    return is_dark(chroot, screen)


def is_dark(chroot: Chroot, screen: Screen) -> str:
    shown(chroot, screen, "dark", ["Sprite Lab"], ["sprite-lab"])
    bright = brightness(PICTURES / "dark.png")
    theme = json.loads(settings_file(chroot).read_text("utf-8"))["theme"]
    require(theme == "dark" and bright < 0.4, f"theme {theme}, brightness {bright:.2f}")
    return f"brightness {bright:.2f}"


def upgrades(chroot: Chroot, apt: list[str]) -> str:
    chroot.run(*apt, "install", "/srv/sprite-lab.deb")
    version = chroot.run("dpkg-query", "--show", "--showformat=${Version}", "sprite-lab")
    field = ["dpkg-deb", "--field", str(chroot.path("/srv/sprite-lab.deb")), "Version"]
    wanted = subprocess.run(field, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    require(version == wanted, f"{version} is there and not {wanted}")
    said = chroot.run("sprite-lab", "--version", person=True).strip()
    return f"{version}: {said}"


def contents(folder: Path) -> dict[str, str]:
    """The user's files by content; logs and caches belong to the app."""
    found = {}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_file() and ".cache" not in name and "/log" not in name:
            found[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    require(found, "the person has no files")
    return found


def nothing_left(chroot: Chroot) -> str:
    status = chroot.path("/var/lib/dpkg/status").read_text("utf-8")
    require("Package: sprite-lab\n" not in status, "dpkg still knows the package")
    left = [
        file
        for part in ("usr", "etc", "opt", "var/lib", "var/cache")
        for file in chroot.path(part).rglob("*")
        if "sprite-lab" in file.name.lower() or "spritelab" in file.name.lower()
    ]
    require(not left, f"{left[:3]}")
    for name in ("usr/share/mime/globs2", "usr/share/applications/mimeinfo.cache"):
        file = chroot.path(name)
        require(not file.exists() or "sprite" not in file.read_text("utf-8"), f"{name} names it")
    return ""


# -- the others ----------------------------------------------------------------------------


def check_rpm(chroot: Chroot) -> None:
    package = newest("*.rpm")
    print(f"     {package.name}, {package.stat().st_size / 1e6:.0f} MB")
    # It is installed where Debian's packages provide the libraries, which rpm cannot know.
    rpm = ["rpm", "--root", str(chroot.folder), "--nodeps"]

    def asks() -> str:
        command = ["rpm", "--query", "--package", "--requires", str(package)]
        lines = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        require("libtorch" not in lines and "libQt6" not in lines, "it asks for its own libraries")
        require("libEGL.so.1" in lines, "it does not ask for OpenGL")
        return f"{len(set(lines.splitlines()))} things"

    check("the .rpm asks the system for what it does not bring", asks)
    check("installs", lambda: subprocess.run([*rpm, "--install", str(package)], check=True) and "")
    check("needs no Python", lambda: no_python(chroot))
    check("passes its self-test", lambda: selftest(chroot, "sprite-lab"))
    check("is removed", lambda: subprocess.run([*rpm, "--erase", "sprite-lab"], check=True) and "")
    check("nothing is left of it", lambda: not chroot.path("/usr/lib/sprite-lab").exists())


def check_appdir(chroot: Chroot, screen: Screen) -> None:
    folder = newest("*.AppDir")
    inside = "/opt/Sprite_Lab.AppDir"
    subprocess.run(["cp", "-a", str(folder), str(chroot.path(inside))], check=True)
    check("the AppDir passes its self-test", lambda: selftest(chroot, f"{inside}/AppRun"))

    command = [f"{inside}/AppRun"]
    check("and shows its window", lambda: shown(chroot, screen, "appdir", ["Sprite Lab"], command))
    entry = folder / f"{APP_ID}.desktop"
    check("its desktop entry is valid", lambda: quiet("desktop-file-validate", str(entry)))
    metainfo = folder / f"usr/share/metainfo/{APP_ID}.metainfo.xml"
    validate = ["appstreamcli", "validate", "--no-net", str(metainfo)]
    check("its metainfo is valid", lambda: quiet(*validate))


def check_script(script: str, *arguments: str) -> None:
    """Another script with its own copy of the list, with the same words."""
    python = bootstrap.venv_python(ROOT / "build" / "venv")
    command = [str(python), str(ROOT / "packaging" / script), *arguments]
    check(f"{script} passes", lambda: subprocess.run(command).returncode == 0)


def quiet(*command: str) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    require(done.returncode == 0, done.stdout.strip())
    return ""


def main(arguments: list[str] | None = None) -> int:
    kinds = ("deb", "rpm", "appdir", "flatpak", "windows", "wheel")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(kinds)}")
    parser.add_argument(
        "--previous", type=Path, help="the .deb to upgrade from; without it this one, as 0.0.1"
    )
    options = parser.parse_args(arguments)
    chosen = options.kinds or list(kinds)
    if unknown := set(chosen) - set(kinds):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    PICTURES.mkdir(parents=True, exist_ok=True)
    (ROOT / "build").mkdir(exist_ok=True)
    try:
        if {"deb", "rpm", "appdir"} & set(chosen):
            check_packages(chosen, options.previous)
        if "flatpak" in chosen:
            check_script("linux/check_flatpak.py")
        if "windows" in chosen:
            check_script("windows/check_wine.py")
        if "wheel" in chosen:
            check_script("check_wheel.py")
    except BuildError as error:
        print(f"check_linux: {error}", file=sys.stderr)
        return 1
    return check.end()


def check_packages(chosen: list[str], previous: Path | None) -> None:
    with tempfile.TemporaryDirectory(prefix="chroot-", dir=ROOT / "build") as folder:
        chroot, screen = Chroot(Path(folder) / "debian"), Screen()
        try:
            # First, because it also brings the libraries that the others expect on any desktop.
            check_deb(chroot, screen, previous)
            if "rpm" in chosen:
                check_rpm(chroot)
            if "appdir" in chosen:
                check_appdir(chroot, screen)
        finally:
            screen.close()


if __name__ == "__main__":
    sys.exit(main())
