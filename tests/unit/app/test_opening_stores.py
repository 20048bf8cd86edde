"""A store is a data set wherever one is opened, and an incomplete store is not."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest

from sprite_lab.app.data.data_tasks import save_data
from sprite_lab.app.files.opening import is_data_set, what_opens
from sprite_lab.cli.main import main
from sprite_lab.core.errors import FileError
from sprite_lab.core.records import sample_notice
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import MOST_STUDIED, SpriteSet, sample_rows
from sprite_lab.data import split, split_rows
from sprite_lab.formats.sets.sprites import load_sprites
from sprite_lab.formats.sets.store_writer import StoreWriter
from tests.made import make_sprites


@pytest.fixture
def store(tmp_path):
    with StoreWriter(tmp_path / "made.sprites") as writer:
        writer.append(make_sprites(60))
        drain(writer.finish_iter())
    return tmp_path / "made.sprites"


def test_dropping_one_opens_the_data_set(store, tmp_path):
    assert what_opens(store).kind == "data"
    assert is_data_set(store)
    with StoreWriter(tmp_path / "half.sprites") as writer:
        writer.append(make_sprites(60))
    half = tmp_path / "half.sprites.part"
    assert what_opens(half).kind == "unknown"
    assert "unfinished" in what_opens(half).sentence
    assert not is_data_set(half)
    assert not is_data_set(tmp_path)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="folders of this system have no such rights")
def test_a_folder_without_permission_is_still_called_a_folder():
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        folder = Path(place, "closed")
        folder.mkdir(mode=0)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)  # nobody: root ignores permissions
        try:
            assert what_opens(folder).kind == "import"
            assert not is_data_set(folder)
            assert not is_data_set(folder / "a.npz")
        finally:
            os.seteuid(user)
            folder.chmod(0o700)  # otherwise it cannot be removed


def test_a_set_is_saved_as_one_by_its_name(tmp_path):
    made = make_sprites(60)
    path = drain(save_data(tmp_path / "saved.sprites", made)(RunControl()))
    back = load_sprites(path)
    assert back.fingerprint == made.fingerprint
    assert np.array_equal(back.group, made.group)
    with pytest.raises(FileError, match="already exists"):
        drain(save_data(path, made)(RunControl()))


def test_the_command_line_describes_one(store, capsys):
    assert main(["info", str(store), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    made = make_sprites(60)
    assert (facts["kind"], facts["count"], facts["title"]) == ("sprites", 60, "made")
    assert facts["fingerprint"] == made.fingerprint
    assert facts["has_alpha"] is True


def test_large_sets_are_sampled_and_small_ones_are_not():
    made = make_sprites(60)
    assert made.sample() is made
    some = made.sample(20)
    assert len(some) == 20
    assert some.fingerprint == made.sample(20).fingerprint
    rows = sample_rows(np.arange(60), 20)
    assert (np.diff(rows) > 0).all()
    assert some.fingerprint == made.take(rows).fingerprint
    assert sample_notice(MOST_STUDIED) is None
    assert "100,000 of 1,000,000" in sample_notice(1_000_000).text


def test_a_sampled_split_keeps_the_parts_apart():
    made = make_sprites(60)
    train, validation = split_rows(made)
    few = split(made, most=5)
    assert [len(part) for part in few] == [5, 5]
    pixels = [{image.tobytes() for image in made.images[rows]} for rows in (train, validation)]
    for part, all_of_it in zip(few, pixels, strict=True):
        assert {image.tobytes() for image in part.images} <= all_of_it


def test_the_map_of_a_large_set_is_one_of_some(monkeypatch):
    from sprite_lab.engine.measuring.sprite_map import map_iter

    made = make_sprites(60)
    monkeypatch.setattr(SpriteSet, "sample", lambda self: self.take(np.arange(7)))
    assert len(drain(map_iter(made, "pixels", RunControl())).sprites) == 7
