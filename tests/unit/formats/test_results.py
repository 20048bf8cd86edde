"""Files of results: what is written can be read, and nothing else can."""

from __future__ import annotations

import base64
import io
import json
import math
import struct
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.pictures import MOST_PIXELS
from sprite_lab.formats.images.png import encode_png
from sprite_lab.formats.results import (
    LARGEST_FILE,
    LARGEST_PICTURE,
    Given,
    Picture,
    Results,
    TakenLesson,
    load_results,
    save_results,
)
from tests.counting import lines_run

PNG = encode_png(np.zeros((2, 3, 3), np.uint8))
RESULTS = Results(
    "Ann <b>",
    (
        TakenLesson(
            "05-guidance", "Guidance", 5, 2, (Given(1, "And 8?", tries=3), Given(2, "", True))
        ),
    ),
    (Picture("Guidance, step 1", PNG),),
)


def document(**changes: Any) -> dict[str, Any]:
    return {"format": "sprite-lab results", "schema_version": 1, **RESULTS.to_json(), **changes}


def written(folder: Path, found: object) -> Path:
    path = folder / "a.results.json"
    path.write_text(json.dumps(found), "utf-8")
    return path


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "a.results.json"
    save_results(path, RESULTS)
    assert load_results(path) == RESULTS
    assert RESULTS.lessons[0].right == 1
    assert not RESULTS.lessons[0].done
    assert RESULTS.lesson("05-guidance") is RESULTS.lessons[0]
    assert RESULTS.lesson("06-other") is None


def lesson(**changes: Any) -> dict[str, Any]:
    return document(lessons=[{**RESULTS.lessons[0].to_json(), **changes}])


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(*chunks: bytes) -> dict[str, Any]:
    png = base64.b64encode(PNG[:8] + b"".join(chunks)).decode()
    return document(pictures=[{"title": "a", "png": png}])


def head(width: int = 4, height: int = 4) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))


END = chunk(b"IEND")


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ([], "contains no results"),
        ({"schema_version": 1, "title": "A lesson", "steps": []}, "contains no results"),
        (document(schema_version="1"), "damaged or not a file of results"),
        (document(mark=1), "no setting named 'mark'"),
        (document(name="x" * 81), "'name' is 81 characters long"),
        (document(lessons=[{"key": "a"}, {"key": "a"}]), "two with one key"),
        (document(lessons=[{"key": str(i)} for i in range(201)]), "more than 200 lessons"),
        (lesson(reached=6), "'reached' is after the last step"),
        (lesson(answers=[{"step": 6}]), "one after the last step"),
        (lesson(answers=[{"step": 1}, {"step": 1}]), "two for one step"),
        (lesson(answers=[{"step": 1, "tries": True}]), "'tries' is True"),
        (lesson(answers=[{"step": 1, "answer": "x" * 401}]), "'answer' is 401 characters long"),
        (document(pictures=[{"png": "no base64"}]), "'png' must be base64"),
        (document(pictures=[{"png": base64.b64encode(b"GIF89a").decode()}]), "not a PNG picture"),
        (lesson(answers=[{"step": 1}] * 101), "two for one step"),
        (document(pictures=[{"png": "AAAA"}] * 25), "more than 24 pictures"),
        (picture(head(10_000, 10_000), END), "too large a picture"),
        (picture(head(), *[chunk(b"tEXt", b"a\0b")] * 1000, END), "too many parts"),
        (picture(), "damaged"),
        (picture(head()), "damaged"),
        (picture(END), "damaged"),
        (picture(head(), head(), END), "damaged"),
        (picture(chunk(b"IHDR"), END), "damaged"),
        (picture(head()[:-1] + b"!", END), "damaged"),
        (picture(head(), END[:-2]), "damaged"),
        (picture(head(), b"\x7f\xff\xff\xffIDAT"), "damaged"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(
    tmp_path: Path, found: object, sentence: str
) -> None:
    with pytest.raises(FileError) as caught:
        load_results(written(tmp_path, found))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_exactly_at_a_limit_is_accepted(tmp_path: Path) -> None:
    answers = [{"step": step} for step in range(1, 101)]
    lessons: list[dict[str, Any]] = [{"key": str(i)} for i in range(199)]
    lessons.append({"key": "a", "steps": 100, "reached": 100, "answers": answers})
    square = math.isqrt(MOST_PIXELS)
    assert square**2 == MOST_PIXELS
    whole = picture(head(square, square), END)["pictures"] * 24
    found = load_results(written(tmp_path, document(lessons=lessons, pictures=whole)))
    assert (len(found.lessons), len(found.pictures)) == (200, 24)
    assert len(found.lessons[-1].answers) == 100
    assert found.lessons[-1].done


def test_texts_of_pictures_are_not_unpacked(tmp_path: Path) -> None:
    """They could take a gigabyte."""
    texts = [chunk(b"zTXt", b"a%d\0\0" % i + zlib.compress(bytes(100_000))) for i in range(900)]
    path = written(tmp_path, picture(head(), *texts, END))
    tracemalloc.start()
    assert len(load_results(path).pictures) == 1
    # the file itself, and little more
    assert tracemalloc.get_traced_memory()[1] < LARGEST_FILE + 10_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    "found",
    [
        document(lessons=[{"key": str(i)} for i in range(5_000)]),
        lesson(answers=[{"step": 1}] * 5_000),
        document(pictures=[{"png": "AAAA"}] * 5_000),
    ],
)
def test_what_is_too_many_is_refused_before_each_is_looked_at(
    tmp_path: Path, found: dict[str, Any]
) -> None:
    path = written(tmp_path, found)

    def read() -> None:
        with pytest.raises(FileError):
            load_results(path)

    assert lines_run(read) < 50_000, "few for each by the parser; each made takes hundreds"


def test_a_picture_has_a_limit() -> None:
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (700, 700, 3), np.uint8)
    Image.fromarray(noise).save(buffer, "PNG")
    assert len(buffer.getvalue()) > LARGEST_PICTURE
    with pytest.raises(ValueError, match="over 1 MB"):
        Picture("x", buffer.getvalue())


def test_a_lesson_with_more_answers_than_steps_can_be_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Results, "from_json", lambda _: pytest.fail("it was read"))
    with pytest.raises(FileError, match="two for one step"):
        load_results(written(tmp_path, lesson(answers=[{"step": 1}] * 101)))


def test_what_is_not_said_is_a_lesson_that_was_just_begun() -> None:
    assert TakenLesson() == TakenLesson("", "", 1, 0, ())
    assert Given() == Given(1, "", False, 1)
    assert not TakenLesson().done
