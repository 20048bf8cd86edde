#!/usr/bin/env python3
"""The disk image for macOS from the app's bundle: signed, in a dmg, notarized.

``macos_image.py --app "dist/Sprite Lab.app" --version 1.2.0 --out FILE`` runs on
macOS alone. PyInstaller makes the bundle and takes ``info_plist`` from here. Where the
environment has MACOS_SIGN_IDENTITY (a name in the keychain) the app is signed with it, and
where it has MACOS_NOTARY_KEY (the file), _KEY_ID and _ISSUER, notarized by Apple.
"""

from __future__ import annotations

import os
import plistlib
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from build_tools import BuildError, build_main, four_numbers, notice, run

MACOS = Path(__file__).resolve().parent / "macos"
ICON = MACOS / "sprite-lab.icns"
DOCUMENT_ICON = MACOS / "project.icns"
ENTITLEMENTS = MACOS / "entitlements.plist"

NAME = "Sprite Lab"
#: The program for commands, which is in the bundle beside the one that opens the window.
CONSOLE = "sprite-lab-cli"
#: The app's id; Apple knows no underscores.
BUNDLE_ID = "io.github.sprite-lab.SpriteLab"
PROJECT_TYPE = "io.github.sprite-lab.project"
#: PyTorch has no build for an older one.
OLDEST_MACOS = "14.0"

#: Number of attempts to make the image, and the delay in between, in seconds.
ATTEMPTS, PAUSE_S = 5, 10

IDENTITY = "MACOS_SIGN_IDENTITY"
NOTARY = ("MACOS_NOTARY_KEY", "MACOS_NOTARY_KEY_ID", "MACOS_NOTARY_ISSUER")

#: How a machine-code file starts: for one or several architectures, in either byte order.
MACH_O = {bytes.fromhex(magic) for magic in ("cffaedfe", "cefaedfe", "feedfacf", "cafebabe")}

Run = Callable[[list[str]], None]


def info_plist(version: str) -> dict[str, Any]:
    """The bundle's metadata besides what PyInstaller writes."""
    numbers = ".".join(four_numbers(version).split(".")[:3])
    return {
        "CFBundleIdentifier": BUNDLE_ID,
        # PyInstaller would derive this and LSBackgroundOnly from whichever program it finds first.
        "CFBundleExecutable": NAME,
        "CFBundleName": NAME,
        "CFBundleDisplayName": NAME,
        # macOS takes three numbers; the text is shown to people.
        "CFBundleVersion": numbers,
        "CFBundleShortVersionString": numbers,
        "CFBundleGetInfoString": f"{NAME} {version}",
        "NSHumanReadableCopyright": "Sprite Lab contributors. MIT License.",
        "LSApplicationCategoryType": "public.app-category.graphics-design",
        "LSMinimumSystemVersion": OLDEST_MACOS,
        "LSBackgroundOnly": False,  # it has windows, although it contains a console program
        "NSHighResolutionCapable": True,
        "NSRequiresAquaSystemAppearance": False,
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": f"{NAME} project",
                "CFBundleTypeRole": "Editor",
                "CFBundleTypeIconFile": DOCUMENT_ICON.name,
                "LSHandlerRank": "Owner",
                "LSItemContentTypes": [PROJECT_TYPE],
            }
        ],
        "UTExportedTypeDeclarations": [
            {
                "UTTypeIdentifier": PROJECT_TYPE,
                "UTTypeDescription": f"{NAME} project",
                "UTTypeIconFile": DOCUMENT_ICON.name,
                # Not public.zip-archive, although it is one: a browser would unpack it.
                "UTTypeConformsTo": ["public.data", "public.content"],
                "UTTypeTagSpecification": {
                    "public.filename-extension": ["spritelab"],
                    "public.mime-type": ["application/vnd.sprite-lab.project"],
                },
            }
        ],
    }


def build_dmg(app: Path, version: str, out: Path, run: Run = run) -> Path:
    """The disk image of a bundle, which is completed and signed first."""
    if not (app / "Contents" / "Info.plist").is_file():
        raise BuildError(f"{app} is no bundle: freeze the app on macOS first.")
    identity = os.environ.get(IDENTITY, "")
    if not identity:
        notice(f"signed for this computer alone, for {IDENTITY} is not set")
    shutil.copy(DOCUMENT_ICON, app / "Contents" / "Resources")
    sign_app(app, identity, run)
    out.parent.mkdir(parents=True, exist_ok=True)
    make_image(app, f"{NAME} {version}", out, run)
    if identity:
        run(["codesign", "--force", "--timestamp", "--sign", identity, str(out)])
        notarize(out, run)
    return out


def sign_app(app: Path, identity: str, run: Run) -> None:
    """Sign from the inside out: each library, then the bundle that holds them."""
    sign = ["codesign", "--force", "--sign", identity or "-"]
    if identity:
        hardened = ["--options", "runtime", "--entitlements", str(ENTITLEMENTS)]
        sign += ["--timestamp", *hardened]
    inside = iter(machine_code(app))
    while some := list(islice(inside, 100)):
        run([*sign, *map(str, some)])
    run([*sign, str(app)])
    run(["codesign", "--verify", "--deep", "--strict", str(app)])


def machine_code(app: Path) -> Iterator[Path]:
    """The programs and libraries in the bundle, the deepest first; links to others are skipped.

    Not its main program: codesign takes that for the bundle itself.
    """
    info = plistlib.loads((app / "Contents" / "Info.plist").read_bytes())
    main = app / "Contents" / "MacOS" / info["CFBundleExecutable"]
    files = [path for path in app.rglob("*") if path.is_file() and not path.is_symlink()]
    files.remove(main)
    for path in sorted(files, key=lambda path: (-len(path.parts), path)):
        with path.open("rb") as file:
            if file.read(4) in MACH_O:
                yield path


def make_image(app: Path, name: str, out: Path, run: Run) -> None:
    """A dmg with the app, and a link to the folder to drag it to."""
    with tempfile.TemporaryDirectory() as folder:
        # ditto keeps links and attributes, which the signature relies on.
        run(["ditto", str(app), str(Path(folder) / app.name)])
        (Path(folder) / "Applications").symlink_to("/Applications")
        made_of = ["-srcfolder", folder, "-volname", name, "-fs", "HFS+", "-format", "ULMO"]
        for left in reversed(range(ATTEMPTS)):
            try:
                return run(["hdiutil", "create", *made_of, "-ov", str(out)])
            except BuildError:
                # A virus scanner may still have the files open ("Resource busy").
                if not left:
                    raise
                time.sleep(PAUSE_S)


def notarize(out: Path, run: Run) -> None:
    """Submit it to Apple, and attach the ticket to the image."""
    key, key_id, issuer = (os.environ.get(name, "") for name in NOTARY)
    if not (key and key_id and issuer):
        notice(f"not notarized, for {', '.join(NOTARY)} are not all set")
        return
    account = ["--key", key, "--key-id", key_id, "--issuer", issuer]
    run(["xcrun", "notarytool", "submit", str(out), *account, "--wait"])
    # Fails if Apple refused.
    run(["xcrun", "stapler", "staple", str(out)])


def main() -> int:
    return build_main("macos_image", __doc__, "the bundle", {"dmg": build_dmg})


if __name__ == "__main__":
    sys.exit(main())
