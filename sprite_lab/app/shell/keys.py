"""The keys of an action: its defaults, or those set by the user."""

from __future__ import annotations

from sprite_lab.app.shell.settings import Settings


def keys_of(settings: Settings, name: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    """The keys of an action, in Qt's notation; () = none."""
    own = settings.value.keys.get(name)
    if isinstance(own, (list, tuple)) and all(isinstance(key, str) for key in own):
        return tuple(own)
    return usual


def set_keys(
    settings: Settings, name: str, keys: tuple[str, ...] | None, usual: tuple[str, ...]
) -> None:
    """Set the keys of an action; None = the defaults."""
    others = {n: k for n, k in settings.value.keys.items() if n != name}
    if keys is not None and keys != usual:
        others[name] = list(keys)
    settings.replace(keys=others)
