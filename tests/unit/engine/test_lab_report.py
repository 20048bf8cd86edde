"""Contents of a lab report: the run's own numbers, and those of its evaluation."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sprite_lab.core.config import EvalConfig, SampleConfig
from sprite_lab.core.results.lab_report import LabReport
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.engine.measuring import lab_report
from sprite_lab.engine.measuring.evaluation import evaluate_iter
from sprite_lab.engine.measuring.lab_report import lab_report_iter
from sprite_lab.engine.measuring.optimal_loss import floor_iter
from sprite_lab.engine.models.model import load_model
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.engine.training.trainer import train_iter
from sprite_lab.formats.reports.lab_report import lab_page
from tests.made import make_sprites, shortened

pytestmark = pytest.mark.usefixtures("every_level", "few_threads")

FEW = EvalConfig(limit=2, samples=16, sampling=SampleConfig(steps=2))


@pytest.fixture(scope="module")
def run(sprites: SpriteSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of five steps."""
    config = shortened("quick", 5, preview_count=2, preview_steps=2)
    folder = tmp_path_factory.mktemp("runs") / "five"
    drain(train_iter(config, sprites, folder, RunControl()))
    return folder


def gather(ref: object, sprites: SpriteSet | None, config: EvalConfig = FEW) -> LabReport:
    run = lab_report_iter(ref, sprites, config, RunControl(), data="made.npz", device="cpu")  # type: ignore[arg-type]
    return drain(run)


def test_its_numbers_are_those_of_the_engine(run: Path, sprites: SpriteSet) -> None:
    found = gather(run, sprites)
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    course = found.course
    assert course is not None
    np.testing.assert_array_equal(course.loss[0], [row["step"] for row in rows])
    np.testing.assert_array_equal(course.loss[1], [row["loss"] for row in rows])
    np.testing.assert_array_equal(course.learning_rate[1], [row["learning_rate"] for row in rows])
    validated = [row for row in rows if "val_loss" in row]
    np.testing.assert_array_equal(course.val_loss[1], [row["val_loss"] for row in validated])
    sums, counts = map(np.array, validated[-1]["val_level_errors"])
    np.testing.assert_allclose(course.val_level_errors[1], (sums / counts)[counts > 0], rtol=1e-5)
    floor = drain(floor_iter(found.config, sprites, RunControl()))
    assert course.floor is not None
    np.testing.assert_array_equal(course.floor.error, floor.error)

    assert found.evaluation is not None
    again = drain(evaluate_iter(load_model(run, "cpu"), sprites, FEW, RunControl()))
    assert found.evaluation.to_json() | {"seconds": 0} == again.to_json() | {"seconds": 0}
    np.testing.assert_array_equal(found.samples, again.samples)
    assert found.sampling.seed == FEW.seed

    assert [step for step, _ in found.drawn] == RunFolder(run).steps("samples")
    assert (found.title, found.step) == ("five", 5)
    assert found.data.fingerprint == sprites.fingerprint
    assert {"PyTorch", "Sprite Lab"} <= found.versions.keys()
    commands = dict(found.commands)
    assert "--data made.npz" in next(iter(commands.values()))
    assert any(command.startswith("sprite-lab evaluate") for command in commands.values())
    page = lab_page(found)
    assert f"{rows[-1]['loss']:.4f} on training sprites" in page
    assert f"{again.to_json()['bits_per_dim']:.2f}" in page


def test_all_of_a_small_set_is_measured(run: Path) -> None:
    found = gather(run, make_sprites(12))
    assert found.evaluation is not None
    assert found.evaluation.data["count"] == 12
    assert found.evaluation.quality is not None
    assert any("--split all" in command for _, command in found.commands)


def test_without_its_sprites_it_draws_all_the_same(run: Path) -> None:
    found = gather(run, None)
    assert found.evaluation is None
    assert found.course is not None
    assert found.course.floor is None
    assert found.samples.shape == (lab_report.SHOWN, 16, 16, 3)
    assert found.sampling.classes == load_model(run, "cpu").class_names
    assert "Not measured" in lab_page(found)


def test_a_student_without_a_run_has_neither_likelihood_nor_curves(
    sprites: SpriteSet,
) -> None:
    found = gather("builtin-student", sprites)
    assert found.course is None
    assert not found.drawn
    assert found.evaluation is not None
    assert found.evaluation.likelihood is None
    assert found.evaluation.quality is not None
    assert "sprite-lab distill --model builtin " in found.commands[0][1]
    assert f"Distilled from Built-in sprites in {found.step:,} steps" in lab_page(found)


def test_who_drew_the_sprites_of_a_shipped_model_is_reported_by_its_card() -> None:
    assert "“DawnLike 16x16” by DragonDePlatino" in lab_report.origins("real")
    assert "## " not in lab_report.origins("real")


def test_damaged_sheets_of_samples_are_left_out(run: Path) -> None:
    sheet = run / "samples" / "step-0000003.png"
    sheet.write_bytes(b"torn")
    found = gather(run, None)
    assert 3 in RunFolder(run).steps("samples")
    assert 3 not in [step for step, _ in found.drawn]
    sheet.unlink()


def test_stopped_it_tells_what_there_is(run: Path, sprites: SpriteSet) -> None:
    control = RunControl()
    control.stop()
    found = drain(lab_report_iter(run, sprites, FEW, control, device="cpu"))
    assert found.course is not None
    assert found.evaluation is not None
    assert found.evaluation.stopped
    assert "stopped early" in lab_page(found)
