"""Descriptions of a data set and of its sprites, as lines of text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.shell.text_format import class_words, source_words, sprite_class
from sprite_lab.core.sets.sprite_figures import FLAWS, SpriteFigures
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.texts import text_counts
from sprite_lab.ui.text import Html, html, joined
from sprite_lab.words import number_text, tr, trn

ALL = tr("All classes")
NONE = tr("No class")

#: Maximum number of sources listed by name.
NAMED_SOURCES = 6


def class_counts(sprites: SpriteSet) -> list[tuple[str, int | None, int]]:
    """(words, label, count) of all sprites (label None), of each class, and of no class (-1)."""
    counts = np.bincount(sprites.labels + 1, minlength=len(sprites.class_names) + 1).tolist()
    rows: list[tuple[str, int | None, int]] = [(ALL, None, len(sprites))]
    rows += [(class_words(name), i, counts[i + 1]) for i, name in enumerate(sprites.class_names)]
    if counts[0] and sprites.class_names:
        rows.append((NONE, -1, counts[0]))
    return rows


def source_counts(sprites: SpriteSet) -> list[tuple[str, int]]:
    """(source, count), the most common first; "" = sprites without a source."""
    return sorted(text_counts(sprites.source).items(), key=lambda pair: (-pair[1], pair[0]))


def set_facts(sprites: SpriteSet, title: str, sides: NDArray[np.bool_] | None) -> str:
    """Describe a set; ``sides``: bool (N,), True = held out for validation."""
    height, width = sprites.size
    size = trn(
        "{n:,} sprite, {width}×{height} pixels",
        "{n:,} sprites, {width}×{height} pixels",
        len(sprites),
        width=width,
        height=height,
    )
    lines = [title, size]
    classes = len(sprites.class_names)
    lines.append(trn("{n} class", "{n} classes", classes) if classes else tr("No classes"))
    if sprites.group_count is not None:
        count = sprites.group_count
        lines.append(trn("{n:,} group of near-copies", "{n:,} groups of near-copies", count))
    sources = [(source, count) for source, count in source_counts(sprites) if source]
    if sources:
        lines.append(tr("Sources:"))
        lines += [
            f"  {source_words(source)}: {number_text(count)}"
            for source, count in sources[:NAMED_SOURCES]
        ]
        rest = sum(count for _, count in sources[NAMED_SOURCES:])
        if rest:
            lines.append(
                tr("  {count} others: {rest:,}", count=len(sources) - NAMED_SOURCES, rest=rest)
            )
    if sides is not None:
        aside = int(sides.sum())
        count = len(sprites) - aside
        lines.append(tr("Training: {count:,}, validation: {aside:,}", count=count, aside=aside))
    return "\n".join(lines)


def sprite_facts(sprites: SpriteSet, index: int, figures: SpriteFigures | None = None) -> str:
    """Describe one sprite."""
    lines = [tr("Sprite {index:,} of {count:,}", index=index + 1, count=len(sprites))]
    if sprites.names[index]:
        lines.append(str(sprites.names[index]))
    if sprites.class_names:
        kind = sprite_class(sprites, index) or "–"
        lines.append(tr("Class: {class_names}", class_names=kind))
    if sprites.words[index]:
        lines.append(tr("Words: {words}", words=sprites.words[index]))
    if sprites.source[index]:
        lines.append(tr("From: {source}", source=source_words(str(sprites.source[index]))))
    if figures is not None:
        drawn, colors = int(figures.drawn[index]), int(figures.colors[index])
        words = trn(
            "{drawn} of {pixels} pixels drawn, {n} color",
            "{drawn} of {pixels} pixels drawn, {n} colors",
            colors,
            drawn=drawn,
            pixels=figures.pixels,
        )
        lines.append(words)
        lines += [
            f"{tr(title)}: {tr(meaning)}"
            for flaw, (title, meaning) in FLAWS.items()
            if figures.having(flaw)[index]
        ]
    return "\n".join(lines)


def laid_out(facts: str, *, title: int = -1) -> Html:
    """Facts as lines with gaps between them; ``title``: index of the line that is their title."""
    rows = (
        html("<b>{}</b>", row) if n == title else row for n, row in enumerate(facts.split("\n"))
    )
    return joined("", (html('<p style="margin: 0 0 3px 0">{}</p>', row) for row in rows))


def chosen_facts(sprites: SpriteSet, rows: NDArray[np.intp]) -> str:
    lines = [tr("{count:,} of {total:,} sprites selected", count=len(rows), total=len(sprites))]
    part = sprites.labels[rows]
    for name, label, _ in class_counts(sprites)[1:]:
        count = int((part == label).sum())
        if count:
            lines.append(f"{name}: {number_text(count)}")
    return "\n".join(lines)


def caption_of(sprites: SpriteSet, index: int, kind: str) -> str:
    """The line below a sprite; ``kind``: "class", "name" or "words"."""
    if kind == "words":
        return str(sprites.words[index]) or "–"
    if kind == "name":
        return str(sprites.names[index]).rpartition("/")[2]
    return sprite_class(sprites, index) or "–"
