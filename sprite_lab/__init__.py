"""Sprite Lab: see, train and use a small diffusion model of pixel-art sprites.

The library is :mod:`sprite_lab.api`; its names are available here, and loaded (with torch) when one
is used.
"""

from importlib import import_module

try:
    from sprite_lab._version import __version__
except ImportError:
    # _version.py is written when Sprite Lab is built or installed; a bare source folder has none.
    __version__ = "0.1.0.dev0"

#: The same names as in ``__init__.pyi``, which is for type checkers.
__all__ = [
    "PRESETS",
    "EvalConfig",
    "ImportChoices",
    "Model",
    "SampleConfig",
    "SpriteSet",
    "StepRecord",
    "TrainConfig",
    "TrainResult",
    "Trajectory",
    "__version__",
    "evaluate",
    "load_model",
    "open_set",
    "sample",
    "train",
    "trajectory",
]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module("sprite_lab.api"), name)
    raise AttributeError(f"module 'sprite_lab' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__
