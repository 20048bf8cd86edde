"""The extension for Aseprite, which uses ``sprite-lab serve``: a zip of files from resources."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from sprite_lab import __version__
from sprite_lab.formats.atomic import atomic_write
from sprite_lab.paths import resource

SUFFIX = ".aseprite-extension"


def write_extension(path: str | Path) -> None:
    """Write the extension with this version's number; the same version makes the same file."""
    with atomic_write(path) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(resource("aseprite").iterdir()):
            text = file.read_text("utf-8")
            if file.name == "package.json":
                text = json.dumps(json.loads(text) | {"version": __version__}, indent=2)
            archive.writestr(zipfile.ZipInfo(file.name), text)
