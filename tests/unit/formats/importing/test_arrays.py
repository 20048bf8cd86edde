"""Arrays of any layout, and Parquet tables, become the same sprites."""

import io
import json
import sys

import numpy as np
import pytest
from PIL import Image

from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.imports import ImportChoices, PictureChoices
from sprite_lab.core.sets.sprites import COURSE_CLASSES
from sprite_lab.formats.importing import plan_import_iter, tables
from sprite_lab.formats.importing.arrays import MOST_SIDE, _layout_of

COUNT = 12


def plan_of(*paths, **choices):
    choices.setdefault("keep_duplicates", True)
    return drain(plan_import_iter(paths, ImportChoices(**choices), RunControl()))


def only(plan):
    assert not plan.refused
    (picture,) = plan.pictures
    return picture


@pytest.fixture
def images():
    """Drawings on white, uint8 (N, 16, 16, 3), with colors that floats represent well enough."""
    rng = np.random.default_rng(0)
    images = np.full((COUNT, 16, 16, 3), 255, np.uint8)
    images[:, 3:13, 4:12] = rng.integers(0, 200, (COUNT, 10, 8, 3))
    return images


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x, "uint8"),
        (lambda x: x.transpose(0, 3, 1, 2), "channels first"),
        (lambda x: x.astype(np.float32) / 255, "float32 in [0, 1]"),
        (lambda x: x.astype(np.float64) / 127.5 - 1, "float64 in [-1, 1]"),
        (
            lambda x: (x.astype(np.float32) / 127.5 - 1).transpose(0, 3, 1, 2),
            "in [-1, 1], channels",
        ),
        (lambda x: x.astype(np.float32), "in [0, 255]"),
        (lambda x: x.astype(np.int64), "int64"),
        (lambda x: np.asfortranarray(x), "uint8"),
    ],
)
@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_every_layout_gives_the_same_sprites(tmp_path, images, change, words, suffix):
    path = tmp_path / f"x{suffix}"
    array = change(images)
    np.save(path, array) if suffix == ".npy" else np.savez(path, x=array)
    picture = only(plan_of(path))
    assert words in picture.how
    shown = picture.sprites[..., 3] > 0
    assert shown.sum() == COUNT * 80
    assert np.array_equal(picture.sprites[shown][:, :3], images[shown])


def test_alpha_and_grays(tmp_path, images):
    alpha = np.zeros((COUNT, 16, 16, 1), np.uint8)
    alpha[:, 3:13, 4:12] = 128
    np.save(tmp_path / "rgba.npy", np.concatenate([images, alpha], axis=-1))
    assert np.array_equal(only(plan_of(tmp_path / "rgba.npy")).sprites[..., 3], alpha[..., 0])
    np.save(tmp_path / "gray.npy", images[..., 0])
    gray = only(plan_of(tmp_path / "gray.npy"))
    assert np.array_equal(gray.sprites[:, 5, 5, 1], images[:, 5, 5, 0])
    np.save(tmp_path / "mask.npy", images[..., :1] < 255)
    assert len(only(plan_of(tmp_path / "mask.npy", cell=8, larger="crop")).sprites) == COUNT


def test_smaller_and_enlarged_pictures(tmp_path, images):
    np.save(tmp_path / "small.npy", images[:, 3:13, 4:12])
    small = only(plan_of(tmp_path / "small.npy"))
    assert np.array_equal(small.sprites[:, 3:13, 4:12, :3], images[:, 3:13, 4:12])
    np.save(tmp_path / "big.npy", images.repeat(3, 1).repeat(3, 2))
    big = only(plan_of(tmp_path / "big.npy"))
    assert "enlarged 3 times" in big.how
    assert not big.larger
    shown = big.sprites[..., 3] > 0
    assert np.array_equal(big.sprites[shown][:, :3], images[shown])


