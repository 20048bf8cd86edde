#!/usr/bin/env python3
"""Draw grounds and the edges between them, and write them to resources/ground.npz.

Each sprite is cut out of a larger, seamlessly repeating map at a random place: so a model learns
that ground continues beyond its picture, as in tile sets.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.sprites import GROUND_TITLE, SpriteSet
from sprite_lab.formats.sets.sprites import save_sprites
from sprite_lab.paths import resource

SIDE, MAP = 16, 48
ALONE, EDGES = 40, 12  # sprites of each ground, and of each pair of grounds

Tones = NDArray[np.int64]  # (MAP, MAP), 0 = darkest of a ground's four colors
Rng = np.random.Generator

#: Each ground's colors, dark to light; a set of them is drawn with a random one.
COLORS = {
    "grass": ("2f6b3a 3f8a45 5aa64e 86c25a", "4a6b2c 648a35 84a845 a9c760"),
    "dirt": ("5a3d2b 7a5438 93694a b08a62", "4d3a35 6a5148 84695c a48a78"),
    "sand": ("c19a5b d9b777 e8cf96 f4e4b8", "b98f64 d0a97a e0c095 efd9b5"),
    "stone": ("3d4250 5f6675 7f8796 a5adb8", "45403f 68605c 89807a ada49c"),
    "water": ("235a9c 2f74bd 4b93d6 8cc3ec", "1d6470 2b8790 47a6a8 8fd4cb"),
    "snow": ("b3c6da d3e0ec e4edf4 f2f7fb", "b8bcd4 d6d9e8 e6e8f3 f4f5fb"),
    "planks": ("5b3a24 80542f 9c6b3c ba8850", "4e4438 706250 8c7c66 a99a80"),
    "brick": ("5c2f2c 8a4238 a95a48 c47a60", "494a55 6b6c78 86878f a4a5ab"),
}


def _scattered(rng: Rng, tones: Tones, marks: tuple[str, ...], count: int) -> Tones:
    """Small marks, of digits for tones, at random places, wrapping around the borders."""
    for _ in range(count):
        rows = str(rng.choice(marks)).split("/")
        y, x = rng.integers(0, MAP, 2)
        for down, row in enumerate(rows):
            for right, tone in enumerate(row):
                if tone != ".":
                    tones[(y + down) % MAP, (x + right) % MAP] = int(tone)
    return tones


def _flat(tone: int) -> Tones:
    return np.full((MAP, MAP), tone, np.int64)


def _cobbles(rng: Rng) -> Tones:
    """Stones around random points, lit from above, with dark gaps."""
    points = rng.uniform(0, MAP, (70, 2))
    at = np.stack(np.mgrid[:MAP, :MAP], axis=-1)[:, :, None] - points
    at = (at + MAP / 2) % MAP - MAP / 2
    near = np.sort(np.hypot(at[..., 0], at[..., 1]), axis=2)
    first = np.hypot(at[..., 0], at[..., 1]).argmin(axis=2)
    tones = 1 + np.isin(first, rng.choice(70, 35)).astype(np.int64)
    gap = near[..., 1] - near[..., 0] < 1.1
    tones[np.roll(gap, 1, axis=0) & ~gap] = 3
    tones[gap] = 0
    return tones


def _courses(rng: Rng, height: int, length: int) -> Tones:
    """Boards or bricks in rows."""
    tones = _flat(2)
    for row in range(MAP // height):
        top, offset = row * height, int(rng.integers(0, length))
        tones[top] = 3
        tones[top + height - 1] = 0
        for end in range(offset, offset + MAP, length):
            tones[top : top + height, end % MAP] = 0
            if rng.random() < 0.3:
                inside = np.arange(end + 1, end + length) % MAP
                tones[top + 1 : top + height - 1, inside] = 1
    return tones


DRAW: dict[str, Callable[[Rng], Tones]] = {
    "grass": lambda rng: _scattered(
        rng, _scattered(rng, _flat(2), ("1.1/.1.", "1", "11"), 60), ("3.3/.3.", "3"), 30
    ),
    "dirt": lambda rng: _scattered(rng, _flat(1), ("2", "22", "0", "33/00", ".3/22/00"), 75),
    "sand": lambda rng: _scattered(rng, _flat(2), ("3", "1", "11..11/..11", "333"), 55),
    "stone": _cobbles,
    "water": lambda rng: _scattered(rng, _flat(1), ("2222", "222", "33/..22", "0000", "00"), 60),
    "snow": lambda rng: _scattered(rng, _flat(3), ("2", "22", "222/.1", "1"), 45),
    "planks": lambda rng: _scattered(rng, _courses(rng, 6, 16), ("1", "11"), 40),
    "brick": lambda rng: _courses(rng, 4, 8),
}


def _painted(rng: Rng, ground: str) -> NDArray[np.uint8]:
    colors = bytes.fromhex(str(rng.choice(COLORS[ground])).replace(" ", ""))
    return np.frombuffer(colors, np.uint8).reshape(4, 3)[DRAW[ground](rng)]


def _patches(rng: Rng) -> NDArray[np.bool_]:
    """Half of a map, in round patches."""
    noise = rng.standard_normal((MAP, MAP))
    far = np.hypot(*np.meshgrid(*[np.fft.fftfreq(MAP)] * 2))
    smooth = np.fft.ifft2(np.fft.fft2(noise) * np.exp(-((far / 0.045) ** 2))).real
    return np.asarray(smooth > np.median(smooth))


def _cut(rng: Rng, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    y, x = rng.integers(0, MAP, 2)
    return np.roll(picture, (-y, -x), (0, 1))[:SIDE, :SIDE]


def make_ground() -> SpriteSet:
    """Single grounds, and pairs of grounds with an edge that is darker on the lower one."""
    rng = np.random.default_rng(0)
    names = tuple(DRAW)
    images, labels, words, groups = [], [], [], []
    for label, name in enumerate(names):
        for _ in range(ALONE):
            images.append(_cut(rng, _painted(rng, name)))
            labels.append(label)
            words.append("ground")
            groups.append(len(groups))
        for lower, other in enumerate(names):
            if lower >= label:
                continue
            for _ in range(EDGES):
                above, below, upper = _painted(rng, name), _painted(rng, other), _patches(rng)
                picture = np.where(upper[..., None], above, below)
                rim = ~upper & (np.roll(upper, 1, axis=0) | np.roll(upper, 1, axis=1))
                picture[rim] = picture[rim] * 0.7
                while True:
                    at = rng.integers(0, MAP, 2)
                    there = np.roll(upper, -at, (0, 1))[:SIDE, :SIDE].mean()
                    if 0.2 < there < 0.8:
                        break
                images.append(np.roll(picture, -at, (0, 1))[:SIDE, :SIDE])
                labels.append(label if there > 0.5 else lower)
                words.append(f"edge {name} {other}")
                groups.append(len(groups))
    return SpriteSet(
        images=np.stack(images),
        labels=np.array(labels),
        class_names=names,
        group=np.array(groups),
        words=np.array(words),
        source=np.full(len(images), "ground"),
        title=GROUND_TITLE,
        credits=(Credit("ground", GROUND_TITLE, "Sprite Lab", "MIT"),),
    )


if __name__ == "__main__":
    save_sprites(resource("ground.npz"), make_ground())
