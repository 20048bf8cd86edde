"""All settings of a sample as options, shared by every command that draws sprites."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import typer

from sprite_lab.cli.options import (
    ConfigFile,
    Guidance,
    Sampler,
    Steps,
    as_usage,
    sample_config,
    with_parameters,
)
from sprite_lab.core.config import Precision, SampleConfig
from sprite_lab.core.errors import ConfigError, FileError


def _option(kind: Any, *names: str, **how: Any) -> Any:
    return Annotated[kind | None, typer.Option(*names, **how)]


#: Options by the names of their parameters; each is left out (None) where it is not given.
OPTIONS: dict[str, Any] = {
    "count": _option(int, "--count", min=1, help="How many sprites."),
    "seed": _option(int, "--seed", min=0, help="Sprite i depends on the seed and i alone."),
    "sampler": Sampler,
    "steps": Steps,
    "eta": _option(float, "--eta", help="Share of fresh noise at each ddim step, 0 to 1."),
    "variance": _option(
        Literal["posterior", "beta"], "--variance", help="Of the noise at each ddpm step."
    ),
    "churn": _option(float, "--churn", help="Noise added before each euler or heun step."),
    "visits": _option(int, "--visits", help="Of each step where pixels are kept; 1 = fastest."),
    "classes": _option(
        str,
        "--classes",
        metavar="A,B,...",
        help="Classes, dealt out to the sprites in turn; by default all; '' = none.",
    ),
    "class_mix": _option(
        str, "--class-mix", metavar="A=0.5,B=0.5", help="One mix of classes for all sprites."
    ),
    "words": _option(str, "--words", metavar="TEXT", help="What to draw, as 'red slime'."),
    "prompts": _option(
        Path, "--prompts", metavar="FILE", help="A text file: what to draw, a line for each sprite."
    ),
    "style": _option(str, "--style", metavar="NAME", help="Draw as this source of the data does."),
    "deal_prompts": _option(
        bool,
        "--deal-prompts/--no-deal-prompts",
        help="Where no words are given, take those of training sprites of the class.",
    ),
    "negative": _option(str, "--negative", metavar="CLASS", help="What guidance steers away from."),
    "guidance": Guidance,
    "guidance_interval": _option(
        str, "--guidance-interval", metavar="T1,T2", help="Guide between these noise levels only."
    ),
    "precision": _option(Precision, "--precision", help="Of the network: bf16 may be faster."),
    "colors": _option(
        int, "--colors", help="The most colours of a sprite; 0 = any number, not snapped."
    ),
    "palette": _option(
        Path,
        "--palette",
        metavar="FILE",
        help="Only these colours: .gpl, .pal, .hex, .act or a picture.",
    ),
    "symmetric": _option(bool, "--symmetric/--asymmetric", help="Left and right alike."),
    "tile": _option(bool, "--tile/--no-tile", help="Borders that fit each other."),
    "drawing": _option(
        Path, "--drawing", metavar="FILE", help="A picture to start from, as large as a sprite."
    ),
    "start_t": _option(
        int, "--start-t", min=1, help="Noise level that the drawing is noised to first."
    ),
    "redraw": _option(
        Path, "--redraw", metavar="FILE", help="How far each pixel is redrawn: black = kept."
    ),
    "keep_alpha": _option(
        bool, "--keep-alpha/--free-alpha", help="Draw within the drawing's silhouette."
    ),
    "config_file": ConfigFile,
}


def with_sampling_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command all settings of a sample as options.

    The command takes what they come to as ``asked``, an :class:`Asked`.
    """
    options = {name: (annotation, None) for name, annotation in OPTIONS.items()}
    return with_parameters(command, "asked", options, _asked)


