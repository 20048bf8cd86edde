"""All settings of a sample as options, shared by every command that draws sprites."""

from __future__ import annotations

import codecs
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import typer

from sprite_lab.cli.options import (
    LARGEST_SETTINGS,
    as_usage,
    option,
    read_sample_config,
    replace_parameter,
    setting_option,
)
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config.base import plain_settings, settings_of
from sprite_lab.core.errors import ConfigError, FileError
from sprite_lab.core.printable import printable
from sprite_lab.core.sets.vocabulary import split_variants, split_words, varied_words
from sprite_lab.formats.reading import read_limited, reading

_SETTINGS = settings_of(SampleConfig)


#: Maximum number of lines in a file of prompts.
MOST_PROMPTS = 10_000

_PLAIN = plain_settings(SampleConfig, without=("first_index",))


def _option(kind: type, name: str, metavar: str) -> tuple[object, object]:
    known = _SETTINGS[name]
    help = known.help or known.tip
    return kind | None, option(help, None, flag=known.flag, metavar=metavar)


#: Options by parameter name: type and default. Omitted ones are None.
OPTIONS: dict[str, tuple[object, object]] = {
    **{name: (setting_option(_SETTINGS[name], given=True), None) for name in _PLAIN},
    "classes": _option(str, "classes", "A,B,..."),
    "class_mix": _option(str, "class_mix", "A=0.5,B=0.5"),
    "words": _option(str, "words", "TEXT"),
    "prompts": (
        Path | None,
        option(
            "A text file: what to draw, a line for each sprite, which also names it.",
            None,
            metavar="FILE",
        ),
    ),
    "variants": (
        str | None,
        option(
            "Draw each sprite in all of these words, from the same noise.", None, metavar="A,B,..."
        ),
    ),
    "guidance_interval": _option(str, "guidance_interval", "T1,T2"),
    "palette": _option(Path, "palette", "FILE"),
    "drawing": _option(Path, "drawing", "FILE"),
    "redraw_strength": _option(Path, "redraw_strength", "FILE"),
    "config_file": (
        Path | None,
        option(
            "A SampleConfig; other options override.", None, flag="--config", metavar="FILE.json"
        ),
    ),
}


