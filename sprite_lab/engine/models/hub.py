"""Models shared on the Hugging Face Hub, or on another server that ``HF_ENDPOINT`` names.

A shared model is a repository with ``model.safetensors``, its companion files, its card, a sheet of
samples and, if it has our network, a web page that draws with it. In this module, only
:func:`push_iter` and :func:`pull_iter` send or fetch anything.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sprite_lab import __version__
from sprite_lab.core.config import SampleConfig, ShareConfig, WebConfig
from sprite_lab.core.errors import FileError, SpriteLabError
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.engine.models.calibration_file import CALIBRATION_FILE, calibration_path
from sprite_lab.engine.models.checkpoint import LARGEST_FILE
from sprite_lab.engine.models.diffusers_export import is_plain, write_plain
from sprite_lab.engine.models.model import Model, load_model, weak_path, weights_path
from sprite_lab.engine.models.model_export import card_of, export_iter
from sprite_lab.engine.models.web_export import export_web_iter
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.formats.folders import new_folder
from sprite_lab.formats.images.png import write_png
from sprite_lab.formats.images.sheet import make_sheet
from sprite_lab.formats.reading import check_extra
from sprite_lab.words import tr

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_MODEL = "model.safetensors"
_WEAK = weak_path(Path(_MODEL)).name

#: Number of sprites on the sample sheet.
_SHOWN = 64

_FRONT = """---
library_name: {library}
pipeline_tag: unconditional-image-generation
tags: [pixel-art, diffusion, sprite-lab]
---
"""


def push_iter(ref: str | Path, config: ShareConfig, control: RunControl) -> Run[str]:
    """Share a model, or a new version of a shared one; returns its address.

    Yields Progress. If it ends early, nothing is sent, and the address is "".

    Raises FileError if the model cannot be loaded, the library is missing, or the server refuses or
    cannot be reached.

    ``ref``: a run folder, weights file or name, as in :func:`load_model`. ``config``: without a
    token, that of ``hf auth login`` or HF_TOKEN is used.
    """
    name, api = config.name, hub_api(config.token)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        yield from export_iter(ref, folder / _MODEL, control)
        if not control.stop_requested:
            yield from _fill(ref, name, folder, control)
        if control.stop_requested:
            return ""
        yield Progress(0, 0, tr("Sending to {endpoint}", endpoint=api.endpoint))
        with hub_errors(name):
            api.create_repo(name, private=config.private, exist_ok=True)
            api.upload_folder(
                repo_id=name, folder_path=folder, commit_message=f"Sprite Lab {__version__}"
            )
    return f"{api.endpoint}/{name}"


def _fill(ref: str | Path, name: str, folder: Path, control: RunControl) -> Run[None]:
    """Write the companion files of a repository beside the weights."""
    (folder / f"{_MODEL}.md").unlink(missing_ok=True)
    model = load_model(folder / _MODEL, "cpu")
    use = f"DDPMPipeline.from_pretrained('{name}')" if is_plain(model) else None
    card = card_of(ref, use or f"sprite-lab pull {name}")
    front = _FRONT.format(library="diffusers" if use else "sprite-lab")
    heading, _, rest = card.partition("\n")
    card = f"{front}{heading}\n\n![Samples](samples.png)\n{rest}"
    (folder / "README.md").write_text(card, "utf-8")
    calibration = calibration_path(weights_path(ref))
    if calibration.is_file():
        shutil.copy(calibration, folder / CALIBRATION_FILE)
    yield from _sheet(model, folder / "samples.png")
    if is_plain(model):
        write_plain(model, folder)
    if model.denoiser.config.name == "patch_unet":
        yield from export_web_iter(ref, folder / "index.html", WebConfig(), control)


def _sheet(model: Model, path: Path) -> Run[None]:
    drawn = yield from sample_iter(model, [SampleConfig(count=_SHOWN)], RunControl(), record=False)
    write_png(path, make_sheet(to_pixels(drawn.final())))


def pull_iter(config: ShareConfig, out: Path, control: RunControl) -> Run[Path]:
    """Download a shared model into a new folder; returns the path of its weights.

    Yields Progress. If it ends early, nothing is kept. Raises FileError like :func:`push_iter`, and
    if it is stopped, ``out`` exists or the downloaded file is not one of our models.
    """
    name, api = config.name, hub_api(config.token)
    with hub_errors(name):
        found = api.model_info(name, files_metadata=True).siblings or ()
    files = {file.rfilename: file.size for file in found}
    if _MODEL not in files:
        raise FileError(
            "'{name}' has no '{model}': it is not a Sprite Lab model.", name=name, model=_MODEL
        )
    wanted = [part for part in (_MODEL, _WEAK, CALIBRATION_FILE, "README.md") if part in files]
    if any((files[part] or 0) > LARGEST_FILE for part in wanted):
        raise FileError("'{name}' is larger than any model of Sprite Lab can be.", name=name)
    title = name.partition("/")[2]
    with new_folder(out) as folder, tempfile.TemporaryDirectory() as fetched:
        for done, part in enumerate(wanted):
            yield Progress(done, len(wanted), tr("Downloading {part}", part=part))
            with hub_errors(name):
                path = api.hf_hub_download(name, part, local_dir=fetched)
            shutil.move(path, folder / part.replace("model.", f"{title}.", 1))
            if control.stop_requested:
                raise FileError("The download of '{name}' was stopped.", name=name)
        load_model(folder / f"{title}.safetensors", "cpu")  # to check it
    return out / f"{title}.safetensors"


def hub_api(token: str = "") -> HfApi:
    """The client of the server; token "" = the one stored on this machine.

    Raises FileError if the library is missing.
    """
    check_extra("hub")
    from huggingface_hub import HfApi  # noqa: PLC0415 (an extra, and slow to load)
    from huggingface_hub.utils.tqdm import disable_progress_bars  # noqa: PLC0415

    disable_progress_bars()
    return HfApi(
        endpoint=os.environ.get("HF_ENDPOINT"),
        token=token or None,
        library_name="sprite-lab",
        library_version=__version__,
    )


@contextlib.contextmanager
def hub_errors(name: str) -> Iterator[None]:
    """Turn errors of the server or its client into a FileError with one sentence."""
    try:
        yield
    except SpriteLabError:
        raise
    except Exception as error:  # of whichever HTTP library the client uses
        status = getattr(getattr(error, "response", None), "status_code", None)
        if status in (401, 403):
            why = "log in with 'hf auth login', or give a token that may do this"
        elif status == 404:
            why = "there is no such model, or it is private"
        else:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            why = lines[0].rstrip(".")
        raise FileError("The hub refused '{name}': {why}.", name=name, why=why) from error
