"""The lab report's page: whole HTML, decodable pictures, no requests, the numbers given."""

from __future__ import annotations

import base64
import io
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.model_facts import DataFacts, Start
from sprite_lab.core.results.lab_report import LabReport, TrainingCourse
from sprite_lab.core.results.level_errors import Floor
from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.formats.images.sheet import make_sheet
from sprite_lab.formats.reports.charts import _powers, axis_chart, lines, thinned, ticks
from sprite_lab.formats.reports.lab_report import lab_page, write_lab_report
from sprite_lab.formats.reports.report import page_of
from tests.made import make_sprites
from tests.unit.formats.test_report import CLASSES, REPORT

STEPS = np.arange(1, 1001, dtype=np.float64)
LEVELS = np.linspace(-8, 10, 40)
COURSE = TrainingCourse(
    loss=(STEPS, 0.04 + np.exp(-STEPS / 100)),
    learning_rate=(STEPS, 2e-3 * np.cos(STEPS / 700)),
    val_loss=(STEPS[99::100], 0.0512 + np.exp(-STEPS[99::100] / 100)),
    seconds=125.0,
    level_errors=(LEVELS, 0.1 + 0.01 * LEVELS**2),
    val_level_errors=(LEVELS, 0.12 + 0.01 * LEVELS**2),
    floor=Floor(LEVELS, np.exp(-(LEVELS + 8)), np.zeros(40)),
)
LAB = LabReport(
    title="<my> run",
    ref="runs/my run",
    step=1000,
    config=TrainConfig(),
    data=DataFacts(
        vocabulary=Vocabulary(("side_on",)),
        fingerprint="f00d",
        title="mine",
        count=464,
        init=Start("Real sprites", 9000),
    ),
    origins="",
    versions={"PyTorch": "2.9.1"},
    report_versions={"Python": "3.11.7"},
    credits=(Credit("a", "Knights & knaves", "Ann", "CC-BY 4.0"), Credit("b")),
    course=COURSE,
    drawn=tuple((step, make_sheet(make_sprites(4).images)) for step in (1, 500, 1000)),
    samples=make_sprites(30).images,
    sampling=SampleConfig(sampler="dpmpp_2m", steps=12, seed=7),
    evaluation=REPORT,
    commands=(("Train it", "sprite-lab train --data 'a b.npz'"),),
    made="25 November 2026",
)


class Reader(HTMLParser):
    """Fails on a closing tag that does not match the last open one; collects a page's requests."""

    VOID = ("meta", "img", "br", "line")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.images: list[str] = []
        self.asks: list[str] = []
        self.lines: dict[str, str] = {}
        self.chart = ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        given = dict(attrs)
        self.asks += [v for k, v in attrs if k in ("src", "href") and not v.startswith("data:")]
        if tag == "img":
            assert given["alt"]
            self.images.append(given["src"])
        if tag == "svg" and given.get("role") == "img":
            self.chart = given["aria-label"]
        if tag == "polyline" and given["points"] != "0,4 36,4":
            self.lines[f"{self.chart}: {given['class']}"] = given["points"]
        if tag in ("script", "link", "iframe", "object"):
            self.asks.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(report: LabReport) -> tuple[Reader, str]:
    page = lab_page(report)
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    plain = re.sub(r"<style>.*</style>|<[^>]*>", " ", page, flags=re.DOTALL)
    return reader, re.sub(r"\s+", " ", plain)


def test_it_is_whole_and_asks_for_nothing() -> None:
    reader, _ = read(LAB)
    assert reader.asks == []
    page = lab_page(LAB)
    assert "url(" not in page
    assert "@import" not in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_every_picture_decodes_and_is_the_one_that_was_given() -> None:
    reader, _ = read(LAB)
    pictures = []
    for source in reader.images:
        kind, _, data = source.partition(",")
        assert kind == "data:image/png;base64"
        with Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as image:
            pictures.append(np.asarray(image.convert("RGB")))
    sheet = make_sheet(LAB.samples, columns=10, gap=2)
    np.testing.assert_array_equal(pictures[0], sheet)
    for _, drawn in LAB.drawn:
        assert any(np.array_equal(drawn, picture) for picture in pictures)


