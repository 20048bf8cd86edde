"""The importers under atheris, which changes files by what code they reach.

``python -m tests.reliability.atheris_importers FOLDER [-max_total_time=60 ...]`` starts from sound
files of every format, keeps what it learns in FOLDER, and ends at the first fault. Needs atheris
(``pip install atheris``, Linux and macOS); ``fuzz_importers`` needs nothing.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["sprite_lab.formats", "sprite_lab.core", "PIL"]):
    from tests.reliability.fuzz_importers import try_file
from tests.reliability.import_seeds import SEEDS

_NAMES = list(SEEDS)
_PLACE = Path(tempfile.mkdtemp(prefix="sprite-lab-atheris-"))


def one_input(data: bytes) -> None:
    """Import a file: the first byte says under which name, the others are it."""
    if len(data) < 2:
        return
    path = _PLACE / _NAMES[data[0] % len(_NAMES)]
    path.write_bytes(data[1:])
    faults = try_file(path)["faults"]
    if faults:
        raise AssertionError(faults)


def main() -> None:
    warnings.simplefilter("ignore")
    corpus = Path(sys.argv[1])
    corpus.mkdir(parents=True, exist_ok=True)
    for number, (name, make) in enumerate(SEEDS.items()):
        (corpus / name).write_bytes(bytes((number,)) + make())
    limits = ["-timeout=10", "-rss_limit_mb=2000", "-max_len=20000"]
    atheris.Setup([sys.argv[0], str(corpus), *limits, *sys.argv[2:]], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
