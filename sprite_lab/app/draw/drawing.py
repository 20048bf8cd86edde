"""Turns cells into configurations that generate them, and results back into cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.draw.config_words import unusual
from sprite_lab.app.engine_types import Model
from sprite_lab.app.shell.text_format import class_words
from sprite_lab.core.config import Conditions, DrawSettings, InpaintingName, SampleConfig
from sprite_lab.core.config.base import settings_of
from sprite_lab.core.drawing import enclosed
from sprite_lab.core.pixels.cells import Cell, Color, DrawnBy, thanks_of_cells
from sprite_lab.core.pixels.layers import layer_name
from sprite_lab.core.pixels.palette import palette_bytes
from sprite_lab.core.pixels.redraw_masks import only_inside
from sprite_lab.core.sets.credits import Credit, attribution, credits_first
from sprite_lab.core.sets.vocabulary import Prompt, varied_words
from sprite_lab.words import tr

#: Kept pixels count as strokes if they are less than this fraction of the sprite. By default, the
#: model would take them for a sample of the whole sprite and draw it in their colors, so RePaint is
#: used instead (tests/benchmarks/README.md, "Inpainting").
FEW_KEPT = 1 / 8


#: Shared settings that are read from a configuration; the others depend on its mask.
_READ = settings_of(DrawSettings).keys() - {"inpainting", "visits"}


@dataclass(frozen=True, eq=False)
class Drawn:
    """What was generated for a cell."""

    rgba: NDArray[np.uint8]  #: uint8 (H, W, 4)
    #: whether its configuration reproduces it; False = it was stopped early, or is a tile or a part
    #: of a character
    whole: bool = True
    #: the prompt; None = that of the configuration
    prompt: Prompt | None = None
    thanks: str = ""  #: the credits of the model that drew it, one per line
    model: str = ""  #: the title of that model
    others: tuple[NDArray[np.uint8], ...] = ()  #: alternatives, the best first


def config_for(
    cell: Cell,
    settings: DrawSettings,
    model: Model,
    palette: Sequence[Color] = (),
    selection: NDArray[np.bool_] | None = None,
) -> SampleConfig:
    """The configuration that generates a cell, with all of its conditions.

    What the model cannot do is left out; :func:`left_out` lists it.

    ``palette``: that of the project, for cells locked to it. ``selection``: bool (side, side), the
    pixels to generate; all others are kept. None = all.
    """
    cell = cell.flat
    asked, timesteps = cell.conditions, model.timesteps
    mix = tuple(pair for pair in asked.class_mix if pair[0] in model.class_names)
    one = mix[0][0] if len(mix) == 1 and mix[0][1] == 1 else None
    negative = None if model.is_student else asked.negative_class
    starts = asked.strength is not None and not cell.is_blank
    keep_alpha = asked.keep_alpha and model.draws_alpha and not cell.is_blank
    redraw = only_inside(cell.redraw, selection)
    masked = bool((redraw < 255).any())
    usual = settings.inpainting if masked else SampleConfig.inpainting
    drawing = _filled(cell, redraw) if keep_alpha else cell.pixels
    low, high = asked.guidance_interval
    settings = replace(
        settings,
        inpainting=_inpainting(redraw, usual),
        visits=settings.visits if masked else SampleConfig.visits,
    )
    possible = replace(
        asked,
        class_mix=() if one else mix,
        negative_class=negative if negative in model.class_names else None,
        words=tuple(word for word in asked.words if word in model.vocabulary.words),
        style=asked.style if asked.style in model.vocabulary.styles else "",
        keep_alpha=keep_alpha,
    )
    return SampleConfig(
        count=1,
        classes=() if one is None else (one,),
        guidance_interval=None if (low, high) == (0, 1) else (low * timesteps, high * timesteps),
        start_t=max(1, round((asked.strength or 0) * timesteps)) if starts else None,
        drawing=drawing if starts or masked or keep_alpha else None,
        redraw_strength=redraw.tobytes() if masked else None,
        palette=palette_bytes(palette) if asked.lock_palette else None,
        **vars(settings),
        **{name: getattr(possible, name) for name in _alike(asked)},
    )


def _alike(asked: Conditions) -> set[str]:
    """Names of the conditions that have the same meaning in a configuration.

    The guidance interval is none of them, since that of a configuration is in t.
    """
    return settings_of(type(asked)).keys() & settings_of(SampleConfig).keys() - {
        "guidance_interval"
    }


def _inpainting(redraw: NDArray[np.uint8], usual: InpaintingName) -> InpaintingName:
    """How the drawn pixels are made to fit the kept ones of a redraw mask."""
    return "repaint" if 0 < (redraw == 0).sum() < FEW_KEPT * redraw.size else usual


def _filled(cell: Cell, redraw: NDArray[np.uint8]) -> bytes:
    """The pixels with outlines filled with white, so that a silhouette has an inside.

    Kept pixels are not filled.
    """
    inside = enclosed(cell) & (redraw > 0)
    if not inside.any():
        return cell.pixels
    rgba = cell.rgba.copy()
    rgba[inside] = 255
    return rgba.tobytes()


def left_out(cells: Sequence[Cell], model: Model) -> list[str]:
    """The conditions of the cells that the model cannot meet, one sentence each."""
    asked = [cell.conditions for cell in cells]
    found = []
    names = {name for a in asked for name, _ in a.class_mix}
    if not model.is_student:
        names |= {a.negative_class for a in asked if a.negative_class is not None}
    unknown = sorted(class_words(name) for name in names - set(model.class_names))
    if unknown:
        found.append(
            tr("This model has no class “{unknown}”, so it is ignored.", unknown=", ".join(unknown))
        )
    words = dict.fromkeys(word for a in asked for word in a.words)
    strange = [word for word in words if word not in model.vocabulary.words]
    if len(strange) == 1:
        near = model.vocabulary.similar(strange[0])
        hint = tr(" Similar: {near}.", near=", ".join(near)) if near else ""
        found.append(
            tr(
                "This model does not know “{word}”, so it is ignored.{hint}",
                word=strange[0],
                hint=hint,
            )
        )
    elif strange:  # in one notice, since several would cover buttons
        found.append(
            tr(
                "This model does not know these words, so they are ignored: {words}.",
                words=", ".join(strange),
            )
        )
    for style in sorted({a.style for a in asked} - {"", *model.vocabulary.styles}):
        found.append(
            tr("This model does not know the style “{style}”, so it is ignored.", style=style)
        )
    if model.is_student and any(a.negative_class is not None for a in asked):
        found.append(tr("A student cannot steer away from a class, so that is ignored."))
    if not model.draws_alpha and any(a.keep_alpha for a in asked):
        found.append(tr("This model draws no alpha, so silhouettes are not kept."))
    return found


def why_no_layer(cells: Sequence[Cell]) -> str:
    """Why the model cannot draw on its layer of some cells, or ""."""
    for cell in cells:
        n = cell.generated_layer
        if not cell.stack[n].takes_strokes:
            return tr(
                "The model draws on “{name}”, which is hidden or locked: show and unlock it, or "
                "let the model draw on another layer.",
                name=layer_name(cell.stack[n], n),
            )
    return ""


def seeded(cell: Cell, seed: int) -> Cell:
    """The cell with a new seed and no variation, unless its seed is locked."""
    return cell if cell.conditions.seed_locked else cell.asking(seed=seed, variations=())


def varied(asked: Conditions, share: float, seeds: Sequence[int]) -> list[Conditions]:
    """The conditions with noise moved ``share`` of the way (0 to 1) toward that of each seed."""
    return [replace(asked, variations=(*asked.variations, (seed, share))) for seed in seeds]


def in_words(cell: Cell, variants: Sequence[tuple[str, ...]]) -> list[Cell]:
    """A copy of the cell for each variant, with the same noise.

    Its words are the cell's own, or else those it was drawn with, with the variant's in place of
    those of the other variants.
    """
    made = () if cell.made_by is None else cell.made_by.words
    return [cell.asking(words=w) for w in varied_words(cell.conditions.words or made, variants)]


def finished_cell(cell: Cell, config: SampleConfig, drawn: Drawn) -> Cell:
    """The cell with its generated pixels; kept pixels stay byte for byte.

    A stopped drawing cannot be repeated from its configuration, so the cell does not record one.
    """
    rgba = drawn.rgba.copy()
    rgba[rgba[..., 3] == 0] = 0  # an empty pixel has no color
    known, drawing = config.known(), config.drawing_rgba()
    if known is not None and drawing is not None:
        rgba[known] = drawing[known]
    made_by = config if drawn.prompt is None else spelled_out(config, drawn.prompt)
    thanks = drawn.thanks
    name = ""
    if drawing is not None:  # part of the earlier drawing remains in it
        thanks, name = thanks_of_cells([cell, replace(cell, thanks=thanks)]), cell.name
    by = made_by if drawn.whole else None
    drawn_by = DrawnBy(drawn.model)
    made = Cell(rgba.tobytes(), made_by=by, thanks=thanks, name=name, drawn_by=drawn_by)
    return cell.with_generated(made)


def thanks_to(model: Model, prompt: Prompt) -> str:
    """The credits of a model for a sprite, one per line, the requested style's first."""
    return _thanks(model.credits, prompt.style)


