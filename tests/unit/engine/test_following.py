"""Following a run written by another process, locally and over SSH on loopback."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sprite_lab.core.errors import RunError
from sprite_lab.core.follow_control import FollowControl
from sprite_lab.core.records import CheckpointSaved, Notice, Preview, Record, StepRecord
from sprite_lab.engine.following import agent, connection, follow_run
from sprite_lab.engine.following.connection import LostError, Place, parse_place
from sprite_lab.engine.following.follow_run import find_run, follow_iter
from sprite_lab.engine.training.commands import (
    ANSWER,
    COMMAND,
    Answer,
    Command,
    from_bytes,
    to_bytes,
)
from sprite_lab.engine.training.run_folder import RunFolder
from tests.ssh_host import running_sshd
from tests.written_run import WrittenRun


@pytest.fixture
def training(tmp_path: Path) -> Iterator[WrittenRun]:
    training = WrittenRun(tmp_path / "elsewhere" / "run")
    yield training
    training.end()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_run, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(follow_run, "TRY_AGAIN", 0.01)
    monkeypatch.setattr(follow_run, "QUIET", 0.2)


class Watcher:
    """A follower, and the records it receives."""

    def __init__(self, place: Place, runs: Path) -> None:
        self.control = FollowControl()
        self.followed = find_run(place, runs)
        self.run = follow_iter(self.followed, self.control)
        self.seen: list[Record] = []
        self.result: Path | None = None

    def until(self, *kinds: type[Record], step: int = 0, text: str = "") -> Record:
        """Advance until a record of a kind comes, at ``step`` or later, with ``text``."""
        deadline = time.monotonic() + 200
        while time.monotonic() < deadline:
            for record in self.seen:
                if (
                    isinstance(record, kinds)
                    and getattr(record, "step", 0) >= step
                    and text in getattr(record, "text", "")
                ):
                    return record
            self.advance()
        raise AssertionError((kinds, step, text, self.seen))

    def advance(self) -> None:
        record = next(self.run)
        if isinstance(record, Preview):
            self.control.want_preview()
        if record is not None:
            self.seen.append(record)

    def to_the_end(self) -> Path:
        while True:
            try:
                self.advance()
            except StopIteration as end:
                return end.value

    def steps(self) -> list[int]:
        return [record.step for record in self.seen if isinstance(record, StepRecord)]


def check_following(training: WrittenRun, watcher: Watcher) -> None:
    """Check what can be seen of a run, wherever it is."""
    training.step(1, 2)
    training.draw(1)
    watcher.until(StepRecord, step=2)
    preview = watcher.until(Preview, step=1)
    assert isinstance(preview, Preview)
    assert preview.images.shape == (4, 16, 16, 3)
    assert (preview.images == 1).all()
    training.step(3, torn='{"step": 4, "lo')
    watcher.until(StepRecord, step=3)
    training.folder.metrics.write_bytes(
        training.folder.metrics.read_bytes()[: -len('{"step": 4, "lo')]
    )  # like a resumed run
    training.step(4, 5)
    training.save(5)
    training.draw(2)
    training.draw(5)
    saved = watcher.until(CheckpointSaved, step=5)
    assert isinstance(saved, CheckpointSaved)
    assert saved.path.read_bytes() == training.folder.weights(5).read_bytes()
    assert watcher.steps() == [1, 2, 3, 4, 5]
    previews = [record.step for record in watcher.seen if isinstance(record, Preview)]
    assert previews == [1, 2, 5]

    watcher.control.set_rate(0.5)
    asked = None
    while asked is None:
        watcher.advance()
        path = training.folder.path / COMMAND
        asked = from_bytes(Command, path.read_bytes()) if path.exists() else None
    assert (asked.what, asked.rate) == ("rate", 0.5)
    answer = Answer(asked.number, 5, paused=True, rate=0.5)
    (training.folder.path / ANSWER).write_bytes(to_bytes(answer))
    watcher.until(Notice, text="carried out the command at step 5")
    assert watcher.control.paused
    (training.folder.path / ANSWER).write_bytes(to_bytes(replace(answer, paused=False)))
    training.end()
    folder = watcher.to_the_end()
    assert not watcher.control.paused
    assert RunFolder(folder).steps() == [5]
    assert not RunFolder(folder).state(5).exists() or folder == training.folder.path
    assert [row["step"] for row in RunFolder(folder).read_metrics()] == [1, 2, 3, 4, 5]


def test_a_run_of_this_machine(training: WrittenRun, tmp_path: Path) -> None:
    watcher = Watcher(Place(str(training.folder.path)), tmp_path / "runs")
    assert watcher.followed.folder == training.folder.path
    check_following(training, watcher)
    assert not (tmp_path / "runs").exists()


def test_leaving_leaves_the_training_alone(training: WrittenRun, tmp_path: Path) -> None:
    watcher = Watcher(Place(str(training.folder.path)), tmp_path)
    training.step(1)
    watcher.until(StepRecord)
    watcher.control.leave()
    watcher.to_the_end()
    assert not (training.folder.path / COMMAND).exists()


def test_only_files_of_a_run_are_reported(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "run.json").write_text("{}")
    requests = [{}, {"read": "../secret.txt", "offset": 0}, {"read": "run.json", "offset": 1}]
    lines = b"".join(json.dumps(request).encode() + b"\n" for request in requests)
    said = io.BytesIO()
    agent.serve(str(tmp_path), io.BytesIO(lines), said)
    first, second, third, rest = said.getvalue().splitlines()
    assert list(json.loads(first)["files"]) == ["run.json"]
    assert "error" in json.loads(second)
    assert (json.loads(third), rest) == ({"size": 1}, b"}")


@pytest.mark.parametrize("text", ["", ":", "-oProxyCommand=x:run", "a b:run", "host:", "ssh://h"])
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(RunError, match="HOST:FOLDER"):
        parse_place(text)


def test_there_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="There is no training"):
        find_run(Place(str(tmp_path)), tmp_path)
    with pytest.raises(RunError, match="cannot be reached: there is no folder"):
        find_run(Place(str(tmp_path / "nowhere")), tmp_path)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with running_sshd(tmp_path_factory.mktemp("ssh")) as machine:
        yield machine


class TestOverSsh:
    @pytest.fixture
    def place(self, host: Place, training: WrittenRun) -> Place:
        return replace(host, folder=str(training.folder.path))

    def test_it_is_as_here(self, place: Place, training: WrittenRun, tmp_path: Path) -> None:
        watcher = Watcher(place, tmp_path / "runs")
        assert watcher.followed.folder == tmp_path / "runs" / "127.0.0.1-run"
        check_following(training, watcher)
        # The same run gets the same folder again; another run gets its own.
        again = find_run(place, tmp_path / "runs")
        assert again.folder == watcher.followed.folder
        again.connection.close()

    def test_a_lost_connection_is_reported_and_comes_back(
        self, place: Place, training: WrittenRun, tmp_path: Path
    ) -> None:
        watcher = Watcher(place, tmp_path)
        training.step(1)
        watcher.until(StepRecord, step=1)
        watcher.followed.connection.close()
        training.step(2)
        watcher.until(StepRecord, step=2)
        told = [record.text for record in watcher.seen if isinstance(record, Notice)]
        assert "was lost" in told[0]
        watcher.until(Notice, text="is back")
        assert watcher.steps() == [1, 2]
        watcher.control.leave()
        watcher.to_the_end()

    def test_a_host_that_refuses_is_named(self, place: Place, tmp_path: Path) -> None:
        with pytest.raises(RunError, match="Permission denied"):
            find_run(replace(place, host="nobody@127.0.0.1"), tmp_path)
        with pytest.raises(RunError, match="There is no training"):
            find_run(replace(place, folder="/nowhere"), tmp_path)


def test_without_ssh_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(connection.SSH, str(tmp_path / "absent"))
    with pytest.raises(RunError, match="install OpenSSH"):
        find_run(Place("run", "host"), tmp_path)


def test_what_answers_nonsense_counts_as_lost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    client = tmp_path / "client"
    client.write_text("#!/bin/sh\necho hello; echo 'no such thing' >&2\n")
    client.chmod(0o755)
    monkeypatch.setenv(connection.SSH, str(client))
    link = Place("run", "host").connect()
    with pytest.raises(LostError, match="no such thing"):
        link.ask({})
