"""The letters that act while the canvas has the focus; they can be changed like other keys."""

from __future__ import annotations

from sprite_lab.app.actions import ActionSpec
from sprite_lab.app.draw.tool_table import TOOLS
from sprite_lab.app.keys import keys_of
from sprite_lab.app.settings import Settings

#: The usual keys are what the canvas does by; keys of one's own stand for them.
CANVAS_KEYS: tuple[ActionSpec, ...] = (
    *(ActionSpec(f"canvas.{tool.name}", tool.text, (tool.key,), tool.hint) for tool in TOOLS),
    ActionSpec("canvas.swap", "Swap the two colours", ("X",)),
    ActionSpec("canvas.symmetry", "Mirror strokes: next way", ("Y",)),
    ActionSpec("canvas.smaller", "Smaller brush", ("[",)),
    ActionSpec("canvas.larger", "Larger brush", ("]",)),
    ActionSpec("canvas.outline", "Outline around the drawing", ("O",)),
    ActionSpec("canvas.rim", "Outline on the drawing's rim", ("Shift+O",)),
    ActionSpec("canvas.flip_horizontal", "Mirror left to right", ("Shift+H",)),
    ActionSpec("canvas.flip_vertical", "Mirror top to bottom", ("Shift+V",)),
)
_USUAL = frozenset(key for spec in CANVAS_KEYS for key in spec.keys)


def meaning(settings: Settings, typed: str) -> str:
    """The usual key for one that was typed; "none" where a person took its meaning away."""
    for spec in CANVAS_KEYS:
        if typed in keys_of(settings, spec.name, spec.keys):
            return spec.keys[0]
    return "none" if typed in _USUAL else typed
