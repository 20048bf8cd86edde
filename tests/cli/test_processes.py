"""Training with several processes: same result as one; ended, killed, resumed and failing."""

from __future__ import annotations

import json
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sprite_lab.engine.measuring import evaluation
from sprite_lab.formats.sets.sprites import load_sprites, save_sprites
from tests.cli.conftest import Command
from tests.cli.forked import Forked
from tests.made import make_sprites

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc"),
    pytest.mark.timeout(900),
]

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("--width", "16", "--batch-size", "5", "--device", "cpu", "--precision", "fp32")
SMALL += ("--preview-count", "1", "--preview-steps", "1")

PROGRAM = "import sys; from sprite_lab.cli.main import main; sys.exit(main())"
TORCHRUN = "from torch.distributed.run import main; main()"

#: Runs a command in which process 1 cannot prepare the batch of step 3.
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


#: Runs a command in which process 1 is killed at step 25, the first time only.
KILLED = """
import os, signal, sys
from sprite_lab.engine.training.training_data import TrainingData
from sprite_lab.cli.main import main
share = TrainingData.share
def killed(self, step, rank, size):
    if (os.environ["RANK"], os.environ["TORCHELASTIC_RESTART_COUNT"], step) == ("1", "0", 24):
        os.kill(os.getpid(), signal.SIGKILL)
    return share(self, step, rank, size)
TrainingData.share = killed
sys.exit(main())
"""

#: Imports in small parts, so that both processes have work; finds frames as in large sets.
IMPORTS = """
import os, sys
from sprite_lab.cli.main import main
from sprite_lab.data import near_copies
from sprite_lab.formats.importing import into_store, plan
plan.PART_FILES, near_copies._FORMS, into_store.MOST_STUDIED = 7, 16, 40
if os.environ.get("LARGE"):
    near_copies.MOST_COMPARED, near_copies.FRAMES_FROM = 10, 20
read = plan._read
def watched(entries, part, *rest):
    if os.environ.get("FAILS") == os.environ.get("RANK", "alone") and part.start >= 14:
        raise OSError("the disk is on fire")
    if os.environ.get("STOPS") == os.environ.get("RANK", "alone") and part.start >= 14:
        rest[-2].stop()  # as a signal does
    return read(entries, part, *rest)
plan._read = watched
if os.environ.get("RANK") == "1":
    sys.argv[2] = os.environ.get("OTHER", sys.argv[2])
sys.exit(main())
"""


#: Draws in small parts and searches few samples for near-copies, so that 268 exceed both limits.
MEASURES = """
import sys
from sprite_lab.cli.main import main
from sprite_lab.engine.measuring import evaluation
evaluation._PART, evaluation.LEAST_SAMPLES = 128, 256
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
) -> list[Forked]:
    """Start two processes with the variables that srun, or a person, sets."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2"}
    shared |= {"LOCAL_WORLD_SIZE": "2", **environment}
    return [
        Forked(
            program,
            [
                *(command, *map(str, arguments)),
                *(() if data is None else ("--data", str(data[rank]))),
            ],
            RANK=str(rank),
            LOCAL_RANK=str(rank),
            **shared,
        )
        for rank in range(2)
    ]


def ended(processes: list[Forked]) -> list[tuple[int, str]]:
    """How both ended: exit code and stderr."""
    try:
        return [process.ended(800) for process in processes]
    finally:
        for process in processes:
            process.kill()


def wait_for(what: Callable[[], object], is_running: Callable[[], bool]) -> None:
    while not what():
        assert is_running(), "it has ended"
        time.sleep(0.05)


