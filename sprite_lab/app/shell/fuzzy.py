"""Fuzzy matching of typed letters with names."""

from __future__ import annotations

#: If at least _FORGIVES letters are typed, one may be wrong, with the penalty _TYPO. The others
#: then need a mean score of at least _TOGETHER, to rule out accidental matches.
_FORGIVES, _TYPO, _TOGETHER = 6, 8.0, 2.5

#: Bonus for a letter at the start of a word, and for one right after the previous letter.
_WORD, _NEXT = 3.0, 3.0


def fit(typed: str, name: str) -> float | None:
    """Score of a match; None = not all typed letters occur in this order.

    Starts of words and consecutive letters score higher, then shorter names. Spaces are ignored,
    and so is one wrong, extra or swapped letter among several if most others are together.
    """
    letters = [c for c in typed.casefold() if not c.isspace()]
    text = name.casefold()
    found = _score(letters, text)
    if found is not None or len(letters) < _FORGIVES:
        return found
    without = [letters[:i] + letters[i + 1 :] for i in range(len(letters))]
    best = max((_score(rest, text) or 0.0 for rest in without), default=0.0)
    return best - _TYPO if best >= _TOGETHER * (len(letters) - 1) else None


def _score(letters: list[str], text: str) -> float | None:
    """Score of letters that must all occur in this order; None = they do not."""
    if not letters:
        return 0.0
    rest = iter(text)
    if not all(letter in rest for letter in letters):
        return None  # as for most names
    # Best score of the letters matched so far, by the position of the last one.
    best: dict[int, float] = {-1: 0.0}
    for letter in letters:
        placed: dict[int, float] = {}
        for place, found in enumerate(text):
            if found != letter:
                continue
            starts = place == 0 or not text[place - 1].isalnum()
            worth = 1.0 + (_WORD if starts else 0.0)
            before = [
                score + (_NEXT if last == place - 1 and last >= 0 else 0.0)
                for last, score in best.items()
                if last < place
            ]
            if before:
                placed[place] = max(before) + worth
        best = placed
    return max(best.values()) - 0.01 * len(text)
