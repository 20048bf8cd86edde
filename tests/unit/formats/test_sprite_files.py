"""Sets of sprites saved and loaded, the course's two files, and everything that can be wrong."""

import io
import os
import pickle
import struct
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config_text import config_from_text
from sprite_lab.core.errors import FileError
from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.sprites import COURSE_CLASSES, SpriteSet, composite
from sprite_lab.formats.sets import sprites as sprites_module
from sprite_lab.formats.sets.sprites import load_sprites, save_samples, save_sprites, split_alpha
from tests.made import make_sprites

COUNT = 12


@pytest.fixture
def sprites():
    rng = np.random.default_rng(0)
    return SpriteSet(
        images=rng.integers(0, 256, (COUNT, 16, 16, 3), np.uint8),
        alpha=rng.integers(0, 256, (COUNT, 16, 16), np.uint8),
        labels=np.arange(COUNT) % 4 - 1,
        class_names=("sword", "épée", "剣"),
        group=np.arange(COUNT) // 2,
        names=np.array([f"sprite {i}" for i in range(COUNT)]),
        source=np.full(COUNT, "made"),
        title="mine",
    )


def course_pair(folder, images="sprites_12_16x16.npy", labels="sprite_labels_nc_12_16x16.npy"):
    rng = np.random.default_rng(1)
    np.save(folder / images, rng.integers(0, 256, (COUNT, 16, 16, 3), np.uint8))
    np.save(folder / labels, np.eye(5)[np.arange(COUNT) % 5])
    return folder / images, folder / labels


def refused(path):
    with pytest.raises(FileError) as caught:
        load_sprites(path)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 300
    return sentence


def test_npz_round_trip(tmp_path, sprites):
    save_sprites(tmp_path / "mine.npz", sprites)
    back = load_sprites(tmp_path / "mine.npz")
    assert back.fingerprint == sprites.fingerprint
    assert back.class_names == sprites.class_names
    assert back.title == "mine"
    for name in ("group", "names", "source", "alpha", "labels"):
        assert np.array_equal(getattr(back, name), getattr(sprites, name))
    save_sprites(tmp_path / "alone.npz", replace(sprites, group=None))
    assert load_sprites(tmp_path / "alone.npz").group is None
    save_sprites(tmp_path / "again.npz", back)
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "mine.npz").read_bytes()


def test_directions_and_frames_without_poses_are_kept(tmp_path, sprites):
    count = len(sprites)
    known = replace(
        sprites,
        words=np.array(["red"] * count),
        direction=np.array(["left"] * count),
        frame=np.arange(count),
    )
    save_sprites(tmp_path / "a.npz", known)
    back = load_sprites(tmp_path / "a.npz")
    for name in ("words", "pose_of", "direction", "frame"):
        assert np.array_equal(getattr(back, name), getattr(known, name)), name


@pytest.mark.parametrize("name", ["pose_of", "frame"])
def test_a_single_one_is_kept_and_none_is_not_stored(tmp_path, sprites, name):
    """The first pose and the first frame have the number 0."""
    first = np.where(np.arange(COUNT) == 3, 0, -1)
    save_sprites(tmp_path / "a.npz", replace(sprites, **{name: first}))
    assert np.array_equal(getattr(load_sprites(tmp_path / "a.npz"), name), first)
    save_sprites(tmp_path / "a.npz", sprites)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert name not in arrays


def test_samples_are_a_set_too(tmp_path, sprites):
    path = tmp_path / "out.npz"
    save_samples(path, sprites.rgba, sprites.labels)
    with np.load(path, allow_pickle=False) as arrays:
        assert sorted(arrays) == ["alpha", "images", "labels"]
        assert arrays["images"].dtype == arrays["alpha"].dtype == np.uint8
        assert arrays["labels"].dtype == np.int64
        assert arrays["images"].shape == (COUNT, 16, 16, 3)
    assert load_sprites(path).class_names == ("class_0", "class_1", "class_2")
    save_samples(path, sprites.rgba, sprites.labels, ("a", "b", "c"), [SampleConfig()])
    with np.load(path, allow_pickle=False) as arrays:
        assert config_from_text(str(arrays["config"])) == SampleConfig()
    back = load_sprites(path)
    assert back.class_names == ("a", "b", "c")
    assert np.array_equal(back.labels, sprites.labels)
    words, styles = ["red"] + [""] * (COUNT - 1), ["pack"] * COUNT
    configs = [SampleConfig(seed=i) for i in range(COUNT)]
    save_samples(path, sprites.rgba, sprites.labels, configs=configs, words=words, source=styles)
    with np.load(path, allow_pickle=False) as arrays:
        assert arrays["words"].tolist() == words
        assert arrays["source"].tolist() == styles
        assert [config_from_text(str(text)) for text in arrays["configs"]] == configs