def with_sampling_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add all settings of a sample to a command as options.

    The command receives the result as ``asked``, an :class:`Asked`.
    """
    return replace_parameter(command, "asked", OPTIONS, _asked)


@dataclass(frozen=True)
class Asked:
    """The sprites requested on the command line."""

    config: SampleConfig  #: settings common to all sprites
    #: the words of each sprite, in place of the configuration's; () = no file of prompts
    prompts: tuple[tuple[str, ...], ...] = ()
    #: alternatives: all sprites are drawn for each of these prompts; () = none
    variants: tuple[tuple[str, ...], ...] = ()
    #: whether no prompt is given, so that classes alternate, as in the window
    any_class: bool = False
    counted: bool = False  #: whether the number of sprites is given

    def configs(self, class_names: tuple[str, ...]) -> list[SampleConfig]:
        """The configurations for sampling from a model with these classes."""
        config = self.config.spelled(class_names)
        # With fewer sprites than classes, some classes are not drawn, and nothing else would report
        # an unknown one.
        for name in config.classes:
            if name not in class_names:
                named = ", ".join(class_names) or "none"
                raise ConfigError(f"The model has no class '{name}'; it has: {named}.")
        if self.any_class:
            config = replace(config, classes=class_names)
        if self.variants:
            drawn = config.indices if self.counted else config.indices[:1]
            return [
                replace(config, words=words, count=1, first_index=index, picked=())
                for index in drawn
                for words in varied_words(config.words, self.variants)
            ]
        if not self.prompts:
            return [config]
        return [
            replace(config, words=words, count=1, first_index=config.indices[0] + index, picked=())
            for index, words in enumerate(self.prompts)
        ]


def _asked(
    config_file: Path | None,
    prompts: Path | None,
    variants: str | None,
    words: str | None,
    classes: str | None,
    class_mix: str | None,
    drawing: Path | None,
    **others: Any,
) -> Asked:
    if prompts is not None and variants is not None:
        raise typer.BadParameter("Give either --prompts or --variants, not both.")
    if prompts is not None and (words is not None or others["count"] is not None):
        raise typer.BadParameter(
            "A file of prompts has the words of each sprite, and as many as there are sprites: "
            "leave --words and --count out."
        )
    if classes is not None and not _names(classes) and others["deal_prompts"] is None:
        others["deal_prompts"] = False  # no class, and no prompt of a training sprite
    with as_usage():
        asked = None if words is None else _words(words)
        listed = () if prompts is None else _read_prompts(prompts)
    config = _sample_config(
        config_file=config_file,
        classes=classes,
        class_mix=class_mix,
        drawing=drawing,
        words=asked,
        **others,
    )
    said = config_file, prompts, words, classes, class_mix, drawing
    return Asked(
        config,
        listed,
        () if variants is None else split_variants(variants),
        any_class=all(option is None for option in said),
        counted=others["count"] is not None,
    )


def _words(text: str) -> tuple[str, ...]:
    """Like :func:`split_words`, but refuses what cannot be a word instead of leaving it out."""
    words = split_words(text)
    for word in text.replace(",", " ").lower().split():
        if word not in words:
            raise ConfigError(
                f"'{printable(word, longest=40)}' cannot be a word: it is too long, "
                "or not printable."
            )
    return words


def _read_prompts(path: Path) -> tuple[tuple[str, ...], ...]:
    """Read the words of each non-empty line."""
    with reading(path, "a text file of prompts"):
        data = read_limited(path, LARGEST_SETTINGS)
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        lines = data.decode("utf-16" if wide else "utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise FileError(f"'{path}' is not UTF-8 text; save it as such.") from None
    found = tuple(words for line in lines if (words := _words(line)))
    if not found:
        raise FileError(f"'{path}' holds no prompts: write the words of a sprite on each line.")
    if len(found) > MOST_PROMPTS:
        raise FileError(
            f"'{path}' holds {len(found):,} prompts, but at most {MOST_PROMPTS:,} are drawn at "
            "once; divide it."
        )
    return found


def _sample_config(
    config_file: Path | None,
    classes: str | None,
    class_mix: str | None,
    guidance_interval: str | None,
    palette: Path | None,
    drawing: Path | None,
    redraw_strength: Path | None,
    **plain: Any,
) -> SampleConfig:
    with as_usage():
        options = {
            **plain,
            "classes": None if classes is None else _names(classes),
            "class_mix": None if class_mix is None else _mix(class_mix),
            "guidance_interval": None if guidance_interval is None else _two(guidance_interval),
        }
    if classes is not None:
        options["class_mix"] = options["class_mix"] or ()  # replaces the file's
    elif class_mix is not None:
        options["classes"] = ()
    if palette is not None:
        from sprite_lab.formats.images.palettes import read_palette

        options["palette"] = read_palette(palette).tobytes()
    if drawing is not None:
        options["drawing"] = square_picture(drawing).tobytes()
    if redraw_strength is not None:
        gray = square_picture(redraw_strength)[..., :3].mean(axis=2)
        options["redraw_strength"] = np.rint(gray).astype(np.uint8).tobytes()
    base = SampleConfig() if config_file is None else read_sample_config(config_file)
    with as_usage():
        return replace(base, **{name: v for name, v in options.items() if v is not None})


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


def square_picture(path: Path) -> np.ndarray:
    from sprite_lab.formats.images.png import read_image

    picture = read_image(path)
    if picture.shape[0] != picture.shape[1]:
        height, width = picture.shape[:2]
        raise FileError(f"'{path}' is {width}×{height} pixels; a square picture is needed.")
    return picture
