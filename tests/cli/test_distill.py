"""``sprite-lab distill``: a student from a run, and the message if there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from sprite_lab.core.run import RunControl
from tests.cli.conftest import Command

TINY = ("--max-steps", 2, "--batch-size", 4, "--device", "cpu")


def test_a_student_of_a_run_draws_in_two_evaluations(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    out = tmp_path / "student"
    made = command("distill", "--model", small_run, "--out", out, *TINY, "--json")
    assert made.code == 0, made.err
    assert (made.json["run"], made.json["step"]) == (str(out), 2)
    assert made.json["student_of"] == "small"
    described = command("info", out, "--json").json
    assert described["student_of"] == "small"

    sheet = tmp_path / "sprites.png"
    drawn = command("sample", "--model", out, "--steps", 2, "--count", 2, "--out", sheet, "--json")
    assert drawn.code == 0, drawn.err
    assert sheet.is_file()

    again = command("distill", "--model", small_run, "--out", out, *TINY)
    assert again.code == 1
    assert "add --resume" in again.error
    of_student = command("distill", "--model", out, "--out", tmp_path / "next", *TINY)
    assert of_student.code == 1
    assert "student already" in of_student.error
    resumed = command("train", "--resume", "--max-steps", 4, "--out", out)
    assert resumed.code == 1
    assert "sprite-lab distill" in resumed.error


def test_a_student_is_resumed_by_its_command(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    out, other = tmp_path / "student", tmp_path / "other"
    made = ("distill", "--model", small_run, "--batch-size", 4, "--device", "cpu", "--json")
    none = command(*made, "--max-steps", 1, "--out", out, "--resume")
    assert none.code == 1
    assert "leave out --resume" in none.error
    assert command(*made, "--max-steps", 1, "--out", out).code == 0
    changed = command(*made, "--max-steps", 3, "--out", out, "--resume", "--seed", 5)
    assert changed.code == 1
    assert "other settings" in changed.error
    resumed = command(*made, "--max-steps", 3, "--out", out, "--resume")
    assert resumed.code == 0, resumed.err
    assert resumed.json["step"] == 3
    whole = command(*made, "--max-steps", 3, "--out", other)
    assert whole.json["loss"] == resumed.json["loss"]
    name = "checkpoints/step-0000003.safetensors"
    assert (out / name).read_bytes() == (other / name).read_bytes()
    ended = command(*made, "--max-steps", 3, "--out", out, "--resume")
    assert (ended.code, ended.json["step"]) == (0, 3)
    assert ended.json["loss"] == whole.json["loss"]


def test_one_that_was_stopped_before_its_first_step_can_be_made_again(
    command: Command, small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ("distill", "--model", small_run, "--out", tmp_path / "student", *TINY)
    with monkeypatch.context() as patch:
        patch.setattr(RunControl, "stop_requested", property(lambda _: True))
        stopped = command(*made)
    assert stopped.code == 130
    assert "nothing is kept" in stopped.error
    again = command(*made)
    assert again.code == 0, again.err


def test_the_student_sampler_without_a_student_is_one_line(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    target = tmp_path / "sprites.png"
    done = command("sample", "--model", small_run, "--sampler", "student", "--out", target)
    assert done.code == 1
    assert "sprite-lab distill" in done.error
    assert not target.exists()


def test_settings_that_may_not_be_are_wrong_usage(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    for flag, value in (("--learning-rate", 7), ("--huber-c", -0.1)):
        done = command("distill", "--model", small_run, "--out", tmp_path / "x", flag, value)
        assert done.code == 2
        assert flag in done.error
    assert not (tmp_path / "x").exists()