def test_images_alone(tmp_path):
    images = np.full((3, 24, 24, 3), 255, np.uint8)
    images[:, 8:16, 8:16] = 9
    images[:, 11, 11] = 255  # white inside the drawing
    np.save(tmp_path / "x.npy", images)
    np.savez(tmp_path / "x.npz", images=images)
    for name in ("x.npy", "x.npz"):
        back = load_sprites(tmp_path / name)
        assert (back.labels == -1).all()
        assert back.class_names == ()
        assert back.alpha[0, 0, 0] == 0
        assert back.alpha[0, 11, 11] == 255


def test_rgba_is_put_on_white_and_keeps_its_alpha(tmp_path):
    images = np.zeros((2, 8, 8, 4), np.uint8)
    images[:, 2, 2] = (10, 20, 30, 255)
    np.save(tmp_path / "x.npy", images)
    back = load_sprites(tmp_path / "x.npy")
    assert np.array_equal(back.alpha, images[..., 3])
    assert back.images[0, 2, 2].tolist() == [10, 20, 30]
    assert back.images[0, 0, 0].tolist() == [255, 255, 255]


def test_alpha_beside_rgba_is_the_one_that_counts(tmp_path):
    images = np.full((2, 8, 8, 4), 128, np.uint8)
    alpha = np.full((2, 8, 8), 255, np.uint8)
    np.savez(tmp_path / "x.npz", images=images, alpha=alpha)
    back = load_sprites(tmp_path / "x.npz")
    assert np.array_equal(back.alpha, alpha)
    assert np.array_equal(back.images, composite(images))


@pytest.mark.parametrize("array", ["images", "alpha"])
def test_nothing_follows_the_last_pixel(tmp_path, sprites, array):
    path = tmp_path / "x.npz"
    save_sprites(path, sprites)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[f"{array}.npy"] += b"more"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    assert "damaged" in refused(path)


def test_a_file_over_the_limit_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(sprites_module, "LARGEST", 100)
    np.save(tmp_path / "x.npy", np.zeros((1, 8, 8, 3), np.uint8))
    assert "use a smaller file" in refused(tmp_path / "x.npy")


@pytest.mark.parametrize("opened", [0, 1])
def test_course_pair_by_either_file(tmp_path, opened):
    np.save(tmp_path / "other.npy", np.zeros((3, 3)))
    (tmp_path / "broken.npy").write_bytes(b"\x93NUMPY\1\0")
    back = load_sprites(course_pair(tmp_path)[opened])
    assert back.class_names == COURSE_CLASSES
    assert back.labels.tolist() == [i % 5 for i in range(COUNT)]
    assert back.title == "sprites_12_16x16"


@pytest.mark.parametrize("opened", [0, 1])
def test_a_lone_pair_of_other_names(tmp_path, opened):
    (tmp_path / "broken.npy").write_bytes(b"\x93NUMPY\1\0")  # not a companion
    pair = course_pair(tmp_path, "pixels.npy", "answers.npy")
    assert load_sprites(pair[opened]).class_names == COURSE_CLASSES
    # Two candidates: nobody can say which is meant.
    np.save(tmp_path / "answers2.npy", np.zeros(COUNT, np.int64))
    assert load_sprites(pair[0]).class_names == ()


def test_what_is_in_a_crowd_is_no_companion(tmp_path):
    images, labels = course_pair(tmp_path, labels="answers.npy")
    assert load_sprites(images).class_names == COURSE_CLASSES
    for i in range(50):
        np.save(tmp_path / f"more{i}.npy", np.zeros((2, 2)))
    assert load_sprites(images).class_names == ()
    labels.rename(tmp_path / "sprite_labels_12_16x16.npy")
    assert load_sprites(images).class_names == COURSE_CLASSES, "its name says what it is"


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (np.arange(COUNT) % 3, 3),
        (np.arange(COUNT)[:, None] % 2, 2),
        ((np.arange(COUNT) % 5).astype(np.float32), 5),
        (np.eye(7, dtype=bool)[np.arange(COUNT) % 7], 7),
    ],
)
def test_kinds_of_labels(tmp_path, labels, names):
    images, path = course_pair(tmp_path)
    np.save(path, labels)
    back = load_sprites(images)
    assert len(back.class_names) == names
    assert back.labels.tolist() == [i % names for i in range(COUNT)]


