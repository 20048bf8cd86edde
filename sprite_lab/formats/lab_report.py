"""The lab report: one page of HTML on a model, from its configuration to how to make it again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.lab_report import Curve, LabReport, TrainingCourse
from sprite_lab.core.level_errors import Floor
from sprite_lab.formats.atomic import atomic_write
from sprite_lab.formats.axis_chart import axis_chart, thinned
from sprite_lab.formats.report import definitions, held_against, how, image, img, page, sections

#: A loss that falls by more than this is drawn on a logarithmic scale.
_FALL = 8.0


def write_lab_report(path: Path, report: LabReport) -> None:
    """Write the page, whole or not at all; FileError where it cannot be written."""
    with atomic_write(path) as file:
        file.write(lab_page(report).encode())


def lab_page(report: LabReport) -> str:
    """The page, which needs no other file and no network."""
    evaluation = report.evaluation
    parts = [_samples(report)]
    cards, *measured = sections(evaluation) if evaluation is not None else (_not_measured(report),)
    parts.append(cards)
    if report.course is not None:
        parts += (
            [_drawn(report), _curves(report.course)] if report.drawn else [_curves(report.course)]
        )
    parts += [*measured, _data(report), _settings(report.config)]
    if evaluation is not None:
        parts.append(how(evaluation))
    parts += [_versions(report), _again(report)]
    subtitle = f"{_origin(report)} Written on {report.made}."
    if evaluation is not None:
        subtitle += f" Samples were {held_against(evaluation)}"
    return page(f"Lab report: {report.title}", subtitle, [part for part in parts if part])


def _origin(report: LabReport) -> str:
    facts = report.facts
    words = f"Trained on {facts['data']['title']} for {report.step:,} steps"
    if facts["student_of"]:
        words = f"Distilled from {facts['student_of']} in {report.step:,} steps"
    if facts["init"]:
        words += f", starting from {facts['init'].get('title')}"
    if report.course is not None and report.course.seconds:
        minutes, seconds = divmod(round(report.course.seconds), 60)
        words += f", which took {minutes} min {seconds} s" if minutes else f", in {seconds} s"
    return f"{words}."


def _samples(report: LabReport) -> str:
    sampling = report.sampling
    count = len(report.samples)
    words = "samples of the model, the first ones drawn, nothing picked"
    figures = [
        f"<figure><figcaption><b>{count}</b> {words}: seed {sampling.seed}, {sampling.sampler}, "
        f"{sampling.steps} noise levels, guidance {sampling.guidance_scale:g}</figcaption>"
        f"{image(report.samples, words)}</figure>"
    ]
    if report.evaluation is not None and len(report.evaluation.reference):
        reference = report.evaluation.reference
        beside = "sprites that they are held against, at random"
        figures.append(
            f"<figure><figcaption><b>{len(reference)}</b> {beside}</figcaption>"
            f"{image(reference, beside)}</figure>"
        )
    return f'<section><div class="sheets">{"".join(figures)}</div></section>'


def _drawn(report: LabReport) -> str:
    figures = "".join(
        f"<figure><figcaption>step <b>{step:,}</b></figcaption>"
        f"{img(sheet, f'samples after {step} steps')}</figure>"
        for step, sheet in report.drawn
    )
    return (
        "<section><h2>Samples over the training</h2>"
        '<p class="faint">Always from the same noise, as the run kept them.</p>'
        f'<div class="strip">{figures}</div></section>'
    )


def _curves(course: TrainingCourse) -> str:
    steps, losses = course.loss
    if not len(steps):
        return ""
    shown, each = thinned(course.loss)
    mean = "" if each == 1 else f" (mean of every {each} steps)"
    log = float(shown[1].max()) > _FALL * max(float(shown[1].min()), 1e-12)
    of_loss = {f"training{mean}": shown, "sprites set aside": course.val_loss}
    last = f"At the end it was {losses[-1]:.4f} on training sprites"
    if len(course.val_loss[1]):
        last += f" and {course.val_loss[1][-1]:.4f} on those set aside, by the averaged weights"
    by_level = {
        "training, the newest steps": course.level_errors,
        "sprites set aside": course.val_level_errors,
    }
    floor = ""
    if course.floor is not None:
        by_level["the lowest there can be"] = _near(course.floor, by_level.values())
        floor = (
            " The lowest there can be is the error of the optimal denoiser, which knows every "
            "training sprite by heart: a training that comes near it remembers. Where it is not "
            "drawn, it is lower still."
        )
    parts = [
        "<section><h2>Loss</h2>",
        f'<p class="faint">{last}.</p>',
        axis_chart(of_loss, "Loss by training step", x="training step", y="loss", log=log),
        "<h3>Learning rate</h3>",
        axis_chart(
            {"learning rate": thinned(course.learning_rate)[0]},
            "Learning rate by training step",
            x="training step",
            y="learning rate",
        ),
    ]
    if any(len(places) for places, _ in by_level.values()):
        parts += [
            "<h3>Error by noise level</h3>",
            f'<p class="faint">Squared error of what is predicted, not weighted.{floor}</p>',
            axis_chart(
                by_level,
                "Error by log-SNR, from noise to clean",
                x="log-SNR, from noise to clean",
                y="squared error",
                log=True,
            ),
        ]
    return "".join([*parts, "</section>"])


def _near(floor: Floor, others: Iterable[Curve]) -> Curve:
    """The part of a floor that others come within a factor of a hundred of: beyond, it is 0."""
    least = min((float(values.min()) for _, values in others if len(values)), default=0.0)
    there = floor.error > least / 100
    return floor.log_snr[there], floor.error[there]


def _not_measured(report: LabReport) -> str:
    title = report.facts["data"]["title"]
    return (
        "<section><h2>Not measured</h2><p>Likelihood, quality and copies take the sprites that it "
        f"was trained on, {escape(str(title))}, which were not there when this was written.</p>"
        "</section>"
    )


def _data(report: LabReport) -> str:
    data = report.facts["data"]
    names = ", ".join(name.replace("_", " ") for name in data["class_names"]) or "none"
    facts: dict[str, object] = {"Title": data["title"], "Fingerprint": data["fingerprint"]}
    if data["count"] is not None:
        facts["Sprites"] = f"{data['count']:,}"
    facts["Classes"] = names
    lines = dict.fromkeys(credit.line for credit in report.credits if not credit.is_blank)
    credits = "".join(f"<li>{escape(line)}</li>" for line in lines)
    if credits:
        thanks = f"<ul>{credits}</ul>"
    elif report.facts["origins"]:
        thanks = _markdown(report.facts["origins"])
    else:
        thanks = "<p class='faint'>The set says nothing of who drew it.</p>"
    return f"<section><h2>Data</h2>{definitions(facts)}<h3>Drawn by</h3>{thanks}</section>"


def _markdown(text: str) -> str:
    """Paragraphs and lists: all that there is in the data chapter of a card."""
    parts = []
    for part in re.split(r"\n\s*\n", text.strip()):
        if part.startswith("- "):
            items = re.split(r"\n- ", part.removeprefix("- "))
            parts.append(f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>")
        else:
            parts.append(f"<p>{escape(part)}</p>")
    return "".join(parts)


def _settings(config: TrainConfig) -> str:
    """All settings of the training, in columns."""
    settings = config.to_json()
    groups: dict[str, Mapping[str, Any]] = {
        "Network": {"prediction_type": settings.pop("prediction_type"), **settings.pop("network")},
        "Noise": settings.pop("schedule"),
    }
    half = (len(settings) + 1) // 2
    training = list(settings.items())
    columns = "".join(
        f"<div>{''.join(_group(name, facts) for name, facts in column.items())}</div>"
        for column in (
            {"Training": dict(training[:half])},
            {"&nbsp;": dict(training[half:])},
            groups,
        )
    )
    return f'<section><h2>Configuration</h2><div class="columns">{columns}</div></section>'


def _group(name: str, settings: Mapping[str, Any]) -> str:
    return f"<h3>{name}</h3>{definitions({_words(k): _value(v) for k, v in settings.items()})}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _value(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _versions(report: LabReport) -> str:
    trained, here = report.facts["versions"], report.facts["report_versions"]
    parts = [
        f"<div><h3>{name}</h3>{definitions(facts)}</div>"
        for name, facts in (("It was trained with", trained), ("This report was made with", here))
        if facts
    ]
    return f'<section><h2>Versions</h2><div class="columns">{"".join(parts)}</div></section>'


def _again(report: LabReport) -> str:
    commands = "".join(
        f"<p>{escape(words)}:</p><pre>{escape(command)}</pre>" for words, command in report.commands
    )
    return f"<section><h2>How to make it again</h2>{commands}</section>"
