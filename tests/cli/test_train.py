"""``sprite-lab train``: a run and its files, resuming and stopping it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sprite_lab.cli.follow import ENDING
from sprite_lab.cli.main import main
from sprite_lab.formats.sets.sprites import save_sprites
from tests.cli.conftest import SMALL, Command
from tests.cli.forked import Forked
from tests.made import make_sprites


def metrics(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def test_it_leaves_a_run_folder(small_run: Path) -> None:
    records = metrics(small_run)
    assert [record["step"] for record in records] == list(range(1, 13))
    assert all(np.isfinite(record["loss"]) for record in records)
    assert "epsilon_error" in records[-1]
    assert json.loads((small_run / "run.json").read_text())["config"]["max_steps"] == 12
    assert list((small_run / "checkpoints").glob("step-0000012.safetensors"))
    assert list((small_run / "samples").glob("*.png"))


def test_the_json_result(command: Command, sprites_file: Path, tmp_path: Path) -> None:
    run = tmp_path / "deep" / "run"
    done = command(
        "train", "--data", sprites_file, "--max-steps", 3, *SMALL, "--out", run, "--json"
    )
    assert done.code == 0
    result = done.json
    assert (result["run"], result["step"], result["stopped"]) == (str(run), 3, False)
    assert result["loss"] == metrics(run)[-1]["loss"]
    assert result["epsilon_error"] == metrics(run)[-1]["epsilon_error"]


def test_options_reach_the_run(command: Command, sprites_file: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    options = ["--preset", "course", "--epochs", 1, "--seed", 5, "--learning-rate", 0.002]
    options += ["--schedule", "cosine", "--precision", "fp32"]
    done = command("train", "--data", sprites_file, *options, *SMALL, "--out", run)
    assert done.code == 0, done.err
    config = json.loads((run / "run.json").read_text())["config"]
    assert config["preset"] == "course"
    assert (config["epochs"], config["max_steps"], config["max_seconds"]) == (1, None, None)
    assert (config["seed"], config["learning_rate"], config["batch_size"]) == (5, 0.002, 16)
    assert config["schedule"]["name"] == "cosine"
    assert config["network"]["width"] == 16
    assert config["network"]["name"] == "context_unet"


def test_max_seconds_alone_ends_a_run(command: Command, sprites_file: Path, tmp_path: Path) -> None:
    done = command(
        "train",
        "--data",
        sprites_file,
        "--max-seconds",
        0.2,
        *SMALL,
        "--out",
        tmp_path / "r",
        "--json",
    )
    assert done.code == 0
    assert done.json["step"] >= 1
    assert 0.2 <= done.json["seconds"] < 5


def test_a_run_is_never_overwritten(command: Command, small_run: Path, sprites_file: Path) -> None:
    before = (small_run / "metrics.jsonl").read_bytes()
    done = command("train", "--data", sprites_file, "--max-steps", 2, "--out", small_run)
    assert done.code == 1
    assert "--resume" in done.error
    assert (small_run / "metrics.jsonl").read_bytes() == before


def test_nor_is_a_folder_with_other_things(command: Command, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    done = command("train", "--max-steps", 2, "--out", tmp_path)
    assert done.code == 1
    assert "not an empty folder" in done.error
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_run_killed_while_it_first_saved_can_be_started_again(
    command: Command, small_run: Path, sprites_file: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(small_run, run)
    (run / "checkpoints" / "step-0000012.safetensors").unlink()  # its state exists already
    arguments = ["--data", sprites_file, "--max-steps", 1, *SMALL, "--out", run]
    done = command("train", *arguments)
    assert done.code == 0, done.err
    assert ": 1 step in" in done.out
    assert [record["step"] for record in metrics(run)] == [1]


class TestResume:
    @pytest.fixture(scope="class")
    def four_steps(self, sprites_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        run = tmp_path_factory.mktemp("runs") / "four"
        arguments = ["--data", str(sprites_file), "--max-steps", "4", "--out", str(run)]
        assert main(["train", *arguments, *SMALL]) == 0
        return run

    @pytest.fixture
    def run(self, four_steps: Path, tmp_path: Path) -> Path:
        return Path(shutil.copytree(four_steps, tmp_path / "run"))

    def test_it_continues_where_it_was(
        self, command: Command, run: Path, sprites_file: Path
    ) -> None:
        first = metrics(run)
        done = command(
            "train", "--data", sprites_file, "--max-steps", 7, "--resume", "--out", run, "--json"
        )
        assert done.code == 0, done.err
        assert done.json["step"] == 7
        records = metrics(run)
        assert [record["step"] for record in records] == list(range(1, 8))
        assert records[:4] == first

    def test_the_same_command_with_resume_added_is_understood(
        self, command: Command, run: Path, sprites_file: Path
    ) -> None:
        arguments = ["--data", sprites_file, "--max-steps", 5, *SMALL, "--out", run]
        assert command("train", *arguments, "--resume").code == 0
        assert metrics(run)[-1]["step"] == 5

    @pytest.mark.parametrize(
        "changed",
        [["--width", "48"], ["--seed", "9"], ["--preset", "course"], ["--schedule", "linear"]],
        ids=" ".join,
    )
    def test_other_settings_are_refused(
        self, command: Command, run: Path, sprites_file: Path, changed: list[str]
    ) -> None:
        done = command(
            "train", "--data", sprites_file, "--max-steps", 9, *changed, "--resume", "--out", run
        )
        assert done.code == 1
        assert "other settings" in done.error
        assert len(metrics(run)) == 4

    def test_other_sprites_are_refused(self, command: Command, run: Path, tmp_path: Path) -> None:
        save_sprites(tmp_path / "other.npz", make_sprites(80, seed=8))
        done = command(
            "train",
            *("--data", tmp_path / "other.npz", "--max-steps", 9, "--resume", "--out", run),
        )
        assert done.code == 1
        assert "other sprites" in done.error
        assert len(metrics(run)) == 4

    def test_a_finished_run_says_what_it_came_to(
        self, command: Command, run: Path, sprites_file: Path
    ) -> None:
        arguments = ["--data", sprites_file, "--max-steps", 4, "--resume", "--out", run]
        result = command("train", *arguments, "--json").json
        last = metrics(run)[-1]
        for name in ("step", "loss", "val_loss", "epsilon_error"):
            assert result[name] == last[name]

    @pytest.mark.parametrize(
        "damage", [{"data": {}}, {"config": {"batch_size": 0}}, {"config": {"color": 1}}]
    )
    def test_a_damaged_manifest_is_named(
        self, command: Command, run: Path, sprites_file: Path, damage: dict[str, Any]
    ) -> None:
        manifest = json.loads((run / "run.json").read_text())
        (run / "run.json").write_text(json.dumps(manifest | damage))
        done = command("train", "--data", sprites_file, "--resume", "--out", run)
        assert done.code == 1
        assert str(run / "run.json") in done.error
        assert len(metrics(run)) == 4

    def test_there_must_be_a_run(self, command: Command, tmp_path: Path) -> None:
        done = command("train", "--max-steps", 9, "--resume", "--out", tmp_path / "none")
        assert done.code == 1
        assert "no run" in done.error
        assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "empty.npz"), (b"PK\x03\x04 torn", "torn.npz"), (b"hello", "text.npy")],
    ids=["empty", "torn", "text"],
)
def test_a_bad_data_file_is_one_sentence(
    command: Command, tmp_path: Path, content: bytes, name: str
) -> None:
    (tmp_path / name).write_bytes(content)
    done = command("train", "--data", tmp_path / name, "--out", tmp_path / "run")
    assert done.code == 1
    assert name in done.error
    assert not (tmp_path / "run").exists()


#: Heeds signals even in a job behind ``nohup``, and writes its output to a file.
HEEDFUL = """
import signal, sys
from sprite_lab.__main__ import main
from sprite_lab.cli.follow import ENDING
usual = {signal.SIGINT: signal.default_int_handler}
for number in ENDING:
    signal.signal(number, usual.get(number, signal.SIG_DFL))
