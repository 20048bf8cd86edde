"""Sets of sprites: the built-in set, splits into training and validation, near-copies.

It may import `sprite_lab.core`, `sprite_lab.paths`, numpy and the standard library.
All functions are safe to call from any thread.
"""

from sprite_lab.data.datasets import builtin, groups_of, held_out, split, split_rows
from sprite_lab.data.near_copies import near_duplicate_groups

__all__ = ["builtin", "groups_of", "held_out", "near_duplicate_groups", "split", "split_rows"]
