"""Indices and exponents of a text: what is written x_t, ᾱ_(t−1), x0 or σ^(1/7) is set as such."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextCursor, QTextDocument

#: One letter, with what may be above or beside it.
_LETTER = "[^\\W\\d_][\u0302-\u0304]?[′']?"
_BEFORE, _AFTER = r"(?<![A-Za-z0-9_.])", r"(?![A-Za-z0-9_])"
#: Each has what is before the index, the sign that goes away, the index, and what closes it.
#: Only in a formula may the index be a word, for log_snr and q_sample are names.
_WORD = re.compile(rf"{_BEFORE}({_LETTER})(_)([A-Za-z0-9]+)(){_AFTER}")
_GROUP = re.compile(rf"{_BEFORE}({_LETTER}|[A-Za-z]+)(_[({{])([^(){{}}]+)([)}}])")
_INDICES = (
    re.compile(rf"{_BEFORE}({_LETTER}|[A-Za-z]+)(_)([A-Za-z0-9])(){_AFTER}"),
    _GROUP,
    re.compile(rf"{_BEFORE}([xL][\u0302\u0303]?)()(0)(){_AFTER}"),
)
_EXPONENT = re.compile(r"(\w)(\^\()([^()_]+)(\))")

_Alignment = QTextCharFormat.VerticalAlignment


def set_indices(document: QTextDocument, is_formula: Callable[[QTextBlock], bool]) -> None:
    """Set what is an index lower and what is an exponent higher, in all of a document.

    Links, code and commands stay as they are, for names of code look the same; so a word is an
    index in a formula alone.
    """
    block = document.begin()
    while block.isValid():
        if not block.blockFormat().nonBreakableLines():
            for pattern in (_WORD, *_INDICES) if is_formula(block) else _INDICES:
                _set(block, pattern, _Alignment.AlignSubScript)
            _set(block, _EXPONENT, _Alignment.AlignSuperScript)
        block = block.next()


def _set(block: QTextBlock, pattern: re.Pattern[str], alignment: _Alignment) -> None:
    looks = QTextCharFormat()
    looks.setVerticalAlignment(alignment)
    for found in reversed(list(pattern.finditer(block.text()))):
        cursor = QTextCursor(block)
        if _is_name(cursor, block.position() + found.start() + 1):
            continue
        for part in (4, 2):  # the later one first, as positions move
            _select(cursor, block, found.span(part))
            cursor.removeSelectedText()
            if part == 4:
                _select(cursor, block, found.span(3))
                cursor.mergeCharFormat(looks)


def _select(cursor: QTextCursor, block: QTextBlock, span: tuple[int, int]) -> None:
    cursor.setPosition(block.position() + span[0])
    cursor.setPosition(block.position() + span[1], QTextCursor.MoveMode.KeepAnchor)


def _is_name(cursor: QTextCursor, position: int) -> bool:
    """Whether the character before a position is of a link or of code."""
    cursor.setPosition(position)
    style = cursor.charFormat()
    already = style.verticalAlignment() != _Alignment.AlignNormal
    return style.isAnchor() or style.fontFixedPitch() or already


def with_indices(words: str) -> str:
    """Words for a label, as rich text where there is an index, which is set lower."""
    text = html.escape(words)
    for pattern in (_WORD, _GROUP):
        text = pattern.sub(r"\1<sub>\3</sub>", text)
    return text if "<sub>" in text else words
