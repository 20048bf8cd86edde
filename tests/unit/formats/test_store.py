"""Stores: written in parts, interrupted and resumed, and mapped instead of read."""

import contextlib
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from sprite_lab.core.errors import FileError
from sprite_lab.core.run import drain
from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.formats.sets import parts as parts_module
from sprite_lab.formats.sets import store, store_writer
from sprite_lab.formats.sets.parts import read_parts, ready_count
from sprite_lab.formats.sets.sprites import load_sprites, save_sprites
from sprite_lab.formats.sets.store import DTYPES, MANIFEST, is_unfinished
from sprite_lab.formats.sets.store_writer import StoreWriter

COUNT = 60


@pytest.fixture
def sprites():
    rng = np.random.default_rng(0)
    return SpriteSet(
        images=rng.integers(0, 256, (COUNT, 16, 16, 3), np.uint8),
        alpha=rng.integers(0, 256, (COUNT, 16, 16), np.uint8),
        labels=np.arange(COUNT) % 4 - 1,
        class_names=("sword", "épée", "剣"),
        group=np.arange(COUNT) // 2,
        names=np.array(["" if i % 7 == 0 else f"剣 {i}" for i in range(COUNT)]),
        source=np.array([("pack", "", "other")[i % 3] for i in range(COUNT)]),
        words=np.array(["" if i % 5 == 0 else f"red 剣 {i}" for i in range(COUNT)]),
        pose_of=np.arange(COUNT) // 3 - 1,
        direction=np.array([("", "front", "left")[i % 3] for i in range(COUNT)]),
        frame=np.arange(COUNT) % 4 - 1,
        title="mine",
        credits=(Credit("pack", author="Ann"),),
    )


def parts(sprites, size=7, start=0):
    for first in range(start, len(sprites), size):
        yield sprites.take(np.arange(first, min(first + size, len(sprites))))


def write(path, sprites, size=7):
    with StoreWriter(path) as writer:
        for part in parts(sprites, size):
            writer.append(part)
        return drain(writer.finish_iter())


def assert_equal(back, sprites):
    assert back.fingerprint == sprites.take(slice(None)).fingerprint
    assert (back.class_names, back.credits) == (sprites.class_names, sprites.credits)
    for name in (
        *("images", "alpha", "labels", "group", "names", "source"),
        *("words", "pose_of", "direction", "frame"),
    ):
        assert np.array_equal(getattr(back, name), getattr(sprites, name)), name


