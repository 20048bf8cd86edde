"""Between: sprites that lie between noises and between classes."""
