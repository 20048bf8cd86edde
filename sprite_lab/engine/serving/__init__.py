"""A model lent to other programs of this machine: what they ask, and how they are answered.

It may import what `sprite_lab.engine` may. The server has threads of its own; the model is used by
one at a time.
"""
