"""Sprite Lab: see, train and use a small diffusion model of pixel-art sprites."""

__version__ = "0.1.0"