def test_two_learn_as_one_and_either_continues_with_the_others_run(
    command: Command, sprites_file: Path, tmp_path: Path
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    both = (sprites_file, sprites_file)
    steps = ("--max-steps", "120")
    for code, text in ended(together(*SMALL, *steps, "--out", two, data=both)):
        assert code == 0, text
    assert command("train", "--data", sprites_file, *SMALL, *steps, "--out", one).code == 0
    assert json.loads((two / "run.json").read_text())["processes"] == 2
    np.testing.assert_allclose(losses(two), losses(one), rtol=0.01)
    assert losses(one)[-1] < 0.7 * losses(one)[0]

    more = ("--max-steps", "124", "--resume")
    for code, text in ended(together(*more, "--out", one, data=both)):
        assert code == 0, text
    assert command("train", "--data", sprites_file, *more, "--out", two).code == 0
    assert len(losses(two)) == 124
    np.testing.assert_allclose(losses(two), losses(one), rtol=0.01)


def test_slurm_ends_it_with_a_code_for_another_go(sprites_file: Path, tmp_path: Path) -> None:
    run, both = tmp_path / "run", (sprites_file, sprites_file)
    arguments = (*SMALL, "--max-seconds", "900", "--out", run)
    processes = together(*arguments, data=both)
    wait_for((run / "early" / "step-0000002.safetensors").is_file, processes[0].is_running)
    for process in processes:
        process.send_signal(signal.SIGUSR1)
    for code, text in ended(processes):
        assert code == 75, text
    learned = len(losses(run))
    assert (run / "checkpoints" / f"step-{learned:07d}.safetensors").is_file()

    # The same command again resumes the run, until it must make room for another job.
    again = {"SLURM_JOB_ID": "1", "SLURM_RESTART_COUNT": "1"}
    processes = together(*arguments, data=both, **again)
    state = run / "checkpoints" / f"step-{learned:07d}.state.safetensors"
    log = run / "metrics.jsonl"
    before = log.stat().st_mtime_ns
    wait_for(lambda: log.stat().st_mtime_ns != before and state.is_file(), processes[0].is_running)
    processes[1].send_signal(signal.SIGTERM)  # a signal to one of them stops all
    processes[0].send_signal(signal.SIGTERM)
    for code, text in ended(processes):
        assert code == 75, text
    assert len(losses(run)) >= learned


def test_torchrun_continues_after_one_process_is_killed(sprites_file: Path, tmp_path: Path) -> None:
    run, program = tmp_path / "run", tmp_path / "killed.py"
    program.write_text(KILLED)
    arguments = ["--nproc-per-node", "2", "--max-restarts", "1"]
    arguments += ["--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0"]
    arguments += [str(program), "train", "--data", str(sprites_file), *SMALL]
    arguments += ["--max-steps", "40", "--checkpoint-every", "10", "--out", str(run)]
    [(code, text)] = ended([Forked(TORCHRUN, arguments, PYTHONPATH=str(ROOT))])
    assert code == 0, text
    assert "Signal 9 (SIGKILL)" in text or "exitcode: -9" in text or "-9" in text
    assert len(losses(run)) == 40


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
    """Both draw full batches, and one of them also a single sprite."""
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
    command: Command,
    small_run: Path,
    sprites_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The 268 samples take more than one batch, the last of which is not full."""
    monkeypatch.setattr(evaluation, "_PART", 128)
    monkeypatch.setattr(evaluation, "LEAST_SAMPLES", 256)
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
    asked += ("--samples", 268, "--steps", 1, "--split", "all")
    environment = {"OMP_NUM_THREADS": "1"}
    shared = together(
        *asked, "--out", two, program=MEASURES, data=both, command="evaluate", **environment
    )
    for code, text in ended(shared):
        assert code == 0, text
    torch.set_num_threads(1)
    assert command("evaluate", *asked, "--data", sprites_file, "--out", one).code == 0
    found, expected = (json.loads(path.read_text()) for path in (two, one))
    for timed in (found, expected):
        del timed["seconds"]
    assert found == expected
    assert found["quality"]["samples"]["count"] == 268


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """70 pictures in five folders, with near-copies and frames among them, and a
    file of another kind.
    """
    made = make_sprites(50)
    folder = tmp_path / "in"
    for i in range(70):
        rgba = made.rgba[i % 50].copy()
        if i >= 50:
            rgba = np.roll(rgba, 1, 1) if i % 2 else rgba
            rgba[5, 5] = (9, 200, i, 255)
        place = folder / made.class_names[made.labels[i % 50]]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rgba).save(place / f"sprite{i:02d}.png")
    (folder / "zz.txt").write_text("no picture")
    return folder


def imported(source: Path, out: Path, **environment: str) -> dict[str, bytes]:
    """What one process makes of the files: the bytes of each file of the store."""
    [(code, text)] = ended(
        [Forked(IMPORTS, ["import", str(source), "--out", str(out)], **environment)]
    )
    assert code == 0, text
    return contents(out)


def contents(store: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in store.iterdir()}


def imported_by_two(source: Path, out: Path, **environment: str) -> list[tuple[int, str]]:
    return ended(together(source, "--out", out, program=IMPORTS, command="import", **environment))


@pytest.mark.parametrize("large", ["", "yes"])
def test_two_import_as_one(pictures: Path, tmp_path: Path, large: str) -> None:
    one = imported(pictures, tmp_path / "one" / "a.sprites", LARGE=large)
    for code, text in imported_by_two(pictures, tmp_path / "two" / "a.sprites", LARGE=large):
        assert code == 0, text
    two = contents(tmp_path / "two" / "a.sprites")
    assert two == one
    store = load_sprites(tmp_path / "two" / "a.sprites")
    assert store.group is not None
    assert (len(store), len(store.class_names)) == (70, 5)
    assert len(np.unique(store.group)) <= 50


def test_two_take_a_set_as_it_is(pictures: Path, tmp_path: Path) -> None:
    """A store with its groups, and a file that is searched for near-copies."""
    one = imported(pictures, tmp_path / "a.sprites")
    for code, text in imported_by_two(tmp_path / "a.sprites", tmp_path / "b.sprites"):
        assert code == 0, text
    assert contents(tmp_path / "b.sprites") == one

    store = load_sprites(tmp_path / "a.sprites")
    np.savez(tmp_path / "c.npz", images=store.images, alpha=store.alpha, labels=store.labels)
    one = imported(tmp_path / "c.npz", tmp_path / "c1.sprites")
    for code, text in imported_by_two(tmp_path / "c.npz", tmp_path / "c2.sprites"):
        assert code == 0, text
    assert contents(tmp_path / "c2.sprites") == one


def test_an_import_of_two_that_was_stopped_is_continued_by_one(
    pictures: Path, tmp_path: Path
) -> None:
    out = tmp_path / "a.sprites"
    for code, text in imported_by_two(pictures, out, STOPS="1"):
        assert code == 130, text
    assert not out.exists()
    journal = json.loads((tmp_path / "a.sprites.part" / "journal.json").read_text())
    assert 0 < journal["count"] <= 14
    assert imported(pictures, out) == imported(pictures, tmp_path / "one" / "a.sprites")


@pytest.mark.parametrize("failing", [0, 1])
def test_a_process_that_fails_to_import_is_named(
    pictures: Path, tmp_path: Path, failing: int
) -> None:
    found = imported_by_two(pictures, tmp_path / "a.sprites", FAILS=str(failing))
    assert [code for code, _ in found] == [1, 1]
    named = f"Process {failing} of 2, on '{socket.gethostname()}', failed: the disk is on fire"
    assert named in found[1 - failing][1]
    assert "the disk is on fire" in found[failing][1]


def test_two_that_find_other_files_do_not_import(pictures: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    Image.fromarray(make_sprites(1).rgba[0]).save(other / "one.png")
    out = tmp_path / "a.sprites"
    for code, text in imported_by_two(pictures, out, OTHER=str(other)):
        assert code == 1
        assert "Process 1 of 2" in text
        assert "has other sprites than process 0" in text
    assert not out.exists()


def test_several_processes_make_no_single_file(pictures: Path, tmp_path: Path) -> None:
    for code, text in imported_by_two(pictures, tmp_path / "a.npz"):
        assert code == 2
        assert "Several processes make a store" in text
