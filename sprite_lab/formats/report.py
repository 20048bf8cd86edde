"""The report of an evaluation: ``report.json`` for programs, ``report.html`` for people."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core import strict_json
from sprite_lab.core.report import Quality, Report, SetFigures
from sprite_lab.formats.atomic import atomic_write
from sprite_lab.formats.charts import bars, lines
from sprite_lab.formats.png import encode_png
from sprite_lab.formats.sheet import make_sheet
from sprite_lab.paths import resource

#: Share of copies up to which a result counts as new.
MOST_COPIES = 0.10

#: How far samples may be above real sprites: colours, and isolated pixels.
MOST_COLOURS, MOST_ISOLATED = 1.5, 1.25

_ENDS = '<div class="ends faint"><span>nearly clean</span><span>pure noise</span></div>'


def write_report(path: Path, report: Report) -> Path:
    """Write the JSON to ``path`` and the page beside it; the page's path."""
    page = path.with_suffix(".html")
    with atomic_write(path) as file:
        file.write(strict_json.dumps(report.to_json(), indent=2).encode() + b"\n")
    with atomic_write(page) as file:
        file.write(page_of(report).encode())
    return page


def page_of(report: Report) -> str:
    """One page of HTML that needs no other file and no network."""
    title = f"How good is {report.model['title']}?"
    learnt = f"Trained on {report.model['data']} for {report.model['step']:,} steps"
    subtitle = f"{learnt}; {held_against(report)}"
    return page(title, subtitle, [sheets(report), *sections(report), how(report)])


def page(title: str, subtitle: str, parts: Sequence[str]) -> str:
    """A whole page in our looks. ``parts``: its sections, as HTML."""
    template = Template(resource("report.html").read_text("utf-8"))
    return template.substitute(
        title=escape(title), subtitle=escape(subtitle), body="\n".join(parts)
    )


def held_against(report: Report) -> str:
    """Which sprites the model was measured on, and whether it knew them, as a sentence's end."""
    count, split = report.data["count"], report.data["split"]
    seen = {
        True: "most of which it was trained on",
        False: "which it has never seen",
        None: "another set than it was trained on, so that some may be known to it",
    }
    which = "set aside" if split == "validation" else "of all"
    words = (
        f"held against {count:,} sprites {which} of {report.data['title']}, "
        f"{seen[report.data['seen_in_training']]}."
    )
    if report.stopped:
        words += " It was stopped early: the figures are of a part of them."
    return words


def sections(report: Report) -> list[str]:
    """All that was measured, each as a section."""
    parts = [_cards(report)]
    if report.closest.size:
        parts.append(_closest(report.closest))
    parts.append(_file_sizes(report))
    if report.likelihood and "terms" in report.likelihood:
        parts.append(_terms(report.likelihood))
    if report.classes:
        parts.append(_classes(report.classes))
    if report.thermodynamics:
        parts.append(_thermodynamics(report.thermodynamics))
    if report.quality:
        parts.append(_figures(report.quality))
    return parts


def sheets(report: Report) -> str:
    """Samples, and sprites that they are held against."""
    shown = [
        (report.samples, "samples of the model, the first ones drawn, nothing picked"),
        (report.reference, "sprites that they are held against, at random"),
    ]
    figures = [
        f"<figure><figcaption><b>{len(images)}</b> {words}</figcaption>{image(images, words)}"
        "</figure>"
        for images, words in shown
        if len(images)
    ]
    return f'<section><div class="sheets">{"".join(figures)}</div></section>'


def _closest(closest: NDArray[np.uint8]) -> str:
    count = closest.shape[1]
    pairs = closest.reshape(2 * count, *closest.shape[2:])
    return (
        f"<section><h2>Is any of it copied?</h2><p class='faint'>The {count} samples that come "
        "nearest to a training sprite, and under each that sprite, which may be mirrored or "
        "moved by a pixel.</p>"
        f"<figure>{image(pairs, 'samples above, training sprites below', count)}</figure>"
        "</section>"
    )


def image(images: NDArray[np.uint8], words: str, columns: int = 10) -> str:
    """Sprites, uint8 (N, H, W, 3), side by side, as an <img> that carries its bytes."""
    return img(make_sheet(images, columns=min(columns, len(images)), gap=2), words)


def img(sheet: NDArray[np.uint8], words: str) -> str:
    """One picture, uint8 (H, W, 3)."""
    data = base64.b64encode(encode_png(sheet)).decode("ascii")
    return f'<img alt="{escape(words)}" src="data:image/png;base64,{data}">'


def _cards(report: Report) -> str:
    cards = []
    if quality := report.quality:
        cards += _quality_cards(quality)
    if likelihood := report.likelihood:
        error = likelihood["bits_per_dim_stderr"]
        cards.append(
            _card(
                "Bits per dimension",
                f"{likelihood['bits_per_dim']:.2f}",
                ("" if error is None else f"± {error:.2f}; ")
                + "how much the model is surprised by these sprites. Less is better.",
            )
        )
    return f'<div class="cards">{"".join(cards)}</div>'


