"""What all commands share: help, version, exit codes, one-line errors."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sprite_lab import __version__
from sprite_lab import arguments as asked
from sprite_lab.__main__ import main as run_main
from sprite_lab.cli import main as cli_main
from sprite_lab.cli.follow import ENDING
from sprite_lab.core.errors import FileError
from tests.cli.conftest import Command

COMMANDS = tuple(str(command.name) for command in cli_main.app.registered_commands)


def test_version(command: Command) -> None:
    done = command("--version")
    assert (done.code, done.out, done.err) == (0, f"sprite-lab {__version__}\n", "")


def test_help_names_all_commands(command: Command) -> None:
    done = command("--help")
    assert done.code == 0
    assert all(name in done.out for name in COMMANDS)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        (
            "train",
            "--data --preset --epochs --max-steps --max-seconds --seed --device --out --resume",
        ),
        (
            "sample",
            "--model --count --seed --sampler --steps --classes --guidance --config --out",
        ),
        ("trajectory", "--model --count --seed --sampler --steps --out"),
        ("export", "RUN --kind --out --scale --fps"),
        ("info", "--json --models"),
        ("selftest", "--json"),
    ],
)
def test_the_options_that_scripts_rely_on(command: Command, name: str, options: str) -> None:
    done = command(name, "--help")
    assert done.code == 0
    missing = [option for option in options.split() if option not in done.out]
    assert missing == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["paint"],
        ["--color"],
        ["train"],
        ["train", "--out", "x", "--preset", "slow"],
        ["train", "--out", "x", "--max-steps", "0"],
        ["train", "--out", "x", "--max-steps", "many"],
        ["train", "--out", "x", "--width", "20"],
        ["train", "--out", "x", "--max-seconds", "inf"],
        ["train", "--out", "x", "--init", "y", "--width", "16"],
        ["sample", "--model", "x", "--out", "x.jpg"],
        ["sample", "--model", "x", "--out", "x.npz", "--sampler", "magic"],
        ["sample", "--model", "x", "--out", "x.npz", "--guidance", "nan"],
        ["trajectory", "--model", "x", "--out", "x.png"],
        ["export", "x", "--kind", "sideways", "--out", "x.gif"],
        ["export", "x", "--kind", "reverse", "--out", "x.avi"],
        ["export", "x", "--kind", "reverse", "--out", ".gif"],
        ["export", "x", "--kind", "reverse", "--out", "x.gif", "--data", "y.npz"],
        ["export", "x", "--kind", "forward", "--out", "x.gif", "--sampler", "ddim"],
        ["export", "x", "--kind", "forward", "--out", "x.gif", "--steps", "9"],
        ["export", "x", "--kind", "training", "--out", "x.gif", "--classes", "hero"],
        ["export", "x", "--kind", "training", "--out", "x.gif", "--gap", "0"],
        ["info"],
        ["info", "x", "--models"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_one_line_and_code_2(command: Command, arguments: list[str]) -> None:
    done = command(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert done.error
    assert not Path("x").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("serve --port 99999", "'--port': It must be less than or equal to 65535. ("),
        ("serve --port many", "'--port': It must be a valid integer. ("),
        ("serve --extension x.zip", "--extension: 'x.zip' must end in"),
    ],
)
def test_a_wrong_value_is_told_in_a_sentence(command: Command, arguments: str, said: str) -> None:
    assert said in command(*arguments.split()).error


def test_wrong_usage_of_a_command_points_to_its_own_help(command: Command) -> None:
    for arguments, wanted in (("sample --nope", "sprite-lab sample"), ("nope", "sprite-lab")):
        assert command(*arguments.split()).err.endswith(f"(see {wanted} --help)\n")


def test_an_error_is_one_line_and_code_1(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise FileError("'a.npz' is torn:\n copy it again.")

    monkeypatch.setattr(cli_main, "app", fail)
    done = command("info", "a.npz")
    assert (done.code, done.error) == (1, "sprite-lab: 'a.npz' is torn: copy it again.")


def test_a_full_disk_is_one_line_and_code_1(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise OSError(28, "No space left on device", "run/metrics.jsonl")

    monkeypatch.setattr(cli_main, "app", fail)
    done = command("selftest")
    assert done.code == 1
    assert done.error == "sprite-lab: 'run/metrics.jsonl' cannot be used: no space left on device."


def test_interrupted_is_code_130(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_main, "app", interrupt)
    assert command("selftest").code == 130


def test_interrupted_while_it_loads_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sprite_lab.arguments.app_options", interrupt)
    assert run_main(["info", "run"]) == 130
    assert capsys.readouterr().err == "sprite-lab: interrupted\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", ENDING)
@pytest.mark.usefixtures("signals_heeded")
def test_signals_end_a_command_in_one_line(
    command: Command, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    before = signal.getsignal(number)
    monkeypatch.setattr("sprite_lab.cli.info.describe", lambda _: signal.raise_signal(number))
    done = command("info", "run")
    assert (done.code, done.error) == (130, "sprite-lab: interrupted")
    assert signal.getsignal(number) == before


def test_too_much_is_one_line(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Path) -> None:
        raise MemoryError

    monkeypatch.setattr("sprite_lab.cli.info.describe", fail)
    done = command("info", "run")
    assert done.code == 1
    assert "memory" in done.error


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems refuse such names")
@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_names_that_stdout_cannot_show(sprites_file: Path, tmp_path: Path, encoding: str) -> None:
    odd = tmp_path / os.fsdecode(b"\xfc \xff.npz")
    shutil.copy(sprites_file, odd)
    environment = {**os.environ, "PYTHONIOENCODING": encoding}

    def run(*arguments: str) -> bytes:
        command = [sys.executable, "-m", "sprite_lab", "info", str(odd), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, check=True).stdout

    assert b"kind:" in run()
    assert json.loads(run("--json"))["kind"] == "sprites"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_stdout_is_one_line() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "sprite_lab", "--version"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("sprite-lab: No space left")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="closed by a POSIX shell")
@pytest.mark.parametrize(("closed", "code"), [("--version >&-", 0), ("info none.npz 2>&-", 1)])
def test_what_is_closed_is_not_written_to(closed: str, code: int, tmp_path: Path) -> None:
    line = f"{shlex.quote(sys.executable)} -m sprite_lab {closed}"
    done = subprocess.run(line, shell=True, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (code, b"", b"")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are POSIX's")
def test_a_pipe_is_neither_replaced_nor_waited_for(command: Command, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.npz"
    os.mkfifo(pipe)
    for arguments in (
        ["sample", "--model", "x", "--out", pipe],
        ["train", "--data", pipe, "--out", tmp_path / "run"],
    ):
        done = command(*arguments)
        assert done.code == 1
        assert "not a plain file" in done.error
    assert pipe.is_fifo()


def test_a_name_before_the_ending_is_asked_for(command: Command, tmp_path: Path) -> None:
    done = command("sample", "--model", "x", "--out", tmp_path / ".npz")
    assert done.code == 2
    assert "put a name before it" in done.error


def test_a_folder_without_leave_is_refused_before_the_work(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # tests may run as root
    done = command("sample", "--model", "none", "--out", tmp_path / "a.npz")
    assert done.code == 1
    assert "Nothing can be written" in done.error


def test_a_name_that_is_too_long_is_refused_before_the_work(
    command: Command, tmp_path: Path
) -> None:
    for arguments, ending in ((["report"], "html"), (["sample", "--model"], "npz")):
        done = command(*arguments, "builtin", "--out", tmp_path / f"{'a' * 300}.{ending}")
        assert done.code == 1
        assert done.error.endswith(f".{ending}' cannot be used: file name too long.")


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli_main, "app", fail)
    with pytest.raises(ZeroDivisionError):
        cli_main.main(["selftest"])


def opening(*paths: str) -> asked.AppOptions:
    return asked.AppOptions(paths=tuple(Path(path) for path in paths))


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ([], asked.AppOptions()),
        (["--data", "a.npz"], asked.AppOptions(data="a.npz")),
        (["--data=a.npz"], asked.AppOptions(data="a.npz")),
        (["--model", "runs/1", "--data", "a.npz"], asked.AppOptions("a.npz", "runs/1")),
        (["lesson.json"], opening("lesson.json")),
        (
            ["--data", "a.npz", "lesson.json"],
            asked.AppOptions("a.npz", None, (Path("lesson.json"),)),
        ),
        (["my sprites.npz"], opening("my sprites.npz")),
        (["a.png", "b.png"], opening("a.png", "b.png")),
        (["./train"], opening("train")),
        (["a.npz", "train"], opening("a.npz", "train")),
        (["--", "train", "-x.png"], opening("train", "-x.png")),
        (["gone/"], opening("gone")),
        (["folder"], opening("folder")),
        (["file:///tmp/my%20sprites%23.npz"], opening("/tmp/my sprites#.npz")),
        (["file://localhost/tmp/%C3%A9.npz"], opening("/tmp/é.npz")),
        (["FILE:/tmp/a.npz"], opening("/tmp/a.npz")),
        (["file:///tmp/%ff.npz"], opening(os.fsdecode(b"/tmp/\xff.npz"))),
        (["info", "lesson.json"], None),
        (["train"], None),
        (["trian"], None),
        (["a.npz", "--json"], None),
        (["--data"], None),
        (["--version"], None),
        (["--help"], None),
        (["info", "--models"], None),
        (["train", "--data", "a.npz"], None),
        (["--data", "a.npz", "--out", "b"], None),
    ],
)
def test_what_opens_the_app(
    arguments: list[str],
    options: asked.AppOptions | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "train").touch()  # a command of this name has precedence
    assert asked.app_options(arguments) == options


def test_the_app_knows_every_command() -> None:
    assert asked.COMMANDS == COMMANDS


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["gone.spritelab"], "There is no file or folder 'gone.spritelab'; check its name."),
        (["notes.txt"], "“notes.txt” cannot be opened: open sprites "),
        (["gone.npz", "notes.txt"], "There is no file or folder 'gone.npz'"),
        (["notes.txt", "./sheet.gpl"], "None of these 2 files contains sprites"),
        (["file:///nowhere/a%20b.npz"], "There is no file or folder '/nowhere/a b.npz'"),
    ],
)
def test_what_cannot_be_opened_is_reported_before_the_window(
    names: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("notes.txt", "sheet.gpl"):
        (tmp_path / name).touch()
    assert run_main(names) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"sprite-lab: {sentence}")
    assert said.count("\n") == 1


def test_without_stderr_the_window_says_what_cannot_be_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr("sprite_lab.display.why_no_window", lambda: "")
    monkeypatch.setattr("sprite_lab.log.start_logging", lambda: None)
    monkeypatch.setattr(
        "sprite_lab.ui.shell.app.run_app", lambda *given: opened.append(given[:3]) or 0
    )
    assert run_main(["gone.spritelab", "."]) == 0
    assert opened == [(None, None, [Path.cwd() / "gone.spritelab", Path.cwd()])]


def test_without_a_folder_for_runs_the_app_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("sprite_lab.display.why_no_window", lambda: "")
    assert run_main([]) == 2
    said = capsys.readouterr().err
    assert "set SPRITE_LAB_HOME" in said
    assert said.count("\n") == 1


def test_the_app_does_not_start_where_it_can_keep_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For example on a write-protected disk, where the folders exist."""
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path))
    monkeypatch.setattr("sprite_lab.display.why_no_window", lambda: "")
    monkeypatch.setattr("sprite_lab.ui.shell.app.run_app", lambda *_: 0)
    monkeypatch.setattr("sprite_lab.log.start_logging", lambda: None)
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path / "data")
    assert run_main([]) == 2
    said = capsys.readouterr().err
    assert f"'{tmp_path / 'data'}' cannot be written: set SPRITE_LAB_HOME" in said


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have a display")
@pytest.mark.parametrize("arguments", [[], ["--data", "a.npz"]])
def test_without_a_display_the_app_says_so(arguments: list[str]) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        [sys.executable, "-m", "sprite_lab", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "no display" in done.stderr
    assert all(name in done.stderr for name in COMMANDS)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X servers are Linux's")
def test_a_dead_display_is_no_abort() -> None:
    environment = {**os.environ, "DISPLAY": ":987"}
    environment.pop("QT_QPA_PLATFORM", None)
    environment.pop("WAYLAND_DISPLAY", None)
    done = subprocess.run(
        [sys.executable, "-m", "sprite_lab"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("kind", ["reverse", "forward"])
def test_a_set_in_the_place_of_a_model_is_reported_in_a_sentence(
    command: Command, tmp_path: Path, kind: str
) -> None:
    sprites = tmp_path / "file.npz"
    np.savez(sprites, images=np.zeros((2, 16, 16, 3), np.uint8))
    refused = command("export", sprites, "--kind", kind, "--out", tmp_path / "a.gif")
    assert refused.code == 1
    assert refused.error.strip() == (
        f"sprite-lab: '{sprites}' is not a model: name a run folder, a .safetensors file or a "
        "model that comes with Sprite Lab."
    )
