"""``sprite-lab evaluate``: how good a model is, as figures and as a page to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from sprite_lab.cli.console import print_error, print_result
from sprite_lab.cli.follow import Reporter, follow, stopping_on_signals
from sprite_lab.cli.options import (
    BUILTIN,
    Device,
    Guidance,
    Json,
    Model,
    Sampler,
    Steps,
    as_usage,
    check_out,
    load_data,
    sample_config,
)
from sprite_lab.core.config import EvalConfig
from sprite_lab.core.run import RunControl

#: Sprites whose likelihood --quick works out.
QUICK_LIMIT = {"bound": 256, "ode": 16, "classify": 64}


def evaluate(
    model: Model,
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FILE.json", help="The report; a page to look at (.html) beside it."
        ),
    ],
    data: Annotated[
        str, typer.Option("--data", metavar="FILE|STORE|builtin", help="Sprites to measure it on.")
    ] = BUILTIN,
    likelihood: Annotated[
        Literal["bound", "ode"] | None,
        typer.Option("--likelihood", help="Bits per dimension: variational bound or exact ODE."),
    ] = None,
    quality: Annotated[
        bool, typer.Option("--quality", help="Draw samples and hold them against the sprites.")
    ] = False,
    classify: Annotated[
        bool, typer.Option("--classify", help="How probable each class is for every sprite.")
    ] = False,
    thermodynamics: Annotated[
        bool,
        typer.Option("--thermodynamics", help="Entropies of the forward and reverse process."),
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="The likelihood of a few sprites: within ten minutes.")
    ] = False,
    split: Annotated[
        Literal["validation", "all"],
        typer.Option("--split", help="The sprites that training sets aside, or all of them."),
    ] = "validation",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Most sprites for the likelihood.")
    ] = None,
    samples: Annotated[
        int, typer.Option("--samples", min=16, help="How many samples for the quality.")
    ] = 2048,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Decides all chance.")] = 0,
    sampler: Sampler = None,
    steps: Steps = None,
    guidance: Guidance = None,
    device: Device = "auto",
    as_json: Json = False,
) -> int:
    """Measure a model: likelihood, quality of its samples, copies, and file sizes to compare.

    Unless something else is asked for, that is likelihood and quality, the likelihood by the
    bound; of a student, which has no likelihood, the quality alone.
    """
    check_out(out, ".json")
    check_out(out.with_suffix(".html"), ".html")
    from sprite_lab.engine.models import load_model

    loaded = load_model(model, device)
    if likelihood is None and not (quality or classify or thermodynamics):
        likelihood, quality = None if loaded.is_student else "bound", True
    if quick and limit is None and likelihood is not None:
        limit = QUICK_LIMIT[likelihood]
    elif quick and limit is None and classify:
        limit = QUICK_LIMIT["classify"]
    with as_usage():
        config = EvalConfig(
            likelihood=likelihood,
            quality=quality,
            classify=classify,
            thermodynamics=thermodynamics,
            split=split,
            limit=limit,
            samples=samples,
            seed=seed,
            sampling=sample_config(None, sampler=sampler, steps=steps, guidance_scale=guidance),
        )
    sprites = load_data(data)

    from sprite_lab.engine.evaluation import evaluate_iter
    from sprite_lab.formats.report import write_report

    control = RunControl()
    with (
        Reporter("Measuring") as reporter,
        stopping_on_signals(
            control, reporter, "stopping: what is measured so far is being written"
        ),
    ):
        report = follow(evaluate_iter(loaded, sprites, config, control), reporter)
    page = write_report(out, report)
    found = report.to_json()
    sentence = f"{out} and {page.name}:"
    if found["bits_per_dim"] is not None:
        sentence += f" {found['bits_per_dim']:.3f} bits/dim;"
    if measured := report.quality:
        mine = measured.samples
        distance = mine.frechet_distance
        sentence += (
            f" Fréchet distance {distance:.2f};"
            if distance is not None
            else f" kernel distance {mine.kernel_distance:.4f};"
        )
        sentence += f" copies {mine.copies:.1%}; {mine.colours:g} colours;"
    if report.classes and report.classes["accuracy"] is not None:
        sentence += f" class right for {report.classes['accuracy']:.0%};"
    print_result({"out": str(out), "page": str(page), **found}, sentence.rstrip(";"), as_json)
    if control.stop_requested:
        print_error("interrupted: the report is on what was measured so far")
        return 130
    return 0
