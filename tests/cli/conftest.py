"""Running commands in this process, and one small run that many tests read."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main

from sprite_lab.cli.main import main
from sprite_lab.engine.models.model import load_model
from sprite_lab.engine.serving.server import Server

SMALL = ("--width", "16", "--batch-size", "16", "--device", "cpu")
SMALL += ("--preview-count", "1", "--preview-steps", "1")


@dataclass(frozen=True)
class Done:
    """How a command ended, and its output."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The single line on stderr that makes up an error."""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("sprite-lab: ")
        return lines[0]


Command = Callable[..., Done]


@pytest.fixture(scope="session", autouse=True)
def _commands_built_once() -> Iterator[None]:
    """Build all commands once: Typer does so at each call, which takes longer
    than most commands.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", cache(typer.main.get_command))
        yield


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], few_threads: None) -> Command:
    """``command("train", "--out", path)``: runs it here, returns exit code and output."""

    def run(*arguments: object) -> Done:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def small_run(sprites_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 12 steps on made sprites. Read-only."""
    run = tmp_path_factory.mktemp("runs") / "small"
    arguments = ["--data", str(sprites_file), "--max-steps", "12", "--out", str(run)]
    assert main(["train", *arguments, *SMALL]) == 0
    return run


#: With characters that end or escape a string of a program.
TOKEN = 'quote"and\\' + "t" * 30


@pytest.fixture(scope="module")
def server(small_run: Path) -> Iterator[Server]:
    """A server of the small run, for clients that have the token."""
    with Server(load_model(small_run, "cpu"), TOKEN, 0) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.02,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()
