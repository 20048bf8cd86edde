#!/usr/bin/env python3
"""Files that a package puts below ``share/``: ``desktop_files.py /usr/share`` writes all of them.

Desktop entry, AppStream metainfo with the release that is built, MIME type, icons, man page.
Every Linux package takes these files from here, so that they are the same in all of them.
"""

from __future__ import annotations

import argparse
import datetime
import os
import re
import sys
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
DESKTOP = ROOT / "resources" / "desktop"
#: Software centers show a few lines; the link leads to the rest.
MOST_NEWS = 10
REPOSITORY = "https://github.com/sprite-lab/sprite-lab"

sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import changelog  # noqa: E402 (these lie beside this script)
from man_page import man_page  # noqa: E402

from sprite_lab import __version__  # noqa: E402
from sprite_lab.cli.desktop import share_files  # noqa: E402
from sprite_lab.paths import APP_ID  # noqa: E402


def build_date() -> datetime.date:
    """Today, or the day given by ``SOURCE_DATE_EPOCH``, for reproducible builds."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.datetime.now(datetime.UTC)
    return (datetime.datetime.fromtimestamp(int(epoch), datetime.UTC) if epoch else now).date()


def metainfo(version: str, date: datetime.date) -> str:
    """The AppStream metainfo of a release; its pictures are those of the release's tag."""
    text = (DESKTOP / f"{APP_ID}.metainfo.xml").read_text("utf-8")
    is_release = re.fullmatch(r"\d+\.\d+\.\d+", version) is not None
    kind = "stable" if is_release else "development"
    # A tilde sorts before nothing, so that 0.2.0~dev1 is older than 0.2.0.
    written = re.sub(r"^(\d+(?:\.\d+)*)\.?(?=[a-z])", r"\1~", version.partition("+")[0])
    details = f"{REPOSITORY}/releases/tag/v{version}" if is_release else f"{REPOSITORY}/releases"
    release = (
        "<releases>\n"
        f'    <release version="{written}" date="{date.isoformat()}" type="{kind}">\n'
        f'      <url type="details">{details}</url>\n{news(version)}'
        "    </release>\n"
        "  </releases>"
    )
    assert "<releases/>" in text
    text = text.replace("<releases/>", release)
    text = re.sub(r"<!--.*?-->\n", "", text, count=1)
    return text.replace("/sprite-lab/main/", f"/sprite-lab/v{version}/") if is_release else text


def news(version: str) -> str:
    """The first changelog items of a version, in AppStream's form; "" if it has none."""
    try:
        points = changelog.items(changelog.section(version))
    except LookupError:
        return ""
    listed = "".join(f"          <li>{escape(point)}</li>\n" for point in points[:MOST_NEWS])
    if not listed:
        return ""
    return f"      <description>\n        <ul>\n{listed}        </ul>\n      </description>\n"


def write(share: Path, version: str = __version__, date: datetime.date | None = None) -> list[Path]:
    """Write all files below ``share`` (``/usr/share`` in a package); returns their paths."""
    date = date or build_date()
    texts = {
        f"metainfo/{APP_ID}.metainfo.xml": metainfo(version, date),
        "man/man1/sprite-lab.1": man_page(version, date),
    }
    contents = {name: text.encode() for name, text in texts.items()}
    # The rest is what users without a package get from sprite-lab --install-desktop.
    contents |= share_files(["sprite-lab"])
    for name, content in contents.items():
        file = share / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return [share / name for name in contents]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("share", type=Path, help="the folder that becomes /usr/share")
    for file in write(parser.parse_args(arguments).share):
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
