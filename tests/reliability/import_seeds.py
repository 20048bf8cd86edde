"""Small valid files of every imported format, for a fuzzer to mutate."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import numpy as np
from PIL import Image

from sprite_lab.formats.aseprite.aseprite import write_aseprite


def _sprites(count: int = 4, side: int = 16) -> np.ndarray:
    rng = np.random.default_rng(count)
    art = rng.integers(0, 4, (count, side, side, 4)).astype(np.uint8) * 85
    art[..., 3] = np.where(art[..., 0] > 0, 255, 0)
    return art


def _sheet() -> np.ndarray:
    sheet = np.zeros((36, 53, 4), np.uint8)
    for i, art in enumerate(_sprites(6)):
        y, x = 1 + i // 3 * 17, 1 + i % 3 * 17
        sheet[y : y + 16, x : x + 16] = art
    return sheet


def _saved(kind: str, art: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    first, *others = (Image.fromarray(frame) for frame in (art if art.ndim == 4 else art[None]))
    if kind in ("BMP", "JPEG"):
        first = first.convert("RGB")
    if others:
        options |= {"save_all": True, "append_images": others, "duration": 100}
    first.save(file, kind, **options)
    return file.getvalue()


def _aseprite() -> bytes:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.ase"
        write_aseprite(path, _sprites(3), [100, 100, 100], [(255, 0, 0, 255)])
        return path.read_bytes()


def _npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _npz() -> bytes:
    file = io.BytesIO()
    art = _sprites(5)
    np.savez_compressed(
        file,
        images=art[..., :3],
        alpha=art[..., 3],
        labels=np.arange(5),
        class_names=np.array(list("abcde")),
        names=np.array(["one", "two", "three", "four", "five"]),
    )
    return file.getvalue()


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/one.png", _saved("PNG", _sprites(1)[0]))
        archive.writestr("b/two.gif", _saved("GIF", _sprites(2)))
        archive.writestr("sheet.json", _json())
        archive.writestr("sheet.png", _saved("PNG", _sheet()))
    return file.getvalue()


def _json() -> bytes:
    frames = {
        f"run {i}.ase": {
            "frame": {"x": 1 + 17 * i, "y": 1, "w": 16, "h": 16},
            "rotated": False,
            "trimmed": True,
            "spriteSourceSize": {"x": 2, "y": 2, "w": 16, "h": 16},
            "sourceSize": {"w": 20, "h": 20},
            "duration": 100,
        }
        for i in range(3)
    }
    meta = {"image": "sheet.png", "frameTags": [{"name": "run", "from": 0, "to": 1}]}
    return json.dumps({"frames": frames, "meta": meta}).encode()


def _parquet() -> bytes:
    import pyarrow as arrow
    from pyarrow import parquet

    pictures = [{"bytes": _saved("PNG", art), "path": "a.png"} for art in _sprites(4)]
    features = {"info": {"features": {"label": {"names": ["x", "y"], "_type": "ClassLabel"}}}}
    table = arrow.table({"image": pictures, "label": [0, 1, 0, 1]})
    table = table.replace_schema_metadata({b"huggingface": json.dumps(features).encode()})
    file = io.BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()


#: Makers by file name.
SEEDS: dict[str, Callable[[], bytes]] = {
    "one.png": lambda: _saved("PNG", _sprites(1)[0]),
    "sheet.png": lambda: _saved("PNG", _sheet()),
    "indexed.png": lambda: _saved("PNG", np.asarray(_sheet()[..., 0])),
    "moving.png": lambda: _saved("PNG", _sprites(3)),
    "moving.gif": lambda: _saved("GIF", _sprites(3)),
    "moving.webp": lambda: _saved("WEBP", _sprites(3), lossless=True),
    "one.webp": lambda: _saved("WEBP", _sprites(1)[0], lossless=True),
    "one.bmp": lambda: _saved("BMP", _sheet()),
    "one.jpg": lambda: _saved("JPEG", _sheet()),
    "layers.ase": _aseprite,
    "images.npy": lambda: _npy(_sprites(3)),
    "floats.npy": lambda: _npy(_sprites(3)[..., :3].transpose(0, 3, 1, 2).astype(np.float32) / 255),
    "set.npz": _npz,
    "pack.zip": _zip,
    "sheet.json": _json,
    "table.parquet": _parquet,
}
