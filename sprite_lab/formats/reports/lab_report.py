"""The lab report: one HTML page about a model, from its settings to how to reproduce it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from markdown_it import MarkdownIt

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.model_facts import DataFacts
from sprite_lab.core.results.lab_report import Curve, LabReport, TrainingCourse
from sprite_lab.core.results.level_errors import Floor
from sprite_lab.formats.atomic import write_whole
from sprite_lab.formats.reports.charts import thinned
from sprite_lab.formats.reports.report import held_against, render

#: A loss that falls by more than this factor is drawn on a logarithmic scale.
_FALL = 8.0


def write_lab_report(path: Path, report: LabReport) -> None:
    """Write the page atomically; raises FileError if it cannot be written."""
    write_whole(path, lab_page(report))


def lab_page(report: LabReport) -> str:
    """The page, which needs no other file and no network."""
    subtitle = f"{_origin(report)} Written on {report.made}."
    if report.evaluation is not None:
        subtitle += f" Samples were {held_against(report.evaluation)}"
    versions = {
        "It was trained with": report.versions,
        "This report was made with": report.report_versions,
    }
    lines = dict.fromkeys(credit.line for credit in report.credits if not credit.is_blank)
    return render(
        "lab.html",
        title=f"Lab report: {report.title}",
        subtitle=subtitle,
        report=report,
        curves=report.course and _curves(report.course),
        data=_data(report.data),
        credits=list(lines),
        # A card comes with its model, so it may neither contain HTML nor load anything.
        markdown=MarkdownIt("zero").enable(["list", "backticks", "emphasis"]).render,
        settings=_settings(report.config),
        versions=[{name: facts} for name, facts in versions.items() if facts],
    )


def _origin(report: LabReport) -> str:
    data = report.data
    words = f"Trained on {data.title} for {report.step:,} steps"
    if data.student_of:
        words = f"Distilled from {data.student_of} in {report.step:,} steps"
    if data.init:
        words += f", starting from {data.init.title}"
    if report.course is not None and report.course.seconds:
        minutes, seconds = divmod(round(report.course.seconds), 60)
        words += f", which took {minutes} min {seconds} s" if minutes else f", in {seconds} s"
    return f"{words}."


def _curves(course: TrainingCourse) -> dict[str, object] | None:
    """Data for the charts of a training run; None if it has no step yet."""
    steps, losses = course.loss
    if not len(steps):
        return None
    shown, each = thinned(course.loss)
    mean = "" if each == 1 else f" (mean of every {each} steps)"
    last = f"At the end it was {losses[-1]:.4f} on training sprites"
    if len(course.val_loss[1]):
        last += f" and {course.val_loss[1][-1]:.4f} on those set aside, by the averaged weights"
    by_level = {
        "training, the newest steps": course.level_errors,
        "sprites set aside": course.val_level_errors,
    }
    if course.floor is not None:
        by_level["the lowest there can be"] = _near(course.floor, by_level.values())
    return {
        "last": last,
        "loss": {f"training{mean}": shown, "sprites set aside": course.val_loss},
        "log": float(shown[1].max()) > _FALL * max(float(shown[1].min()), 1e-12),
        "rate": thinned(course.learning_rate)[0],
        "by_level": by_level if any(len(places) for places, _ in by_level.values()) else None,
    }


def _near(floor: Floor, others: Iterable[Curve]) -> Curve:
    """The part of a floor above a hundredth of the other curves' minimum; the rest is nearly 0."""
    least = min((float(values.min()) for _, values in others if len(values)), default=0.0)
    there = floor.error > least / 100
    return floor.log_snr[there], floor.error[there]


def _data(data: DataFacts) -> dict[str, str]:
    facts = {"Title": data.title, "Fingerprint": data.fingerprint}
    if data.count is not None:
        facts["Sprites"] = f"{data.count:,}"
    facts["Classes"] = ", ".join(_words(name) for name in data.vocabulary.classes) or "none"
    return facts


def _settings(config: TrainConfig) -> list[dict[str, dict[str, str]]]:
    """All settings of a training, as columns of groups."""
    settings = config.to_json()
    network = {"prediction_type": settings.pop("prediction_type"), **settings.pop("network")}
    noise = settings.pop("schedule")
    training = list(settings.items())
    half = (len(training) + 1) // 2
    columns: list[dict[str, Mapping[str, object]]] = [
        {"Training": dict(training[:half])},
        {"\u00a0": dict(training[half:])},
        {"Network": network, "Noise": noise},
    ]
    return [
        {
            name: {_words(key): _value(value) for key, value in facts.items()}
            for name, facts in column.items()
        }
        for column in columns
    ]


def _words(name: str) -> str:
    return name.replace("_", " ")


def _value(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
