"""Everything that determines a training run, apart from its sprites."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sprite_lab.core.config.base import (
    LARGEST_SEED,
    PRECISIONS,
    Choice,
    Config,
    DeviceName,
    Precision,
    setting,
)
from sprite_lab.core.config.network import NetworkConfig, PredictionType
from sprite_lab.core.config.sample import DEFAULT_SAMPLER, SampleConfig
from sprite_lab.core.config.schedule import ScheduleConfig
from sprite_lab.core.errors import require

LevelDistribution = Literal["uniform", "lognormal"]
LossWeighting = Literal["uniform", "min_snr", "edm"]


@dataclass(frozen=True)
class TrainConfig(Config):
    """Settings of a training run.

    ``max_steps`` and ``max_seconds`` end a run before its ``epochs`` do; with either and
    ``epochs`` None, only they do. Karras et al. 2022 (table 1) train at log-SNR of mean and
    standard deviation 2.4; sprites have no fine texture, so their shape is decided at noisier
    levels. ``loss_weighting`` is explained at :func:`sprite_lab.diffusion.loss.loss_weight`, and
    ``huber_c``, which only students have, at :func:`~sprite_lab.diffusion.loss.per_sample_loss`.
    ``patch_unet`` is told how ``flips``, ``shifts`` and ``recolor`` changed each sprite.
    """

    # fmt: off
    preset: str = setting("quick", title="Preset")
    epochs: int | None = setting(
        32, "Epochs", group="Recipe", low=1, usual=(1, 5000), logarithmic=True,
        tip="Passes over the data: how many times each sprite is seen.",
        help="Stop after this many passes.",
    )
    max_steps: int | None = setting(
        None, title="Maximum steps", low=1,
        help="Stop after this many steps.",
    )
    max_seconds: float | None = setting(
        None, title="Maximum seconds", above=0,
        help="Stop after this many seconds.",
    )
    max_sprites: int = setting(
        0, "Sprites", title="Training sprites", group="Recipe", low=1, usual=(0, 1_000_000),
        unset="all", slider=False,
        tip="Learn from no more than this many of the training sprites. A few are soon learned by "
        "heart. Those held out for validation stay the same.",
        help="Learn from no more than this many of the training sprites; 0 = all.",
    )
    batch_size: int = setting(
        64, "Batch size", group="Recipe", low=1, high=65_536, usual=(4, 512), logarithmic=True,
        unset="the fastest number for this machine, from a short trial",
        tip="Sprites per training step.",
    )
    learning_rate: float = setting(
        2e-3, "Learning rate", group="Recipe", above=0, high=1, usual=(1e-5, 1e-1), step=1e-4,
        decimals=5, logarithmic=True,
        tip="Size of each step. Too high and the loss jumps; too low and it crawls.",
        help="Peak learning rate.",
    )
    lr_decay: Literal["linear", "cosine"] = setting(
        "cosine", "Learning-rate decay",
        choices=(Choice("linear", "Linear"), Choice("cosine", "Cosine")),
        tip="How the learning rate decays: linearly to zero, or along a cosine, with a warm-up, to "
        "2% of its peak.",
    )
    warm_up_steps: int = setting(
        100, title="Warm-up steps", low=1,
        tip="Steps over which the learning rate rises.",
    )
    weight_decay: float = setting(0.0, title="Weight decay", low=0, tip="Weight decay of Adam.")
    beta2: float = setting(
        0.99, "β₂ of Adam", low=0, below=1, tip="Decay rate of Adam's second moment.",
    )
    max_grad_norm: float | None = setting(
        1.0, "Gradient limit", above=0, tip="Norm to which longer gradients are scaled down.",
    )
    label_dropout: float = setting(
        0.1, "Label dropout", low=0, below=1,
        tip="Share of sprites trained without their class, as guidance requires.",
    )
    ema_decay: float = setting(
        0.999, "EMA decay", low=0, below=1, tip="Decay of the averaged weights; 0 = no averaging.",
    )
    prediction_type: PredictionType = setting("v", "Predicts", tip="What the network predicts.")
    levels: LevelDistribution = setting(
        "lognormal", title="Noise levels drawn",
        tip="Training noise levels: uniform in t, or normal in log-SNR.",
    )
    log_snr_mean: float = setting(
        0.8, "log-SNR mean", low=-20, high=20, tip="Mean log-SNR of lognormal noise levels.",
    )
    log_snr_std: float = setting(
        2.4, "log-SNR spread", above=0, high=20, tip="Standard deviation of their log-SNR.",
    )
    uniform_share: float = setting(
        0.1, title="Share drawn evenly", low=0, high=1,
        tip="Share of log-SNR drawn uniformly over the schedule's range, so that the likelihood "
        "is learned at the cleanest levels too.",
    )
    loss_weighting: LossWeighting = setting(
        "uniform", "Weighting", tip="How the loss is weighted by noise level.",
    )
    huber_c: float = setting(
        0.0, title="Pseudo-Huber c", low=0,
        tip="Error of a pixel's v above which a student's loss grows linearly; 0 = squared error.",
    )
    flips: float = setting(0.5, title="Flips", low=0, high=1, tip="Share of sprites to mirror.")
    shifts: float = setting(
        0.0, title="Shifts", low=0, high=1,
        tip="Share of sprites to move within their transparent margin.",
    )
    recolor: float = setting(
        0.0, title="Recoloring", low=0, high=1, tip="Share of sprites to draw in swapped colors.",
    )
    group_balance: float = setting(
        0.0, title="Balance of groups", low=0, high=1,
        tip=(
            "How much to hold back large groups of near-copies: 0 = each sprite is seen equally "
            "often, 1 = each group."
        ),
    )
    max_copies: float = setting(
        0.0, title="Maximum copies", low=0, below=1,
        tip=(
            "End training when more than this share of its samples are copies of training "
            "sprites, and keep what it had learned before; 0 = do not look for copies."
        ),
    )
    network: NetworkConfig = field(default_factory=lambda: NetworkConfig(colour_attention=True))
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    device: DeviceName = setting(
        "auto", "Device", group="Advanced",
        tip="Device to compute on; automatic = the fastest",
        choices=(
            Choice("auto", "Automatic"),
            Choice("cpu", "Processor (CPU)"),
            Choice("cuda", "NVIDIA or AMD (CUDA)"),
            Choice("mps", "Apple (MPS)"),
            Choice("xpu", "Intel (XPU)"),
        ),
    )
    seed: int = setting(
        0, "Seed", group="Advanced", low=0, high=LARGEST_SEED,
        tip="The same seed repeats the same training run.",
        help="Seed of all random numbers.",
    )
    precision: Precision = setting(
        "auto", title="Precision", choices=PRECISIONS,
        tip="Precision of the network; automatic = bf16 where it is faster.",
    )
    compile: bool = setting(
        False, title="Compiled",
        tip="Speed the network up with torch.compile; needs a compiler and some time.",
    )
    validation_fraction: float = setting(
        0.15, title="Share held out", low=0, below=1,
        tip="Share of the sprite groups held out for validation.",
    )
    sealed_fraction: float = setting(
        0.0, title="Share sealed", low=0, below=1,
        tip=(
            "Share of the held-out groups that is kept for a final test; neither training nor "
            "validation sees it."
        ),
    )
    checkpoint_every: int = setting(
        500, title="Steps between checkpoints", low=1,
        tip="Steps between checkpoints.",
    )
    preview_count: int = setting(
        16, title="Samples shown", low=1, high=256,
        tip="Sprites of a preview.",
    )
    preview_steps: int = setting(
        20, title="Steps of samples", low=1,
        tip="Sampling steps of a preview.",
    )
    # fmt: on

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            any(v is not None for v in (self.epochs, self.max_steps, self.max_seconds)),
            "Say when to end: set epochs, max_steps or max_seconds.",
        )

    def preview(self, classes: tuple[str, ...] = ()) -> SampleConfig:
        """Settings of its preview samples, which start from the same noise at every step."""
        return SampleConfig(
            count=self.preview_count,
            seed=self.seed,
            sampler="student" if self.network.guided else DEFAULT_SAMPLER,
            steps=self.preview_steps,
            classes=classes,
            guidance_scale=SampleConfig.guidance_scale if self.label_dropout else 1.0,
        )

    def total_steps(self, steps_per_epoch: int) -> int | None:
        """The number of steps of a run; None if only time limits it."""
        limits = [self.max_steps, self.epochs and self.epochs * steps_per_epoch]
        return min((limit for limit in limits if limit is not None), default=None)
