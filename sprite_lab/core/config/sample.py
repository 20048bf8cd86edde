"""How sprites are drawn."""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config.base import Config, Precision, require

SamplerName = Literal[
    "ddpm", "ddim", "euler", "heun", "dpmpp_2m", "dpmpp_2m_sde", "unipc", "student"
]

SAMPLERS: tuple[str, ...] = typing.get_args(SamplerName)

#: For every model but a student.
DEFAULT_SAMPLER: SamplerName = "dpmpp_2m"

#: Noise levels that a sampler visits unless told otherwise; "ddpm" visits all that there are.
DEFAULT_STEPS: Mapping[str, int] = {
    "ddim": 50,
    "euler": 50,
    "heun": 12,
    "dpmpp_2m": 12,
    "dpmpp_2m_sde": 24,
    "unipc": 12,
    "student": 4,
}

#: Settings in which sprites that are drawn together may not differ.
SHARED_SETTINGS = (
    "sampler",
    "steps",
    "eta",
    "variance",
    "churn",
    "guidance_interval",
    "precision",
    "start_t",
    "visits",
    "colors",
    "palette",
    "symmetric",
    "tile",
)

#: Variations of variations go no deeper.
MOST_VARIATIONS = 32


def check_variations(variations: Sequence[tuple[int, float]]) -> None:
    """Raise ConfigError unless they are what :class:`SampleConfig` calls variations."""
    require(
        len(variations) <= MOST_VARIATIONS
        and all(0 <= seed < 2**63 and 0 < share <= 1 for seed, share in variations),
        "'variations' must be pairs of a seed from 0 on and a share above 0 and at most 1, "
        f"and at most {MOST_VARIATIONS} of them.",
    )


