"""Every setting of a run, as frozen values that check themselves and go to JSON and back.

Equal configurations compare equal, hash equal and may be handed to any thread.
"""

from __future__ import annotations

import base64
import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import ConfigError

PredictionType = Literal["epsilon", "x0", "v"]
ScheduleName = Literal["linear", "cosine", "karras"]
NetworkName = Literal["context_unet", "patch_unet"]
LevelDistribution = Literal["uniform", "lognormal"]
LossWeighting = Literal["uniform", "min_snr", "edm"]
DeviceName = Literal["auto", "cpu", "cuda", "mps", "xpu"]
Precision = Literal["auto", "fp32", "bf16"]
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


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ConfigError(message)


def _check_choices(config: Any) -> None:
    """Raise ConfigError where a Literal field holds something else, or a number is not finite."""
    hints = typing.get_type_hints(type(config))
    for name, hint in hints.items():
        if typing.get_origin(hint) is Literal:
            value, choices = getattr(config, name), typing.get_args(hint)
            _require(
                value in choices,
                f"'{name}' is {value!r}, but must be one of: {', '.join(map(str, choices))}.",
            )
        elif isinstance(getattr(config, name), float):
            value = getattr(config, name)
            _require(math.isfinite(value), f"'{name}' is {value}, but must be a finite number.")


