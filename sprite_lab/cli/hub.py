"""``sprite-lab push`` and ``pull``: models shared on the Hugging Face Hub."""

from __future__ import annotations

from pathlib import Path

from sprite_lab.cli.console import print_result
from sprite_lab.cli.follow import follow
from sprite_lab.cli.options import Json, ModelArgument, argument, as_usage, option, with_options
from sprite_lab.core.config import ShareConfig
from sprite_lab.core.run import RunControl

_NAME = argument("The model's name there.", metavar="OWNER/NAME", show_default=False)


@with_options
def push(
    model: ModelArgument,
    name: str = _NAME,
    private: bool = option("Hide it from others, if it is new there.", False),
    as_json: Json = False,
) -> None:
    """Share a model on the Hugging Face Hub.

    Its weights as safetensors, its card with credits and figures, a sheet of samples, and a web
    page that draws with it. Log in first, with 'hf auth login' or HF_TOKEN; HF_ENDPOINT names
    another server. This needs the package: pip install 'sprite-lab[hub]'.
    """
    from sprite_lab.engine.models.hub import push_iter

    with as_usage():
        config = ShareConfig(name, private)
    address = follow("Sharing", push_iter(model, config, RunControl()))
    print_result({"address": address}, address, as_json)


@with_options
def pull(
    name: str = _NAME,
    out: Path | None = option("A new folder.", None, metavar="FOLDER", show_default="NAME"),
    as_json: Json = False,
) -> None:
    """Download a model that somebody shared on the Hugging Face Hub."""
    from sprite_lab.engine.models.hub import pull_iter

    with as_usage():
        config = ShareConfig(name)
    folder = out or Path(name.partition("/")[2])
    weights = follow("Fetching", pull_iter(config, folder, RunControl()))
    print_result({"model": weights}, str(weights), as_json)
