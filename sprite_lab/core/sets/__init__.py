"""Sets of sprites: the set itself, what is known of each sprite, and its credits.

Imports numpy and the standard library. Frozen values that any thread may hold.
"""
