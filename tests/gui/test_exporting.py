"""The export window, used by mouse and keys: previews, files, canceling, repeating."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab import extras
from sprite_lab.app.files import export_tasks
from sprite_lab.app.files.exports import export_notice, numbered
from sprite_lab.app.lab import Lab
from sprite_lab.app.task import Task
from sprite_lab.core.config import AnimationConfig, SampleConfig, SpriteFilesConfig
from sprite_lab.core.pixels.cell_sets import with_set
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.characters import PARTS
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.credits import Credit, attribution
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.formats.images.gb_studio import GB_CLEAR, GB_COLORS
from sprite_lab.formats.metadata import read_config
from sprite_lab.ui.exporting.fields import SpritesFields
from sprite_lab.ui.exporting.player import Player
from sprite_lab.ui.shell import dialogs
from sprite_lab.ui.shell.dialogs import ask_save
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import current_theme
from tests.gui.eye import silent, told
from tests.gui.hands import LEFT, NONE, answer
from tests.gui.stand_ins import StandInModel
from tests.gui.test_data_edits import with_copies
from tests.gui.test_see import made_trajectory
from tests.qt import is_at_rest
from tests.unit.app.test_leaving import Held

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONFIG = SampleConfig(count=4, seed=5, sampler="ddim", steps=10, classes=("hero", "food"))

SELECTED = QFileDialog.selectedFiles


class Exporter:
    """A person at the export window."""

    def __init__(self, window: MainWindow, lab: Lab, qtbot: QtBot, folder: Path) -> None:
        self.main, self.lab, self.qtbot, self.folder = window, lab, qtbot, folder
        self.notices: list[str] = []
        lab.notice.connect(self.notices.append)

    @property
    def window(self) -> QWidget:
        found = self.main.exporting.window
        assert found is not None
        assert found.isVisible()
        return found

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = CONTROL) -> None:
        QTest.keyClick(QApplication.activeWindow() or self.main, key, modifiers)

    def find(self, name: str, kind: type = QWidget) -> Any:
        (found,) = self.window.findChildren(kind, name)
        return found

    def click(self, name: str) -> None:
        widget = self.find(name)
        assert widget.isVisible()
        assert widget.isEnabled(), f"{name} is grayed: {widget.toolTip()}"
        place = widget.rect().center()
        if isinstance(widget, QCheckBox):
            place.setX(8)  # beside its text, a click has no effect
        QTest.mouseClick(widget, LEFT, NONE, place)

    def type(self, name: str, text: str) -> None:
        """Type into a field, and press Enter."""
        found = self.window.findChildren(QWidget, f"{name}.field")
        field = found[0] if found else self.find(name)
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_A, CONTROL)
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)

    def choose(self, name: str, data: str) -> None:
        """Choose an entry of a box by keyboard."""
        box = self.find(name, QComboBox)
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_Home)
        for _ in range(box.count()):
            if box.currentData() == data:
                return
            QTest.keyClick(box, Qt.Key.Key_Down)
        raise AssertionError(f"{name} gives no {data}")

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=20_000)

    def rest(self) -> None:
        """Wait until everything requested is drawn and written."""
        QApplication.processEvents()
        self.wait(lambda: not self.lab.jobs.handles and is_at_rest(self.main))

    def text(self, name: str) -> str:
        return str(self.find(name, QLabel).text())


@pytest.fixture
def exporter(
    window: MainWindow,
    lab: Lab,
    qtbot: QtBot,
    tmp_path: Path,
    sprites: SpriteSet,
    monkeypatch: pytest.MonkeyPatch,
) -> Exporter:
    """Four sprites in See; the answer to each file dialog is the suggested name."""
    folder = tmp_path / "out"
    folder.mkdir()

    def chosen(dialog: QFileDialog) -> list[str]:
        line = dialog.findChild(QLineEdit, "fileNameEdit")
        return [str(folder / Path(line.text()).name)]

    monkeypatch.setattr(QFileDialog, "exec", lambda dialog: 1)
    monkeypatch.setattr(QFileDialog, "selectedFiles", chosen)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    lab.data.set(sprites)
    lab.trajectory.set(replace(made_trajectory(sprites.images[:4]), config=CONFIG))
    window.show_workspace("see")
    return Exporter(window, lab, qtbot, folder)


def frames_of(path: Path) -> tuple[list[np.ndarray], list[int]]:
    frames, durations = [], []
    with Image.open(path) as image:
        for i in range(image.n_frames):
            image.seek(i)
            image.load()
            frames.append(np.array(image.convert("RGBA")))
            durations.append(round(image.info["duration"]))
    return frames, durations


def test_an_animation_by_keys_and_repeated(exporter: Exporter, sprites: SpriteSet) -> None:
    exporter.press(Qt.Key.Key_E)
    assert exporter.find("export.subject").currentData() == "trajectory"
    exporter.choose("export.format", "png")
    exporter.type("export.scale", "2")
    exporter.type("export.fps", "10")
    exporter.type("export.hold_last", "0.7")
    exporter.click("export.ping_pong")
    exporter.rest()
    assert not list(exporter.folder.iterdir()), "Enter in a field only takes the number"
    facts = exporter.text("export.animation.facts")
    assert facts.startswith("66×66 px, 20 frames, 2.6 s, ")
    exporter.click("export.go")
    path = exporter.folder / "trajectory.png"
    exporter.wait(path.exists)
    exporter.rest()
    frames, durations = frames_of(path)
    assert len(frames) == 20
    assert durations == [100] * 10 + [700] + [100] * 9
    assert np.array_equal(frames[10][:32:2, :32:2, :3], sprites.images[0])
    for i in range(1, 10):
        assert np.array_equal(frames[10 - i], frames[10 + i])
    assert read_config(path) == CONFIG
    assert exporter.text("export.state") == f"Exported trajectory.png to {exporter.folder}."
    assert not exporter.notices, "the window has told it"
    size = path.stat().st_size
    assert facts.endswith(f", {size / 1000:.0f} KB") or size < 10_000

    # The current state is exported again, beside the first file, without a question.
    exporter.lab.trajectory.set(made_trajectory(sprites.images[10:11], 3))
    exporter.press(Qt.Key.Key_E, CONTROL | SHIFT)
    second = exporter.folder / "trajectory-2.png"
    exporter.wait(second.exists)
    exporter.rest()
    frames, durations = frames_of(second)
    assert (len(frames), frames[0].shape) == (4, (32, 32, 4))
    assert durations == [100, 100, 700, 100]
    assert any(f"Exported trajectory-2.png to {exporter.folder}" in n for n in exporter.notices)
    exporter.press(Qt.Key.Key_E, CONTROL | SHIFT)
    exporter.wait((exporter.folder / "trajectory-3.png").exists)
    exporter.rest()


def test_a_notice_tells_what_was_exported_once_the_window_is_closed(
    exporter: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, closed = export_tasks.export_animation, threading.Event()

    def export(*arguments: Any) -> Task[object]:
        task = write(*arguments)

        def late(control: RunControl) -> Run[object]:
            closed.wait()
            return task(control)

        return Task(late, "files")

    monkeypatch.setattr(export_tasks, "export_animation", export)
    exporter.press(Qt.Key.Key_E)
    exporter.click("export.go")
    exporter.wait(lambda: exporter.find("export.cancel").isVisible())
    exporter.click("export.close")
    closed.set()
    exporter.wait(lambda: bool(exporter.notices))
    assert exporter.notices == [f"Exported trajectory.gif to {exporter.folder}."]


def test_of_many_files_the_first_and_the_last_are_named() -> None:
    files = [Path("ex", f"hero-{i}.png") for i in range(24)] + [Path("ex", "a.png")]
    assert export_notice(files) == (
        "Exported 25 files to ex: hero-0.png, hero-1.png, …, hero-23.png, a.png."
    )


def test_repeating_before_anything_was_exported_says_so(exporter: Exporter) -> None:
    exporter.press(Qt.Key.Key_E, CONTROL | SHIFT)
    assert exporter.notices == ["There is no export to repeat yet."]


def test_the_preview_plays_what_is_set(exporter: Exporter) -> None:
    exporter.press(Qt.Key.Key_E)
    exporter.rest()
    player = exporter.find("export.animation.player", Player)
    assert player.count == 11
    seen: set[int] = set()
    exporter.wait(lambda: seen.add(player.frame) or len(seen) > 3)
    exporter.click("export.animation.play")
    assert not player.playing
    still = player.frame
    QTest.qWait(200)
    assert player.frame == still
    before = exporter.text("export.animation.facts")
    exporter.click("export.shown.both")
    exporter.click("export.captioned")
    exporter.click("export.slider")
    exporter.rest()
    after = exporter.text("export.animation.facts")
    assert after != before
    width, height = (int(n.replace(",", "")) for n in after.split(" px")[0].split("×"))
    assert width > 256 * 2
    assert height > 256


def test_the_scale_of_a_game_is_a_click_away(exporter: Exporter) -> None:
    exporter.press(Qt.Key.Key_E)
    fields = exporter.window.page.fields
    exporter.type("export.scale", "3")
    assert fields.config.scale == 3
    for scale in (1, 8):
        exporter.click(f"export.scale.{scale}")
        assert fields.config.scale == scale
    exporter.rest()
    assert exporter.text("export.animation.facts").startswith("264×")


def test_enter_exports_from_the_first_field_on(
    exporter: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced: list[str] = []
    monkeypatch.setattr(
        "sprite_lab.ui.exporting.pages.confirm", lambda *told, **_: replaced.append(told[1]) or True
    )
    exporter.press(Qt.Key.Key_E)
    first = exporter.find("export.subject")
    exporter.wait(first.hasFocus)
    QTest.keyClick(first, Qt.Key.Key_Return)
    exporter.wait((exporter.folder / "trajectory.gif").exists)
    exporter.rest()
    # Typed text is committed first; Enter exports from there, too.
    exporter.type("export.scale", "2")
    exporter.rest()
    assert [file.name for file in exporter.folder.iterdir()] == ["trajectory.gif"]
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    file = exporter.folder / "trajectory.gif"
    exporter.wait(lambda: frames_of(file)[0][0].shape[:2] == (66, 66))
    exporter.rest()
    assert replaced == ["Replace 1 file?"]
    # Enter presses a button that has the focus, instead of exporting.
    window, close = exporter.window, exporter.find("export.close")
    close.setFocus()
    QTest.keyClick(close, Qt.Key.Key_Return)
    assert not window.isVisible()


def test_the_button_keeps_the_focus_when_an_export_ends(exporter: Exporter) -> None:
    exporter.press(Qt.Key.Key_E)
    exporter.wait(exporter.find("export.subject").hasFocus)
    exporter.find("export.go").setFocus()
    exporter.click("export.go")
    exporter.wait((exporter.folder / "trajectory.gif").exists)
    exporter.rest()
    assert exporter.window.focusWidget() is exporter.find("export.go")


def test_facts_stay_in_place_while_the_preview_plays(exporter: Exporter) -> None:
    exporter.press(Qt.Key.Key_E)
    exporter.rest()
    player, facts = exporter.window.page.player, exporter.find("export.animation.facts")
    places = set()
    for frame in (0, player.count - 1):
        player.frame_changed.emit(frame)
        exporter.rest()
        places.add(facts.x())
    assert len(places) == 1


def test_each_purpose_has_settings_of_its_own(exporter: Exporter) -> None:
    """A game wants frames unchanged; a picture to look at is enlarged."""
    exporter.main.show_workspace("draw")
    project = exporter.lab.project
    red = replace(project.cell(0), pixels=bytes([200, 0, 0, 255] * 256), name="imp")
    project.put({0: red}, "Fill")
    exporter.press(Qt.Key.Key_E)
    assert exporter.find("export.sprites.subject").currentData() == "cells"
    fields = exporter.window.page.fields
    assert (fields.config.scale, fields.config.kind) == (1, "sheet")
    assert exporter.find("export.sprites.without_blank").isEnabled()
    exporter.click("export.sprites.kind.files")
    assert not exporter.find("export.sprites.without_blank").isEnabled(), "it would do nothing"
    exporter.click("export.sprites.kind.both")
    assert exporter.find("export.sprites.without_blank").isEnabled(), "the sheet has blank cells"
    exporter.click("export.sprites.scale.8")
    assert fields.config.scale == 8
    # Placeholders are explained beside the field for names.
    about = exporter.text("export.sprites.template.about")
    assert [line.partition(":")[0] for line in about.splitlines()] == [
        "{index}", "{seed}", "{class}", "{name}"
    ]  # fmt: skip
    exporter.click("export.page.animation")
    assert exporter.find("export.subject").currentData() == "frames"
    animation = exporter.window.page.fields
    assert animation.config.scale == 1
    # Whatever it was opened for in Draw, both pages have the drawings.
    exporter.choose("export.subject", "trajectory")
    exporter.lab.exports.wanted.emit("frames")
    exporter.click("export.page.sprites")
    exporter.choose("export.sprites.subject", "samples")
    exporter.lab.exports.wanted.emit("frames")
    assert exporter.find("export.subject").currentData() == "frames"
    exporter.click("export.page.sprites")
    assert exporter.find("export.sprites.subject").currentData() == "cells"
    exporter.click("export.page.animation")
    exporter.choose("export.subject", "trajectory")
    assert animation.config.scale == 8
    exporter.type("export.scale", "3")
    exporter.choose("export.subject", "frames")
    assert animation.config.scale == 1
    exporter.choose("export.subject", "trajectory")
    assert animation.config.scale == 3


def test_sets_go_as_one_sheet_under_the_names_of_their_parts(exporter: Exporter) -> None:
    exporter.main.show_workspace("draw")
    project = exporter.lab.project
    sheet, _ = with_set(project.snapshot(), PARTS, "Character", {})
    filled = [replace(cell, pixels=bytes([9, 99, 0, 255] * 256)) for cell in sheet.cells]
    filled[0] = replace(filled[0], name="Ada", thanks="“Pack” by Ann (CC-BY)")
    project.push(sheet.with_cells(dict(enumerate(filled))), "Fill")
    exporter.lab.exports.wanted.emit("cells")
    exporter.type("export.sprites.template", "{class}_{index}")
    exporter.click("export.go")
    exporter.wait((exporter.folder / "sprites.json").exists)
    exporter.rest()
    exporter.lab.exports.wanted.emit("character")
    config = exporter.window.page.fields.config
    assert (config.kind, config.template) == ("sheet", "{name}")
    exporter.rest()
    assert "1 work must be credited: the files name it." in exporter.text("export.sprites.facts")
    exporter.choose("export.sprites.engine", "godot")
    exporter.rest()
    assert "a CREDITS file beside them" in exporter.text("export.sprites.facts")
    exporter.click("export.go")
    exporter.wait((exporter.folder / "Ada.json").exists)
    exporter.rest()
    assert "“Pack” by Ann" in (exporter.folder / "Ada.CREDITS.txt").read_text("utf-8")
    told = json.loads((exporter.folder / "Ada.json").read_text())
    assert list(told["frames"])[:2] == ["down-0.png", "down-1.png"]
    assert [tag["name"] for tag in told["meta"]["frameTags"]] == [
        "walk_down", "walk_left", "walk_right", "walk_up"
    ]  # fmt: skip
    # The next session restores them, and other sprites have their own settings.
    again = SpritesFields(exporter.lab.exports)
    assert (again.config.kind, again.config.template) == ("files", "{class}_{index}")
    assert again.config.engine == "none"
    again.choice.choose("character")
    asked = again.config
    assert (asked.kind, asked.template, asked.engine) == ("sheet", "{name}", "godot")
    # An engine chosen for one kind of sprites does not apply to another.
    again.form.set_value(again.config.having({"engine": "godot_tiles"}))
    again.choice.setCurrentIndex(0)
    assert again.config.engine == "none"
    again.form.set_value(again.config.having({"engine": "gb_studio"}))
    again.choice.choose("character")
    assert again.config.engine == "godot_tiles"


def test_what_is_not_there_is_grayed_and_says_why(
    exporter: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_ffmpeg", lambda: None)
    exporter.lab.trajectory.set(None)
    exporter.main.show_workspace("measure")
    exporter.press(Qt.Key.Key_E)
    go = exporter.find("export.go")
    assert not go.isEnabled()
    assert "Generate sprites" in go.toolTip()
    box = exporter.find("export.subject", QComboBox)
    for name in ("trajectory", "training", "race"):
        index = box.findData(name)
        assert not box.model().item(index).isEnabled()
        assert "first" in box.itemData(index, Qt.ItemDataRole.ToolTipRole)
    formats = exporter.find("export.format", QComboBox)
    for name in ("mp4", "webm"):
        index = formats.findData(name)
        assert not formats.model().item(index).isEnabled()
        assert formats.itemText(index).endswith("needs ffmpeg")
        assert "sprite-lab[video]" in formats.itemData(index, Qt.ItemDataRole.ToolTipRole)
    exporter.click("export.page.sprites")
    exporter.choose("export.sprites.subject", "data")
    assert go.isEnabled()
    # The whole text is shown there, as its box is too narrow.
    subject = exporter.find("export.sprites.subject", QComboBox)
    assert subject.currentText() in told(subject)
    exporter.click("export.sprites.kind.files")
    assert not exporter.find("export.sprites.columns").isEnabled()
    assert not silent(exporter.find("export.sprites.fields"))


def test_canceled_nothing_is_left(exporter: Exporter, monkeypatch: pytest.MonkeyPatch) -> None:
    write, folder = export_tasks.export_animation, exporter.folder

    def export(path: Path, *arguments: Any) -> Task[object]:
        return Task(Held(write(path, *arguments), 2, folder), "files")

    monkeypatch.setattr(export_tasks, "export_animation", export)
    exporter.press(Qt.Key.Key_E)
    exporter.choose("export.format", "webp")
    exporter.click("export.go")
    exporter.wait(lambda: exporter.find("export.cancel").isVisible())
    exporter.wait(lambda: any(exporter.folder.iterdir()))
    exporter.click("export.cancel")
    exporter.wait(lambda: exporter.find("export.go").isEnabled())
    assert "canceled" in exporter.text("export.state")
    assert not list(exporter.folder.iterdir())
    exporter.click("export.close")
    exporter.rest()


@pytest.mark.parametrize("leaves", [False, True])
def test_closing_the_app_asks_while_a_file_is_being_written(
    exporter: Exporter, monkeypatch: pytest.MonkeyPatch, leaves: bool
) -> None:
    write, folder = export_tasks.export_animation, exporter.folder

    def export(path: Path, *arguments: Any) -> Task[object]:
        return Task(Held(write(path, *arguments), 2, folder), "files")

    monkeypatch.setattr(export_tasks, "export_animation", export)
    exporter.press(Qt.Key.Key_E)
    exporter.click("export.go")
    exporter.wait(lambda: any(folder.iterdir()))
    asked = answer(f"closing.export.{'yes' if leaves else 'no'}")
    exporter.main.close()
    assert asked[0] == "<b>Close now?</b>"
    assert exporter.main.isVisible() is not leaves
    exporter.lab.jobs.handles[0].cancel()  # as closing the window does after a while
    exporter.wait(lambda: not exporter.lab.jobs.handles)
    assert not list(folder.iterdir())
    exporter.main.close()  # without a question
    assert not exporter.main.isVisible()


def test_a_character_walks_in_all_directions(
    exporter: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporter.main.show_workspace("draw")
    project = exporter.lab.project
    sheet, _ = with_set(project.snapshot(), PARTS, "Character", {})
    colors = np.random.default_rng(1).integers(1, 255, (16, 4), np.uint8)
    colors[:, 3] = 255
    filled = [
        replace(cell, pixels=bytes(color) * 256, duration_ms=90 + 10 * n)
        for n, (cell, color) in enumerate(zip(sheet.cells, colors, strict=True))
    ]
    filled[0] = replace(filled[0], name="Ada")
    # the right side is not drawn
    filled[8:12] = [replace(cell, pixels=bytes(1024)) for cell in filled[8:12]]
    project.push(sheet.with_cells(dict(enumerate(filled))), "Fill")
    exporter.lab.exports.wanted.emit("character")  # as its page does
    exporter.click("export.page.animation")
    assert exporter.find("export.subject", QComboBox).currentData() == "walks"
    exporter.choose("export.format", "png")
    exporter.click("export.animation.play")  # its animation would never rest
    exporter.rest()
    assert exporter.text("export.animation.facts").startswith("48×16 px, 4 frames")
    exporter.click("export.go")
    exporter.wait((exporter.folder / "walks.png").exists)
    exporter.rest()
    frames, durations = frames_of(exporter.folder / "walks.png")
    for k, frame in enumerate(frames):
        shown = [frame[8, 8 + 16 * column].tolist() for column in range(3)]
        assert shown == [colors[part + k].tolist() for part in (0, 4, 12)]
    assert durations == [210, 220, 230, 240], "the longest of those beside one another"

    exporter.choose("export.subject", "walks_apart")
    exporter.rest()
    assert exporter.text("export.animation.facts").startswith("3 files of 16×16 px, 4 frames")
    (exporter.folder / "Ada-left.png").write_bytes(b"mine")
    asked: list[str] = []
    monkeypatch.setattr(
        "sprite_lab.ui.exporting.pages.confirm",
        lambda parent, title, *_, **__: bool(asked.append(title)) or True,
    )
    exporter.click("export.go")
    exporter.wait(lambda: "Exported 3 files" in exporter.text("export.state"))
    exporter.rest()
    assert asked == ["Replace 1 file?"]
    for direction, first in (("down", 0), ("left", 4), ("up", 12)):
        frames, durations = frames_of(exporter.folder / f"Ada-{direction}.png")
        assert [frame[8, 8].tolist() for frame in frames] == colors[first:][:4].tolist()
        assert durations == [90 + 10 * (first + k) for k in range(4)]


def test_single_files_and_a_question_before_any_is_replaced(
    exporter: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporter.press(Qt.Key.Key_E)
    exporter.click("export.page.sprites")
    assert exporter.find("export.sprites.subject").currentData() == "samples"
    exporter.click("export.sprites.kind.files")
    exporter.type("export.sprites.template", "{sead}")
    assert not exporter.find("export.go").isEnabled()
    assert "{seed}" in exporter.find("export.go").toolTip()
    exporter.type("export.sprites.template", "{class}-{seed}-{index}")
    exporter.rest()
    assert "hero-5-1.png, food-5-2.png" in exporter.text("export.sprites.facts")
    exporter.click("export.go")
    names = ["food-5-2.png", "food-5-4.png", "hero-5-1.png", "hero-5-3.png"]
    exporter.wait(lambda: sorted(p.name for p in exporter.folder.iterdir()) == names)
    exporter.rest()
    config = read_config(exporter.folder / "hero-5-3.png")
    assert config == replace(CONFIG, count=1, first_index=2)

    assert exporter.text("export.state") == (
        f"Exported 4 files to {exporter.folder}: hero-5-1.png, food-5-2.png, hero-5-3.png, "
        "food-5-4.png."
    )
    opened: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: not opened.append(url.toLocalFile())
    )
    exporter.click("export.show_folder")
    assert opened == [str(exporter.folder)]

    (exporter.folder / "hero-5-1.png").write_bytes(b"mine")
    asked: list[str] = []

    def answer(yes: bool) -> Callable[..., bool]:
        return lambda parent, title, *_, **__: bool(asked.append(title)) or yes

    monkeypatch.setattr("sprite_lab.ui.exporting.pages.confirm", answer(False))
    exporter.click("export.go")
    exporter.wait(lambda: asked)
    exporter.rest()
    assert asked == ["Replace 4 files?"]
    assert (exporter.folder / "hero-5-1.png").read_bytes() == b"mine"
    monkeypatch.setattr("sprite_lab.ui.exporting.pages.confirm", answer(True))
    exporter.click("export.go")
    exporter.wait(lambda: (exporter.folder / "hero-5-1.png").read_bytes() != b"mine")
    exporter.rest()


def test_every_file_that_comes_with_a_sheet_is_named_before_it_is_replaced(
    exporter: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporter.press(Qt.Key.Key_E)
    exporter.click("export.page.sprites")
    exporter.click("export.sprites.kind.sheet")
    exporter.choose("export.sprites.engine", "godot")
    exporter.rest()
    mine = [exporter.folder / f"sprites{suffix}" for suffix in (".json", ".tres")]
    for file in mine:
        file.write_bytes(b"mine")
    asked: list[str] = []

    def answer(yes: bool) -> Callable[..., bool]:
        return lambda parent, title, text, *_, **__: bool(asked.append(f"{title} {text}")) or yes

    monkeypatch.setattr("sprite_lab.ui.exporting.pages.confirm", answer(False))
    exporter.click("export.go")
    exporter.wait(lambda: asked)
    exporter.rest()
    assert asked[0].startswith("Replace 2 files?")
    assert asked[0].splitlines()[-2:] == ["sprites.json", "sprites.tres"]
    assert [file.read_bytes() for file in mine] == [b"mine"] * 2
    assert not (exporter.folder / "sprites.png").exists()
    monkeypatch.setattr("sprite_lab.ui.exporting.pages.confirm", answer(True))
    exporter.click("export.go")
    exporter.wait((exporter.folder / "sprites.png").exists)
    exporter.rest()
    assert b"mine" not in {file.read_bytes() for file in mine}
    # One question is asked about all files: the file dialog does not ask about the picture.
    exporter.click("export.go")
    exporter.wait(lambda: len(asked) == 3)
    exporter.rest()
    assert asked[2].splitlines()[-3:] == ["sprites.png", "sprites.json", "sprites.tres"]


@pytest.fixture
def typed(exporter: Exporter, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Export under each of some names until one is accepted; returns the app's objections."""

    def give(*names: str) -> list[str]:
        left, said = [str(exporter.folder / name) for name in names], []
        monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _: [left.pop(0)])
        monkeypatch.setattr(dialogs, "question", lambda *given, **_: said.append(given[2]))
        exporter.click("export.go")
        exporter.rest()
        assert not left
        return said

    return give


