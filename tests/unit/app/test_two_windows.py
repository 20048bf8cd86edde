"""Two processes: files are handed to the first, and neither reverts the other's settings."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import sprite_lab.app.shell.settings as settings_module
from sprite_lab.app.files import handover
from sprite_lab.app.files.file_lock import lock
from sprite_lab.app.files.inbox import Inbox
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import RECENT, Preferences, Settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path))
    return tmp_path


def test_settings_of_two_windows_are_both_kept(qapp, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "settings.json"
    first, second = Settings(path), Settings(path)
    first.replace(theme="dark", smoothing=0.2)
    first.remember("recent_data", "/a.npz")
    second.replace(text_size=130, smoothing=0.9)
    second.remember("recent_data", "/b.npz")
    first.save()
    second.save()
    both = Settings(path).value
    assert (both.theme, both.text_size, both.smoothing) == ("dark", 130, 0.9)
    assert both.recent_data == ("/b.npz", "/a.npz")
    first.replace(motion=False)
    first.save()
    assert Settings(path).value == Preferences(
        theme="dark", text_size=130, smoothing=0.9, motion=False,
        recent_data=("/a.npz", "/b.npz"),
    )  # fmt: skip


def test_a_cleared_list_stays_clear_but_for_what_another_window_opened(  # type: ignore[no-untyped-def]
    qapp, tmp_path: Path
) -> None:
    path = tmp_path / "settings.json"
    first = Settings(path)
    first.remember("recent_projects", "/a")
    first.save()
    second = Settings(path)
    first.replace(recent_projects=())
    first.save()
    assert Settings(path).value.recent_projects == ()
    second.remember("recent_projects", "/b")
    second.save()
    first.replace(motion=False)
    first.save()
    assert Settings(path).value.recent_projects[0] == "/b"


def test_a_full_list_makes_room_for_what_another_window_opened(qapp, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "settings.json"
    first = Settings(path)
    for number in range(RECENT):
        first.remember("recent_data", f"/{number}.npz")
    first.save()
    second = Settings(path)
    second.remember("recent_data", "/new.npz")
    second.save()
    first.replace(motion=False)
    first.save()
    assert "/new.npz" in Settings(path).value.recent_data


def test_lessons_taken_in_two_windows_are_both_remembered(qapp, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "settings.json"
    Settings(path)
    first = Settings(path)
    first.replace(lessons={"1": 3, "2": 1}, keys={"file.new": ["Ctrl+B"]})
    first.save()
    second = Settings(path)
    first.replace(lessons={"1": 4, "2": 1}, keys={})
    second.replace(lessons={"1": 3, "2": 1, "3": 2}, keys={**second.value.keys, "a": []})
    first.save()
    second.save()
    both = Settings(path).value
    assert both.lessons == {"1": 4, "2": 1, "3": 2}
    assert both.keys == {"a": []}, "what one of them has taken away stays away"


def test_settings_of_pages_in_two_windows_are_both_kept(qapp, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "settings.json"
    first, second = Settings(path), Settings(path)
    first.replace(forms={"race": {"count": 2}})
    second.replace(forms={"measure": {"seed": 5}})
    first.save()
    second.save()
    assert Settings(path).value.forms == {"race": {"count": 2}, "measure": {"seed": 5}}


def test_settings_that_two_windows_write_at_once_are_both_kept(
    qapp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "settings.json"
    first, second = Settings(path), Settings(path)
    first.replace(theme="dark")
    second.replace(text_size=130)
    saving = threading.Thread(target=second.save)
    merged = settings_module._merged

    def while_the_other_writes(*args: Any) -> Preferences:
        """What the first process read is outdated when it writes, unless the second one waits."""
        found = merged(*args)
        if args[2].theme == "dark" and not saving.ident:
            saving.start()
            saving.join(0.3)
        return found

    monkeypatch.setattr(settings_module, "_merged", while_the_other_writes)
    first.save()
    saving.join()
    assert Settings(path).value == Preferences(theme="dark", text_size=130)


def test_settings_are_saved_though_a_window_that_is_stuck_holds_them(qapp, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "settings.json"
    with lock(path.with_suffix(".lock")) as held:  # type: ignore[union-attr]
        assert held is not None
        settings = Settings(path)
        settings.replace(theme="dark")
        settings.save()
    assert Settings(path).value.theme == "dark"


def test_without_a_window_nobody_takes_files(home: Path) -> None:
    assert not handover.hand_over([home / "a.npz"])
    assert list(handover.folder().glob("*.open")) == []


def test_a_window_that_takes_nothing_is_not_waited_for_for_ever(home: Path) -> None:
    held = handover.receive()
    assert held is not None
    assert not handover.hand_over([home / "a.npz"], patience=0.1)
    assert list(handover.folder().glob("*.open")) == []
    held.close()


def test_files_are_handed_to_the_window_that_is_there(qtbot, home: Path) -> None:  # type: ignore[no-untyped-def]
    lab = Lab(Settings())
    inbox, other = Inbox(lab, lab), Inbox(lab, lab)
    asked = [home / "a.npz", home / "b \udcff.npz"]
    with qtbot.waitSignal(inbox.arrived, timeout=10_000) as arrived:
        process = threading.Thread(target=lambda: taken.append(handover.hand_over(asked, 60)))
        taken: list[bool] = []
        process.start()
    process.join()
    assert arrived.args == [tuple(asked)]
    assert taken == [True]
    inbox.close()
    other.close()
    assert not handover.hand_over(asked)
    assert lab.jobs.shut_down(60)


def test_a_second_start_ends_once_its_files_are_taken(qtbot, home: Path) -> None:  # type: ignore[no-untyped-def]
    lab = Lab(Settings())
    inbox = Inbox(lab, lab)
    file = home / "a.npz"
    file.touch()
    with qtbot.waitSignal(inbox.arrived, timeout=60_000) as arrived:
        started = subprocess.Popen([sys.executable, "-m", "sprite_lab", str(file)])
    assert arrived.args == [(file,)]
    assert started.wait(60) == 0
    inbox.close()
    assert lab.jobs.shut_down(60)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes in folders")
@pytest.mark.parametrize(
    "name",
    [
        "config/settings.json",
        "config/settings.schema-1.json",
        "data/unsaved.spritelab",
        "data/unsaved.lock",
        "data/inbox/window.lock",
        "data/inbox/a.open",
        "logs/sprite-lab.log",
        "logs/crash.txt",
        "logs/crash.last.txt",
    ],
)
def test_a_pipe_among_the_users_files_does_not_stop_the_start(home: Path, name: str) -> None:
    (home / name).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(home / name)
    start = (
        "from sprite_lab.log import last_crash, start_logging\n"
        "last_crash(); start_logging(); last_crash()\n"
        "from PySide6.QtGui import QGuiApplication; app = QGuiApplication([])\n"
        "from sprite_lab.app.lab import Lab; from sprite_lab.app.shell.settings import Settings\n"
        "from sprite_lab.app.files.recovery import Recovery\n"
        "from sprite_lab.app.files.inbox import Inbox\n"
        "lab = Lab(Settings()); recovery = Recovery(lab); inbox = Inbox(lab, lab)\n"
        "recovery.restore(); inbox._look()\n"
        "lab.project.set_title('mine'); recovery.write_now(); lab.settings.replace(theme='dark')\n"
        "print(lab.settings.try_to_save()); assert lab.jobs.shut_down(60)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", start], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_lock_is_a_plain_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "to")
    assert lock(tmp_path / "link") is None
    assert not (tmp_path / "to").exists()
    first = lock(tmp_path / "plain")
    assert first is not None
    assert lock(tmp_path / "plain") is None
    first.close()
    again = lock(tmp_path / "plain")
    assert again is not None
    again.close()
