"""The pictures of README, guide and AppStream: how each is taken, and whether all are in order.

No Qt and no torch: the tests read this too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
GUIDE = "resources/help/images"
#: Not among the resources, so that the wheel does not contain pictures only for web pages.
FRONT = "packaging/pictures"

#: Required by AppStream: 16:9, and at least 1248x702.
WIDE = (1600, 900)
WINDOW = (1280, 800)
#: Width of the guide's column.
COLUMN = (664, 415)


@dataclass(frozen=True)
class Picture:
    """A file below the repository's root, and how it is taken.

    Parameters
    ----------
    scene, state : of the photographer; a file without is made by :data:`ANIMATION`.
    mode : "light" or "dark".
    size : of the window, in pixels; None = that which it has by itself.
    shown : what it is reduced to; None = it is not.
    """

    file: str
    scene: str
    state: str
    mode: str = "light"
    size: tuple[int, int] | None = WINDOW
    shown: tuple[int, int] | None = COLUMN

    @property
    def pixels(self) -> tuple[int, int] | None:
        """Width and height of the file; None = those of the window."""
        return self.shown or self.size


def _guide(name: str, scene: str, state: str) -> Picture:
    return Picture(f"{GUIDE}/{name}.png", scene, state)


def _front(name: str, scene: str, state: str, mode: str = "light") -> Picture:
    return Picture(f"{FRONT}/{name}.png", scene, state, mode, WIDE, None)


PICTURES = (
    # README (the first) and AppStream, in its order.
    _front("see", "see.reverse", "see-reverse-middle"),
    _front("draw", "draw", "draw-generated"),
    _front("train", "train", "train-ended-curves"),
    _front("race", "see.race", "see-race"),
    _front("see-dark", "see.reverse", "see-reverse-middle", "dark"),
    # The guide, in its order.
    _guide("see-watch", "see.reverse", "see-reverse-middle"),
    _guide("see-branch", "see.branch", "see-branch"),
    _guide("see-race", "see.race", "see-race"),
    _guide("see-between", "see.between", "see-between"),
    _guide("see-inpaint", "see.inpaint", "see-inpaint"),
    _guide("see-map", "see.map", "see-map"),
    _guide("train-levels", "train", "train-ended-levels"),
    _guide("train-checkpoints", "train", "train-ended-checkpoints"),
    _guide("measure-probability", "measure.probability", "measure-probability"),
    _guide("measure-memorization", "measure.memorization", "measure-memorization"),
    _guide("measure-thermodynamics", "measure.thermodynamics", "measure-thermodynamics"),
    _guide("draw", "draw", "draw-generated"),
    _guide("import", "import", "import-sheet"),
    _guide("data", "data", "data"),
    _guide("data-copies", "data", "data-duplicates"),
    Picture(f"{GUIDE}/export.png", "export", "export-animation", size=None, shown=(780, 540)),
)

#: The README's animation: its file, its size and its command-line options.
ANIMATION = f"{FRONT}/out-of-noise.gif"
ANIMATION_PIXELS = (252, 201)
_ARGUMENTS = (
    "export builtin --kind reverse --count 20 --seed 2 "
    "--classes hero,creature,food,item,side_facing --steps 40 --scale 3 --fps 15 --hold 2"
)
ANIMATION_ARGUMENTS = tuple(_ARGUMENTS.split())

#: Files that show pictures, and the base of their addresses.
SHOWN_IN = ("README.md", "resources/help/*.md", "resources/desktop/*.metainfo.xml")
_IN_MARKDOWN = re.compile(r"!\[[^\]]*\]\(([^)\s]+)")
_IN_METAINFO = re.compile(r"<image[^>]*>\s*https?://[^<]*?/((?:packaging|resources)/[^<\s]+)")


def shown(root: Path = ROOT) -> dict[str, set[str]]:
    """Every picture that is shown, and which files show it, below the repository's root."""
    found: dict[str, set[str]] = {}
    for page in (page for pattern in SHOWN_IN for page in sorted(root.glob(pattern))):
        text = page.read_text(encoding="utf-8")
        if page.suffix == ".xml":
            files = [root / name for name in _IN_METAINFO.findall(text)]
        else:
            # The README uses absolute addresses, for pages that show it elsewhere.
            files = [
                root / re.sub(r"^https?://.*?/(?=packaging/|resources/)", "", name)
                if name.startswith("http")
                else page.parent / name
                for name in _IN_MARKDOWN.findall(text)
            ]
        for file in files:
            if file.is_relative_to(root):
                name = file.resolve().relative_to(root.resolve()).as_posix()
                found.setdefault(name, set()).add(page.relative_to(root).as_posix())
    return found


def faults(root: Path = ROOT) -> Iterator[str]:
    """Faults of the set in its current state, one sentence each."""
    wanted = {picture.file: picture.pixels for picture in PICTURES}
    wanted[ANIMATION] = ANIMATION_PIXELS
    uses = shown(root)
    there = {
        file.relative_to(root).as_posix()
        for folder in (GUIDE, FRONT)
        for file in (root / folder).glob("*")
        if file.suffix in (".png", ".gif")
    }
    for name in sorted(uses.keys() - wanted.keys()):  # those of the models are made with them
        if not (root / name).is_file():
            yield f"{name} is shown in {', '.join(sorted(uses[name]))}, but is not there."
    for name in sorted(there - wanted.keys()):
        yield f"{name} is not of the set; delete it."
    for name, pixels in wanted.items():
        if name not in there:
            yield f"{name} is missing; packaging/screenshots.py makes it."
            continue
        if name not in uses:
            yield f"{name} is shown nowhere; delete it, and its line in picture_set.py."
        with Image.open(root / name) as picture:
            if pixels is not None and picture.size != pixels:
                yield f"{name} has {picture.size} pixels, not {pixels}."


#: Size of the squares whose means are compared, so that slightly different letters count little;
#: how far a mean may be off, of 255; and the share that may be further off.
_SQUARE, _OFF, _SHARE = 8, 16, 0.02


def difference(one: Path, other: Path) -> float:
    """The share of squares in which two pictures differ visibly: 0 to 1."""
    with Image.open(one) as first, Image.open(other) as second:
        if first.size != second.size:
            return 1.0
        size = tuple(-(-side // _SQUARE) for side in first.size)
        means = [
            np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BOX), int)
            for picture in (first, second)
        ]
    return float((abs(means[0] - means[1]).max(axis=2) > _OFF).mean())


def is_stale(share: float) -> bool:
    """Whether pictures that differ in this share show something different."""
    return share > _SHARE
