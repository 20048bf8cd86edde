"""Blind rating: a shuffled sheet of generated and held-out drawn sprites, and the answers."""
