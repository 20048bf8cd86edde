"""One project in two windows: the second is read-only and follows, and no work is overwritten."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings
from sprite_lab.app.task import call
from sprite_lab.core.pixels.cells import CellSheet
from sprite_lab.formats.project import load_project, save_project

RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 255)


@pytest.fixture
def labs(qapp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Lab, Lab]]:  # type: ignore[no-untyped-def]
    """The state of two windows; file locks distinguish them even within one process."""
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path / "home"))
    both = Lab(Settings(tmp_path / "a.json")), Lab(Settings(tmp_path / "b.json"))
    yield both
    for lab in both:
        lab.project_io.new()  # releases the file
        assert lab.jobs.shut_down(60)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    save_project(tmp_path / "mine.spritelab", CellSheet(1, 2))
    return tmp_path / "mine.spritelab"


def wait(qtbot: QtBot, job: object) -> str:
    qtbot.waitUntil(lambda: job.outcome is not None, timeout=20_000)  # type: ignore[attr-defined]
    return job.outcome.error or ""  # type: ignore[attr-defined]


def paint(lab: Lab, color: tuple[int, int, int, int], pixel: int = 0) -> None:
    lab.project.paint(0, {pixel: color}, "Paint", lab.project.next_stroke())


def test_the_second_window_may_look_and_follows(
    labs: tuple[Lab, Lab], file: Path, qtbot: QtBot
) -> None:
    first, second = labs
    notices: list[str] = []
    second.notice.connect(notices.append)
    assert not wait(qtbot, first.project_io.open(file))
    assert not wait(qtbot, second.project_io.open(file))
    assert (first.project.read_only, second.project.read_only) == (False, True)
    assert "open in another window" in notices[0]
    paint(second, BLUE)
    assert second.project.cell(0).is_blank
    assert second.project.is_clean
    assert "you cannot change it here" in notices[-1]
    assert "another window" in wait(qtbot, second.project_io.save(file))

    paint(first, RED)
    assert not wait(qtbot, first.project_io.save(file))
    qtbot.waitUntil(lambda: second.project.cell(0) == first.project.cell(0), timeout=20_000)
    assert second.project.read_only


def test_where_no_lock_can_be_made_a_project_can_be_edited(
    labs: tuple[Lab, Lab], file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    """Without a lock nothing suggests that another window has it open."""
    (tmp_path / "home" / "data").mkdir(parents=True, exist_ok=True)
    (tmp_path / "home" / "data" / "locks").write_text("in the way")
    lab, _ = labs
    notices: list[str] = []
    lab.notice.connect(notices.append)
    assert not wait(qtbot, lab.project_io.open(file))
    assert not lab.project.read_only
    paint(lab, RED)
    assert not wait(qtbot, lab.project_io.save(file))
    assert load_project(file) == lab.project.snapshot()
    assert not any("another window" in notice for notice in notices)


def test_the_second_takes_over_once_the_first_lets_go(
    labs: tuple[Lab, Lab], file: Path, qtbot: QtBot
) -> None:
    first, second = labs
    wait(qtbot, first.project_io.open(file))
    wait(qtbot, second.project_io.open(file))
    first.project_io.new()
    paint(second, BLUE)  # refused again, because it is read-only
    qtbot.waitUntil(lambda: not second.project.read_only, timeout=20_000)
    paint(second, BLUE)
    assert not wait(qtbot, second.project_io.save(file))
    assert load_project(file).cells[0].rgba[0, 0].tolist() == list(BLUE)
    wait(qtbot, first.project_io.open(file))
    assert first.project.read_only


def test_a_project_opened_during_a_save_keeps_its_file(
    labs: tuple[Lab, Lab], file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    lab, _ = labs
    assert not wait(qtbot, lab.project_io.save(tmp_path / "other.spritelab"))
    lab.project_io.open(file)
    lab.project_io.save(tmp_path / "other.spritelab")
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    assert (lab.project.path, len(lab.project.cells)) == (file, 2)
    assert lab.project.is_clean
    assert len(load_project(tmp_path / "other.spritelab").cells) == 16


def test_a_copy_is_ones_own(labs: tuple[Lab, Lab], file: Path, qtbot: QtBot) -> None:
    first, second = labs
    wait(qtbot, first.project_io.open(file))
    wait(qtbot, second.project_io.open(file))
    copy = file.with_name("copy.spritelab")
    assert not wait(qtbot, second.project_io.save(copy, over=True))
    assert not second.project.read_only
    paint(second, BLUE)
    assert not wait(qtbot, second.project_io.save(copy))
    assert not wait(qtbot, second.project_io.save(copy))
    assert "another window" in wait(qtbot, second.project_io.save(file, over=True))
    assert load_project(file).cells[0].is_blank
    assert second.project.path == copy


def test_opening_the_same_project_again_keeps_it_ones_own(
    labs: tuple[Lab, Lab], file: Path, qtbot: QtBot
) -> None:
    lab, _ = labs
    wait(qtbot, lab.project_io.open(file))
    wait(qtbot, lab.project_io.open(file))
    assert not lab.project.read_only
    (file.parent / "link.spritelab").symlink_to(file)
    wait(qtbot, lab.project_io.open(file.parent / "link.spritelab"))
    assert not lab.project.read_only


def test_what_another_program_has_written_is_not_written_over(
    labs: tuple[Lab, Lab], file: Path, qtbot: QtBot
) -> None:
    lab, _ = labs
    wait(qtbot, lab.project_io.open(file))
    paint(lab, RED)
    theirs = CellSheet(1, 2).with_cells({1: replace(lab.project.cell(0))})
    save_project(file, theirs)
    assert "Another program changed" in wait(qtbot, lab.project_io.save(file))
    assert load_project(file).cells[1] == theirs.cells[1]
    assert not lab.project.is_clean
    assert not wait(qtbot, lab.project_io.save(file, over=True))
    assert not wait(qtbot, lab.project_io.save(file))
    assert load_project(file).cells[0].rgba[0, 0].tolist() == list(RED)


def test_saving_again_while_it_is_saved_is_no_other_program(
    labs: tuple[Lab, Lab], file: Path, qtbot: QtBot
) -> None:
    lab, _ = labs
    failures: list[str] = []
    lab.failed.connect(lambda sentence, _: failures.append(sentence))
    assert not wait(qtbot, lab.project_io.open(file))
    for pixel in range(3):
        paint(lab, RED, pixel)
        lab.project_io.save(file)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    assert not failures
    assert lab.project.is_clean
    assert load_project(file).cells == lab.project.cells


def test_saving_to_a_new_file_twice_is_no_other_window(
    labs: tuple[Lab, Lab], tmp_path: Path, qtbot: QtBot
) -> None:
    lab, _ = labs
    failures: list[str] = []
    lab.failed.connect(lambda sentence, _: failures.append(sentence))
    paint(lab, RED)
    for _ in range(2):
        lab.project_io.save(tmp_path / "new.spritelab", over=True)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    assert not failures


@pytest.mark.parametrize("opens", [False, True])
def test_what_replaces_a_project_while_it_is_saved_does_not_get_its_file(
    labs: tuple[Lab, Lab], file: Path, tmp_path: Path, qtbot: QtBot, opens: bool
) -> None:
    """Otherwise, the next save would overwrite that file."""
    lab, _ = labs
    other = tmp_path / "other.spritelab"
    save_project(other, CellSheet(1, 3))
    assert not wait(qtbot, lab.project_io.open(file))
    paint(lab, RED)
    drawn = lab.project.cells
    free = threading.Event()
    lab.do(call("files")(free.wait)(20), lab)
    lab.project_io.save(file)
    if opens:
        lab.project_io.open(other)
    else:
        lab.project_io.new()
    free.set()
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=20_000)
    assert lab.project.path == (other if opens else None)
    assert load_project(file).cells == drawn