@pytest.mark.parametrize(
    ("labels", "names", "expected"),
    [
        (np.arange(COUNT) % 5, None, COURSE_CLASSES),
        (np.eye(5)[np.arange(COUNT) % 5], None, COURSE_CLASSES),
        (np.arange(COUNT) % 3, None, ("class_0", "class_1", "class_2")),
        (np.eye(3, dtype=bool)[np.arange(COUNT) % 3], ["a", "b", "c"], ("a", "b", "c")),
        ((np.arange(COUNT) % 3)[:, None], ["a", "b", "c", "d"], ("a", "b", "c", "d")),
        (np.array(["x", "y", "z"])[np.arange(COUNT) % 3], None, ("x", "y", "z")),
    ],
)
@pytest.mark.parametrize("key", ["labels", "y", "whatever"])
def test_labels_in_an_archive(tmp_path, images, labels, names, expected, key):
    if labels.dtype.kind == "U" and key == "whatever":
        key = "targets"
    arrays = {"images": images, key: labels}
    if names:
        arrays["class_names"] = np.array(names)
    np.savez(tmp_path / "set.npz", **arrays)
    plan = plan_of(tmp_path / "set.npz")
    assert plan.class_names == expected
    number = np.argmax(labels, axis=1) if labels.ndim == 2 and labels.shape[1] > 1 else labels
    step = len(np.unique(number.reshape(-1)))
    assert plan.sprite_set("s").labels.tolist() == [i % step for i in range(COUNT)]


def test_sprites_without_a_class_and_names(tmp_path, images):
    labels = np.array([0, 1, -1] * 4)
    names = np.array([f"n{i}" for i in range(COUNT)])
    np.savez(tmp_path / "s.npz", images=images, labels=labels, names=names)
    plan = plan_of(tmp_path / "s.npz")
    assert plan.sprite_set("s").labels.tolist() == labels.tolist()
    assert list(plan.pictures[0].names) == names.tolist()


@pytest.mark.parametrize(
    ("arrays", "why"),
    [
        ({"x": np.zeros((3, 3))}, "no array of pictures"),
        ({"x": np.zeros((2, 8, 8, 2))}, "no array of pictures"),
        (
            {"images": np.zeros((2, 8, 8, 3)), "alpha": np.ones((2, 8, 9))},
            "'alpha' in 'bad.npz' is",
        ),
        ({"x": np.ones((2, 8, 8)), "y": np.full((2, 2), "a")}, "has 4 labels for 2 sprites"),
        ({"x": np.full((2, 8, 8, 3), np.nan)}, "NaN"),
        ({"x": np.full((2, 8, 8, 3), 300)}, "go from"),
        ({"x": np.full((2, 8, 8, 3), -3.0)}, "go from"),
        ({"x": np.zeros((2, 8, 8, 3), np.complex64)}, "complex"),
        ({"x": np.zeros((2, 8, 8, 3), np.uint8), "y": np.array([0, 7000])}, "whole numbers"),
        ({"x": np.zeros((2, 8, 8, 4), np.uint8)}, "Nothing is drawn"),
        ({"x": np.zeros((2, 8, 8, 3)), "o": np.array([{}], object)}, "pickled"),
    ],
)
def test_arrays_that_hold_no_sprites(tmp_path, arrays, why):
    np.savez(tmp_path / "bad.npz", **arrays)
    plan = plan_of(tmp_path / "bad.npz")
    assert not plan.pictures
    assert why in plan.refused[0].why


def test_labels_alone_and_in_a_zip(tmp_path, images):
    import zipfile

    np.save(tmp_path / "sprites_12.npy", images)
    np.save(tmp_path / "sprite_labels_12.npy", np.arange(COUNT) % 5)
    plan = plan_of(tmp_path / "sprite_labels_12.npy")
    assert not plan.pictures
    assert "'sprites_12.npy'" in plan.refused[0].why
    for paths in ([tmp_path / "sprites_12.npy"], [tmp_path]):
        pair = plan_of(*paths)
        assert pair.class_names == COURSE_CLASSES
        assert not pair.refused
        assert "with the labels of 'sprite_labels_12.npy'" in only(pair).how
    with zipfile.ZipFile(tmp_path / "pair.zip", "w") as file:
        for name in ("sprites_12.npy", "sprite_labels_12.npy"):
            file.write(tmp_path / name, name)
    assert plan_of(tmp_path / "pair.zip").class_names == COURSE_CLASSES
    with zipfile.ZipFile(tmp_path / "alone.zip", "w") as file:
        file.write(tmp_path / "sprites_12.npy", "sprites_12.npy")
    alone = plan_of(tmp_path / "alone.zip")
    assert alone.class_names == ("alone",)
    assert len(alone) == COUNT


