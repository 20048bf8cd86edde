"""How sprites are drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config.base import (
    LARGEST_SEED,
    PRECISIONS,
    Choice,
    Config,
    Precision,
    same_as,
    setting,
    settings_of,
)
from sprite_lab.core.config.schedule import ScheduleName
from sprite_lab.core.errors import require
from sprite_lab.core.sets.vocabulary import Prompt

#: Segments of a student's trajectory from noise to a sprite; each takes one evaluation.
SEGMENTS = 4

#: Heun takes second-order steps above this log-SNR (sigma 90; Karras et al. 2022 begin at 80). The
#: second slope counts half for the whole step, so a step from the noise of a cosine schedule would
#: overshoot.
HEUN_LOG_SNR = -9.0

#: The default comes first.
SamplerName = Literal[
    "dpmpp_2m", "unipc", "heun", "euler", "ddim", "dpmpp_2m_sde", "ddpm", "student"
]


@dataclass(frozen=True)
class Sampler:
    """Facts about a sampling method; ``diffusion.methods`` takes its steps."""

    label: str
    tip: str
    steps: int | None  #: default number of noise levels; None = all of them
    #: default number of noise levels while somebody draws; 0 = not offered then, because its noise
    #: would hide other changes
    live_steps: int = 0
    adds_noise: bool = False  #: whether every step adds fresh noise, whatever the settings
    churns: bool = False  #: whether it adds fresh noise as ``churn`` says
    most: int | None = None  #: the most levels that it can visit; None = all of them
    twice_from: float | None = None  #: log-SNR from which it evaluates twice per step; None = never

    def most_steps(self, timesteps: int) -> int:
        """The maximum number of levels visited, for a model with ``timesteps`` levels."""
        return min(self.most or timesteps, timesteps)

    def usual_steps(self, timesteps: int) -> int:
        """The default number of levels visited."""
        return min(self.steps or timesteps, self.most_steps(timesteps))


SAMPLERS: Mapping[SamplerName, Sampler] = {
    "dpmpp_2m": Sampler("DPM++ 2M", "good sprites in few steps; the usual choice", 12, 8),
    "unipc": Sampler("UniPC", "good sprites in few steps", 12, 8),
    "heun": Sampler(
        "Heun",
        "evaluates twice per step: accurate, but takes twice as long",
        12,
        6,
        churns=True,
        twice_from=HEUN_LOG_SNR,
    ),
    "euler": Sampler("Euler", "the simplest; needs more steps", 50, 12, churns=True),
    "ddim": Sampler("DDIM", "no fresh noise unless eta is above 0; needs more steps", 50, 12),
    "dpmpp_2m_sde": Sampler(
        "DPM++ 2M SDE", "adds fresh noise; needs more steps", 24, adds_noise=True
    ),
    "ddpm": Sampler(
        "DDPM", "every step adds fresh noise; needs very many steps", None, adds_noise=True
    ),
    "student": Sampler(
        "Student",
        "one to four steps, for models that were distilled for it",
        SEGMENTS,
        SEGMENTS,
        most=SEGMENTS,
    ),
}

#: How the steps of a sampler are spread over noise levels: densest where sprites take shape, or
#: evenly in the t of a schedule.
SpacingName = Literal["shape", ScheduleName]

#: The default comes first.
SPACINGS: Mapping[SpacingName, Choice] = {
    "shape": Choice("shape", "Sprite Lab", "Densest where sprites take shape"),
    "linear": Choice("linear", "Linear", "Even in t of the linear schedule, from 2020"),
    "cosine": Choice("cosine", "Cosine", "Even in t of the cosine schedule, from 2021"),
    "karras": Choice("karras", "Karras", "Even in t of the schedule of Karras, from 2022"),
}

InpaintingName = Literal["posterior", "repaint"]

#: The sampler of every model but a student.
DEFAULT_SAMPLER: SamplerName = "dpmpp_2m"

#: The longest chain of variations of variations.
MOST_VARIATIONS = 32

#: Maximum number of words in a request for a sprite, and of characters in a word.
MOST_WORDS, MOST_LETTERS = 64, 100


def check_prompt(class_mix: Sequence[tuple[str, float]], words: Sequence[str]) -> None:
    """Raise ConfigError unless this is a valid prompt."""
    pairs = not isinstance(class_mix, Mapping) and all(len(pair) == 2 for pair in class_mix)
    require(pairs, "'class_mix' must be pairs of a class and its weight.")
    require(
        all(0 < weight <= 1 for _, weight in class_mix),
        "Each weight of 'class_mix' must be above 0 and at most 1.",
    )
    require(
        len(words) <= MOST_WORDS
        and all(isinstance(word, str) and 0 < len(word) <= MOST_LETTERS for word in words),
        "'words' must be at most {most_words} words of at most {most_letters} letters each.",
        most_words=MOST_WORDS,
        most_letters=MOST_LETTERS,
    )


def check_variations(variations: Sequence[tuple[int, float]]) -> None:
    """Raise ConfigError unless these are variations as in :class:`SampleConfig`."""
    require(
        len(variations) <= MOST_VARIATIONS
        and all(0 <= seed < 2**63 and 0 < share <= 1 for seed, share in variations),
        "'variations' must be at most {most_variations} pairs of a seed (0 or more) and a share "
        "above 0 and at most 1.",
        most_variations=MOST_VARIATIONS,
    )


@dataclass(frozen=True)
class SampleConfig(Config):
    """Everything that determines samples, apart from the model.

    The noise of sprite i of ``count`` depends on ``seed``, ``variations`` and ``indices[i]``
    only, so a single sprite of a sheet is drawn again with ``count`` 1 and its index.

    Parameters
    ----------
    picked : the index of each sprite, as when some of many were kept; () = consecutive from
        ``first_index``.
    sampler : None = the model's own: "student" for a student, otherwise DEFAULT_SAMPLER.
    steps : None = the sampler's own number. "heun" evaluates the model twice at each but the last,
        and once at levels below log-SNR -9, where nothing is left of a sprite.
    spacing : of the visited levels, see :meth:`NoiseSchedule.levels`; a student, which knows only
        its own levels, always has "shape".
    variance : of the noise added: the posterior's, or beta, which is larger.
    churn : S_churn of Karras et al. 2022.
    classes : None or () = no class.
    class_mix : instead of ``classes``, (name, weight) pairs for all: 0.5 hero + 0.5 food.
    words : some of the model's words, such as ("red", "slime").
    style : a source of training sprites; "" = any.
    deal_prompts : whether sprites without words or a drawing to start from take the words of a
        training sprite of their class and style, a different one each, so that they show
        something definite. The seed decides which.
    autoguidance : guidance by an early checkpoint of the model (Karras et al. 2024); without one
        beside its weights, 0 is recorded.
    guidance_interval : the two t between which guidance applies; None = the interval in the
        model's file, or everywhere.
    precision : of the network; the rest is always float32.
    start_t : 1 to T; None = T. Below T it needs a ``drawing``, which is noised to that level first
        (SDEdit).
    drawing : RGBA bytes (image_size * image_size * 4), or None.
    known_mask : bytes (image_size * image_size), nonzero = keep that pixel of the drawing
        (inpainting), or None.
    redraw_strength : bytes (image_size * image_size), how far each pixel of the drawing is
        redrawn: 0 = kept (as by ``known_mask``), 255 = redrawn completely, between = released at
        that share of the way from the last evaluation to T (differential diffusion). None =
        255 wherever nothing is kept.
    inpainting : "posterior" estimates E[x_0 | x_t, kept pixels], see
        :func:`sprite_lab.diffusion.constraints.conditioned`; "repaint" adds noise again in
        between and visits each level ``visits`` times (RePaint, Lugmayr et al. 2022).
    keep_alpha : needs a model that draws alpha.
    colors : as the noise falls, predictions are snapped to a few of their own flat colors.
    palette : RGB bytes (3 a color), the only colors allowed; None = any.
    tile : whether copies of the sprite fit together side by side.
    variations : (seed, share) pairs, each share within 0..1: all noise is rotated by that share
        toward the noise of that seed, one pair after the other.
    """

    # fmt: off
    count: int = setting(
        16, "Count", low=1, high=100_000, usual=(1, 64), tip="Number of sprites.", varies=True,
    )
    seed: int = setting(
        0, "Seed", low=0, high=LARGEST_SEED, varies=True,
        tip="Sprite i depends only on the seed and i.",
    )
    first_index: int = setting(0, low=0, high=LARGEST_SEED, varies=True)
    picked: tuple[int, ...] = setting((), varies=True)
    sampler: SamplerName | None = setting(
        None, "Sampler",
        tip="The method that removes the noise step by step.",
        choices=tuple(Choice(name, each.label, each.tip) for name, each in SAMPLERS.items()),
    )
    steps: int | None = setting(None, "Steps", low=1, tip="Number of noise levels visited.")
    spacing: SpacingName = setting(
        "shape", "Step spacing",
        tip="How the steps are spread over noise levels. The model is told the log-SNR, so it "
        "can follow any schedule, whichever it was trained with.",
        choices=tuple(SPACINGS.values()),
    )
    eta: float = setting(
        0.0, "Eta", low=0, high=1, step=0.1, decimals=2,
        tip="Share of fresh noise at each DDIM step; 0 = none, 1 = same as DDPM.",
    )
    variance: Literal["posterior", "beta"] = setting(
        "posterior", "Variance", tip="Variance of the noise at each ddpm step.",
    )
    churn: float = setting(
        0.0, "Churn", low=0, high=1000, tip="Noise added before each euler or heun step.",
    )
    classes: tuple[str, ...] = setting(
        (), "Classes", tip="Classes, alternating across the sprites.",
        help="Classes, alternating across the sprites; all by default; '' = none.", varies=True,
    )
    class_mix: tuple[tuple[str, float], ...] = setting(
        (), tip="One mix of classes for all sprites.", varies=True,
    )
    negative_class: str | None = setting(
        None, "Away from", flag="--negative", varies=True,
        tip="Class that guidance steers away from.",
    )
    words: tuple[str, ...] = setting(
        (), "Words", tip="What to draw, such as 'red slime'.", varies=True
    )
    style: str = setting(
        "", "Style", varies=True, tip="Draw in the style of this source of the data.",
    )
    deal_prompts: bool = setting(
        True, flag="--deal-prompts/--no-deal-prompts",
        tip="If no words are given, use those of training sprites of the class.", varies=True,
    )
    guidance_scale: float = setting(
        2.0, "Guidance", flag="--guidance", low=0, high=100, usual=(0, 8), unit=" ×",
        step=0.5, decimals=1,
        tip="How strongly class, words and style steer; 1 = no guidance.", varies=True,
    )
    autoguidance: float = setting(
        2.0, "Autoguidance", low=0, high=10,
        tip="How far guidance also steers away from what a weak version of the model would draw; "
        "0 = not at all.",
    )
    guidance_interval: tuple[float, float] | None = setting(
        None, "Guidance at t", tip="Apply guidance only between these noise levels.",
    )
    precision: Precision = setting(
        "auto", "Precision", choices=PRECISIONS,
        tip="Precision of the network; automatic = fp32, which draws the same sprites everywhere.",
    )
    start_t: int | None = setting(
        None, low=1, tip="Noise level to which the drawing is noised first.",
    )
    drawing: bytes | None = setting(
        None, tip="Picture to start from, the size of a sprite.", varies=True,
    )
    known_mask: bytes | None = setting(None, varies=True)
    redraw_strength: bytes | None = setting(
        None, flag="--redraw", tip="How far to redraw each pixel; black = keep.", varies=True,
    )
    inpainting: InpaintingName = setting(
        "posterior", "Inpainting",
        tip="How new pixels are made to fit kept ones; a student can only use RePaint.",
        choices=(
            Choice("posterior", "Posterior", "by Bayes' rule, with the derivative of the model"),
            Choice("repaint", "RePaint", "by repeating each step"),
        ),
    )
    visits: int = setting(
        4, "Visits", low=1, high=100,
        tip="How many times RePaint takes each step; 1 = fastest.",
    )
    keep_alpha: bool = setting(
        False, "Keep the silhouette", flag="--keep-alpha/--free-alpha", varies=True,
        tip="Draw within the drawing: transparent pixels stay transparent, all others opaque.",
    )
    colors: int = setting(
        10, "Colors", low=2, high=256, unset="any number",
        tip="Maximum number of colors per sprite; 0 = any number, without snapping.",
    )
    style_colors: bool = setting(
        True, "Colors of the style", flag="--style-colors/--any-colors", varies=True,
        tip="Draw in the colors of the requested or assigned style, if it has few.",
    )
    palette: bytes | None = setting(
        None, "Palette", tip="Use only these colors: .gpl, .pal, .hex, .act or a picture.",
    )
    symmetric: bool = setting(
        False, "Mirror symmetry", flag="--symmetric/--asymmetric",
        tip="The right half mirrors the left one.",
    )
    tile: bool = setting(
        False, "Seamless tile", flag="--tile/--no-tile",
        tip="The sprite continues across its borders, so that copies join without a seam.",
    )
    variations: tuple[tuple[int, float], ...] = setting((), varies=True)
    # fmt: on

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            not self.picked
            or (len(self.picked) == self.count and self.first_index == 0 <= min(self.picked)),
            "'picked' must have an index of 0 or more for each of 'count' sprites, and "
            "'first_index' must then be 0.",
        )
        require(
            not (self.classes and self.class_mix), "Give either 'classes' or 'class_mix', not both."
        )
        check_prompt(self.class_mix, self.words)
        if self.guidance_interval is not None:
            require(
                len(self.guidance_interval) == 2
                and not isinstance(self.guidance_interval, str)
                and 0 <= self.guidance_interval[0] <= self.guidance_interval[1] < math.inf,
                "'guidance_interval' must be two t, the lower one first.",
            )
        require(
            self.palette is None or len(self.palette) in range(3, 3 * 256 + 1, 3),
            "'palette' must have three bytes for each color, and 1 to 256 colors.",
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
            "'drawing' has {count} bytes; a square of RGBA pixels is needed.",
            count=len(self.drawing),
        )
        for name, mask in masks.items():
            require(
                mask is None or len(mask) == side * side,
                "'{name}' must have one byte for each pixel of 'drawing'.",
                name=name,
            )

    @property
    def indices(self) -> Sequence[int]:
        """The index of each sprite, which with the seed determines its noise, class and prompt."""
        return self.picked or range(self.first_index, self.first_index + self.count)

    def class_of(self, index: int) -> str | None:
        """The class of sprite ``index``, from ``classes``; None = there are none."""
        return self.classes[index % len(self.classes)] if self.classes else None

    def mix_of(self, index: int) -> tuple[tuple[str, float], ...]:
        """The class of sprite ``index`` in the form of ``class_mix``; without classes, that mix."""
        name = self.class_of(index)
        return self.class_mix if name is None else ((name, 1.0),)

    def guides_plainly(self, timesteps: int, *, everywhere: bool = False) -> bool:
        """Whether guidance applies at all ``timesteps`` noise levels, without autoguidance.

        ``everywhere``: whether it applies at all of them if no interval is given.
        """
        usual = (0.0, math.inf) if everywhere else (math.inf, 0.0)
        low, high = self.guidance_interval or usual
        return self.autoguidance == 0 and low <= 1 and high >= timesteps

    @property
    def adds_noise(self) -> bool:
        """Whether its sampler, if known, adds fresh noise at every step."""
        known = self.sampler is not None and SAMPLERS[self.sampler].adds_noise
        return known or (self.sampler == "ddim" and self.eta > 0)

    @property
    def is_random(self) -> bool:
        """Whether noise is added while sampling, so that the same noise gives different sprites."""
        return self.adds_noise or self.own_churn > 0

    @property
    def own_churn(self) -> float:
        """``churn``, if its sampler is known and uses it; otherwise 0."""
        takes = self.sampler is not None and SAMPLERS[self.sampler].churns
        return self.churn if takes else 0.0

    @property
    def manner(self) -> tuple[object, ...]:
        """The settings that sprites must share to be drawn together."""
        shared = tuple(getattr(self, name) for name in SHARED_SETTINGS)
        return (*shared, self.drawing is None)

    def spelled(self, class_names: Sequence[str]) -> Self:
        """The same configuration with classes spelled as in ``class_names``, those of a model:
        "side facing" and "side_facing" are one class. Unknown ones stay as they are.
        """
        known = {_alike(name): name for name in class_names}

        def as_known(name: str) -> str:
            return name if name in class_names else known.get(_alike(name), name)

        return replace(
            self,
            classes=tuple(map(as_known, self.classes)),
            class_mix=tuple((as_known(name), weight) for name, weight in self.class_mix),
            negative_class=self.negative_class and as_known(self.negative_class),
        )

    def over(
        self,
        drawing: NDArray[np.uint8],
        keep: NDArray[np.bool_] | None = None,
        redraw: NDArray[np.uint8] | None = None,
    ) -> Self:
        """The same configuration, starting from a drawing.

        Raises ConfigError for other shapes or dtypes.

        Parameters
        ----------
        drawing : uint8 (H, H, 4), RGBA, the size of a sprite.
        keep : bool (H, H), True = keep that pixel.
        redraw : uint8 (H, H), how far each pixel is redrawn, 0 = kept, 255 = redrawn completely.
        """
        side = len(drawing) if drawing.ndim else 0
        require(
            drawing.shape == (side, side, 4) and drawing.dtype == np.uint8,
            "A drawing must be a square of RGBA pixels, uint8 (H, H, 4), not {dtype} {shape}.",
            dtype=drawing.dtype,
            shape=drawing.shape,
        )
        for name, mask, dtype in (("keep", keep, np.bool_), ("redraw", redraw, np.uint8)):
            require(
                mask is None or (mask.shape == (side, side) and mask.dtype == dtype),
                "'{name}' must be {dtype} ({side}, {side}): a value for each pixel.",
                name=name,
                dtype=np.dtype(dtype),
                side=side,
            )
        return replace(
            self,
            drawing=drawing.tobytes(),
            known_mask=None if keep is None else keep.tobytes(),
            redraw_strength=None if redraw is None else redraw.tobytes(),
        )

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
        """uint8 (colors, 3), or None."""
        if self.palette is None:
            return None
        return np.frombuffer(self.palette, np.uint8).reshape(-1, 3)

    def known(self) -> NDArray[np.bool_] | None:
        """bool (H, W), True = keep, or None."""
        strength = self.strength()
        return None if strength is None else strength == 0


#: Settings that sprites must share to be drawn together.
SHARED_SETTINGS = tuple(
    name for name, known in settings_of(SampleConfig).items() if not known.varies
)


@dataclass(frozen=True)
class DrawSettings(Config):
    """Settings of :class:`SampleConfig` that all cells of one generation share."""

    sampler: SamplerName | None = DEFAULT_SAMPLER
    steps: int | None = same_as(SampleConfig, "steps")
    colors: int = same_as(SampleConfig, "colors")
    inpainting: InpaintingName = same_as(SampleConfig, "inpainting")
    visits: int = same_as(SampleConfig, "visits")
    deal_prompts: bool = same_as(SampleConfig, "deal_prompts")


@dataclass(frozen=True)
class Conditions(Config):
    """What a cell of Draw asks of the model, besides its drawing and mask."""

    #: (name, weight) pairs, weights within 0..1; () = any class
    class_mix: tuple[tuple[str, float], ...] = ()
    #: class that guidance steers away from; None = the prediction without a class
    negative_class: str | None = None
    words: tuple[str, ...] = ()  #: as in :class:`SampleConfig`
    style: str = ""  #: source of the training set in whose style to draw; "" = any
    guidance_scale: float = same_as(SampleConfig, "guidance_scale", group="Cell")
    #: the shares of T, 0..1, between which guidance applies
    guidance_interval: tuple[float, float] = (0.0, 1.0)
    #: the share of T, within 0..1, that the drawing is noised to; None = the cell does not start
    #: from its drawing
    strength: float | None = setting(None, above=0, high=1)
    # fmt: off
    lock_palette: bool = setting(
        False, "Only colors of the palette", group="Limit to",
        tip="Use only the colors of the palette below the canvas, and transparency.",
    )
    # fmt: on
    symmetric: bool = same_as(SampleConfig, "symmetric", group="Limit to")
    tile: bool = same_as(SampleConfig, "tile", group="Limit to")
    keep_alpha: bool = same_as(SampleConfig, "keep_alpha", group="Limit to")
    seed: int = same_as(SampleConfig, "seed")
    seed_locked: bool = False  #: whether generating again keeps the seed
    #: (seed, share) pairs, as in :class:`SampleConfig`: the noise of ``seed`` is rotated by each
    #: share toward that of another seed
    variations: tuple[tuple[int, float], ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        check_prompt(self.class_mix, self.words)
        low, high = self.guidance_interval
        require(
            0 <= low <= high <= 1,
            "The guidance interval must be two shares of T, the lower one first.",
        )
        check_variations(self.variations)

    @property
    def class_name(self) -> str | None:
        """The class, if there is only one."""
        return self.class_mix[0][0] if len(self.class_mix) == 1 else None

    @property
    def prompt(self) -> Prompt:
        """Its classes, words and style."""
        return Prompt(self.class_mix, self.words, self.style)

    def for_another(self, prompt: Prompt) -> Conditions:
        """Conditions for another drawing in the same place: its ``prompt``, this seed, and what
        cells share.
        """
        common = {name: getattr(self, name) for name in SAME_FOR_ALL}
        return Conditions(
            class_mix=prompt.class_mix,
            words=prompt.words,
            style=prompt.style,
            seed=self.seed,
            **common,
        )

    @classmethod
    def of_class(cls, name: str | None, seed: int = 0) -> Conditions:
        """Conditions for a single class; None = any."""
        return cls(class_mix=Prompt.of_class(name).class_mix, seed=seed)


#: Conditions that cells can share, whatever they show: those with a form group, and where guidance
#: applies.
SAME_FOR_ALL = (
    *(name for name, known in settings_of(Conditions).items() if known.group),
    "guidance_interval",
)


def _alike(name: str) -> str:
    return name.replace("_", " ").casefold()
