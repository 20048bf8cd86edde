"""Names that are not text, as Linux allows, and other odd values: one sentence about each."""

from __future__ import annotations

import ast
import os
import re
import shlex
import sys
from pathlib import Path

import pytest
from PIL import Image

from sprite_lab.core.run import RunControl
from sprite_lab.core.sets.imports import ImportChoices
from sprite_lab.formats.images.png import write_png
from sprite_lab.formats.importing.plan import PlanPart, plan_parts_iter
from tests.cli.conftest import SMALL, Command
from tests.made import make_sprites

#: A name that is not UTF-8, as old discs and archives have them.
ODD = os.fsdecode(b"h\xe9ros")

on_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="other systems have no names that are not text"
)


def picture(path: Path) -> Path:
    write_png(path, make_sprites(5).rgba[0])
    return path


@on_linux
@pytest.mark.parametrize("suffix", [".safetensors", ".onnx", ".diffusers"])
def test_a_model_is_not_exported_under_a_name_that_its_card_cannot_have(
    command: Command, small_run: Path, tmp_path: Path, suffix: str
) -> None:
    done = command("export-model", small_run, "--out", tmp_path / (ODD + suffix))
    assert (done.code, "not text" in done.error) == (1, True)
    assert not list(tmp_path.iterdir())


