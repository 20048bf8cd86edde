"""How well two processes on two cores share a training run, and the speed of a GPU if there is one.

Each run is ``sprite-lab train`` with the default preset. One process with one thread, one with two,
and two with one thread each take turns. The value is based on processor time, which other programs
do not affect: a step of one thread, divided by twice that of the slower of the two processes. Work
that both processes do keeps it below 100 %. ``by_the_clock`` is the rate of two processes relative
to one with two threads, which is meaningful only on an idle machine. A GPU is measured with and
without the captured step.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import torch

from tests.benchmarks.report import report

TURNS, STEPS, WARM_UP = 3, 24, 4

#: Trains with a given number of threads; prints wall and processor time at each step.
TIMED = """
import json, os, sys, time
from sprite_lab.cli.main import main
from sprite_lab.engine.training import static_step, train_step
train_step.choose_threads = lambda work: int(os.environ["THREADS"])
if os.environ.get("UNRECORDED"):
    static_step.can_be_static = lambda task: False
learn, seen = train_step.Learner.learn, []
def timed(*arguments):
    seen.append((time.perf_counter(), time.process_time()))
    return learn(*arguments)
train_step.Learner.learn = timed
code = main()
with open(os.environ["SEEN"], "w") as file:
    json.dump(seen, file)
sys.exit(code)
"""


@dataclass
class Step:
    """Seconds of a step: wall time, and processor time in each process."""

    clock: float
    processor: list[float]


def measured(processes: int, threads: int) -> Step:
    """The median step with a number of processes on this machine."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", TIMED, "train", "--out", f"{folder}/run"]
        command += ["--device", "cpu", "--max-steps", str(STEPS)]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        shared |= {"WORLD_SIZE": str(processes), "LOCAL_WORLD_SIZE": str(processes)}
        shared |= {"THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
        files = [Path(folder, f"{rank}.json") for rank in range(processes)]
        started = [
            subprocess.Popen(
                command,
                env={**os.environ, **shared, "RANK": str(r), "LOCAL_RANK": str(r), "SEEN": str(f)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            for r, f in enumerate(files)
        ]
        for process in started:
            _, said = process.communicate()
            if process.returncode:
                raise RuntimeError(said)
        steps = [medians(json.loads(file.read_text())) for file in files]
    return Step(steps[0][0], [step[1] for step in steps])


def medians(seen: list[tuple[float, float]]) -> list[float]:
    """Median wall and processor times of a step in one process."""
    each = [[b - a for a, b in zip(*pair, strict=True)] for pair in pairwise(seen[WARM_UP:])]
    return [statistics.median(times) for times in zip(*each, strict=True)]


def gpu_rate(batch: int, recorded: bool) -> float:
    """Sprites per second of a GPU."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        command = [sys.executable, "-c", TIMED, "train", "--out", str(run), "--device", "cuda"]
        command += ["--max-steps", "80", "--batch-size", str(batch)]
        told = {"SEEN": f"{folder}/seen.json", "THREADS": "1"}
        told |= {} if recorded else {"UNRECORDED": "yes"}
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, **told})
        rows = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
        seconds = [row["seconds"] for row in rows if row["step"] >= 20]
    return batch / statistics.median(after - before for before, after in pairwise(seconds))


def main() -> None:
    turns = [(measured(1, 1), measured(1, 2), measured(2, 1)) for _ in range(TURNS)]
    shared = [100 * one.processor[0] / (2 * max(two.processor)) for one, _, two in turns]
    by_the_clock = [100 * threads.clock / two.clock for _, threads, two in turns]
    detail = {
        "by_the_clock": [round(share, 1) for share in by_the_clock],
        "processor_ms": {
            name: [[round(1e3 * seconds) for seconds in turn[i].processor] for turn in turns]
            for i, name in enumerate(("one thread", "two threads", "two processes"))
        },
        "load": os.getloadavg() if hasattr(os, "getloadavg") else None,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0,
        "gpu": "not measured: there is none",
    }
    if torch.cuda.is_available():
        detail["gpu"] = torch.cuda.get_device_name()
        for batch in (64, 512, 4096):
            detail[f"gpu_{batch}_recorded"] = round(gpu_rate(batch, True))
            detail[f"gpu_{batch}_unrecorded"] = round(gpu_rate(batch, False))
    report("training_scaling", shared, "%", 80, detail, more_is_better=True)


if __name__ == "__main__":
    main()
