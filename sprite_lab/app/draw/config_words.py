"""A SampleConfig in words: the settings that matter or differ from the default."""

from __future__ import annotations

from collections.abc import Sequence

from sprite_lab.app.draw.noise_levels import NoiseLevels
from sprite_lab.app.shell.text_format import class_words, mix_words, source_words
from sprite_lab.core.config import DEFAULT_SAMPLER, SAMPLERS, SampleConfig
from sprite_lab.words import number_text, tr


def explained(config: SampleConfig, axis: NoiseLevels) -> list[tuple[str, str]]:
    """Name and value of each setting, as plain text, in the order in which they take effect."""
    default = SampleConfig()
    rows = [(tr("Class"), _mix_words(config))]
    if config.words:
        rows.append((tr("Words"), " ".join(config.words)))
    if config.style:
        rows.append((tr("Style"), source_words(config.style)))
    if not config.style_colors:
        rows.append((tr("Colors of the style"), tr("not limited")))
    asked = config.class_mix or config.classes or config.words or config.style
    if asked or config.negative_class:
        rows.append(
            (tr("Guidance"), f"{number_text(config.guidance_scale, 'g')} ×{_where(config, axis)}")
        )
    if config.negative_class is not None:
        rows.append((tr("Away from"), class_words(config.negative_class)))
    rows.append((tr("Seed"), str(config.seed) + _which(config)))
    if config.variations:
        rows.append((tr("Variation"), variation_words(config.variations)))
    sampler = SAMPLERS[config.sampler or DEFAULT_SAMPLER].label
    steps = "" if config.steps is None else tr(", {steps} steps", steps=config.steps)
    rows.append((tr("Sampler"), sampler + steps))
    if config.eta != default.eta:
        rows.append((tr("Fresh noise"), tr("eta {eta:g}", eta=config.eta)))
    if config.churn != default.churn:
        rows.append((tr("Churn"), number_text(config.churn, "g")))
    if config.inpainting != default.inpainting:
        rows.append((tr("Inpainting"), config.inpainting))
    if config.visits != default.visits:
        rows.append((tr("Visits"), tr("{visits} of each step", visits=config.visits)))
    if config.variance != default.variance:
        rows.append((tr("Variance"), config.variance))
    if config.precision != default.precision:
        rows.append((tr("Precision"), config.precision))
    rows += _drawing_rows(config, axis)
    if config.palette is not None:
        rows.append(
            (tr("Palette"), tr("only these {count} colors", count=len(config.palette) // 3))
        )
    elif config.colors != default.colors:
        most = tr("at most {colors}", colors=config.colors) if config.colors else tr("any number")
        rows.append((tr("Colors"), most))
    if config.symmetric:
        rows.append((tr("Symmetry"), tr("mirrored left to right")))
    if config.tile:
        rows.append((tr("Tiling"), tr("continues across its borders")))
    return rows


def _mix_words(config: SampleConfig) -> str:
    if config.classes:
        return class_words(config.classes[config.indices[0] % len(config.classes)])
    return mix_words(config.class_mix)


def _where(config: SampleConfig, axis: NoiseLevels) -> str:
    if config.guidance_interval is None:
        return ""
    low, high = config.guidance_interval
    return f" {axis.between(high, low)}"


def _which(config: SampleConfig) -> str:
    return (
        tr(", sprite {indices} of that seed", indices=config.indices[0] + 1)
        if config.indices[0]
        else ""
    )


def _drawing_rows(config: SampleConfig, axis: NoiseLevels) -> list[tuple[str, str]]:
    rgba, strength = config.drawing_rgba(), config.strength()
    if rgba is None:
        return []
    drawn = int((rgba[..., 3] > 0).sum())
    rows = [
        (
            tr("Drawing"),
            tr("{drawn} of {shape} pixels drawn", drawn=drawn, shape=rgba.shape[0] * rgba.shape[1]),
        )
    ]
    if config.start_t is not None:
        rows.append(
            (tr("Start"), tr("the drawing, noised to {axis}", axis=axis.text(config.start_t)))
        )
    else:
        rows.append((tr("Start"), tr("pure noise")))
    if strength is not None:
        kept, free = int((strength == 0).sum()), int((strength == 1).sum())
        between = strength.size - kept - free
        middle = tr(", {between} partly redrawn", between=between) if between else ""
        rows.append(
            (
                tr("Mask"),
                tr(
                    "{kept} pixels kept{middle}, {free} redrawn",
                    kept=kept,
                    middle=middle,
                    free=free,
                ),
            )
        )
    if config.keep_alpha:
        rows.append((tr("Silhouette"), tr("kept")))
    return rows


def variation_words(variations: Sequence[tuple[int, float]]) -> str:
    """Variations in words: "20% toward seed 7, then 10% toward seed 9"."""
    return tr(", then ").join(
        tr("{share:g}% toward seed {seed}", share=100 * share, seed=seed)
        for seed, share in variations
    )
