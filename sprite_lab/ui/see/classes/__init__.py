"""Class: at which noise level it is decided what a sprite will be."""
