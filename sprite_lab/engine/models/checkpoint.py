"""Weights and training state as safetensors: written atomically, checked when read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from sprite_lab.core import strict_json
from sprite_lab.core.errors import FileError, NotFiniteError
from sprite_lab.core.file_names import check_text
from sprite_lab.core.printable import one_line
from sprite_lab.core.schemas import check_schema
from sprite_lab.formats.atomic import write_whole
from sprite_lab.formats.reading import check_file
from sprite_lab.words import tr

#: The largest file of weights or training state, in bytes.
LARGEST_FILE = 4_000_000_000

#: The schema of the metadata; the oldest files state none, which means 1.
SCHEMA_VERSION = 1


def save_tensors(
    path: Path,
    tensors: Mapping[str, Tensor],
    metadata: Mapping[str, object],
    *,
    half: bool = False,
) -> None:
    """Write tensors with one JSON object of metadata under the key "sprite_lab".

    ``half``: store floating-point tensors as float16.

    Raises NotFiniteError if a number is not finite (nothing is written then), and FileError if the
    file cannot be written.
    """
    if half:
        tensors = {n: t.half() if t.is_floating_point() else t for n, t in tensors.items()}
    for name, tensor in tensors.items():
        if not _is_finite(tensor):
            raise NotFiniteError(tr("the weight '{name}'", name=name))
    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    text = {"sprite_lab": strict_json.dumps({**metadata, "schema_version": SCHEMA_VERSION})}
    write_whole(path, safetensors.torch.save(contiguous, text))


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what :func:`save_tensors` wrote, onto the CPU.

    Raises FileError if the file is missing, malformed, not ours, from a newer Sprite Lab, or holds
    numbers that are not finite.
    """
    with _opened(path) as file:
        metadata = _metadata(file, path)
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    for name, tensor in tensors.items():
        if not _is_finite(tensor):
            raise FileError(
                "'{path}' is damaged: '{name}' holds numbers that are not finite.",
                path=path,
                name=name,
            )
    return tensors, metadata


def read_metadata(path: Path) -> dict[str, Any]:
    """Read only the metadata, not the tensors; raises the errors of :func:`load_tensors`."""
    with _opened(path) as file:
        return _metadata(file, path)


@contextmanager
def fitting(path: Path) -> Iterator[None]:
    """Turn errors raised by weights of another kind or version into one FileError."""
    try:
        yield
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise FileError(
            "'{path}' does not fit this version of Sprite Lab: {error}",
            path=path,
            error=one_line(error),
        ) from None


def _is_finite(tensor: Tensor) -> bool:
    return not tensor.is_floating_point() or bool(torch.isfinite(tensor).all())


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a safetensors file; any error becomes a FileError with one sentence."""
    try:
        check_file(path, LARGEST_FILE)
        check_text(path)
        with safetensors.safe_open(str(path), "pt") as file:
            yield file
    except FileError:
        raise
    except FileNotFoundError:
        raise FileError("There is no file '{path}'.", path=path) from None
    except KeyError:
        raise FileError(
            "'{path}' holds weights, but not of a Sprite Lab model (it has no description).",
            path=path,
        ) from None
    except Exception as error:  # safetensors raises its own errors as well as OSError
        raise FileError(
            "'{path}' is not a readable safetensors file ({error}); "
            "copy it again or choose another one.",
            path=path,
            error=one_line(error),
        ) from None


def _metadata(file: Any, path: Path) -> dict[str, Any]:
    found = strict_json.loads((file.metadata() or {})["sprite_lab"])
    if not isinstance(found, dict):
        raise ValueError("its description is not a JSON object")
    check_schema(found.get("schema_version", 1), SCHEMA_VERSION, f"'{path}'")
    return found
