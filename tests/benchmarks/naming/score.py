"""The raters' answers for a sheet: ``python -m tests.benchmarks.naming.score NAME ANSWERS.csv
...``.

Each line of ANSWERS is ``number,what it is,class,use,person``: what the rater sees ("?" = nothing
that could be named), which of the classes, whether it would go into a game after a minute of
clean-up (1 or 0), and how sure the rater is that a person drew it (0 to 100).
"""

from __future__ import annotations

import csv
import json
import statistics
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent


def rated(key: list[dict], answers: Path) -> dict[str, dict[str, float]]:
    """For each source of sprites: shares in percent, and the mean of ``person``."""
    found: dict[str, list[tuple[bool, bool, bool, float]]] = defaultdict(list)
    with answers.open(encoding="utf-8", newline="") as file:
        for number, noun, kind, use, person in csv.reader(file):
            fact = key[int(number)]
            right = kind.strip() == fact["class"]
            named = noun.strip() not in ("", "?")
            found[fact["of"]].append((named, right, use.strip() == "1", float(person)))
    return {
        source: {
            "n": len(rows),
            **{
                name: round(100 * statistics.mean(row[i] for row in rows), 1)
                for i, name in enumerate(("named", "class right", "used"))
            },
            "person": round(statistics.mean(row[3] for row in rows), 1),
        }
        for source, rows in sorted(found.items())
    }


def main() -> None:
    name, *files = sys.argv[1:]
    key = json.loads((HERE / f"{name}.json").read_text("utf-8"))
    every = [rated(key, Path(file)) for file in files]
    for file, found in zip(files, every, strict=True):
        print(Path(file).name)
        for source, figures in found.items():
            print(f"  {source}: {figures}")
    print("mean")
    for source in every[0]:
        figures = {
            k: round(statistics.mean(f[source][k] for f in every), 1) for k in every[0][source]
        }
        print(f"  {source}: {figures}")


if __name__ == "__main__":
    main()
