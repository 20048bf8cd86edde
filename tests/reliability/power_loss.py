"""Simulated power loss: unsynced data is lost, in part or entirely, and out of order.

``python -m tests.reliability.power_loss --states 200`` records the writing calls of each command of
``kills.py``, builds folders as a disk may hold them after a power loss between any two calls, and
resumes the command there. Earlier files must be whole, old or new, and the final result identical
to that of an undisturbed run.

The possible contents follow ext4, XFS and btrfs, which write names in order and data at any time.
Names: all changes up to the last fsync of any file, and the first few of those after it. Each file:
its data at its own last fsync, and of later writes none, the first few, all, or zeros.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import json
import os
import pickle
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests.reliability.kills import Bench, Trial, in_process

#: Number of a folder, a name in it, and number of the file or folder there; None = removed.
Change = tuple[int, str, int | None]

WATCH = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p,
    ctypes.c_long, ctypes.c_long,
)  # fmt: skip


class Disk:
    """Records a process's calls in a folder, and rebuilds the folder as after a power loss.

    Files and folders are numbered; the folder itself is 0.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[tuple[int, str], int] = {}
        self.data: dict[int, bytes] = {}  #: of files only, by their numbers
        self.count = 1
        #: for each call: changed names, a file's new contents, or the number of what was synced
        self.log: list[tuple[Change, ...] | tuple[int, bytes] | int] = []
        for path in sorted(folder.rglob("*")):
            number = self._new()
            self.names[self._place(str(path))] = number
            if path.is_file():
                self.data[number] = path.read_bytes()
        self.first = dict(self.names), dict(self.data)

    def _new(self) -> int:
        self.count += 1
        return self.count - 1

    def find(self, path: str) -> int | None:
        number: int | None = 0
        for part in Path(path).relative_to(self.folder).parts:
            number = None if number is None else self.names.get((number, part))
        return number

    def _place(self, path: str) -> tuple[int, str]:
        folder = self.find(os.path.dirname(path))
        assert folder is not None, path
        return folder, os.path.basename(path)

    def __call__(
        self, what: bytes, file: int, path: bytes | None, other: bytes | None,
        data: int | None, size: int, at: int,
    ) -> None:  # fmt: skip
        """Record a call, which faults.c reports before it is made."""
        if path is None:
            number = self.find(os.readlink(f"/proc/self/fd/{file}"))
            if number is not None:  # otherwise it has no name any more
                self._to_file(what, file, number, data, size, at)
            return
        to = self._whole(file, path)
        if self.find(os.path.dirname(to)) is None:
            return  # the call will fail
        place, there = self._place(to), self.find(to)
        if what == b"unlink":
            self._change((*place, None), unless=there is None)
        elif what == b"mkdir":
            self._change((*place, self._new()), unless=there is not None)
        elif what == b"open" and there is None:
            self.data[self.count] = b""
            self._change((*place, self._new()), unless=not size & os.O_CREAT)
        elif what == b"open":
            if size & os.O_TRUNC and not size & os.O_EXCL:
                self._write(there, b"")
        else:
            assert what in (b"rename", b"renameat", b"link"), what
            assert other is not None
            source = self._whole(file, other)
            if not Path(source).is_relative_to(self.folder):  # written elsewhere, perhaps unsynced
                number = self._new()
                self.data[number] = b""
                self._write(number, Path(source).read_bytes())
                self._change((*place, number))
                return
            moved = (*place, self.find(source))
            self._change(*([(*self._place(source), None)] if what != b"link" else []), moved)

    @staticmethod
    def _whole(file: int, path: bytes) -> str:
        folder = "" if path.startswith(b"/") else os.readlink(f"/proc/self/fd/{file}")
        return os.path.join(folder, os.fsdecode(path))

    def _to_file(
        self, what: bytes, file: int, number: int, data: int | None, size: int, at: int
    ) -> None:
        if what == b"fsync":
            self.log.append(number)
            return
        old = self.data[number]
        if what == b"truncate":
            self._write(number, old[:size].ljust(size, b"\0"))
            return
        assert what == b"write", what
        if at < 0:
            appends = fcntl.fcntl(file, fcntl.F_GETFL) & os.O_APPEND
            at = len(old) if appends else os.lseek(file, 0, os.SEEK_CUR)
        new = ctypes.string_at(data or 0, size)
        self._write(number, old[:at].ljust(at, b"\0") + new + old[at + size :])

    def _change(self, *changes: Change, unless: bool = False) -> None:
        if not unless:
            _apply(self.names, changes)
            self.log.append(changes)

    def _write(self, number: int, data: bytes) -> None:
        self.data[number] = data
        self.log.append((number, data))

    def lose_power(self, after: int, rng: random.Random, into: Path) -> None:
        """Rebuild what the disk may hold after a power loss at an entry of the log."""
        names, synced = dict(self.first[0]), dict(self.first[1])
        later: dict[int, list[bytes]] = {}
        changes: list[tuple[Change, ...]] = []
        for entry in self.log[:after]:
            if isinstance(entry, int):
                synced[entry] = later.pop(entry, [synced.get(entry, b"")])[-1]
                for each in changes:
                    _apply(names, each)
                changes.clear()
            elif isinstance(entry[0], int):
                later.setdefault(entry[0], []).append(entry[1])  # type: ignore[arg-type]
            else:
                changes.append(entry)  # type: ignore[arg-type]
        for each in changes[: rng.choice((0, len(changes), rng.randint(0, len(changes))))]:
            _apply(names, each)
        for number, states in later.items():
            old, newest = synced.get(number, b""), states[-1]
            zeros = old + bytes(max(0, len(newest) - len(old)))
            synced[number] = rng.choice((old, newest, zeros, rng.choice(states)))
        self._build(0, names, synced, into)

    def _build(
        self, folder: int, names: dict[tuple[int, str], int], data: dict[int, bytes], into: Path
    ) -> None:
        for (parent, name), number in names.items():
            if parent != folder:
                continue
            if number in self.data:
                (into / name).write_bytes(data.get(number, b""))
            else:
                (into / name).mkdir()
                self._build(number, names, data, into / name)


