"""Credits: who drew the sprites of a set, under which license. All work derived from them carries
these.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from sprite_lab.core.errors import ConfigError, expect
from sprite_lab.core.printable import printable

#: Key of the :func:`attribution` line in the text chunks of pictures.
ATTRIBUTION_KEY = "Attribution"

#: Limits for files: number of credits, and characters of a field.
MOST_CREDITS, MOST_CHARACTERS = 10_000, 2_000


@dataclass(frozen=True)
class Credit:
    """The credit for the sprites of one source.

    Raises ConfigError if a field other than the source is not a single line of at most
    MOST_CHARACTERS characters.
    """

    #: The value of ``SpriteSet.source`` for these sprites, which may be any text; "" = none.
    source: str
    work: str = ""  #: title of the work, such as a pack of sprites
    author: str = ""  #: the artist
    licence: str = ""  #: its license, such as "CC-BY 4.0"
    url: str = ""  #: where to find it

    def __post_init__(self) -> None:
        for name, text in dataclasses.asdict(self).items():
            if not isinstance(text, str) or (
                name != "source" and (len(text) > MOST_CHARACTERS or not text.isprintable())
            ):
                raise ConfigError(
                    "'{name}' of a credit must be one line of at most {most_characters:,} "
                    "characters; shorten it.",
                    name=name,
                    most_characters=MOST_CHARACTERS,
                )

    @property
    def is_blank(self) -> bool:
        """Whether it names nothing but its source."""
        return not (self.work or self.author or self.licence or self.url)

    @property
    def line(self) -> str:
        """The credit as text: ``“Work” by Author (License), url``."""
        source = printable(self.source, keep="", longest=MOST_CHARACTERS)
        words = [f"“{self.work}”" if self.work else source or "Sprites"]
        if self.author:
            words.append(f"by {self.author}")
        if self.licence:
            words.append(f"({self.licence})")
        text = " ".join(words)
        return f"{text}, {self.url}" if self.url else text

    def to_json(self) -> dict[str, str]:
        """The source, and all other fields that are not empty."""
        return {
            name: text
            for name, text in dataclasses.asdict(self).items()
            if text or name == "source"
        }

    @classmethod
    def from_json(cls, data: object) -> Credit:
        """The inverse of :meth:`to_json`; ConfigError for anything else."""
        known = {field.name for field in dataclasses.fields(cls)}
        if not isinstance(data, dict) or "source" not in data or not data.keys() <= known:
            raise ConfigError(
                "A credit must be an object with 'source' and, optionally, 'work', 'author', "
                "'licence' and 'url'."
            )
        return cls(**data)


def credits_from_json(rows: object) -> tuple[Credit, ...]:
    """The inverse of a list of :meth:`Credit.to_json`; ConfigError for anything else."""
    if not isinstance(rows, list | tuple) or len(rows) > MOST_CREDITS:
        raise ConfigError(
            "Credits must be a list of at most {most_credits:,} objects.", most_credits=MOST_CREDITS
        )
    return check_credits(tuple(Credit.from_json(row) for row in rows))


def check_credits(credits: tuple[Credit, ...]) -> tuple[Credit, ...]:
    """The credits, if each source has at most one; ConfigError if not."""
    seen: set[str] = set()
    for credit in credits:
        expect("credits", credit, Credit, "tuple[Credit, ...]")
        if credit.source in seen:
            raise ConfigError(
                "The source '{source}' has two credits; keep one.", source=credit.source
            )
        seen.add(credit.source)
    return credits


def merge_credits(*many: Iterable[Credit]) -> tuple[Credit, ...]:
    """All credits, one per source; later ones win."""
    return tuple({credit.source: credit for credits in many for credit in credits}.values())


def credits_of(credits: Iterable[Credit], sources: Iterable[str]) -> tuple[Credit, ...]:
    """One credit for each of these sources, in that order; blank if unknown."""
    known = {credit.source: credit for credit in credits}
    return tuple(known.get(source, Credit(source)) for source in dict.fromkeys(sources))


def credits_first(credits: Iterable[Credit], sources: Iterable[str]) -> tuple[Credit, ...]:
    """The same credits, those of the given sources first, in that order; "" is no source.

    Sources without a credit get a blank one.
    """
    credits = tuple(credits)
    first = credits_of(credits, (source for source in sources if source))
    return merge_credits(first, credits)


def attribution(credits: Iterable[Credit]) -> str:
    """The text written into pictures and cards: one line per credit, "" if there are none.

    Equal lines of several sources appear once.
    """
    lines = (credit.line for credit in credits if not credit.is_blank)
    return "\n".join(dict.fromkeys(lines))
