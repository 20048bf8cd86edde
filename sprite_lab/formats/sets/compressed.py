"""Compressed sets, ``.spritez``: a set's archive of arrays, with ``coded`` in place of pixels.

``codec`` is a JSON object that identifies the sprites and the model, so that a reader can say what
is missing instead of decoding garbage.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core import strict_json
from sprite_lab.core.errors import FileError
from sprite_lab.core.plain import from_plain, to_plain
from sprite_lab.core.schemas import check_schema
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.formats.arrays import LARGEST, open_npz, write_npz
from sprite_lab.formats.reading import reading
from sprite_lab.formats.sets.sprites import companions, read_companions

SCHEMA_VERSION = 1

#: Possible sides of sprites, in pixels, as of other sets.
_SIDES = range(8, 65, 8)


@dataclass(frozen=True)
class Codec:
    """Facts stored in a compressed set."""

    count: int
    side: int  #: side of a sprite, in pixels
    pixels: str  #: SHA-256 of the pixels, uint8 (N, H, W, 4)
    model: str  #: title of the model
    weights: str  #: SHA-256 of the model's weights
    torch: str  #: version of PyTorch that coded the set
    like: str = ""  #: fingerprint of the set that the coder had learned from; "" = none


def digest(rgba: NDArray[np.uint8]) -> str:
    """SHA-256 of pixels."""
    return hashlib.sha256(rgba.tobytes()).hexdigest()


def save_compressed(path: Path, sprites: SpriteSet, coded: bytes, codec: Codec) -> None:
    """Save a set with coded pixels."""
    arrays = companions(sprites)
    arrays["coded"] = np.frombuffer(coded, np.uint8)
    arrays["codec"] = np.asarray(
        strict_json.dumps({"schema_version": SCHEMA_VERSION, **to_plain(codec)})
    )
    write_npz(path, arrays)


def load_compressed(path: Path) -> tuple[SpriteSet, bytes, Codec]:
    """Load a compressed set: sprites with blank pixels, the coded pixels, and the codec.

    Raises FileError if the file is not a compressed set, or from a newer Sprite Lab.
    """
    with reading(path, "a compressed set of sprites (.spritez)"), open_npz(path) as archive:
        if "codec" not in archive or "coded" not in archive:
            raise FileError(
                "'{name}' is not compressed; name a file that 'sprite-lab compress' made.",
                name=path.name,
            )
        facts = strict_json.loads(str(archive.read("codec")))
        check_schema(facts.pop("schema_version", None), SCHEMA_VERSION, f"'{path.name}'")
        codec = from_plain(Codec, facts)
        shape = (codec.count, codec.side, codec.side, 3)
        if codec.side not in _SIDES or not 0 < codec.count * codec.side**2 * 4 <= LARGEST:
            raise FileError(
                "'{name}' is damaged: it declares {count} sprites.",
                name=path.name,
                count=codec.count,
            )
        rest = read_companions(archive, path, shape)
        coded = archive.read("coded").astype(np.uint8).tobytes()
        return SpriteSet(images=np.zeros(shape, np.uint8), **rest), coded, codec
