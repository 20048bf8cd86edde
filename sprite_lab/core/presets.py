"""The training recipes that have a name."""

from __future__ import annotations

from sprite_lab.core.config import NetworkConfig, ScheduleConfig, TrainConfig

#: ``quick`` is the default: a patch U-Net that learns fast on two cores. ``best`` is a wider
#: one that trains longer. ``course`` is the notebook's recipe (with the right noise scale).
PRESETS: dict[str, TrainConfig] = {
    "quick": TrainConfig(preset="quick"),
    "best": TrainConfig(
        preset="best",
        epochs=160,
        ema_decay=0.9995,
        network=NetworkConfig(name="patch_unet", width=96),
    ),
    "course": TrainConfig(
        preset="course",
        batch_size=100,
        learning_rate=1e-3,
        lr_decay="linear",
        ema_decay=0.0,
        prediction_type="epsilon",
        levels="uniform",
        flips=False,
        precision="fp32",
        schedule=ScheduleConfig(name="linear"),
        network=NetworkConfig(name="context_unet", width=64),
    ),
}

DEFAULT_PRESET = "quick"
