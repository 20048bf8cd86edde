"""``sprite-lab evaluate``: measure a model, and write figures and a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sprite_lab.cli.console import print_error, print_result
from sprite_lab.cli.follow import INTERRUPTED, WRITING, follow
from sprite_lab.cli.options import (
    Device,
    Given,
    Json,
    Model,
    as_usage,
    check_out,
    load_data,
    option,
    with_request,
    with_settings,
)
from sprite_lab.core.command_lines import ASKED
from sprite_lab.core.config import EvalConfig, SampleConfig
from sprite_lab.core.sets.sprites import BUILTIN

if TYPE_CHECKING:
    from sprite_lab.core.results.report import Report
    from sprite_lab.engine.models.model import Model as LoadedModel

#: Number of sprites whose likelihood --quick computes.
QUICK_LIMIT = {"bound": 256, "ode": 16, "classify": 64}


@dataclass(frozen=True, kw_only=True)
class Request:
    """Options of the command."""

    model: Model
    out: Path = option("The report; a page to look at (.html) beside it.", metavar="FILE.json")
    data: str = option("Sprites to measure it on.", BUILTIN, metavar="FILE|STORE|FOLDER|builtin")
    asked: Given
    quick: bool = option("The likelihood of a few sprites: within ten minutes.", False)
    rest: Given
    sampling: Given
    device: Device = "auto"
    as_json: Json = False


@with_settings("asked", EvalConfig(), *ASKED, given=True)
@with_settings("rest", EvalConfig(), "split", "sealed_fraction", "limit", "samples", "seed")
@with_settings("sampling", SampleConfig(), "sampler", "steps", "guidance_scale", given=True)
@with_request(Request)
def evaluate(request: Request) -> int:
    """Measure a model: likelihood, quality of its samples, copies, and file sizes to compare.

    By default, it measures likelihood (by the bound) and quality; for a student, which has no
    likelihood, only quality. --classify also calibrates the probabilities of classes, and keeps the
    calibration in the run folder for the window.

    Started by torchrun, many processes share the work and produce the same report.
    """
    out, rest = request.out, dict(request.rest)
    check_out(out, ".json")
    check_out(out.with_suffix(".html"), ".html")
    from sprite_lab.engine.launch import shared_work
    from sprite_lab.engine.measuring.evaluation import evaluate_iter, usual_likelihood
    from sprite_lab.engine.models.model import load_model

    loaded = load_model(request.model, request.device)
    asked = request.asked or {"likelihood": usual_likelihood(loaded), "quality": True}
    wanted: Given = {"likelihood": None, "quality": False, **asked}
    limited = wanted["likelihood"] or ("classify" if wanted.get("classify") else None)
    if request.quick and rest["limit"] is None and limited:
        rest["limit"] = QUICK_LIMIT[limited]
    with as_usage():
        config = EvalConfig(**wanted, **rest, sampling=SampleConfig(**request.sampling))
    sprites = load_data(request.data)
    with shared_work() as control:
        run = evaluate_iter(loaded, sprites, config, control)
        report = follow("Measuring", run, control, WRITING)
    if not control.leads:
        return 0
    _tell(report, request, loaded)
    if control.stop_requested:
        print_error("interrupted: the report is on what was measured so far")
        return INTERRUPTED
    return 0


def _tell(report: Report, request: Request, loaded: LoadedModel) -> None:
    """Write the report, keep the calibration, and print the result."""
    from sprite_lab.formats.reports.report import write_report

    out, model, as_json = request.out, request.model, request.as_json
    page = write_report(out, report)
    found = report.to_json()
    sentence = f"{out} and {page.name}:"
    if found["bits_per_dim"] is not None:
        sentence += f" {found['bits_per_dim']:.3f} bits/dim;"
        if (counted := report.file_sizes.counted) is not None:
            sentence += f" by counts of what pixels repeat {counted:.3f};"
    if measured := report.quality:
        mine = measured.samples
        distance = mine.frechet_distance
        sentence += (
            f" Fréchet distance {distance:.2f} ± {mine.frechet_stderr:.2f};"
            if distance is not None
            else f" kernel distance {mine.kernel_distance:.4f};"
        )
        sentence += f" copies {mine.copies:.1%}, near-copies {mine.near_copies:.1%};"
        sentence += f" {mine.colors:g} colors;"
    if report.classes and report.classes["accuracy"] is not None:
        sentence += (
            f" class right for {report.classes['accuracy']:.0%}, calibration error "
            f"{report.classes['expected_calibration_error']:.1%};"
        )
        if Path(model).is_dir() and report.classes["calibration"]["reliability"]:
            from sprite_lab.core.plain import from_plain
            from sprite_lab.core.results.calibration import Calibration
            from sprite_lab.engine.models.calibration_file import save_calibration
            from sprite_lab.engine.models.model import weights_path

            found_so = from_plain(Calibration, report.classes["calibration"])
            save_calibration(weights_path(model), loaded.step, found_so)
    print_result({"out": out, "page": page, **found}, sentence.rstrip(";"), as_json)
