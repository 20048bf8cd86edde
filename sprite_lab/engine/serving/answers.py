"""Answers to requests of other programs: to sample, to inpaint, to judge."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from sprite_lab import __version__
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError, require
from sprite_lab.core.records import Record
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet, composite
from sprite_lab.engine.measuring.measuring import judge_iter
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.formats.images.png import decode_png, encode_png
from sprite_lab.formats.images.sheet import make_sheet

#: Maximum number of sprites in one request.
MOST_SPRITES = 64

Facts = dict[str, object]
#: Receives each record of a run, and may end it by raising.
Show = Callable[[Record], None]


@dataclass(frozen=True, eq=False)
class Answer:
    """The result of a request: facts, ready for JSON, and a picture, uint8 (H, W, 4), or None."""

    facts: Facts
    picture: NDArray[np.uint8] | None = None

    def json(self) -> Facts:
        """The facts, with the picture as ``png``, base64."""
        return self.facts if self.picture is None else {**self.facts, "png": _packed(self.picture)}


def about(model: Model) -> Answer:
    """Facts about the model."""
    return Answer(
        {
            "program": "sprite-lab",
            "version": __version__,
            "model": model.title,
            "size": model.image_size,
            "alpha": model.draws_alpha,
            "student": model.is_student,
            "classes": list(model.class_names),
            "words": list(model.vocabulary.words),
            "styles": list(model.vocabulary.styles),
        }
    )


def sample(model: Model, asked: Mapping[str, object], show: Show) -> Answer:
    """Draw sprites, as a sheet and one by one.

    ``asked``: ``config``, fields of a SampleConfig (``count`` is 1 by default); optionally
    ``drawing``, a PNG in base64, and ``keep``, a string for each of its rows, "#" = keep.
    """
    _check_names(asked, "config", "drawing", "keep")
    given = asked.get("config", {})
    if not isinstance(given, Mapping):
        raise ConfigError("'config' must be an object of settings.")
    start: Facts = {}
    if "drawing" in asked:
        drawing = _drawing(asked["drawing"])
        keep = _mask(asked["keep"], drawing) if "keep" in asked else None
        start = SampleConfig().over(drawing, keep).to_json()
        start = {name: start[name] for name in ("drawing", "known_mask")}
    else:
        require("keep" not in asked, "'keep' needs a 'drawing'.")
    config = SampleConfig.from_json({"count": 1, **given, **start}).spelled(model.class_names)
    require(
        config.count <= MOST_SPRITES,
        "At most {most_sprites} sprites are drawn at once.",
        most_sprites=MOST_SPRITES,
    )
    drawn = drain(sample_iter(model, [config], RunControl(), record=False), show)
    sprites = drawn.rgba()
    facts: Facts = {
        "count": len(sprites),
        "size": model.image_size,
        "sprites": [_packed(sprite) for sprite in sprites],
        "config": (drawn.config or config).to_json(),
    }
    return Answer(facts, make_sheet(sprites))


def inpaint(model: Model, asked: Mapping[str, object], show: Show) -> Answer:
    """Like :func:`sample`, but redraws a part of a drawing."""
    require("drawing" in asked and "keep" in asked, "Inpainting needs 'drawing' and 'keep'.")
    return sample(model, asked, show)


def judge(model: Model, asked: Mapping[str, object], show: Show) -> Answer:
    """How improbable a drawing is to the model, as a whole and for each pixel.

    The picture is red, and more opaque the more bits a pixel takes.

    ``asked``: ``drawing``, a PNG in base64; optionally its ``class``.
    """
    _check_names(asked, "drawing", "class")
    rgba = _drawing(asked.get("drawing"))
    known = asked.get("class")
    if known is not None and known not in model.class_names:
        names = ", ".join(model.class_names) or "none"
        raise ConfigError(
            "The model knows no class '{known}'; it knows: {names}.", known=known, names=names
        )
    alone = SpriteSet(
        composite(rgba)[None],
        alpha=rgba[None, ..., 3],
        labels=np.array([-1 if known is None else model.class_names.index(str(known))]),
        class_names=model.class_names,
    )
    verdict = drain(judge_iter(model, alone, RunControl()), show)
    heat = np.zeros((*verdict.pixels.shape, 4), np.uint8)
    heat[..., 0] = 255
    heat[..., 3] = np.rint(255 * verdict.pixels / max(float(verdict.pixels.max()), 1e-9))
    facts: Facts = {
        "bits_per_dim": verdict.bits_per_dim,
        "stderr": verdict.stderr,
        "pixels": verdict.pixels.astype(float).round(3).tolist(),
    }
    return Answer(facts, heat)


def _check_names(asked: Mapping[str, object], *names: str) -> None:
    unknown = sorted(set(asked) - set(names))
    require(
        not unknown,
        "{unknown} is not a parameter here; use {names}.",
        unknown=", ".join(repr(name) for name in unknown),
        names=", ".join(names),
    )


def _packed(picture: NDArray[np.uint8]) -> str:
    return base64.b64encode(encode_png(picture)).decode("ascii")


def _drawing(text: object) -> NDArray[np.uint8]:
    """Decode a PNG in base64 to uint8 (H, W, 4)."""
    if not isinstance(text, str):
        raise ConfigError("'drawing' must be a PNG in base64.")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ConfigError("'drawing' is not valid base64.") from None
    return decode_png(BytesIO(data), "drawing")[0]


def _mask(rows: object, drawing: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """bool (H, W), True = "#"."""
    height, width = drawing.shape[:2]
    if (
        not isinstance(rows, list)
        or len(rows) != height
        or not all(isinstance(row, str) and len(row) == width for row in rows)
    ):
        raise ConfigError(
            "'keep' must be {height} strings of {width} characters, with '#' for each pixel "
            "to keep.",
            height=height,
            width=width,
        )
    return np.array([[letter == "#" for letter in row] for row in rows])
