"""The drawing tools as they are shown: names, keys, and what of a tool can be set."""

from __future__ import annotations

from dataclasses import dataclass

from sprite_lab.core.drawing import Symmetry

#: Sizes of the brush, in pixels.
LEAST_BRUSH, MOST_BRUSH = 1, 5


@dataclass(frozen=True)
class ToolOptions:
    """What can be set of tools; each shows only what it has.

    Parameters
    ----------
    size : of the brush, in pixels.
    rounded : whether the brush is a disc, or else a square.
    filled : whether shapes are filled.
    contiguous : whether bucket and wand stay with the pixels that touch.
    symmetry : where strokes are mirrored.
    along_palette : whether shading goes along the palette's ramps, or else by an amount.
    all_chosen : whether a colour is replaced in all chosen cells.
    strength : 0..255, what the left button of the mask brush gives; 0 = keep.
    wrap : whether strokes go on across the borders, as in the tiled view.
    """

    size: int = 1
    rounded: bool = False
    filled: bool = False
    contiguous: bool = True
    symmetry: Symmetry = "none"
    along_palette: bool = True
    all_chosen: bool = False
    strength: int = 0
    wrap: bool = False


@dataclass(frozen=True)
class Tool:
    """A tool as it is shown: its key acts while the canvas has the focus.

    Parameters
    ----------
    kind : "brush", "shape", "click", "picker", "marquee" or "move": how it is used.
    options : the names of the ToolOptions that it has.
    """

    name: str
    text: str
    key: str
    icon: str
    hint: str
    kind: str
    options: tuple[str, ...] = ()


TOOLS = (
    Tool(
        "pencil",
        "Pencil",
        "B",
        "pencil",
        "right button draws the second colour, Shift a line from the last point",
        "brush",
        ("size", "rounded", "symmetry"),
    ),
    Tool(
        "eraser",
        "Eraser",
        "E",
        "eraser",
        "makes pixels empty, with Shift in a line from the last point",
        "brush",
        ("size", "rounded", "symmetry"),
    ),
    Tool(
        "bucket",
        "Bucket",
        "G",
        "bucket",
        "fills pixels of one colour",
        "click",
        ("contiguous", "symmetry"),
    ),
    Tool(
        "line",
        "Line",
        "L",
        "line",
        "drag from end to end",
        "shape",
        ("size", "rounded", "symmetry"),
    ),
    Tool(
        "rectangle",
        "Rectangle",
        "U",
        "rectangle",
        "drag from corner to corner; Shift makes it a square",
        "shape",
        ("filled", "symmetry"),
    ),
    Tool(
        "ellipse",
        "Ellipse",
        "Shift+U",
        "ellipse",
        "drag from corner to corner; Shift makes it a circle",
        "shape",
        ("filled", "symmetry"),
    ),
    Tool(
        "shading",
        "Shading",
        "S",
        "shading",
        "left button lightens, right button darkens",
        "brush",
        ("size", "rounded", "along_palette", "symmetry"),
    ),
    Tool(
        "replace",
        "Replace colour",
        "R",
        "replace-colour",
        "click a colour, and all of it becomes the first one; right button: the second",
        "click",
        ("all_chosen",),
    ),
    Tool("picker", "Colour picker", "I", "picker", "takes a colour; or hold Alt", "picker"),
    Tool(
        "marquee",
        "Marquee",
        "M",
        "marquee",
        "selects a rectangle; Shift adds, Alt subtracts, Esc selects none",
        "marquee",
    ),
    Tool(
        "wand",
        "Wand",
        "W",
        "wand",
        "selects by colour; Shift adds, Alt subtracts, Esc selects none",
        "click",
        ("contiguous",),
    ),
    Tool(
        "move",
        "Move",
        "V",
        "move",
        "moves what is selected, or all; arrow keys nudge",
        "move",
    ),
    Tool(
        "mask",
        "Mask brush",
        "K",
        "mask",
        "marks what stays; right button unmarks",
        "brush",
        ("size", "rounded", "strength", "symmetry"),
    ),
    Tool(
        "take",
        "Take brush",
        "T",
        "take",
        "paints what Live suggests; Enter takes all of it",
        "brush",
        ("size", "rounded", "symmetry"),
    ),
)
BY_NAME = {tool.name: tool for tool in TOOLS}
BY_KEY = {tool.key: tool for tool in TOOLS}
