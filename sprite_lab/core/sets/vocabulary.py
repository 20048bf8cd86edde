"""The vocabulary of prompts to a model: the names of its classes, words and styles."""

from __future__ import annotations

import difflib
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.sets.sprites import SpriteSet, sample_rows

#: With fewer sprites, or fewer groups of near-copies, a word would stand for just those sprites.
MIN_SPRITES_PER_WORD, MIN_GROUPS_PER_WORD = 4, 3

#: A source with fewer sprites has no style that could be learned.
MIN_SPRITES_PER_STYLE = 10

#: A style has a palette if at most MOST_COLORS colors cover COLORS_SHARE of its opaque pixels,
#: judged by MOST_FOR_COLORS sprites.
MOST_COLORS, COLORS_SHARE, MOST_FOR_COLORS = 64, 0.99, 2000

#: Limits, so that a stranger's file cannot make the network's first layer arbitrarily large.
MAX_WORDS, MAX_STYLES, MAX_PROMPTS, MAX_LETTERS = 4096, 256, 8192, 100


@dataclass(frozen=True)
class Prompt:
    """The class, words and style requested for a sprite."""

    class_mix: tuple[tuple[str, float], ...] = ()  #: (class, weight) pairs; () = no class
    words: tuple[str, ...] = ()  #: any subset of the vocabulary's words
    style: str = ""  #: a source of the training set; "" = any

    @classmethod
    def of_class(cls, name: str | None, words: tuple[str, ...] = (), style: str = "") -> Prompt:
        """A prompt for a single class; None = any."""
        return cls(() if name is None else ((name, 1.0),), words, style)


