"""Messages about missing libraries and programs; the system's ffmpeg is enough."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sprite_lab import extras
from sprite_lab.core.config import AnimationConfig
from sprite_lab.core.errors import FileError
from sprite_lab.core.run import drain
from sprite_lab.core.trajectories.clip import Clip
from sprite_lab.formats.animation.film import Film
from sprite_lab.formats.animation.video import read_comment


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment without extras; returns the only folder on the PATH, which is empty."""
    monkeypatch.setattr(extras, "is_installed", lambda module: False)
    monkeypatch.setattr(extras, "_MAC_PROGRAMS", ())
    monkeypatch.delenv("IMAGEIO_FFMPEG_EXE", raising=False)
    monkeypatch.delenv("FLATPAK_ID", raising=False)
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def put(folder: Path, program: Path | None) -> Path:
    """Put a program named ffmpeg there: a link to another one, or a file that can only be found."""
    path = folder / ("ffmpeg.exe" if os.name == "nt" else "ffmpeg")
    if program is not None:
        path.symlink_to(program)
    else:
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    return path


@pytest.mark.parametrize("extra", ["hub", "onnx", "parquet", "sweep", "tensorboard", "video"])
def test_where_something_can_be_installed_the_extra_is_named(bare: Path, extra: str) -> None:
    assert f"pip install 'sprite-lab[{extra}]'" in extras.missing(extra)