def _apply(names: dict[tuple[int, str], int], changes: tuple[Change, ...]) -> None:
    for folder, name, number in changes:
        if number is None:
            names.pop((folder, name), None)
        else:
            names[folder, name] = number


def _noted(bench: Bench, trial: Trial) -> Disk:
    """Run a command in a child and record its calls."""
    at = bench.fresh(trial)
    disk = Disk(at)
    kept = bench.folder / "log.pickle"
    watch = WATCH(disk)

    def act() -> bool:
        bench.faults.faults_watch(watch)
        done = trial.act(at)
        bench.faults.faults_watch(None)
        kept.write_bytes(pickle.dumps((disk.log, disk.data, disk.names)))
        return done

    code, said = bench.child(act, (at, 0, 0))
    assert code == 0, said
    assert "Traceback" not in said, said
    disk.log, disk.data, disk.names = pickle.loads(kept.read_bytes())
    now = {p: p.read_bytes() for p in at.rglob("*") if p.is_file()}
    noted = {p: disk.data[n] for p in now if (n := disk.find(str(p))) is not None}
    assert noted == now, "what was noted is not what was done"
    return disk


def run(bench: Bench, count: int, seed: int) -> dict[str, Any]:
    """Simulate ``count`` power losses in each command; returns the results."""
    rng = random.Random(seed)
    faults, entries, made = [], {}, Counter[str]()
    for trial in bench.trials:
        reference = bench.reference(trial)[1]
        at = bench.fresh(trial)
        before = {name: trial.of(at / name) for name in trial.kept}
        disk = _noted(bench, trial)
        entries[trial.name] = len(disk.log)
        for _ in range(count):
            after = rng.randint(0, len(disk.log))
            at = bench.fresh(trial, empty=True)
            disk.lose_power(after, rng, at)
            made[trial.name] += 1
            wrong = bench.damage(at, before, reference, trial)
            if wrong := wrong or bench.gone_on(at, trial, reference):
                faults.append(f"{trial.name}, after entry {after}: {wrong}")
                print(faults[-1], file=sys.stderr)
    of_each = {"entries": entries, "states": len(bench.states)}
    return {"power losses": made.total(), **of_each, "faults": faults}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=int, default=100, help="of each command")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=[], metavar="TRIAL")
    parser.add_argument("--in", dest="folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.folder is None:
        found = in_process(sys.argv[1:], module="tests.reliability.power_loss")
        print(json.dumps(found, indent=2))
        sys.exit(bool(found["faults"]))
    work = given.folder / "work"
    work.mkdir()
    print(json.dumps(run(Bench(work, given.only), given.states, given.seed)))


if __name__ == "__main__":
    main()
