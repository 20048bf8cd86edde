"""Fuzzes every importer and reader with damaged files.

``python -m tests.reliability.fuzz --count 100000 --seed 0`` reports how many files were tried and
refused, and every violation of the rules: a file is accepted, or refused in one sentence, within
two seconds and a gigabyte, and nothing else is opened. Workers are separate processes with a memory
limit, so that a crash is noticed, and the file that caused it is kept (``--keep FOLDER``).
``guided.py`` does the same, guided by the code that a file reaches.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import os
import random
import resource
import struct
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.imports import ImportChoices
from tests.reliability.import_seeds import SEEDS
from tests.reliability.readers import READERS

#: Makers of a valid file of each kind, by file name.
KINDS = SEEDS | {name: reader.seed for name, reader in READERS.items()}

#: Limits per file: seconds of processor time, and bytes beyond those at the start.
MOST_SECONDS, MOST_BYTES = 2.0, 1_000_000_000

#: Numbers that break readers.
_NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)

#: Replacements for numbers and words in headers and JSON.
_TEXTS = (b"-1", b"0", b"1e999", b"99999999999", b"null", b"[]", b"{}", b'""', b"NaN", b"65535")


def mutated(data: bytes, rng: random.Random, others: list[bytes]) -> bytes:
    """The bytes of a file after one to six mutations."""
    if data.startswith(b"PK\3\4") and rng.random() < 0.6:
        return _with_member_mutated(data, rng, others)
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        if not out:
            break
        at = rng.randrange(min(len(out), 200) if rng.random() < 0.4 else len(out))
        match rng.randrange(9):
            case 0:
                out[at] ^= 1 << rng.randrange(8)
            case 1:
                out[at] = rng.randrange(256)
            case 2:
                size = rng.choice((1, 2, 4))
                layout = rng.choice("<>") + {1: "B", 2: "H", 4: "I"}[size]
                out[at : at + size] = struct.pack(
                    layout, rng.choice(_NUMBERS) & (1 << 8 * size) - 1
                )
            case 3:
                del out[at : at + rng.choice((1, 2, 4, 16, 256))]
            case 4:
                out[at:at] = rng.randbytes(rng.choice((1, 2, 4, 16, 256)))
            case 5:
                del out[at:]
            case 6:
                part = bytes(out[at : at + rng.choice((4, 16, 64))])
                out[at:at] = part * rng.choice((1, 2, 50))
            case 7:
                other = rng.choice(others)
                start = rng.randrange(len(other))
                out[at : at + 32] = other[start : start + rng.choice((8, 32, 128))]
            case 8:
                digits = [i for i, byte in enumerate(out[:4096]) if 48 <= byte <= 57]
                if digits:
                    i = rng.choice(digits)
                    out[i : i + 1] = rng.choice(_TEXTS)
    if out.startswith(b"\x89PNG") and rng.random() < 0.7:
        out = _with_checksums(out)
    return bytes(out)


def _with_member_mutated(data: bytes, rng: random.Random, others: list[bytes]) -> bytes:
    """An archive with one mutated member and a correct checksum."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(name, archive.read(name)) for name in archive.namelist()[:50]]
    except Exception:  # already damaged
        return data[: rng.randrange(len(data))]
    changed = rng.randrange(len(members)) if members else -1
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for i, (name, content) in enumerate(members):
            archive.writestr(name, mutated(content, rng, others) if i == changed else content)
    return out.getvalue()


def _with_checksums(data: bytearray) -> bytearray:
    """A PNG whose chunks have correct checksums, so that their contents are read."""
    at = 8
    while at + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        end = at + 8 + size
        if end + 4 > len(data):
            break
        struct.pack_into(">I", data, end, zlib.crc32(data[at + 4 : end]))
        at = end + 4
    return data


def try_file(*paths: Path) -> dict[str, Any]:
    """Read one file (and its companion): whether it was accepted, and any fault."""
    name = paths[0].name.partition("~")[2] or paths[0].name
    started = time.process_time()
    faults: list[str] = []
    taken = 0
    _opened.clear()
    sys.audit("tests.reliability.start", str(paths[0].parent))
    try:
        if name in READERS:
            READERS[name].read(paths[0])
            taken = 1
        else:
            taken = _import(faults, *paths)
    except SpriteLabError as error:
        if name in READERS:
            faults += _no_sentence(str(error))
        else:
            faults.append(f"{type(error).__name__}: {error}")
    except MemoryError:
        faults.append("out of memory")
    except Exception as error:
        faults.append(f"{type(error).__name__}: {error}")
    finally:
        sys.audit("tests.reliability.end")
    faults += [f"opened {path}" for path in _opened]
    seconds = time.process_time() - started
    if seconds > MOST_SECONDS:
        faults.append(f"took {seconds:.1f} s")
    return {"sprites": taken, "faults": faults}


def _import(faults: list[str], *paths: Path) -> int:
    """Import a file; returns the number of sprites."""
    # Imported here, because readers are tried where Pillow is not instrumented.
    from sprite_lab.formats.importing import plan_import_iter

    plan = drain(plan_import_iter(paths, ImportChoices(larger="nearest"), RunControl()))
    if len(plan):
        plan.sprite_set("fuzz")
    for refusal in plan.refused:
        faults += _no_sentence(refusal.why)
    if not len(plan) and not plan.refused:
        faults.append("neither taken nor refused")
    return len(plan)


