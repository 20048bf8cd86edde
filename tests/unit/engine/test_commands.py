"""Requests to a training run by another program, passed in a file."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from sprite_lab.core.run import RunControl
from sprite_lab.engine.training import commands
from sprite_lab.engine.training.commands import (
    ANSWER,
    COMMAND,
    Answer,
    Command,
    Commands,
    from_bytes,
    to_bytes,
)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "LOOK_EVERY", 0.0)


def ask(run: Path, *command: object) -> None:
    (run / COMMAND).write_bytes(to_bytes(Command(*command)))  # type: ignore[arg-type]


def answered(run: Path) -> object:
    return from_bytes(Answer, (run / ANSWER).read_bytes())


def test_stop_and_rate_are_done_once_and_answered(tmp_path: Path) -> None:
    control = RunControl()
    heeding = Commands(tmp_path, control, resumed=False)
    assert list(heeding.heed(1)) == []
    assert not (tmp_path / ANSWER).exists()
    ask(tmp_path, 7, "rate", 0.5)
    assert list(heeding.heed(2)) == []
    assert heeding.rate == 0.5
    assert answered(tmp_path) == commands.Answer(7, 2, False, 0.5)
    list(heeding.heed(3))
    assert answered(tmp_path) == commands.Answer(7, 2, False, 0.5)
    assert not control.stop_requested
    ask(tmp_path, 8, "stop")
    list(heeding.heed(4))
    assert control.stop_requested


def test_a_pause_lasts_until_it_is_called_off(tmp_path: Path) -> None:
    control = RunControl()
    heeding = Commands(tmp_path, control, resumed=False)
    ask(tmp_path, 1, "pause")
    pause = heeding.heed(5)
    next(pause)
    assert answered(tmp_path) == commands.Answer(1, 5, True, 1.0)
    next(pause)
    ask(tmp_path, 2, "resume")
    assert list(pause) == []
    assert answered(tmp_path) == commands.Answer(2, 5, False, 1.0)
    ask(tmp_path, 3, "pause")
    pause = heeding.heed(6)
    next(pause)
    control.stop()
    assert list(pause) == []


def test_a_resumed_run_keeps_its_rate_and_forgets_the_rest(tmp_path: Path) -> None:
    first = Commands(tmp_path, RunControl(), resumed=False)
    ask(tmp_path, 1, "rate", 0.25)
    list(first.heed(1))
    ask(tmp_path, 2, "stop")
    control = RunControl()
    again = Commands(tmp_path, control, resumed=True)
    assert list(again.heed(2)) == []
    assert (again.rate, control.stop_requested) == (0.25, False)
    assert Commands(tmp_path, control, resumed=False).rate == 1.0
    assert not (tmp_path / COMMAND).exists()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b'{"number": 1}',
        b'{"number": 1, "what": "explode"}',
        b'{"number": 1, "what": "rate", "rate": NaN}',
        b'{"number": 1, "what": "rate", "rate": 1e9}',
        b'{"number": 1, "what": "rate", "rate": "fast"}',
        b'{"number": null, "what": "stop"}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_command_is_not_heeded(tmp_path: Path, text: bytes) -> None:
    (tmp_path / COMMAND).write_bytes(text)
    assert from_bytes(Command, text) is None
    control = RunControl()
    heeding = Commands(tmp_path, control, resumed=True)
    assert list(heeding.heed(1)) == []
    assert not control.stop_requested
    assert heeding.rate == 1.0


def test_it_looks_for_a_command_twice_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(commands, "LOOK_EVERY", 0.5)
    monkeypatch.setattr(commands, "time", SimpleNamespace(monotonic=lambda: now[0]))
    control = RunControl()
    heeding = Commands(tmp_path, control, resumed=False)
    list(heeding.heed(1))
    ask(tmp_path, 1, "stop")
    now[0] = 100.4
    list(heeding.heed(2))
    assert not control.stop_requested
    now[0] = 100.5
    list(heeding.heed(3))
    assert control.stop_requested


def test_what_is_not_said_is_as_usual() -> None:
    assert Answer() == Answer(0, 0, False, 1.0)
    assert Command(1, "pause").rate == 1.0
    assert from_bytes(Command, b'{"number": 3, "what": "stop"}') == Command(3, "stop", 1.0)


def test_it_looks_at_once_and_rests_while_it_is_paused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    monkeypatch.setattr(
        commands, "time", SimpleNamespace(monotonic=lambda: 0.5, sleep=rests.append)
    )
    heeding = Commands(tmp_path, RunControl(), resumed=False)
    ask(tmp_path, 1, "pause")
    waiting = heeding.heed(1)
    next(waiting)
    next(waiting)
    assert rests == [0.25, 0.25]
