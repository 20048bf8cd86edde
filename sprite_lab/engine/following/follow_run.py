"""Following a run: its records as if it were trained here, and its files in a local folder."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core import strict_json
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.errors import FileError, RunError, SpriteLabError
from sprite_lab.core.follow_control import FollowControl
from sprite_lab.core.pixels.tile_sets import cut
from sprite_lab.core.records import CheckpointSaved, Notice, Preview, Progress, Record, StepRecord
from sprite_lab.core.run import Run
from sprite_lab.engine.following.agent import NAMES
from sprite_lab.engine.following.connection import Connection, Here, LostError, Place
from sprite_lab.engine.training.commands import ANSWER, Answer, Command, from_bytes, to_bytes
from sprite_lab.engine.training.level_window import level_bins
from sprite_lab.engine.training.metrics_rows import is_row, records_of
from sprite_lab.engine.training.run_folder import FOLDERS, LONGEST_LINE, RunFolder
from sprite_lab.formats.atomic import atomic_write, write_whole
from sprite_lab.formats.images.png import read_image
from sprite_lab.formats.json_files import write_json
from sprite_lab.words import tr

#: Seconds between two polls, and before a lost connection is retried.
LOOK_EVERY, TRY_AGAIN = 1.0, 5.0

#: Seconds after which a run whose process is gone counts as ended.
QUIET = 3.0

#: The largest file that is fetched, in bytes, by suffix.
LARGEST = {".json": 4_000_000, ".png": 50_000_000, ".safetensors": 4_000_000_000}


@dataclass(frozen=True)
class Followed:
    """A run that can be followed: its location, its local folder and its settings.

    ``data``: title and fingerprint of its training set.
    """

    place: Place
    folder: Path
    config: TrainConfig
    connection: Connection
    data: tuple[str, str]


def find_run(place: Place, runs: Path) -> Followed:
    """Connect to a run. A remote one gets a local folder below ``runs``.

    Raises RunError if there is none, or the other machine cannot be reached.
    """
    connection = place.connect()
    try:
        manifest = _manifest(connection)
        if isinstance(connection, Here):
            folder = Path(place.folder).absolute()
        else:
            folder = _own_folder(place, runs)
            write_whole(folder / "run.json", manifest)
        own = RunFolder(folder)
        config, data = own.read_config(), own.read_data(prompts=False)
        told = data.title, data.fingerprint
        return Followed(place, folder, config, connection, told)
    except LostError as error:
        connection.close()
        raise RunError("'{place}' cannot be reached: {error}.", place=place, error=error) from None
    except SpriteLabError:
        connection.close()
        raise


def _own_folder(place: Place, runs: Path) -> Path:
    """The local folder for a remote run's files, always the same for the same run."""
    host = place.host.rpartition("@")[2].strip("[]").replace(":", "-")
    for number in range(1, 1000):
        folder = runs / (f"{host}-{place.name}" + (f"-{number}" if number > 1 else ""))
        note = folder / "followed.json"
        try:
            if strict_json.loads(note.read_bytes()) == {"place": str(place), "port": place.port}:
                break
        except (OSError, ValueError):
            if folder.exists():
                continue
            RunFolder(folder).create()
            write_json(note, {"place": str(place), "port": place.port}, indent=None)
            break
    else:
        raise FileError("There are too many runs called '{name}': remove some.", name=place.name)
    RunFolder(folder).create()
    return folder


def follow_iter(run: Followed, control: FollowControl) -> Run[Path]:
    """Yield the records of a run from its first step until its training ends; return its folder.

    A lost connection is reported and retried. ``control`` can end following at any time.
    """
    follower = _Follower(run, control)
    try:
        lost = False
        while not control.left:
            try:
                yield from follower.look()
                if lost:
                    yield Notice(tr("The connection to '{place}' is back.", place=run.place))
                lost = False
                if follower.ended:
                    break
                yield from _nap(LOOK_EVERY, control)
            except LostError as error:
                if not lost and not control.left:
                    yield Notice(
                        tr(
                            "The connection to '{place}' was lost ({error}). Still trying.",
                            place=run.place,
                            error=error,
                        )
                    )
                lost = True
                yield from _nap(TRY_AGAIN, control)
                follower.connect()
    finally:
        follower.connection.close()
    return run.folder


