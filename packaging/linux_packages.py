"""Linux packages of the frozen app: .deb, .rpm, AppDir and AppImage.

All of them have the same tree: the app in lib/sprite-lab, a link to its program in bin, and files
for the desktop below share. The app's system requirements are read from its libraries.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import platform
import re
import shutil
import subprocess
import textwrap
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from string import Template

import changelog
import desktop_files
from build_tools import BuildError, appimage_tool, run
from freeze import ROOT, WORK, size

LINUX = ROOT / "packaging" / "linux"
PACKAGE = "sprite-lab"
MAINTAINER = "The Sprite Lab contributors <sprite-lab@users.noreply.github.com>"


# -- the tree ------------------------------------------------------------------------------


def lay_tree(app: Path, version: str, usr: Path) -> None:
    """Make ``usr``, with the app and everything a desktop needs."""
    lib = usr / "lib" / PACKAGE
    # Hard links if possible: the app is half a gigabyte.
    shutil.copytree(app, lib, symlinks=True, copy_function=_link_or_copy)
    for file in lib.rglob("*"):
        if file.is_file() and not file.is_symlink():
            file.chmod(0o755 if file.name == PACKAGE or file.parent.name == "bin" else 0o644)
    (usr / "bin").mkdir()
    (usr / "bin" / PACKAGE).symlink_to(f"../lib/{PACKAGE}/{PACKAGE}")
    desktop_files.write(usr / "share", version)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def system_version(version: str) -> str:
    """The version in a form that dpkg and rpm sort correctly: 0.2.0~dev3 comes before 0.2.0.

    >>> system_version("0.2.0.dev3+g79a81c4"), system_version("0.2.0")
    ('0.2.0~dev3+g79a81c4', '0.2.0')
    >>> system_version("0.2.0rc1")
    '0.2.0~rc1'
    """
    public, plus, build = version.partition("+")
    return re.sub(r"\.?(dev|a|b|rc)(?=\d)", r"~\1", public) + plus + build


def needed_libraries(app: Path) -> tuple[set[str], str]:
    """The libraries that the app needs from the system, and the oldest sufficient glibc."""
    files = [file for file in app.rglob("*") if file.is_file() and not file.is_symlink()]
    binaries = [str(file) for file in files if _is_elf(file)]
    text = output("readelf", "--wide", "--dynamic", "--version-info", *binaries)
    named = set(re.findall(r"\(NEEDED\).*\[(.+)\]", text))
    versions = re.findall(r"\bGLIBC_(\d+)\.(\d+)", text)
    major, minor = max((int(major), int(minor)) for major, minor in versions)
    return named - bundled_names(app), f"{major}.{minor}"


def _is_elf(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(4) == b"\x7fELF"


def bundled_names(app: Path) -> set[str]:
    """The libraries included in the app."""
    return {file.name for file in app.rglob("*.so*")}


# -- Debian --------------------------------------------------------------------------------


def build_deb(app: Path, version: str, out: Path, compression: str = "-Zxz") -> Path:
    """A package for Debian, Ubuntu and their derivatives."""
    root = WORK / "deb"
    shutil.rmtree(root, ignore_errors=True)
    lay_tree(app, version, root / "usr")
    _write_doc(root / "usr" / "share" / "doc" / PACKAGE, version)
    page = root / "usr/share/man/man1" / f"{PACKAGE}.1"
    page.with_name(page.name + ".gz").write_bytes(gzip.compress(page.read_bytes(), mtime=0))
    page.unlink()
    control = root / "DEBIAN"
    control.mkdir()
    architecture = output("dpkg", "--print-architecture").strip()
    values = {
        "version": system_version(version),
        "architecture": architecture,
        "size": -(-size(root / "usr") // 1024),
        "depends": debian_depends(*needed_libraries(app)),
        "maintainer": MAINTAINER,
        "homepage": desktop_files.REPOSITORY,
    }
    template = Template((LINUX / "control").read_text("utf-8"))
    (control / "control").write_text(template.substitute(values), "utf-8")
    (control / "md5sums").write_text(_md5sums(root), "utf-8")
    _share_permissions(root)
    out.mkdir(parents=True, exist_ok=True)
    package = out / f"{PACKAGE}_{values['version']}_{architecture}.deb"
    run(["dpkg-deb", "--root-owner-group", compression, "--build", str(root), str(package)])
    return package


def debian_depends(needed: set[str], glibc: str) -> str:
    """The packages with the libraries that the app does not include.

    dpkg-shlibdeps would take minutes, and require exactly the versions of this machine.
    """
    found = {f"libc6 (>= {glibc})"}
    for name in needed:
        # Not those of another architecture that may be installed as well.
        file = f"*/{platform.machine()}-linux-gnu/{name}"
        asked = subprocess.run(["dpkg-query", "--search", file], stdout=subprocess.PIPE, text=True)
        if asked.returncode:
            raise BuildError(f"No package of this machine has {name}: install the one that does.")
        package = asked.stdout.split(":")[0]
        if package != "libc6":
            found.add(package)
    return ", ".join(sorted(found))


def _write_doc(folder: Path, version: str) -> None:
    folder.mkdir(parents=True)
    shutil.copyfile(LINUX / "copyright", folder / "copyright")
    day = format_datetime(datetime.combine(desktop_files.build_date(), datetime.min.time(), UTC))
    points = "\n".join(
        textwrap.fill(item, 79, initial_indent="  * ", subsequent_indent="    ",
                      break_long_words=False, break_on_hyphens=False)
        for item in changes(version)
    )  # fmt: skip
    entry = (
        f"{PACKAGE} ({system_version(version)}) stable; urgency=medium\n\n{points}\n\n"
        f" -- {MAINTAINER}  {day}\n"
    )
    packed = gzip.compress(entry.encode(), compresslevel=9, mtime=0)
    (folder / "changelog.gz").write_bytes(packed)


def changes(version: str) -> list[str]:
    """The changes, one per line."""
    try:
        return changelog.items(changelog.section(version.partition("+")[0]))
    except LookupError:
        return ["A development version."]


def _md5sums(root: Path) -> str:
    lines = []
    for file in sorted((root / "usr").rglob("*")):
        if file.is_file() and not file.is_symlink():
            with file.open("rb") as opened:
                digest = hashlib.file_digest(opened, "md5").hexdigest()
            lines.append(f"{digest}  {file.relative_to(root)}\n")
    return "".join(lines)


def _share_permissions(root: Path) -> None:
    """Let everyone read the installed files, whatever the builder's umask."""
    for file in root.rglob("*"):
        if file.is_dir():
            file.chmod(0o755)
        elif not file.is_symlink() and "lib" not in file.relative_to(root).parts:
            file.chmod(0o644)


