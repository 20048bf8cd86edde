"""What another program asks of a training: by a file in its run folder, answered by another one.

Whoever follows a run, here or from another machine, writes ``command.json``. The training looks
for it between its steps, does as it says and writes ``answer.json``, which names the command by
its number. What was asked last of pausing and of the learning rate stays in the answer, so that
a run that is resumed knows of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import get_args

from sprite_lab.core import strict_json
from sprite_lab.core.follow_control import Wish
from sprite_lab.core.run import RunControl
from sprite_lab.formats.atomic import atomic_write

COMMAND, ANSWER = "command.json", "answer.json"

#: Most bytes of either file.
LARGEST = 4096

#: Seconds between two looks for a command.
LOOK_EVERY = 0.5

#: What the learning rate can be multiplied by.
LOWEST_RATE, HIGHEST_RATE = 1e-4, 100.0


@dataclass(frozen=True)
class Command:
    """A wish, with a number that its answer repeats.

    ``rate``: what "rate" multiplies the learning rate of the recipe by, 0.0001..100.

    Raises
    ------
    ValueError
        If there is no such wish, or no such number.
    """

    number: int
    what: Wish
    rate: float = 1.0

    def __post_init__(self) -> None:
        if self.what not in get_args(Wish) or type(self.number) is not int:
            raise ValueError(f"no command: {self.what!r}, {self.number!r}")
        if not LOWEST_RATE <= self.rate <= HIGHEST_RATE:
            raise ValueError(f"no share of a learning rate: {self.rate!r}")


@dataclass(frozen=True)
class Answer:
    """Which command was done last, and how the training stands since."""

    number: int = 0
    step: int = 0
    paused: bool = False
    rate: float = 1.0


def to_bytes(what: Command | Answer) -> bytes:
    """As it is written."""
    return strict_json.dumps(asdict(what)).encode()


def read_command(data: bytes) -> Command | None:
    """What a file asks for; None if it is not to be understood."""
    try:
        found = strict_json.loads(data)
        return Command(int(found["number"]), found["what"], float(found.get("rate", 1.0)))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def read_answer(data: bytes) -> Answer | None:
    """What a file answers; None if it is not to be understood."""
    try:
        found = strict_json.loads(data)
        rate = float(found["rate"])
        if not LOWEST_RATE <= rate <= HIGHEST_RATE:
            return None
        return Answer(int(found["number"]), int(found["step"]), found["paused"] is True, rate)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


class Commands:
    """Takes commands from a run folder between the steps of its training.

    Parameters
    ----------
    resumed : whether the run goes on, and with it the learning rate that was asked for.
    """

    def __init__(self, run: Path, control: RunControl, *, resumed: bool) -> None:
        self._run, self._control = run, control
        if not resumed:
            for name in (COMMAND, ANSWER):
                (run / name).unlink(missing_ok=True)
        self._answer = read_answer(self._read(ANSWER)) or Answer()
        self._next_look = 0.0
        # What was asked of an earlier process is not asked of this one.
        old = read_command(self._read(COMMAND))
        number = self._answer.number if old is None else old.number
        self._answer = replace(self._answer, number=number, paused=False)

    @property
    def rate(self) -> float:
        """What the learning rate is multiplied by."""
        return self._answer.rate

    def heed(self, step: int) -> Iterator[None]:
        """Do what is asked for after ``step``; while paused, yield four times a second."""
        if time.monotonic() < self._next_look:
            return
        self._look(step)
        while self._answer.paused and not self._control.stop_requested:
            time.sleep(0.25)
            yield None
            self._look(step)
        self._next_look = time.monotonic() + LOOK_EVERY

    def _look(self, step: int) -> None:
        command = read_command(self._read(COMMAND))
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
        with atomic_write(self._run / ANSWER) as file:
            file.write(to_bytes(answer))

    def _read(self, name: str) -> bytes:
        try:
            with (self._run / name).open("rb") as file:
                return file.read(LARGEST)
        except OSError:
            return b""
