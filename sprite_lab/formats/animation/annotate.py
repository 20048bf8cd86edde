"""Annotations beside the sprites of an animation: caption, slider, row names, loss curve.

Text and lines use four shades, so that a GIF keeps its few exact colors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from sprite_lab.core.config import AnimationConfig
from sprite_lab.core.sets.sprites import composite
from sprite_lab.core.trajectories.clip import Clip
from sprite_lab.formats.images.lettering import Font, font_for, wrapped, writable
from sprite_lab.formats.images.sheet import enlarge
from sprite_lab.words import tr

Color = tuple[int, int, int]

GROUND: Color = (255, 255, 255)
INK: Color = (29, 33, 38)
DIM: Color = (98, 106, 117)
LINE: Color = (209, 214, 221)
ACCENT: Color = (36, 99, 201)

#: Minimum width of the annotations, in pixels: less would cut off the slider's labels.
LEAST_WIDTH = 176

#: Curves are drawn this many times larger and scaled down, for smooth edges.
_SMOOTH = 4


@dataclass(frozen=True)
class Notes:
    """Lays out an annotated clip for a configuration, and draws its frames.

    All sizes depend on the text size, which depends on the width of the picture.
    """

    clip: Clip
    config: AnimationConfig

    # -- layout ----------------------------------------------------------------------------------

    @cached_property
    def picture_size(self) -> tuple[int, int]:
        """Width and height of the sprites alone, enlarged."""
        height, width = self.clip.picture(0).shape[:2]
        return width * self.config.scale, height * self.config.scale

    @cached_property
    def text_size(self) -> int:
        """Height of the letters in pixels."""
        return min(max(self.picture_size[0] // 26, 12), 28)

    @cached_property
    def _names_width(self) -> int:
        if not (self.clip.rows and self.config.captioned):
            return 0
        return math.ceil(max(self._length(name) for name in self.clip.rows)) + self.text_size

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height of a frame."""
        width, height = self.picture_size
        if not self.config.noted:
            return width, height
        margin = self._margin
        across = max(width, LEAST_WIDTH) + self._names_width + 2 * margin
        below = self._slider_height + self._curve_height
        return across, margin + self._caption_height + height + below + margin

    @property
    def _margin(self) -> int:
        return self.text_size

    @cached_property
    def _lines(self) -> list[str]:
        """The caption, broken into lines that fit."""
        if not self.config.captioned:
            return []
        room = max(self.picture_size[0], LEAST_WIDTH) + self._names_width
        paragraphs = (self.config.caption or self.clip.caption).splitlines()
        return [line for text in paragraphs for line in wrapped(text, self._font, room)]

    @cached_property
    def _line_height(self) -> int:
        return round(self.text_size * 1.4)

    @cached_property
    def _caption_height(self) -> int:
        return len(self._lines) * self._line_height + (self.text_size // 2 if self._lines else 0)

    @cached_property
    def _slider_height(self) -> int:
        return round(self.text_size * 2.8) if self.config.slider else 0

    @cached_property
    def _curve_height(self) -> int:
        return self.text_size * 8 if self._has_curve else 0

    @property
    def _has_curve(self) -> bool:
        return self.config.loss_curve and self.clip.curve is not None

    @cached_property
    def _inside(self) -> tuple[int, int]:
        """Left and right edges of the annotations stacked below the sprites."""
        return self._margin, self.size[0] - self._margin

    # -- frames ----------------------------------------------------------------------------------

    def frame(self, k: int) -> NDArray[np.uint8]:
        """Picture ``k`` as written to the file: uint8 (H, W, 3|4), 3 channels if annotated."""
        picture = self.clip.picture(k)
        if not self.config.noted:
            return enlarge(picture, self.config.scale)
        if picture.shape[2] == 4:
            picture = composite(picture)
        image = self._still.copy()
        left, top = self._corner
        image.paste(Image.fromarray(enlarge(picture, self.config.scale)), (left, top))
        below = top + self.picture_size[1]
        if self.config.slider:
            self._draw_slider(image, below, k)
            below += self._slider_height
        if self._has_curve:
            self._draw_curve(image, below, k)
        return np.array(image)

    @cached_property
    def _corner(self) -> tuple[int, int]:
        """Top left corner of the sprites, which are centered if the text needs more room."""
        room = max(self.picture_size[0], LEAST_WIDTH)
        left = self._margin + self._names_width + (room - self.picture_size[0]) // 2
        return left, self._margin + self._caption_height

    @cached_property
    def _still(self) -> Image.Image:
        """Everything that is the same in all frames."""
        image = Image.new("RGB", self.size, GROUND)
        for number, line in enumerate(self._lines):
            top = self._margin + number * self._line_height
            self._write(image, line, (self._margin, top), INK)
        if self._names_width:
            row = self.picture_size[1] / len(self.clip.rows)
            for number, name in enumerate(self.clip.rows):
                middle = self._corner[1] + row * (number + 0.5) - self.text_size * 0.62
                self._write(image, name, (self._margin, round(middle)), INK)
        return image

    def _draw_slider(self, image: Image.Image, top: int, k: int) -> None:
        left, right = self._inside
        thick = max(2, self.text_size // 5)
        radius = max(4, round(self.text_size * 0.42))
        middle = top + self.text_size // 2 + radius
        here = left + radius + round(self.clip.place(k) * (right - left - 2 * radius))
        draw = ImageDraw.Draw(image)
        track = (left, middle - thick // 2, right - 1, middle - thick // 2 + thick - 1)
        draw.rectangle(track, fill=LINE)
        draw.rectangle((left, track[1], here, track[3]), fill=ACCENT)
        self._shaded(image, (here - radius, middle - radius), ACCENT, _disc(radius))
        words = middle + radius + self.text_size // 4
        first, last = self.clip.ends
        label = self.clip.labels[k] if self.clip.labels else ""
        half, space = self._length(label) / 2, self.text_size * 0.6
        here = round(min(max(here, left + half), right - half))
        # The label replaces an end's name that it would touch.
        if not label or here - half - space >= left + self._length(first):
            self._write(image, first, (left, words), DIM)
        if not label or here + half + space <= right - self._length(last):
            self._write(image, last, (right, words), DIM, "ra")
        self._write(image, label, (here, words), INK, "ma")

    def _draw_curve(self, image: Image.Image, top: int, k: int) -> None:
        curve, steps = self.clip.curve, self.clip.steps
        assert curve is not None
        left, right = self._inside
        step = steps[k] if steps else int(curve.steps[-1])
        words = top + self.text_size // 2
        self._write(image, tr("Loss {at:.4f}", at=curve.at(step)), (left, words), INK)
        if not self.config.slider:
            self._write(image, tr("Step {step:,}", step=step), (right, words), DIM, "ra")
        above = words + self._line_height
        height, width = top + self._curve_height - above, right - left
        done = curve.steps <= step
        for part, color in ((np.ones_like(done), LINE), (done, ACCENT)):
            if part.sum() > 1:
                self._shaded(image, (left, above), color, self._line(part, width, height))
        ImageDraw.Draw(image).rectangle(
            (left, above + height - 1, right - 1, above + height - 1), fill=LINE
        )

    def _line(self, part: NDArray[np.bool_], width: int, height: int) -> NDArray[np.uint8]:
        """A line through the curve's points in ``part``, losses on a log scale: a mask (height,
        width).
        """
        curve = self.clip.curve
        assert curve is not None
        thick = max(2, self.text_size // 7)
        losses = np.log(np.maximum(curve.losses, 1e-9))
        low, high = float(losses.min()), float(losses.max())
        span = float(curve.steps[-1] - curve.steps[0]) or 1.0
        x = (curve.steps - curve.steps[0]) / span * (width - 1 - thick) + thick / 2
        y = (high - losses) / ((high - low) or 1.0) * (height - 1 - 2 * thick) + thick
        large = Image.new("L", (width * _SMOOTH, height * _SMOOTH))
        points = np.stack([x[part], y[part]], axis=1) * _SMOOTH
        ImageDraw.Draw(large).line(
            [(float(a), float(b)) for a, b in points], 255, thick * _SMOOTH, joint="curve"
        )
        return np.array(large.resize((width, height), Image.Resampling.BOX))

    # -- words -----------------------------------------------------------------------------------

    @cached_property
    def _font(self) -> Font:
        clip, said = self.clip, (tr("Loss {at:.4f}"), tr("Step {step:,}"))
        captions = self.config.caption, clip.caption
        return font_for((*said, *captions, *clip.ends, *clip.rows, *clip.labels), self.text_size)

    def _length(self, text: str) -> float:
        return self._font.getlength(text)

    def _write(
        self,
        image: Image.Image,
        text: str,
        place: tuple[int, int],
        color: Color,
        anchor: str = "la",
    ) -> None:
        """Draw text with its top left ("la"), top center ("ma") or top right ("ra") at a place."""
        width = math.ceil(self._length(text)) + 2
        mask = Image.new("L", (width, self._line_height))
        ImageDraw.Draw(mask).text((1, 0), writable(text, self._font), fill=255, font=self._font)
        left = place[0] - {"l": 1, "m": width // 2, "r": width - 1}[anchor[0]]
        self._shaded(image, (left, place[1]), color, np.array(mask))

    def _shaded(
        self, image: Image.Image, place: tuple[int, int], color: Color, mask: NDArray[np.uint8]
    ) -> None:
        """Paint a color through a mask of four shades."""
        shades = (np.rint(mask / 85.0) * 85).astype(np.uint8)
        image.paste(color, place, Image.fromarray(shades))


def _disc(radius: int) -> NDArray[np.uint8]:
    """A mask (2 radius + 1, 2 radius + 1) of a disc with smooth edges."""
    places = np.arange(-radius, radius + 1)
    away = np.hypot(places[:, None], places)
    return np.asarray(np.clip(radius + 0.5 - away, 0, 1) * 255, np.uint8)
