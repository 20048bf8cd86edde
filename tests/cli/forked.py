"""Processes like those of ``python -c``, on Linux forked from one that has imported torch.

Importing it takes two seconds of processor time, forking a few hundredths. On macOS, system
libraries do not allow forking.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
from pathlib import Path

#: Modules that the commands import, many of them lazily.
IMPORTED = (
    "torch.distributed",
    "sprite_lab.cli.main",
    "sprite_lab.data.near_copies",
    "sprite_lab.engine.measuring.evaluation",
    "sprite_lab.engine.sampling.reverse",
    "sprite_lab.engine.training.processes",
    "sprite_lab.engine.training.trainer",
    "sprite_lab.formats.importing.into_store",
)


def _run(program: str, arguments: list[str], environment: dict[str, str], said: Path) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(said, os.O_WRONLY), 2)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["-c", *arguments]
    exec(compile(program, "<string>", "exec"), {"__name__": "__main__"})


class Forked:
    """A program that runs in its own process, with extra environment variables."""

    def __init__(self, program: str, arguments: list[str], **environment: str) -> None:
        method = "forkserver" if sys.platform == "linux" else "spawn"
        context = multiprocessing.get_context(method)
        context.set_forkserver_preload(list(IMPORTED))
        number, name = tempfile.mkstemp(prefix="said-")
        os.close(number)
        self._said = Path(name)
        given = (program, arguments, {**os.environ, **environment}, self._said)
        self._process = context.Process(target=_run, args=given)
        self._process.start()

    def is_running(self) -> bool:
        return self._process.is_alive()

    def send_signal(self, number: signal.Signals) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def ended(self, seconds: float) -> tuple[int, str]:
        """Wait for its end: its exit code and stderr."""
        self._process.join(seconds)
        assert self._process.exitcode is not None, "it did not end in time"
        text = self._said.read_text("utf-8")
        self._said.unlink()
        return self._process.exitcode, text