sys.stdout = open(sys.argv.pop(), "w")
sys.exit(main())
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
@pytest.mark.parametrize("number", ENDING, ids=lambda n: n.name)
def test_signals_stop_and_keep(
    command: Command, sprites_file: Path, tmp_path: Path, number: signal.Signals
) -> None:
    run, said = tmp_path / "run", tmp_path / "said.json"
    arguments = ["train", "--data", str(sprites_file), "--max-steps", "100000", *SMALL]
    process = Forked(HEEDFUL, [*arguments, "--out", str(run), "--json", str(said)])
    # The first sample sheet is written after the first step.
    deadline = time.monotonic() + 240
    while not list(run.glob("samples/*.png")) and time.monotonic() < deadline:
        assert process.is_running(), process.ended(0)
        time.sleep(0.05)
    process.send_signal(number)
    process.send_signal(number)  # repeated signals make no difference
    code, err = process.ended(120)
    assert code == 130, err
    result = json.loads(said.read_text())
    assert result["stopped"]
    assert "Traceback" not in err
    step = result["step"]
    assert (run / "checkpoints" / f"step-{step:07d}.safetensors").is_file()
    assert metrics(run)[-1]["step"] == step

    on = ["--data", sprites_file, "--max-steps", step + 2, "--resume", "--out", run]
    assert command("train", *on).code == 0
    assert metrics(run)[-1]["step"] == step + 2


class TestInit:
    def test_it_starts_from_a_model(
        self, command: Command, small_run: Path, sprites_file: Path, tmp_path: Path
    ) -> None:
        options = ["--max-steps", 1, "--batch-size", 16, "--device", "cpu", "--init", small_run]
        run = tmp_path / "run"
        done = command("train", "--data", sprites_file, *options, "--out", run)
        assert done.code == 0, done.err
        manifest = json.loads((run / "run.json").read_text())
        assert manifest["data"]["init"] == {"title": small_run.name, "step": 12}
        assert manifest["config"]["network"]["width"] == 16
        assert metrics(run)[0]["epsilon_error"] < 1.1 * metrics(small_run)[-1]["epsilon_error"]

    def test_what_the_model_decides_cannot_be_asked_for(
        self, command: Command, small_run: Path, tmp_path: Path
    ) -> None:
        done = command("train", "--init", small_run, "--width", 32, "--out", tmp_path / "run")
        assert done.code == 2
        assert "leave out --width" in done.error

    def test_a_resumed_run_has_its_weights(self, command: Command, small_run: Path) -> None:
        done = command("train", "--init", small_run, "--resume", "--out", small_run)
        assert done.code == 2
        assert "leave out --init" in done.error

    def test_no_such_model(self, command: Command, tmp_path: Path) -> None:
        done = command("train", "--init", "nobody", "--out", tmp_path / "run")
        assert done.code == 1
        assert "'nobody'" in done.error