@dataclass(frozen=True)
class SampleConfig(Config):
    """Everything that makes samples what they are, apart from the model.

    Of the noise, sprite i of ``count`` has what ``seed``, ``variations`` and ``first_index + i``
    give, so one sprite of a sheet is drawn again with ``count`` 1 and its index.

    Parameters
    ----------
    sampler : None = the model's own: "student" for a student, otherwise DEFAULT_SAMPLER.
    steps : noise levels visited; None = the sampler's own number. "heun" evaluates the model
        twice at each but the last.
    eta : share of fresh noise at each "ddim" step.
    variance : of the noise at each "ddpm" step: the posterior's, or beta, which is larger.
    churn : noise added before each "euler" or "heun" step (S_churn, Karras et al. 2022).
    classes : names, dealt out to the sprites in turn; None or () = no class.
    class_mix : instead of ``classes``, (name, weight) pairs for all: 0.5 hero + 0.5 food.
    negative_class : what guidance steers away from; None = from no class.
    words : what all sprites are asked for, of the model's own words, as ("red", "slime").
    style : the source of training sprites whose way of drawing is asked for; "" = any.
    deal_prompts : whether sprites that are asked for no words and start from no drawing take
        those of a training sprite of their class and style, each of another one: they come out
        as something definite. The seed decides which.
    guidance_scale : 1 = no guidance; above, the class steers more strongly.
    guidance_interval : the two t between which there is guidance; None = everywhere.
    precision : of the network; the rest is always float32. "auto" = bf16 where it is faster.
    start_t : noise level to start from, 0 (clean) to T; None = T. Below T it needs a
        ``drawing``, which is noised to that level first (SDEdit).
    drawing : RGBA bytes (image_size * image_size * 4), or None.
    known_mask : bytes (image_size * image_size), nonzero = keep that pixel of the drawing
        (inpainting), or None.
    redraw_strength : bytes (image_size * image_size), how far each pixel of the drawing is
        redrawn: 0 = kept (as by ``known_mask``), 255 = drawn anew, between = released at
        that share of T (differential diffusion). None = 255 wherever nothing is kept.
    visits : how often each step is taken where pixels are kept, going back up in between, so
        that what is new fits what is kept (RePaint, Lugmayr et al. 2022).
    keep_alpha : draw within the drawing's silhouette; needs a model that draws alpha.
    colors : the most colours of a sprite, 0 = any number: as the noise falls, predictions are
        snapped to few flat colours of their own.
    palette : RGB bytes (3 a colour), the only colours allowed; None = any.
    symmetric : left and right alike.
    tile : the sprite goes on across its borders, so that copies of it can be laid side by side.
    variations : (seed, share) pairs, each share within 0..1: all noise is turned by that share of
        the way to the noise of that seed, one pair after the other.
    """

    count: int = 16
    seed: int = 0
    first_index: int = 0
    sampler: SamplerName | None = None
    steps: int | None = None
    eta: float = 0.0
    variance: Literal["posterior", "beta"] = "posterior"
    churn: float = 0.0
    classes: tuple[str, ...] = ()
    class_mix: tuple[tuple[str, float], ...] = ()
    negative_class: str | None = None
    words: tuple[str, ...] = ()
    style: str = ""
    deal_prompts: bool = True
    guidance_scale: float = 2.0
    guidance_interval: tuple[float, float] | None = None
    precision: Precision = "auto"
    start_t: int | None = None
    drawing: bytes | None = None
    known_mask: bytes | None = None
    redraw_strength: bytes | None = None
    visits: int = 4
    keep_alpha: bool = False
    colors: int = 10
    palette: bytes | None = None
    symmetric: bool = False
    tile: bool = False
    variations: tuple[tuple[int, float], ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            self.sampler is None or self.sampler in SAMPLERS,
            f"There is no sampler named {self.sampler!r}; there are: {', '.join(SAMPLERS)}.",
        )
        require(1 <= self.count <= 100_000, "'count' must be from 1 to 100000.")
        require(0 <= self.seed < 2**63, "'seed' must be a whole number from 0 on.")
        require(0 <= self.first_index < 2**63, "'first_index' must be a whole number from 0 on.")
        require(self.steps is None or self.steps >= 1, "'steps' must be at least 1.")
        require(0 <= self.eta <= 1, "'eta' must be from 0 to 1.")
        require(0 <= self.churn <= 1000, "'churn' must be from 0 to 1000.")
        require(
            not (self.classes and self.class_mix), "Give either 'classes' or 'class_mix', not both."
        )
        require(
            all(0 < weight <= 1 for _, weight in self.class_mix),
            "Each weight of 'class_mix' must be above 0 and at most 1.",
        )
        require(
            len(self.words) <= 64 and all(word and len(word) <= 100 for word in self.words),
            "'words' must be at most 64 words of at most 100 letters each.",
        )
        require(0 <= self.guidance_scale <= 100, "'guidance_scale' must be from 0 to 100.")
        if self.guidance_interval is not None:
            low, high = self.guidance_interval
            require(
                0 <= low <= high < math.inf,
                "'guidance_interval' must be two t, the lower one first.",
            )
        require(1 <= self.visits <= 100, "'visits' must be from 1 to 100.")
        require(self.start_t is None or self.start_t >= 1, "'start_t' must be at least 1.")
        require(
            self.colors == 0 or 2 <= self.colors <= 256,
            f"'colors' is {self.colors}, but must be from 2 to 256, or 0 for any number.",
        )
        require(
            self.palette is None or len(self.palette) in range(3, 3 * 256 + 1, 3),
            "'palette' must have three bytes for each colour, and 1 to 256 colours.",
        )
        check_variations(self.variations)
        self._check_drawing()

    def _check_drawing(self) -> None:
        masks = {"known_mask": self.known_mask, "redraw_strength": self.redraw_strength}
        if self.drawing is None:
            require(
                self.start_t is None and not self.keep_alpha and set(masks.values()) == {None},
                "Starting from a noise level or keeping pixels needs a drawing.",
            )
            return
        side = int(np.sqrt(len(self.drawing) / 4))
        require(
            side > 0 and side * side * 4 == len(self.drawing),
            f"'drawing' has {len(self.drawing)} bytes; a square of RGBA pixels is needed.",
        )
        for name, mask in masks.items():
            require(
                mask is None or len(mask) == side * side,
                f"'{name}' must have one byte for each pixel of 'drawing'.",
            )

    @property
    def manner(self) -> tuple[object, ...]:
        """What sprites that are drawn together must agree on."""
        shared = tuple(getattr(self, name) for name in SHARED_SETTINGS)
        return (*shared, self.drawing is None)

    def drawing_rgba(self) -> NDArray[np.uint8] | None:
        """uint8 (H, W, 4), or None."""
        if self.drawing is None:
            return None
        side = int(np.sqrt(len(self.drawing) / 4))
        return np.frombuffer(self.drawing, np.uint8).reshape(side, side, 4)

    def strength(self) -> NDArray[np.float32] | None:
        """float32 (H, W) in [0, 1]: how far each pixel is redrawn, 0 = kept; None = all, fully."""
        if self.known_mask is None and self.redraw_strength is None:
            return None
        side = int(np.sqrt(len(self.known_mask or self.redraw_strength or b"")))
        strength = np.ones((side, side), np.float32)
        if self.redraw_strength is not None:
            strength[:] = np.frombuffer(self.redraw_strength, np.uint8).reshape(side, side) / 255
        if self.known_mask is not None:
            strength[np.frombuffer(self.known_mask, np.uint8).reshape(side, side) != 0] = 0
        return strength

    def palette_rgb(self) -> NDArray[np.uint8] | None:
        """uint8 (colours, 3), or None."""
        if self.palette is None:
            return None
        return np.frombuffer(self.palette, np.uint8).reshape(-1, 3)

    def known(self) -> NDArray[np.bool_] | None:
        """bool (H, W), True = keep, or None."""
        strength = self.strength()
        return None if strength is None else strength == 0