def test_arrays_over_the_limit_are_not_read(tmp_path):
    rows = 1_100_000_001 // (16 * 16 * 3) + 1
    np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.uint8, (rows, 16, 16, 3))
    (refused,) = plan_of(tmp_path / "x.npy").refused
    assert "holds 1,100 MB of numbers, but at most 1,100 MB can be opened" in refused.why


def test_empty_pictures_are_left_out_and_reported(tmp_path, images):
    images[[2, 5]] = 255
    np.save(tmp_path / "x.npy", images)
    picture = only(plan_of(tmp_path / "x.npy"))
    assert len(picture.sprites) == COUNT - 2
    assert picture.how.endswith("; 2 empty ones left out.")


def test_other_arrays_of_pictures_and_names_that_do_not_fit_are_left_out(tmp_path, images):
    names = np.array(["a"] * (COUNT - 1))
    np.savez(tmp_path / "x.npz", images=images, names=names, more=images[:3], masks=images[:2])
    picture = only(plan_of(tmp_path / "x.npz"))
    assert picture.names[0] == "x 1"
    assert "other arrays of pictures, which were left out: more, masks." in picture.warnings[0]


# -- tables -----------------------------------------------------------------------------------


def png(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def table_file(path, images, labels, named=True, struct=True):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    pictures = [png(image) for image in images]
    if struct:
        pictures = [{"bytes": data, "path": f"s{i}.png"} for i, data in enumerate(pictures)]
    table = arrow.table({"image": pictures, "label": labels})
    if named:
        feature = {"names": ["cat", "dog"], "_type": "ClassLabel"}
        text = json.dumps({"info": {"features": {"label": feature}}})
        table = table.replace_schema_metadata({b"huggingface": text.encode()})
    parquet.write_table(table, path)
    return path


@pytest.mark.parametrize("struct", [True, False])
def test_tables_as_hugging_face_writes_them(tmp_path, images, struct):
    labels = [i % 2 for i in range(COUNT)]
    plan = plan_of(table_file(tmp_path / "t.parquet", images, labels, struct=struct))
    picture = only(plan)
    assert picture.kind == "table"
    assert plan.class_names == ("cat", "dog")
    assert plan.sprite_set("t").labels.tolist() == labels
    shown = picture.sprites[..., 3] > 0
    assert np.array_equal(picture.sprites[shown][:, :3], images[shown])
    if struct:
        assert picture.names[0] == "t s0"


def test_a_background_that_no_row_has_is_said(tmp_path, images):
    """A color that occurs in a single row causes no warning."""
    path = table_file(tmp_path / "t.parquet", images, [0] * COUNT)
    chosen = PictureChoices(background=(255, 0, 255))
    assert only(plan_of(path, others=chosen)).warnings == (
        "No pixel has the color #ff00ff, so no background was removed.",
    )
    images[2, 0, 0] = (255, 0, 255)
    path = table_file(tmp_path / "one.parquet", images, [0] * COUNT)
    assert only(plan_of(path, others=chosen)).warnings == ()


def test_a_table_of_empty_rows_is_refused(tmp_path, monkeypatch):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    monkeypatch.setattr(tables, "MOST_EMPTY", 1_000)
    for count, why in ((1_000, "no rows with a sprite"), (1_001, "more than 1,000 rows without")):
        table = arrow.table({"image": arrow.nulls(count, arrow.binary())})
        parquet.write_table(table, tmp_path / f"{count}.parquet")
        assert why in plan_of(tmp_path / f"{count}.parquet").refused[0].why


def test_tables_with_texts_for_labels_and_rows_without_a_picture(tmp_path, images):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    pictures = [png(images[0]), b"no picture", None, png(images[1])]
    table = arrow.table({"img": pictures, "class": ["a", "a", "b", "b"], "size": [1, 2, 3, 4]})
    parquet.write_table(table, tmp_path / "t.parquet")
    plan = plan_of(tmp_path / "t.parquet")
    assert plan.class_names == ("a", "b")
    assert len(plan) == 2
    assert "2 rows left out" in plan.pictures[0].warnings[0]
    parquet.write_table(table.select(["class"]), tmp_path / "none.parquet")
    assert "no column of pictures" in plan_of(tmp_path / "none.parquet").refused[0].why
    parquet.write_table(table[:0], tmp_path / "empty.parquet")
    assert "has 0 rows" in plan_of(tmp_path / "empty.parquet").refused[0].why
    with (tmp_path / "large.parquet").open("wb") as file:
        file.write(b"PAR1")
        file.truncate(1_000_000_001)
    assert "is 1.0 GB, but at most 1 GB" in plan_of(tmp_path / "large.parquet").refused[0].why


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (b"\x89PNG\r\n\x1a\n".ljust(8_000_001, b"\0"), "its picture is too large"),
        (b"\x89PNG\r\n\x1a\n".ljust(100, b"\0"), "'row 1' is damaged"),
        (png(np.zeros((4, 4, 4), np.uint8)), "nothing is drawn on it"),
        (png(np.random.default_rng(0).integers(0, 256, (17, 17, 3), np.uint8)), "it is too large"),
    ],
    ids=["large file", "damaged", "empty", "large"],
)
def test_a_table_of_pictures_that_cannot_be_taken(tmp_path, images, picture, why):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    def refused(pictures):
        table = arrow.table({"image": pictures, "score": [0.5] * len(pictures)})
        parquet.write_table(table, tmp_path / "t.parquet")
        return plan_of(tmp_path / "t.parquet")

    assert f"has no rows with a sprite (row 1: {why}" in refused([picture]).refused[0].why
    (warning,) = only(refused([picture, png(images[0])])).warnings[-1:]
    assert f"1 row left out (row 1: {why}" in warning


