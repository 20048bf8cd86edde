"""Sets of sprites: the set itself, what is known of each sprite, and its credits."""
