"""Sprites per second of one and of two processes on two cores, and of a GPU if there is one.

Each run is ``sprite-lab train`` with the default preset, by torchrun for two processes. Efficiency
is the rate of two processes with a thread each over that of one process with two threads. A GPU is
measured with and without the captured step.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import torch

from tests.benchmarks.report import report

RUNS, STEPS, WARM_UP = 3, 80, 20

#: Trains without capturing the step.
UNRECORDED = """
import sys
from sprite_lab.engine.training import static_step
static_step.can_be_static = lambda task: False
from sprite_lab.cli.main import main
sys.exit(main())
"""


def rate(processes: int, device: str, *options: str, recorded: bool = True) -> float:
    """Sprites per second of all processes together."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        words = ["-m", "sprite_lab"]
        if processes > 1:
            words = ["-m", "torch.distributed.run", "--standalone"]
            words += ["--nproc-per-node", str(processes), "-m", "sprite_lab"]
        elif not recorded:
            words = ["-c", UNRECORDED]
        command = [sys.executable, *words, "train", "--out", str(run), "--device", device]
        command += ["--max-steps", str(STEPS), *options]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ})
        rows = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
        seconds = [row["seconds"] for row in rows if row["step"] >= WARM_UP]
        batch = json.loads((run / "run.json").read_text())["config"]["batch_size"]
    return batch / statistics.median(after - before for before, after in pairwise(seconds))


def main() -> None:
    pairs = [(rate(1, "cpu"), rate(2, "cpu")) for _ in range(RUNS)]
    detail = {
        "sprites_per_second": [round(statistics.median(p[i] for p in pairs)) for i in (0, 1)],
        "processes": [1, 2],
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0,
        "gpu": "not measured: there is none",
    }
    if torch.cuda.is_available():
        detail["gpu"] = torch.cuda.get_device_name()
        for batch in (64, 512, 4096):
            option = ("--batch-size", str(batch))
            detail[f"gpu_{batch}_recorded"] = round(rate(1, "cuda", *option))
            detail[f"gpu_{batch}_unrecorded"] = round(rate(1, "cuda", *option, recorded=False))
    efficiency = [100 * two / one for one, two in pairs]
    report("training_scaling", efficiency, "%", 80, detail, more_is_better=True)


if __name__ == "__main__":
    main()
