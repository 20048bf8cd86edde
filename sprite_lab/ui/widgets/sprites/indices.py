"""Subscripts and superscripts in text: formats x_t, ᾱ_(t−1), x0 or σ^(1/7)."""

from __future__ import annotations

import html
import re

from sprite_lab.ui.text import Html

#: A single letter, possibly with accents.
_LETTER = "[^\\W\\d_][\u0302-\u0304]?[′']?"
_BEFORE, _AFTER = r"(?<![A-Za-z0-9_.])", r"(?![A-Za-z0-9_])"
#: The groups are base and index. The index may be a word, which :func:`set_indices` accepts only in
#: a formula.
_WORD = re.compile(rf"{_BEFORE}({_LETTER})_([A-Za-z0-9]+){_AFTER}")
_GROUP = re.compile(rf"{_BEFORE}({_LETTER}|[A-Za-z]+)_[({{]([^(){{}}]+)[)}}]")
_INDICES = (
    re.compile(rf"{_BEFORE}({_LETTER}|[A-Za-z]+)_([A-Za-z0-9]){_AFTER}"),
    _GROUP,
    re.compile(rf"{_BEFORE}([xL][\u0302\u0303]?)(0){_AFTER}"),
)
_ADDRESS = re.compile(r"(https?://\S+)")
_EXPONENT = re.compile(r"(\w)\^\(([^()_]+)\)")


def set_indices(text: str, *, formula: bool) -> Html:
    """A text as HTML, with indices lowered and exponents raised. Words are indices only in a
    ``formula``, since names in code look the same.
    """
    parts = _ADDRESS.split(html.escape(text))  # every second part is an address
    for place in range(0, len(parts), 2):
        for pattern in (_WORD, *_INDICES) if formula else _INDICES:
            parts[place] = pattern.sub(r"\1<sub>\2</sub>", parts[place])
        parts[place] = _EXPONENT.sub(r"\1<sup>\2</sup>", parts[place]).replace("  ", "&nbsp; ")
    return Html("".join(parts))


def with_indices(words: str) -> str:
    """A text for a label or tooltip; Html with lowered indices, if it has any."""
    text = html.escape(words)
    for pattern in (_WORD, _GROUP):
        text = pattern.sub(r"\1<sub>\2</sub>", text)
    return Html(text) if "<sub>" in text else words
