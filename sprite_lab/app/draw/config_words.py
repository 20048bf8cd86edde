"""A SampleConfig in words: the settings that have an effect or differ from the default."""

from __future__ import annotations

from collections.abc import Sequence

from sprite_lab.app.draw.noise_levels import NoiseLevels
from sprite_lab.app.shell.text_format import class_words, mix_words, source_words
from sprite_lab.core.config import DEFAULT_SAMPLER, SAMPLERS, SampleConfig
from sprite_lab.core.config.base import settings_of
from sprite_lab.words import number_text, tr, trn

#: Recorded values that mean the default: what "auto" resolves to, and autoguidance without a weak
#: version of the model.
_RECORDED = {"precision": "fp32", "autoguidance": 0.0}

#: Settings that :func:`explained` shows in rows of their own.
_SAID = {
    *("classes", "words", "style", "guidance_scale", "guidance_interval", "negative_class"),
    *("count", "seed", "sampler", "steps"),
}


def explained(config: SampleConfig, axis: NoiseLevels) -> list[tuple[str, str]]:
    """The name and value of each setting as plain text, in the order in which they take effect."""
    rows = [(tr("Class"), mix_words(config.mix_of(config.indices[0])))]
    if config.words:
        rows.append((tr("Words"), " ".join(config.words)))
    if config.style:
        rows.append((tr("Style"), source_words(config.style)))
    asked = config.class_mix or config.classes or config.words or config.style
    if asked or config.negative_class:
        guidance = f"{number_text(config.guidance_scale, 'g')} ×"
        if config.guidance_interval is not None:
            low, high = config.guidance_interval
            guidance += f" {axis.between(high, low)}"
        rows.append((tr("Guidance"), guidance))
    if config.negative_class is not None:
        rows.append((tr("Away from"), class_words(config.negative_class)))
    which = tr(", sprite {indices} of that seed", indices=config.indices[0] + 1)
    rows.append((tr("Seed"), f"{config.seed}{which if config.indices[0] else ''}"))
    if config.variations:
        rows.append((tr("Variation"), variation_words(config.variations)))
    sampler = tr(SAMPLERS[config.sampler or DEFAULT_SAMPLER].label)
    if config.steps is not None:
        sampler = trn("{label}, {n} step", "{label}, {n} steps", config.steps, label=sampler)
    rows.append((tr("Sampler"), sampler))
    rows += _drawing_rows(config, axis)
    said = _SAID | ({"colors"} if config.palette is not None else set())
    rows += [(label, value) for name, label, value in unusual(config) if name not in said]
    return rows


def unusual(config: SampleConfig) -> list[tuple[str, str, str]]:
    """(name, label, value) of each labeled setting in effect that differs from its default."""
    usual = type(config)()
    idle = () if config.strength() is not None else ("inpainting", "visits")
    return [
        (name, tr(known.label), setting_words(config, name))
        for name, known in settings_of(type(config)).items()
        if known.label
        and name not in idle
        and config.at(name) not in (usual.at(name), _RECORDED.get(name))
    ]


def setting_words(config: SampleConfig, name: str) -> str:
    """The value of a setting in words."""
    value, known = config.at(name), settings_of(type(config))[name]
    match name, value:
        case "colors", _:
            return tr("at most {colors}", colors=value) if value else tr("any number")
        case "palette", bytes():
            return trn("only this color", "only these {n} colors", len(value) // 3)
        case "style_colors", False:
            return tr("not limited")
    if known.choices:
        return tr(known.choice(value).label)
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    return number_text(value, "g") if isinstance(value, (int, float)) else str(value)


def _drawing_rows(config: SampleConfig, axis: NoiseLevels) -> list[tuple[str, str]]:
    rgba, strength = config.drawing_rgba(), config.strength()
    if rgba is None:
        return []
    drawn = int((rgba[..., 3] > 0).sum())
    pixels = rgba.shape[0] * rgba.shape[1]
    rows = [
        (tr("Drawing"), tr("{drawn} of {shape} pixels drawn", drawn=drawn, shape=pixels)),
    ]
    start = tr("pure noise")
    if config.start_t is not None:
        start = tr("the drawing, noised to {axis}", axis=axis.text(config.start_t))
    rows.append((tr("Start"), start))
    if strength is not None:
        kept, free = int((strength == 0).sum()), int((strength == 1).sum())
        between = strength.size - kept - free
        middle = tr(", {between} partly redrawn", between=between) if between else ""
        words = trn(
            "{n} pixel kept{middle}, {free} redrawn",
            "{n} pixels kept{middle}, {free} redrawn",
            kept,
            middle=middle,
            free=free,
        )
        rows.append((tr("Mask"), words))
    return rows


def variation_words(variations: Sequence[tuple[int, float]]) -> str:
    """Variations in words: "20% toward seed 7, then 10% toward seed 9"."""
    return tr(", then ").join(
        tr("{share:g}% toward seed {seed}", share=100 * share, seed=seed)
        for seed, share in variations
    )
