"""Commands from another program to a training run, through files in its run folder.

A program that follows a run, locally or from another machine, writes ``command.json``. The training
process looks for it between steps, obeys it and writes ``answer.json``, which repeats the command's
number. The answer also holds the factor on the learning rate, which a resumed run keeps.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from sprite_lab.core import strict_json
from sprite_lab.core.config.base import Config, same_as, setting
from sprite_lab.core.follow_control import Wish
from sprite_lab.core.run import RunControl
from sprite_lab.formats.atomic import write_whole

COMMAND, ANSWER = "command.json", "answer.json"

#: The largest size of either file, in bytes.
LARGEST = 4096

#: Seconds between two checks for a command.
LOOK_EVERY = 0.5


@dataclass(frozen=True)
class Command(Config):
    """A command, with a number that its answer repeats.

    ``rate``: the factor on the recipe's learning rate.
    """

    number: int
    what: Wish
    rate: float = setting(1.0, low=1e-4, high=100.0)


@dataclass(frozen=True)
class Answer(Config):
    """The last command carried out, and the resulting state of the run."""

    number: int = 0
    step: int = 0
    paused: bool = False
    rate: float = same_as(Command, "rate")


Message = TypeVar("Message", Command, Answer)


def to_bytes(message: Command | Answer) -> bytes:
    """The contents of a message's file."""
    return strict_json.dumps(message.to_json()).encode()


def from_bytes(kind: type[Message], data: bytes) -> Message | None:
    """The message in a file; None if it is malformed."""
    try:
        return kind.from_json(strict_json.loads(data))
    except ValueError:
        return None


class Commands:
    """Carries out the commands in a run folder between training steps.

    ``resumed``: whether the run is resumed, and so keeps the last requested learning rate.
    """

    def __init__(self, run: Path, control: RunControl, *, resumed: bool) -> None:
        self._run, self._control = run, control
        if not resumed:
            for name in (COMMAND, ANSWER):
                (run / name).unlink(missing_ok=True)
        self._answer = from_bytes(Answer, self._read(ANSWER)) or Answer()
        self._next_look = 0.0
        # Commands to an earlier process do not apply to this one.
        old = from_bytes(Command, self._read(COMMAND))
        number = self._answer.number if old is None else old.number
        self._answer = replace(self._answer, number=number, paused=False)

    @property
    def rate(self) -> float:
        """The factor on the learning rate."""
        return self._answer.rate

    def heed(self, step: int) -> Iterator[None]:
        """Obey commands after ``step``; while paused, yield four times a second."""
        if time.monotonic() < self._next_look:
            return
        self._look(step)
        while self._answer.paused and not self._control.stop_requested:
            time.sleep(0.25)
            yield None
            self._look(step)
        self._next_look = time.monotonic() + LOOK_EVERY

    def _look(self, step: int) -> None:
        command = from_bytes(Command, self._read(COMMAND))
        if command is None or command.number == self._answer.number:
            return
        answer = replace(self._answer, number=command.number, step=step)
        if command.what == "stop":
            self._control.stop()
        elif command.what == "rate":
            answer = replace(answer, rate=command.rate)
        else:
            answer = replace(answer, paused=command.what == "pause")
        self._answer = answer
        write_whole(self._run / ANSWER, to_bytes(answer))

    def _read(self, name: str) -> bytes:
        try:
            with (self._run / name).open("rb") as file:
                return file.read(LARGEST)
        except OSError:
            return b""
