"""The drawing tools as shown to the user: names, options, and the keys of the canvas."""

from __future__ import annotations

from dataclasses import dataclass

from sprite_lab.app.shell.actions import ActionSpec
from sprite_lab.app.shell.settings import Settings
from sprite_lab.core.config.base import Config, setting
from sprite_lab.core.drawing import Symmetry, Transform
from sprite_lab.words import tr

#: Sizes of the brush, in pixels.
LEAST_BRUSH, MOST_BRUSH = 1, 5


@dataclass(frozen=True)
class ToolOptions(Config):
    """Options of the tools; each tool has some of them."""

    #: side of the brush, in pixels
    size: int = setting(1, low=LEAST_BRUSH, high=MOST_BRUSH)
    rounded: bool = False  #: whether the brush is round; otherwise it is square
    filled: bool = False  #: whether shapes are filled
    contiguous: bool = True  #: whether bucket and wand take only connected pixels
    symmetry: Symmetry = "none"  #: how strokes are mirrored
    #: whether shading follows the ramps of the palette; otherwise it changes lightness
    along_palette: bool = True
    #: whether ramps follow the palette's order; otherwise they are found by hue
    in_order: bool = False
    all_chosen: bool = False  #: whether a color is replaced in all chosen cells
    #: redraw strength that the left button of the mask brush sets; 0 = keep
    strength: int = setting(0, low=0, high=255)
    wrap: bool = False  #: whether strokes continue at the opposite border, as in the tiled view
    perfect: bool = False  #: whether freehand lines have no corners, with a 1 px brush


@dataclass(frozen=True)
class Tool:
    """A tool; its key works while the canvas has the focus."""

    name: str  #: also the name of its icon, and its key in ``strokes.STROKES``
    text: str
    key: str
    hint: str
    options: tuple[str, ...] = ()  #: the fields of ToolOptions that it uses


#: Options shared by tools that paint along a line.
_BRUSH = ("size", "rounded", "symmetry")
TOOLS = (
    Tool(
        "pencil",
        tr("Pencil"),
        "B",
        tr(
            "left button draws the first color, right button the second; Shift draws a line "
            "from the last point"
        ),
        (*_BRUSH, "perfect"),
    ),
    Tool(
        "eraser",
        tr("Eraser"),
        "E",
        tr("clears pixels; Shift clears a line from the last point"),
        (*_BRUSH, "perfect"),
    ),
    Tool("bucket", tr("Bucket"), "G", tr("fills an area of one color"), ("contiguous", "symmetry")),
    Tool(
        "line",
        tr("Line"),
        "L",
        tr("drag from end to end; Shift makes it level, upright or diagonal"),
        _BRUSH,
    ),
    Tool(
        "rectangle",
        tr("Rectangle"),
        "U",
        tr("drag from corner to corner; Shift makes it a square"),
        ("filled", "symmetry"),
    ),
    Tool(
        "ellipse",
        tr("Ellipse"),
        "Shift+U",
        tr("drag from corner to corner; Shift makes it a circle"),
        ("filled", "symmetry"),
    ),
    Tool(
        "shading",
        tr("Shading"),
        "S",
        tr("left button lightens, right button darkens"),
        ("size", "rounded", "along_palette", "symmetry"),
    ),
    Tool(
        "replace",
        tr("Replace color"),
        "R",
        tr(
            "click a color to replace it everywhere with the first color; right button: with "
            "the second"
        ),
        ("all_chosen",),
    ),
    Tool("picker", tr("Color picker"), "I", tr("picks a color; or hold Alt")),
    Tool(
        "marquee",
        tr("Marquee"),
        "M",
        tr(
            "selects a rectangle; Shift adds, Alt subtracts; drag inside or press "
            "arrow keys to move it"
        ),
    ),
    Tool(
        "lasso",
        tr("Lasso"),
        "Q",
        tr(
            "selects what you encircle; Shift adds, Alt subtracts; drag inside or press "
            "arrow keys to move it"
        ),
    ),
    Tool(
        "wand",
        tr("Wand"),
        "W",
        tr(
            "selects by color; Shift adds, Alt subtracts; drag inside or press "
            "arrow keys to move it"
        ),
        ("contiguous",),
    ),
    Tool("move", tr("Move"), "V", tr("moves the selection, or everything; arrow keys nudge")),
    Tool(
        "mask",
        tr("Mask brush"),
        "K",
        tr("marks pixels to keep; right button unmarks"),
        ("size", "rounded", "strength", "symmetry"),
    ),
    Tool(
        "take", tr("Take brush"), "T", tr("paints Live's suggestion; Enter takes all of it"), _BRUSH
    ),
)
#: Tools that select, where Shift adds and Alt subtracts.
SELECTS = ("marquee", "lasso", "wand")
#: Tools that change no pixels, so they work on locked layers too.
HARMLESS = (*SELECTS, "picker", "mask")
BY_NAME = {tool.name: tool for tool in TOOLS}
BY_KEY = {tool.key: tool for tool in TOOLS}


#: Default keys of the canvas; custom keys are translated to them.
CANVAS_KEYS: tuple[ActionSpec, ...] = (
    *(ActionSpec(f"canvas.{tool.name}", tool.text, (tool.key,), tool.hint) for tool in TOOLS),
    ActionSpec("canvas.swap", tr("Swap the two colors"), ("X",)),
    ActionSpec("canvas.symmetry", tr("Mirror strokes: next mode"), ("Y",)),
    ActionSpec("canvas.smaller", tr("Smaller brush"), ("[",)),
    ActionSpec("canvas.larger", tr("Larger brush"), ("]",)),
    ActionSpec("canvas.outline", tr("Outline around the drawing"), ("O",)),
    ActionSpec("canvas.rim", tr("Outline along the drawing's edge"), ("Shift+O",)),
    ActionSpec("canvas.flip_horizontal", tr("Mirror left to right"), ("Shift+H",)),
    ActionSpec("canvas.flip_vertical", tr("Mirror top to bottom"), ("Shift+V",)),
    ActionSpec("canvas.layer_add", tr("New layer"), ("Shift+N",)),
    ActionSpec("canvas.layer_show", tr("Show or hide the layer"), ("Shift+X",)),
    ActionSpec("canvas.layer_rename", tr("Rename the layer"), ("Shift+P",)),
)
_USUAL = frozenset(key for spec in CANVAS_KEYS for key in spec.keys)


def meaning(settings: Settings, typed: str) -> str:
    """The default key that a typed key stands for, or else the typed key itself.

    "none" = it is a default key that the user has replaced.
    """
    keys = {spec: settings.keys_of(spec.name, spec.keys) for spec in CANVAS_KEYS}
    # Custom keys come first, since a newer tool may have the same default key.
    for spec in sorted(keys, key=lambda spec: keys[spec] == spec.keys):
        if typed in keys[spec]:
            return spec.keys[0]
    return "none" if typed in _USUAL else typed


#: Names of the transforms in the history.
TRANSFORM_WORDS: dict[Transform, str] = {
    "flip_horizontal": tr("Flip horizontal"),
    "flip_vertical": tr("Flip vertical"),
    "turn_left": tr("Rotate left"),
    "turn_right": tr("Rotate right"),
    "shift_left": tr("Shift left"),
    "shift_right": tr("Shift right"),
    "shift_up": tr("Shift up"),
    "shift_down": tr("Shift down"),
}
