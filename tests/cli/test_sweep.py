"""``sprite-lab sweep``: refused, written for Slurm, and done by processes of another machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sprite_lab.cli.sweep import show_trials
from sprite_lab.engine.following.connection import SSH
from sprite_lab.engine.training.sweep import Trial
from tests.cli.conftest import Command
from tests.hub_stand_in import TOKEN, hub_for
from tests.ssh_host import running_sshd

pytestmark = pytest.mark.timeout(900)

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("--width", "16", "--batch-size", "8", "--device", "cpu", "--max-steps", "2")
SMALL += ("--preview-count", "1", "--preview-steps", "1")


def test_invalid_input_is_refused_before_anything_is_made(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "sweep"
    wrong = command("sweep", "--out", out, "--try", "speed=1,2")
    assert (wrong.code, "no setting 'speed'" in wrong.error) == (2, True)
    without = command("sweep", "--out", out, "--epochs", "3")
    assert (without.code, "--try" in without.error) == (2, True)
    nothing = command("sweep", "--out", out)
    assert (nothing.code, "contains no sweep" in nothing.error) == (1, True)
    mistyped = command("sweep", "--out", out, "--try", "seed=0,1", "--data", "hereos.npz")
    assert (mistyped.code, "hereos.npz" in mistyped.error) == (1, True)
    assert not out.exists()


def test_a_script_for_slurm_is_written_and_nothing_run(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "my sweep"
    done = command("sweep", "--out", out, "--try", "seed=0,1", "--workers", "8", "--slurm")
    assert done.code == 0
    script = (out / "sweep.sbatch").read_text()
    assert script.startswith("#!/bin/bash\n#SBATCH --job-name='my sweep' --array=1-8 ")
    assert f"srun sprite-lab sweep --out '{out}'\n" in script
    assert "[ $code = 75 ]" in script
    assert sorted(path.name for path in out.iterdir()) == ["sweep.json", "sweep.sbatch"]


def script_of_help() -> str:
    """The script on the help page."""
    page = (ROOT / "resources" / "help" / "scaling.md").read_text("utf-8")
    return page[page.index("#!/bin/bash") :].partition("```")[0]


@pytest.mark.skipif(sys.platform != "linux", reason="Slurm, and a shell")
@pytest.mark.parametrize("source", ["sweep", "help"])
@pytest.mark.parametrize(
    ("code", "restarts", "queued"),
    [(75, "0", True), (75, "2", True), (75, "3", False), (0, "0", False), (1, "1", False)],
)
def test_a_job_is_queued_again_three_times_at_most(
    command: Command, tmp_path: Path, source: str, code: int, restarts: str, queued: bool
) -> None:
    """Runs the job's script, with stand-ins for Slurm's programs on each machine."""
    if source == "sweep":
        out = tmp_path / "sweep"
        assert command("sweep", "--out", out, "--try", "seed=0,1", "--slurm").code == 0
        script = (out / "sweep.sbatch").read_text()
    else:
        script = script_of_help()
    assert "#SBATCH" in script
    assert "--signal=USR1@90 --requeue" in script
    for name, text in {
        "srun": f"exit {code}",
        "scontrol": 'case "$1" in show) echo gpu1 ;; *) echo "$@" >>"$TOLD" ;; esac',
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    told = tmp_path / "told"
    job = {"SLURM_JOB_ID": "42", "SLURM_RESTART_COUNT": restarts, "SLURM_JOB_NODELIST": "gpu1"}
    path = f"{tmp_path}:{os.environ['PATH']}"
    environment = {**os.environ, **job, "PATH": path, "TOLD": str(told)}
    done = subprocess.run(["bash", "-c", script], env=environment)
    assert done.returncode == code
    assert (told.read_text() if told.exists() else "") == ("requeue 42\n" if queued else "")


@pytest.fixture(params=["shell", "sshd"])
def host(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The root folder of another machine: a real SSH host, or a shell that stands in for it."""
    if sys.platform == "win32":
        pytest.skip("a shell")
    if request.param == "sshd":
        folder = tmp_path / "ssh"
        folder.mkdir()
        with running_sshd(folder) as machine:
            yield f"ssh://{machine.host}:{machine.port}"
        return
    client = tmp_path / "client"
    client.write_text('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nexec sh -c "$3"\n')
    client.chmod(0o755)
    monkeypatch.setenv(SSH, str(client))
    yield "gpu1:"


