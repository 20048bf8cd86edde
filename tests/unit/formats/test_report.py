"""The report's two files, and the sizes of picture files in bits."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sprite_lab.core.config import EvalConfig, SampleConfig
from sprite_lab.core.results.report import FileSizes, Quality, Report, SetFigures
from sprite_lab.formats.reports.file_sizes import (
    lzma_bits_per_dim,
    png_bits_per_dim,
    webp_bits_per_dim,
)
from sprite_lab.formats.reports.report import page_of, reliability_chart, write_report
from tests.made import make_sprites

SAMPLES = SetFigures(2048, 6.25, 0.3, 0.05, 0.7, 0.6, 0.9, 0.8, 0.04, 12.0, 0.09, 0.7)
TRAINING = replace(SAMPLES, frechet_distance=3.5, copies=None)
LIKELIHOOD: dict[str, Any] = {
    "method": "bound",
    "bits_per_dim": 1.49,
    "bits_per_dim_stderr": 0.02,
    "guidance_scale": 1.0,
    "terms": {"L_0": 0.5, "L_t-1": 0.96, "L_T": 0.03},
    "blocks": {"bits_per_dim": [0.03] * 32},
}
BINS = {"count": [0, 3, 5], "confidence": [None, 0.5, 0.9], "right": [None, 0.4, 1.0]}
CLASSES: dict[str, Any] = {
    "class_names": ["hero", "food"],
    "accuracy": 0.75,
    "expected_calibration_error": 0.1,
    "log_loss": 0.4,
    "log_loss_of_guessing": 0.69,
    "uncalibrated": {"expected_calibration_error": 0.2, "log_loss": 0.5},
    "calibration": {"start": 0.0, "slope": 0.0, "reliability": BINS},
    "labels": [0, 0, 1, -1],
    "probability_by_sprite": [[1.0, 0.0], [0.5, 0.5], [0.1, 0.9], [0.4, 0.6]],
}
#: A report for sprites without a class; with fewer than two groups, only the calibration.
UNKNOWN: dict[str, Any] = {
    "uncalibrated": None,
    "calibration": {"start": 0.0, "slope": 0.0, "reliability": None},
}
SERIES = ("entropy", "conditional_entropy", "lower", "upper", "model_error", "optimal_error")
THERMODYNAMICS: dict[str, Any] = {
    **{name: [1.0, 2.0, 3.0] for name in SERIES},
    "gap": [0.25, 0.5, 0.125],
}
REPORT = Report(
    config=EvalConfig(sampling=SampleConfig(sampler="dpmpp_2m", steps=12)),
    model={"title": "<my> model", "step": 1200, "data": "made", "fingerprint": "f"},
    data={
        "title": "made",
        "fingerprint": "f",
        "split": "validation",
        "count": 464,
        "seen_in_training": False,
        "classes_asked_for": True,
    },
    file_sizes=FileSizes(png=1.57, webp=1.34, lzma=0.75, counted=0.54, learnt_from=1500),
    likelihood=LIKELIHOOD,
    quality=Quality(SAMPLES, TRAINING, 464, 9.0, 0.094, 0.72),
    classes=CLASSES,
    thermodynamics=THERMODYNAMICS,
    stopped=False,
    seconds=61.2,
    samples=make_sprites(30).images,
    reference=make_sprites(100).images,
    closest=make_sprites(12).images.reshape(2, 6, 16, 16, 3),
)


class Outline(HTMLParser):
    """Fails on a closing tag that does not match the last open one."""

    VOID = ("meta", "img", "link", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def words_of(report: Report) -> str:
    outline = Outline()
    page = page_of(report)
    outline.feed(page)
    outline.close()
    assert outline.open == []
    return re.sub(r"\s+", " ", re.sub(r"<style>.*</style>|<[^>]*>", " ", page, flags=re.DOTALL))


def test_both_files_are_written(tmp_path: Path) -> None:
    page = write_report(tmp_path / "r.json", REPORT)
    assert page == tmp_path / "r.html"
    found = json.loads((tmp_path / "r.json").read_text())
    assert found["bits_per_dim"] == 1.49
    assert found["bits_per_dim_stderr"] == 0.02
    assert found["quality"]["training"]["frechet_distance"] == 3.5
    assert EvalConfig.from_json(found["config"]) == REPORT.config


def test_the_page_says_what_was_found() -> None:
    words = words_of(REPORT)
    for part in ("How good is &lt;my&gt; model?", "6.2", "3.5", "4%", "1.57", "1.34", "1.49"):
        assert part in words, part
    assert "Inception" in words  # it names what the distance cannot be compared with
    assert "right for 75%" in words
    assert "hero 75% 25%" in words
    assert "0.875 bits behind" in words


@pytest.mark.parametrize(
    ("seen", "says"),
    [(False, "never seen"), (True, "most of which it was trained on"), (None, "another set")],
)
def test_the_page_says_whether_the_sprites_are_known_to_the_model(
    seen: bool | None, says: str
) -> None:
    assert says in words_of(replace(REPORT, data={**REPORT.data, "seen_in_training": seen}))


@pytest.mark.parametrize(
    ("asked", "says"),
    [(True, "classes in the proportions of the sprites"), (False, "no class asked for")],
)
def test_the_page_says_whether_samples_have_the_classes_of_the_sprites(
    asked: bool, says: str
) -> None:
    assert says in words_of(replace(REPORT, data={**REPORT.data, "classes_asked_for": asked}))


def test_the_page_says_how_many_training_sprites_samples_are_compared_with() -> None:
    few = replace(REPORT.quality, training=replace(TRAINING, count=170))
    assert "2,048 samples and 170 training sprites, each held against 464" in words_of(
        replace(REPORT, quality=few)
    )
    alone = replace(REPORT.quality, training=None)
    assert "2,048 samples, held against 464" in words_of(replace(REPORT, quality=alone))


def test_the_page_says_that_it_was_stopped() -> None:
    assert "stopped early" not in words_of(REPORT)
    assert "stopped early" in words_of(replace(REPORT, stopped=True))


@pytest.mark.parametrize(
    "change",
    [
        {
            "quality": None,
            "samples": np.empty((0, 16, 16, 3), np.uint8),
            "closest": np.empty((2, 0, 16, 16, 3), np.uint8),
        },
        {"likelihood": None},
        {"classes": None},
        {"classes": {**CLASSES, **UNKNOWN, "accuracy": None, "labels": [-1] * 4}},
        {"classes": {**CLASSES, "calibration": UNKNOWN["calibration"]}},
        {"thermodynamics": None},
        {"likelihood": {**LIKELIHOOD, "bits_per_dim_stderr": None}},
        {"quality": Quality(replace(SAMPLES, frechet_distance=None), None, 40, 9.0, 0.09, 0.7)},
    ],
    ids=[
        "no quality",
        "no likelihood",
        "no classes",
        "unknown classes",
        "too few classes to calibrate",
        "no entropies",
        "one sprite",
        "few references",
    ],
)
def test_what_was_not_measured_leaves_no_gap(change: dict[str, Any]) -> None:
    words = words_of(replace(REPORT, **change))
    assert "None" not in words
    assert "nan" not in words


def test_the_terms_of_the_bound_are_drawn() -> None:
    page = page_of(REPORT)
    assert page.count("<rect") == 32  # one bar per block
    # A report computed with the ODE has no terms.
    terms = ("terms", "blocks")
    ode = {k: v for k, v in LIKELIHOOD.items() if k not in terms}
    assert "<rect" not in page_of(replace(REPORT, likelihood=ode))


def test_too_many_copies_are_marked() -> None:
    assert "number good" in page_of(REPORT)
    assert "number bad" not in page_of(REPORT)
    copied = replace(REPORT, quality=Quality(replace(SAMPLES, copies=0.3), None, 464, 9, 0.1, 0.7))
    assert 'number bad">30%' in page_of(copied)


def test_a_png_counts_its_palette_and_its_pixels() -> None:
    image = np.zeros((1, 16, 16, 3), np.uint8)
    image[0, :, 8:] = 255
    # Two colors: one bit per pixel, two bytes per row plus one for its filter.
    rows = (b"\x00" + b"\x00\xff") * 16
    assert png_bits_per_dim(image) == pytest.approx(
        8 * (6 + len(zlib.compress(rows, 9))) / 768, abs=8 * 3 / 768
    )


def test_pictures_of_more_colors_take_more() -> None:
    rng = np.random.default_rng(0)
    flat = np.full((2, 16, 16, 3), 90, np.uint8)
    # more colors than a palette holds
    noise = rng.integers(0, 256, (2, 32, 32, 3)).astype(np.uint8)
    for measure in (png_bits_per_dim, webp_bits_per_dim):
        assert measure(flat) < 0.5
        assert 8 <= measure(noise) < 8.6


def test_sprites_that_were_learned_cost_next_to_nothing() -> None:
    rng = np.random.default_rng(0)
    learned = rng.integers(0, 256, (20, 16, 16, 4)).astype(np.uint8)
    assert lzma_bits_per_dim(learned[3:6], learned) < 1
    new = rng.integers(0, 256, (20, 16, 16, 4)).astype(np.uint8)
    assert lzma_bits_per_dim(new, learned) == pytest.approx(8 * 4 / 3, rel=0.02)


def test_the_page_says_how_true_the_probabilities_are_where_that_was_measured() -> None:
    assert "calibration on the others" in words_of(REPORT)
    few = {**CLASSES, "calibration": UNKNOWN["calibration"]}
    assert "calibration on the others" not in words_of(replace(REPORT, classes=few))


def test_probabilities_are_drawn_beside_what_they_should_be() -> None:
    chart = reliability_chart(CLASSES)
    assert chart.count("<polyline") >= 2
    assert "these sprites" in chart
    assert "nan" not in chart
