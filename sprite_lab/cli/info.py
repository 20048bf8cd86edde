"""``sprite-lab info``: facts about a file or a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from os.path import exists  # which answers False for a name that is too long
from pathlib import Path

import typer

from sprite_lab.cli.console import print_json, print_line
from sprite_lab.cli.options import Json, argument, option, run_folder, with_options
from sprite_lab.core.errors import FileError


@with_options
def info(
    path: Path | None = argument("", None, metavar="FILE|RUN|NAME", show_default=False),
    models: bool = option("List the shipped models.", False),
    as_json: Json = False,
) -> None:
    """Describe a data set, a run, weights, samples, a trajectory, a picture or an Aseprite file."""
    if models == (path is not None):
        raise typer.BadParameter("name one file or run, or ask for --models.")
    if models:
        from sprite_lab.engine.models.model import shipped_models

        listed = shipped_models()
        if as_json:
            print_json([asdict(model) for model in listed])
        elif listed:
            for model in listed:
                student = ", student" if model.student else ""
                print_line(f"{model.name}: trained on {model.data}{student}")
        else:
            print("This version ships no models: train one with 'sprite-lab train'.")
        return
    assert path is not None
    facts = {"path": path, **describe(path)}
    if as_json:
        print_json(facts)
    else:
        for name, value in facts.items():
            if value not in (None, {}, []):
                print_line(f"{name + ':':<18}{_words(value)}")


def describe(path: Path) -> dict[str, object]:
    """Facts about a file, run folder or shipped model; always includes "kind".

    Raises FileError if the path does not exist, or is nothing that Sprite Lab can read.
    """
    from sprite_lab.formats.sets.store import is_store, is_unfinished

    path = run_folder(path)
    there, suffix = exists(path), path.suffix.lower()
    if is_store(path) or is_unfinished(path):  # the latter is refused by the reader
        return _describe_sprites(path)
    if not there and suffix:
        raise FileError(f"There is no file or run '{path}'.")
    if not there or path.is_dir() or suffix == ".safetensors":  # the first: a model's name
        from sprite_lab.engine.models.model import describe as describe_model
        from sprite_lab.engine.training.run_folder import RunFolder

        if there and RunFolder(path).exists and not RunFolder(path).begun:
            return _describe_records(path)
        return describe_model(path).to_json()
    readers: dict[str, Callable[[Path], dict[str, object]]] = {
        ".npz": _describe_npz,
        ".npy": _describe_sprites,
        ".png": _describe_picture,
        ".gif": _describe_picture,
        ".aseprite": _describe_aseprite,
        ".ase": _describe_aseprite,
        ".spritelab": _describe_project,
        ".onnx": _describe_onnx,
    }
    if suffix not in readers:
        known = ", ".join([*readers, ".safetensors"])
        raise FileError(f"'{path}' is of an unknown kind; a run folder or {known} is described.")
    return readers[suffix](path)


def _describe_records(run: Path) -> dict[str, object]:
    """A run without weights: the example, or one that ended before its first checkpoint."""
    from sprite_lab.core.model_facts import ModelFacts
    from sprite_lab.engine.training.run_folder import RunFolder

    folder = RunFolder(run)
    figures = folder.newest("step", "loss", "epsilon_error")
    return ModelFacts(
        title=folder.read_name() or run.name,
        step=int(figures["step"] or 0),
        config=folder.read_config(),
        data=folder.read_data(),
        bytes=sum(file.stat().st_size for file in run.rglob("*") if file.is_file()),
        checkpoints=(),
        samples=tuple(folder.steps("samples")),
        figures=figures,
    ).to_json()


def _describe_npz(path: Path) -> dict[str, object]:
    from sprite_lab.core.config_text import config_from_text
    from sprite_lab.formats.arrays import open_npz
    from sprite_lab.formats.reading import reading

    with reading(path, "an archive of arrays (.npz)"), open_npz(path) as archive:
        if "x_t" in archive:
            return _describe_trajectory(path)
        name = "configs" if "configs" in archive else "config"
        texts = archive.text(name) if name in archive else ()
        found = [config_from_text(text, f"'{path.name}'") for text in texts]
    facts = _describe_sprites(path)
    configs = [config.to_json() for config in found if config is not None]
    if configs:
        facts |= {"kind": "samples", name: configs if name == "configs" else configs[0]}
    return facts


def _describe_trajectory(path: Path) -> dict[str, object]:
    from sprite_lab.formats.sets.trajectories import load_trajectory

    loaded = load_trajectory(path)
    return {
        "kind": "trajectory",
        "process": loaded.kind,
        "frames": len(loaded),
        "count": loaded.count,
        "size": list(loaded.x_t.shape[2:4]),
        "t": [float(loaded.t[0]), float(loaded.t[-1])],
        "log_snr": [float(loaded.log_snr[0]), float(loaded.log_snr[-1])],
        "config": loaded.config.to_json() if loaded.config else None,
    }


def _describe_sprites(path: Path) -> dict[str, object]:
    import numpy as np

    from sprite_lab.core.sets.texts import word_counts
    from sprite_lab.formats.sets.sprites import load_sprites

    sprites = load_sprites(path)
    per_class = np.bincount(sprites.labels[sprites.labels >= 0], minlength=len(sprites.class_names))
    return {
        "kind": "sprites",
        "title": sprites.title,
        "count": len(sprites),
        "size": list(sprites.size),
        "class_names": list(sprites.class_names),
        "per_class": dict(zip(sprites.class_names, per_class.tolist(), strict=True)),
        "without_class": int((sprites.labels < 0).sum()),
        "words": list(word_counts(sprites.words)),
        "groups": sprites.group_count,
        "has_alpha": sprites.has_alpha,
        "fingerprint": sprites.fingerprint,
        "credits": [credit.line for credit in sprites.credits],
    }


def _describe_picture(path: Path) -> dict[str, object]:
    from PIL import Image

    from sprite_lab.formats.metadata import read_config
    from sprite_lab.formats.reading import reading

    config = read_config(path)
    with reading(path, "a PNG or GIF image"), Image.open(path, formats=("PNG", "GIF")) as image:
        return {
            "kind": "picture",
            "format": image.format,
            "width": image.width,
            "height": image.height,
            "frames": getattr(image, "n_frames", 1),
            "config": config.to_json() if config else None,
        }


def _describe_aseprite(path: Path) -> dict[str, object]:
    from sprite_lab.formats.aseprite.aseprite import read_aseprite

    found = read_aseprite(path)
    return {
        "kind": "aseprite",
        "width": found.frames.shape[2],
        "height": found.frames.shape[1],
        "frames": len(found.frames),
        "layers": [layer.name for layer in found.layers],
        "tags": [tag.name for tag in found.tags],
        "colors": found.mode,
    }


def _describe_project(path: Path) -> dict[str, object]:
    from sprite_lab.formats.project import load_project

    sheet = load_project(path)
    return {
        "kind": "project",
        "title": sheet.title,
        "cells": len(sheet.cells),
        "rows": sheet.rows,
        "columns": sheet.columns,
        "model": sheet.model,
        "data": sheet.data,
    }


def _describe_onnx(path: Path) -> dict[str, object]:
    from sprite_lab.formats.onnx_file import read_facts

    found = read_facts(path)
    return {
        "kind": "onnx",
        "title": found["title"],
        "step": found["step"],
        "class_names": found["class_names"],
        "inputs": list(found["inputs"]),
        "data": found["data"]["title"],
        "data_fingerprint": found["data"]["fingerprint"],
        "sampler": found["sampling"]["sampler"],
        "noise_levels": len(found["sampling"]["log_snr"]),
    }


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {_words(v)}" for k, v in value.items() if v not in (None, []))
    if isinstance(value, list):
        if any(isinstance(item, dict) for item in value):
            return f"{len(value)} of them"
        more = f" and {len(value) - 12:,} more" if len(value) > 12 else ""
        return ", ".join(map(str, value[:12])) + more
    return f"{value:.6g}" if isinstance(value, float) else str(value)
