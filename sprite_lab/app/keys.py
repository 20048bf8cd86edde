"""Which keys an action has: the usual ones, or those that a person gave it."""

from __future__ import annotations

from sprite_lab.app.settings import Settings


def keys_of(settings: Settings, name: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    """The keys of an action, as Qt writes them; () = it has none."""
    own = settings.value.keys.get(name)
    if isinstance(own, (list, tuple)) and all(isinstance(key, str) for key in own):
        return tuple(own)
    return usual


def set_keys(
    settings: Settings, name: str, keys: tuple[str, ...] | None, usual: tuple[str, ...]
) -> None:
    """Give an action keys of its own; None = the usual ones again."""
    others = {n: k for n, k in settings.value.keys.items() if n != name}
    if keys is not None and keys != usual:
        others[name] = list(keys)
    settings.replace(keys=others)
