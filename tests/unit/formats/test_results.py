"""Files of results: what is written can be read, and nothing else can."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sprite_lab.core.errors import FileError
from sprite_lab.formats.images.png import encode_png
from sprite_lab.formats.results import (
    LARGEST_PICTURE,
    Given,
    Picture,
    Results,
    TakenLesson,
    load_results,
    save_results,
)

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


def huge_picture() -> str:
    """A few bytes that claim a hundred million pixels."""
    data = bytearray(encode_png(np.zeros((1, 1), np.uint8)))
    data[16:24] = (10_000).to_bytes(4, "big") * 2
    return base64.b64encode(data).decode()


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
        (document(pictures=[{"png": huge_picture()}]), "a.results.json"),
        (document(pictures=[{"png": base64.b64encode(PNG[:30]).decode()}]), "damaged"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(
    tmp_path: Path, found: object, sentence: str
) -> None:
    with pytest.raises(FileError) as caught:
        load_results(written(tmp_path, found))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_picture_has_a_limit() -> None:
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (700, 700, 3), np.uint8)
    Image.fromarray(noise).save(buffer, "PNG")
    assert len(buffer.getvalue()) > LARGEST_PICTURE
    with pytest.raises(ValueError, match="over 1 MB"):
        Picture("x", buffer.getvalue())
