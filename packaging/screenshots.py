#!/usr/bin/env python3
"""Pictures of the real app.

``screenshots.py`` takes the pictures in README, guide and AppStream again (picture_set.py lists
them). ``screenshots.py --check`` says whether they are still true: whether each exists, is shown,
has its size, and looks like one taken now. That only holds on one machine: with another processor
or release of torch a sampled pixel may differ, and times in seconds are never the same, so a small
share of the picture may differ (picture_set.py says how small).

``screenshots.py --out DIR`` takes every state at 1280x800 and 1920x1080 in both themes, to look
at; ``--text 100 150`` in those sizes of text. ``--model builtin`` shows that of the models that
come with the app, and a run folder a model of one's own; ``--data FILE`` opens that set.

``--only see.race measure`` takes those scenes alone, of the set as well.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from photographer import EPOCHS, View
from picture_set import ANIMATION, ANIMATION_ARGUMENTS, PICTURES, ROOT, difference, faults, is_stale
from scenes import Scenes

#: Colors of a file; what the app paints has few, and sprites some more.
_COLORS = 256


@contextmanager
def empty_home(name: str) -> Iterator[None]:
    """No settings, runs or sets. Pictures of the set always show the same path."""
    home = Path(tempfile.gettempdir()) / name
    shutil.rmtree(home, ignore_errors=True)
    os.environ["SPRITE_LAB_HOME"] = str(home)
    try:
        yield
    finally:
        shutil.rmtree(home, ignore_errors=True)


def make_set(root: Path, only: Sequence[str] = ("",)) -> None:
    """Make the pictures of the set below a folder, or those of scenes with this prefix."""
    views = [
        View(root / p.file, p.scene, p.state, p.mode, p.size, p.shown, colors=_COLORS)
        for p in PICTURES
        if p.scene.startswith(tuple(only))
    ]
    for view in views:
        view.file.parent.mkdir(parents=True, exist_ok=True)
    with empty_home("sprite-lab"):
        scenes = Scenes(lambda state, _: [v for v in views if v.state == state])
        scenes.take({view.scene for view in views}, model="builtin")
        if "" in only:
            command = [sys.executable, "-m", "sprite_lab", *ANIMATION_ARGUMENTS]
            subprocess.run([*command, "--out", str(root / ANIMATION)], cwd=ROOT, check=True)
    missing = [view.file.name for view in views if not view.file.is_file()]
    if missing:
        raise SystemExit(f"Nothing was taken of {', '.join(missing)}: no scene has such a state.")


def check_set() -> int:
    """Print the faults of the set; returns the exit status."""
    wrong = list(faults())
    with tempfile.TemporaryDirectory(prefix="sprite-lab-pictures-") as folder:
        make_set(Path(folder))
        for name in (*(picture.file for picture in PICTURES), ANIMATION):
            if (ROOT / name).is_file():
                share = difference(ROOT / name, Path(folder) / name)
                print(f"{share:7.2%} {name}")
                if is_stale(share):
                    wrong.append(f"{name} is out of date; packaging/screenshots.py mends it.")
    print("\n".join(wrong) or "Every picture is as the app is.")
    return 1 if wrong else 0


def look(arguments: argparse.Namespace) -> None:
    """Every state in every size and theme, into a folder."""
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    with empty_home(f"sprite-lab-{os.getpid()}"):
        scenes = Scenes(View.to_look_at(out, arguments.text), arguments.data, arguments.epochs)
        scenes.take(arguments.only, arguments.model)
    print(f"{len(list(out.glob('*.png')))} pictures in {out}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--out", type=Path, help="take every state, into this folder")
    parser.add_argument("--model", help="with --out: a model that comes with the app, or a run")
    parser.add_argument("--data", type=Path, help="with --out: sprites to open")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="with --out: of training")
    parser.add_argument(
        "--text", type=int, nargs="+", default=[100], help="with --out: sizes of text, in percent"
    )
    parser.add_argument("--only", nargs="+", help="scenes, or what they begin with")
    arguments = parser.parse_args()
    if arguments.out is not None:
        look(arguments)
    elif arguments.check:
        return check_set()
    else:
        make_set(ROOT, arguments.only or ("",))
    return 0


if __name__ == "__main__":
    sys.exit(main())
