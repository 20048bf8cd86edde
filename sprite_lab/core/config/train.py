"""How a model is trained."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sprite_lab.core.config.base import Config, DeviceName, Precision, require
from sprite_lab.core.config.network import NetworkConfig, PredictionType
from sprite_lab.core.config.schedule import ScheduleConfig

LevelDistribution = Literal["uniform", "lognormal"]
LossWeighting = Literal["uniform", "min_snr", "edm"]


@dataclass(frozen=True)
class TrainConfig(Config):
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
        super().__post_init__()
        for name in ("epochs", "max_steps", "max_seconds"):
            value = getattr(self, name)
            require(value is None or value > 0, f"'{name}' must be above 0.")
        require(
            any(v is not None for v in (self.epochs, self.max_steps, self.max_seconds)),
            "Say when to end: set epochs, max_steps or max_seconds.",
        )
        require(1 <= self.batch_size <= 65_536, "'batch_size' must be from 1 to 65536.")
        require(
            0 < self.learning_rate <= 1,
            f"'learning_rate' is {self.learning_rate}, but must be above 0 and at most 1.",
        )
        require(self.weight_decay >= 0, "'weight_decay' must not be negative.")
        require(self.warm_up_steps >= 1, "'warm_up_steps' must be at least 1.")
        require(self.log_snr_std > 0, "'log_snr_std' must be above 0.")
        for name in ("uniform_share", "flips", "shifts", "recolor"):
            require(0 <= getattr(self, name) <= 1, f"'{name}' must be from 0 to 1.")
        require(
            self.max_grad_norm is None or self.max_grad_norm > 0, "'max_grad_norm' must be above 0."
        )
        for name in ("label_dropout", "ema_decay", "beta2"):
            require(0 <= getattr(self, name) < 1, f"'{name}' must be at least 0 and below 1.")
        require(0 < self.validation_fraction < 1, "'validation_fraction' must be within 0..1.")
        require(0 <= self.seed < 2**63, "'seed' must be a whole number from 0 on.")
        require(self.checkpoint_every > 0, "'checkpoint_every' must be above 0.")
        require(0 < self.preview_count <= 256, "'preview_count' must be from 1 to 256.")
        require(self.preview_steps > 0, "'preview_steps' must be above 0.")
