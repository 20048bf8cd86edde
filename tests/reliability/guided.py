"""Coverage-guided fuzzing of the same files as ``fuzz.py``, with atheris.

``python -m tests.reliability.guided FOLDER --runs 1000000`` divides the runs among all kinds, with
more for those that are read faster. It starts from valid files and from what earlier calls have
learned in FOLDER, and keeps each file that broke something in FOLDER/found. Needs atheris (``pip
install atheris``, Linux and macOS); ``fuzz.py`` needs nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["sprite_lab"]):
    from tests.reliability import fuzz

#: Seconds after which libFuzzer ends the process; more than ``fuzz.MOST_SECONDS`` is a fault.
HANGS = 20

#: Runs per process: instrumented array comparisons leak memory, up to a megabyte per file.
PART = 2000


def fuzz_kind(name: str, folder: Path, arguments: list[str]) -> None:
    """Fuzz one kind with libFuzzer, which ends the process."""
    sound = fuzz.KINDS[name]()
    others = [sound, *(fuzz.KINDS[other]() for other in ("one.png", "run.json", "copied.txt"))]
    place = Path(tempfile.mkdtemp(prefix="sprite-lab-guided-"))
    found = folder / "found"
    found.mkdir(parents=True, exist_ok=True)
    seen: set[str] = set()
    path = place / name
    companions = fuzz._companions(place, "", name)

    def one_input(data: bytes) -> None:
        path.write_bytes(data)
        fuzz.limit_memory()
        for fault in fuzz.try_file(path, *companions)["faults"]:
            like = re.sub(r"\d+", "0", fault)[:80]
            if like not in seen:  # report each kind of fault once, and continue
                seen.add(like)
                number = len(seen)
                (found / f"{os.getpid()}-{number}~{name}").write_bytes(data)
                (found / f"{os.getpid()}-{number}~{name}.txt").write_text(fault)

    def change(data: bytes, most: int, seed: int) -> bytes:
        rng = random.Random(seed)
        if rng.random() < 0.5:
            return atheris.Mutate(data, most)  # type: ignore[no-any-return]
        return fuzz.mutated(data, rng, others)[:most]

    one_input(sound)  # the first time, modules are loaded: that does not count against a file
    seen.clear()
    corpus = folder / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    (corpus / "sound").write_bytes(sound)
    limits = [f"-timeout={HANGS}", "-rss_limit_mb=2500", f"-max_len={3 * len(sound) + 300}"]
    quiet = ["-verbosity=0", "-print_final_stats=1", f"-artifact_prefix={found}/{name}~"]
    argv = [sys.argv[0], str(corpus), *limits, *quiet, *arguments]
    atheris.Setup(argv, one_input, custom_mutator=change)
    atheris.Fuzz()


def shares(runs: int, kinds: list[str]) -> dict[str, int]:
    """The runs of each kind, by how long a valid file takes to read."""
    with tempfile.TemporaryDirectory() as folder:
        weights = {}
        for name in kinds:
            path = Path(folder) / name
            companions = fuzz._companions(Path(folder), "", name)
            for _ in range(2):  # the first time, modules are loaded
                path.write_bytes(fuzz.KINDS[name]())
                started = time.process_time()
                fuzz.try_file(path, *companions)
                seconds = time.process_time() - started
            weights[name] = 1 / max(seconds, 1e-4) ** 0.8
    return {name: max(1, round(runs * w / sum(weights.values()))) for name, w in weights.items()}


def _in_child(name: str, folder: Path, runs: int) -> tuple[int, str]:
    """Fuzz a kind in a child, with all imports instrumented; returns its exit code and output."""
    said = folder / "said.txt"
    child = os.fork()
    if child == 0:
        os.dup2(os.open(said, os.O_CREAT | os.O_TRUNC | os.O_WRONLY), 2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        fuzz_kind(name, folder, [f"-runs={runs}"])
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code, said.read_text("utf-8", "replace")


def main() -> int:
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--only", nargs="*", default=list(fuzz.KINDS), choices=list(fuzz.KINDS))
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    total: dict[str, dict[str, float]] = {}
    for name, runs in sorted(shares(given.runs, given.only).items(), key=lambda item: item[1]):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        counted: Counter[str] = Counter()
        most = code = 0
        for start in range(0, runs, PART):
            code, text = _in_child(name, given.folder, min(PART, runs - start))
            stats = dict(re.findall(r"stat::(\w+):\s+(\d+)", text))
            counted["runs"] += int(stats.get("number_of_executed_units", 0))
            counted["learned"] += int(stats.get("new_units_added", 0))
            most = max(most, int(stats.get("peak_rss_mb", 0)))
            if code:
                print(text[-1500:], file=sys.stderr, flush=True)
                break
        seconds = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
        total[name] = {**counted, "MB": most, "seconds": seconds, "code": code}
        print(name, json.dumps(total[name]), file=sys.stderr, flush=True)
    faults = sorted(path.name for path in (given.folder / "found").glob("*"))
    runs = sum(each["runs"] for each in total.values())
    print(json.dumps({"runs": runs, "kinds": total, "found": faults}, indent=1))
    return bool(faults)


if __name__ == "__main__":
    # readers, which are imported when needed
    with atheris.instrument_imports(include=["sprite_lab"]):
        sys.exit(main())
