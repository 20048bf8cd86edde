"""Sprite Lab: see, train and use a small diffusion model of pixel-art sprites."""

try:
    from sprite_lab._version import __version__
except ImportError:
    # Written when Sprite Lab is built or installed; a bare folder has never been.
    __version__ = "0.1.0.dev0"

__all__ = ["__version__"]
