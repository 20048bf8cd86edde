"""The folder of a training run: its layout, reading and writing."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock

from sprite_lab.core import strict_json
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.errors import ConfigError, FileError, require
from sprite_lab.core.file_names import check_text
from sprite_lab.core.model_facts import DataFacts
from sprite_lab.core.results.level_errors import Floor
from sprite_lab.engine.training.commands import ANSWER, COMMAND
from sprite_lab.engine.training.metrics_rows import is_row
from sprite_lab.formats.atomic import write_whole
from sprite_lab.formats.folders import check_folder
from sprite_lab.formats.json_files import read_json, read_object, write_json
from sprite_lab.formats.reading import read_limited

SCHEMA_VERSION = 1

#: The largest run.json and floor.json, in bytes.
LARGEST_MANIFEST = 20_000_000

#: The longest line of metrics.jsonl, in characters; anything longer is not ours.
LONGEST_LINE = 1_000_000

#: The longest name of a run, in characters.
LONGEST_NAME = 60

#: Number of bytes that are read at once from the end of metrics.jsonl.
_BLOCK = 65_536

#: The entry of run.json that says what completed a training run: "copies" = it returned to its best
#: state, before it began to copy sprites. Any other run can be continued.
ENDED_BY = "ended_by"

FOLDERS = ("checkpoints", "early", "samples")


def is_early(step: int, checkpoint_every: int) -> bool:
    """Whether the weights of a step before the first checkpoint are kept: steps 1, 2, 4, 8 and so
    on.

    Most is learned in the first steps.
    """
    return step < checkpoint_every and step & (step - 1) == 0


class RunFolder:
    """A folder with ``run.json``, ``metrics.jsonl``, ``checkpoints/``, ``early/`` and ``samples/``;
    with ``floor.json`` if the floor was computed, and ``name.txt`` if the run was named.

    Raises FileError if it contains a link, or anything else that is neither a file nor a folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        check_folder(self.path, *FOLDERS)
        self.manifest = self.path / "run.json"
        self.metrics = self.path / "metrics.jsonl"
        self.floor = self.path / "floor.json"
        self.given_name = self.path / "name.txt"

    @property
    def exists(self) -> bool:
        """Whether a run was started here, even if it never reached a checkpoint."""
        return self.manifest.is_file()

    @property
    def begun(self) -> bool:
        """Whether a run here reached a checkpoint."""
        return self.exists and self.latest() is not None

    @property
    def free(self) -> bool:
        """Whether a run may start here: the folder is empty, or holds only the remains of a run
        that ended before its first checkpoint, for whatever reason.
        """
        if not self.path.exists():
            return True
        if self.exists:
            return not self.begun
        ours = {*FOLDERS, ".lock", self.metrics.name, self.given_name.name, COMMAND, ANSWER}
        left = list(self.path.iterdir()) if self.path.is_dir() else [self.path]
        left += [file for item in left if item.name in FOLDERS for file in item.glob("*")]
        return all(
            _is_unfinished(item) or (item.name in ours and item.parent == self.path)
            for item in left
        )

    def create(self) -> None:
        check_text(self.path)  # otherwise its weights could not be read again
        for name in FOLDERS:
            (self.path / name).mkdir(parents=True, exist_ok=True)

    def weights(self, step: int) -> Path:
        """The path of a step's averaged weights, which are all that sampling needs."""
        return self.path / "checkpoints" / f"step-{step:07d}.safetensors"

    def state(self, step: int) -> Path:
        """The path of the additional state for resuming: raw weights and optimizer moments."""
        return self.path / "checkpoints" / f"step-{step:07d}.state.safetensors"

    def early_weights(self, step: int) -> Path:
        """The path of averaged weights from before the first checkpoint, kept for viewing."""
        return self.path / "early" / f"step-{step:07d}.safetensors"

    def all_weights(self) -> list[tuple[int, Path]]:
        """All steps that have weights, in ascending order, with the paths of the weights."""
        found = {step: self.early_weights(step) for step in self.steps("early")}
        found |= {step: self.weights(step) for step in self.steps()}
        return sorted(found.items())

    def sample_sheet(self, step: int) -> Path:
        return self.path / "samples" / f"step-{step:07d}.png"

    def steps(self, kind: str = "checkpoints") -> list[int]:
        """Steps of the weights ("checkpoints", "early") or sample sheets ("samples"), ascending."""
        pattern = re.compile(r"step-([0-9]{7,18})\.(?:safetensors|png)")
        found = (pattern.fullmatch(p.name) for p in (self.path / kind).glob("step-*"))
        return sorted(int(match[1]) for match in found if match)

    def latest(self) -> int | None:
        """The step of the newest weights, or None."""
        steps = self.steps()
        return steps[-1] if steps else None

    def resumable(self) -> int | None:
        """The newest step to resume from, which has both weights and state, or None."""
        return next((s for s in reversed(self.steps()) if self.state(s).is_file()), None)

    def lock(self) -> FileLock:
        """The lock of the writing process; any other process is refused at once."""
        return FileLock(self.path / ".lock", timeout=0, thread_local=False)

    def write_manifest(self, manifest: dict[str, object]) -> None:
        write_json(self.manifest, manifest, SCHEMA_VERSION)

    def read_manifest(self) -> dict[str, object]:
        """The contents of run.json.

        Raises FileError if there is none, it is damaged, or a newer Sprite Lab wrote it.
        """
        self._check_exists()
        try:
            manifest = read_object(
                self.manifest, LARGEST_MANIFEST, SCHEMA_VERSION, f"'{self.path}'"
            )
            whole = isinstance(manifest["config"], dict) and isinstance(manifest["data"], dict)
            if not whole:
                raise ValueError
        except (OSError, ValueError, KeyError, TypeError):
            raise FileError(
                "'{name}' is not a training run: its run.json is missing or damaged.",
                name=self.path.name or self.path,
            ) from None
        return manifest

    def _check_exists(self) -> None:
        if not self.path.exists():
            raise FileError(
                "There is no run folder '{path}': it may have been moved, renamed or deleted.",
                path=self.path,
            )

    def read_data(self, *, prompts: bool = True) -> DataFacts:
        """The facts about the training data in run.json, with or without its thousands of prompts.

        Raises FileError like :meth:`read_manifest`, or if they are missing or damaged.
        """
        manifest = self.read_manifest()
        try:
            return DataFacts.from_json(manifest["data"], prompts=prompts)
        except (KeyError, TypeError, ValueError):
            raise FileError(
                "'{manifest}' is damaged: it does not say what was trained on.",
                manifest=self.manifest,
            ) from None

    def read_config(self) -> TrainConfig:
        """The configuration from run.json.

        Raises FileError like :meth:`read_manifest`, or if the settings are damaged.
        """
        try:
            config = TrainConfig.from_json(self.read_manifest()["config"])
            require(config.batch_size > 0, "a batch trial always finds a size")
            return config
        except ConfigError as error:
            raise FileError(
                "The settings in '{manifest}' are damaged: {error}",
                manifest=self.manifest,
                error=error,
            ) from None

    def read_is_complete(self) -> bool:
        """Whether training ended because the model began to copy its sprites; raises FileError like
        :meth:`read_manifest`.
        """
        return self.read_manifest().get(ENDED_BY) == "copies"

    def read_metrics(self) -> Iterator[dict[str, Any]]:
        """The records of metrics.jsonl, in order, up to the first incomplete or damaged one."""
        if not self.metrics.is_file():
            return
        # An incomplete end may contain any bytes, which must not break decoding.
        with self.metrics.open(encoding="utf-8", errors="replace") as file:
            while line := file.readline(LONGEST_LINE):
                try:
                    row = strict_json.loads(line)
                except ValueError:
                    return
                if not is_row(row):
                    return
                yield row

    def read_floor(self) -> Floor | None:
        """The floor that :meth:`write_floor` wrote; None if there is none or it is damaged."""
        try:
            return Floor.from_json(read_json(self.floor, LARGEST_MANIFEST))
        except (FileError, OSError, ValueError):
            return None

    def write_floor(self, floor: Floor) -> None:
        write_json(self.floor, floor.to_json(), indent=None)

    def read_name(self) -> str:
        """The name that the user gave to the run; "" = none."""
        try:
            text = read_limited(self.given_name, 4 * LONGEST_NAME).decode(errors="replace")
        except (FileError, OSError):
            return ""
        return _one_line(text)

    def write_name(self, name: str) -> None:
        """Name the run; a blank name removes the old one. Safe while the run is being trained.

        Raises FileError if the folder is gone.
        """
        self._check_exists()
        name = _one_line(name)
        if not name:
            self.given_name.unlink(missing_ok=True)
            return
        write_whole(self.given_name, name)

    def newest(self, *names: str) -> dict[str, float | None]:
        """The last value of each name in the valid lines of metrics.jsonl; None if there is none.

        Reads from the end, only as far as necessary: the file of a long run has a hundred
        megabytes.
        """
        found: dict[str, float | None] = dict.fromkeys(names)
        sought = {name: f'"{name}"'.encode() for name in names}
        for line in _lines_from_end(self.metrics):
            if not sought:
                break
            if not any(key in line for key in sought.values()):
                continue
            with contextlib.suppress(ValueError):  # an incomplete end
                row = strict_json.loads(line)
                if is_row(row):
                    for name in sought.keys() & row.keys():
                        found[name] = row[name]
                        del sought[name]
        return found

    def trim(self, step: int) -> None:
        """Delete everything recorded after ``step``, before the run continues from there."""
        kept = [r for r in self.read_metrics() if r["step"] <= step]
        write_whole(self.metrics, "".join(strict_json.dumps(record) + "\n" for record in kept))
        self.drop_weights(step)
        for later in (s for s in self.steps("samples") if s > step):
            self.sample_sheet(later).unlink()
        for later in (s for s in self.steps("early") if s > step):
            self.early_weights(later).unlink()
        for folder in (self.path, *(self.path / name for name in FOLDERS)):
            for unfinished in folder.glob(".*.tmp"):  # of a killed process
                unfinished.unlink()
        if step == 0:
            self.floor.unlink(missing_ok=True)

    def drop_weights(self, after: int) -> None:
        """Delete the checkpoints of steps above ``after``, and states without weights."""
        for later in (s for s in self.steps() if s > after):
            self.weights(later).unlink()
        for state in (self.path / "checkpoints").glob("step-*.state.safetensors"):
            number = state.name.removeprefix("step-").split(".")[0]
            step = int(number) if number.isdecimal() else 0
            if step > after or not self.weights(step).is_file():
                state.unlink()

    def discard(self) -> None:
        """Delete a run; if interrupted, it leaves either a resumable run or a free folder.

        Raises FileError if the system refuses to delete a part of the folder.
        """
        try:
            for step in self.steps():  # before their states
                self.weights(step).unlink()
            for ours in (self.path / name for name in FOLDERS):
                if ours.exists():
                    shutil.rmtree(ours)
            messages = (self.path / name for name in (COMMAND, ANSWER))
            notes = (self.metrics, self.floor, self.given_name, self.manifest)
            for file in (*notes, self.path / ".lock", *messages):
                file.unlink(missing_ok=True)
        except OSError as error:
            raise FileError(
                "The training was canceled, but '{name}' cannot be deleted ({reason}): delete "
                "this folder yourself.",
                name=self.path.name,
                reason=(error.strerror or str(error)).lower(),
            ) from error


