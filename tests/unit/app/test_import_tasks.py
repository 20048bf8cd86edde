"""Where an imported set goes, and what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sprite_lab.app.files.import_tasks import Place, default_path, find_place, free_path, write_set
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.imports import FoundPicture, ImportChoices, ImportPlan
from sprite_lab.formats.sets.sprites import load_sprites
from tests.made import make_sprites


def plan_of(count: int, *, names: str = "x") -> ImportPlan:
    """Every second sprite is a "ghost"."""
    rgba = make_sprites(count).rgba
    classes = tuple("ghost" if i % 2 else None for i in range(count))
    found = FoundPicture(
        path="sheet.png",
        kind="sheet",
        how="A sheet.",
        preview=None,
        grid=None,
        boxes=np.zeros((0, 4), np.int64),
        sprites=rgba,
        names=tuple(f"{names}{i}" for i in range(count)),
        classes=classes,
        source="a sheet",
    )
    return ImportPlan(ImportChoices(), (found,), (), ("ghost",))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_set_is_named_after_its_files(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "v1.2 weapons"
    folder.mkdir()
    sets = home / "data" / "sets"
    assert default_path([folder]) == sets / "v1.2 weapons.npz"
    assert default_path([folder / "axe.png"]) == sets / "axe.npz"
    assert default_path([folder / "axe.png", folder / "bow.png"]) == sets / "v1.2 weapons.npz"
    assert default_path([Path("a:b*.png")]) == sets / "a b.npz"


def test_no_name_is_taken_twice(home: Path) -> None:
    first = default_path([Path("axe.png")])
    first.touch()
    second = default_path([Path("axe.png")])
    assert second.name == "axe 2.npz"
    second.touch()
    assert free_path(first).name == "axe 3.npz"
    assert free_path(second).name == "axe 3.npz", "not axe 2 2"


def test_a_place_says_whether_it_is_taken(tmp_path: Path, home: Path) -> None:
    def place(**asked: Any) -> Place:
        return drain(find_place([Path("axe.png")], ".npz", **asked)(RunControl()))

    assert place() == Place(home / "data" / "sets" / "axe.npz", False)
    assert place(folder=tmp_path, name="bow") == Place(tmp_path / "bow.npz", False)
    (tmp_path / "bow.npz").touch()
    assert place(folder=tmp_path, name="bow") == Place(tmp_path / "bow.npz", True)
    numbered = place(folder=tmp_path, name="bow", free=True)
    assert numbered == Place(tmp_path / "bow 2.npz", False)
    joined = place(folder=tmp_path, name="bow", before="Mine and ")
    assert joined.path.name == "Mine and bow.npz"


def test_what_is_written_is_the_plan_with_groups(tmp_path: Path) -> None:
    plan = plan_of(8)
    path = drain(write_set(plan, tmp_path / "new" / "set.npz")(RunControl()))
    again = load_sprites(path)
    assert again.fingerprint == plan.sprite_set("set").fingerprint
    assert again.group is not None
    assert again.names.tolist() == [f"x{i}" for i in range(8)]
    assert set(again.source.tolist()) == {"a sheet"}


def test_added_sprites_come_after_those_there_were(tmp_path: Path) -> None:
    base = make_sprites(10)
    path = drain(write_set(plan_of(4), tmp_path / "both.npz", base)(RunControl()))
    both = load_sprites(path)
    assert both.class_names == (*base.class_names, "ghost")
    assert both.labels[10:].tolist() == [-1, 5, -1, 5]


def test_it_can_be_called_off_while_sprites_are_compared(tmp_path: Path) -> None:
    run = write_set(plan_of(8), tmp_path / "set.npz")(RunControl())
    told = [record.text for record, _ in zip(run, range(2), strict=False) if record is not None]
    assert told[-1] == "Finding near-copies"
    run.close()
    assert not (tmp_path / "set.npz").exists()


def test_nothing_is_written_of_nothing(tmp_path: Path) -> None:
    empty = ImportPlan(ImportChoices(), (), (), ())
    with pytest.raises(ConfigError):
        drain(write_set(empty, tmp_path / "set.npz")(RunControl()))
    assert not (tmp_path / "set.npz").exists()
