"""The extension for Aseprite, run by a real Lua against the running server.

Aseprite's own API is a stand-in (aseprite.lua), written from its documentation.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from sprite_lab import __version__
from sprite_lab.engine.serving.server import Server
from sprite_lab.paths import resource
from tests.cli.conftest import TOKEN, Command

RGB, GRAY, INDEXED = 0, 1, 2


class Aseprite:
    """A Lua interpreter with the extension loaded."""

    def __init__(self, folder: Path, address: str, token: str) -> None:
        from lupa.lua54 import LuaRuntime

        self.lua = LuaRuntime(encoding="latin-1", unpack_returned_tuples=True)
        self.answers = {"address": address, "token": token, "ok": True}
        host = SimpleNamespace(
            save=self.save, load=self.load, answer=self.answer,
            decode=lambda text: self.table(json.loads(text)),
            encode=lambda value: json.dumps(value),
        )  # fmt: skip
        self.lua.globals().host = host
        self.lua.execute((Path(__file__).parent / "aseprite.lua").read_text("utf-8"))
        extension = resource("aseprite", "sprite-lab.lua").read_bytes().decode("latin-1")
        self.lua.execute(extension)
        self.all = self.lua.globals()
        self.all.plugin.path = str(folder)
        self.all.init(self.all.plugin)

    def table(self, value: object) -> object:
        if isinstance(value, dict):
            return self.lua.table_from({k: self.table(v) for k, v in value.items()})
        if isinstance(value, list):
            return self.lua.table_from([self.table(v) for v in value])
        return value

    def save(self, path: str, width: int, height: int, values: str) -> None:
        array = np.array(values.split(), np.uint32).astype("<u4")
        Image.fromarray(array.view(np.uint8).reshape(height, width, 4)).save(path)

    def load(self, path: str) -> object:
        rgba = np.array(Image.open(path).convert("RGBA"))
        values = rgba.reshape(-1, 4).copy().view("<u4")[:, 0].tolist()
        return rgba.shape[1], rgba.shape[0], self.table(values)

    def answer(self, dialog) -> None:
        for name, value in self.answers.items():
            dialog.data[name] = value

    def sprite(self, pixels: np.ndarray, mode: int = RGB, at: tuple[int, int] = (0, 0)):
        """A sprite with one cel; integer (H, W), in the values of the color mode."""
        height, width = pixels.shape
        image = self.all.Image(width, height, mode)
        for y, x in np.ndindex(height, width):
            image.drawPixel(image, x, y, int(pixels[y, x]))
        sprite = self.all.new_sprite(width + max(0, at[0]), height + max(0, at[1]), mode)
        sprite.newCel(sprite, self.all.app.layer, 1, image, self.all.Point(*at))
        return sprite

    def cel(self) -> np.ndarray:
        image = self.all.app.sprite.cels[1].image
        return np.array(
            [image["values"][i + 1] for i in range(image.width * image.height)]
        ).reshape(image.height, image.width)

    def select(self, mask: np.ndarray) -> None:
        points = [int(v) for y, x in np.argwhere(mask) for v in (x, y)]
        self.all.select_pixels(self.all.app.sprite, self.lua.table_from(points))

    def fill(self, **answers: str) -> None:
        self.all.commands.SpriteLabFill.onclick()
        dialog = self.all.dialogs[len(self.all.dialogs)]
        for name, value in answers.items():
            dialog.data[name] = value
        self.all.press(dialog, "Fill")

    @property
    def alerts(self) -> list[str]:
        return list(self.all.alerts.values())


@pytest.fixture
def aseprite(server: Server, tmp_path: Path) -> Aseprite:
    pytest.importorskip("lupa", reason="there is no Lua")
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    folder = tmp_path / "it's here"
    folder.mkdir()
    return Aseprite(folder, server.address, TOKEN)


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2**24, (height, width)) | 0xFF000000


def test_the_selection_alone_is_filled_and_undone_at_once(aseprite: Aseprite) -> None:
    before = noise(16, 16)
    aseprite.sprite(before)
    mask = np.zeros((16, 16), bool)
    mask[3:9, 5:12] = True
    mask[4, 6] = False
    aseprite.select(mask)
    aseprite.fill()
    assert aseprite.alerts == []
    after = aseprite.cel()
    assert np.array_equal(after[~mask], before[~mask])
    assert (after[mask] != before[mask]).mean() > 0.9
    assert list(aseprite.all.undo.values()) == ["Fill with Sprite Lab"]


def test_a_selection_is_filled_by_the_command_that_the_help_names(
    tmp_path: Path, small_run: Path
) -> None:
    pytest.importorskip("lupa", reason="there is no Lua")
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    command = [sys.executable, "-m", "sprite_lab", "serve", "--model", str(small_run)]
    with subprocess.Popen(
        [*command, "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        env=os.environ | {"SPRITE_LAB_HOME": str(tmp_path)},
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            said = json.loads(server.stdout.readline())
            aseprite = Aseprite(tmp_path, said["address"], said["token"])
            before = noise(16, 16)
            aseprite.sprite(before)
            mask = np.zeros((16, 16), bool)
            mask[2:7, 2:7] = True
            aseprite.select(mask)
            aseprite.fill()
        finally:
            server.terminate()
            server.wait(60)
    assert aseprite.alerts == []
    after = aseprite.cel()
    assert np.array_equal(after[~mask], before[~mask])
    assert (after[mask] != before[mask]).any()


def test_in_a_larger_sprite_the_model_sees_what_is_around(
    aseprite: Aseprite, server: Server, monkeypatch
) -> None:
    seen = []
    from sprite_lab.engine.serving import answers
    from sprite_lab.engine.serving import server as serving

    def watched(model, asked, show):
        seen.append(answers._drawing(asked["drawing"]))
        return answers.inpaint(model, asked, show)

    monkeypatch.setitem(serving._POSTS, "/inpaint", watched)
    before = noise(40, 30)
    aseprite.sprite(before)
    mask = np.zeros((40, 30), bool)
    mask[35:39, 1:4] = True
    aseprite.select(mask)
    aseprite.fill()
    assert aseprite.alerts == []
    after = aseprite.cel()
    assert np.array_equal(after[~mask], before[~mask])
    assert (after[mask] != before[mask]).any()
    window = before[24:40, 0:16].astype("<u4").view(np.uint8).reshape(16, 16, 4)
    assert np.array_equal(seen[0], window), "the square is moved within the canvas"


def test_without_a_selection_a_small_sprite_is_filled(aseprite: Aseprite) -> None:
    aseprite.sprite(np.zeros((12, 10), np.int64))
    aseprite.fill(words="")
    assert aseprite.alerts == []
    assert aseprite.cel().any()


def test_a_cel_that_is_elsewhere_keeps_all_of_its_pixels(aseprite: Aseprite) -> None:
    before = noise(16, 16)
    sprite = aseprite.sprite(before)
    sprite.cels[1].position = aseprite.all.Point(-4, 2)
    mask = np.zeros((16, 16), bool)
    mask[:2] = True
    aseprite.select(mask)
    aseprite.fill()
    assert aseprite.alerts == []
    after = aseprite.cel()
    cel = aseprite.all.app.sprite.cels[1]
    assert (cel.position.x, cel.position.y, *after.shape) == (-4, 0, 18, 20)
    assert np.array_equal(after[2:, :16], before)
    assert not after[2:, 16:].any()


@pytest.mark.parametrize("mode", [GRAY, INDEXED])
def test_colors_become_those_that_the_sprite_can_have(aseprite: Aseprite, mode: int) -> None:
    before = np.full((16, 16), 200 | 255 << 8 if mode == GRAY else 3)
    aseprite.sprite(before, mode)
    mask = np.zeros((16, 16), bool)
    mask[:, 4:] = True
    aseprite.select(mask)
    aseprite.fill()
    assert aseprite.alerts == []
    after = aseprite.cel()
    assert np.array_equal(after[~mask], before[~mask])
    assert after.max() < (8 if mode == INDEXED else 1 << 16)
    assert len(np.unique(after[mask])) > 1


def test_classes_are_offered_and_asked_for(aseprite: Aseprite, server: Server, monkeypatch) -> None:
    asked = []
    from sprite_lab.engine.serving import answers
    from sprite_lab.engine.serving import server as serving

    def watched(model, body, show):
        asked.append(body["config"])
        return answers.inpaint(model, body, show)

    monkeypatch.setitem(serving._POSTS, "/inpaint", watched)
    aseprite.sprite(noise(16, 16))
    name = server.model.class_names[1]
    aseprite.fill(**{"class": name})
    dialog = aseprite.all.dialogs[len(aseprite.all.dialogs)]
    assert list(dialog.options.values()) == ["(any)", *server.model.class_names]
    assert asked[0]["classes"] == [name]
    aseprite.all.press(dialog, "Fill")
    assert asked[0]["seed"] != asked[1]["seed"]


def test_what_goes_wrong_is_reported_and_changes_nothing(aseprite: Aseprite) -> None:
    before = noise(16, 16)
    aseprite.sprite(before)
    aseprite.fill(words="nonsense")
    assert "asked for 'nonsense'" in aseprite.alerts[-1]
    aseprite.all.app.layer.isEditable = False
    aseprite.fill()
    assert "can be edited" in aseprite.alerts[-1]
    aseprite.all.app.layer.isEditable = True
    assert np.array_equal(aseprite.cel(), before)
    aseprite.sprite(noise(40, 40))
    aseprite.fill()
    assert "at most 16×16" in aseprite.alerts[-1].encode("latin-1").decode()
    assert not list(aseprite.all.undo.values())


def test_a_wrong_token_or_no_server_is_reported_and_asked_for_again(
    server: Server, aseprite: Aseprite
) -> None:
    aseprite.sprite(noise(16, 16))
    aseprite.answers["token"] = "wrong"
    aseprite.all.commands.SpriteLabFill.onclick()
    assert "token is missing or wrong" in aseprite.alerts[-1]
    assert [d.title for d in aseprite.all.dialogs.values()] == ["Connect to Sprite Lab"] * 2
    aseprite.answers |= {"token": TOKEN, "address": "http://127.0.0.1:9/"}
    aseprite.all.commands.SpriteLabConnect.onclick()
    aseprite.all.commands.SpriteLabFill.onclick()
    assert "run 'sprite-lab serve'" in aseprite.alerts[-1]


def test_the_token_is_on_no_command_line_and_left_in_no_file(aseprite: Aseprite) -> None:
    lines: list[str] = []
    execute = aseprite.lua.globals().os.execute
    aseprite.lua.globals().os.execute = lambda line: (lines.append(line), execute(line))[1]
    aseprite.sprite(noise(16, 16))
    aseprite.fill()
    assert lines
    assert not any("ttt" in line for line in lines)
    folder = Path(aseprite.all.plugin.path)
    assert not any(b"ttt" in file.read_bytes() for file in folder.iterdir())


def test_one_command_writes_the_extension(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "sprite-lab.aseprite-extension"
    assert command("serve", "--extension", out).code == 0
    with zipfile.ZipFile(out) as archive:
        facts = json.loads(archive.read("package.json"))
        assert facts["version"] == __version__
        scripts = [script["path"] for script in facts["contributes"]["scripts"]]
        assert scripts == ["./sprite-lab.lua"]
        assert sorted(archive.namelist()) == ["package.json", "sprite-lab.lua"]
        assert archive.read("sprite-lab.lua") == resource("aseprite/sprite-lab.lua").read_bytes()
    assert command("serve", "--extension", tmp_path / "wrong.zip").code == 2