def test_an_app_to_which_nothing_can_be_added_says_what_to_do_instead(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    for extra in ("onnx", "parquet"):
        said = extras.missing(extra)
        assert f"use the Python package, pip install 'sprite-lab[{extra}]'" in said
    monkeypatch.setattr(sys, "platform", "linux")
    said = extras.missing("video")
    assert "package manager" in said
    assert "pip" not in said
    monkeypatch.delattr(sys, "frozen")
    monkeypatch.setenv("FLATPAK_ID", "org.example")
    monkeypatch.setattr(sys, "executable", "/app/lib/sprite-lab/sprite-lab")
    assert "use the Python package" in extras.missing("onnx")
    assert "a Flatpak does not see" in extras.missing("video")


def test_updates_need_ssl(bare: Path) -> None:
    assert "ssl" in extras.missing("updates")


def test_nothing_is_missing_where_all_is_installed() -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("pyarrow")
    for extra in ("onnx", "parquet", "updates"):
        assert extras.missing(extra) == ""


def test_a_module_that_is_none_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert not extras.is_installed("onnx")
    assert not extras.is_installed("nothing.of.this.name")


def test_an_app_takes_the_systems_ffmpeg(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert extras.find_ffmpeg() is None
    program = put(bare, None)
    assert extras.find_ffmpeg() == str(program)
    # imageio's plugin finds any ffmpeg through imageio-ffmpeg; an app includes that package without
    # its own ffmpeg.
    assert "sprite-lab[video]" in extras.missing("video")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert extras.missing("video") == ""


def test_a_package_without_its_program_is_no_ffmpeg(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "lib" / "imageio_ffmpeg"
    (package / "binaries").mkdir(parents=True)
    (package / "__init__.py").write_text("raise AssertionError('imported')\n")
    (package / "binaries" / "README.md").write_text("nothing\n")
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.delitem(sys.modules, "imageio_ffmpeg", raising=False)
    monkeypatch.setattr(extras, "is_installed", lambda module: True)
    assert extras.find_ffmpeg() is None
    system = put(bare, None)
    assert extras.find_ffmpeg() == str(system)
    bundled = package / "binaries" / "ffmpeg-linux-x86_64-v7"
    bundled.write_text("#!/bin/sh\n")
    bundled.chmod(0o755)
    assert extras.find_ffmpeg() == str(bundled)


def test_what_the_package_would_use_is_what_is_used() -> None:
    """The oracle is imageio_ffmpeg itself."""
    package = pytest.importorskip("imageio_ffmpeg")
    try:
        wanted = package.get_ffmpeg_exe()
    except RuntimeError:
        pytest.skip("the package has no ffmpeg here")
    found = extras.find_ffmpeg()
    assert found is not None
    assert Path(found).resolve() == Path(shutil.which(wanted) or wanted).resolve()


def test_an_ffmpeg_without_the_codec_says_what_to_do(
    bare: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if os.name == "nt":
        pytest.skip("a script is no program here")
    program = put(bare, None)
    words = "[vost#0:0] Unknown encoder 'libx264'\nError opening output file."
    program.write_text(f'#!/bin/sh\necho "{words}" >&2\nexit 1\n')
    images = np.zeros((3, 16, 16, 3), np.uint8)
    film = Film(Clip("made", 3, lambda i: images[i]), AnimationConfig(format="mp4"))
    with pytest.raises(FileError, match=r"Unknown encoder 'libx264'\); choose another format"):
        drain(film.write(tmp_path / "a.mp4"))
    program.write_text('#!/bin/sh\ncase "$*" in *-encoders) echo libx264;; *) exit 1;; esac\n')
    with pytest.raises(FileError, match="choose another format or a smaller scale"):
        drain(film.write(tmp_path / "a.mp4"))
    no_room = shutil.disk_usage(tmp_path)._replace(free=0)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: no_room)
        with pytest.raises(FileError, match="The disk is full, so the video could not be written"):
            drain(film.write(tmp_path / "a.mp4"))
    program.write_text("no program at all")
    with pytest.raises(FileError, match="does not start"):
        drain(film.write(tmp_path / "a.mp4"))
    with pytest.raises(FileError, match="does not start"):
        read_comment(tmp_path / "a.mp4")
    assert not (tmp_path / "a.mp4").exists()


def test_without_what_drives_it_no_ffmpeg_makes_videos(
    bare: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def missing(*_: object, **how: object) -> None:
        raise ImportError(f"The `{how['plugin']}` plugin is not installed.")

    put(bare, None)
    monkeypatch.setattr("imageio.v3.imopen", missing)  # it is already imported
    images = np.zeros((3, 16, 16, 3), np.uint8)
    film = Film(Clip("made", 3, lambda i: images[i]), AnimationConfig(format="mp4"))
    with pytest.raises(FileError, match=r"sprite-lab\[video\].*; or choose GIF, PNG or WebP"):
        drain(film.write(tmp_path / "a.mp4"))
    assert not (tmp_path / "a.mp4").exists()


def test_an_ffmpeg_that_never_ends_has_no_comment(
    bare: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def never(command: list[str], timeout: float, **how: object) -> None:
        raise subprocess.TimeoutExpired(command, timeout)

    put(bare, None)
    monkeypatch.setattr(subprocess, "run", never)
    assert read_comment(tmp_path / "a.mp4") == ""


def test_an_ffmpeg_that_loses_frames_is_noticed(
    bare: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    real = extras.find_ffmpeg()
    if real is None or os.name == "nt":
        pytest.skip("there is no ffmpeg here, or a script is no program")
    program = put(bare, None)
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *rawvideo*) head -c 768 | exec "{real}" "$@";; '
        f'*) exec "{real}" "$@";; esac\n'
    )
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
    images = np.zeros((3, 16, 16, 3), np.uint8)
    film = Film(Clip("made", 3, lambda i: images[i]), AnimationConfig(format="webm", scale=1))
    with pytest.raises(FileError, match="could not be written"):
        drain(film.write(tmp_path / "a.webm"))
    assert not (tmp_path / "a.webm").exists()


def test_a_film_is_written_by_the_ffmpeg_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = extras.find_ffmpeg()
    if program is None or os.name == "nt":
        pytest.skip("there is no ffmpeg here, or no links")
    folder = tmp_path / "programs"
    folder.mkdir()
    put(folder, Path(program))
    monkeypatch.setattr(extras, "is_installed", lambda module: False)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("IMAGEIO_FFMPEG_EXE", raising=False)
    started: list[list[str]] = []
    popen = subprocess.Popen

    def start(command: list[str], **how: object) -> subprocess.Popen[bytes]:
        started.append(command)
        return popen(command, **how)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(subprocess, "Popen", start)
    images = np.zeros((3, 16, 16, 3), np.uint8)
    out = tmp_path / "a.mp4"
    drain(Film(Clip("made", 3, lambda i: images[i]), AnimationConfig(format="mp4")).write(out))
    assert out.stat().st_size > 0
    assert {command[0] for command in started} == {str(folder / "ffmpeg")}
