#!/usr/bin/env python3
"""Draw the built-in set and write it to resources/builtin.npz, the file that Sprite Lab ships.

Run it after a change in builtin_set/. The shipped models were trained on these sprites: train
them again, too (make_models.py).
"""

from builtin_set import make_builtin

from sprite_lab.formats.sets.sprites import save_sprites
from sprite_lab.paths import resource

if __name__ == "__main__":
    save_sprites(resource("builtin.npz"), make_builtin())
