"""The training recipes that have a name."""

from __future__ import annotations

from sprite_lab.core.config import NetworkConfig, ScheduleConfig, TrainConfig

#: ``quick`` is the default: a patch U-Net that learns fast on two cores, for a minute or 32
#: epochs; the app leaves the minute out, and shows the epochs. ``best`` trains it longer, on
#: sprites augmented in every way that does not leak. ``tune`` goes on from a model with a few
#: sprites of one's own: sixty passes, for after two hundred they are known by heart
#: (tests/benchmarks/README.md). ``course`` is the notebook's recipe, with
#: the right noise scale; its network is told log-SNR, and there t / T.
PRESETS: dict[str, TrainConfig] = {
    "quick": TrainConfig(preset="quick", max_seconds=60.0),
    "best": TrainConfig(
        preset="best",
        epochs=400,
        batch_size=128,
        learning_rate=3e-3,
        ema_decay=0.9995,
        uniform_share=0.2,
        shifts=0.5,
        recolor=0.25,
    ),
    "tune": TrainConfig(preset="tune", epochs=60, max_seconds=120.0, learning_rate=1e-3),
    "course": TrainConfig(
        preset="course",
        batch_size=100,
        learning_rate=1e-3,
        lr_decay="linear",
        beta2=0.999,
        max_grad_norm=None,
        ema_decay=0.0,
        prediction_type="epsilon",
        levels="uniform",
        flips=0.0,
        precision="fp32",
        schedule=ScheduleConfig(name="linear"),
        network=NetworkConfig(name="context_unet", width=64),
    ),
}

DEFAULT_PRESET = "quick"

#: For a training that starts from a model.
TUNING_PRESET = "tune"

#: How a student is made: from the teacher's weights on, in a quarter of an hour on two cores.
STUDENT = TrainConfig(
    preset="student",
    epochs=None,
    max_seconds=900.0,
    batch_size=64,
    learning_rate=1e-3,
    ema_decay=0.998,
    flips=0.0,
    preview_steps=4,
)