def _no_sentence(why: str) -> list[str]:
    sound = "\n" not in why and why.endswith((".", ".)")) and 8 < len(why) < 1000
    return [] if sound else [f"no sentence: {why!r}"]


#: Unexpected paths that were opened; the folder in which opening is allowed (_allowed).
_opened: list[str] = []
_allowed: list[str] = []
#: Folders of Python, packages, system libraries and this checkout, which are loaded on demand.
_OWN = tuple({sys.prefix, sys.base_prefix, os.getcwd(), "/usr/", "/lib", "/proc/", "/dev/null"})
_OWN += tuple(path for path in sys.path if path)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "tests.reliability.start":
        _allowed[:] = [arguments[0]]
    elif event == "tests.reliability.end":
        _allowed.clear()
    elif not _allowed:
        return
    elif event == "open" and isinstance(arguments[0], (str, bytes)):
        path = os.path.abspath(os.fsdecode(arguments[0]))
        reads = isinstance(arguments[2], int) and not arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if not path.startswith((*_allowed, *(_OWN if reads else ()))):
            _opened.append(path)
    elif event in ("subprocess.Popen", "os.system", "socket.connect", "os.exec"):
        _opened.append(f"{event} {arguments[0]}")


sys.addaudithook(_watch)


def limit_memory(most: int = MOST_BYTES) -> None:
    """Limit the additional memory of this process to that many bytes."""
    with open("/proc/self/statm") as status:
        in_use = int(status.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (in_use + most, resource.RLIM_INFINITY))


def _work(number: int, seed: int, count: int, folder: str, formats: list[str]) -> None:
    """Try ``count`` files; leave a report, or the current file if the process dies."""
    import warnings

    warnings.simplefilter("ignore")
    sys.dont_write_bytecode = True  # bytecode written for imports would count as opened by a file
    place = Path(folder)
    rng = random.Random(f"{seed}/{number}")
    sound = {name: KINDS[name]() for name in formats}
    others = list(sound.values())
    # The first time, modules are loaded: that does not count against a file.
    for name, data in sound.items():
        (place / name).write_bytes(data)
        fine = try_file(place / name, *_companions(place, "", name))
        # Valid weights of the course are too large to be made here.
        taken = 0 if name == "course.pth" else fine["sprites"] or 1
        assert fine == {"sprites": taken, "faults": []}, (name, fine)
    limit_memory()
    report = {"tried": 0, "taken": 0, "faults": [], "by_format": Counter()}
    parent = os.getppid()
    for i in range(count):
        if os.getppid() != parent:
            return  # the parent was killed
        name = formats[i % len(formats)]
        path = place / f"{number}~{name}"
        path.write_bytes(mutated(sound[name], rng, others))
        result = try_file(path, *_companions(place, f"{number}~", name))
        report["tried"] += 1
        report["by_format"][name] += 1
        report["taken"] += bool(result["sprites"])
        for fault in result["faults"]:
            kept = place / f"fault-{number}-{i}~{name}"
            kept.write_bytes(path.read_bytes())
            report["faults"].append([kept.name, fault])
        path.unlink(missing_ok=True)  # damaged settings are moved away
    (place / f"report-{number}.json").write_text(json.dumps(report))


def _companions(place: Path, prefix: str, name: str) -> list[Path]:
    """Other files that a file needs, such as the valid sheet of a description."""
    if name != "sheet.json":
        return []
    sheet = place / f"{prefix}sheet.png"
    if not sheet.exists():
        sheet.write_bytes(SEEDS["sheet.png"]())
    return [sheet]


def fuzz(count: int, seed: int, workers: int, folder: Path, formats: list[str]) -> dict[str, Any]:
    """Try ``count`` files in ``workers`` processes at a time, a few thousand in each."""
    context = multiprocessing.get_context("spawn")
    share = max(1, min(2000, -(-count // workers)))
    todo = [(n, min(share, count - n * share)) for n in range(-(-count // share))]
    total: dict[str, Any] = {"tried": 0, "taken": 0, "faults": [], "by_format": Counter()}
    running: list[tuple[int, Any, float, int]] = []
    while todo or running:
        while todo and len(running) < workers:
            number, size = todo.pop(0)
            process = context.Process(
                target=_work, args=(number, seed, size, str(folder), formats), daemon=True
            )
            process.start()
            running.append((number, process, time.monotonic(), size))
        time.sleep(0.05)
        for item in list(running):
            number, process, started, size = item
            stuck = time.monotonic() - started > 60 + size * MOST_SECONDS
            if process.is_alive() and not stuck:
                continue
            running.remove(item)
            if stuck:
                process.kill()
            process.join()
            report = folder / f"report-{number}.json"
            if report.exists():
                found = json.loads(report.read_text())
                total["tried"] += found["tried"]
                total["taken"] += found["taken"]
                total["faults"] += found["faults"]
                total["by_format"].update(found["by_format"])
            else:
                left = sorted(path.name for path in folder.glob(f"{number}~*"))
                total["faults"].append([", ".join(left), f"the process ended: {process.exitcode}"])
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="Where files that broke something are kept.")
    parser.add_argument("--formats", nargs="*", default=list(KINDS), choices=list(KINDS))
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        total = fuzz(options.count, options.seed, options.workers, folder, options.formats)
    total["seconds"] = round(time.monotonic() - started)
    print(json.dumps(total, indent=1))
    return 1 if total["faults"] else 0


if __name__ == "__main__":
    os.nice(5)
    sys.exit(main())