def _nap(seconds: float, control: FollowControl) -> Iterator[None]:
    end = time.monotonic() + seconds
    while not control.left and time.monotonic() < end:
        time.sleep(0.05)
        yield None


class _Follower:
    """The state of following a run."""

    def __init__(self, run: Followed, control: FollowControl) -> None:
        self.run, self.control, self.connection = run, control, run.connection
        control.on_leave = run.connection.close
        self.folder = RunFolder(run.folder)
        self.ended = False
        self._copy = not isinstance(run.connection, Here)
        self._bins = level_bins(run.config)
        self._offset, self._rest = 0, b""
        self._step = 0
        self._shown: set[str] = set()
        self._number = 0
        self._answer = Answer()
        self._changed_at = time.monotonic()
        if self._copy:
            self.folder.metrics.unlink(missing_ok=True)

    def connect(self) -> None:
        """Try another connection."""
        self.connection.close()
        if not self.control.left:
            self.connection = self.run.place.connect()
            self.control.on_leave = self.connection.close

    def look(self) -> Iterator[Record | None]:
        """Fetch everything new, once."""
        found, _ = self.connection.ask({})
        files = {
            name: (int(size), int(changed))
            for name, (size, changed) in found["files"].items()
            if NAMES.fullmatch(name)
        }
        yield from self._take_answer(files)
        yield from self._send()
        yield from self._read_metrics(files.get("metrics.jsonl", (0, 0))[0])
        yield from self._take_files(files)
        if found["busy"] or self._answer.paused:
            self._changed_at = time.monotonic()
        elif found["busy"] is False and time.monotonic() - self._changed_at > QUIET:
            self.ended = True

    # -- metrics ---------------------------------------------------------------------------

    def _read_metrics(self, size: int) -> Iterator[Record | None]:
        if size < self._offset:  # it was resumed from an earlier checkpoint
            self._offset, self._rest = 0, b""
            if self._copy:
                self.folder.metrics.unlink(missing_ok=True)
        while self._offset < size and not self.control.left:
            _, data = self.connection.ask({"read": "metrics.jsonl", "offset": self._offset})
            if not data:
                break
            self._offset += len(data)
            self._changed_at = time.monotonic()
            *lines, self._rest = (self._rest + data).split(b"\n")
            if len(self._rest) > LONGEST_LINE:
                raise FileError("'metrics.jsonl' is not the record of a training run.")
            if self._copy and lines:
                with self.folder.metrics.open("ab") as file:
                    file.write(b"".join(line + b"\n" for line in lines))
            for line in lines:
                yield from self._records(line)
            yield None

    def _records(self, line: bytes) -> Iterator[Record]:
        try:
            row = strict_json.loads(line)
            if not is_row(row):
                return
            records = list(records_of(row, self._bins))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            return  # torn, or of a newer version
        first = records[0]
        assert isinstance(first, StepRecord)
        if first.step <= self._step:
            return  # seen before the run was resumed
        self._step = first.step
        yield from records
        yield Progress(*self._progress(first), tr("Training"))

    def _progress(self, record: StepRecord) -> tuple[int, int]:
        config = self.run.config
        if config.max_steps is not None:
            return record.step, config.max_steps
        if config.epochs is not None:
            return int(record.epoch * 1000), config.epochs * 1000
        return int(record.seconds), int(config.max_seconds or 0)

    # -- files -----------------------------------------------------------------------------

    def _take_files(self, files: dict[str, tuple[int, int]]) -> Iterator[Record | None]:
        self._forget({name for name in files if "/" in name})
        for name in sorted(files, key=lambda name: (name.endswith(".safetensors"), name)):
            if "/" not in name or name in self._shown or self.control.left:
                continue
            step = int(name.rpartition("-")[2].split(".")[0])
            picture = name.endswith(".png")
            # One preview at a time, so that none is skipped.
            if picture and not self.control.take_preview_credit():
                continue
            path = self.run.folder / name
            size, changed = files[name]
            if self._copy and not _is_there(path, size):
                yield from self._copy_file(name, size, changed)
            self._shown.add(name)
            self._changed_at = time.monotonic()
            if not picture:
                yield CheckpointSaved(step, path, early=name.startswith("early"))
            elif (images := self._cut(path)) is not None:
                yield Preview(step, images)
            else:
                self.control.want_preview()

    def _forget(self, there: set[str]) -> None:
        """Delete local copies of files that the run has deleted."""
        self._shown &= there
        if not self._copy:
            return
        for part in FOLDERS:
            for path in (self.run.folder / part).iterdir():
                if f"{part}/{path.name}" not in there and NAMES.fullmatch(f"{part}/{path.name}"):
                    path.unlink()

    def _copy_file(self, name: str, size: int, changed: int) -> Iterator[None]:
        if size > LARGEST[Path(name).suffix]:
            raise FileError(
                "'{name}' of '{place}' is too large for a run.", name=name, place=self.run.place
            )
        path = self.run.folder / name
        with contextlib.closing(_pieces(self, name, size)) as pieces, atomic_write(path) as file:
            for piece in pieces:
                file.write(piece)
                yield None
        os.utime(path, ns=(changed, changed))

    def _cut(self, path: Path) -> NDArray[np.uint8] | None:
        """The sprites of a sheet; None if it is damaged."""
        try:
            sheet = read_image(path)[..., :3]
        except SpriteLabError:
            return None
        config = self.run.config
        images = cut(sheet, config.network.image_size)[: config.preview_count]
        images.flags.writeable = False
        return images if len(images) else None

    # -- commands --------------------------------------------------------------------------

    def _send(self) -> Iterator[Record]:
        for what, rate in self.control.take_wanted():
            self._number = max(self._number, self._answer.number, time.time_ns() // 1_000_000) + 1
            text = to_bytes(Command(self._number, what, rate)).decode()
            reply, _ = self.connection.ask({"command": text})
            if "error" in reply:
                yield Notice(
                    tr(
                        "'{place}' takes no commands: {error}.",
                        place=self.run.place,
                        error=reply["error"],
                    )
                )

    def _take_answer(self, files: dict[str, tuple[int, int]]) -> Iterator[Record]:
        if ANSWER not in files:
            return
        _, data = self.connection.ask({"read": ANSWER, "offset": 0})
        answer = from_bytes(Answer, data)
        if answer is None or answer == self._answer:
            return
        news = answer.number == self._number != self._answer.number
        self._answer = answer
        self.control.show_paused(answer.paused)
        if news:
            yield Notice(
                tr(
                    "'{name}' carried out the command at step {step:,}.",
                    name=self.run.place.name,
                    step=answer.step,
                )
            )


def _pieces(follower: _Follower, name: str, size: int) -> Generator[bytes, None, None]:
    """Yield a file piece by piece."""
    offset = 0
    while offset < size:
        _, data = follower.connection.ask({"read": name, "offset": offset})
        if not data:
            raise LostError(tr("'{name}' became shorter while it was fetched", name=name))
        yield data[: size - offset]
        offset += len(data)


def _is_there(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False


def _manifest(connection: Connection) -> bytes:
    """The run's ``run.json``."""
    name, data = "run.json", b""
    while True:
        head, piece = connection.ask({"read": name, "offset": len(data)})
        if "error" in head:
            raise RunError(
                "There is no training run in '{place}': {error}.",
                place=connection.place,
                error=head["error"],
            )
        data += piece
        if len(data) > LARGEST[".json"]:
            raise FileError(
                "'{name}' of '{place}' is too large for a run.",
                name=name,
                place=connection.place,
            )
        if not piece:
            return data
