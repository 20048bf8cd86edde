"""Importing into a store: like a file, but in parts that can be stopped and resumed."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from itertools import count

import numpy as np
import pytest
from PIL import Image

from sprite_lab.cli.main import main
from sprite_lab.core.errors import FileError
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.imports import ImportChoices
from sprite_lab.data.near_copies import joined_groups_iter
from sprite_lab.formats.importing import into_store, plan
from sprite_lab.formats.importing.into_store import import_store_iter
from sprite_lab.formats.sets import parts
from sprite_lab.formats.sets.sprites import load_sprites, save_sprites
from tests.made import make_sprites
from tests.sharing import shared


@pytest.fixture
def folder(tmp_path):
    """50 pictures in five folders, and one file that is not a picture."""
    made = make_sprites(50)
    for i, (rgba, label) in enumerate(zip(made.rgba, made.labels, strict=True)):
        place = tmp_path / "in" / made.class_names[label]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rgba).save(place / f"sprite{i:02d}.png")
    (tmp_path / "in" / "zz.txt").write_text("no picture")
    return tmp_path / "in"


def facts_of(capsys):
    return json.loads(capsys.readouterr().out)


def test_a_store_is_what_a_file_would_be(tmp_path, folder, capsys, monkeypatch):
    monkeypatch.setattr(plan, "PART_FILES", 7)
    assert main(["import", str(folder), "--out", str(tmp_path / "a.npz"), "--json"]) == 0
    facts_of(capsys)
    assert main(["import", str(folder), "--out", str(tmp_path / "a.sprites"), "--json"]) == 0
    facts = facts_of(capsys)
    store, file = load_sprites(tmp_path / "a.sprites"), load_sprites(tmp_path / "a.npz")
    assert (facts["count"], facts["refused_count"]) == (len(file), 1)
    assert "zz.txt" in facts["refused"][0]["path"]
    assert sorted(store.class_names) == sorted(file.class_names)
    by_name = {str(name): i for i, name in enumerate(store.names)}
    order = np.array([by_name[str(name)] for name in file.names])
    assert np.array_equal(store.rgba_of(order), file.rgba)
    for i, j in enumerate(order):
        assert store.class_names[store.labels[j]] == file.class_names[file.labels[i]]
    assert len(np.unique(store.group)) == len(np.unique(file.group))


def test_what_was_stopped_is_continued(tmp_path, folder, monkeypatch):
    monkeypatch.setattr(plan, "PART_FILES", 7)
    choices = ImportChoices()

    def run(name, stop_after=None):
        control = RunControl()
        work = import_store_iter([folder], choices, tmp_path / name, control, joined_groups_iter)
        steps = 0
        while True:
            try:
                next(work)
            except StopIteration as end:
                return end.value
            steps += 1
            if steps == stop_after:
                control.stop()

    whole = run("whole.sprites").sprites
    stopped = run("mine.sprites", stop_after=25)
    assert stopped.sprites is None
    assert 0 < stopped.count < 50
    again = run("mine.sprites").sprites
    assert again.fingerprint == whole.fingerprint
    assert np.array_equal(again.names, whole.names)
    assert np.array_equal(again.group, whole.group)


def shared_import(size, paths, out, watch=lambda control, steps: None):
    """What each of ``size`` threads returns that import together."""

    def work(control):
        find = partial(joined_groups_iter, control=control)
        run = import_store_iter(paths, ImportChoices(), out, control, find)
        for steps in count():
            watch(control, steps)
            try:
                next(run)
            except StopIteration as end:
                return end.value

    return shared(size, work)


def test_several_make_the_store_of_one(tmp_path, folder, monkeypatch):
    monkeypatch.setattr(plan, "PART_FILES", 7)
    monkeypatch.setattr(plan, "PART_BYTES", 2000)
    (folder / "empty.png").touch()
    (alone,) = shared_import(1, [folder], tmp_path / "alone.sprites")
    first, *others = shared_import(3, [folder], tmp_path / "shared.sprites")
    assert first.sprites.fingerprint == alone.sprites.fingerprint
    assert np.array_equal(first.sprites.names, alone.sprites.names)
    assert np.array_equal(first.sprites.group, alone.sprites.group)
    assert (first.count, first.refused, first.duplicates) == (50, alone.refused, 0)
    assert [(other.count, other.sprites) for other in others] == [(0, None)] * len(others)


def test_one_of_several_that_is_stopped_stops_all(tmp_path, folder, monkeypatch):
    monkeypatch.setattr(plan, "PART_FILES", 7)

    def stop(control, steps):
        if not control.leads and steps == 10:
            control.stop()

    first, _ = shared_import(2, [folder], tmp_path / "a.sprites", stop)
    assert first.sprites is None
    assert first.count < 50
    first, _ = shared_import(2, [folder], tmp_path / "a.sprites")
    assert first.count == 50
    first, _ = shared_import(2, [folder], tmp_path / "b.sprites", lambda control, _: control.stop())
    assert (first.sprites, first.count) == (None, 0)


@pytest.mark.parametrize("grouped", [True, False])
def test_several_take_a_set_as_it_is(tmp_path, monkeypatch, grouped):
    monkeypatch.setattr(into_store, "MOST_STUDIED", 10)
    made = make_sprites(60)
    made = made if grouped else replace(made, group=None)
    save_sprites(tmp_path / "big.npz", made)
    first, other = shared_import(2, [tmp_path / "big.npz"], tmp_path / "a.sprites")
    assert first.as_it_is
    assert first.sprites.fingerprint == made.fingerprint
    assert other.sprites is None


def test_a_set_that_is_taken_as_it_is_may_be_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(into_store, "MOST_STUDIED", 10)
    monkeypatch.setattr(parts, "BLOCK", 20)
    save_sprites(tmp_path / "big.npz", make_sprites(60))

    def stop(control, steps):
        if steps == 1:
            control.stop()

    (stopped,) = shared_import(1, [tmp_path / "big.npz"], tmp_path / "a.sprites", stop)
    assert (stopped.sprites, stopped.count) == (None, 20)
    (whole,) = shared_import(1, [tmp_path / "big.npz"], tmp_path / "a.sprites")
    assert whole.count == 60


def test_the_last_file_of_what_is_continued_must_be_there(tmp_path, folder):
    run = plan.plan_parts_iter([folder], ImportChoices(), RunControl(), "in/gone.png")
    with pytest.raises(FileError, match=r"'in/gone.png', which was imported last, is gone"):
        drain(run)


def test_a_canceled_import_leaves_nothing(tmp_path, folder):
    control = RunControl()
    work = import_store_iter(
        [folder], ImportChoices(), tmp_path / "mine.sprites", control, joined_groups_iter
    )
    for _ in range(5):
        next(work)
    control.cancel()
    assert drain(work).sprites is None
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize("grouped", [True, False])
def test_a_large_set_is_taken_as_it_is(tmp_path, capsys, monkeypatch, grouped):
    monkeypatch.setattr(into_store, "MOST_STUDIED", 10)
    made = make_sprites(60)
    if not grouped:
        np.savez(tmp_path / "big.npz", images=made.images, alpha=made.alpha, labels=made.labels)
    else:
        save_sprites(tmp_path / "big.npz", made)
    target = str(tmp_path / "big.sprites")
    assert main(["import", str(tmp_path / "big.npz"), "--out", target, "--json"]) == 0
    assert facts_of(capsys)["as_it_is"] is True
    store, file = load_sprites(tmp_path / "big.sprites"), load_sprites(tmp_path / "big.npz")
    assert store.fingerprint == file.fingerprint
    assert store.group is not None
    if grouped:
        assert np.array_equal(store.group, made.group)


def test_nothing_comes_of_nothing(tmp_path, capsys):
    (tmp_path / "text.txt").write_text("no picture")
    out = tmp_path / "mine.sprites"
    assert main(["import", str(tmp_path / "text.txt"), "--out", str(out)]) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["text.txt"]


class TestOfAStore:
    """A store is a folder of arrays, not a folder to search for pictures."""

    @pytest.fixture
    def store(self, tmp_path, folder):
        assert main(["import", str(folder), "--out", str(tmp_path / "a.sprites")]) == 0
        return tmp_path / "a.sprites"

    def test_it_is_taken_as_it_is(self, tmp_path, store, capsys):
        capsys.readouterr()
        assert main(["import", str(store), "--out", str(tmp_path / "b.sprites"), "--json"]) == 0
        assert facts_of(capsys)["as_it_is"]
        one, other = load_sprites(store), load_sprites(tmp_path / "b.sprites")
        assert one.fingerprint == other.fingerprint
        for name in ("names", "words", "direction", "frame", "pose_of", "group"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), name

    @pytest.mark.parametrize("inside", [False, True])
    def test_among_files_it_is_named(self, tmp_path, store, capsys, inside):
        capsys.readouterr()
        named = store
        if inside:
            named = tmp_path / "more"
            named.mkdir()
            Image.fromarray(make_sprites(1).rgba[0]).save(named / "one.png")
            store.rename(named / "a.sprites")
        code = main(["import", str(named), "--out", str(tmp_path / "b.npz"), "--json"])
        facts = facts_of(capsys)
        assert (code, facts["count"]) == ((0, 1) if inside else (1, 0))
        (refused,) = facts["refused"]
        assert "is a store of sprites already" in refused["why"]