def test_a_file_is_named_after_what_is_in_it(
    exporter: Exporter, typed: Callable[..., list[str]]
) -> None:
    """An ending of another format is accepted and selects it; an unknown one is refused."""
    exporter.press(Qt.Key.Key_E)
    for format, name in {"png": "walk.webp", "webp": "frames-1.5", "gif": "FRAMES.GIF"}.items():
        exporter.choose("export.format", format)
        exporter.rest()
        assert typed(name) == []
    assert typed("y.jpg", "y.gif") == [
        "“y.jpg” cannot be written as .jpg: choose a name that ends in .gif / .png / .webp / .mp4 "
        "/ .webm."
    ]
    written = sorted(file.name for file in exporter.folder.iterdir())
    assert written == ["FRAMES.GIF", "frames-1.5.webp", "walk.webp", "y.gif"]
    with Image.open(exporter.folder / "walk.webp") as image:
        assert image.format == "WEBP"


def test_the_ending_of_a_sheet_asks_for_the_file_of_an_engine(
    exporter: Exporter, typed: Callable[..., list[str]]
) -> None:
    exporter.press(Qt.Key.Key_E)
    exporter.click("export.page.sprites")
    exporter.click("export.sprites.kind.sheet")
    exporter.click("export.sprites.json.none")
    exporter.rest()
    assert typed("a.aseprite") == []
    assert exporter.find("export.sprites.engine").currentData() == "aseprite"
    [said] = typed("b.webp", "b.TRES")
    assert said.startswith("“b.webp” cannot be written as .webp: choose a name that ends in .png /")
    exporter.choose("export.sprites.engine", "none")
    assert typed("c.json") == []
    assert typed("d-1.5") == []
    written = sorted(file.name for file in exporter.folder.iterdir())
    assert written == [
        *("a.aseprite", "a.png", "b.png", "b.tres", "c.json", "c.png"),
        *("d-1.5.json", "d-1.5.png"),
    ]