def test_it_says_what_was_found() -> None:
    _, words = read(LAB)
    for part in (
        "Lab report: &lt;my&gt; run",
        "Trained on mine for 1,000 steps, starting from Real sprites, which took 2 min 5 s.",
        "seed 7, dpmpp_2m, 12 noise levels",
        f"At the end it was {COURSE.loss[1][-1]:.4f} on training sprites and 0.0512",
        "step 500",
        "1.49",  # bits per dimension
        "f00d",
        "464",
        "“Knights &amp; knaves” by Ann (CC-BY 4.0)",
        "learning rate 0.002",
        "PyTorch 2.9.1",
        "Python 3.11.7",
        "Train it: sprite-lab train --data &#39;a b.npz&#39;",
    ):
        assert part in words, part


def points_of(text: str) -> np.ndarray:
    return np.array([[float(v) for v in pair.split(",")] for pair in text.split()])


def test_the_curves_are_those_of_the_run() -> None:
    reader, _ = read(LAB)
    drawn = points_of(reader.lines["Loss by training step: line0"])
    assert len(drawn) == 334
    # A single scale per axis converts drawn points back to the numbers.
    (places, values), each = thinned(COURSE.loss)
    for axis, numbers in ((0, places), (1, np.log10(values))):
        slope, offset = np.polyfit(numbers, drawn[:, axis], 1)
        np.testing.assert_allclose(drawn[:, axis], slope * numbers + offset, atol=0.11)
    assert each == 3
    assert values[:-1].mean() == pytest.approx(COURSE.loss[1][:-1].mean())
    assert {"Learning rate by training step: line0", "Loss by training step: line1"} <= set(
        reader.lines
    )
    floor = points_of(reader.lines["Error by log-SNR, from noise to clean: line2"])
    assert 1 < len(floor) < 40, "what is next to nothing has no place on a logarithmic scale"
    assert np.isfinite(floor).all()


def test_without_run_or_sprites_it_says_so() -> None:
    bare = replace(LAB, course=None, drawn=(), evaluation=None, credits=(), commands=())
    reader, words = read(bare)
    assert len(reader.images) == 1
    assert not reader.lines
    assert "Not measured" in words
    assert "says nothing of who drew it" in words
    known = replace(bare, origins="Made by:\n\n- Ann <a@b>,\n  2019\n- Bo")
    assert "Made by: Ann &lt;a@b&gt;, 2019 Bo" in read(known)[1]
    student = replace(bare, data=replace(LAB.data, student_of="Real sprites", init=None))
    assert "Distilled from Real sprites in 1,000 steps." in read(student)[1]
    begun = replace(LAB, course=replace(COURSE, loss=(STEPS[:0], STEPS[:0])))
    assert "At the end" not in read(begun)[1]
    nothing = (STEPS[:0], STEPS[:0])
    alone = replace(LAB, course=replace(COURSE, val_loss=nothing, floor=None))
    assert "on training sprites." in read(alone)[1]
    assert len(read(alone)[0].lines) == len(read(LAB)[0].lines) - 2
    assert "Sprites" not in _data_of(replace(LAB, data=replace(LAB.data, count=None)))


def _data_of(report: LabReport) -> str:
    return read(report)[1].partition("Fingerprint")[2].partition("Classes")[0]


def test_it_is_written_as_a_whole(tmp_path: Path) -> None:
    write_lab_report(tmp_path / "lab.html", LAB)
    assert (tmp_path / "lab.html").read_text("utf-8") == lab_page(LAB)


EVIL = "<img src=x onerror=alert(1)>"


def test_names_of_strangers_stay_text() -> None:
    evaluation = replace(
        REPORT,
        model={**REPORT.model, "title": EVIL, "data": EVIL},
        data={**REPORT.data, "title": EVIL},
        classes={**CLASSES, "class_names": [EVIL, "food"]},
    )
    report = replace(
        LAB,
        title=EVIL,
        ref=EVIL,
        data=DataFacts(
            vocabulary=Vocabulary((EVIL,)),
            fingerprint=EVIL,
            title=EVIL,
            count=1,
            init=Start(EVIL),
            student_of=EVIL,
        ),
        origins=f"{EVIL}\n\n- {EVIL}\n- ![a](http://b) [c](javascript:d) <http://e>",
        versions={EVIL: EVIL},
        report_versions={},
        credits=(),
        evaluation=evaluation,
        commands=((EVIL, EVIL),),
    )
    drawn_by = replace(report, credits=(Credit(EVIL, EVIL, EVIL, EVIL),))
    for page in (page_of(evaluation), lab_page(report), lab_page(drawn_by)):
        reader = Reader()
        reader.feed(page)
        assert reader.asks == []
        assert EVIL not in page
        assert "&lt;img src=x onerror" in page
        assert "href" not in page