@lru_cache(64)  # Live needs the credits of sixteen sprites at every stroke
def _thanks(credits: tuple[Credit, ...], style: str) -> str:
    return attribution(credits_first(credits, [style]))


def spelled_out(config: SampleConfig, prompt: Prompt) -> SampleConfig:
    """The configuration of the same sprite that states what the model chose for it (``prompt``):
    words, style and, unless ``config`` has classes, their mix.
    """
    if prompt.words == config.words and prompt.style == config.style:
        return config
    mix = () if config.classes else prompt.class_mix
    return replace(config, class_mix=mix, words=prompt.words, style=prompt.style)


# -- from a configuration back to cells -----------------------------------------------------------


def draw_settings(config: SampleConfig) -> DrawSettings:
    """The settings in a configuration that all cells share."""
    return DrawSettings(**{name: getattr(config, name) for name in _READ})


def asked_by(config: SampleConfig, before: Conditions, timesteps: int) -> Conditions:
    """The conditions with which a cell gives this configuration.

    ``before``: its current conditions, which tell whether its seed is locked. ``timesteps``: T of
    the model; a cell's levels are fractions of it.
    """
    low, high = config.guidance_interval or (0, timesteps)
    start = config.start_t
    asked = {name: getattr(config, name) for name in _alike(before)}
    asked["class_mix"] = config.mix_of(config.indices[0])
    return replace(
        before,
        **asked,
        guidance_interval=(min(1.0, low / timesteps), min(1.0, high / timesteps)),
        strength=None if start is None else min(1.0, start / timesteps),
        lock_palette=config.palette is not None,
    )


def not_asked_for(config: SampleConfig, palette: Sequence[Color]) -> list[str]:
    """Settings of a configuration that a cell cannot have, in a few words each."""
    redraw = np.frombuffer(config.redraw_strength or b"", np.uint8)
    if config.inpainting == _inpainting(redraw, SampleConfig.inpainting):
        config = replace(config, inpainting=SampleConfig.inpainting)
    taken = _alike(Conditions()) | _READ | {"count", "classes", "guidance_interval", "palette"}
    found = [f"{label} {value}" for name, label, value in unusual(config) if name not in taken]
    if config.indices[0]:
        found.append(tr("that it is sprite {indices} of its seed", indices=config.indices[0] + 1))
    if config.palette is not None and config.palette != palette_bytes(palette):
        found.append(tr("its palette, since the project has a different one"))
    return found
