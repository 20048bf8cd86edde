"""A model as files for others: weights or graph, a card, and a sampling script."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from sprite_lab.core import strict_json
from sprite_lab.core.errors import FileError
from sprite_lab.core.file_names import check_text
from sprite_lab.core.model_facts import DataFacts
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import BUILTIN_TITLE
from sprite_lab.engine.models import diffusers_export
from sprite_lab.engine.models.checkpoint import load_tensors, read_metadata, save_tensors
from sprite_lab.engine.models.model import describe, load_model, weak_path, weights_path
from sprite_lab.engine.models.onnx import onnx_facts, onnx_graph
from sprite_lab.formats import onnx_file
from sprite_lab.formats.atomic import write_whole
from sprite_lab.formats.folders import new_folder
from sprite_lab.formats.reading import check_extra
from sprite_lab.formats.reports.model_card import (
    as_code,
    data_chapter,
    figures_chapter,
    model_card,
)
from sprite_lab.paths import resource
from sprite_lab.words import tr

#: Export formats by file suffix.
SUFFIXES = (".safetensors", ".onnx", diffusers_export.SUFFIX)


def export_iter(
    ref: str | Path, out: Path, control: RunControl, *, half: bool = False
) -> Run[tuple[Path, ...]]:
    """Write a model and its companion files; returns all paths, the model's first.

    ``.safetensors``: weights that Sprite Lab opens, with the card also in their metadata.
    ``.onnx``: the denoiser as a graph, and a script that samples with it. Both come with the
    model's card. ``.diffusers``: a folder that diffusers loads, with weights and card.

    Yields Progress. If it ends early, nothing is written, and it returns ().

    Raises FileError if ``out`` has another suffix, a file beside it would be overwritten, or ONNX
    is not installed.

    ``ref``: a run folder, weights file or name, as in :func:`load_model`. ``half``: weights in
    float16.
    """
    suffix = out.suffix.lower()
    if suffix not in SUFFIXES:
        raise FileError(
            "'{name}' must end in {suffixes}.", name=out.name, suffixes=" or ".join(SUFFIXES)
        )
    check_text(out.name)  # the card contains the name
    if suffix == ".onnx":
        check_extra("onnx")
    if suffix == diffusers_export.SUFFIX:
        return (yield from _diffusers_iter(ref, out, control, half))
    card_path = out.with_name(f"{out.name}.md")
    script_path = out.with_name(f"{out.stem}_sample.py")
    beside = [card_path, script_path] if suffix == ".onnx" else [card_path]
    source = weights_path(ref)
    weak = weak_path(source)
    # Without its weak version, the model would draw different sprites.
    if suffix == ".safetensors" and weak.is_file():
        beside.append(weak_path(out))
    if not out.exists():  # if it does, the files beside it belong to it, and are replaced too
        for path in beside:
            if path.exists():
                raise FileError(
                    "'{name}' already exists and would be lost: choose another name.",
                    name=path.name,
                )
    yield Progress(0, 3, tr("Loading the model"))
    model = load_model(ref, "cpu")
    use = ["sprite-lab", "sample", "--model", out.name, "--out", "sprites.png"]
    card = card_of(ref, shlex.join(["python", script_path.name] if suffix == ".onnx" else use))
    yield Progress(1, 3, tr("Writing the model"))
    if suffix == ".safetensors":
        if control.stop_requested:
            return ()
        credits = [credit.to_json() for credit in model.credits]
        _copy(source, out, half, credits=credits, card=card)
        for path in beside[1:]:
            _copy(weak, path, half)
    else:
        graph = onnx_graph(model)
        yield Progress(2, 3, tr("Writing the model"))
        if control.stop_requested:
            return ()
        onnx_file.write_onnx(out, graph, {**onnx_facts(model), "card": card}, card)
        script = "sample_student.py" if model.is_student else "sample.py"
        write_whole(
            script_path,
            resource("onnx", script)
            .read_text("utf-8")
            .replace('"model.onnx"', strict_json.dumps(out.name)),
        )
    write_whole(card_path, card)
    return (out, *beside)


def _diffusers_iter(
    ref: str | Path, out: Path, control: RunControl, half: bool
) -> Run[tuple[Path, ...]]:
    """:func:`export_iter` for a diffusers folder."""
    yield Progress(0, 2, tr("Loading the model"))
    model = load_model(ref, "cpu")
    card = card_of(ref, diffusers_export.loading(model, out.name))
    yield Progress(1, 2, tr("Writing the model"))
    if control.stop_requested:
        return ()
    source = weights_path(ref)
    weak = weak_path(source)
    credits = [credit.to_json() for credit in model.credits]
    with new_folder(out) as folder:
        (folder / "README.md").write_text(card, "utf-8")
        if diffusers_export.is_plain(model):
            diffusers_export.write_plain(model, folder, half=half)
            return (out,)
        weights = diffusers_export.write_own(folder)
        _copy(source, weights, half, credits=credits, card=card)
        if weak.is_file():
            _copy(weak, weak_path(weights), half)
    return (out,)


def card_of(ref: str | Path, use: str) -> str:
    """The card of any model: its own, or else one made from the facts in its files.

    ``use``: the command that samples with it.
    """
    known = own_card(ref)
    if known:
        # Its first line of code is the sampling command for its original location.
        return re.sub(r"^`.*`$", lambda _: as_code(use), known, count=1, flags=re.M)
    facts = describe(ref)
    return model_card(
        facts.title,
        use,
        facts,
        data=_data(facts.data),
        figures=figures_chapter(facts.figures or {}),
    )


def own_card(ref: str | Path) -> str:
    """A model's own card, from its file or shipped beside it, or ""."""
    weights = weights_path(ref)
    shipped = weights.with_name("card.md")
    if weights.parent.parent == resource("models") and shipped.is_file():
        return shipped.read_text("utf-8")
    return str(read_metadata(weights).get("card", ""))


def _data(facts: DataFacts) -> str:
    if facts.title == BUILTIN_TITLE:
        return (
            f"Trained on {BUILTIN_TITLE}, fingerprint `{facts.fingerprint}`, which Sprite "
            "Lab generates\nitself; nobody else's work is in it."
        )
    return data_chapter(facts)


def _copy(weights: Path, out: Path, half: bool, **facts: object) -> None:
    """Write weights again with added facts, optionally in float16."""
    tensors, metadata = load_tensors(weights)
    save_tensors(out, tensors, {**metadata, **facts}, half=half)