def test_ticks_are_round_and_few() -> None:
    assert ticks(0, 1000) == [0, 200, 400, 600, 800, 1000]
    assert ticks(-8.7, 13.0) == [-5, 0, 5, 10]
    assert ticks(0.041, 0.052) == [0.042, 0.044, 0.046, 0.048, 0.05, 0.052]


def test_a_chart_takes_any_numbers() -> None:
    one = np.ones(1)
    for curves in (
        {},
        {"none": (one[:0], one[:0])},
        {"one": (one, one)},
        {"flat": (np.arange(3.0), np.zeros(3))},
        {"with a gap": (np.arange(3.0), np.array([1.0, np.nan, np.inf]))},
        {"tiny": (np.arange(3.0), np.array([1e-30, 2e-30, 3e-30]))},
        {"between two powers": (np.arange(3.0), np.array([4.1, 4.2, 4.3]))},
    ):
        for log in (False, True):
            text = axis_chart(curves, "words", x="x", y="y", log=log)
            assert "nan" not in text
            assert "inf" not in text


def curves_of(svg: str) -> list[np.ndarray]:
    """The points of each curve, (K, 2), in units of the picture."""
    found = re.findall(r'<polyline class="line\d+" points="([^"]+)"/>', svg.partition("</svg>")[0])
    return [np.array([pair.split(",") for pair in points.split()], float) for points in found]


@pytest.mark.parametrize("log", [False, True])
def test_curves_fill_the_frame_and_agree_with_its_ticks(log: bool) -> None:
    values = np.array([1.0, 100.0, 10.0])
    svg = axis_chart({"a": (np.array([0.0, 50.0, 100.0]), values)}, "w", x="x", y="y", log=log)
    (points,) = curves_of(svg)
    assert points[:, 0].tolist() == [88, 538, 988], "from the axis to the right border"
    height = 300 - 48 - 10
    room = 0.04 / 1.08 * height
    assert points[:2, 1] == pytest.approx([252 - room, 10 + room], abs=0.1)
    middle = 0.5 if log else 9 / 99
    assert points[2, 1] == pytest.approx(252 - room - middle * height / 1.08, abs=0.1)
    ticks_at = {
        float(text): float(y)
        for y, text in re.findall(r'class="beside" x="80" y="([\d.]+)" dy="4">([^<]+)<', svg)
    }
    assert len(ticks_at) >= 3
    assert ticks_at[100.0] == points[1, 1]
    if log:
        assert (ticks_at[1.0], ticks_at[10.0]) == (points[0, 1], points[2, 1])


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (1.0, 1e5, [1, 10, 100, 1000, 10_000, 100_000]),
        (1.0, 100.0, [1, 2, 5, 10, 20, 50, 100]),
        (1.0, 4.0, [1, 2, 3, 4]),
        (1e3, 1e4, [1000, 2000, 5000, 10_000]),
        (2e3, 9e3, [2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000]),
    ],
)
def test_powers_are_as_dense_as_fits(low: float, high: float, shown: list[float]) -> None:
    room = 1e-9
    found = _powers(math.log10(low) - room, math.log10(high) + room)
    assert [value for _, value in found] == shown
    assert [place for place, _ in found] == pytest.approx(np.log10(shown))


def test_lines_of_a_small_chart_reach_from_bottom_to_top() -> None:
    one, other = curves_of(lines({"a": [0.5, 1.0], "b": [0.75, 0.5, 0.6]}, "w"))
    assert one.tolist() == [[0, 215], [1000, 5]]
    assert other[:, 0].tolist() == [0, 500, 1000]
    assert other[:, 1] == pytest.approx([110, 215, 173], abs=0.1)