@pytest.mark.parametrize("text", ["", "{", "[]", '{"info": {"features": {"label": {}}}}'])
def test_what_hugging_face_does_not_say_of_labels_is_no_fault(tmp_path, images, text):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = arrow.table({"image": [png(images[0]), png(images[1])], "label": [0, 1]})
    parquet.write_table(
        table.replace_schema_metadata({b"huggingface": text}), tmp_path / "t.parquet"
    )
    assert plan_of(tmp_path / "t.parquet").class_names == ("class_0", "class_1")


def test_without_the_extra_one_sentence_names_it(tmp_path, images, monkeypatch):
    path = table_file(tmp_path / "t.parquet", images[:1], [0])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert "sprite-lab[parquet]" in plan_of(path).refused[0].why


def test_labels_that_do_not_fit_are_left_out_and_reported(tmp_path, images):
    path = tmp_path / "x.npz"
    np.savez(path, images=images, labels=np.arange(COUNT - 2))
    picture = only(plan_of(path))
    assert set(picture.classes) == {None}
    assert any("'labels' are 10, not one per sprite" in text for text in picture.warnings)
    np.savez(path, images=images, labels=np.arange(COUNT), classes=np.array(["a"] * COUNT))
    assert not only(plan_of(path)).warnings


def test_one_picture_is_called_one_picture(tmp_path, images):
    np.save(tmp_path / "x.npy", images[:1])
    assert only(plan_of(tmp_path / "x.npy")).how.startswith("1 picture of")


@pytest.mark.parametrize(
    ("shape", "layout"),
    [
        ((1, 8, 8, 3), "NHWC"),
        ((1, MOST_SIDE, 8, 4), "NHWC"),
        ((2, MOST_SIDE + 1, 8, 4), ""),
        ((1, 3, 8, MOST_SIDE), "NCHW"),
        ((1, 3, 8, MOST_SIDE + 1), ""),
        ((1, 5, MOST_SIDE), "NHW"),
        ((1, 4, 8), ""),
        ((0, 8, 8), ""),
        ((0, 8, 8, 3), ""),
    ],
)
def test_the_shape_tells_the_layout_up_to_its_limits(shape, layout):
    assert _layout_of(shape) == layout
