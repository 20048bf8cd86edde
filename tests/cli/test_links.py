"""An untrusted run folder or store leads nowhere else: links and pipes in it are refused."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import pytest

from sprite_lab.app.files.library import scan_runs
from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.cells import CellSheet
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.formats.project import load_project, save_project
from sprite_lab.formats.sets.store import DTYPES, JOURNAL, MANIFEST, load_store
from sprite_lab.formats.sets.store_writer import StoreWriter
from tests.cli.conftest import Command

SECRET = b"what is the user's own\n" * 4


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder with the user's own files, named like everything in a run or a store."""
    folder = tmp_path / "outside"
    (folder / "folder").mkdir(parents=True)
    (folder / "file").write_bytes(SECRET)
    for name in ("step-0000001.png", "step-0000099.safetensors", "step-0000099.state.safetensors"):
        (folder / "folder" / name).write_bytes(SECRET)
    return folder


def untouched(outside: Path) -> bool:
    files = [path for path in outside.rglob("*") if path.is_file()]
    return len(files) == 4 and all(path.read_bytes() == SECRET for path in files)


def replaced(path: Path, by: Path) -> None:
    """Replace a file or folder, if it exists, with a link."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to(by)


@pytest.fixture
def run(small_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_run, tmp_path / "run"))


LINKED = (
    ("metrics.jsonl", "file"),
    ("run.json", "file"),
    ("floor.json", "file"),
    (".lock", "file"),
    ("checkpoints", "folder"),
    ("early", "folder"),
    ("samples", "folder"),
    ("checkpoints/step-0000009.safetensors", "file"),
)


@pytest.mark.parametrize(("name", "to"), LINKED)
def test_a_run_folder_leads_nowhere(
    command: Command, sprites_file: Path, run: Path, outside: Path, name: str, to: str
) -> None:
    replaced(run / name, outside / to)
    more = ("--max-steps", "99", "--device", "cpu")
    for asked in (
        ("train", "--data", str(sprites_file), "--out", str(run), "--resume", *more),
        ("train", "--data", str(sprites_file), "--out", str(run), *more),
        ("sample", "--model", str(run), "--count", "1", "--out", str(run.parent / "a.png")),
        ("report", str(run), "--out", str(run.parent / "a.html")),
        ("export", str(run), "--kind", "training", "--out", str(run.parent / "a.gif")),
        ("export-model", str(run), "--out", str(run.parent / "a.safetensors")),
        ("info", str(run)),
    ):
        done = command(*asked)
        assert done.code == 1, asked
        assert "link" in done.error, asked
        assert str(SECRET[:8]) not in done.err + done.out
    assert untouched(outside)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes in folders")
@pytest.mark.parametrize("name", ["metrics.jsonl", "run.json", "checkpoints/step-0000009.png"])
def test_a_pipe_in_a_run_folder_keeps_nobody_waiting(
    command: Command, run: Path, name: str
) -> None:
    (run / name).unlink(missing_ok=True)
    os.mkfifo(run / name)
    done = command("sample", "--model", str(run), "--count", "1", "--out", "a.png")
    assert (done.code, "neither a file nor a folder" in done.error) == (1, True)


def test_a_run_that_leads_elsewhere_is_listed_so_that_it_can_be_deleted(
    run: Path, outside: Path
) -> None:
    replaced(run / "samples", outside / "folder")
    (entry,) = drain(scan_runs(run.parent)(RunControl()))
    assert (entry.path, entry.step, entry.data_title) == (run, None, "unknown sprites")


def test_a_run_folder_may_itself_be_a_link(command: Command, run: Path) -> None:
    """The user may want it elsewhere, such as on another disk."""
    (run.parent / "linked").symlink_to(run, target_is_directory=True)
    assert command("info", str(run.parent / "linked")).code == 0


@pytest.mark.parametrize("name", [MANIFEST, *(f"{array}.npy" for array in DTYPES)])
def test_a_store_leads_nowhere(sprites: SpriteSet, outside: Path, name: str) -> None:
    store = outside.parent / "a.sprites"
    with StoreWriter(store) as writer:
        writer.append(sprites)
        drain(writer.finish_iter())
    shutil.copy(store / name, outside.parent / "same")
    replaced(store / name, outside.parent / "same")
    with pytest.raises(FileError, match="is a link"):
        load_store(store)


@pytest.mark.parametrize("name", [JOURNAL, ".lock", *(f"{array}.npy" for array in DTYPES)])
def test_an_unfinished_store_is_not_continued_elsewhere(
    sprites: SpriteSet, outside: Path, name: str
) -> None:
    store = outside.parent / "a.sprites"
    with StoreWriter(store) as writer:
        writer.append(sprites)
    part = store.with_name("a.sprites.part")
    replaced(part / name, outside / "file")
    with pytest.raises(FileError, match="is a link"):
        StoreWriter(store)
    shutil.rmtree(part)
    part.symlink_to(outside / "folder", target_is_directory=True)
    with pytest.raises(FileError, match="is a link"):
        StoreWriter(store)
    assert untouched(outside)


def test_a_link_in_a_project_is_bytes_and_no_link(outside: Path) -> None:
    project = outside.parent / "a.spritelab"
    save_project(project, CellSheet())
    with zipfile.ZipFile(project) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(project, "w") as archive:
        for name, data in members.items():
            member = zipfile.ZipInfo(name)
            if name == "cells.png":
                member.external_attr, data = 0o120777 << 16, str(outside / "file").encode()
            archive.writestr(member, data)
    with pytest.raises(FileError, match="damaged"):
        load_project(project)