# -- RPM -----------------------------------------------------------------------------------


def build_rpm(app: Path, version: str, out: Path) -> Path:
    """A package for Fedora, openSUSE and their derivatives; rpm itself finds its requirements."""
    work = WORK / "rpm"
    shutil.rmtree(work, ignore_errors=True)
    lay_tree(app, version, work / "tree" / "usr")
    values = {
        "version": system_version(version).replace("-", "_"),
        "tree": work / "tree",
        "homepage": desktop_files.REPOSITORY,
        "license": ROOT / "LICENSE",
        "bundled": "|".join(sorted(map(re.escape, bundled_names(app)))).replace("\\", "\\\\"),
        "changes": "\n".join(f"- {item.replace('%', '%%')}" for item in changes(version)),
        "day": desktop_files.build_date().strftime("%a %b %d %Y"),
        "maintainer": MAINTAINER,
    }
    template = Template((LINUX / "sprite-lab.spec").read_text("utf-8"))
    spec = work / "sprite-lab.spec"
    spec.write_text(template.substitute(values), "utf-8")
    command = ["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {work / 'top'}"]
    run([*command, "--buildroot", str(work / "root"), str(spec)])
    built = next((work / "top" / "RPMS").rglob("*.rpm"))
    out.mkdir(parents=True, exist_ok=True)
    return Path(shutil.move(built, out / built.name))


# -- AppImage ------------------------------------------------------------------------------


def build_appdir(app: Path, version: str, out: Path) -> Path:
    """The folder that an AppImage is an image of; its AppRun starts the app directly."""
    folder = out / "Sprite_Lab.AppDir"
    shutil.rmtree(folder, ignore_errors=True)
    lay_tree(app, version, folder / "usr")
    name = desktop_files.APP_ID
    shutil.copyfile(folder / f"usr/share/applications/{name}.desktop", folder / f"{name}.desktop")
    icon = folder / "usr/share/icons/hicolor/256x256/apps" / f"{name}.png"
    shutil.copyfile(icon, folder / f"{name}.png")
    (folder / ".DirIcon").symlink_to(f"{name}.png")
    # Where AppStream's catalogs look in an AppImage.
    (folder / f"usr/share/metainfo/{name}.appdata.xml").symlink_to(f"{name}.metainfo.xml")
    (folder / "AppRun").symlink_to(f"usr/bin/{PACKAGE}")
    return folder


def build_appimage(appdir: Path, version: str, out: Path) -> Path:
    """One executable file."""
    machine = platform.machine()
    image = out / f"Sprite_Lab-{version}-{machine}.AppImage"
    run(["env", f"ARCH={machine}", appimage_tool(), "--no-appstream", str(appdir), str(image)])
    return image


# -- tools ---------------------------------------------------------------------------------


def output(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise BuildError(f"{command[0]} failed; it says why above.")
    return done.stdout