def files(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def refused(path):
    with pytest.raises(FileError) as caught:
        load_sprites(path)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 300
    return sentence


def test_a_store_gives_back_what_was_put_in(tmp_path, sprites):
    path = tmp_path / "mine.sprites"
    written = write(path, sprites)
    opened = load_sprites(path)
    for back in (written, opened, load_sprites(path / MANIFEST)):
        assert_equal(back, sprites)
        assert back.title == "mine"
    assert sorted(files(path)) == sorted([MANIFEST, *(f"{name}.npy" for name in DTYPES)])
    assert os.listdir(tmp_path) == ["mine.sprites"]
    # The store does not depend on the size of the parts.
    write(tmp_path / "again.sprites", sprites, size=COUNT)
    assert files(tmp_path / "again.sprites") == files(path)


def test_numpy_alone_opens_the_arrays(tmp_path, sprites):
    write(tmp_path / "mine.sprites", sprites)
    for name in ("images", "alpha", "labels", "group"):
        array = np.load(tmp_path / "mine.sprites" / f"{name}.npy", mmap_mode="r")
        assert np.array_equal(array, getattr(sprites, name))


def test_an_npz_of_a_store_is_that_of_the_set(tmp_path, sprites):
    save_sprites(tmp_path / "mine.npz", write(tmp_path / "mine.sprites", sprites))
    assert_equal(load_sprites(tmp_path / "mine.npz"), sprites)


def test_a_small_store_may_be_cut_off_or_deleted_while_it_is_open(tmp_path, sprites):
    write(tmp_path / "mine.sprites", sprites)
    opened = load_sprites(tmp_path / "mine.sprites")
    for file in (tmp_path / "mine.sprites").iterdir():
        os.truncate(file, 0)  # reading a mapped array would now end the process
    assert_equal(opened, sprites)


def test_nothing_is_read_of_a_large_store_that_is_not_looked_at(tmp_path, sprites, monkeypatch):
    monkeypatch.setattr(store, "MOST_READ", 0)
    write(tmp_path / "mine.sprites", sprites)
    opened = load_sprites(tmp_path / "mine.sprites")
    for array in (opened.images, opened.alpha, opened.labels, opened.group):
        base = array
        while not isinstance(base, np.memmap):
            base = base.base
            assert base is not None
        assert not array.flags.writeable
    before = opened.images[7].copy()
    opened.release()
    assert np.array_equal(opened.images[7], before)
    # Later changes of pixels are visible, so they were not copied; nor is the fingerprint computed
    # again.
    with (tmp_path / "mine.sprites" / "images.npy").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x07")
    assert opened.images[-1, -1, -1, -1] == 7
    assert opened.fingerprint == sprites.fingerprint


@pytest.mark.skipif(sys.platform == "win32", reason="its memory is asked for otherwise")
def test_a_large_store_takes_no_memory_when_it_is_opened(tmp_path):
    """With 160 MB of pixels, the memory of another process that opens it grows by a few MB."""
    count = 160_000
    with StoreWriter(tmp_path / "large.sprites") as writer:
        block = np.random.default_rng(0).integers(0, 256, (8_000, 16, 16, 3), np.uint8)
        for _ in range(count // len(block)):
            writer.append(SpriteSet(block, group=np.arange(len(block))))
        drain(writer.finish_iter())
    program = f"""
import resource, sys
from sprite_lab.formats.sets.sprites import load_sprites
most = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = most()
sprites = load_sprites({str(tmp_path / "large.sprites")!r})
assert len(sprites) == {count} and sprites.fingerprint and str(sprites.names[-1]) == ""
print((most() - before) / (1e6 if sys.platform == "darwin" else 1e3))  # MB
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 20
    shutil.rmtree(tmp_path / "large.sprites")


@pytest.mark.parametrize("safe_every", [1, 20, 1000])
def test_what_was_broken_off_is_continued(tmp_path, sprites, monkeypatch, safe_every):
    monkeypatch.setattr(store_writer, "SAFE_EVERY", safe_every)
    write(tmp_path / "whole.sprites", sprites)
    path = tmp_path / "mine.sprites"
    rounds = 0
    while True:
        rounds += 1
        with StoreWriter(path, "here") as writer:
            done = int(writer.at or 0)
            assert writer.count == done
            for part in parts(sprites.take(np.arange(min(done + 20, COUNT))), start=done):
                done += len(part)
                writer.append(part, at=str(done))
            if done == COUNT:
                drain(writer.finish_iter())
                break
        assert not path.exists()
        assert "unfinished" in refused(tmp_path / "mine.sprites.part")
    assert rounds == 3
    assert files(path) == files(tmp_path / "whole.sprites")


def test_broken_off_while_its_groups_are_written_it_is_continued(tmp_path, sprites, monkeypatch):
    def find_groups(found):
        yield
        return np.asarray(found.group) // 2

    def write_with_groups(path):
        with StoreWriter(path) as writer:
            if not writer.count:
                writer.append(sprites)
            return drain(writer.finish_iter(find_groups))

    @contextlib.contextmanager
    def killed(path):
        (path.parent / f".{path.name}.0123456789ab.tmp").write_bytes(b"half")
        raise KeyboardInterrupt
        yield

    path = tmp_path / "mine.sprites"
    write_with_groups(tmp_path / "whole.sprites")
    with monkeypatch.context() as patch:
        patch.setattr(store_writer, "atomic_write", killed)
        with pytest.raises(KeyboardInterrupt):
            write_with_groups(path)
    write_with_groups(path)
    assert files(path) == files(tmp_path / "whole.sprites")


def test_a_process_that_is_killed_loses_only_what_was_not_safe(tmp_path, sprites, monkeypatch):
    monkeypatch.setattr(store_writer, "SAFE_EVERY", 20)
    write(tmp_path / "whole.sprites", sprites)
    path = tmp_path / "mine.sprites"
    writer = StoreWriter(path)
    for part in list(parts(sprites))[:5]:
        writer.append(part, at=str(writer.count + len(part)))
    writer._files.close()  # with rows missing from the journal, which is not written again
    writer._lock.release()
    with StoreWriter(path) as writer:
        assert writer.count == int(writer.at) == 21
        for part in parts(sprites, start=21):
            writer.append(part)
        finish = writer.finish_iter()
        next(finish)
        finish.close()  # killed while computing the fingerprint
    with StoreWriter(path) as writer:
        assert writer.count == COUNT
        drain(writer.finish_iter())
    assert files(path) == files(tmp_path / "whole.sprites")


def test_a_store_that_was_broken_off_at_its_last_step_is_unfinished(tmp_path, sprites):
    """Its manifest is written, but the folder still has its temporary name."""
    path = tmp_path / "mine.sprites"
    write(tmp_path / "whole.sprites", sprites)
    with StoreWriter(path) as writer:
        writer.append(sprites)
    part = tmp_path / "mine.sprites.part"
    assert is_unfinished(part)
    shutil.copy(tmp_path / "whole.sprites" / MANIFEST, part)
    assert not is_unfinished(part)
    with StoreWriter(path) as writer:
        assert writer.count == COUNT
        assert is_unfinished(part)
    with StoreWriter(path) as writer:
        drain(writer.finish_iter())
    assert files(path) == files(tmp_path / "whole.sprites")


def test_more_classes_than_anyone_has_do_not_come_together(tmp_path, sprites):
    def part(first):
        names = tuple(f"class {i}" for i in range(first, first + 600))
        return SpriteSet(sprites.images[:1], labels=np.array([0]), class_names=names)

    with StoreWriter(tmp_path / "mine.sprites") as writer:
        writer.append(part(0))
        with pytest.raises(FileError, match="names 1,200 classes, but at most 1,000"):
            writer.append(part(600))
        writer.append(part(400))
        assert writer.count == 2


def test_a_half_store_can_be_thrown_away(tmp_path, sprites):
    with StoreWriter(tmp_path / "mine.sprites") as writer:
        writer.append(sprites)
        writer.discard()
    with StoreWriter(tmp_path / "mine.sprites") as writer:
        assert writer.count == 0
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="a full disk is feigned by the limit of a file's size")
def test_a_full_disk_is_reported_in_a_sentence_and_leaves_nothing(tmp_path, sprites):
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(FileError, match=r"^'x\.sprites' cannot be written \("):
            write(tmp_path / "x.sprites", sprites)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())
    write(tmp_path / "x.sprites", sprites)  # its lock is free


def test_what_is_begun_elsewhere_or_there_already_is_not_touched(tmp_path, sprites):
    path = tmp_path / "mine.sprites"
    with StoreWriter(path, "here") as writer:
        writer.append(sprites)
        with pytest.raises(FileError, match="Another process"):
            StoreWriter(path, "here")
    with pytest.raises(FileError, match="started from other files"):
        StoreWriter(path, "there")
    with StoreWriter(path, "here") as writer:
        drain(writer.finish_iter())
    with pytest.raises(FileError, match="already exists"):
        StoreWriter(path, "here")
    with pytest.raises(FileError, match="must be a name"):
        StoreWriter(tmp_path / "mine.npz")
    with pytest.raises(FileError, match="no sprites"), StoreWriter(tmp_path / "no.sprites") as none:
        drain(none.finish_iter())


@pytest.mark.skipif(os.name == "nt", reason="POSIX links")
def test_where_nothing_can_be_written_is_reported_in_a_sentence(tmp_path, sprites):
    (tmp_path / "a.sprites.part").symlink_to(tmp_path)
    (tmp_path / "b.sprites.part" / ".half.tmp").mkdir(parents=True)
    said = {
        "a.sprites": "'a.sprites.part' is a link; delete it",
        "b.sprites": r"'b.sprites' cannot be written \(",
        "none/c.sprites": r"'c.sprites' cannot be written \(no such file or directory\)",
    }
    for name, why in said.items():
        with pytest.raises(FileError, match=why):
            StoreWriter(tmp_path / name)
    (tmp_path / "b.sprites.part" / ".half.tmp").rmdir()
    with StoreWriter(tmp_path / "b.sprites") as writer:  # its lock is free
        writer.append(sprites)
        (tmp_path / "b.sprites" / "another").mkdir(parents=True)
        with pytest.raises(FileError, match=r"'b.sprites' cannot be written \("):
            drain(writer.finish_iter())
    assert os.listdir(tmp_path / "b.sprites") == ["another"]


def test_a_disk_that_fills_up_at_the_last_moment_is_reported_too(tmp_path, sprites, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    writer = StoreWriter(tmp_path / "mine.sprites")
    writer.append(sprites)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"cannot be written \(no space left on device\)"):
        writer.close()
    monkeypatch.undo()
    assert not list(tmp_path.iterdir()), "of what is not safe nothing is kept"
    assert write(tmp_path / "mine.sprites", sprites).fingerprint == sprites.fingerprint


def test_parts_of_other_classes_come_together_by_name(tmp_path, sprites):
    a = SpriteSet(sprites.images[:3], labels=np.array([0, 1, -1]), class_names=("axe", "bow"))
    b = SpriteSet(sprites.images[:3], labels=np.array([0, 1, -1]), class_names=("bow", "car"))
    with StoreWriter(tmp_path / "both.sprites") as writer:
        writer.append(a)
        writer.append(b)
        both = drain(writer.finish_iter())
    assert both.class_names == ("axe", "bow", "car")
    assert both.labels.tolist() == [0, 1, -1, 1, 2, -1]
    assert both.group is None


def test_groups_are_those_of_the_parts_or_are_looked_for(tmp_path, sprites):
    def find(found):
        yield None
        known = np.zeros(len(found), np.int64) if found.group is None else found.group
        return known + np.arange(len(found))

    def groups(name, second, finder):
        with StoreWriter(tmp_path / f"{name}.sprites") as writer:
            writer.append(sprites)
            writer.append(second)
            return drain(writer.finish_iter(finder)).group

    ungrouped = SpriteSet(sprites.images, title="more")
    known = np.tile(sprites.group, 2)
    assert groups("known", sprites, None).tolist() == known.tolist()
    assert groups("both", sprites, find).tolist() == (known + np.arange(120)).tolist()
    assert groups("looked for", ungrouped, find).tolist() == list(range(120))
    assert groups("none", ungrouped, None) is None


def test_sprites_that_do_not_fit_are_refused_and_cost_nothing(tmp_path, sprites):
    with StoreWriter(tmp_path / "mine.sprites") as writer:
        writer.append(sprites)
        with pytest.raises(FileError, match="8×8 pixels, but the previous ones are 16×16"):
            writer.append(SpriteSet(np.zeros((1, 8, 8, 3), np.uint8)))
        with pytest.raises(FileError, match="printable"):
            writer.append(SpriteSet(sprites.images, class_names=("\n",)))
        assert_equal(drain(writer.finish_iter()), sprites)


@pytest.mark.parametrize("name", ["source", "direction"])
@pytest.mark.parametrize("number", [-1, 100])
def test_numbers_of_texts_that_are_not_there_are_refused(tmp_path, sprites, name, number):
    path = tmp_path / "mine.sprites"
    write(path, sprites)
    numbers = np.load(path / f"{name}.npy")
    numbers[3] = number
    np.save(path / f"{name}.npy", numbers)
    refused(path)


@pytest.mark.parametrize("name", sorted(DTYPES))
@pytest.mark.parametrize("damage", ["short", "long", "gone", "other", "junk"])
def test_torn_files_are_refused(tmp_path, sprites, name, damage):
    path = tmp_path / "mine.sprites"
    write(path, sprites)
    file = path / f"{name}.npy"
    data = file.read_bytes()
    if damage == "short":
        file.write_bytes(data[:-1])
    elif damage == "long":
        file.write_bytes(data + b"\0")
    elif damage == "gone":
        file.unlink()
    elif damage == "other":
        np.save(file, np.zeros(3, np.float32))
    else:
        file.write_bytes(b"junk" * 100)
    refused(path)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("schema_version", 3),
        ("schema_version", None),
        ("count", 61),
        ("count", -1),
        ("count", 0),
        ("count", 10**30),
        ("size", [16, 17]),
        ("size", [0, 0]),
        ("size", [16]),
        ("class_names", ["a"]),
        ("class_names", ["a", "a", "b"]),
        ("class_names", [1, 2, 3]),
        ("fingerprint", "1"),
        ("sources", 2),
        ("sources", 0),
        ("grouped", 1),
        ("credits", [{"source": 3}]),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(tmp_path, sprites, key, value):
    path = tmp_path / "mine.sprites"
    write(path, sprites)
    facts = json.loads((path / MANIFEST).read_text())
    (path / MANIFEST).write_text(json.dumps({**facts, key: value}))
    refused(path)


@pytest.mark.parametrize("text", ["", "[]", "{", "null"])
def test_a_manifest_that_is_none_is_refused(tmp_path, sprites, text):
    path = tmp_path / "mine.sprites"
    write(path, sprites)
    (path / MANIFEST).write_text(text)
    refused(path)


def test_a_torn_half_store_is_not_continued(tmp_path, sprites):
    path = tmp_path / "mine.sprites"
    with StoreWriter(path) as writer:
        writer.append(sprites)
    with (tmp_path / "mine.sprites.part" / "alpha.npy").open("r+b") as file:
        file.truncate(500)
    with pytest.raises(FileError, match="cut short"):
        StoreWriter(path)
    (tmp_path / "mine.sprites.part" / "journal.json").write_text("{}")
    with pytest.raises(FileError):
        StoreWriter(path)


def test_any_other_folder_is_no_store(tmp_path):
    assert "not a store" in refused(tmp_path)


@pytest.mark.parametrize("kind", ["ours", "bare", "rgba", "pair", "images"])
@pytest.mark.parametrize("start", [0, 20])
def test_files_are_read_in_parts_as_they_are_read_whole(
    tmp_path, sprites, monkeypatch, kind, start
):
    monkeypatch.setattr(parts_module, "BLOCK", 17)
    path = tmp_path / "set.npz"
    if kind == "ours":
        save_sprites(path, sprites)
    elif kind == "bare":
        np.savez(path, images=sprites.images, labels=np.eye(3)[np.arange(COUNT) % 3])
    elif kind == "rgba":
        np.savez_compressed(path, images=sprites.rgba, names=sprites.names)
    else:
        path = tmp_path / "sprites_60_16x16.npy"
        np.save(path, sprites.images)
        if kind == "pair":
            np.save(tmp_path / "sprite_labels_nc_60_16x16.npy", np.eye(5)[np.arange(COUNT) % 5])
    assert ready_count(path) == COUNT
    whole = load_sprites(path).take(np.arange(start, COUNT))
    with StoreWriter(tmp_path / "set.sprites") as writer:
        for part in read_parts(path, start):
            assert len(part) <= 17
            writer.append(part)
        read = drain(writer.finish_iter())
    assert read.fingerprint == whole.take(slice(None)).fingerprint
    assert read.class_names == whole.class_names
    assert np.array_equal(read.names, whole.names)
    assert (read.group is None) == (whole.group is None)


@pytest.mark.parametrize("start", [0, 5])
def test_a_store_is_a_ready_set(tmp_path, sprites, start, monkeypatch):
    monkeypatch.setattr(parts_module, "BLOCK", 17)
    write(tmp_path / "mine.sprites", sprites)
    assert ready_count(tmp_path / "mine.sprites") == COUNT
    with StoreWriter(tmp_path / "again.sprites") as writer:
        for part in read_parts(tmp_path / "mine.sprites", start):
            assert len(part) <= 17
            writer.append(part)
        read = drain(writer.finish_iter())
    assert_equal(read, sprites.take(np.arange(start, COUNT)))
    assert np.array_equal(next(read_parts(tmp_path / "mine.sprites")).images, sprites.images[:17])


def test_what_is_no_ready_set_is_not_taken_for_one(tmp_path, sprites):
    np.savez(tmp_path / "float.npz", images=sprites.images / 255.0)
    np.savez(tmp_path / "other.npz", pictures=sprites.images)
    np.save(tmp_path / "columns.npy", np.asfortranarray(sprites.images))
    (tmp_path / "text.npz").write_text("text")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.npz")  # opening it would wait forever
    for file in sorted(tmp_path.iterdir()):
        assert ready_count(file) == 0, file
    assert ready_count(tmp_path) == 0


@pytest.mark.parametrize("name", ["a.npz", "a.npy"])
@pytest.mark.parametrize("wrong", ["float", "side", "pipe"])
def test_what_is_no_set_is_refused_before_any_part_is_read(tmp_path, sprites, name, wrong):
    path = tmp_path / name
    images = sprites.images / 255.0 if wrong == "float" else sprites.images[:, :12, :12]
    if wrong == "pipe":
        if not hasattr(os, "mkfifo"):
            pytest.skip("Windows has no named pipes")
        os.mkfifo(path)
    elif name == "a.npz":
        np.savez(path, images=images)
    else:
        np.save(path, images)
    says = {"float": "uint8", "side": "multiple of 8", "pipe": "not a plain file"}[wrong]
    with pytest.raises(FileError, match=says):
        next(read_parts(path))
