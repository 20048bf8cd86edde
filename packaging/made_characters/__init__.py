"""Made-up characters that are the same from all sides: more styles than any drawn set has.

Each is a :class:`~made_characters.look.Look` of some sixty random choices: proportions, head, hair,
hats, eyes, clothes, legs or none, what is held, shading and outline. It is drawn from the front,
from behind, from the right and stepping, by rules that say where each pixel goes. They are not
meant to be beautiful: they teach what stays the same in a character that turns or walks, whatever
its style.
"""

from __future__ import annotations

from collections.abc import Iterator

from made_characters.body import draw_body, draw_held, draw_legs
from made_characters.canvas import Canvas, Rgba
from made_characters.head import draw_behind, draw_head
from made_characters.look import Look, a_look
from made_characters.tones import colored

#: How a character is seen, and its frames: standing, and a step with either foot.
VIEWS, FRAMES = ("down", "up", "right"), (0, 1, 3)


def drawn(look: Look, view: str, frame: int = 0) -> Rgba:
    """A character in one of the views and frames, from the farthest part to the nearest."""
    canvas = Canvas(look, view, frame)
    held_behind = canvas.back or (canvas.side and not look.held_left)
    if held_behind:
        draw_held(canvas)
    if not canvas.back:
        draw_behind(canvas)
    draw_legs(canvas)
    draw_body(canvas)
    draw_head(canvas)
    if canvas.back:
        draw_behind(canvas)
    if not held_behind:
        draw_held(canvas)
    return colored(canvas.codes, look)


def made_characters(count: int, seed: int = 0) -> Iterator[dict[str, Rgba]]:
    """``count`` characters, each by part (``core/pixels/characters.py``), uint8 (16, 16, 4)."""
    for k in range(count):
        look = a_look(seed, k)
        yield {f"{view} {frame}": drawn(look, view, frame) for view in VIEWS for frame in FRAMES}
