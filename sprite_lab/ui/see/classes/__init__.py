"""Class: the noise level at which the class of a sprite is decided."""
