"""The user's name for a run, and the other files beside its checkpoints."""

from pathlib import Path

import numpy as np
import pytest

from sprite_lab.core.errors import FileError
from sprite_lab.core.results.level_errors import Floor
from sprite_lab.engine.training.run_folder import LONGEST_NAME, RunFolder
from sprite_lab.formats.json_files import write_json


def test_a_name_is_kept_in_one_line_until_it_is_taken_back(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert folder.read_name() == ""
    folder.write_name("  Heroes\n of  Größe ")
    assert RunFolder(tmp_path).read_name() == "Heroes of Größe"
    folder.write_name("é" * 500)
    assert folder.read_name() == "é" * LONGEST_NAME
    folder.write_name(" \n")
    assert folder.read_name() == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("found", [b"", b"\xff\xfe", b"x" * 10_000_000])
def test_a_name_of_a_stranger_harms_nothing(tmp_path: Path, found: bytes) -> None:
    (tmp_path / "name.txt").write_bytes(found)
    assert len(RunFolder(tmp_path).read_name()) <= LONGEST_NAME


def test_the_name_goes_when_the_run_does(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.create()
    folder.write_name("Heroes")
    assert folder.free, "a run that ended before its first checkpoint"
    folder.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_run_whose_folder_is_gone_is_said_to_be_gone(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "gone")
    for act in (folder.read_manifest, folder.read_config, lambda: folder.write_name("Heroes")):
        with pytest.raises(FileError, match="moved, renamed or deleted"):
            act()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("manifest", [{"config": [], "data": {}}, {"config": {}, "data": 1}])
def test_settings_and_data_of_a_run_are_objects(
    tmp_path: Path, manifest: dict[str, object]
) -> None:
    write_json(tmp_path / "run.json", manifest, 1)
    with pytest.raises(FileError, match="is missing or damaged"):
        RunFolder(tmp_path).read_manifest()


@pytest.mark.parametrize("config", [{"batch_size": "many"}, {"batch_size": 0}])
def test_settings_or_data_that_are_damaged_are_named(tmp_path: Path, config: object) -> None:
    write_json(tmp_path / "run.json", {"config": config, "data": {"title": "made"}}, 1)
    with pytest.raises(FileError, match="it does not say what was trained on"):
        RunFolder(tmp_path).read_data()
    with pytest.raises(FileError, match="The settings in"):
        RunFolder(tmp_path).read_config()


def test_the_lowest_loss_is_kept_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    folder, levels = RunFolder(tmp_path), np.array([-1.0, 2.0])
    assert folder.read_floor() is None
    folder.write_floor(Floor(levels, levels, levels, sprites=3, loss=0.25))
    found = folder.read_floor()
    assert found is not None
    assert (found.sprites, found.loss, found.error.tolist()) == (3, 0.25, [-1.0, 2.0])
    folder.floor.write_bytes(b"{")
    assert folder.read_floor() is None


def test_of_a_discarded_run_whatever_there_is_goes(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    (folder.path / "samples").mkdir(parents=True)
    folder.sample_sheet(1).write_bytes(b"png")
    folder.discard()
    assert list(folder.path.iterdir()) == []
