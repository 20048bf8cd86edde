"""The script that tries installers, with stand-ins for the installed app and for the screen."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import check_installed
import macos_image
import pytest
from PIL import Image

VERSION = "import sys; print('sprite-lab 1.2.3' if '--version' in sys.argv else 'all is well')"
SLEEP = "import time; time.sleep(600)"

DARK = Image.new("RGB", (40, 30), (0, 0, 0))
WINDOW = Image.new("RGB", (40, 30), (0, 0, 0))
WINDOW.paste((240, 240, 240), (0, 0, 20, 30))
POINTER = Image.new("RGB", (40, 30), (0, 0, 0))
POINTER.paste((255, 255, 255), (0, 0, 4, 4))


@pytest.fixture
def checker(
    monkeypatch: pytest.MonkeyPatch,
) -> ModuleType:
    monkeypatch.setattr(check_installed, "SETTLING_S", 0)
    return check_installed


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def screens(*pictures: Image.Image) -> Callable[[], Image.Image]:
    """A screen that shows one picture after the other, and repeats the last."""
    left = list(pictures)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


class TestFinding:
    def test_the_one_of_its_kind(self, checker: ModuleType, tmp_path: Path) -> None:
        (tmp_path / "a.deb").touch()
        (tmp_path / "a.rpm").touch()
        assert checker.find("deb", tmp_path).name == "a.deb"

    @pytest.mark.parametrize("names", [[], ["a.deb", "b.deb"]])
    def test_none_and_two_are_refused(
        self, checker: ModuleType, tmp_path: Path, names: list[str]
    ) -> None:
        for name in names:
            (tmp_path / name).touch()
        with pytest.raises(checker.CheckError, match=f"holds {len(names)} files"):
            checker.find("deb", tmp_path)


class TestLooking:
    def test_a_window_is_kept_as_a_picture(self, checker: ModuleType, tmp_path: Path) -> None:
        picture = tmp_path / "started.png"
        said = checker.look(python(SLEEP), picture, screens(DARK, DARK, POINTER, WINDOW))
        assert said.startswith("50% of the screen")
        assert Image.open(picture).tobytes() == WINDOW.tobytes()

    def test_an_app_that_ends_early_is_an_error(self, checker: ModuleType, tmp_path: Path) -> None:
        with pytest.raises(checker.CheckError, match="ended by itself with code 3"):
            checker.look(python("raise SystemExit(3)"), tmp_path / "a.png", screens(DARK))

    def test_a_missing_window_is_an_error(
        self, checker: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(checker, "PATIENCE_S", 0)
        with pytest.raises(checker.CheckError, match="no window showed"):
            checker.look(python(SLEEP), tmp_path / "a.png", screens(DARK, POINTER))


class TestChecking:
    def test_all_of_it(
        self,
        checker: ModuleType,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        program = tmp_path / "program"
        program.symlink_to(sys.executable)
        monkeypatch.setattr(checker, "screen", screens(DARK, WINDOW))
        command = [str(program), "-c", VERSION]
        app = checker.Installed(command, python(SLEEP), program.unlink)
        checker.check(app, "1.2.3", tmp_path / "a.png")
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 4
        assert all(line.startswith("ok ") for line in lines)

    def test_another_version_is_reported(self, checker: ModuleType, tmp_path: Path) -> None:
        app = checker.Installed(python(VERSION), python(SLEEP), lambda: None)
        with pytest.raises(checker.CheckError, match=r"'sprite-lab 1\.2\.3' instead of"):
            checker.check(app, "2.0.0", tmp_path / "a.png")


class TestInstalling:
    def test_a_disk_image_has_two_programs(
        self, checker: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With the names of the frozen app: one for commands, one for the window."""

        def mac(*command: str) -> None:
            if command[0] == "ditto":
                Path(command[2]).mkdir()

        monkeypatch.setattr(checker, "run", mac)
        monkeypatch.setattr(Path, "home", lambda: tmp_path)
        app = checker.install_dmg(tmp_path / "sprite-lab.dmg")
        bundle = tmp_path / "Applications" / "Sprite Lab.app"
        assert app.command == [str(bundle / "Contents/MacOS" / macos_image.CONSOLE)]
        program = macos_image.info_plist("0.9.0")["CFBundleExecutable"]
        assert app.window == [str(bundle / "Contents/MacOS" / program)]
        app.remove()
        assert not bundle.exists()
