"""Class: at which noise level the class of a sprite is decided."""
