"""PyInstaller's spec, run for each system with stand-ins for PyInstaller."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import macos_image
import pytest

SPEC = Path(macos_image.__file__).parent / "frozen" / "sprite_lab.spec"
#: What the analysis finds besides the code, as PyInstaller reports it.
FOUND = [
    ("sprite_lab/resources/theme.qss", "/there/theme.qss", "DATA"),
    ("sprite_lab/resources/translations/de/words.po", "/there/words.po", "DATA"),
    ("PySide6/Qt/translations/qtbase_de.qm", "/there/qtbase_de.qm", "DATA"),
    ("PySide6/Qt/translations/qtbase_ja.qm", "/there/qtbase_ja.qm", "DATA"),
    ("PySide6/Qt/translations/designer_de.qm", "/there/designer_de.qm", "DATA"),
    ("sprite_lab-1.0.dist-info/METADATA", "/there/METADATA", "DATA"),
    ("sprite_lab-1.0.dist-info/direct_url.json", "/there/direct_url.json", "DATA"),
    ("imageio_ffmpeg/binaries/ffmpeg-linux-x86_64-v9", "/there/ffmpeg-linux-x86_64-v9", "DATA"),
]
TARGETS = ("Analysis", "PYZ", "EXE", "COLLECT", "BUNDLE")

Asked = dict[str, list[dict[str, Any]]]


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Asked]:
    """What the spec requests from PyInstaller on a system: the arguments by target."""
    hooks = MagicMock()
    for name in ("collect_data_files", "collect_submodules", "copy_metadata"):
        getattr(hooks, name).return_value = []
    for name in ("PyInstaller", "PyInstaller.utils", "PyInstaller.utils.win32"):
        monkeypatch.setitem(sys.modules, name, MagicMock())
    monkeypatch.setitem(sys.modules, "PyInstaller.utils.hooks", hooks)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("SystemRoot", str(tmp_path / "Windows"))
    monkeypatch.setenv("PATH", str(tmp_path / "java"))

    def carry_out(system: str) -> Asked:
        asked: Asked = defaultdict(list)

        def stand_in(target: str) -> Callable[..., SimpleNamespace]:
            def make(*parts: object, **how: object) -> SimpleNamespace:
                asked[target].append({"parts": parts, **how})
                tables = dict.fromkeys(("binaries", "datas", "pure", "scripts"), ())
                how |= {"datas": FOUND} if target == "Analysis" else {}
                return SimpleNamespace(**(tables | how))

            return make

        monkeypatch.setattr(sys, "platform", system)
        names = {target: stand_in(target) for target in TARGETS}
        code = compile(SPEC.read_text("utf-8"), str(SPEC), "exec")
        exec(code, {"SPECPATH": str(SPEC.parent), **names})
        return asked

    return carry_out


def programs(asked: Asked) -> dict[str, bool]:
    """The names of the programs, and whether each has a console."""
    return {each["name"]: each["console"] for each in asked["EXE"]}


def test_linux_has_one_program(plan: Callable[[str], Asked]) -> None:
    asked = plan("linux")
    assert programs(asked) == {"sprite-lab": True}
    assert not asked["BUNDLE"]
    assert not asked["Analysis"][0]["binaries"]


def test_qt_is_loaded_our_way_before_others_do(plan: Callable[[str], Asked]) -> None:
    (analysis,) = plan("linux")["Analysis"]
    (hook,) = analysis["runtime_hooks"]
    assert "import_qt()" in Path(hook).read_text("utf-8")


def test_what_tells_of_this_machine_is_left_out(plan: Callable[[str], Asked]) -> None:
    (folder,) = plan("linux")["COLLECT"]
    assert folder["parts"][-1] == [FOUND[0], FOUND[1], FOUND[2], FOUND[5]]


def test_windows_has_two_with_icons_and_versions(plan: Callable[[str], Asked]) -> None:
    asked = plan("win32")
    assert programs(asked) == {"Sprite Lab": False, "sprite-lab": True}
    assert all(Path(each["icon"]).is_file() and each["version"] for each in asked["EXE"])


def test_windows_brings_its_own_runtime_and_nobody_elses(
    plan: Callable[[str], Asked], tmp_path: Path
) -> None:
    (analysis,) = plan("win32")["Analysis"]
    system = tmp_path / "Windows" / "System32"
    assert (str(system / "msvcp140.dll"), ".") in analysis["binaries"]
    assert os.environ["PATH"].split(os.pathsep) == [str(system), str(system.parent)]


def test_a_mac_has_a_bundle_that_is_what_its_last_program_is(plan: Callable[[str], Asked]) -> None:
    asked = plan("darwin")
    assert list(programs(asked).items()) == [("sprite-lab-cli", True), ("Sprite Lab", False)]
    (bundle,) = asked["BUNDLE"]
    assert bundle["name"] == "Sprite Lab.app"
    assert Path(bundle["icon"]).is_file()
    assert bundle["info_plist"]["CFBundleExecutable"] == "Sprite Lab"
    # The folder contains both programs, the one with the window last.
    (folder,) = asked["COLLECT"]
    assert [part.name for part in folder["parts"][:2]] == [each["name"] for each in asked["EXE"]]


def test_the_window_loads_without_what_is_left_out(plan: Callable[[str], Asked]) -> None:
    (analysis,) = plan("linux")["Analysis"]
    code = (
        "import pkgutil, sys\n"
        "sys.modules |= dict.fromkeys(sys.argv[1:])  # each is an ImportError now\n"
        "import sprite_lab.ui\n"
        "for each in pkgutil.walk_packages(sprite_lab.ui.__path__, 'sprite_lab.ui.'):\n"
        "    __import__(each.name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *analysis["excludes"]],
        env={**os.environ, "PYTHONPATH": str(SPEC.parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
