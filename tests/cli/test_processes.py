"""Training with several processes: as one learns, ended, killed, resumed and failing."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from sprite_lab.formats.sets.sprites import save_sprites
from tests.cli.conftest import Command
from tests.made import make_sprites

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc"),
    pytest.mark.timeout(900),
]

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("--width", "16", "--batch-size", "5", "--device", "cpu", "--precision", "fp32")
SMALL += ("--preview-count", "1", "--preview-steps", "1")

PROGRAM = "import sys; from sprite_lab.cli.main import main; sys.exit(main())"

#: Runs a command in which process 1 cannot make the batch of step 3.
FAILS = """
import os, sys
from sprite_lab.engine.training.training_data import TrainingData
from sprite_lab.cli.main import main
share = TrainingData.share
def failing(self, step, rank, size):
    if os.environ["RANK"] == "1" and step == 2:
        raise OSError("the disk is on fire")
    return share(self, step, rank, size)
TrainingData.share = failing
sys.exit(main())
"""


def losses(run: Path) -> list[float]:
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == list(range(1, len(rows) + 1))
    return [row["loss"] for row in rows]


def together(
    *arguments: object,
    program: str = PROGRAM,
    data: tuple[Path, Path] | None = None,
    command: str = "train",
    **environment: str,
) -> list[subprocess.Popen[str]]:
    """Two processes with the variables that srun gives them, or a person."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2"}
    shared |= {"LOCAL_WORLD_SIZE": "2", "PYTHONPATH": str(ROOT), **environment}
    return [
        subprocess.Popen(
            [
                *(sys.executable, "-c", program, command, *map(str, arguments)),
                *(() if data is None else ("--data", data[rank])),
            ],
            env={**os.environ, **shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]


def ended(processes: list[subprocess.Popen[str]]) -> list[tuple[int, str]]:
    """How both ended: exit code and what was said on stderr."""
    try:
        said = [process.communicate(timeout=800)[1] for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [(process.returncode, text) for process, text in zip(processes, said, strict=True)]


def wait_for(what: Callable[[], object], process: subprocess.Popen[str]) -> None:
    while not what():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


def test_two_learn_as_one_and_either_goes_on_with_the_others_run(
    command: Command, sprites_file: Path, tmp_path: Path
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    both = (sprites_file, sprites_file)
    steps = ("--max-steps", "200")
    for code, text in ended(together(*SMALL, *steps, "--out", two, data=both)):
        assert code == 0, text
    assert command("train", "--data", sprites_file, *SMALL, *steps, "--out", one).code == 0
    assert json.loads((two / "run.json").read_text())["processes"] == 2
    np.testing.assert_allclose(losses(two), losses(one), rtol=0.01)
    assert losses(one)[-1] < 0.7 * losses(one)[0]

    more = ("--max-steps", "204", "--resume")
    for code, text in ended(together(*more, "--out", one, data=both)):
        assert code == 0, text
    assert command("train", "--data", sprites_file, *more, "--out", two).code == 0
    assert len(losses(two)) == 204
    np.testing.assert_allclose(losses(two), losses(one), rtol=0.01)


def test_slurm_ends_it_with_a_code_for_another_go(sprites_file: Path, tmp_path: Path) -> None:
    run, both = tmp_path / "run", (sprites_file, sprites_file)
    arguments = (*SMALL, "--max-seconds", "900", "--out", run)
    processes = together(*arguments, data=both)
    wait_for((run / "early" / "step-0000002.safetensors").is_file, processes[0])
    for process in processes:
        process.send_signal(signal.SIGUSR1)
    for code, text in ended(processes):
        assert code == 75, text
    learned = len(losses(run))
    assert (run / "checkpoints" / f"step-{learned:07d}.safetensors").is_file()

    # The same command, started again: it goes on, until it is to make room for another job.
    again = {"SLURM_JOB_ID": "1", "SLURM_RESTART_COUNT": "1"}
    processes = together(*arguments, data=both, **again)
    state = run / "checkpoints" / f"step-{learned:07d}.state.safetensors"
    log = run / "metrics.jsonl"
    before = log.stat().st_mtime_ns
    wait_for(lambda: log.stat().st_mtime_ns != before and state.is_file(), processes[0])
    processes[1].send_signal(signal.SIGTERM)  # one of them is enough to stop all
    processes[0].send_signal(signal.SIGTERM)
    for code, text in ended(processes):
        assert code == 75, text
    assert len(losses(run)) >= learned


def test_torchrun_goes_on_after_one_process_is_killed(sprites_file: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    launcher = (sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2")
    launcher += ("--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0", "--max-restarts", "1")
    command = (*launcher, "-m", "sprite_lab", "train", "--data", str(sprites_file), *SMALL)
    command += ("--max-steps", "40", "--checkpoint-every", "10", "--out", str(run))
    process = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for((run / "checkpoints" / "step-0000010.safetensors").is_file, process)
    os.kill(rank_of(process.pid, 1), signal.SIGKILL)
    [(code, text)] = ended([process])
    assert code == 0, text
    assert "Signal 9 (SIGKILL)" in text or "exitcode: -9" in text or "-9" in text
    assert len(losses(run)) == 40


def rank_of(launcher: int, rank: int) -> int:
    """The process number of a rank that torchrun has started."""
    children = Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()
    for child in children:
        if f"RANK={rank}\0".encode() in Path(f"/proc/{child}/environ").read_bytes().replace(
            b"LOCAL_RANK", b"LOCAL-RANK"
        ).replace(b"GROUP_RANK", b"GROUP-RANK").replace(b"ROLE_RANK", b"ROLE-RANK"):
            return int(child)
    raise AssertionError(children)


def test_a_failing_process_is_named_with_its_node(sprites_file: Path, tmp_path: Path) -> None:
    run, both = tmp_path / "run", (sprites_file, sprites_file)
    arguments = (*SMALL, "--max-steps", "9", "--out", run)
    first, second = ended(together(*arguments, program=FAILS, data=both))
    named = f"Process 1 of 2, on '{socket.gethostname()}', failed: the disk is on fire"
    assert (first[0], second[0]) == (1, 1)
    assert named in first[1]
    assert "the disk is on fire" in second[1]
    assert len(losses(run)) == 2
    assert (run / "checkpoints" / "step-0000002.safetensors").is_file()


def test_other_sprites_and_a_folder_in_use_are_refused_for_all(
    sprites_file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.npz"
    save_sprites(other, make_sprites(seed=1))
    run = tmp_path / "run"
    first, second = ended(
        together(*SMALL, "--max-steps", "9", "--out", run, data=(sprites_file, other))
    )
    assert (first[0], second[0]) == (1, 1)
    assert "Process 1 of 2" in first[1]
    assert "has other sprites" in first[1]

    run.mkdir(exist_ok=True)
    (run / "thesis.txt").write_text("years of work")
    both = (sprites_file, sprites_file)
    first, second = ended(together(*SMALL, "--max-steps", "9", "--out", run, data=both))
    assert (first[0], second[0]) == (1, 1)
    assert "not an empty folder" in first[1]
    assert second[1] == ""


def test_two_draw_as_one(command: Command, small_run: Path, tmp_path: Path) -> None:
    """Batches of both, and one of a single sprite."""
    one, two = tmp_path / "one.npz", tmp_path / "two.npz"
    asked = ("--model", small_run, "--count", 257, "--steps", 1, "--device", "cpu")
    for code, text in ended(together(*asked, "--out", two, command="sample", OMP_NUM_THREADS="1")):
        assert code == 0, text
    torch.set_num_threads(1)
    assert command("sample", *asked, "--out", one).code == 0
    with np.load(two) as found, np.load(one) as expected:
        assert len(found["images"]) == 257
        for name in ("images", "alpha", "labels"):
            np.testing.assert_array_equal(found[name], expected[name])


def test_two_measure_as_one(
    command: Command, small_run: Path, sprites_file: Path, tmp_path: Path
) -> None:
    """2,060 samples: more than the parts that are drawn at once, and not a multiple of them."""
    one, two, both = tmp_path / "one.json", tmp_path / "two.json", (sprites_file, sprites_file)
    asked = (
        "--model",
        small_run,
        "--likelihood",
        "bound",
        "--quality",
        "--limit",
        5,
        "--device",
        "cpu",
    )
    asked += ("--samples", 2060, "--steps", 1, "--split", "all")
    environment = {"OMP_NUM_THREADS": "1"}
    shared = together(*asked, "--out", two, data=both, command="evaluate", **environment)
    for code, text in ended(shared):
        assert code == 0, text
    torch.set_num_threads(1)
    assert command("evaluate", *asked, "--data", sprites_file, "--out", one).code == 0
    found, expected = (json.loads(path.read_text()) for path in (two, one))
    for timed in (found, expected):
        del timed["seconds"]
    assert found == expected
    assert found["quality"]["samples"]["count"] == 2060
