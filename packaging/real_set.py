#!/usr/bin/env python3
"""Join files of drawn sprites, with their words and credits, into one training set.

``real_set.py OUT.npz FILE.npz[+WORDS.npz] ... --credits CREDITS.json``: each FILE is a set of
sprites whose groups are numbered alike in all of them; WORDS holds ``words``, ``pose_of``,
``direction`` and ``frame`` of a file that lacks them. CREDITS is a list of objects with source,
work, author, license and url. With --halved the sprites are made half as wide and high.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from halved import halved

from sprite_lab.core import strict_json
from sprite_lab.core.sets.credits import credits_from_json, credits_of
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.formats.sets.sprites import load_sprites, save_sprites

FIELDS = ("words", "pose_of", "direction", "frame")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--credits", type=Path, required=True)
    parser.add_argument("--halved", action="store_true")
    options = parser.parse_args()
    parts = [read(*file.split("+")) for file in options.files]
    sources = [str(source) for part in parts for source in part.source]
    known = credits_from_json(strict_json.loads(options.credits.read_text("utf-8")))
    credits = credits_of(known, sources)
    blank = [credit.source for credit in credits if credit.is_blank]
    if blank:
        parser.error(f"There are no credits for: {', '.join(blank)}.")
    sprites = replace(join(parts), credits=credits)
    save_sprites(options.out, halved(sprites) if options.halved else sprites)


def read(file: str, words: str | None = None) -> SpriteSet:
    sprites = load_sprites(file)
    if words is not None:
        with np.load(words, allow_pickle=False) as arrays:
            sprites = replace(sprites, **{name: arrays[name] for name in FIELDS})
    # Some files write a missing direction as "-1".
    known = np.where(np.asarray(sprites.direction) == "-1", "", np.asarray(sprites.direction))
    return replace(sprites, direction=known)


def join(parts: list[SpriteSet]) -> SpriteSet:
    """One set from parts with the same classes, whose groups and poses are numbered together."""
    first = parts[0]
    if any(part.class_names != first.class_names or part.group is None for part in parts):
        raise SystemExit("All files need the same classes, and groups.")
    names = ("images", "alpha", "labels", "group", "names", "source", *FIELDS)
    arrays = {name: np.concatenate([getattr(p, name) for p in parts]) for name in names}
    return replace(first, **arrays)


if __name__ == "__main__":
    main()