def test_it_continues_over_ssh_and_is_fetched(
    command: Command, host: str, sprites_file: Path, tmp_path: Path
) -> None:
    pytest.importorskip("optuna")
    there = tmp_path / "there"
    path = os.pathsep.join([str(ROOT), *sys.path])
    start = f"env PYTHONPATH='{path}' '{sys.executable}' -m sprite_lab"
    place = ("--out", f"{host}{there}", "--command", start)
    begin = (*place, "--try", "seed=0,1", "--data", sprites_file, *SMALL, "--workers", "2")
    begun = command("sweep", *begin)
    assert begun.code == 0, begun.err
    again = command("sweep", *begin)
    assert again.code == 1
    assert "there is a sweep already" in again.error, again.err

    deadline = time.monotonic() + 600
    log = there / "sweep.log"
    while time.monotonic() < deadline and "2 runs of 2 done" not in log.read_text():
        time.sleep(0.2)
    assert "2 runs of 2 done" in log.read_text(), log.read_text()
    status = command("sweep", *place, "--status", "--json")
    assert status.code == 0, status.err
    said = status.json
    assert said["count"] == 2
    assert [trial["state"] for trial in said["trials"]] == ["complete"] * 2
    assert said["trials"][0]["error"] <= said["trials"][1]["error"]

    here = tmp_path / "here"
    assert command("sweep", *place, "--fetch", here).code == 0
    for trial in ("trial-0000", "trial-0001"):
        files = {path.name for path in (here / trial / "checkpoints").iterdir()}
        assert files == {"step-0000002.safetensors"}
    assert (here / "sweep.json").read_bytes() == (there / "sweep.json").read_bytes()
    nowhere = command("sweep", "--out", f"{host}{tmp_path}/nowhere", "--fetch", tmp_path / "x")
    assert (nowhere.code, "There is no sweep" in nowhere.error) == (1, True)
    assert not (tmp_path / "x").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell")
def test_a_job_at_hugging_face_brings_back_what_it_has_trained(
    command: Command, sprites_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job runs here, with the real hf program and a stand-in for the hub's server."""
    pytest.importorskip("optuna")
    pytest.importorskip("huggingface_hub")
    with hub_for(monkeypatch, tmp_path) as hub:
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        place = ("--out", "hf://ada/first")
        begin = (
            *place,
            "--try",
            "seed=0,1",
            "--data",
            sprites_file,
            *SMALL,
            "--flavor",
            "t4-small",
        )
        begun = command("sweep", *begin, "--json")
        assert begun.code == 0, begun.err
        again = command("sweep", *begin)
        assert (again.code, "already contains a sweep" in again.error) == (1, True)
        assert "ada/first" in hub.private
        assert f"data/{sprites_file.name}" in hub.files["ada/first"]
        [job] = hub.jobs
        assert (job["flavor"], job["secrets"]["HF_TOKEN"]) == ("t4-small", TOKEN)
        waiting = command("sweep", *place, "--status")
        assert "job is running" in waiting.out
        assert "0 runs of 2 done" in waiting.out

        # A machine with Python, on which pip has installed the requested packages.
        machine = tmp_path / "machine"
        machine.mkdir()
        programs = {
            "pip": "exit 0",
            "sprite-lab": f"exec '{sys.executable}' -m sprite_lab \"$@\"",
            "hf": f"exec '{sys.executable}' -m huggingface_hub.cli.hf \"$@\"",
        }
        for name, text in programs.items():
            (machine / name).write_text(f"#!/bin/sh\n{text}\n")
            (machine / name).chmod(0o755)
        environment = {
            **{"PATH": f"{machine}:{os.environ['PATH']}", "HOME": str(machine)},
            **{"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "HF_ENDPOINT": hub.address},
            **{"HF_HUB_DISABLE_XET": "1", **job["environment"], **job["secrets"]},
        }
        done = subprocess.run(
            job["command"], env=environment, cwd=machine, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        hub.stage = "COMPLETED"
        status = command("sweep", *place, "--status", "--json")
        assert [trial["state"] for trial in status.json["trials"]] == ["complete"] * 2
        here = tmp_path / "here"
        assert command("sweep", *place, "--fetch", here).code == 0
        for trial in ("trial-0000", "trial-0001"):
            files = {path.name for path in (here / trial / "checkpoints").iterdir()}
            assert files == {"step-0000002.safetensors"}
        assert not list(here.rglob("*.lock"))


def test_seeds_are_averaged(capsys: pytest.CaptureFixture[str]) -> None:
    """The best single run was named once, which may only have had the best seed."""
    errors = {(1e-3, 0): 0.1, (1e-3, 1): 0.4, (1e-4, 0): 0.2, (1e-4, 1): 0.2, (1e-4, 2): 0.01}
    trials = [
        Trial(
            number,
            "running" if seed == 2 else "complete",
            {"learning_rate": rate, "seed": seed},
            error,
            f"trial-{number}",
        )
        for number, ((rate, seed), error) in enumerate(errors.items())
    ]
    show_trials(trials, 6, False)
    first, by, *ranked, heading, best, worst = capsys.readouterr().out.splitlines()
    assert (first, by) == ("4 runs of 6 done", "By noise error:")
    assert [line.split()[0] for line in ranked] == [
        "0.0100",
        "0.1000",
        "0.2000",
        "0.2000",
        "0.4000",
    ]
    assert heading == "Over seeds, mean and range:"
    assert best == "0.2000  0.2000–0.2000  2 seeds  learning_rate=0.0001"
    assert worst == "0.2500  0.1000–0.4000  2 seeds  learning_rate=0.001"
    show_trials(trials[::2], 6, False)
    assert "seeds" not in capsys.readouterr().out, "no two runs differ in their seed alone"
