"""``sprite-lab export-web``: a model, a run or drawings as one web page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sprite_lab.cli.console import print_result
from sprite_lab.cli.follow import Reporter, follow
from sprite_lab.cli.options import (
    Given,
    Json,
    argument,
    as_usage,
    check_out,
    option,
    with_settings,
)
from sprite_lab.core.config import WebConfig
from sprite_lab.core.run import RunControl, drain
from sprite_lab.words import LANGUAGES, VARIABLE, use_language

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: The model that completes the drawings of a project by default; projects do not name one.
DEFAULT_MODEL = "builtin-student"


@with_settings("given", WebConfig())
def export_web(
    *,
    source: str = argument(
        "A run folder, a weights file, a shipped model's name; a project, whose drawings "
        "the page begins with; or a lesson (.json, or a name such as 05-guidance).",
        metavar="RUN|FILE|NAME|PROJECT|LESSON",
        show_default=False,
    ),
    given: Given,
    out: Path | None = option("The page.", None, metavar="FILE.html"),
    site: Path | None = option(
        "Instead of --out: all lessons, the ten questions and the model as a website.",
        None,
        metavar="FOLDER",
    ),
    model: str | None = option(
        "For a project: the model that completes its drawings.",
        None,
        metavar="RUN|FILE|NAME",
        show_default=DEFAULT_MODEL,
    ),
    trajectory: list[Path] | None = option(
        "A trajectory to show, as 'trajectory' writes it; may be given several times.",
        None,
        metavar="FILE.npz",
    ),
    language: str = option(
        f"The words of the page; else those of {VARIABLE}, else English.",
        "",
        metavar="|".join(LANGUAGES),
        show_default=False,
    ),
    as_json: Json = False,
) -> None:
    """Write one HTML file in which others can watch a model, sample it and draw with it.

    It works from an email, a USB stick or any web host, without a network: the model is inside and
    draws in the browser. A student ('builtin-student', or what 'distill' makes) is quick there;
    with other models the page takes seconds per sprite.
    """
    with as_usage():
        config = WebConfig(**given)
    if language:
        if language not in LANGUAGES:
            raise typer.BadParameter(f"--language is one of {', '.join(LANGUAGES)}.")
        use_language(language)
    if (out is None) == (site is None):
        raise typer.BadParameter("Give either --out FILE.html or --site FOLDER.")
    project = Path(source).suffix.lower() == ".spritelab"
    if model is not None and not project:
        raise typer.BadParameter("--model is for projects: name the model alone.")
    if site is not None:
        _refuse_trajectories(trajectory, "a website")
        _write_site(source, site, config, as_json)
        return
    assert out is not None
    check_out(out, ".html")

    from sprite_lab.engine.models.web_export import export_web_iter
    from sprite_lab.engine.models.web_lessons import export_lesson_iter, is_lesson
    from sprite_lab.formats.sets.trajectories import load_trajectory
    from sprite_lab.formats.web.recordings import Recording

    ref = (model or DEFAULT_MODEL) if project else source
    control = RunControl()
    with Reporter("Exporting") as reporter:
        if is_lesson(source):
            _refuse_trajectories(trajectory, "a lesson")
            drain(export_lesson_iter(source, out, control), reporter.show)
        else:
            drawings = _drawings(Path(source)) if project else []
            extra = [Recording.of(load_trajectory(path), path.stem) for path in trajectory or []]
            run = export_web_iter(ref, out, config, control, drawings=drawings, extra=extra)
            drain(run, reporter.show)
    size = out.stat().st_size
    print_result({"out": out, "bytes": size}, f"{out}: {size / 1e6:.1f} MB", as_json)


def _refuse_trajectories(trajectories: list[Path] | None, where: str) -> None:
    if trajectories:
        raise typer.BadParameter(f"--trajectory is for the page of a model: {where} shows none.")


def _write_site(source: str, site: Path, config: WebConfig, as_json: bool) -> None:
    from sprite_lab.engine.models.web_lessons import export_site_iter

    files = follow("Exporting", export_site_iter(source, site, config, RunControl()))
    facts = {"out": files[0], "files": files}
    size = sum(file.stat().st_size for file in files)
    print_result(facts, f"{files[0]}: {len(files)} pages, {size / 1e6:.1f} MB", as_json)


def _drawings(path: Path) -> list[NDArray[np.uint8]]:
    from sprite_lab.formats.project import load_project

    return [cell.rgba for cell in load_project(path).cells if not cell.is_blank]