def _one_line(name: str) -> str:
    return " ".join(name.split())[:LONGEST_NAME].strip()


def _lines_from_end(path: Path) -> Iterator[bytes]:
    """The lines of a file, last one first; none if the file is missing."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        position, rest = file.seek(0, os.SEEK_END), b""
        while position:
            size = min(_BLOCK, position)
            position -= size
            file.seek(position)
            rest, *lines = (file.read(size) + rest).split(b"\n")
            yield from reversed(lines)
            if len(rest) > LONGEST_LINE:  # not ours
                rest = b""
        yield rest


def _is_unfinished(path: Path) -> bool:
    """Whether this is a temporary file that was never renamed (see ``atomic_write``)."""
    return path.name.startswith(".") and path.suffix == ".tmp"


class MetricsLog:
    """Appends records to metrics.jsonl, one JSON object per line.

    They are synced to disk at every checkpoint, and made visible to followers about once a second.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._handed_over = 0.0

    def append(self, record: dict[str, object]) -> None:
        self._file.write(strict_json.dumps(record) + "\n")
        if time.monotonic() - self._handed_over >= 1.0:
            self._file.flush()
            self._handed_over = time.monotonic()

    def flush(self) -> None:
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Flush and close; a second time does nothing."""
        try:
            self.flush()
        finally:
            self._file.close()
