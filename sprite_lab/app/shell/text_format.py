"""Durations, sizes, runs and sprites as text."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from sprite_lab.core.config import (
    CLEAN_LOG_SNR,
    SAMPLERS,
    SPACINGS,
    SampleConfig,
    ScheduleConfig,
    ScheduleName,
)
from sprite_lab.core.config.base import settings_of
from sprite_lab.core.sets.sprites import (
    BUILTIN,
    BUILTIN_TITLE,
    DRAWN_TITLE,
    GROUND_TITLE,
    SpriteSet,
)
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.words import number_text, tr, trc, trn

MINUS = "\u2212"

#: Separates the parts of a caption.
DOT = " · "

_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

#: Probabilities of fewer bits than this are written in digits rather than as a power of ten.
_FEW_BITS = 20

#: Replaces a number that a lesson asks for.
UNTOLD = "?"

_MONTHS = tr("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()

_PRESET_TITLES = {
    "quick": tr("Quick"),
    "best": tr("Best"),
    "tune": tr("Tune"),
    "course": tr("Course"),
    "diffusers": tr("Diffusers"),
    "student": tr("Student"),
}

#: Names that users gave to runs of the library, by folder name. UI thread.
_given_names: dict[str, str] = {}


def name_runs(names: Mapping[str, str]) -> None:
    """Set the names that :func:`run_title` uses for runs."""
    _given_names.clear()
    _given_names.update(names)


def run_title(folder: str) -> str:
    """The title of a run: the name given by the user, or else the name and date of its folder.

    >>> run_title("20261125-015229-built-in-sprites")
    'built-in-sprites, 25 Nov 01:52'
    >>> run_title("my-run")
    'my-run'
    """
    return _given_names.get(folder) or ", ".join(filter(None, run_words(folder)))


def run_name(folder: str) -> str:
    """The title of a run without its date."""
    return _given_names.get(folder) or run_words(folder)[0]


def run_words(folder: str) -> tuple[str, str]:
    """The name and the date in the name of a run folder; without a date, ``folder`` and ""."""
    found = re.fullmatch(r"\d{4}(\d\d)(\d\d)-(\d\d)(\d\d)\d\d-(.+)", folder)
    if found is None or not 1 <= int(found[1]) <= 12:
        return trc("model", folder), ""
    month, day, hour, minute, name = found.groups()
    return name, date_words(int(month), int(day), f"{hour}:{minute}")


def date_words(month: int, day: int, time: str) -> str:
    """A date as text; ``month``: 1 to 12, ``day``: 1 to 31."""
    return tr("{day} {month} {time}", day=day, month=_MONTHS[month - 1], time=time)


def preset_title(preset: str) -> str:
    """The title of a training preset, which may be unknown, since it comes from a file."""
    return _PRESET_TITLES.get(preset, preset)


def name_or_number(sprites: SpriteSet, which: int) -> str:
    return str(sprites.names[which]) or tr("sprite {which:,}", which=which + 1)


def sprite_class(sprites: SpriteSet, which: int) -> str:
    """The class of a sprite in words; "" = none."""
    name = sprites.class_of(which)
    return "" if name is None else class_words(name)


def sprite_name(sprites: SpriteSet, which: int) -> str:
    """The name of a sprite, or else its number, with its class."""
    name, kind = name_or_number(sprites, which), sprite_class(sprites, which)
    return f"{name} ({kind})" if kind and kind != name else name


def class_words(name: str | None) -> str:
    return tr("any class") if name is None else name.replace("_", " ")


def set_title(title: str) -> str:
    """The name of a set on screen; names of built-in sets are translated."""
    return tr(title) if title in (BUILTIN_TITLE, GROUND_TITLE, DRAWN_TITLE) else title


def source_words(source: str) -> str:
    """The name of a source of sprites on screen."""
    return tr(BUILTIN_TITLE) if source == BUILTIN else source


def mix_words(mix: Sequence[tuple[str, float]]) -> str:
    """A mix of classes as shown: "any class", a class, or "0.5 hero + 0.3 food"."""
    if not mix:
        return tr("any class")
    if len(mix) == 1 and mix[0][1] == 1:
        return class_words(mix[0][0])
    return " + ".join(f"{number_text(weight, 'g')} {class_words(name)}" for name, weight in mix)


def prompt_words(prompt: Prompt) -> str:
    """The prompt in words: "any class", "hero", "hero, red hat, in the style of nes"."""
    parts = [mix_words(prompt.class_mix)] if prompt.class_mix or not prompt.words else []
    parts += [" ".join(prompt.words)] if prompt.words else []
    parts += (
        [tr("in the style of {style}", style=source_words(prompt.style))] if prompt.style else []
    )
    return ", ".join(parts)


def x_t_words(kind: str, *, noise: bool) -> str:
    """The name of x_t in a trajectory of this kind, with or without noise."""
    if noise:
        return tr("noisy sprite")
    return tr("clean sprite") if kind == "forward" else tr("finished sprite")


def adding_up(values: Sequence[float]) -> list[float]:
    """Values rounded to four decimals, up or down, so that they add up to their rounded sum."""
    scaled = [value * 10_000 for value in values]
    whole = [math.floor(value) for value in scaled]
    up = sorted(range(len(whole)), key=lambda i: whole[i] - scaled[i])
    for i in up[: round(sum(scaled)) - sum(whole)]:
        whole[i] += 1
    return [value / 10_000 for value in whole]


def unbroken(text: str) -> str:
    """The text, without line breaks in "DPM++ 2M"."""
    return text.replace("++ ", "++\N{NO-BREAK SPACE}").replace("++", "+\N{WORD JOINER}+")


def in_whole_parts(text: str) -> str:
    """The text, with line breaks after :data:`DOT`, but not before it or in "seed 0" or "DPM++"."""
    parts = unbroken(text).split(DOT)
    return DOT.replace(" ", "\N{NO-BREAK SPACE}", 1).join(
        part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts
    )


def schedule_words(name: ScheduleName, bend: Sequence[float] = ()) -> str:
    """The name of a schedule, and whether its curve is bent."""
    title = tr(settings_of(ScheduleConfig)["name"].choice(name).label)
    return tr("{name} (bent)", name=title) if any(bend) else title


def trajectory_words(trajectory: Trajectory) -> str:
    """A trajectory in words: process, model, sampler, steps and seed."""
    if trajectory.kind == "forward":
        parts, forward = [tr("Forward process")], trajectory.forward
        if forward is not None:
            name = schedule_words(forward.schedule.name, forward.bend)
            noise = tr("one noise") if forward.noise == "one" else tr("fresh noise each step")
            parts += [f"{name}, T = {number_text(forward.schedule.timesteps)}", noise]
            parts += [tr("seed {seed}", seed=forward.seed)]
        return DOT.join(parts)
    parts, config = [tr("Reverse process")], trajectory.config
    if trajectory.model:
        parts += [run_title(trajectory.drawn_by)]
    if config is not None:
        parts += sampling_words(config, guided=_is_asked(trajectory))
    if trajectory.branched_at is not None:
        parts += [tr("branched at t = {t:.0f}", t=trajectory.t[trajectory.branched_at])]
    return DOT.join(parts)


def sampling_words(config: SampleConfig, *, guided: bool = True) -> list[str]:
    """How sprites are drawn, in words: sampler, steps, guidance if it has an effect, and seed."""
    parts = []
    if config.sampler is not None:
        steps = trn(", {n} step", ", {n} steps", config.steps) if config.steps else ""
        parts += [f"{tr(SAMPLERS[config.sampler].label)}{steps}"]
        if config.spacing != SampleConfig.spacing:
            parts += [f"{tr('Step spacing')}: {tr(SPACINGS[config.spacing].label)}"]
    if config.guidance_scale != 1 and guided:
        parts += [tr("guidance {guidance_scale:g}", guidance_scale=config.guidance_scale)]
    return [*parts, tr("seed {seed}", seed=config.seed)]


def _is_asked(trajectory: Trajectory) -> bool:
    """Whether guidance may have something to steer toward or away from."""
    config, prompts = trajectory.config, trajectory.prompts
    away = config is not None and config.negative_class is not None
    return away or not prompts or any(prompt != Prompt() for prompt in prompts)


def signed(value: float, spec: str = ".2f") -> str:
    """A number with a proper minus sign if negative."""
    return number_text(value, spec).replace("-", MINUS)


def power_text(base: int, exponent: float) -> str:
    """A power with its exponent rounded to an integer.

    >>> power_text(2, -459.7)
    '2⁻⁴⁶⁰'
    """
    return f"{base}{str(round(exponent)).translate(_SUPERSCRIPTS)}"


def odds_text(bits: float) -> str:
    r"""The probability 2^-bits in words.

    >>> odds_text(10), odds_text(460)
    ('one in 1,024', 'one\xa0in\xa010¹³⁸')
    """
    if bits < _FEW_BITS:
        return tr("one in {n:,.0f}", n=2.0**bits)
    odds = tr("one in {power}", power=power_text(10, bits * math.log10(2)))
    return odds.replace(" ", "\N{NO-BREAK SPACE}")


def share_text(share: float) -> str:
    """A share as a percentage with just enough digits.

    >>> share_text(0.00034), share_text(0.048), share_text(0.932), share_text(1.0)
    ('0.034%', '4.8%', '93.2%', '100%')
    """
    percent = 100 * share
    if percent < 0.0005 or percent >= 99.9995:
        return number_text(share, ".0%")
    return number_text(share, ".1%" if 0.1 <= percent <= 99.9 else ".3%")


def log_snr_text(log_snr: float) -> str:
    """The log-SNR of a frame; infinite for a clean one.

    >>> log_snr_text(-1.25), log_snr_text(CLEAN_LOG_SNR)
    ('−1.25', '∞')
    """
    return "∞" if log_snr >= CLEAN_LOG_SNR else signed(log_snr)


def level_text(log_snr: float, t: float) -> str:
    """A noise level as text.

    >>> level_text(-1.25, 312.4)
    't 312, log-SNR −1.25'
    """
    return tr("t {t:.0f}, log-SNR {log_snr}", t=t, log_snr=log_snr_text(log_snr))


def time_text(seconds: float) -> str:
    """A duration: 42 s, 3 min 7 s, 1 h 2 min."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, second = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {second} s"
    return f"{minutes // 60} h {minutes % 60} min"


