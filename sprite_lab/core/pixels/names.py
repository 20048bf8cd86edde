"""Names of cells and layers, and tags."""

from __future__ import annotations

from collections.abc import Iterable

from sprite_lab.core.errors import require

#: Maximum number of characters in a name or a tag.
LONGEST_NAME = 60


def name_of(text: str) -> str:
    """A text as a name or tag: one line, truncated if too long."""
    return "".join(c if c.isprintable() else " " for c in text).strip()[:LONGEST_NAME].strip()


def check_names(name: str, tags: Iterable[str] = ()) -> None:
    """Raise ConfigError unless the name and the tags are valid."""
    for text in (name, *tags):
        require(
            len(text) <= LONGEST_NAME and text.isprintable() and text == text.strip(),
            "Names and tags are one line of at most {longest_name} characters each.",
            longest_name=LONGEST_NAME,
        )
    require(all(tags), "A tag must have a name.")
