"""Where files are, what the log keeps, and whether there is a display."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sprite_lab import display, log, paths


def test_resources_of_the_checkout() -> None:
    assert paths.resource("icons").is_dir()
    assert paths.resource("icons", "x.svg").parent == paths.resource("icons")


def test_an_installed_package_has_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "resources").mkdir()
    monkeypatch.setattr(paths, "_PACKAGE", tmp_path)
    assert paths.resource("theme.qss") == tmp_path / "resources" / "theme.qss"


def test_one_variable_moves_all_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    folders = [paths.data_dir(), paths.config_dir(), paths.log_dir()]
    assert len(set(folders)) == 3
    assert paths.runs_dir().parent == paths.data_dir()
    assert all(folder.is_dir() and tmp_path in folder.parents for folder in folders)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="these are Linux's folders")
def test_without_it_they_are_the_systems(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", paths.HOME_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert paths.runs_dir() == tmp_path / ".local/share/sprite-lab/runs"
    assert paths.config_dir() == tmp_path / ".config/sprite-lab"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always one")
def test_without_any_home_it_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", paths.HOME_VARIABLE)
    for name in names:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)  # KeyError, as if the user were unknown
    for folder in (paths.home, paths.data_dir, paths.config_dir, paths.log_dir):
        with pytest.raises(OSError, match="set HOME"):
            folder()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # also keeps its contents there
    assert paths.data_dir() == tmp_path / "sprite-lab"


def test_a_folder_that_cannot_be_created_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "file"))
    with pytest.raises(OSError, match=f"cannot be created .*: set {paths.HOME_VARIABLE} to one"):
        paths.token_file()


class TestLog:
    CODE = """
import faulthandler, logging, sys
from sprite_lab.log import last_crash, start_logging
path = start_logging()
logging.getLogger("sprite_lab.somewhere").warning("hello")
print(path)
print(last_crash()[:200])
if "crash" in sys.argv:
    sys.stdout.flush()
    faulthandler._sigsegv()
"""

    def start(self, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", self.CODE, *arguments],
            env={"SPRITE_LAB_HOME": str(home), "PATH": ""},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )

    def test_it_is_kept(self, tmp_path: Path) -> None:
        done = self.start(tmp_path)
        assert done.returncode == 0, done.stderr
        text = (tmp_path / "logs" / log.LOG_NAME).read_text()
        assert "Sprite Lab" in text
        assert "WARNING MainThread sprite_lab.somewhere: hello" in text

    def test_a_name_that_is_no_text_is_written_all_the_same(self, tmp_path: Path) -> None:
        self.CODE = self.CODE.replace("hello", "caf\\udce9.npz")
        done = self.start(tmp_path)
        assert done.stderr == ""
        assert "caf\\udce9.npz" in (tmp_path / "logs" / log.LOG_NAME).read_text()

    def test_the_next_session_can_tell_of_a_crash(self, tmp_path: Path) -> None:
        assert self.start(tmp_path, "crash").returncode != 0
        after = self.start(tmp_path)
        assert "Segmentation fault" in after.stdout
        assert "Segmentation fault" not in self.start(tmp_path).stdout

    def test_a_folder_that_cannot_be_made_costs_only_the_log(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        done = self.start(tmp_path / "file")
        assert done.returncode == 0
        assert done.stdout.startswith("None")
        assert "no log will be kept" in done.stderr

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
    def test_a_full_disk_costs_only_the_log(self, tmp_path: Path) -> None:
        full = "path.unlink()\npath.symlink_to('/dev/full')\nlogger.handlers[0].close()\n"
        logger = 'logger = logging.getLogger("sprite_lab")\nlogger.handlers[0].maxBytes = 0\n'
        self.CODE = self.CODE.replace("logging.getLogger", f"{logger}{full}logging.getLogger", 1)
        done = self.start(tmp_path)
        assert done.returncode == 0
        assert done.stderr == ""

    def test_importing_it_changes_nothing(self) -> None:
        assert not logging.getLogger("sprite_lab").handlers


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can lack a display")
class TestDisplay:
    def test_no_display(self) -> None:
        sentence = display.why_no_window({})
        assert sentence is not None
        assert "no display" in sentence

    def test_off_screen_needs_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(display, "missing_packages", lambda **_: [])
        assert display.why_no_window({"QT_QPA_PLATFORM": "offscreen"}) is None

    def test_a_compositor_that_answers_will_do(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(display, "missing_packages", lambda **_: [])
        monkeypatch.chdir(tmp_path)  # a socket's path has at most 108 characters
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
            server.bind("w")
            server.listen()
            environment = {"WAYLAND_DISPLAY": f"/proc/{os.getpid()}/cwd/w"}
            assert display.why_no_window(environment) is None

    @pytest.mark.parametrize(
        "environment",
        [
            {"WAYLAND_DISPLAY": "wayland-9"},
            {"WAYLAND_DISPLAY": "/nowhere/wayland-9"},
            {"QT_QPA_PLATFORM": "wayland", "DISPLAY": ":0"},
            {"QT_QPA_PLATFORM": "bogus", "DISPLAY": ":0"},
        ],
    )
    def test_what_qt_would_abort_on(self, environment: dict[str, str]) -> None:
        sentence = display.why_no_window(environment)
        assert sentence is not None
        assert display.HEADLESS in sentence

    def test_names_of_platforms(self) -> None:
        assert display.has_plugin("offscreen")
        assert display.has_plugin("vnc:port=5901")
        assert display.has_plugin("bogus;wayland-egl")

    def test_missing_libraries_become_one_command(self, monkeypatch: pytest.MonkeyPatch) -> None:
        missing = {"libEGL.so.1", "libxcb-cursor.so.0"}
        packages = display.missing_packages(loads=lambda library: library not in missing)
        assert packages == ["libegl1", "libxcb-cursor0"]
        monkeypatch.setattr(display, "missing_packages", lambda **_: packages)
        sentence = display.why_no_window({"DISPLAY": ":0"})
        assert sentence is not None
        assert sentence.endswith("sudo apt-get install -y libegl1 libxcb-cursor0")

    def test_off_screen_needs_fewer_libraries(self) -> None:
        every = display.missing_packages(loads=lambda _: False)
        fewer = display.missing_packages(xcb=False, loads=lambda _: False)
        assert set(fewer) < set(every)
        assert "libxcb-cursor0" in set(every) - set(fewer)
