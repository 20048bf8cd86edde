"""The report of an evaluation: ``report.json`` for programs, ``report.html`` for people."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment
from markupsafe import Markup
from numpy.typing import NDArray

from sprite_lab.core.results.report import Report, SetFigures
from sprite_lab.formats.atomic import write_whole
from sprite_lab.formats.images.png import encode_png
from sprite_lab.formats.images.sheet import make_sheet
from sprite_lab.formats.json_files import write_json
from sprite_lab.formats.reports.charts import axis_chart, bars, lines
from sprite_lab.formats.templates import templates_in


def write_report(path: Path, report: Report) -> Path:
    """Write the JSON to ``path`` and the page beside it; returns the page's path."""
    page = path.with_suffix(".html")
    write_json(path, report.to_json())
    write_whole(page, page_of(report))
    return page


def page_of(report: Report) -> str:
    """One HTML page that needs no other file and no network."""
    trained = f"Trained on {report.model['data']} for {report.model['step']:,} steps"
    return render(
        "evaluation.html",
        title=f"How good is {report.model['title']}?",
        subtitle=f"{trained}; {held_against(report)}",
        report=report,
    )


def render(template: str, **values: object) -> str:
    """Render a page from ``resources/reports``. Names are untrusted, so all text is escaped."""
    return _templates().get_template(template).render(values)


@cache
def _templates() -> Environment:
    templates = templates_in("reports")
    functions = (
        *(axis_chart, bars, class_means, distance, lines),
        *(measurement, picture, reliability_chart, sprites),
    )
    templates.globals |= {function.__name__: function for function in functions}
    return templates


def held_against(report: Report) -> str:
    """The end of a sentence: which sprites a model was measured on; whether it had seen them."""
    count, split = report.data["count"], report.data["split"]
    seen = {
        True: "most of which it was trained on",
        False: "which it has never seen",
        None: "another set than it was trained on, so that some may be known to it",
    }
    which = {"validation": "set aside", "sealed": "kept for a last test", "all": "of all"}[split]
    words = (
        f"held against {count:,} sprites {which} of {report.data['title']}, "
        f"{seen[report.data['seen_in_training']]}."
    )
    if report.stopped:
        words += " It was stopped early: the figures are of a part of them."
    return words


def sprites(images: NDArray[np.uint8], words: str, columns: int = 10) -> Markup:
    """Sprites, uint8 (N, H, W, 3), side by side, as an <img> with embedded data."""
    return picture(make_sheet(images, columns=min(columns, len(images)), gap=2), words)


def picture(image: NDArray[np.uint8], words: str) -> Markup:
    """A picture, uint8 (H, W, 3), as an <img> with embedded data."""
    data = base64.b64encode(encode_png(image)).decode("ascii")
    return Markup('<img alt="{}" src="data:image/png;base64,{}">').format(words, data)


def distance(figures: SetFigures) -> str:
    """The Fréchet distance, or the kernel distance if there are too few sprites."""
    if figures.frechet_distance is not None:
        stderr = figures.frechet_stderr
        return f"{figures.frechet_distance:.1f}" + (f" ± {stderr:.1f}" if stderr else "")
    return f"{figures.kernel_distance:.3f}"


def class_means(found: dict[str, Any]) -> list[tuple[int, list[float]]]:
    """For each class that occurs: its index, and the mean probabilities of all classes."""
    labels, probability = np.array(found["labels"]), np.array(found["probability_by_sprite"])
    present = [k for k in range(len(found["class_names"])) if (labels == k).any()]
    return [(k, probability[labels == k].mean(axis=0).tolist()) for k in present]


def reliability_chart(found: dict[str, Any]) -> str:
    """Chart of how often the most probable class was right, by its predicted probability."""
    bins = found["calibration"]["reliability"]
    some = np.array(bins["count"]) > 0
    sure, right = np.array(bins["confidence"])[some], np.array(bins["right"])[some]
    even = np.array([0.0, 1.0])
    return axis_chart(
        {"these sprites": (sure, right), "as it should be": (even, even)},
        "Share of sprites whose most probable class was right, by its probability",
        x="probability of the most probable class",
        y="share that was right",
    )


def measurement(report: Report) -> dict[str, object]:
    """The settings of the measurement, by name."""
    facts: dict[str, object] = {
        "Model": f"{report.model['title']}, step {report.model['step']:,}",
        "Sprites": f"{report.data['title']} ({report.data['split']}), {report.data['count']:,}",
        "Seed": report.config.seed,
    }
    if report.quality:
        drawn = report.config.sampling
        classes = "no class asked for"
        if report.data["classes_asked_for"]:
            classes = "classes in the proportions of the sprites held against"
        snapped = f", at most {drawn.colors} colors a sprite" if drawn.colors else ""
        facts["Sampling"] = (
            f"{drawn.sampler}, {drawn.steps} noise levels, guidance {drawn.guidance_scale:g}"
            f"{snapped}; {classes}"
        )
    if likelihood := report.likelihood:
        facts["Likelihood"] = ", ".join(
            f"{name.replace('_', ' ')} {value}"
            for name, value in likelihood.items()
            if isinstance(value, str | int)
        )
    facts["Took"] = f"{report.seconds:,.0f} seconds"
    return facts
