"""``sprite-lab export-model``: a model as weights with a card, as ONNX or for diffusers."""

from __future__ import annotations

from pathlib import Path

import typer

from sprite_lab.cli.console import print_result
from sprite_lab.cli.follow import follow
from sprite_lab.cli.options import Json, ModelArgument, check_out, option, with_options
from sprite_lab.core.errors import FileError
from sprite_lab.core.run import RunControl


@with_options
def export_model(
    model: ModelArgument,
    out: Path = option(
        "The model; its card (.md) comes beside it, and beside .onnx a sampler (.py).",
        metavar="FILE.safetensors|FILE.onnx|FOLDER.diffusers",
    ),
    half: bool = option("Weights in float16: half as large (.safetensors).", False),
    as_json: Json = False,
) -> None:
    """Write a model for others to use.

    As .safetensors: the newest weights of a run, which Sprite Lab opens as a model, with the
    card inside as well. As .onnx: the denoiser for any program with an ONNX runtime, its noise
    schedule in the metadata, and a short script that samples with it. This needs the package onnx:
    pip install 'sprite-lab[onnx]'. As .diffusers: a folder that the package diffusers loads as a
    pipeline; it does so by itself after the preset 'diffusers', and for other models where
    sprite-lab is installed, too.
    """
    if out.suffix.lower() == ".diffusers" and out.exists():
        raise FileError(f"'{out}' already exists: choose another name.")
    check_out(out, ".safetensors", ".onnx", ".diffusers")
    if half and out.suffix.lower() == ".onnx":
        raise typer.BadParameter("ONNX has float32 weights: leave --half out.")

    from sprite_lab.engine.models.model_export import export_iter

    written = follow("Exporting", export_iter(model, out, RunControl(), half=half))
    size = sum(path.stat().st_size for path in (out, *out.rglob("*")) if path.is_file())
    beside = ", ".join(path.name for path in written[1:])
    print_result(
        {
            "out": out,
            "kind": out.suffix.lower().lstrip("."),
            "bytes": size,
            "beside": written[1:],
        },
        f"{out}: {size / 1e6:.1f} MB" + (f"; beside it {beside}" if beside else ""),
        as_json,
    )
