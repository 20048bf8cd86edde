"""A model as a folder that diffusers loads with ``DiffusionPipeline.from_pretrained``."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sprite_lab.core import strict_json
from sprite_lab.core.errors import FileError
from sprite_lab.paths import resource

#: The suffix of the folder.
SUFFIX = ".diffusers"

#: The first version of diffusers whose components may bring their own code.
_SINCE = "0.27.0"


@contextmanager
def diffusers_folder(out: Path, card: str) -> Iterator[Path]:
    """The path in a new folder ``out`` where the weights of the model belong.

    The folder appears once the block has ended without error.

    Raises
    ------
    FileError
        If it exists, or cannot be written.
    """
    if out.exists():
        raise FileError(f"'{out.name}' is there already: choose another name.")
    unfinished = out.with_name(f".{out.name}.{secrets.token_hex(6)}.tmp")
    try:
        denoiser = unfinished / "denoiser"
        denoiser.mkdir(parents=True)
        pipeline, component = "sprite_lab_pipeline", "sprite_lab_denoiser"
        index = {
            "_class_name": [pipeline, "SpriteLabPipeline"],
            "_diffusers_version": _SINCE,
            "denoiser": [component, "SpriteLabDenoiser"],
        }
        (unfinished / "model_index.json").write_text(strict_json.dumps(index, indent=2), "utf-8")
        (unfinished / "README.md").write_text(card, "utf-8")
        for folder, name in ((unfinished, pipeline), (denoiser, component)):
            shutil.copy(resource("diffusers", f"{name}.py"), folder)
        yield denoiser / "model.safetensors"
        os.replace(unfinished, out)
    except OSError as error:
        raise FileError(
            f"'{out.name}' cannot be written ({error.strerror}); choose another place."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(unfinished)
