"""Settings of a web page."""

from __future__ import annotations

from dataclasses import dataclass

from sprite_lab.core.config.base import LARGEST_SEED, Config, setting


@dataclass(frozen=True)
class WebConfig(Config):
    """The content of a web page."""

    # fmt: off
    draws: bool = setting(
        True, "Include the model", group="Model", flag="--model-inside/--no-model-inside",
        tip="Include the model in the page, so that the page draws and completes sprites itself.",
    )
    exact: bool = setting(
        False, "Exact weights", group="Model", flag="--exact/--small",
        tip="Weights in float16: the same sprites as in the app, in a file one and a half times as "
        "large.",
    )
    reverse: bool = setting(
        True, "Sprites from noise", group="Recordings", flag="--reverse/--no-reverse",
        tip="Record how the model draws some sprites.",
    )
    forward: bool = setting(
        True, "Sprites into noise", group="Recordings", flag="--forward/--no-forward",
        tip="Record how the same sprites dissolve in noise.",
    )
    race: bool = setting(
        False, "A race", group="Recordings", flag="--race/--no-race",
        tip="Record samplers from the same noise, side by side.",
    )
    training: bool = setting(
        True, "Training history", group="Recordings", flag="--history/--no-history",
        tip="Samples from the first steps on, if the run kept them.",
    )
    count: int = setting(
        9, "Sprites", group="Recordings", low=1, high=64, usual=(1, 25),
        tip="How many sprites each recording shows.",
    )
    seed: int = setting(
        0, "Seed", group="Recordings", low=0, high=LARGEST_SEED,
        tip="The noise of the recordings.",
    )
    # fmt: on
