"""Files of a newer Sprite Lab: every kind is refused with the same sentence and left unchanged."""

from __future__ import annotations

import ast
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

import sprite_lab
from sprite_lab.app.shell.settings import Settings
from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.config_text import any_config_from_text, config_text
from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.cells import CellSheet
from sprite_lab.core.results.calibration import USUAL
from sprite_lab.core.schemas import NewerFileError, check_schema
from sprite_lab.core.sweep import SweepPlan
from sprite_lab.engine.models.calibration_file import (
    calibration_of,
    calibration_path,
    save_calibration,
)
from sprite_lab.engine.models.checkpoint import load_tensors, read_metadata
from sprite_lab.engine.models.model import load_model
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.engine.training.sweep import PLAN, read_plan, write_plan
from sprite_lab.formats.lessons import load_lesson
from sprite_lab.formats.measurements import FORMAT, load_measured
from sprite_lab.formats.metadata import read_config
from sprite_lab.formats.onnx_file import read_facts
from sprite_lab.formats.project import load_project, save_project
from sprite_lab.formats.results import Results, load_results, save_results
from sprite_lab.formats.sets.compressed import Codec, load_compressed, save_compressed
from sprite_lab.formats.sets.sprites import load_sprites
from sprite_lab.formats.sets.store import MANIFEST, load_store
from sprite_lab.formats.sets.store_writer import StoreWriter
from sprite_lab.formats.sets.trajectories import load_trajectory, load_tree
from sprite_lab.paths import resource
from tests.made import make_sprites

NEWER = 7

Made = tuple[Path, Callable[[], object]]


def project(folder: Path) -> Made:
    path = folder / "a.spritelab"
    save_project(path, CellSheet())
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["project.json"] = changed(members["project.json"])
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path, lambda: load_project(path)


def run(folder: Path) -> Made:
    path = folder / "run.json"
    path.write_text(json.dumps({"schema_version": NEWER, "config": {"epochs": {}}, "data": {}}))
    return path, RunFolder(folder).read_manifest


def sweep(folder: Path) -> Made:
    plan = SweepPlan(TrainConfig(), "builtin", ("seed=0,1",))
    write_plan(folder, plan)
    path = folder / PLAN
    path.write_bytes(changed(path.read_bytes()))
    return path, lambda: read_plan(folder)


def weights(folder: Path) -> Made:
    path = folder / "a.safetensors"
    header = json.dumps({"__metadata__": {"sprite_lab": f'{{"schema_version": {NEWER}}}'}})
    path.write_bytes(struct.pack("<Q", len(header)) + header.encode())

    def read() -> None:
        for reader in (load_model, read_metadata):
            with pytest.raises(NewerFileError):
                reader(path)
        load_tensors(path)

    return path, read


def calibration(folder: Path) -> Made:
    weights = folder / "a.safetensors"
    save_calibration(weights, 1, USUAL)
    path = calibration_path(weights)
    path.write_bytes(changed(path.read_bytes()))
    return path, lambda: calibration_of(weights, 1)


def lesson(folder: Path) -> Made:
    path = folder / "a.json"
    path.write_bytes(changed(next(resource("lessons").glob("*.json")).read_bytes()))
    return path, lambda: load_lesson(path)


def results(folder: Path) -> Made:
    path = folder / "a.results.json"
    save_results(path, Results())
    path.write_bytes(changed(path.read_bytes()))
    return path, lambda: load_results(path)


def measurement(folder: Path) -> Made:
    path = folder / "a.npz"
    np.savez(path, measurement=np.asarray(json.dumps({"format": FORMAT, "schema_version": NEWER})))
    return path, lambda: load_measured(path, "a")


def tree(folder: Path) -> Made:
    path = folder / "a.npz"
    np.savez(path, tree=np.asarray(json.dumps({"schema_version": NEWER})))
    return path, lambda: load_tree(path)


def picture(folder: Path) -> Made:
    path = folder / "a.png"
    info = PngImagePlugin.PngInfo()
    info.add_text("sprite_lab", newer_settings())
    Image.new("RGB", (16, 16)).save(path, pnginfo=info)
    return path, lambda: read_config(path)


def comment(folder: Path) -> Made:
    path = folder / "a.gif"
    Image.new("RGB", (16, 16)).save(path, comment=newer_settings().encode())
    return path, lambda: read_config(path)


def trajectory(folder: Path) -> Made:
    path = folder / "a.npz"
    frames = np.zeros((2, 1, 16, 16, 3), np.float32)
    t = np.array([1, 0], np.float32)
    np.savez(path, x0=frames, x_t=frames, t=t, log_snr=-t, config=np.asarray(newer_settings()))
    return path, lambda: load_trajectory(path)


def clipboard(folder: Path) -> Made:
    path = folder / "copied.txt"
    path.write_text(newer_settings())
    return path, lambda: any_config_from_text(path.read_text(), "The copied data")


def compressed(folder: Path) -> Made:
    path = folder / "a.spritez"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sprite_lab.formats.sets.compressed.SCHEMA_VERSION", NEWER)
        save_compressed(path, make_sprites(4), b"", Codec(4, 16, "", "", "", ""))
    return path, lambda: load_compressed(path)