def test_rows_without_a_class(tmp_path):
    images, path = course_pair(tmp_path)
    rows = np.eye(5)[np.arange(COUNT) % 5]
    rows[4] = 0
    np.save(path, rows)
    assert load_sprites(images).labels[4] == -1


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (np.eye(5)[:4], "4 labels for 12 sprites"),
        (np.ones((COUNT, 5)), "single 1"),
        (np.full((COUNT, 5), np.nan), "single 1"),
        (np.full(COUNT, 0.5), "whole numbers"),
        (np.full(COUNT, -2), "whole numbers"),
        (np.full(COUNT, 10**6), "whole numbers"),
        (np.zeros((COUNT, 2, 2)), "shape"),
        (np.full(COUNT, "hero"), "must be numbers"),
        (np.array(3), "0 labels"),
    ],
)
def test_wrong_labels(tmp_path, labels, says):
    images, path = course_pair(tmp_path)
    np.save(path, labels)
    assert says in refused(images)


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((4, 16, 16, 2), np.uint8), "3 or 4"),
        (np.zeros((4, 16, 16, 3), np.float32), "uint8"),
        (np.zeros((4, 16, 24, 3), np.uint8), "square"),
        (np.zeros((4, 20, 20, 3), np.uint8), "multiple of 8"),
        (np.zeros((1, 128, 128, 3), np.uint8), "up to 64"),
        (np.zeros((0, 16, 16, 3), np.uint8), "no sprites"),
        (np.zeros((2, 3, 4, 5, 6), np.uint8), "neither sprites"),
        (np.zeros(7, "M8[s]"), "neither sprites"),
    ],
)
def test_wrong_images(tmp_path, array, says):
    np.save(tmp_path / "x.npy", array)
    assert says in refused(tmp_path / "x.npy")
    if array.ndim == 4:
        np.savez(tmp_path / "x.npz", images=array)
        assert says in refused(tmp_path / "x.npz")


def npy(shape, body=b"", descr="|u1"):
    header = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + body


def test_forty_gigabyte_header(tmp_path):
    (tmp_path / "x.npy").write_bytes(npy((52_000_000, 16, 16, 3), b"\0" * 1000))
    assert "cut short" in refused(tmp_path / "x.npy")
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("images.npy", npy((52_000_000, 16, 16, 3), b"\0" * 1000))
    assert "cut short" in refused(tmp_path / "x.npz")


@pytest.mark.parametrize("shape", [(-1, 16, 16, 3), (2**62, 16, 16, 3), (True, 16, 16, 3), "abc"])
def test_impossible_shapes(tmp_path, shape):
    (tmp_path / "x.npy").write_bytes(npy(shape, b"\0" * 768))
    refused(tmp_path / "x.npy")


def test_an_archive_that_announces_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr("sprite_lab.formats.arrays.LARGEST", 1_000_000)
    np.savez_compressed(tmp_path / "x.npz", images=np.zeros((4000, 16, 16, 3), np.uint8))
    assert (tmp_path / "x.npz").stat().st_size < 100_000
    assert "unpacks to more than" in refused(tmp_path / "x.npz")