def _quality_cards(quality: Quality) -> list[str]:
    samples, training = quality.samples, quality.training
    far, goal = _distance(samples), _distance(training) if training else None
    assert samples.copies is not None
    return [
        _card(
            "Distance from real",
            far,
            f"Other sprites by the same hands are at {goal}: the nearer to that, the better."
            if goal
            else "0 would be no difference at all.",
        ),
        _card(
            "Copies",
            f"{samples.copies:.0%}",
            "of the samples are as near to a training sprite as copies are. "
            f"Up to {MOST_COPIES:.0%} counts as new; new drawings have 5%.",
            samples.copies <= MOST_COPIES,
        ),
        _card(
            "Colours a sprite",
            f"{samples.colours:g}",
            f"Real ones have {quality.colours:g}.",
            samples.colours <= MOST_COLOURS * quality.colours,
        ),
        _card(
            "Isolated pixels",
            f"{samples.isolated_pixel_rate:.1%}",
            f"like none of their neighbours; {quality.isolated_pixel_rate:.1%} in real sprites.",
            samples.isolated_pixel_rate <= MOST_ISOLATED * quality.isolated_pixel_rate,
        ),
    ]


def _card(title: str, number: str, words: str, good: bool | None = None) -> str:
    mark = {None: "", True: " good", False: " bad"}[good]
    return (
        f'<section><small>{title}</small><div class="number{mark}">{number}</div>'
        f"<p>{words}</p></section>"
    )


def _distance(figures: SetFigures) -> str:
    if figures.frechet_distance is not None:
        return f"{figures.frechet_distance:.1f}"
    return f"{figures.kernel_distance:.3f}"


def _file_sizes(report: Report) -> str:
    sizes = {"PNG with a palette": report.file_sizes.png, "Lossless WebP": report.file_sizes.webp}
    mine = report.likelihood["bits_per_dim"] if report.likelihood else None
    words = "What each of a sprite's colour values takes as a file, headers left out"
    if mine is not None:
        sizes[report.model["title"]] = mine
        words += ", and what it would take if files were made with the model's probabilities"
    most = max(sizes.values())
    bars = "".join(
        f'<span>{escape(name)}</span><span class="bar{" mine" if value is mine else ""}">'
        f'<i style="width:{80 * max(value, 0) / most:.1f}%"></i>{value:.2f}</span>'
        for name, value in sizes.items()
    )
    return (
        f'<section><h2>As a file size</h2><p class="faint">{words}. In bits; less is better.</p>'
        f'<div class="bars">{bars}</div></section>'
    )


def _terms(likelihood: dict[str, Any]) -> str:
    """Bars of the bound's terms, each of a block of neighbouring noise levels."""
    terms, blocks = likelihood["terms"], likelihood["blocks"]["bits_per_dim"]
    return (
        "<section><h2>Where the bits go</h2>"
        '<p class="faint">Of the bits per dimension, '
        f"{terms['L_0']:.2f} are for rounding the last, nearly clean prediction to 8 bits "
        f"(L<sub>0</sub>), {terms['L_t-1']:.2f} for the steps towards it (L<sub>1</sub> to "
        f"L<sub>T−1</sub>, drawn below), and {terms['L_T']:.2f} for the noise to start "
        "from (L<sub>T</sub>).</p>"
        f"{bars(blocks, 'Bits by noise level, from clean to noise')}{_ENDS}</section>"
    )


def _classes(classes: dict[str, Any]) -> str:
    names, labels = classes["class_names"], np.array(classes["labels"])
    probability = np.array(classes["probability_by_sprite"])
    rows = ""
    for index, name in enumerate(names):
        if (labels == index).any():
            means = probability[labels == index].mean(axis=0)
            cells = "".join(
                f"<td{' class=mine' if k == index else ''}>{mean:.0%}</td>"
                for k, mean in enumerate(means)
            )
            rows += f"<tr><th>{escape(name)}</th>{cells}</tr>"
    right = "" if classes["accuracy"] is None else f" It is right for {classes['accuracy']:.0%}."
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    return (
        "<section><h2>Which class is it?</h2>"
        f'<p class="faint">The model was never taught to tell classes apart, but it can: a sprite '
        f"is of the class under which it is most probable.{right} The mean probability given to "
        "each class, by the true one:</p>"
        f'<div class="scroll"><table><thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody>'
        "</table></div></section>"
    )


