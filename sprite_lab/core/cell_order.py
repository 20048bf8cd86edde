"""Where cells come to lie when some of them are moved; orders of indices, no pixels."""

from __future__ import annotations

from collections.abc import Iterable


def inserted(count: int, moved: Iterable[int], gap: int) -> tuple[int, ...]:
    """The order after some of ``count`` cells are taken out and put in together again.

    Parameters
    ----------
    moved : indices; they keep their order among each other.
    gap : 0..count, before which of the cells, as they are numbered now, they come.

    Returns
    -------
    For each place the index of the cell that lies there now.
    """
    chosen = sorted(set(moved))
    rest = [index for index in range(count) if index not in set(chosen)]
    place = sum(index < gap for index in rest)
    return (*rest[:place], *chosen, *rest[place:])


def stepped(
    count: int, columns: int, moved: Iterable[int], across: int, down: int
) -> tuple[int, ...]:
    """The order after some cells change places with the ones beside them.

    All move or, where one of them is at the border, none. Across, the end of a row is beside
    the start of the next, as one reads.
    """
    step = across + columns * down
    chosen = sorted(set(moved), reverse=step > 0)
    order = list(range(count))
    if all(0 <= index + step < count for index in chosen):
        for index in chosen:
            order[index], order[index + step] = order[index + step], order[index]
    return tuple(order)