def store(folder: Path) -> Made:
    path = folder / "a.sprites"
    with StoreWriter(path) as writer:
        writer.append(make_sprites(4))
        for _ in writer.finish_iter():
            pass
    manifest = path / MANIFEST
    manifest.write_bytes(changed(manifest.read_bytes()))

    def read() -> None:
        with pytest.raises(NewerFileError):
            load_store(path)
        load_sprites(path)

    return manifest, read


def journal(folder: Path) -> Made:
    path = folder / "a.sprites"
    with StoreWriter(path) as writer:  # left unfinished
        writer.append(make_sprites(4))
        writer.make_safe()
    (found,) = folder.rglob("journal.json")
    found.write_bytes(changed(found.read_bytes()))

    def read() -> None:
        with StoreWriter(path):
            pass

    return found, read


def onnx(folder: Path) -> Made:
    package = pytest.importorskip("onnx")
    helper = package.helper
    model = helper.make_model(helper.make_graph([], "g", [], []))
    helper.set_model_props(model, {"sprite_lab": json.dumps({"schema_version": NEWER})})
    path = folder / "a.onnx"
    path.write_bytes(model.SerializeToString())
    return path, lambda: read_facts(path)


def settings(folder: Path) -> Made:
    path = folder / "settings.json"
    path.write_text(json.dumps({"schema_version": NEWER}))
    aside = folder / f"settings.schema-{NEWER}.json"

    def read() -> None:
        problem = Settings(path).problem
        aside.rename(path)  # to where it is looked for: nothing may be missing
        assert "were written by a newer Sprite Lab" in problem
        raise NewerFileError("'settings.json'", NEWER)

    return path, read


#: For each module with a schema: every kind of file that contains it. Files that we only write are
#: left out.
KINDS: dict[str, tuple[Callable[[Path], Made], ...]] = {
    "formats.lessons": (lesson,),
    "app.shell.settings": (settings,),
    "core.config_text": (picture, comment, trajectory, clipboard),
    "core.results.report": (),
    "engine.models.calibration_file": (calibration,),
    "engine.models.checkpoint": (weights,),
    "engine.training.run_folder": (run,),
    "engine.training.sweep": (sweep,),
    "formats.measurements": (measurement,),
    "formats.onnx_file": (onnx,),
    "formats.project": (project,),
    "formats.sets.compressed": (compressed,),
    "formats.results": (results,),
    "formats.sets.store": (store, journal),
    "formats.sets.trajectories": (tree,),
}


def changed(document: bytes) -> bytes:
    return json.dumps({**json.loads(document), "schema_version": NEWER}).encode()


def newer_settings() -> str:
    """Settings with a field that this version does not know."""
    document = json.loads(config_text(SampleConfig()))
    document["sprite_lab"]["schema_version"] = NEWER
    document["sprite_lab"]["sample_config"]["mood"] = "cheerful"
    return json.dumps(document)


@pytest.mark.parametrize("kind", [kind for kinds in KINDS.values() for kind in kinds])
def test_a_newer_file_is_refused_and_left_as_it_is(
    qapp: object, tmp_path: Path, kind: Callable[[Path], Made]
) -> None:
    path, read = kind(tmp_path)
    before = path.read_bytes()
    with pytest.raises(FileError) as caught:
        read()
    assert isinstance(caught.value, NewerFileError)
    said = str(caught.value)
    assert f"was written by a newer Sprite Lab (schema {NEWER}): update Sprite Lab" in said
    assert "\n" not in said
    assert path.read_bytes() == before


def test_every_schema_is_in_the_table() -> None:
    """Modules with their own schema, or that write the word, are tested here."""
    root = Path(sprite_lab.__file__).parent
    owners, mentions = set(), set()
    for file in root.rglob("*.py"):
        name = ".".join(file.relative_to(root).with_suffix("").parts)
        source = file.read_text("utf-8")
        if "schema_version" not in source.lower():
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == "SCHEMA_VERSION"
                for target in node.targets
            ):
                owners.add(name)
            if isinstance(node, ast.Constant) and node.value == "schema_version":
                mentions.add(name)
    assert owners == KINDS.keys()
    assert mentions <= owners | {"formats.json_files"}  # which writes it for all of them


def test_what_nobody_reads_needs_no_refusal() -> None:
    """Reports are for other programs; if we ever read one, it belongs in the table."""
    root = Path(sprite_lab.__file__).parent
    readers = [
        file
        for file in root.rglob("*.py")
        if "report.json" in (text := file.read_text("utf-8")) and "strict_json.loads" in text
    ]
    assert readers == []


@pytest.mark.parametrize("found", [None, "2", 0, -1, 1.5, True, [2], 10**4000])
def test_what_is_no_schema_is_a_damaged_file(found: object) -> None:
    with pytest.raises(ValueError, match="its schema is") as caught:
        check_schema(found, 1, "'a'")
    assert not isinstance(caught.value, NewerFileError)
    check_schema(1, 1, "'a'")
    check_schema(1, 3, "'a'")