class _Config:
    """JSON in and out, the same for every configuration."""

    def to_json(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers; bytes as base64."""

        def plain(value: Any) -> Any:
            if isinstance(value, _Config):
                return value.to_json()
            if isinstance(value, bytes):
                return base64.b64encode(value).decode("ascii")
            if isinstance(value, tuple):
                return [plain(item) for item in value]
            return value

        return {
            f.name: plain(getattr(self, f.name))
            for f in dataclasses.fields(self)  # type: ignore[arg-type]
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_json`; left-out fields take their defaults.

        Raises
        ------
        ConfigError
            For an unknown field, a wrong type or a value that is not allowed.
        """
        _require(isinstance(data, Mapping), f"{cls.__name__} must be a JSON object.")
        hints = typing.get_type_hints(cls)
        unknown = set(data) - set(hints)
        _require(
            not unknown,
            f"{cls.__name__} has no setting named {', '.join(sorted(map(repr, unknown)))}.",
        )
        return cls(**{name: _restore(data[name], hints[name], name) for name in data})


def _restore(value: Any, hint: Any, name: str) -> Any:
    """Turn a JSON value into what the field ``name`` with type ``hint`` holds."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return _restore(value, next(a for a in arguments if a is not type(None)), name)
    if origin is Literal:
        return value
    if origin is tuple:
        _require(isinstance(value, list), f"'{name}' must be a list.")
        if arguments[-1] is Ellipsis:
            return tuple(_restore(item, arguments[0], name) for item in value)
        _require(len(value) == len(arguments), f"'{name}' must have {len(arguments)} items.")
        return tuple(_restore(v, a, name) for v, a in zip(value, arguments, strict=True))
    if isinstance(hint, type) and issubclass(hint, _Config):
        return hint.from_json(value)
    if hint is bytes:
        try:
            return base64.b64decode(value, validate=True)
        except (ValueError, TypeError):
            raise ConfigError(f"'{name}' must be base64 text.") from None
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        _require(abs(value) < 2**1023, f"'{name}' is too large.")
        return float(value)
    right_type = isinstance(value, hint) and not (hint is int and isinstance(value, bool))
    _require(right_type, f"'{name}' is {value!r}, but must be of type {hint.__name__}.")
    return value


@dataclass(frozen=True)
class ScheduleConfig(_Config):
    """A noise schedule over t = 0 (clean) to ``timesteps`` (noise).

    ``linear`` is that of Ho et al. 2020 with the course's numbers; ``cosine`` that of
    Nichol and Dhariwal 2021; ``karras`` has the spacing of Karras et al. 2022 from sigma 80
    down to where 8-bit rounding hides the noise. ``beta_start`` and ``beta_end`` are those
    of ``linear``.
    """

    name: ScheduleName = "karras"
    timesteps: int = 500
    beta_start: float = 1e-4
    beta_end: float = 0.02

    def __post_init__(self) -> None:
        _check_choices(self)
        _require(2 <= self.timesteps <= 10_000, "'timesteps' must be from 2 to 10000.")
        # Below the least, t = 1 would be cleaner than the log-SNR that stands for t = 0.
        _require(
            1e-8 <= self.beta_start <= self.beta_end < 1,
            "'beta_start' and 'beta_end' must satisfy 1e-8 <= beta_start <= beta_end < 1.",
        )
        # So that what is left of the signal at T is a number that float32 holds.
        betas = np.linspace(self.beta_start, self.beta_end, self.timesteps)
        _require(
            float(np.log1p(-betas).sum()) > -150.0,
            "So many steps of so much noise leave nothing of a picture: lower 'beta_end' or "
            "'timesteps'.",
        )


@dataclass(frozen=True)
class NetworkConfig(_Config):
    """The denoising network.

    ``context_unet`` is the course's; ``patch_unet`` is a U-Net on 2x2 patches with
    residual blocks, FiLM and attention at its coarsest level. ``width`` is the number of
    channels at the finest level. ``guided``: the network takes the guidance scale as an
    input (a student), so that a guided evaluation costs one pass, not two.

    ``channels`` is 3 (RGB on white) or 4 (and alpha). ``augment_labels`` is the length of the
    vector that tells ``patch_unet`` how a training sprite was augmented (Karras et al. 2022,
    appendix F.2), 0 where it is told nothing. With ``colour_attention``, pixels of one colour
    find one another (:mod:`sprite_lab.diffusion.colour_attention`).
    """

    name: NetworkName = "patch_unet"
    width: int = 80
    image_size: int = 16
    channels: int = 3
    num_classes: int = 5
    guided: bool = False
    augment_labels: int = 0
    colour_attention: bool = False

    def __post_init__(self) -> None:
        _check_choices(self)
        _require(
            16 <= self.width <= 512 and self.width % 16 == 0,
            f"'width' is {self.width}, but must be a multiple of 16 from 16 to 512.",
        )
        _require(
            8 <= self.image_size <= 64 and self.image_size % 8 == 0,
            f"'image_size' is {self.image_size}, but must be a multiple of 8 from 8 to 64.",
        )
        _require(self.channels in (3, 4), "'channels' must be 3 or 4.")
        _require(self.num_classes >= 0, "'num_classes' must not be negative.")
        _require(self.augment_labels >= 0, "'augment_labels' must not be negative.")
        _require(
            self.augment_labels == 0 or self.name == "patch_unet",
            "Only the network 'patch_unet' takes 'augment_labels'.",
        )
        _require(
            not self.colour_attention or self.name == "patch_unet",
            "Only the network 'patch_unet' can have 'colour_attention'.",
        )
        _require(
            not self.guided or self.name == "patch_unet",
            "Only the network 'patch_unet' can be 'guided'.",
        )


@dataclass(frozen=True)
class TrainConfig(_Config):
    """Everything that makes a training run what it is, apart from its sprites.

    ``max_steps`` and ``max_seconds`` end a run before its ``epochs`` do; with either and
    ``epochs`` None, they alone do. ``learning_rate`` is the peak; it decays to nothing,
    linearly (``lr_decay`` "linear", the course) or along a cosine after ``warm_up_steps``.
    ``beta2`` is Adam's, the memory of its second moment; ``max_grad_norm`` is what gradients are
    scaled down to, None = they are left as they are.
    ``label_dropout`` is the share of sprites trained without their class, which is what
    guidance needs. ``ema_decay`` 0 = no averaging of weights.

    ``levels`` are the noise levels trained at: "uniform" in t, or "lognormal", where log-SNR
    is normal with ``log_snr_mean`` and ``log_snr_std`` but for a ``uniform_share`` spread
    evenly over the schedule's range, so that the likelihood is learnt to its cleanest levels.
    Karras et al. 2022 (table 1) have a mean and std of 2.4; sprites have no fine texture, so
    their shape is decided at noisier levels.

    ``loss_weighting`` is explained at :func:`sprite_lab.diffusion.loss.loss_weight`.
    ``flips``, ``shifts`` and ``recolor`` are the shares of sprites that are mirrored, moved
    within their transparent margin and drawn in swapped colours; the network is told.

    ``compile``: have torch.compile make the network faster, which takes a compiler and a while.
    """

    preset: str = "quick"
    epochs: int | None = 32
    max_steps: int | None = None
    max_seconds: float | None = None
    batch_size: int = 64
    learning_rate: float = 2e-3
    lr_decay: Literal["linear", "cosine"] = "cosine"
    warm_up_steps: int = 100
    weight_decay: float = 0.0
    beta2: float = 0.99
    max_grad_norm: float | None = 1.0
    label_dropout: float = 0.1
    ema_decay: float = 0.999
    prediction_type: PredictionType = "v"
    levels: LevelDistribution = "lognormal"
    log_snr_mean: float = 0.8
    log_snr_std: float = 2.4
    uniform_share: float = 0.1
    loss_weighting: LossWeighting = "uniform"
    flips: float = 0.5
    shifts: float = 0.0
    recolor: float = 0.0
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    network: NetworkConfig = field(default_factory=lambda: NetworkConfig(colour_attention=True))
    seed: int = 0
    device: DeviceName = "auto"
    precision: Precision = "auto"
    compile: bool = False
    validation_fraction: float = 0.15
    checkpoint_every: int = 500
    preview_count: int = 16
    preview_steps: int = 20

    def __post_init__(self) -> None:
        _check_choices(self)
        for name in ("epochs", "max_steps", "max_seconds"):
            value = getattr(self, name)
            _require(value is None or value > 0, f"'{name}' must be above 0.")
        _require(
            any(v is not None for v in (self.epochs, self.max_steps, self.max_seconds)),
            "Say when to end: set epochs, max_steps or max_seconds.",
        )
        _require(1 <= self.batch_size <= 65_536, "'batch_size' must be from 1 to 65536.")
        _require(
            0 < self.learning_rate <= 1,
            f"'learning_rate' is {self.learning_rate}, but must be above 0 and at most 1.",
        )
        _require(self.weight_decay >= 0, "'weight_decay' must not be negative.")
        _require(self.warm_up_steps >= 1, "'warm_up_steps' must be at least 1.")
        _require(self.log_snr_std > 0, "'log_snr_std' must be above 0.")
        for name in ("uniform_share", "flips", "shifts", "recolor"):
            _require(0 <= getattr(self, name) <= 1, f"'{name}' must be from 0 to 1.")
        _require(
            self.max_grad_norm is None or self.max_grad_norm > 0, "'max_grad_norm' must be above 0."
        )
        for name in ("label_dropout", "ema_decay", "beta2"):
            _require(0 <= getattr(self, name) < 1, f"'{name}' must be at least 0 and below 1.")
        _require(0 < self.validation_fraction < 1, "'validation_fraction' must be within 0..1.")
        _require(0 <= self.seed < 2**63, "'seed' must be a whole number from 0 on.")
        _require(self.checkpoint_every > 0, "'checkpoint_every' must be above 0.")
        _require(0 < self.preview_count <= 256, "'preview_count' must be from 1 to 256.")
        _require(self.preview_steps > 0, "'preview_steps' must be above 0.")

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """As of every configuration; of runs from before there were shares, too."""
        if isinstance(data, Mapping) and isinstance(data.get("flips"), bool):
            data = {**data, "flips": 0.5 if data["flips"] else 0.0}
        return super().from_json(data)


@dataclass(frozen=True)
class SampleConfig(_Config):
    """Everything that makes samples what they are, apart from the model.

    Sprite i of ``count`` depends on ``seed`` and ``first_index + i`` alone, so one sprite
    of a sheet is drawn again with ``count`` 1 and its index.

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
    keep_alpha : draw within the drawing's silhouette; needs a model that draws alpha.
    colors : the most colours of a sprite, 0 = any number: as the noise falls, predictions are
        snapped to few flat colours of their own.
    palette : RGB bytes (3 a colour), the only colours allowed; None = any.
    symmetric : left and right alike.
    tile : the sprite goes on across its borders, so that copies of it can be laid side by side.
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
    guidance_scale: float = 2.0
    guidance_interval: tuple[float, float] | None = None
    precision: Precision = "auto"
    start_t: int | None = None
    drawing: bytes | None = None
    known_mask: bytes | None = None
    redraw_strength: bytes | None = None
    keep_alpha: bool = False
    colors: int = 10
    palette: bytes | None = None
    symmetric: bool = False
    tile: bool = False

    def __post_init__(self) -> None:
        _check_choices(self)
        _require(
            self.sampler is None or self.sampler in SAMPLERS,
            f"There is no sampler named {self.sampler!r}; there are: {', '.join(SAMPLERS)}.",
        )
        _require(1 <= self.count <= 100_000, "'count' must be from 1 to 100000.")
        _require(0 <= self.seed < 2**63, "'seed' must be a whole number from 0 on.")
        _require(0 <= self.first_index < 2**63, "'first_index' must be a whole number from 0 on.")
        _require(self.steps is None or self.steps >= 1, "'steps' must be at least 1.")
        _require(0 <= self.eta <= 1, "'eta' must be from 0 to 1.")
        _require(0 <= self.churn <= 1000, "'churn' must be from 0 to 1000.")
        _require(
            not (self.classes and self.class_mix), "Give either 'classes' or 'class_mix', not both."
        )
        _require(
            all(0 < weight <= 1 for _, weight in self.class_mix),
            "Each weight of 'class_mix' must be above 0 and at most 1.",
        )
        _require(0 <= self.guidance_scale <= 100, "'guidance_scale' must be from 0 to 100.")
        if self.guidance_interval is not None:
            low, high = self.guidance_interval
            _require(
                0 <= low <= high < math.inf,
                "'guidance_interval' must be two t, the lower one first.",
            )
        _require(self.start_t is None or self.start_t >= 1, "'start_t' must be at least 1.")
        _require(
            self.colors == 0 or 2 <= self.colors <= 256,
            f"'colors' is {self.colors}, but must be from 2 to 256, or 0 for any number.",
        )
        _require(
            self.palette is None or len(self.palette) in range(3, 3 * 256 + 1, 3),
            "'palette' must have three bytes for each colour, and 1 to 256 colours.",
        )
        self._check_drawing()

    def _check_drawing(self) -> None:
        masks = {"known_mask": self.known_mask, "redraw_strength": self.redraw_strength}
        if self.drawing is None:
            _require(
                self.start_t is None and not self.keep_alpha and set(masks.values()) == {None},
                "Starting from a noise level or keeping pixels needs a drawing.",
            )
            return
        side = int(np.sqrt(len(self.drawing) / 4))
        _require(
            side > 0 and side * side * 4 == len(self.drawing),
            f"'drawing' has {len(self.drawing)} bytes; a square of RGBA pixels is needed.",
        )
        for name, mask in masks.items():
            _require(
                mask is None or len(mask) == side * side,
                f"'{name}' must have one byte for each pixel of 'drawing'.",
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
        """uint8 (colours, 3), or None."""
        if self.palette is None:
            return None
        return np.frombuffer(self.palette, np.uint8).reshape(-1, 3)

    def known(self) -> NDArray[np.bool_] | None:
        """bool (H, W), True = keep, or None."""
        strength = self.strength()
        return None if strength is None else strength == 0


@dataclass(frozen=True)
class EvalConfig(_Config):
    """What is measured of a model, and on which sprites.

    Parameters
    ----------
    likelihood : bits per dimension by the variational "bound" or by the "ode" of the
        probability flow; None = not measured.
    quality : whether samples are drawn and held against the sprites.
    classify : whether each sprite's class is told, by the bound under every class.
    thermodynamics : whether the forward process of the training sprites is measured, and how
        far the model's reverse process stays behind it.
    split : "validation" = the sprites set aside by whole groups, as training does; "all".
    validation_fraction : share of the groups that is set aside.
    limit : most sprites whose likelihood or class is worked out, taken at random by ``seed``;
        None = all. Quality is always held against all.
    samples : how many are drawn; the Fréchet distance needs 2,048.
    seed : of samples, noise and the choice of sprites.
    sampling : how they are drawn; its count, seed and classes are set by the evaluation.
    """

    likelihood: Literal["bound", "ode"] | None = "bound"
    quality: bool = True
    classify: bool = False
    thermodynamics: bool = False
    split: Literal["validation", "all"] = "validation"
    validation_fraction: float = 0.15
    limit: int | None = None
    samples: int = 2048
    seed: int = 0
    sampling: SampleConfig = field(default_factory=SampleConfig)

    def __post_init__(self) -> None:
        _check_choices(self)
        _require(
            self.likelihood in (None, "bound", "ode"),
            f"'likelihood' is {self.likelihood!r}, but must be 'bound', 'ode' or None.",
        )
        _require(
            self.quality or self.likelihood is not None or self.classify or self.thermodynamics,
            "There is nothing to measure: ask for the likelihood, the quality or both.",
        )
        _require(0 < self.validation_fraction < 1, "'validation_fraction' must be within 0..1.")
        _require(self.limit is None or self.limit >= 1, "'limit' must be at least 1.")
        _require(16 <= self.samples <= 100_000, "'samples' must be from 16 to 100000.")
        _require(0 <= self.seed < 2**63, "'seed' must be a whole number from 0 on.")
