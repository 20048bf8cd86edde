#!/usr/bin/env python3
"""The installers for Windows, made on Windows or Linux from the frozen app.

``windows_installers.py nsis --app dist/sprite-lab --version 1.2.0 --out dist/setup.exe`` needs
makensis; ``msi`` instead of ``nsis`` needs wixl, or WiX 3 on Windows. Where the environment has
WINDOWS_SIGN_COMMAND (``signtool sign ... "%1"``), the programs and the installer are signed with
it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import Element, SubElement, tostring

from build_tools import BuildError, build_main, find_program, four_numbers, notice, run

ROOT = Path(__file__).resolve().parent.parent
WINDOWS = ROOT / "packaging" / "windows"

PROGRAM = "Sprite Lab.exe"
SIGN_VARIABLE = "WINDOWS_SIGN_COMMAND"

#: Installed beside the app's own files: the icon of its documents.
EXTRA = (WINDOWS / "project.ico",)

#: Windows allows 259 characters; this leaves 100 for the user's choice of folder.
LONGEST = 159

#: Namespace of the ids of the MSI's components, the same in each version.
COMPONENTS = uuid.UUID("7be9e1ff-6c2c-5d0e-9f1b-2f6b6a3f3f0a")


def build_nsis(app_folder: Path, version: str, out: Path) -> Path:
    """The setup program, compiled with makensis; warnings are errors."""
    makensis = find_program("makensis", r"NSIS\makensis.exe")
    files = app_files(app_folder)
    signing = sign_programs(app_folder)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        macros = Path(folder) / "files.nsh"
        # makensis reads a file as UTF-8 if it starts with this mark.
        macros.write_text(nsis_macros(files), "utf-8-sig")
        defines = {
            "VERSION": version,
            "NUMBERS": four_numbers(version),
            "KILOBYTES": sum(path.stat().st_size for path in files.values()) // 1024,
            "LONGEST": max(map(len, files)) + 1,
            "FILES": macros,
            "ICON": WINDOWS / "sprite-lab.ico",
            "PICTURE": WINDOWS / "setup.bmp",
            "LICENSE": ROOT / "LICENSE",
            "OUT": out.resolve(),
            **({"SIGN": 1} if signing else {}),
        }
        settings = [f"-D{name}={value}" for name, value in defines.items()]
        run([makensis, "-WX", "-V2", *settings, str(WINDOWS / "installer.nsi")])
    return out


def build_msi(app_folder: Path, version: str, out: Path) -> Path:
    """The package for Windows Installer, compiled with wixl or with WiX 3."""
    files = app_files(app_folder)
    signing = sign_programs(app_folder)
    out.parent.mkdir(parents=True, exist_ok=True)
    values = (f"Version={four_numbers(version)}", f"Icon={WINDOWS / 'sprite-lab.ico'}")
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "files.wxs"
        listed.write_text(wix_files(files), "utf-8")
        sources = [str(WINDOWS / "product.wxs"), str(listed)]
        if wixl := shutil.which("wixl"):
            defines = [part for value in values for part in ("-D", value)]
            run([wixl, "--arch", "x64", *defines, "-o", str(out), *sources])
        else:
            candle, light = (
                find_program(name, rf"WiX Toolset v3.14\bin\{name}.exe")
                for name in ("candle", "light")
            )
            defines = [f"-d{value}" for value in values]
            objects = [str(Path(folder) / f"{name}.wixobj") for name in ("product", "files")]
            into = folder + os.sep
            run([candle, "-arch", "x64", *defines, "-out", into, *sources])
            # Validation (skipped by -sval) knows no package that is for either one user or all.
            run([light, "-sval", "-spdb", "-out", str(out), *objects])
    if signing:
        sign(out)
    return out


# -- the app's files -------------------------------------------------------------------------


def app_files(folder: Path) -> dict[str, Path]:
    """Each file to install: its name below the chosen folder, with ``/``, and its current path."""
    if not (folder / PROGRAM).is_file():
        raise BuildError(f"{folder} holds no {PROGRAM}: freeze the app for Windows first.")
    found = {
        path.relative_to(folder).as_posix(): path.resolve()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    found.update({path.name: path for path in EXTRA})
    if (longest := max(found, key=len)) and len(longest) > LONGEST:
        raise BuildError(f"{longest!r} has more than {LONGEST} characters: leave it out.")
    return found


def folders(files: dict[str, Path]) -> list[str]:
    """Every folder that contains files or folders, parents first."""
    every = {str(parent) for name in files for parent in Path(name).parents}
    return sorted(Path(folder).as_posix() for folder in every - {"."})


def nsis_macros(files: dict[str, Path]) -> str:
    """The macros InstallFiles and RemoveFiles."""
    install, remove = [], []
    at = None
    for name, path in sorted(files.items(), key=lambda item: (Path(item[0]).parent, item[0])):
        if (parent := Path(name).parent.as_posix()) != at:
            at = parent
            install.append(f"SetOutPath {nsis_path('' if at == '.' else at)}")
        # Here, on the build machine, a $ is a $.
        install.append(f'File "{path}"')
        remove.append(f"Delete {nsis_path(name)}")
    remove += [f"RMDir {nsis_path(folder)}" for folder in reversed(folders(files))]
    return "".join(
        f"!macro {name}\n{''.join(f'  {line}{chr(10)}' for line in lines)}!macroend\n"
        for name, lines in (("InstallFiles", install), ("RemoveFiles", remove))
    )


def nsis_path(name: str) -> str:
    below = name.replace("/", "\\").replace("$", "$$")
    return f'"$INSTDIR\\{below}"' if below else '"$INSTDIR"'


def wix_files(files: dict[str, Path]) -> str:
    """One component per file, as Windows Installer requires; their names are the same in every
    build.
    """
    wix = Element("Wix", xmlns="http://schemas.microsoft.com/wix/2006/wi")
    fragment = SubElement(wix, "Fragment")
    below = {PurePosixPath(): SubElement(fragment, "DirectoryRef", Id="INSTALLDIR")}
    group = SubElement(fragment, "ComponentGroup", Id="AppFiles")
    for folder in map(PurePosixPath, folders(files)):
        below[folder] = SubElement(
            below[folder.parent], "Directory", Id=f"d{wix_id(str(folder))}", Name=folder.name
        )
    for name, path in sorted(files.items()):
        key, place = wix_id(name), PurePosixPath(name)
        component = SubElement(
            below[place.parent],
            "Component",
            Id=f"c{key}",
            Guid=str(uuid.uuid5(COMPONENTS, name)).upper(),
            Win64="yes",
        )
        file_id = "Program" if name == PROGRAM else f"f{key}"
        SubElement(component, "File", Id=file_id, Name=place.name, Source=str(path), KeyPath="yes")
        SubElement(group, "ComponentRef", Id=f"c{key}")
    return tostring(wix, "unicode")


def wix_id(name: str) -> str:
    return uuid.uuid5(COMPONENTS, name).hex


# -- signing ---------------------------------------------------------------------------------


def sign_programs(app_folder: Path) -> bool:
    """Sign the app's own programs if there is a command for it; returns whether there is."""
    if not os.environ.get(SIGN_VARIABLE):
        notice(f"not signed, for {SIGN_VARIABLE} is not set")
        return False
    for program in sorted(app_folder.glob("*.exe")):
        sign(program)
    return True


def sign(path: Path) -> None:
    command = os.environ[SIGN_VARIABLE].replace("%1", str(path))
    # Not printed: it may contain a password.
    if subprocess.run(command, shell=True).returncode:
        raise BuildError(f"{path.name} could not be signed: see {SIGN_VARIABLE}.")


def main() -> int:
    return build_main(
        "windows_installers",
        __doc__,
        "the folder of the frozen app",
        {"nsis": build_nsis, "msi": build_msi},
    )


if __name__ == "__main__":
    sys.exit(main())
