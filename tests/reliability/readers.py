"""All kinds of files that are read, except imported ones (``import_seeds``): a small valid file
for a fuzzer to mutate, and its reader."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sprite_lab.core.run import RunControl, drain
from tests.made import make_sprites
from tests.reliability.import_seeds import SEEDS


@dataclass(frozen=True)
class Reader:
    """``seed`` makes a valid file; ``read`` reads one at a path, or raises a SpriteLabError."""

    seed: Callable[[], bytes]
    read: Callable[[Path], object]


def _written(name: str, write: Callable[[Path], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / name)
        return (Path(folder) / name).read_bytes()


@cache
def _run() -> dict[str, bytes]:
    """The files of a training run of two steps, by their paths in its folder."""
    from sprite_lab.core.config import NetworkConfig
    from sprite_lab.core.presets import PRESETS
    from sprite_lab.engine.training.trainer import train_iter

    config = replace(
        PRESETS["quick"], max_steps=2, max_seconds=None, checkpoint_every=2, preview_count=1,
        preview_steps=1, batch_size=4, device="cpu", network=NetworkConfig(width=16),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "run"
        drain(train_iter(config, make_sprites(20), folder, RunControl()))
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }


def _of_run(name: str, read: Callable[[Any], object]) -> Reader:
    """A file of a run folder, which ``read`` takes."""

    def in_folder(path: Path) -> object:
        from sprite_lab.engine.training.run_folder import RunFolder

        folder = path.parent / "of-run"
        folder.mkdir(exist_ok=True)
        for other in ("run.json", "metrics.jsonl"):
            (folder / other).write_bytes(_run()[other])
        shutil.copyfile(path, folder / name)
        return read(RunFolder(folder))

    return Reader(lambda: _run()[name], in_folder)


def _run_table(run: Any) -> object:
    from sprite_lab.app.train.run_past import read_past
    from sprite_lab.app.train.run_table import read_figures

    return (
        drain(read_figures([run.path.parent])(RunControl())),
        drain(read_past(run.path)(RunControl())),
    )


@cache
def _weights() -> bytes:
    return next(
        data
        for name, data in _run().items()
        if name.startswith("checkpoints/step-") and ".state." not in name
    )


def _load_model(path: Path) -> object:
    from sprite_lab.engine.models.model import load_model

    return load_model(path, "cpu")


def _metadata(path: Path) -> object:
    from sprite_lab.engine.models.checkpoint import read_metadata

    return read_metadata(path)


def _course() -> bytes:
    import torch

    return _written("a.pth", lambda path: torch.save({"a.weight": torch.zeros(2, 2)}, path))


def _read_course(path: Path) -> object:
    from sprite_lab.engine.models.course_weights import course_weights

    return course_weights(path)


def _calibration() -> bytes:
    from sprite_lab.core.results.calibration import USUAL
    from sprite_lab.engine.models.calibration_file import calibration_path, save_calibration

    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "a.safetensors"
        save_calibration(weights, 1, USUAL)
        return calibration_path(weights).read_bytes()


def _read_calibration(path: Path) -> object:
    from sprite_lab.engine.models.calibration_file import calibration_of, calibration_path

    weights = path.parent / "of-model" / "a.safetensors"
    weights.parent.mkdir(exist_ok=True)
    shutil.copyfile(path, calibration_path(weights))
    return calibration_of(weights, 1)


def _plan() -> bytes:
    from sprite_lab.core.config import TrainConfig
    from sprite_lab.core.sweep import SweepPlan
    from sprite_lab.engine.training.sweep import PLAN, write_plan

    plan = SweepPlan(TrainConfig(), "builtin", ("seed=0,1",))
    return _written(PLAN, lambda path: write_plan(path.parent, plan))


def _read_plan(path: Path) -> object:
    from sprite_lab.engine.training.sweep import PLAN, read_plan

    folder = path.parent / "of-sweep"
    folder.mkdir(exist_ok=True)
    shutil.copyfile(path, folder / PLAN)
    return read_plan(folder)


def _command() -> bytes:
    from sprite_lab.engine.training.commands import Answer, to_bytes

    return to_bytes(Answer(3, 20, True, 0.5))


def _read_command(path: Path) -> object:
    from sprite_lab.engine.training.commands import Answer, Command, from_bytes

    return [from_bytes(kind, path.read_bytes()) for kind in (Command, Answer)]


def _trajectory() -> bytes:
    frames = np.linspace(-1, 1, 2 * 16 * 16 * 3, dtype=np.float32).reshape(2, 1, 16, 16, 3)
    t = np.array([1, 0], np.float32)
    config = np.asarray(_settings_text())
    return _written(
        "a.npz", lambda path: np.savez(path, x0=frames, x_t=frames, t=t, log_snr=-t, config=config)
    )


def _read_trajectory(path: Path) -> object:
    from sprite_lab.formats.sets.trajectories import load_trajectory

    return load_trajectory(path)


def _set() -> bytes:
    from sprite_lab.formats.sets.sprites import save_sprites

    return _written("a.npz", lambda path: save_sprites(path, make_sprites(6)))


def _read_set(path: Path) -> object:
    from sprite_lab.formats.sets.sprites import load_sprites

    return load_sprites(path)


def _compressed() -> bytes:
    from sprite_lab.formats.sets.compressed import Codec, save_compressed

    codec = Codec(4, 16, "", "", "", "")
    return _written("a.spritez", lambda path: save_compressed(path, make_sprites(4), b"abc", codec))


def _read_compressed(path: Path) -> object:
    from sprite_lab.formats.sets.compressed import load_compressed

    return load_compressed(path)


@cache
def _store() -> dict[str, bytes]:
    from sprite_lab.formats.sets.store_writer import StoreWriter

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.sprites"
        with StoreWriter(path) as writer:
            writer.append(make_sprites(6))
            for _ in writer.finish_iter():
                pass
        return {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}


def _of_store(name: str) -> Reader:
    def read(path: Path) -> object:
        from sprite_lab.formats.sets.store import load_store

        folder = path.parent / "of-store.sprites"
        folder.mkdir(exist_ok=True)
        for other, data in _store().items():
            (folder / other).write_bytes(path.read_bytes() if other == name else data)
        sprites = load_store(folder)
        sprites.take(np.arange(min(3, len(sprites))))
        return [sprites.words[i] for i in range(min(3, len(sprites.words)))]

    return Reader(lambda: _store()[name], read)


def _project() -> bytes:
    from sprite_lab.core.pixels.cells import CellSheet
    from sprite_lab.core.pixels.layers import Layer
    from sprite_lab.formats.project import save_project

    sheet = CellSheet(rows=2, columns=2, title="a title")
    layers = Layer(bytes(1023) + b"\x63", "body"), Layer(bytes(1024), opacity=9, locked=True)
    sheet = sheet.with_cells({2: sheet.cells[2].stacked(layers)})
    return _written("a.spritelab", lambda path: save_project(path, sheet))


def _read_project(path: Path) -> object:
    from sprite_lab.formats.project import load_project

    return load_project(path)


def _lesson() -> bytes:
    from sprite_lab.paths import resource

    return min(resource("lessons").glob("*.json")).read_bytes()


def _read_lesson(path: Path) -> object:
    from sprite_lab.formats.lessons import load_lesson

    return load_lesson(path)


def _results() -> bytes:
    from sprite_lab.formats.results import Given, Results, TakenLesson, save_results

    taken = TakenLesson("01", "Noise", 9, 3, (Given(2, "left", True, 2),))
    return _written("a.results.json", lambda path: save_results(path, Results("Ben", (taken,))))


def _read_results(path: Path) -> object:
    from sprite_lab.formats.results import load_results

    return load_results(path)


def _measured() -> bytes:
    from sprite_lab.formats.measurements import save_measured
    from tests.unit.formats.test_measurements import MODEL, measured

    return _written("a.npz", lambda path: save_measured(path, measured(), MODEL))


def _read_measured(path: Path) -> object:
    from sprite_lab.formats.measurements import load_measured
    from tests.unit.formats.test_measurements import MODEL

    found = load_measured(path, MODEL)
    return found.bound.bits_per_dim_stderr, found.bound.block_log_snr, found.bound.parts(None)


def _entropies() -> bytes:
    from sprite_lab.formats.measurements import save_entropies
    from tests.unit.formats.test_measurements import MODEL, entropies

    return _written("a.npz", lambda path: save_entropies(path, entropies(), MODEL))


def _read_entropies(path: Path) -> object:
    from sprite_lab.formats.measurements import load_entropies
    from tests.unit.formats.test_measurements import MODEL

    return load_entropies(path, MODEL)[0].least_bound


def _settings() -> bytes:
    from sprite_lab.app.shell.settings import Settings

    def write(path: Path) -> None:
        settings = Settings(path)
        settings.replace(text_size=125, recent_data=("/a.npz",), smoothing=0.3)
        settings.save()

    return _written("settings.json", write)


def _read_settings(path: Path) -> object:
    from sprite_lab.app.shell.settings import Settings

    settings = Settings(path)
    return settings.value, settings.problem


def _settings_text() -> str:
    from sprite_lab.core.config import SampleConfig
    from sprite_lab.core.config_text import config_text

    return config_text(SampleConfig(seed=7))


def _read_copied(path: Path) -> object:
    from sprite_lab.core.config_text import any_config_from_text

    return any_config_from_text(path.read_bytes().decode("utf-8", "replace"), "The copied data")


def _config() -> bytes:
    from sprite_lab.core.config import SampleConfig

    return json.dumps(SampleConfig(seed=7).to_json()).encode()


def _read_config(path: Path) -> object:
    from sprite_lab.cli.options import read_sample_config

    return read_sample_config(path)


def _read_prompts(path: Path) -> object:
    from sprite_lab.cli.sampling import _read_prompts as read

    return read(path)


def _picture(kind: str) -> Callable[[], bytes]:
    """A picture with its sampling settings."""

    def make() -> bytes:
        from PIL import Image, PngImagePlugin

        text = _settings_text()
        info = PngImagePlugin.PngInfo()
        info.add_text("sprite_lab", text)
        more: dict[str, Any] = {"pnginfo": info} if kind == "png" else {"comment": text.encode()}
        art = Image.fromarray(make_sprites(4).rgba[0])
        return _written(f"a.{kind}", lambda path: art.save(path, **more))

    return make


def _read_picture(path: Path) -> object:
    from sprite_lab.formats.images.pictures import read_pictures
    from sprite_lab.formats.metadata import read_config
    from sprite_lab.formats.reference import read_reference

    return read_config(path), read_pictures(path), read_reference(path, 16)


def _aseprite() -> bytes:
    return SEEDS["layers.ase"]()


def _read_aseprite(path: Path) -> object:
    from sprite_lab.core.pixels.pictures import block_of, fits
    from sprite_lab.formats.aseprite.aseprite import lost_from, read_aseprite
    from sprite_lab.formats.images.pictures import read_pictures

    pictures = read_pictures(path)
    block = block_of(pictures, 32) if fits(pictures, 32) else None
    return read_aseprite(path), lost_from(path, 1, ()), block


def _palette(suffix: str) -> Callable[[], bytes]:
    def make() -> bytes:
        from sprite_lab.core.pixels.palette import NamedPalette
        from sprite_lab.formats.images.palettes import save_palette

        named = NamedPalette("mine", ((0, 0, 0, 255), (9, 200, 0, 255), (1, 2, 3, 255)))
        return _written(f"a.{suffix}", lambda path: save_palette(path, named))

    return make


def _read_palette(path: Path) -> object:
    from sprite_lab.formats.images.palettes import load_palette, read_palette

    return load_palette(path), read_palette(path)


def _onnx() -> bytes:
    import onnx

    helper = onnx.helper
    model = helper.make_model(helper.make_graph([], "g", [], []))
    facts = {"schema_version": 1, "config": {}, "class_names": ["a"]}
    helper.set_model_props(model, {"sprite_lab": json.dumps(facts)})
    data: bytes = model.SerializeToString()
    return data


def _read_onnx(path: Path) -> object:
    from sprite_lab.formats.onnx_file import read_facts

    return read_facts(path)


#: By file name.
READERS: dict[str, Reader] = {
    "run.json": _of_run("run.json", lambda run: (run.read_manifest(), run.read_config())),
    "metrics.jsonl": _of_run("metrics.jsonl", lambda run: list(run.read_metrics())),
    "listed-run.json": _of_run("run.json", _run_table),
    "model.safetensors": Reader(_weights, _load_model),
    "metadata.safetensors": Reader(_weights, _metadata),
    "course.pth": Reader(_course, _read_course),
    "calibration.json": Reader(_calibration, _read_calibration),
    "sweep.json": Reader(_plan, _read_plan),
    "command.json": Reader(_command, _read_command),
    "trajectory.npz": Reader(_trajectory, _read_trajectory),
    "sprites.npz": Reader(_set, _read_set),
    "set.spritez": Reader(_compressed, _read_compressed),
    "store-set.json": _of_store("set.json"),
    "store-words.npy": _of_store("words.npy"),
    "store-images.npy": _of_store("images.npy"),
    "cells.spritelab": Reader(_project, _read_project),
    "lesson.json": Reader(_lesson, _read_lesson),
    "ben.results.json": Reader(_results, _read_results),
    "measured.npz": Reader(_measured, _read_measured),
    "entropies.npz": Reader(_entropies, _read_entropies),
    "settings.json": Reader(_settings, _read_settings),
    "copied.txt": Reader(lambda: _settings_text().encode(), _read_copied),
    "config.json": Reader(_config, _read_config),
    "prompts.txt": Reader(lambda: "red slime\n\nblue hat ×\n".encode(), _read_prompts),
    "settings.png": Reader(_picture("png"), _read_picture),
    "settings.gif": Reader(_picture("gif"), _read_picture),
    "frames.aseprite": Reader(_aseprite, _read_aseprite),
    "colors.gpl": Reader(_palette("gpl"), _read_palette),
    "colors.pal": Reader(_palette("pal"), _read_palette),
    "colors.hex": Reader(_palette("hex"), _read_palette),
    "colors.act": Reader(_palette("act"), _read_palette),
    "model.onnx": Reader(_onnx, _read_onnx),
}
