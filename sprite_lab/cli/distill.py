"""``sprite-lab distill``: make a student, which draws in a few evaluations."""

from __future__ import annotations

from pathlib import Path

from sprite_lab.cli.console import counted, print_error, print_result
from sprite_lab.cli.follow import INTERRUPTED, follow
from sprite_lab.cli.options import Device, Given, Json, Model, as_usage, option, with_settings
from sprite_lab.cli.train import check_out, resumed_config
from sprite_lab.core.command_lines import DISTILL_OPTIONS, ENDS
from sprite_lab.core.presets import STUDENT
from sprite_lab.core.run import RunControl


@with_settings("given", STUDENT, *DISTILL_OPTIONS, given=True)
def distill(
    *,
    model: Model,
    out: Path = option("The folder that keeps the student.", metavar="RUN"),
    given: Given,
    resume: bool = option("Continue the student in RUN.", False),
    device: Device = "auto",
    as_json: Json = False,
) -> int:
    """Make a student of a model: it draws nearly as well in 4 evaluations.

    It learns from what the model draws, so no data set is needed. Use it like any model;
    its own sampler is "student". Ctrl+C, SIGTERM and the end of the terminal keep what it
    has learned and stop; --resume continues from there, with the same model.
    """
    from sprite_lab.engine.models.model import load_model
    from sprite_lab.engine.training.distill import distill_iter
    from sprite_lab.engine.training.run_folder import RunFolder

    check_out(out, resume)
    if resume and RunFolder(out).exists:
        config = resumed_config(out, None, given)
    else:
        if any(name in given for name in ENDS):
            given = dict.fromkeys(ENDS) | given
        with as_usage():
            config = STUDENT.having(given)
    teacher = load_model(model, device)
    control = RunControl()
    run = distill_iter(teacher, out, config, control, resume=resume)
    result = follow("Distilling", run, control)
    # From the file, not from the reporter: a student that was already finished reports nothing.
    figures = RunFolder(out).newest("loss", "val_loss")
    loss = figures["loss"]
    print_result(
        {
            "run": result.run,
            "step": result.step,
            "seconds": round(result.seconds, 3),
            "stopped": control.stop_requested,
            **figures,
            "student_of": teacher.title,
        },
        f"{result.run}: a student of {teacher.title}, {counted(result.step, 'step')} in "
        f"{result.seconds:.0f} s" + ("" if loss is None else f", loss {loss:.4f}"),
        as_json,
    )
    if control.stop_requested:
        print_error(
            f"interrupted after step {result.step}; the student is kept; go on with --resume"
            if result.step
            else "interrupted before the first step; nothing is kept"
        )
        return INTERRUPTED
    return 0
