"""Finding the code behind a view."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from sprite_lab.app.shell.source_code import find_source
from sprite_lab.core.errors import FileError
from sprite_lab.core.trajectories.levels import posterior
from sprite_lab.diffusion.denoiser import Denoiser


def test_a_function_comes_whole_with_its_place() -> None:
    found = find_source("sprite_lab/core/trajectories/levels.py#posterior")
    lines, first = inspect.getsourcelines(posterior)
    assert (found.text, found.line, found.name) == ("".join(lines), first, "posterior")


def test_a_method_is_found_in_its_class_and_moved_to_the_margin() -> None:
    found = find_source("sprite_lab/diffusion/denoiser.py#Denoiser.forward")
    lines, first = inspect.getsourcelines(Denoiser.forward)
    assert found.line == first
    assert found.text.startswith("def forward(")
    assert len(found.text.splitlines()) == len(lines)
    ast.parse(found.text)


def test_decorators_belong_to_it() -> None:
    found = find_source("sprite_lab/core/trajectories/trajectory.py#Trajectory")
    assert found.text.startswith("@dataclass(frozen=True, eq=False)\nclass Trajectory:")


def test_without_a_name_it_is_the_file() -> None:
    found = find_source("sprite_lab/core/trajectories/levels.py")
    assert found.text.startswith('"""Signal and noise at a log-SNR')
    assert found.line == 1


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        (
            "sprite_lab/core/trajectories/levels.py#nothing",
            "There is no “nothing” in “sprite_lab/core/trajectories/levels",
        ),
        ("sprite_lab/core/gone.py#f", "cannot be shown, because the file is missing"),
        ("sprite_lab/../tests/made.py#make_sprites", "not a file of Sprite Lab's code"),
        ("/etc/passwd", "not a file of Sprite Lab's code"),
    ],
)
def test_what_is_not_there_is_one_clear_sentence(reference: str, sentence: str) -> None:
    with pytest.raises(FileError, match=sentence):
        find_source(reference)


def test_a_file_without_code_is_no_reason_to_fail_badly(tmp_path: Path) -> None:
    package = tmp_path / "sprite_lab"
    package.mkdir()
    (package / "broken.py").write_text("def f(:\n")
    with pytest.raises(FileError, match="missing or damaged"):
        find_source("sprite_lab/broken.py#f", package)
