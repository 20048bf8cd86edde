"""Sets of sprites: the set itself, facts about each sprite, and credits."""
