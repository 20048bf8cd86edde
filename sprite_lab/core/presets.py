"""Named training recipes."""

from __future__ import annotations

from sprite_lab.core.config import NetworkConfig, ScheduleConfig, TrainConfig

#: ``quick`` is the default: a patch U-Net that learns fast on two cores, within a minute or 32
#: epochs; the app drops the time limit and shows the epochs. ``best`` trains it longer, with every
#: augmentation that does not leak. ``tune`` fine-tunes a model on a few of the user's own sprites,
#: until its samples begin to be copies of them, or for 600 epochs: three minutes on two idle cores,
#: and on any machine no more than ten. ``course`` is the notebook's recipe with the correct noise
#: scale; its network is given log-SNR where the notebook gives t / T.
#: ``diffusers`` trains a network of the package diffusers, with the schedule of Ho et al. 2020.
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
    "tune": TrainConfig(
        preset="tune",
        epochs=600,
        max_seconds=600.0,
        learning_rate=1e-3,
        max_copies=0.08,
        preview_steps=10,
    ),
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
    "diffusers": TrainConfig(
        preset="diffusers",
        learning_rate=1e-3,
        label_dropout=0.0,
        prediction_type="epsilon",
        levels="uniform",
        flips=0.0,
        schedule=ScheduleConfig(name="linear", timesteps=1000),
        network=NetworkConfig(name="unet2d", width=64, num_classes=0),
    ),
}

DEFAULT_PRESET = "quick"

#: With fewer sprites, a model memorizes them; with fewer steps, it learns next to nothing.
FEW_SPRITES, FEW_STEPS = 50, 50

#: The preset for training that starts from a model.
TUNING_PRESET = "tune"


def usual_preset(from_model: bool) -> str:
    """The preset of a training run that does not name one."""
    return TUNING_PRESET if from_model else DEFAULT_PRESET


#: Recipe for a student: it starts from the teacher's weights and takes a quarter of an hour on two
#: cores.
STUDENT = TrainConfig(
    preset="student",
    epochs=None,
    max_seconds=900.0,
    batch_size=64,
    learning_rate=1e-3,
    ema_decay=0.998,
    huber_c=0.1,
    flips=0.0,
    preview_steps=4,
)