#: (step, limit) in seconds: times up to the limit are rounded to the step.
_ROUGH = ((10, 60), (60, 10 * 60), (5 * 60, 3600), (30 * 60, 10 * 3600))


def rough_step(seconds: float) -> int:
    """The step to which :func:`rough_time` rounds a duration, in seconds."""
    return next((step for step, most in _ROUGH if seconds <= most), 3600)


def rough_time(seconds: float) -> int:
    """A duration in seconds, rounded up to the precision of an estimate."""
    step = rough_step(seconds)
    return max(1, math.ceil(seconds / step)) * step


def rough_time_text(seconds: float) -> str:
    """A duration as :func:`rough_time` rounds it.

    >>> [rough_time_text(seconds) for seconds in (4, 43, 187, 2050, 10_300, 100_000)]
    ['10 s', '50 s', '4 min', '35 min', '3 h', '28 h']
    """
    whole = rough_time(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    parts = (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "")
    return " ".join(filter(None, parts))


def size_text(count: float) -> str:
    """A number of bytes as text: 12 KB, 3.4 MB."""
    if count < 1000:
        return tr("{count:.0f} bytes", count=count)
    count /= 1000
    for unit in ("KB", "MB"):
        if count < 1000:
            return f"{number_text(count, '.0f' if count >= 10 else '.1f')} {unit}"
        count /= 1000
    return tr("{count:.1f} GB", count=count)