@on_linux
def test_pictures_of_any_name_go_into_a_store_which_can_be_gone_on_with(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    picture(tmp_path / "in" / f"{ODD}.png")
    out = tmp_path / "mine.sprites"
    done = command("import", tmp_path / "in", "--out", out)
    assert done.code == 0, done.err
    assert out.is_dir()

    def parts(after: str | None) -> list[PlanPart]:
        run = plan_parts_iter([tmp_path / "in"], ImportChoices(), RunControl(), after)
        return [item for item in run if isinstance(item, PlanPart)]

    [part] = parts(None)
    assert part.last is not None
    assert part.last.encode()  # the journal of a store has it
    assert not parts(part.last)


@on_linux
def test_no_training_is_begun_where_its_weights_could_not_be_read_again(
    command: Command, sprites_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / ODD
    done = command("train", "--data", sprites_file, "--out", out, "--max-steps", 1, *SMALL)
    assert (done.code, "choose another name" in done.error) == (1, True)
    assert not out.exists()


@on_linux
def test_weights_in_a_folder_of_such_a_name_say_so(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    (tmp_path / ODD).symlink_to(small_run)
    done = command("info", tmp_path / ODD)
    assert (done.code, "choose another name" in done.error) == (1, True)


@on_linux
def test_a_run_of_such_a_name_is_not_put_into_tensorboard(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    pytest.importorskip("tensorboard")
    done = command("export-events", small_run, "--out", tmp_path / ODD)
    assert (done.code, "choose another name" in done.error) == (1, True)
    assert not (tmp_path / ODD).exists()


@on_linux
def test_a_sweep_says_that_it_cannot_keep_such_a_name(command: Command, tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    data = tmp_path / f"{ODD}.npz"
    done = command("sweep", "--out", tmp_path / "sweep", "--data", data, "--try", "seed=0,1")
    assert (done.code, "choose another name" in done.error) == (1, True)


def test_the_command_that_begins_a_sweep_can_be_pasted(command: Command, tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    out = tmp_path / "it's mine"
    done = command("sweep", "--out", out, "--try", "seed=0,1", "--slurm")
    assert done.code == 0, done.err
    begin = done.out.partition("then: ")[2]
    assert shlex.split(begin) == ["sbatch", str(out / "sweep.sbatch")]


def test_a_caption_may_have_lines(command: Command, small_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.gif"
    made = ("--kind", "reverse", "--steps", 2, "--count", 1, "--caption", "one\ntwo\r\n")
    done = command("export", small_run, *made, "--out", out)
    assert done.code == 0, done.err
    assert out.is_file()


@pytest.mark.parametrize("word", ["x" * 101, "\u202e", "\x1b"])
def test_words_that_can_be_none_are_not_left_out(
    command: Command, small_run: Path, tmp_path: Path, word: str
) -> None:
    (tmp_path / "prompts.txt").write_text(f"{word}\n", "utf-8")
    sample = ("sample", "--model", small_run, "--steps", 1, "--out", tmp_path / "a.png")
    for asked in (("--words", word), ("--prompts", tmp_path / "prompts.txt")):
        done = command(*sample, *asked)
        assert (done.code, "cannot be a word" in done.error) == (2, True)


def test_a_class_that_is_unknown_is_told_even_if_it_would_not_be_drawn(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    known = command("info", small_run, "--json").json["class_names"][0]
    sample = ("sample", "--model", small_run, "--steps", 1, "--count", 1)
    done = command(*sample, "--classes", f"{known},dragonfly", "--out", tmp_path / "a.png")
    assert (done.code, "no class 'dragonfly'" in done.error) == (1, True)


def test_a_number_that_is_far_too_large_is_told_its_limit(command: Command, tmp_path: Path) -> None:
    done = command("sample", "--model", "x", "--steps", 10**20, "--out", tmp_path / "a.png")
    assert (done.code, f"must be below {2**64}" in done.error) == (2, True)


def test_a_ground_needs_a_name(command: Command, small_run: Path, tmp_path: Path) -> None:
    terrain = ("terrain", "--model", small_run, "--steps", 1, "--out", tmp_path / "a.png")
    done = command(*terrain, "--first", "", "--second", "grass")
    assert (done.code, "Say what each ground is" in done.error) == (2, True)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_ground_may_be_a_picture_of_any_name(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    grounds = [tmp_path / f"{name}.png" for name in ("two\nlines", "l" * 120)]
    for path in grounds:
        Image.new("RGB", (16, 16), "green").save(path)
    terrain = ("terrain", "--model", small_run, "--steps", 1, "--out", tmp_path / "a.png")
    done = command(*terrain, "--first", grounds[0], "--second", grounds[1])
    assert done.code == 0, done.err


def test_a_folder_for_diffusers_that_is_there_stays(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.diffusers").mkdir()
    done = command("export-model", small_run, "--out", tmp_path / "a.diffusers")
    assert (done.code, "choose another name" in done.error) == (1, True)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", ["my model", "it's", 'a"b\\q', "a`b", "$(date);\ntwo"])
def test_what_is_beside_a_model_names_it_whatever_its_name(
    command: Command, small_run: Path, tmp_path: Path, name: str
) -> None:
    def use(card: Path) -> list[str]:
        """The words of the command in a card, which puts it on one line, with ' for `."""
        found = re.search(r"^`(.*)`$", card.read_text("utf-8"), re.M)
        assert found is not None
        return shlex.split(found[1]) if "`" not in name else found[1].split()

    out = tmp_path / f"{name}.safetensors"
    for model in (small_run, out):  # the second has a card already, whose command is replaced
        done = command("export-model", model, "--out", out)
        assert done.code == 0, done.err
        card = out.with_name(f"{out.name}.md")
        assert len(use(card)) == 6
    pytest.importorskip("onnx")
    out = tmp_path / f"{name}.onnx"
    done = command("export-model", small_run, "--out", out)
    assert done.code == 0, done.err
    assert use(tmp_path / f"{out.name}.md")[0] == "python"
    script = ast.parse((tmp_path / f"{name}_sample.py").read_text("utf-8"))
    named = [node.value for node in ast.walk(script) if isinstance(node, ast.Constant)]
    assert out.name in named


def test_a_file_beside_a_sheet_whose_name_is_too_long_is_one_sentence(
    command: Command, small_run: Path, tmp_path: Path
) -> None:
    out = tmp_path / ("n" * 251 + ".png")
    sample = ("sample", "--model", small_run, "--steps", 1, "--count", 1, "--out", out)
    done = command(*sample, "--json-layout", "hash")
    assert (done.code, "cannot be written" in done.error) == (1, True)
    assert not list(tmp_path.iterdir())


def test_the_folder_itself_has_a_name_in_errors(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = command("sample", "--model", "x", "--config", ".", "--out", "a.png")
    assert "'.' is a folder" in done.error
