"""Sets of sprites: the built-in generated set, splits into train and validation.

It may import `sprite_lab.core`, numpy and the standard library, nothing else.
Everything here is plain functions on values, safe to call from any thread.
"""

from sprite_lab.data.datasets import (
    builtin,
    groups_of,
    held_out,
    near_duplicate_groups,
    split,
    split_rows,
)

__all__ = ["builtin", "groups_of", "held_out", "near_duplicate_groups", "split", "split_rows"]
