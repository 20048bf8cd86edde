"""Arrays of strangers: what numpy takes and Python does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sprite_lab.core.errors import FileError
from sprite_lab.formats.arrays import open_npz


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("letter", [0x110000, 0xFFFFFFFF, 0xD800, 0xDFFF])
def test_texts_of_what_is_no_character_are_refused(tmp_path: Path, order: str, letter: int) -> None:
    texts = np.array(["ab", "cd"], f"{order}U2")
    texts.view(f"{order}u4")[3] = letter
    np.savez(tmp_path / "a.npz", names=texts)
    with open_npz(tmp_path / "a.npz") as archive:
        with pytest.raises(FileError, match="holds texts that are none"):
            archive.text("names")
        with pytest.raises(FileError, match="holds texts that are none"):
            list(archive.blocks("names", 5))


def test_all_characters_are_taken(tmp_path: Path) -> None:
    texts = ["a\U0010ffff", "\ud7ff\ue000", ""]
    np.savez(tmp_path / "a.npz", names=np.array(texts, ">U2"), none=np.array([], "U3"))
    with open_npz(tmp_path / "a.npz") as archive:
        assert archive.text("names") == tuple(texts)
        assert archive.text("none") == ()
        assert [each.tolist() for each in archive.blocks("names", 2)] == [texts[:2], texts[2:]]
