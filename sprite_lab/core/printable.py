"""Makes untrusted text, such as the name of a file, safe to show."""

from __future__ import annotations

import unicodedata

#: Maximum number of characters in a message; names in it may be of any length.
LONGEST = 1_000


def printable(text: str, *, keep: str = "\n\t", longest: int | None = None) -> str:
    r"""A text with everything escaped that a terminal would obey or that reorders letters.

    Control and formatting characters, and halves of characters, which file names may contain, come
    out as escapes. The character that joins emoji stays.

    Parameters
    ----------
    keep : control characters that stay.
    longest : in characters; longer texts lose their middle. None = any length.

    >>> printable("\x1b[2Ja\u202eb")
    '\\x1b[2Ja\\u202eb'
    >>> printable("abcdefghij", longest=5)
    'ab…ij'
    """
    if longest is not None and len(text) > longest:
        half = (longest - 1) // 2
        text = f"{text[:half]}…{text[-half:]}"
    if text.isprintable():
        return text
    return "".join(
        c if c in keep or c == "\u200d" or not _obeyed(c) else c.encode("unicode_escape").decode()
        for c in text
    )


def one_line(error: Exception) -> str:
    """A library's message about a file, which it may quote at length, on one line."""
    return printable(" ".join(str(error).split()), keep="", longest=200)


def _obeyed(character: str) -> bool:
    # Other, control, format and surrogate characters, and line separators.
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
