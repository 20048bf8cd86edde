"""A SampleConfig in words: every setting that matters, or that differs from the default."""

from __future__ import annotations

from collections.abc import Sequence

from sprite_lab.app.draw.noise_levels import NoiseLevels
from sprite_lab.app.shell.text_format import class_words, mix_words
from sprite_lab.core.config import DEFAULT_SAMPLER, SAMPLERS, SampleConfig


def explained(config: SampleConfig, axis: NoiseLevels) -> list[tuple[str, str]]:
    """Name and value of each setting, as plain text, in the order in which they take effect."""
    default = SampleConfig()
    rows = [("Class", _mix_words(config))]
    if config.words:
        rows.append(("Words", " ".join(config.words)))
    if config.style:
        rows.append(("Style", config.style))
    asked = config.class_mix or config.classes or config.words or config.style
    if asked or config.negative_class:
        rows.append(("Guidance", f"{config.guidance_scale:g} ×{_where(config, axis)}"))
    if config.negative_class is not None:
        rows.append(("Away from", class_words(config.negative_class)))
    rows.append(("Seed", str(config.seed) + _which(config)))
    if config.variations:
        rows.append(("Variation", variation_words(config.variations)))
    sampler = SAMPLERS[config.sampler or DEFAULT_SAMPLER].label
    steps = "" if config.steps is None else f", {config.steps} steps"
    rows.append(("Sampler", sampler + steps))
    if config.eta != default.eta:
        rows.append(("Fresh noise", f"eta {config.eta:g}"))
    if config.churn != default.churn:
        rows.append(("Churn", f"{config.churn:g}"))
    if config.inpainting != default.inpainting:
        rows.append(("Inpainting", config.inpainting))
    if config.visits != default.visits:
        rows.append(("Visits", f"{config.visits} of each step"))
    if config.variance != default.variance:
        rows.append(("Variance", config.variance))
    if config.precision != default.precision:
        rows.append(("Precision", config.precision))
    rows += _drawing_rows(config, axis)
    if config.palette is not None:
        rows.append(("Palette", f"only these {len(config.palette) // 3} colors"))
    elif config.colors != default.colors:
        most = f"at most {config.colors}" if config.colors else "any number"
        rows.append(("Colors", most))
    if config.symmetric:
        rows.append(("Symmetry", "left and right alike"))
    if config.tile:
        rows.append(("Tiling", "goes on across its borders"))
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
    return f", sprite {config.indices[0] + 1} of it" if config.indices[0] else ""


def _drawing_rows(config: SampleConfig, axis: NoiseLevels) -> list[tuple[str, str]]:
    rgba, strength = config.drawing_rgba(), config.strength()
    if rgba is None:
        return []
    drawn = int((rgba[..., 3] > 0).sum())
    rows = [("Drawing", f"{drawn} of {rgba.shape[0] * rgba.shape[1]} pixels drawn")]
    if config.start_t is not None:
        rows.append(("Start", f"the drawing, noised to {axis.text(config.start_t)}"))
    else:
        rows.append(("Start", "pure noise"))
    if strength is not None:
        kept, free = int((strength == 0).sum()), int((strength == 1).sum())
        between = strength.size - kept - free
        middle = f", {between} released on the way" if between else ""
        rows.append(("Mask", f"{kept} pixels kept{middle}, {free} drawn anew"))
    if config.keep_alpha:
        rows.append(("Silhouette", "kept"))
    return rows


def variation_words(variations: Sequence[tuple[int, float]]) -> str:
    """Variations in words: "20 % towards seed 7, then 10 % towards seed 9"."""
    return ", then ".join(f"{100 * share:g} % towards seed {seed}" for seed, share in variations)