def test_the_map_of_a_terrain_can_be_typed_too(exporter: Exporter) -> None:
    exporter.press(Qt.Key.Key_E)
    exporter.click("export.page.sprites")
    fields = exporter.find("export.sprites.fields")
    assert not {".tmx", ".tscn"} & {*fields.endings}
    fields.choice.setCurrentIndex(fields.choice.findData("terrain"))
    for ending, engine in ((".tmx", "tiled"), (".TRES", "godot_tiles"), (".tscn", "godot_tiles")):
        assert ending.lower() in fields.endings
        assert fields.heed_ending(Path(f"land{ending}")) == Path("land.png")
        assert fields.config.engine == engine


def test_the_name_follows_the_kind_of_file_that_is_chosen(
    exporter: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choose(dialog: QFileDialog) -> bool:
        dialog.filterSelected.emit("GIF (*.gif)")
        return True

    monkeypatch.setattr(QFileDialog, "exec", choose)
    monkeypatch.setattr(QFileDialog, "selectedFiles", SELECTED)
    kinds = "APNG (*.png);;GIF (*.gif)"
    settings = exporter.lab.settings
    path = ask_save(exporter.main, settings, "Export", str(exporter.folder / "walk.png"), kinds)
    assert path == exporter.folder / "walk.gif"


def test_a_name_that_gets_its_ending_is_asked_about_as_well(
    exporter: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dialog asks before it replaces a file, but knows only the typed name."""
    there = exporter.folder / "map-1.5.pdf"
    there.write_bytes(b"mine")
    offered: list[str] = []
    answers = [1, 0]
    monkeypatch.setattr(QFileDialog, "exec", lambda _: answers.pop(0))
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _: [str(exporter.folder / "map-1.5")])
    monkeypatch.setattr(QFileDialog, "selectFile", lambda _, name: offered.append(name))
    settings = exporter.lab.settings
    assert ask_save(exporter.main, settings, "Plot", "map.pdf", "PDF page (*.pdf)") is None
    assert (offered, answers) == (["map.pdf", there.name], [])


def test_an_export_that_fails_says_so_in_red(
    exporter: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    exporter.press(Qt.Key.Key_E)
    exporter.click("export.page.sprites")
    exporter.click("export.sprites.kind.sheet")
    exporter.choose("export.sprites.engine", "godot")
    exporter.rest()
    monkeypatch.setattr("sprite_lab.formats.atomic.os.open", refuse)
    exporter.click("export.go")
    exporter.wait(lambda: "written" in exporter.text("export.state"))
    said = "'sprites.png' cannot be written (permission denied); choose another place."
    assert exporter.text("export.state") == said
    color = exporter.find("export.state").palette().windowText().color()
    assert color.name() == current_theme().bad
    exporter.rest()


def test_a_sheet_of_drawn_cells(exporter: Exporter) -> None:
    window, project = exporter.main, exporter.lab.project
    window.show_workspace("draw")
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[4:8, 4:8] = (200, 20, 30, 255)
    sheet = project.snapshot()
    cells = list(sheet.cells)
    cells[0] = Cell(pixels.tobytes(), duration_ms=90)
    cells[5] = Cell(pixels[::-1].tobytes())
    project.load(replace(sheet, cells=tuple(cells), title="my game"))
    exporter.press(Qt.Key.Key_E)
    assert exporter.find("export.sprites.subject").currentData() == "cells"
    exporter.click("export.sprites.kind.sheet")
    columns = exporter.find("export.sprites.columns.field", QAbstractSpinBox)
    exporter.type("export.sprites.columns", "3")
    assert columns.text() == "3"
    exporter.type("export.sprites.columns", "0")
    assert columns.text() == "auto"
    exporter.type("export.sprites.padding", "1")
    exporter.click("export.sprites.json.array")
    exporter.rest()
    side = 1 + 17 * project.columns
    assert exporter.text("export.sprites.facts").endswith(f" on {side}×{1 + 17 * project.rows} px")
    exporter.click("export.go")
    exporter.wait((exporter.folder / "my game.png").exists)
    exporter.rest()
    assert exporter.text("export.state").endswith(
        f" 2 files to {exporter.folder}: my game.png, my game.json."
    )
    told = json.loads((exporter.folder / "my game.json").read_text("utf-8"))
    drawn = [told["frames"][0], told["frames"][5]]
    assert [frame["duration"] for frame in drawn] == [90, 120]
    with Image.open(exporter.folder / "my game.png") as image:
        picture = np.array(image.convert("RGBA"))
    for frame, want in zip(drawn, (pixels, pixels[::-1]), strict=True):
        x, y, w, h = (frame["frame"][side] for side in "xywh")
        assert np.array_equal(picture[y : y + h, x : x + w], want)


def test_a_sheet_for_gb_studio_is_previewed_as_it_is_written(exporter: Exporter) -> None:
    exporter.main.show_workspace("draw")
    project = exporter.lab.project
    half = bytes([60, 60, 200, 255] * 128 + [0] * 512)
    cells = tuple(replace(project.cell(i), pixels=half) for i in range(len(project.cells)))
    project.load(replace(project.snapshot(), cells=cells))
    exporter.press(Qt.Key.Key_E)
    exporter.click("export.sprites.kind.sheet")
    exporter.choose("export.sprites.engine", "gb_studio")
    exporter.rest()
    for name in ("columns.field", "padding.field", "json.hash"):
        assert not exporter.find(f"export.sprites.{name}").isEnabled(), name
    assert exporter.text("export.sprites.facts").endswith(f" on {16 * len(cells)}×16 px")
    shown = exporter.find("export.sprites.preview", Player).grab().toImage()
    line = [shown.pixelColor(x, shown.height() // 2) for x in range(shown.width())]
    column = [shown.pixelColor(shown.width() // 2, y) for y in range(shown.height())]
    colors = {color.getRgb()[:3] for color in line + column}
    assert {GB_CLEAR, GB_COLORS[0]} <= colors, "in its colors, and green where it is clear"


def test_chosen_sprites_of_the_set(exporter: Exporter, sprites: SpriteSet) -> None:
    exporter.main.show_workspace("data")
    exporter.rest()
    exporter.press(Qt.Key.Key_A)
    exporter.rest()
    (browser,) = exporter.main.findChildren(QWidget, "data.browser")
    browser.set_current(7)
    exporter.press(Qt.Key.Key_E)
    assert exporter.find("export.sprites.subject").currentData() == "data_chosen"
    batch = exporter.lab.exports.take("data_chosen")(SpriteFilesConfig())
    chosen = exporter.main.workspace("data").page("browse").chosen
    assert len(chosen) >= 1
    assert np.array_equal(batch.rgba, sprites.rgba[chosen])
    assert batch.classes == tuple(sprites.class_names[sprites.labels[i]] for i in chosen)
    exporter.rest()


def test_what_is_selected_on_the_page_of_the_data_in_front(exporter: Exporter) -> None:
    """From Copies, the first sprite of the page Sprites was once exported."""
    navigator = exporter.main.navigator
    exporter.lab.data.set(with_copies())
    navigator.go("data", "browse")
    exporter.rest()
    for name, selects in (("duplicates", True), ("split", True), ("credits", False)):
        navigator.go("data", name)
        if selects:
            page = exporter.main.workspace("data").page(name)
            exporter.wait(lambda page=page: page.browser.count > 2)
            page.browser.set_current(2)
        exporter.main.activateWindow()
        exporter.press(Qt.Key.Key_E)
        offered = exporter.find("export.sprites.subject").currentData()
        assert offered == ("data_chosen" if selects else "data"), name
        if selects:
            batch = exporter.lab.exports.take("data_chosen")(SpriteFilesConfig())
            sprites = exporter.lab.data.value
            assert np.array_equal(batch.rgba, sprites.rgba_of(page.chosen)), name
            assert page.chosen.tolist() != [0]
        exporter.rest()


def test_settings_are_there_again_in_the_next_session(exporter: Exporter) -> None:
    exporter.press(Qt.Key.Key_E)
    exporter.choose("export.format", "webp")
    exporter.type("export.scale", "3")
    exporter.click("export.go")
    exporter.wait((exporter.folder / "trajectory.webp").exists)
    exporter.rest()
    exporter.lab.settings.save()
    from sprite_lab.app.shell.settings import Settings

    other = Lab(Settings())
    try:
        kept = other.exports.settings_of(AnimationConfig)
        assert (kept.format, kept.scale) == ("webp", 3)
        last = other.exports.last
        assert last is not None
        assert last.path == exporter.folder / "trajectory.webp"
        assert last.subject == "trajectory"
    finally:
        assert other.jobs.shut_down(60)


@pytest.mark.parametrize("kind", ["png", "webp", "mp4"])
def test_what_was_exported_restores_its_settings_when_it_is_dropped(
    exporter: Exporter, kind: str
) -> None:
    exporter.press(Qt.Key.Key_E)
    exporter.choose("export.format", kind)
    exporter.type("export.scale", "2")
    exporter.click("export.go")
    path = exporter.folder / f"trajectory.{kind}"
    exporter.wait(path.exists)
    exporter.rest()
    exporter.click("export.close")
    window = exporter.main
    exporter.lab.model.set(StandInModel())
    window.show_workspace("data")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place = window.rect().center()
    enter = QDragEnterEvent(place, Qt.DropAction.CopyAction, data, LEFT, NONE)
    QApplication.sendEvent(window, enter)
    assert window.veil.sentence.startswith(f"Restore the settings used for “{path.name}”")
    drop = QDropEvent(QPointF(place), Qt.DropAction.CopyAction, data, LEFT, NONE)
    QApplication.sendEvent(window, drop)
    exporter.wait(lambda: window.current == "see")
    assert window.workspace("see").watch.reverse.config() == CONFIG
    exporter.rest()


def test_damaged_settings_are_the_usual_ones(exporter: Exporter) -> None:
    exporter.lab.settings.replace(
        exports={"animation": {"format": "avi"}, "sprites": [], "last": {"subject": 3}}
    )
    assert exporter.lab.exports.settings_of(AnimationConfig).format == "gif"
    assert exporter.lab.exports.last is None
    exporter.press(Qt.Key.Key_E)
    assert exporter.find("export.format").currentData() == "gif"


def test_numbers_in_names_continue(tmp_path: Path) -> None:
    first = tmp_path / "a.gif"
    assert numbered(first).name == "a-2.gif"
    for name in ("a.gif", "a-2.gif", "b-9.png"):
        (tmp_path / name).write_text("")
    assert numbered(first).name == "a-3.gif"
    assert numbered(tmp_path / "b-9.png").name == "b-10.png"
    (tmp_path / "b-10.json").write_text("")
    assert numbered(tmp_path / "b-9.png").name == "b-11.png", "a sheet would replace that file"


def test_the_credit_of_a_style_that_was_asked_for_comes_first(lab: Lab, sprites: SpriteSet) -> None:
    thanked = tuple(Credit(name, f"Work {name}") for name in ("gb", "nes", "snes"))
    lab.model.set(StandInModel(credits=thanked))
    made = made_trajectory(sprites.images[:2], 3)
    lab.trajectory.set(made)
    take = lab.exports.take
    assert take("samples")(SpriteFilesConfig()).attribution == attribution(thanked)
    lab.trajectory.set(replace(made, prompts=(Prompt(style="nes"), Prompt(style="nes"))))
    expected = attribution((thanked[1], thanked[0], thanked[2]))
    assert take("samples")(SpriteFilesConfig()).attribution == expected
    assert take("trajectory")(AnimationConfig()).attribution == expected
    # Drawings by hand credit nobody.
    project = lab.project
    drawn = replace(project.cell(0), pixels=bytes([9, 9, 9, 255]) * 256)
    project.put({0: drawn}, "Draw")
    assert take("cells")(SpriteFilesConfig()).attribution == ""
    styled = SampleConfig(count=1, style="snes")
    # A cell with its own credits owes nothing to whichever model is open.
    project.put({0: replace(drawn, made_by=styled, thanks="“Other” by Me")}, "Generate")
    assert take("cells")(SpriteFilesConfig()).attribution == "“Other” by Me"
    # Even when drawn over by hand, and beside a drawing without credits.
    project.paint(0, {5: (1, 2, 3, 255)}, "Pencil", project.next_stroke())
    project.put({1: drawn, 2: replace(drawn, thanks="“Third”\n“Other” by Me")}, "Draw")
    assert project.cell(0).made_by is None
    assert take("cells")(SpriteFilesConfig()).attribution == "“Other” by Me\n“Third”"


def test_a_web_page_of_the_open_model(exporter: Exporter) -> None:
    exporter.main.menus.actions["file.export_web"].trigger()
    # not the heading above it
    assert exporter.window.focusWidget() is exporter.find("export.web.draws")
    assert not exporter.find("export.go").isEnabled()
    assert "Open a model first" in exporter.find("export.go").toolTip()
    exporter.lab.model.set(StandInModel())
    exporter.lab.model_ref = "builtin-student"
    history = exporter.find("export.web.training", QCheckBox)
    assert not history.isEnabled(), "it comes with a run alone"
    assert not history.isChecked()
    assert "training runs" in told(history)
    exporter.click("export.web.forward")
    exporter.click("export.web.seen")
    exporter.type("export.web.count", "2")
    exporter.wait(lambda: "MB" in exporter.text("export.web.facts"))
    assert "Sprites in See, From noise, Sample, Draw" in exporter.text("export.web.facts")
    exporter.click("export.go")
    path = exporter.folder / "builtin-student.html"
    exporter.wait(path.exists)
    exporter.rest()
    assert f"{path.name} to {path.parent}" in exporter.text("export.state")
    assert "Content-Security-Policy" in path.read_text("utf-8")
    exporter.click("export.web.draws")
    exporter.wait(lambda: "KB" in exporter.text("export.web.facts"))
    assert "Draw" not in exporter.text("export.web.facts")


def test_export_begins_with_what_is_looked_at(exporter: Exporter) -> None:
    # In See, the speed is that of the timeline.
    exporter.main.workspace("see").watch.timeline_model.set_fps(7)
    exporter.press(Qt.Key.Key_E)
    assert exporter.window.page.fields.config.fps == 7
    exporter.window.close()
    # In Draw, frames have their own durations and there is no hold at the end.
    exporter.main.show_workspace("draw")
    project = exporter.lab.project
    drawn = replace(project.cell(0), pixels=bytes([9, 9, 9, 255]) * 256, duration_ms=150)
    project.put({0: drawn, 1: replace(drawn, pixels=bytes([90, 9, 9, 255]) * 256)}, "Draw")
    exporter.main.activateWindow()
    exporter.main.menus.actions["file.export"].trigger()
    assert exporter.find("export.sprites.subject").currentData() == "cells"
    exporter.window.tabs.set_value("animation")
    exporter.window.show_page("animation")
    assert exporter.find("export.subject").currentData() == "frames"
    config = exporter.window.page.fields.config
    assert (config.hold_first_s, config.hold_last_s) == (0, 0)
    clip = exporter.lab.exports.take("frames")(config)
    assert config.durations_ms(clip.count, clip.durations_ms) == (150, 150)


def test_a_single_frame_is_one(exporter: Exporter) -> None:
    project = exporter.lab.project
    drawn = replace(project.cell(0), pixels=bytes([9, 9, 9, 255]) * 256)
    project.put({0: drawn}, "Draw")
    exporter.main.show_workspace("draw")
    exporter.press(Qt.Key.Key_E)
    exporter.click("export.page.animation")
    exporter.rest()
    assert exporter.find("export.subject", QComboBox).currentData() == "frames"
    assert exporter.text("export.animation.facts").startswith("16×16 px, 1 frame, ")


def test_blank_cells_may_be_left_out_of_a_sheet(exporter: Exporter) -> None:
    project = exporter.lab.project
    drawn = replace(project.cell(0), pixels=bytes([9, 9, 9, 255]) * 256)
    project.put({5: drawn}, "Draw")
    take = exporter.lab.exports.take("cells")
    assert len(take(SpriteFilesConfig(kind="sheet"))) == len(project.cells)
    assert len(take(SpriteFilesConfig(kind="sheet", without_blank=True))) == 1


def test_nothing_moves_when_another_engine_is_chosen(exporter: Exporter) -> None:
    exporter.main.show_workspace("draw")
    exporter.press(Qt.Key.Key_E)
    exporter.window.show_page("sprites")
    below = exporter.find("export.sprites.power_of_two")
    about = exporter.find("export.sprites.engine.about")
    heights, tops = set(), set()
    engines = exporter.find("export.sprites.engine", QComboBox)
    for index in range(engines.count()):
        engines.setCurrentIndex(index)
        QApplication.processEvents()
        heights.add(about.height())
        tops.add(below.y())
    assert len(heights) == len(tops) == 1
    assert about.height() > 2 * about.fontMetrics().height()
