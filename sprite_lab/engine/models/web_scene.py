"""Recordings and figures of what the app shows during a lesson, for its web page."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from sprite_lab.core.config import ForwardConfig, SampleConfig, WebConfig
from sprite_lab.core.results.metrics import nearest_sprites
from sprite_lab.core.results.probability import Bound
from sprite_lab.core.run import Run, RunControl, relay_as
from sprite_lab.core.sets.sprites import SpriteSet, composite
from sprite_lab.data import builtin
from sprite_lab.engine.measuring.likelihood import bound_iter
from sprite_lab.engine.measuring.neighbors import training_part
from sprite_lab.engine.models.model import Model, load_model, shipped_models
from sprite_lab.engine.models.web_export import race_iter
from sprite_lab.engine.sampling.forward import forward_iter
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.formats.lessons import Check, Setup
from sprite_lab.formats.reports.charts import bars
from sprite_lab.formats.reports.file_sizes import png_bits_per_dim, webp_bits_per_dim
from sprite_lab.formats.reports.report import sprites as picture_of
from sprite_lab.formats.web.lesson import WebFigure
from sprite_lab.formats.web.recordings import Recording
from sprite_lab.words import number_text, tr


def bits_figure(sprites: SpriteSet, bound: Bound) -> WebFigure:
    """Sprites, the least probable first, with the bits of each pixel and of each noise level."""
    order = np.argsort(-bound.bits)
    each = bound.bits[order] / bound.dims
    first, last, mean, png, webp = (
        number_text(value, ".2f")
        for value in (
            each[0],
            each[-1],
            bound.bits_per_dim,
            png_bits_per_dim(sprites.images),
            webp_bits_per_dim(sprites.images),
        )
    )
    ranking = tr(
        "The least probable first: {first} to {last} bits per dimension, {mean} on average. "
        "PNG takes {png}, WebP {webp}.",
        first=first, last=last, mean=mean, png=png, webp=webp,
    )  # fmt: skip
    cost = bound.pixels[order]
    shade = 1 - (cost / np.quantile(cost, 0.98)).clip(0, 1)
    maps = np.rint(255 * shade)[..., None].repeat(3, axis=3).astype(np.uint8)
    dear = tr("Bits of each pixel: the darker, the more.")
    spent = tr("Where the bits are spent, from low noise on the left to high noise.")
    return WebFigure(
        [
            (picture_of(sprites.images[order], ranking, 4), ranking),
            (picture_of(maps, dear, 4), dear),
            (Markup(bars(bound.parts(None)[0].tolist(), spent)), spent),
        ]
    )


def memory_figure(samples: SpriteSet, training: SpriteSet) -> WebFigure:
    """Each sample with its nearest training sprite."""
    found = nearest_sprites(samples.images, training.images)
    columns = math.ceil(math.sqrt(len(samples)))
    words = tr("Samples")
    near = tr(
        "The nearest training sprites, moved and mirrored if that helps: {low} to {high} apart, "
        "where black and white are 255.",
        low=number_text(float(found.distance.min()), ".0f"),
        high=number_text(float(found.distance.max()), ".0f"),
    )
    return WebFigure(
        [
            (picture_of(samples.images, words, columns), words),
            (picture_of(training.images[found.which], near, columns), near),
        ]
    )


def drawings_figure(sprites: SpriteSet, *, kept: bool) -> WebFigure:
    """Drawings and, with ``kept``, the part of each that is kept."""
    words = tr("Drawings, one in each cell")
    parts = [(picture_of(sprites.images, words, 2), words)]
    if kept:
        faint = sprites.images.copy()
        rest = ~upper_half(faint)
        faint[:, rest] = 255 - (255 - faint[:, rest]) // 4
        words = tr("The upper half of each is kept; the rest is to be redrawn.")
        parts.append((picture_of(faint, words, 2), words))
    return WebFigure(parts)


def upper_half(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """bool (H, W), True in the upper half of pictures (N, H, W, C)."""
    side = images.shape[1]
    return np.arange(side)[:, None].repeat(side, axis=1) < side // 2


#: Controls that determine how sprites dissolve.
_FORWARD = ("see.schedule", "see.timesteps", "see.forward_noise", "see.forward_seed")

#: The page that a workspace shows unless a step names one.
_FIRST_PAGES = {"see": "watch", "draw": "draw"}

_VIEWS = ("x_t", "x0", "epsilon")

#: Number of sprites of the data set that are measured, and that are completed in Draw.
_MEASURED, _DRAWN = 16, 4

#: The share of T to which a drawing is noised if generation starts from it.
_SOFT_SHARE = 0.5

_Kind = Literal["race", "drawn", "forward", "completed", "drawings", "bits", "memory"]


class Scene:
    """The views of See, Draw and Measure; each recording and figure is made once."""

    def __init__(self, folder: Path) -> None:
        self.recordings: list[Recording] = []
        self.figures: list[WebFigure] = []
        self._folder = folder
        self._known: dict[str, int] = {}
        self._models: dict[str, Model] = {}
        self._model = "builtin"
        self._page = ""
        self._controls: dict[str, object] = {}
        self._sample: dict[str, object] = {}
        self._dissolved: Sequence[int] = ()
        self._drawn: tuple[str, dict[str, object]] = (self._model, {})  # model and settings
        self._draws = self._new = False  # whether See shows samples; whether a recording is due
        self._shown: int | None = None
        self._measured = ""  #: "data" or "samples", once measured
        self._filled = self._kept = False  # whether Draw holds drawings, and keeps a part of each
        self._completions = 0  # how often the rest has been drawn

    def set_up(self, wanted: Setup) -> None:
        """Apply a step's settings."""
        if wanted.workspace or wanted.page:
            self._page = wanted.page or _FIRST_PAGES.get(wanted.workspace, "")
        self._model = wanted.model or self._model
        self._controls.update(wanted.controls)
        if wanted.sample is not None:
            self._sample = dict(wanted.sample)
        if wanted.dissolve:
            self._dissolved, self._draws, self._new = wanted.dissolve, False, True
        if wanted.generate:
            self._draw()

    def do(self, check: Check) -> None:
        """Perform the action that a step asks for, if it changes what is shown."""
        if check.sample:
            self._sample.update(check.sample)
            self._draw()
        controls = check.outcome.controls
        self._controls.update(
            (name, value) for name, value in controls.items() if not name.startswith("see.show.")
        )
        if any(name in _FORWARD for name in controls):
            self._new = self._new or not self._draws
        if check.job.startswith("Measuring"):
            self._measured = str(self._controls.get("measure.source", "data"))
        self._filled = self._filled or "filled" in check.drawing
        self._kept = self._kept or "kept" in check.drawing
        self._completions += "generated" in check.drawing

    @property
    def hidden(self) -> tuple[str, ...]:
        """Views that See does not show."""
        return tuple(v for v in _VIEWS if self._controls.get(f"see.show.{v}") is False)

    def _draw(self) -> None:
        """Show new samples of the model; settings may still change before they are recorded."""
        self._drawn = self._model, dict(self._sample)
        self._draws = self._new = True

    def recorded(self, control: RunControl) -> Run[int | None]:
        """The index of the recording of what is shown now; None if nothing is."""
        if self._page == "race":
            return (yield from self._numbered("race", control))
        if self._page == "draw" and self._completions:
            return (yield from self._numbered("completed", control))
        if self._new:
            self._new = False
            self._shown = yield from self._numbered("drawn" if self._draws else "forward", control)
        return self._shown if self._page == "watch" else None

    def figure(self, control: RunControl) -> Run[int | None]:
        """The index of the figure shown now; None if there is none."""
        if self._page == "probability" and self._measured:
            return (yield from self._numbered("bits", control))
        if self._page == "memory":
            return (yield from self._numbered("memory", control))
        if self._page == "draw" and self._filled and not self._completions:
            return (yield from self._numbered("drawings", control))
        return None

    def _numbered(self, kind: _Kind, control: RunControl) -> Run[int]:
        """The index of a recording or figure, which is made if new."""
        forward = {n: v for n, v in self._controls.items() if n in _FORWARD}
        ref, sample = self._drawn if kind == "drawn" else (self._model, {})
        settings = {
            "drawn": sample,
            "forward": [self._dissolved, forward],
            "race": None,
            "completed": [self._completions, self._starts_from_drawing],
            "drawings": self._kept,
            "bits": [self._measured, self._drawn],
            "memory": self._drawn,
        }
        key = json.dumps([kind, ref, settings[kind]])
        if key not in self._known:
            # Its notices are dropped: 05-guidance steers toward nothing on purpose.
            made = yield from relay_as(self._make(kind, self._loaded(ref), control), None)
            if isinstance(made, WebFigure):
                self._known[key] = len(self.figures)
                self.figures.append(made)
            else:
                self._known[key] = len(self.recordings)
                self.recordings.append(made)
        return self._known[key]

    def _make(self, kind: _Kind, model: Model, control: RunControl) -> Run[Recording | WebFigure]:
        match kind:
            case "race":
                return (yield from race_iter(model, WebConfig(count=4), control))
            case "drawn":
                drawn = yield from sample_iter(model, [self._settings()], control)
                return Recording.of(drawn, tr("From noise"))
            case "forward":
                return (yield from self._dissolving(model, control))
            case "completed":
                return (yield from self._completed(model, control))
            case "drawings":
                return drawings_figure(self._taken(), kept=self._kept)
            case "bits":
                sprites = yield from self._to_measure(model, control)
                return bits_figure(sprites, (yield from bound_iter(model, sprites, control)))
            case "memory":
                samples = yield from self._samples(model, control)
                return memory_figure(samples, training_part(builtin(), self._model).train)

    def _dissolving(self, model: Model, control: RunControl) -> Run[Recording]:
        asked = {n.removeprefix("see."): v for n, v in self._controls.items() if n in _FORWARD}
        schedule = model.schedule_config.to_json()
        if asked.get("schedule", "model") != "model":
            schedule = {
                "name": asked["schedule"],
                "timesteps": asked.get("timesteps", model.timesteps),
            }
        forward = ForwardConfig.from_json(
            {
                "schedule": schedule,
                "noise": asked.get("forward_noise", "one"),
                "seed": asked.get("forward_seed", 0),
            }
        )
        sprites = builtin().images[list(self._dissolved)]
        return Recording.of((yield from forward_iter(sprites, forward, control)), tr("Into noise"))

    def _settings(self) -> SampleConfig:
        """The sampling settings: a page does not use autoguidance."""
        return SampleConfig.from_json({"autoguidance": 0.0, "precision": "fp32", **self._drawn[1]})

    def _to_measure(self, model: Model, control: RunControl) -> Run[SpriteSet]:
        if self._measured == "samples":
            return (yield from self._samples(model, control))
        data = builtin()
        return data.take(np.random.default_rng(0).permutation(len(data))[:_MEASURED])

    def _samples(self, model: Model, control: RunControl) -> Run[SpriteSet]:
        """Samples of the model, each with its requested class."""
        config = self._settings()
        rgba = (yield from sample_iter(model, [config], control, record=False)).rgba()
        asked = [model.class_names.index(name) for name in config.classes] or [-1]
        return SpriteSet(
            composite(rgba),
            alpha=rgba[..., 3],
            labels=np.array([asked[i % len(asked)] for i in config.indices]),
            class_names=model.class_names,
            group=np.arange(len(rgba)),
        )

    # -- Draw --------------------------------------------------------------------------------

    @property
    def _starts_from_drawing(self) -> bool:
        return self._controls.get("draw.from_drawing") is True

    def _taken(self) -> SpriteSet:
        """The sprites of the data set that are placed in cells: the first of some classes."""
        data = builtin()
        return data.take(np.array([np.argmax(data.labels == k) for k in range(_DRAWN)]))

    def _completed(self, model: Model, control: RunControl) -> Run[Recording]:
        """The drawings with their rest redrawn or, in soft mode, all of it."""
        sprites = self._taken()
        asked = SampleConfig(count=1, seed=self._completions, autoguidance=0.0, precision="fp32")
        keep = None if self._starts_from_drawing else upper_half(sprites.images)
        start = round(_SOFT_SHARE * model.timesteps) if keep is None else None
        configs = [
            replace(asked.over(rgba, keep), classes=(sprites.class_names[label],), start_t=start)
            for rgba, label in zip(sprites.rgba, sprites.labels, strict=True)
        ]
        drawn = yield from sample_iter(model, configs, control)
        note = (
            tr("The upper half of each drawing is kept, and the rest redrawn.")
            if keep is not None
            else tr("Each drawing was noised up to t {t}, and the noise removed.", t=start or 0)
        )
        return Recording.of(drawn, tr("Completed"), note)

    def _loaded(self, name: str) -> Model:
        if name not in self._models:
            ours = {model.name for model in shipped_models()}
            self._models[name] = load_model(name if name in ours else self._folder / name, "cpu")
        return self._models[name]
