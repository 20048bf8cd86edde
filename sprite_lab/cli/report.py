"""``sprite-lab report``: everything about a model on one page."""

from __future__ import annotations

from pathlib import Path

from sprite_lab.cli.console import print_error, print_result
from sprite_lab.cli.follow import INTERRUPTED, WRITING, Reporter, stopping_on_signals
from sprite_lab.cli.options import (
    Device,
    Json,
    ModelArgument,
    as_usage,
    check_out,
    load_data,
    option,
    with_options,
)
from sprite_lab.core.config import EvalConfig
from sprite_lab.core.run import RunControl, drain


@with_options
def report(
    model: ModelArgument,
    out: Path = option("The page.", metavar="FILE.html"),
    data: str | None = option(
        "The sprites it was trained on.",
        None,
        metavar="FILE|builtin",
        show_default="the built-in ones, where it was those",
    ),
    quick: bool = option("Measure little: within a minute or two.", False),
    seed: int = option("Seed of all random numbers.", 0, min=0),
    device: Device = "auto",
    as_json: Json = False,
) -> int:
    """Write a lab report: one HTML file with settings, curves, samples and figures of a model.

    For a run, it shows how the loss fell and the samples got better. With the sprites that the
    model was trained on it measures likelihood, quality and copies (see 'evaluate'). It ends with
    the commands that repeat it all.
    """
    check_out(out, ".html")
    from sprite_lab.core.sets.sprites import BUILTIN, BUILTIN_TITLE
    from sprite_lab.engine.measuring.lab_report import lab_report_iter
    from sprite_lab.engine.models.model import describe
    from sprite_lab.formats.reports.lab_report import write_lab_report

    learned_from = describe(model).data.title
    if data is None and learned_from == BUILTIN_TITLE:
        data = BUILTIN
    with as_usage():
        config = EvalConfig.quick(seed) if quick else EvalConfig(seed=seed)
    sprites = None if data is None else load_data(data)
    control = RunControl()
    with (
        Reporter("Writing the report") as reporter,
        stopping_on_signals(control, reporter, WRITING),
    ):
        if sprites is None:
            reporter.say(
                f"Without --data FILE, the sprites it was trained on ({learned_from}), likelihood, "
                "quality and copies are not measured."
            )
        run = lab_report_iter(model, sprites, config, control, data=data or "", device=device)
        found = drain(run, reporter.show)
    write_lab_report(out, found)
    measured = found.evaluation.to_json() if found.evaluation else None
    bits = measured["bits_per_dim"] if measured else None
    print_result(
        {
            "out": out,
            "title": found.title,
            "step": found.step,
            "samples": len(found.samples),
            "drawn_at": [step for step, _ in found.drawn],
            "evaluation": measured,
        },
        f"{out}: a report on {found.title}" + ("" if bits is None else f", {bits:.3f} bits/dim"),
        as_json,
    )
    if control.stop_requested:
        print_error("interrupted: the report is on what was measured so far")
        return INTERRUPTED
    return 0