@dataclass(frozen=True)
class Asked:
    """The sprites that a command line asks for.

    Parameters
    ----------
    config : what holds for all of them.
    prompts : the words of each, instead of the configuration's; () = no file of them was given.
    any_class : whether nothing says what to draw, so that all classes come in turn, as they do
        in the window.
    """

    config: SampleConfig
    prompts: tuple[tuple[str, ...], ...] = ()
    any_class: bool = False

    def configs(self, class_names: tuple[str, ...]) -> list[SampleConfig]:
        """The configurations to sample from a model of these classes."""
        config = replace(self.config, classes=class_names) if self.any_class else self.config
        if not self.prompts:
            return [config]
        return [
            replace(config, words=words, count=1, first_index=config.first_index + index)
            for index, words in enumerate(self.prompts)
        ]


def _asked(
    config_file: Path | None,
    prompts: Path | None,
    words: str | None,
    classes: str | None,
    class_mix: str | None,
    drawing: Path | None,
    **others: Any,
) -> Asked:
    if prompts is not None and (words is not None or others["count"] is not None):
        raise typer.BadParameter(
            "A file of prompts has the words of each sprite, and as many as there are sprites: "
            "leave --words and --count out."
        )
    config = _sample_config(
        config_file=config_file,
        classes=classes,
        class_mix=class_mix,
        drawing=drawing,
        words=None if words is None else _words(words),
        **others,
    )
    said = config_file, prompts, words, classes, class_mix, drawing
    return Asked(
        config,
        () if prompts is None else _read_prompts(prompts),
        any_class=all(option is None for option in said),
    )


def _read_prompts(path: Path) -> tuple[tuple[str, ...], ...]:
    """The words of each line that has any."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"The prompts in '{path}' cannot be read: {error}.") from None
    found = tuple(words for line in lines if (words := _words(line)))
    if not found:
        raise FileError(f"'{path}' holds no prompts: write the words of a sprite on each line.")
    return found


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.replace(",", " ").lower().split()))


def _sample_config(
    config_file: Path | None,
    classes: str | None,
    class_mix: str | None,
    negative: str | None,
    guidance: float | None,
    guidance_interval: str | None,
    palette: Path | None,
    drawing: Path | None,
    redraw: Path | None,
    **plain: Any,
) -> SampleConfig:
    with as_usage():
        options = {
            **plain,
            "classes": None if classes is None else _names(classes),
            "class_mix": None if class_mix is None else _mix(class_mix),
            "negative_class": negative,
            "guidance_scale": guidance,
            "guidance_interval": None if guidance_interval is None else _two(guidance_interval),
        }
    if classes is not None:
        options["class_mix"] = options["class_mix"] or ()  # instead of the file's
    elif class_mix is not None:
        options["classes"] = ()
    if palette is not None:
        from sprite_lab.formats.palettes import read_palette

        options["palette"] = read_palette(palette).tobytes()
    if drawing is not None:
        options["drawing"] = _square(drawing).tobytes()
    if redraw is not None:
        grey = _square(redraw)[..., :3].mean(axis=2)
        options["redraw_strength"] = np.rint(grey).astype(np.uint8).tobytes()
    return sample_config(config_file, **options)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _mix(text: str) -> tuple[tuple[str, float], ...]:
    pairs = [part.partition("=") for part in _names(text)]
    return tuple(
        (name.strip(), _number(weight, "--class-mix A=0.5,B=0.5")) for name, _, weight in pairs
    )


def _two(text: str) -> tuple[float, float]:
    low, _, high = text.partition(",")
    usage = "--guidance-interval T1,T2"
    return _number(low, usage), _number(high, usage)


def _number(text: str, usage: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        wrong = f"'{text}' is no number" if text else "a number is missing"
        raise ConfigError(f"{wrong}: write {usage}.")
    return number


def _square(path: Path) -> np.ndarray:
    from sprite_lab.formats.png import read_image

    picture = read_image(path)
    if picture.shape[0] != picture.shape[1]:
        height, width = picture.shape[:2]
        raise FileError(f"'{path}' is {width}×{height} pixels; a square picture is needed.")
    return picture
