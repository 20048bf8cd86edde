"""Descriptions of a data set and of its sprites, in lines of text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.sets.sprite_figures import FLAWS, SpriteFigures
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.texts import text_counts

ALL = "All classes"
NONE = "No class"

#: The most sources listed by name.
NAMED_SOURCES = 6


def class_counts(sprites: SpriteSet) -> list[tuple[str, int | None, int]]:
    """(name, label, how many) for all together and for each class; None = all."""
    counts = np.bincount(sprites.labels + 1, minlength=len(sprites.class_names) + 1).tolist()
    rows: list[tuple[str, int | None, int]] = [(ALL, None, len(sprites))]
    rows += [(name, i, counts[i + 1]) for i, name in enumerate(sprites.class_names)]
    if counts[0] and sprites.class_names:
        rows.append((NONE, -1, counts[0]))
    return rows


def source_counts(sprites: SpriteSet) -> list[tuple[str, int]]:
    """(source, how many), the commonest first; "" = those without one."""
    return sorted(text_counts(sprites.source).items(), key=lambda pair: (-pair[1], pair[0]))


def set_facts(sprites: SpriteSet, title: str, sides: NDArray[np.bool_] | None) -> str:
    """Describe a set; ``sides``: bool (N,), True = held out for validation."""
    height, width = sprites.size
    lines = [title, f"{len(sprites):,} sprites of {width} × {height} pixels"]
    classes = len(sprites.class_names)
    lines.append({0: "No classes", 1: "1 class"}.get(classes, f"{classes} classes"))
    if sprites.group_count is not None:
        lines.append(f"{sprites.group_count:,} groups of near-copies")
    sources = [(source, count) for source, count in source_counts(sprites) if source]
    if sources:
        lines.append("From:")
        lines += [f"  {source}: {count:,}" for source, count in sources[:NAMED_SOURCES]]
        rest = sum(count for _, count in sources[NAMED_SOURCES:])
        if rest:
            lines.append(f"  {len(sources) - NAMED_SOURCES} others: {rest:,}")
    if sides is not None:
        aside = int(sides.sum())
        lines.append(f"Training: {len(sprites) - aside:,}, kept aside for validation: {aside:,}")
    return "\n".join(lines)


def sprite_facts(sprites: SpriteSet, index: int, figures: SpriteFigures | None = None) -> str:
    """Describe one sprite."""
    label = int(sprites.labels[index])
    lines = [f"Sprite {index + 1:,} of {len(sprites):,}"]
    if sprites.names[index]:
        lines.append(str(sprites.names[index]))
    if label >= 0:
        lines.append(f"Class: {sprites.class_names[label]}")
    if sprites.words[index]:
        lines.append(f"Words: {sprites.words[index]}")
    if sprites.source[index]:
        lines.append(f"From: {sprites.source[index]}")
    if figures is not None:
        drawn, colors = int(figures.drawn[index]), int(figures.colors[index])
        lines.append(f"{drawn} of {figures.pixels} pixels drawn, {colors} colors")
        lines += [
            f"{title}: {meaning}"
            for flaw, (title, meaning) in FLAWS.items()
            if figures.having(flaw)[index]
        ]
    return "\n".join(lines)


def chosen_facts(sprites: SpriteSet, rows: NDArray[np.intp]) -> str:
    lines = [f"{len(rows):,} sprites chosen of {len(sprites):,}"]
    part = sprites.labels[rows]
    for name, label, _ in class_counts(sprites)[1:]:
        count = int((part == label).sum())
        if count:
            lines.append(f"{name}: {count:,}")
    return "\n".join(lines)


def caption_of(sprites: SpriteSet, index: int, kind: str) -> str:
    """The line below a sprite: its "class", its "name" or its "words"."""
    if kind == "words":
        return str(sprites.words[index]) or "–"
    if kind == "name":
        return str(sprites.names[index]).rpartition("/")[2]
    label = int(sprites.labels[index])
    return sprites.class_names[label] if label >= 0 else "–"
