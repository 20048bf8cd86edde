"""Orders of cells after moving some: permutations of indices, no pixels."""

from __future__ import annotations

from collections.abc import Iterable


def inserted(count: int, moved: Iterable[int], gap: int) -> tuple[int, ...]:
    """The order of ``count`` cells after moving some to one place: the old index of each place's
    cell.

    ``gap``: 0..count, the old index of the cell before which they go. They keep their order.
    """
    chosen = sorted(set(moved))
    rest = [index for index in range(count) if index not in set(chosen)]
    place = sum(index < gap for index in rest)
    return (*rest[:place], *chosen, *rest[place:])


def stepped(
    count: int, columns: int, moved: Iterable[int], across: int, down: int
) -> tuple[int, ...]:
    """The order after swapping some cells with their neighbors.

    All of them move, or none if one is at the border. Moving across wraps from the end of a row to
    the start of the next.
    """
    step = across + columns * down
    chosen = sorted(set(moved), reverse=step > 0)
    order = list(range(count))
    if all(0 <= index + step < count for index in chosen):
        for index in chosen:
            order[index], order[index + step] = order[index + step], order[index]
    return tuple(order)
