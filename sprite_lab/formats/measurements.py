"""Results of Measure for a model, kept between launches as an ``.npz`` with one JSON text.

Besides arrays, most of them named after fields of :class:`.Bound`, :class:`.Sizes` or
:class:`.Thermodynamics`, it holds ``measurement``: format, schema, and whatever is not an array.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core import strict_json
from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.config.base import Config, setting
from sprite_lab.core.errors import FileError
from sprite_lab.core.results.measured import Entropies, Measured, Sizes
from sprite_lab.core.results.probability import Bound, Thermodynamics
from sprite_lab.core.schemas import check_schema
from sprite_lab.core.sets.texts import Texts
from sprite_lab.formats.arrays import ArrayArchive, open_npz, write_npz
from sprite_lab.formats.reading import reading
from sprite_lab.formats.sets.sprites import companions, sprites_in

SCHEMA_VERSION = 1
SUFFIX = ".npz"
#: Identifies the file among other archives of arrays.
FORMAT = "sprite-lab measurement"
#: Size limits in bytes, packed and unpacked.
LARGEST = 1_000_000_000
#: Maximum number of sprites and noise levels that are kept.
MOST_SPRITES, MOST_LEVELS = 20_000, 10_000

Kind: TypeAlias = Literal["probability", "thermodynamics"]

#: Fields of a bound by shape: N sprites, S blocks, T levels.
_OF_SPRITES = ("bits", "bits_stderr", "prior", "decoder", "decoder_stderr")
_OF_BLOCKS = ("diffusion", "diffusion_stderr")
#: Length of fields of Thermodynamics minus the number of levels; 0 for all other fields.
_LENGTHS = {"conditional_entropy": -1, "conditional_entropy_stderr": -1, "lower": -1, "upper": -1}
_LENGTHS |= {"gap": -1, "gap_stderr": -1, "bound": 1, "bound_stderr": 1}


@dataclass(frozen=True)
class _Facts(Config):
    """Everything except arrays; ``model``: fingerprint of the measured model."""

    kind: Kind = "probability"
    model: str = setting("", longest=64)
    title: str = setting("", longest=4000)  #: title of the measured sprites
    data_levels: int = setting(256, low=2, high=65_536)
    lzma: float = setting(0.0, low=0)
    learnt_from: int = setting(0, low=0)
    rounds: int = setting(2, low=2)
    seconds: float = setting(0.0, low=0)


def save_measured(path: Path, found: Measured, model: str) -> None:
    """Save measured sprites; ``model``: fingerprint of the model that measured them.

    Raises FileError if there are too many, or the file cannot be written.
    """
    sprites, bound, sizes = found.sprites, found.bound, found.sizes
    if len(sprites) > MOST_SPRITES:
        raise FileError(
            "Measurements of more than {most:,} sprites are not kept for the next start.",
            most=MOST_SPRITES,
        )
    facts = _Facts(
        model=model,
        title=sprites.title,
        data_levels=bound.levels,
        lzma=sizes.lzma or 0.0,
        learnt_from=sizes.learnt_from,
        rounds=found.rounds,
        seconds=found.seconds,
    )
    arrays: dict[str, AnyArray | Texts] = {"images": sprites.images, "alpha": sprites.alpha}
    arrays |= companions(sprites)
    arrays |= {name: getattr(bound, name) for name in (*_OF_SPRITES, *_OF_BLOCKS)}
    # Groups are renumbered from 0, as those of a large set may be any numbers.
    arrays["bound_group"] = np.unique(bound.group, return_inverse=True)[1]
    arrays |= {"pixels": bound.pixels, "log_snr": bound.log_snr, "blocks": bound.block_t}
    arrays |= {"block_t": found.block_t, "png": sizes.png, "webp": sizes.webp}
    if sizes.learnt_from:
        arrays["counted"] = sizes.counted
    _write(path, facts, arrays)


def save_entropies(path: Path, found: Entropies, model: str) -> None:
    """Save the thermodynamics of a model; see :func:`save_measured`."""
    entropies, t = found
    arrays = {field.name: getattr(entropies, field.name) for field in fields(Thermodynamics)}
    _write(path, _Facts("thermodynamics", model), arrays | {"t": t})


def load_measured(path: Path, model: str) -> Measured:
    """Load measured sprites.

    Raises FileError if the file cannot be read, is over the limits, or is of another model or kind.
    """
    with _opened(path, "probability", model) as (archive, facts):
        images = archive.headers["images"].shape if "images" in archive else ()
        count = images[0] if images else 0
        _require(0 < count <= MOST_SPRITES)
        sprites = sprites_in(archive, path).called(facts.title)
        log_snr = _falling(archive)
        blocks = _numbers(archive, "blocks", None, np.int64)
        edges = len(blocks)
        _require(2 <= edges <= len(log_snr) and bool((np.diff(blocks) > 0).all()))
        _require(blocks[0] == 2 and blocks[-1] == len(log_snr) + 1)
        group = _numbers(archive, "bound_group", (count,), np.int64)
        _require(group.min() >= 0 and group.max() < count)
        bound = Bound(
            **{name: _numbers(archive, name, (count,)) for name in _OF_SPRITES},
            **{name: _numbers(archive, name, (count, edges - 1)) for name in _OF_BLOCKS},
            pixels=_numbers(archive, "pixels", images[:3], np.float32),
            group=group,
            levels=facts.data_levels,
            log_snr=log_snr,
            block_t=blocks,
        )
        learned = facts.learnt_from
        sizes = Sizes(
            _numbers(archive, "png", (count,)),
            _numbers(archive, "webp", (count,)),
            _numbers(archive, "counted", (count,)) if learned else np.full(count, np.nan),
            facts.lzma if learned else None,
            learned,
        )
        block_t = _numbers(archive, "block_t", (edges,))
        _require(bool((np.diff(block_t) >= 0).all()))
        return Measured(sprites, bound, block_t, sizes, facts.rounds, facts.seconds)


def load_entropies(path: Path, model: str) -> Entropies:
    """Load the thermodynamics of a model; see :func:`load_measured`."""
    with _opened(path, "thermodynamics", model) as (archive, _):
        log_snr = _falling(archive)
        found = {
            field.name: _numbers(archive, field.name, (len(log_snr) + _LENGTHS.get(field.name, 0),))
            for field in fields(Thermodynamics)
        }
        return Thermodynamics(**found), _numbers(archive, "t", (len(log_snr),))


def _write(path: Path, facts: _Facts, arrays: dict[str, AnyArray | Texts]) -> None:
    document = {"format": FORMAT, "schema_version": SCHEMA_VERSION, **facts.to_json()}
    arrays["measurement"] = np.asarray(strict_json.dumps(document))
    write_npz(path, arrays)


@contextmanager
def _opened(path: Path, kind: Kind, model: str) -> Iterator[tuple[ArrayArchive, _Facts]]:
    """Open a measurement; yields its arrays and facts.

    Raises FileError if it is of another kind or model, or cannot be read.
    """
    with reading(path, "a measurement"), open_npz(path, LARGEST) as archive:
        document = strict_json.loads(archive.text("measurement")[0])
        _require(isinstance(document, dict) and document.pop("format", None) == FORMAT)
        check_schema(document.pop("schema_version", None), SCHEMA_VERSION, f"'{path.name}'")
        facts = _Facts.from_json(document)
        _require(facts.kind == kind)
        if facts.model != model:
            raise FileError("'{name}' is a measurement of another model.", name=path.name)
        yield archive, facts


def _require(holds: bool) -> None:
    """Raise ValueError, for a damaged file, unless the condition holds."""
    if not holds:
        raise ValueError("it is not a measurement")


def _numbers(
    archive: ArrayArchive,
    key: str,
    shape: tuple[int, ...] | None,
    kind: type[np.number[Any]] = np.float64,
) -> AnyArray:
    """Finite numbers of this shape and type; raises ValueError if the array is not like that.

    ``shape``: None = one dimension, of 2 to MOST_LEVELS.
    """
    header = archive.headers[key]
    _require(header.dtype == kind)
    if shape is None:
        _require(len(header.shape) == 1 and 1 < header.shape[0] <= MOST_LEVELS)
    else:
        _require(header.shape == shape)
    array = archive.read(key)
    _require(bool(np.isfinite(array).all()))
    return array


def _falling(archive: ArrayArchive) -> NDArray[np.float64]:
    """The log-SNR of the noise levels; raises ValueError unless it is descending."""
    log_snr = _numbers(archive, "log_snr", None)
    _require(bool((np.diff(log_snr) < 0).all()))
    return log_snr
