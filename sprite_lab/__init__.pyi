from sprite_lab.api import *  # noqa: F403

__version__: str
