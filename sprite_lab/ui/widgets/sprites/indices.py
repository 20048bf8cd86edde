"""Indices and exponents of a text: what is written x_t, ᾱ_(t−1), x0 or σ^(1/7) is set as such."""

from __future__ import annotations

import html
import re

from sprite_lab.ui.text import Html

#: One letter, with what may be above or beside it.
_LETTER = "[^\\W\\d_][\u0302-\u0304]?[′']?"
_BEFORE, _AFTER = r"(?<![A-Za-z0-9_.])", r"(?![A-Za-z0-9_])"
#: Each has what is before the index, and the index.
#: Only in a formula may the index be a word, for log_snr and q_sample are names.
_WORD = re.compile(rf"{_BEFORE}({_LETTER})_([A-Za-z0-9]+){_AFTER}")
_GROUP = re.compile(rf"{_BEFORE}({_LETTER}|[A-Za-z]+)_[({{]([^(){{}}]+)[)}}]")
_INDICES = (
    re.compile(rf"{_BEFORE}({_LETTER}|[A-Za-z]+)_([A-Za-z0-9]){_AFTER}"),
    _GROUP,
    re.compile(rf"{_BEFORE}([xL][\u0302\u0303]?)(0){_AFTER}"),
)
_EXPONENT = re.compile(r"(\w)\^\(([^()_]+)\)")


def set_indices(text: str, *, formula: bool) -> Html:
    """A text with what is an index set lower and what is an exponent set higher.

    Names of code look the same, so a word is an index in a formula alone.
    """
    text = html.escape(text)
    for pattern in (_WORD, *_INDICES) if formula else _INDICES:
        text = pattern.sub(r"\1<sub>\2</sub>", text)
    return Html(_EXPONENT.sub(r"\1<sup>\2</sup>", text).replace("  ", "&nbsp; "))


def with_indices(words: str) -> str:
    """Words for a label or tooltip, Html where there is an index, which is set lower."""
    text = html.escape(words)
    for pattern in (_WORD, _GROUP):
        text = pattern.sub(r"\1<sub>\2</sub>", text)
    return Html(text) if "<sub>" in text else words