def test_an_archive_of_too_many_files(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        for i in range(300):
            archive.writestr(f"{i}.npy", npy((0,)))
    assert "300 files" in refused(tmp_path / "x.npz")


class Bomb:
    def __reduce__(self):
        return (os.mkdir, ("exploded",))


def test_pickles_never_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    array = np.empty(2, object)
    array[:] = [Bomb(), Bomb()]
    np.save(tmp_path / "x.npy", array, allow_pickle=True)
    assert "pickled" in refused(tmp_path / "x.npy")
    np.savez(tmp_path / "x.npz", images=array)
    assert "pickled" in refused(tmp_path / "x.npz")
    (tmp_path / "y.npy").write_bytes(pickle.dumps(Bomb()))
    refused(tmp_path / "y.npy")
    assert not (tmp_path / "exploded").exists()


def test_companions_that_do_not_fit(tmp_path):
    images = np.zeros((4, 16, 16, 3), np.uint8)
    for extra, says in (
        ({"labels": np.zeros(3, np.int64)}, "4 sprites"),
        ({"alpha": np.zeros((4, 8, 8), np.uint8)}, "alpha"),
        ({"group": np.zeros(4)}, "wrong kind"),
        ({"names": np.zeros(4)}, "wrong kind"),
        ({"names": np.full((4, 1), "a")}, "wrong kind"),
        ({"names": np.full(3, "a")}, "has shape (3,), which does not fit 4 sprites"),
        ({"names": np.array("a")}, "has shape (), which does not fit 4 sprites"),
        ({"class_names": np.zeros(4), "labels": np.zeros(4, int)}, "list of names"),
        ({"labels": np.full(4, 9), "class_names": np.array(["a"])}, "class name"),
    ):
        np.savez(tmp_path / "x.npz", images=images, **extra)
        assert says in refused(tmp_path / "x.npz")
    np.savez(tmp_path / "x.npz", images=images, labels=np.eye(4))
    assert load_sprites(tmp_path / "x.npz").labels.tolist() == [0, 1, 2, 3]
    np.savez(tmp_path / "x.npz", pixels=images)
    assert "it has: pixels" in refused(tmp_path / "x.npz")


def test_more_classes_than_anyone_has(tmp_path):
    images, names = np.zeros((1, 16, 16, 3), np.uint8), np.array([str(i) for i in range(1001)])
    np.savez(tmp_path / "x.npz", images=images, labels=np.zeros(1, int), class_names=names[:1000])
    assert len(load_sprites(tmp_path / "x.npz").class_names) == 1000
    np.savez(tmp_path / "x.npz", images=images, labels=np.zeros(1, int), class_names=names)
    assert "names 1,001 classes, but at most 1,000 are taken" in refused(tmp_path / "x.npz")


@pytest.mark.parametrize(
    "names", [["a", "a", "b"], ["a", "", "b"], ["a", "b\x1b[31m", "c"], ["a", "b\nc", "d"]]
)
def test_class_names_must_tell_classes_apart(tmp_path, names):
    images = np.zeros((3, 16, 16, 3), np.uint8)
    path = tmp_path / "set.npz"
    np.savez(path, images=images, labels=np.arange(3), class_names=np.array(names))
    assert "class names" in refused(path)


def test_more_sprites_than_anyone_has(tmp_path):
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images.npy", npy((1_500_000, 16, 16, 3)))
        # It claims to have that many pixels, which must not be unpacked.
        archive.getinfo("images.npy").file_size += 1_500_000 * 16 * 16 * 3
    assert "1,500,000 sprites" in refused(path)


def test_alpha_is_the_same_whatever_the_block(tmp_path, monkeypatch, sprites):
    path = tmp_path / "set.npz"
    np.savez(path, images=sprites.images)
    whole = load_sprites(path).alpha
    monkeypatch.setattr("sprite_lab.formats.sets.sprites.BLOCK", 5)
    assert np.array_equal(load_sprites(path).alpha, whole)


def test_a_title_is_text_whatever_the_file_is_called(tmp_path):
    path = tmp_path / os.fsdecode(b"\xff.npy")
    try:
        np.save(path, np.zeros((2, 16, 16, 3), np.uint8))
    except OSError:
        pytest.skip("such names are refused here")
    assert load_sprites(path).title == "?"


def test_what_is_no_file_of_sprites(tmp_path):
    (tmp_path / "empty.npz").write_bytes(b"")
    (tmp_path / "text.npy").write_text("hello")
    assert "empty" in refused(tmp_path / "empty.npz")
    assert "not a set of sprites" in refused(tmp_path / "text.npy")
    assert "no file" in refused(tmp_path / "absent.npz")
    assert "folder" in refused(tmp_path)


def test_labels_alone_say_that_images_are_missing(tmp_path):
    np.save(tmp_path / "sprite_labels_nc_9_16x16.npy", np.eye(5))
    assert "labels only" in refused(tmp_path / "sprite_labels_nc_9_16x16.npy")


@pytest.mark.parametrize("kind", ["npy", "npz"])
def test_damaged_files_are_always_one_sentence(tmp_path, sprites, kind):
    """Bytes are cut, flipped and inserted anywhere: a file is loaded or refused, nothing else."""
    whole = io.BytesIO()
    if kind == "npy":
        np.save(whole, sprites.images)
    else:
        np.savez(whole, images=sprites.images, labels=sprites.labels, alpha=sprites.alpha)
    data = whole.getvalue()
    rng = np.random.default_rng(7)
    path, sentences = tmp_path / f"x.{kind}", []
    for _ in range(300):
        damaged = bytearray(data)
        where = int(rng.integers(0, len(data)) if rng.random() < 0.3 else rng.integers(0, 130))
        match int(rng.integers(0, 3)):
            case 0:
                del damaged[where:]
            case 1:
                damaged[where] ^= 1 << int(rng.integers(0, 8))
            case 2:
                damaged[where:where] = rng.bytes(int(rng.integers(1, 9)))
        path.write_bytes(bytes(damaged))
        try:
            load_sprites(path)
        except FileError as error:
            sentences.append(str(error))
    assert len(sentences) > 100
    assert not any("\n" in sentence for sentence in sentences)


def test_the_real_sprites(shared_data):
    real = load_sprites(shared_data / "real_sprites.npz")
    assert len(real) == 3093
    assert real.class_names == COURSE_CLASSES
    assert np.bincount(real.labels).tolist() == [530, 1244, 197, 776, 346]
    assert real.group is not None
    assert 0 < (real.alpha < 255).mean() < 1


def test_the_real_course_pair(shared_data):
    cases = shared_data / "import_cases"
    by_images = load_sprites(cases / "sprites_1000_16x16.npy")
    by_labels = load_sprites(cases / "sprite_labels_nc_1000_16x16.npy")
    assert len(by_images) == 1000
    assert by_images.class_names == COURSE_CLASSES
    assert by_images.fingerprint == by_labels.fingerprint
    real = load_sprites(shared_data / "real_sprites.npz")
    known = {image.tobytes(): label for image, label in zip(real.images, real.labels, strict=True)}
    assert [known[i.tobytes()] for i in by_images.images] == by_images.labels.tolist()


def test_credits_come_back_from_the_file(tmp_path, sprites):
    credits = (Credit("made", "Päck", "Ann", "CC-BY 4.0", "example.org"), Credit("b"))
    save_sprites(tmp_path / "set.npz", replace(sprites, credits=credits))
    assert load_sprites(tmp_path / "set.npz").credits == credits


def test_damaged_credits_are_refused_in_a_sentence(tmp_path):
    images = np.zeros((2, 16, 16, 3), np.uint8)
    for rows in (["{"], ['{"work": "x"}'], ['{"source": "a", "source": "b"}']):
        np.savez(tmp_path / "set.npz", images=images, credits=np.array(rows))
        with pytest.raises(FileError, match=r"credits in 'set\.npz'"):
            load_sprites(tmp_path / "set.npz")
    np.savez(tmp_path / "set.npz", images=images, credits=np.zeros(2))
    with pytest.raises(FileError, match="credits"):
        load_sprites(tmp_path / "set.npz")


@pytest.mark.parametrize("channels", [3, 4])
def test_alpha_is_split_off_without_a_second_copy(
    channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sprites_module, "BLOCK", 64)
    images = np.full((4_000, 16, 16, channels), 255, np.uint8)
    tracemalloc.start()
    try:
        rgb, alpha = split_alpha(images)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    made = rgb if channels == 4 else alpha
    assert peak < 1.5 * made.nbytes


def test_a_file_is_read_without_a_second_copy_in_rows_or_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sprites_module, "BLOCK", 64)
    made = make_sprites(4_000)
    rgba = np.concatenate([made.images, made.alpha[..., None]], axis=-1)
    for name, arrays in {
        "ours": {"images": made.images, "alpha": made.alpha},
        "transparent": {"images": rgba},
        "plain": {"images": made.images},
    }.items():
        path = tmp_path / f"{name}.npz"
        np.savez_compressed(path, **arrays)
        load_sprites(path)  # so that nothing is imported below
        tracemalloc.start()
        try:
            found = load_sprites(path)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        kept = found.images.nbytes + found.alpha.nbytes
        assert peak < 1.5 * kept, name
        columns = tmp_path / f"{name} in columns.npz"
        np.savez(columns, **{key: np.asfortranarray(array) for key, array in arrays.items()})
        again = load_sprites(columns)
        np.testing.assert_array_equal(again.images, found.images)
        np.testing.assert_array_equal(again.alpha, found.alpha)