def _thermodynamics(found: dict[str, Any]) -> str:
    entropies = {
        "H(X_t), what a noisy sprite is uncertain by": found["entropy"][1:],
        "H(X_t−1 | X_t), what a step back has to guess": found["conditional_entropy"],
        "its lower bound": found["lower"],
        "its upper bound": found["upper"],
    }
    errors = {
        "this model": found["model_error"],
        "the best there is on its training sprites": found["optimal_error"],
    }
    gap = sum(found["gap"])
    return (
        "<section><h2>Order into noise and back</h2>"
        '<p class="faint">Entropies of the training sprites as noise dissolves them, in bits for '
        "each value (Sohl-Dickstein et al. 2015). A step back that has much more to guess than "
        "its lower bound is one at which something is decided. All steps of the model together "
        f"stay {gap:.3f} bits behind the true way back.</p>"
        f"{lines(entropies, 'Entropies by noise level, from clean to noise')}{_ENDS}"
        '<p class="faint">The squared error of the noise that is predicted: of this model, and of '
        "the optimal denoiser, which knows every training sprite by heart. Where the model comes "
        "near to it on little noise, it remembers; where it is above, it has generalized.</p>"
        f"{lines(errors, 'Errors by noise level, from clean to noise')}{_ENDS}</section>"
    )


def _figures(quality: Quality) -> str:
    samples, training = quality.samples, quality.training
    rows: list[tuple[str, str, str, str, str]] = []

    def row(name: str, field: str, form: str, why: str, real: float | None = None) -> None:
        def shown(value: float | None) -> str:
            return "–" if value is None else format(value, form)

        theirs = shown(getattr(training, field)) if training else "–"
        rows.append((name, shown(getattr(samples, field)), theirs, shown(real), why))

    row("Fréchet distance", "frechet_distance", ".2f", "How far the samples as a whole are off.")
    rows.append(
        (
            "Kernel distance",
            _with_error(samples),
            _with_error(training) if training else "–",
            "–",
            "The same by another measure, reliable for small sets too.",
        )
    )
    row("Precision", "precision", ".2f", "Share of samples that might be real.")
    row("Recall", "recall", ".2f", "Share of real sprites that the samples come near to.")
    row("Density", "density", ".2f", "As precision, but less moved by odd sprites.")
    row("Coverage", "coverage", ".2f", "Share of real sprites with a sample close by.")
    row("Copies", "copies", ".1%", "Share as near to a training sprite as copies are.")
    row("Colours a sprite", "colours", "g", "The median.", quality.colours)
    row(
        "Isolated pixels",
        "isolated_pixel_rate",
        ".1%",
        "Opaque pixels like none of their eight neighbours.",
        quality.isolated_pixel_rate,
    )
    row(
        "Edge sharpness",
        "edge_sharpness",
        ".2f",
        "Height of colour steps; blur and noise lower it.",
        quality.edge_sharpness,
    )
    body = "".join(
        f'<tr><th>{name}</th><td class="mine">{mine}</td><td>{theirs}</td><td>{real}</td>'
        f'<td class="why">{why}</td></tr>'
        for name, mine, theirs, real, why in rows
    )
    return (
        "<section><h2>All figures</h2>"
        f'<p class="faint">{samples.count:,} samples and as many training sprites, each held '
        f"against {quality.reference_count:,} sprites. Distances are in the features of a small "
        "network of our own, made for 16×16 sprites: they compare models of sprites with one "
        "another, and not with figures from elsewhere (Inception FID).</p>"
        '<div class="scroll"><table><thead><tr><th></th><th>Samples</th><th>Training sprites</th>'
        f"<th>Sprites held against</th><th></th></tr></thead><tbody>{body}</tbody></table></div>"
        "</section>"
    )


def _with_error(figures: SetFigures) -> str:
    return f"{figures.kernel_distance:.3f} ± {figures.kernel_distance_stderr:.3f}"


def how(report: Report) -> str:
    """The settings of the measurement."""
    facts: dict[str, object] = {
        "Model": f"{report.model['title']}, step {report.model['step']:,}",
        "Sprites": f"{report.data['title']} ({report.data['split']}), {report.data['count']:,}",
        "Seed": report.config.seed,
    }
    if report.quality:
        drawn = report.config.sampling
        snapped = f", at most {drawn.colors} colours a sprite" if drawn.colors else ""
        facts["Sampling"] = (
            f"{drawn.sampler}, {drawn.steps} noise levels, guidance {drawn.guidance_scale:g}"
            f"{snapped}; classes in the proportions of the sprites held against"
        )
    if likelihood := report.likelihood:
        facts["Likelihood"] = ", ".join(
            f"{name.replace('_', ' ')} {value}"
            for name, value in likelihood.items()
            if isinstance(value, str | int)
        )
    facts["Took"] = f"{report.seconds:,.0f} seconds"
    return f"<section><h2>How it was measured</h2>{definitions(facts)}</section>"


def definitions(facts: Mapping[str, object]) -> str:
    """Names and values, one pair a line."""
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in facts.items()
    )
    return f"<dl>{rows}</dl>"
