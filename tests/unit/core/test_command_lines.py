"""Command lines that repeat work: the real command line reads them back."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest
import typer.testing

from sprite_lab.cli import train as train_module
from sprite_lab.cli.main import app
from sprite_lab.core.command_lines import evaluate_command, train_command
from sprite_lab.core.config import EvalConfig, SampleConfig, TrainConfig
from sprite_lab.core.presets import PRESETS, STUDENT


def read_back(command: str, monkeypatch: pytest.MonkeyPatch) -> tuple[TrainConfig, str]:
    """The configuration and data that ``sprite-lab train`` makes from a command."""
    found: list[object] = []

    class Read(Exception):
        pass

    make = train_module.new_config

    def new_config(*given: object) -> TrainConfig:
        found.append(make(*given))  # type: ignore[arg-type]
        return found[0]  # type: ignore[return-value]

    def load_data(ref: str) -> None:
        found.append(ref)
        raise Read

    monkeypatch.setattr(train_module, "new_config", new_config)
    monkeypatch.setattr(train_module, "load_data", load_data)
    program, *words = shlex.split(command)
    assert program == "sprite-lab"
    done = typer.testing.CliRunner().invoke(app, words)
    assert isinstance(done.exception, Read), done.output
    config, data = found
    return config, data  # type: ignore[return-value]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"seed": 7, "batch_size": 32, "learning_rate": 5e-4, "precision": "fp32"},
        {"epochs": None, "max_steps": 60, "max_seconds": None},
        {"ema_decay": 0.9, "flips": 0.123456789, "max_copies": 0.25, "levels": "uniform"},
        {"epochs": 3, "max_steps": None, "max_seconds": 12.5, "compile": True},
        {"flips": 0.0, "ema_decay": 0.0, "batch_size": 0},
    ],
)
def test_train_makes_the_same_configuration(
    preset: str, changes: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(PRESETS[preset], **changes)
    command, others = train_command(config, "my sprites.npz", "runs/of mine")
    assert others == ()
    assert read_back(command, monkeypatch) == (config, "my sprites.npz")


def test_network_and_noise_too(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = PRESETS["quick"]
    config = replace(
        quick,
        network=replace(quick.network, width=32),
        schedule=replace(quick.schedule, name="cosine"),
    )
    command, others = train_command(config, "builtin", "x")
    assert (read_back(command, monkeypatch)[0], others) == (config, ())
    # What a training run derives from its sprites needs no option.
    fitted = replace(config, network=replace(config.network, channels=4, num_classes=3))
    assert train_command(fitted, "builtin", "x") == (command, ())


def test_what_has_no_option_is_named() -> None:
    best = PRESETS["best"]
    config = replace(
        best,
        shifts=0.25,
        max_grad_norm=None,
        schedule=replace(best.schedule, timesteps=100),
    )
    command, others = train_command(config, "builtin", "x")
    assert command.endswith("--shifts 0.25 --out x")
    assert others == ("max_grad_norm", "schedule.timesteps")


def test_students_and_trainings_from_a_model() -> None:
    student = replace(STUDENT, max_seconds=None, max_steps=20)
    assert train_command(student, "", "s", teacher="real") == (
        "sprite-lab distill --model real --max-steps 20 --out s",
        (),
    )
    command, others = train_command(replace(student, huber_c=0.25), "", "s", teacher="real")
    assert (command.split()[-4:], others) == (["--huber-c", "0.25", "--out", "s"], ())
    command, _ = train_command(PRESETS["tune"], "mine.npz", "x", init="real")
    assert command == "sprite-lab train --data mine.npz --preset tune --init real --out x"


def test_evaluate() -> None:
    command = evaluate_command(EvalConfig.quick(3), "runs/a b", "builtin", "r.json")
    assert command == (
        "sprite-lab evaluate --model 'runs/a b' --data builtin --likelihood bound --quality "
        "--limit 64 --samples 256 --seed 3 --out r.json"
    )
    config = EvalConfig(
        likelihood=None, quality=False, classify=True, sampling=SampleConfig(steps=3)
    )
    assert evaluate_command(config, "a", "b", "r.json") == (
        "sprite-lab evaluate --model a --data b --classify --seed 0 --out r.json"
    ), "how samples are drawn does not matter where none are"
    config = EvalConfig(likelihood=None, sampling=SampleConfig(steps=3, sampler="heun"))
    assert "--quality --sampler heun --steps 3 --seed" in evaluate_command(config, "", "", "")
    sealed = EvalConfig(split="sealed", sealed_fraction=0.05)
    assert "--split sealed --sealed-fraction 0.05 " in evaluate_command(sealed, "", "", "")