@dataclass(frozen=True)
class Vocabulary:
    """The names behind the columns of a context vector: classes, then words, then styles."""

    classes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    #: the colors of each style, three bytes each; b"" = too many, or unknown
    palettes: tuple[bytes, ...] = ()

    def palette(self, style: str) -> NDArray[np.uint8]:
        """The colors of a style, uint8 (n, 3); empty if it has too many or is unknown."""
        colors = dict(zip(self.styles, self.palettes, strict=False)).get(style, b"")
        return np.frombuffer(colors, np.uint8).reshape(-1, 3)

    def __len__(self) -> int:
        return len(self.classes) + len(self.words) + len(self.styles)

    @property
    def columns(self) -> tuple[str, ...]:
        """A distinct name for each column, the same in every vocabulary that includes it."""
        return (
            *(f"class {name}" for name in self.classes),
            *(f"word {word}" for word in self.words),
            *(f"style {style}" for style in self.styles),
        )

    @cached_property
    def _column(self) -> Mapping[str, int]:
        """The index of each of :attr:`columns`."""
        return {name: i for i, name in enumerate(self.columns)}

    def context(self, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        """The context vectors of prompts, float32 (N, len(self)); zero for an empty prompt.

        Raises ConfigError for a class, word or style that is not in the vocabulary.
        """
        context = np.zeros((len(prompts), len(self)), np.float32)
        for row, prompt in zip(context, prompts, strict=True):
            for name, weight in prompt.class_mix:
                if f"class {name}" not in self._column:
                    known = ", ".join(self.classes) or "none"
                    raise ConfigError(
                        "The model has no class '{name}'; it has: {known}.",
                        name=name,
                        known=known,
                    )
                row[self._column[f"class {name}"]] += weight
            asked = [("word", word) for word in prompt.words]
            for kind, name in [*asked, ("style", prompt.style)] if prompt.style else asked:
                if f"{kind} {name}" not in self._column:
                    raise ConfigError(self._unknown(kind, name))
                row[self._column[f"{kind} {name}"]] = 1.0
        return context

    def context_of(self, sprites: SpriteSet, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Classes, words and sources of some sprites of a set: float32 (n, len(self)).

        Unknown ones are left out.
        """
        context = np.zeros((len(rows), len(self)), np.float32)
        columns = (self._column.get(f"class {name}", -1) for name in sprites.class_names)
        table = np.array([*columns, -1])
        column = table[sprites.labels[rows]]
        known = np.flatnonzero(column >= 0)
        context[known, column[known]] = 1.0
        for row, words, source in zip(
            context, sprites.words[rows], sprites.source[rows], strict=True
        ):
            said = [f"word {word}" for word in split_words(str(words))]
            for name in (*said, f"style {source}"):
                if name in self._column:
                    row[self._column[name]] = 1.0
        return context

    def similar(self, word: str) -> tuple[str, ...]:
        """Up to three words of the vocabulary with a spelling similar to ``word``."""
        return tuple(difflib.get_close_matches(word, self.words, 3, 0.6))

    def _unknown(self, kind: str, name: str) -> str:
        known = self.words if kind == "word" else self.styles
        if not known:
            return f"The model knows no {kind}s, so it cannot be asked for '{name}'."
        near = difflib.get_close_matches(name, known, 3, 0.6)
        some = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
        hint = f"Did you mean: {', '.join(near)}?" if near else f"Some it knows: {some}."
        return f"The model knows no {kind} '{name}'. {hint}"

    def to_json(self) -> dict[str, object]:
        """A dict with the keys of weights files."""
        return {
            "class_names": list(self.classes),
            **({"words": list(self.words)} if self.words else {}),
            **({"styles": list(self.styles)} if self.styles else {}),
            **({"palettes": [c.hex() for c in self.palettes]} if any(self.palettes) else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Vocabulary:
        """The inverse of :meth:`to_json`; raises KeyError or ValueError for anything else."""
        classes = _names(data["class_names"], sys.maxsize)
        words = _names(data.get("words", []), MAX_WORDS)
        styles = _names(data.get("styles", []), MAX_STYLES)
        return cls(classes, words, styles, _palettes(data.get("palettes", []), len(styles)))


def _names(found: object, most: int) -> tuple[str, ...]:
    if not isinstance(found, list) or len(found) > most:
        raise ValueError("its classes, words or styles are not lists of a usable length.")
    if not all(isinstance(name, str) for name in found) or len(set(found)) < len(found):
        raise ValueError("its classes, words or styles are not distinct texts.")
    return tuple(found)


def _palettes(found: object, styles: int) -> tuple[bytes, ...]:
    if not isinstance(found, list) or len(found) not in (0, styles):
        raise ValueError("its palettes are not one for each style.")
    if not all(isinstance(c, str) and len(c) % 6 == 0 and len(c) <= 6 * 256 for c in found):
        raise ValueError("a palette is not a text of colors.")
    return tuple(bytes.fromhex(colors) for colors in found)


def split_words(text: str) -> tuple[str, ...]:
    """The distinct words of a typed text, separated by blanks or commas."""
    words = text.replace(",", " ").lower().split()
    return tuple(dict.fromkeys(w for w in words if len(w) <= MAX_LETTERS and w.isprintable()))


#: Words that distinguish sprites of one kind: colors and materials.
_VARIANTS = (
    "red orange yellow green cyan blue purple pink brown white gray grey black",
    "wood wooden stone clay iron steel copper bronze silver gold crystal ice bone leather",
)


def usual_variants(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Known colors and materials, as lists of variants to draw a sprite in; may be empty."""
    known = set(vocabulary.words)
    lists = (", ".join(w for w in words.split() if w in known) for words in _VARIANTS)
    return tuple(text for text in lists if text)


def split_variants(text: str) -> tuple[tuple[str, ...], ...]:
    """The words of each variant in a typed, comma-separated list."""
    return tuple(dict.fromkeys(words for part in text.split(",") if (words := split_words(part))))


def varied_words(
    words: Sequence[str], variants: Sequence[tuple[str, ...]]
) -> list[tuple[str, ...]]:
    """The words for each variant: its own in place of those of the other variants."""
    varied = {word for variant in variants for word in variant}
    return [(*(word for word in words if word not in varied), *variant) for variant in variants]


def vocabulary_of(
    sprites: SpriteSet, rows: NDArray[np.int64], start: Vocabulary | None = None
) -> Vocabulary:
    """The vocabulary that some sprites of a set can teach: common words and styles, sorted.

    ``rows``: int64 (n,), the training sprites. ``start``: of the model that training starts from:
    its words and styles stay.
    """
    counts: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    groups: defaultdict[str, set[int]] = defaultdict(set)
    group = np.arange(len(sprites)) if sprites.group is None else sprites.group
    for text, source, which in zip(
        sprites.words[rows], sprites.source[rows], group[rows].tolist(), strict=True
    ):
        for word in split_words(str(text)):
            counts[word] += 1
            if len(groups[word]) < MIN_GROUPS_PER_WORD:
                groups[word].add(which)
        sources[str(source)] += 1
    counts = Counter({w: n for w, n in counts.items() if len(groups[w]) >= MIN_GROUPS_PER_WORD})
    words = _common(counts, MIN_SPRITES_PER_WORD, MAX_WORDS, start.words if start else ())
    # With one style or none there is nothing to distinguish.
    sources.pop("", None)
    styles = _common(sources, MIN_SPRITES_PER_STYLE, MAX_STYLES, start.styles if start else ())
    return Vocabulary(sprites.class_names, words, styles if len(styles) > 1 else ())


def with_palettes(
    vocabulary: Vocabulary,
    sprites: SpriteSet,
    rows: NDArray[np.int64],
    start: Vocabulary | None = None,
) -> Vocabulary:
    """The vocabulary with the colors that each style has in some sprites of a set.

    ``rows``: int64 (n,), the training sprites. ``start``: of the model that training starts from:
    styles without sprites keep its colors.
    """
    palettes = []
    for style in vocabulary.styles:
        own = rows[sprites.source[rows] == style]
        if len(own) or start is None:
            palettes.append(_colors_of(sprites, own))
        else:
            palettes.append(start.palette(style).tobytes())
    return replace(vocabulary, palettes=tuple(palettes) if any(palettes) else ())


def _colors_of(sprites: SpriteSet, rows: NDArray[np.int64]) -> bytes:
    """The most frequent colors that cover COLORS_SHARE of some sprites; b"" if too many."""
    rgba = sprites.rgba_of(sample_rows(rows, MOST_FOR_COLORS))
    pixels = rgba[rgba[..., 3] >= 128][:, :3]
    if not len(pixels):
        return b""
    colors, counts = np.unique(pixels, axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    some = np.searchsorted(np.cumsum(counts[order]), COLORS_SHARE * len(pixels)) + 1
    return b"" if some > MOST_COLORS else colors[order[:some]].tobytes()


def styles_of(prompts: Iterable[Prompt]) -> tuple[str, ...]:
    """The requested styles, without duplicates."""
    return tuple(dict.fromkeys(prompt.style for prompt in prompts if prompt.style))


def prompts_of(
    sprites: SpriteSet, rows: NDArray[np.int64], vocabulary: Vocabulary
) -> tuple[Prompt, ...]:
    """The distinct prompts that describe some sprites, at most MAX_PROMPTS, in the set's order.

    Sprites without words are left out.
    """
    known = set(vocabulary.words)
    styles = set(vocabulary.styles)
    found: dict[Prompt, None] = {}
    for label, text, source in zip(
        sprites.labels[rows], sprites.words[rows], sprites.source[rows], strict=True
    ):
        words = tuple(sorted(known.intersection(split_words(str(text)))))
        if words:
            name = sprites.class_names[label] if label >= 0 else None
            style = str(source) if str(source) in styles else ""
            found[Prompt.of_class(name, words, style)] = None
    prompts = tuple(found)
    if len(prompts) <= MAX_PROMPTS:
        return prompts
    pick = np.random.default_rng(0).choice(len(prompts), MAX_PROMPTS, replace=False)
    return tuple(prompts[i] for i in np.sort(pick))


class Deck:
    """Prompts to deal out, indexed by class and style.

    If no style is requested, only the first ``usual`` prompts are dealt, unless none of these
    fits; None = all.
    """

    def __init__(self, prompts: Sequence[Prompt], usual: int | None = None) -> None:
        self._prompts, self._usual = prompts, usual
        self._fit: dict[tuple[tuple[tuple[str, float], ...], str], list[Prompt]] = {}

    def dealt(self, asked: Prompt, seed: int, index: int) -> Prompt:
        """A random prompt with the class and style of ``asked``.

        Returns ``asked`` itself if there is none, or for a mix of classes.
        """
        if len(asked.class_mix) > 1:
            return asked
        key = asked.class_mix, asked.style
        if key not in self._fit:
            usual = self._prompts if asked.style else self._prompts[: self._usual]
            self._fit[key] = _fitting(usual, asked) or _fitting(self._prompts, asked)
        fit = self._fit[key]
        if not fit:
            return asked
        return fit[int(np.random.default_rng([seed, index, 1]).integers(len(fit)))]


def _fitting(prompts: Sequence[Prompt], asked: Prompt) -> list[Prompt]:
    """The prompts with the requested class and style."""
    return [
        prompt
        for prompt in prompts
        if (not asked.class_mix or prompt.class_mix == asked.class_mix)
        and (not asked.style or prompt.style == asked.style)
    ]


def prompts_to_json(prompts: Sequence[Prompt], vocabulary: Vocabulary) -> list[list[int]]:
    """Each prompt as the indices of its columns."""
    contexts = vocabulary.context(prompts)
    return [np.flatnonzero(row).tolist() for row in contexts]


def prompts_from_json(data: object, vocabulary: Vocabulary) -> tuple[Prompt, ...]:
    """The inverse of :func:`prompts_to_json`.

    Raises ValueError for anything else.
    """
    if not isinstance(data, list) or len(data) > MAX_PROMPTS:
        raise ValueError("its prompts are not a list of a usable length.")
    names = (*vocabulary.classes, *vocabulary.words, *vocabulary.styles)
    words_from = len(vocabulary.classes)
    styles_from = words_from + len(vocabulary.words)
    found = []
    for columns in data:
        if not isinstance(columns, list) or not all(
            isinstance(c, int) and 0 <= c < len(names) for c in columns
        ):
            raise ValueError("a prompt names columns that the model does not have.")
        mix = tuple((names[c], 1.0) for c in columns if c < words_from)
        asked = tuple(names[c] for c in columns if words_from <= c < styles_from)
        style = [names[c] for c in columns if c >= styles_from]
        found.append(Prompt(mix[:1], asked, style[0] if style else ""))
    return tuple(found)


def _common(
    counts: Counter[str], least: int, most: int, always: Iterable[str] = ()
) -> tuple[str, ...]:
    kept = dict.fromkeys(always)
    for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if count < least or len(kept) >= most:
            break
        kept[name] = None
    return tuple(sorted(kept))
