"""The plan of an import: classes, names, duplicates, manual choices, archives, companions."""

import io
import json
import stat
import tracemalloc
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.imports import Grid, ImportChoices, PictureChoices
from sprite_lab.formats.aseprite.aseprite import read_aseprite, write_aseprite
from sprite_lab.formats.aseprite.aseprite_file import Tag
from sprite_lab.formats.importing import ImportCache, plan_import_iter
from sprite_lab.formats.importing import decode as decode_module
from sprite_lab.formats.importing import found as found_module
from sprite_lab.formats.importing import plan as plan_module
from sprite_lab.formats.importing.plan import PlanPart, plan_parts_iter
from sprite_lab.formats.sets.sprites import save_sprites


def plan_of(*paths, cache=None, **choices):
    return drain(plan_import_iter(paths, ImportChoices(**choices), RunControl(), cache))


def sprite(seed, side=16):
    """A drawing in four colors with blank corners, different for every seed."""
    rng = np.random.default_rng(seed)
    art = np.concatenate(
        [rng.integers(0, 256, (side, side, 3)) // 64 * 64, np.full((side, side, 1), 255)], -1
    )
    art[:2, :2] = art[-2:, -2:] = 0
    return art.astype(np.uint8)


def png(art):
    file = io.BytesIO()
    Image.fromarray(art).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def folder(tmp_path):
    """A folder with two classes of two sprites each, and a text file."""
    root = tmp_path / "pack"
    for i, name in enumerate(
        ["food/apple.png", "food/bread_2.png", "hero/anna.png", "hero/ben.png"]
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(sprite(i)))
    (root / "notes.txt").write_text("by me")
    (root / ".hidden.png").write_bytes(b"")
    return root


def test_a_sheet_of_what_is_beside_it_is_left_out(tmp_path):
    """Exceptions: its cut was chosen by hand, it shows more than the files, or it is elsewhere."""
    for i in range(4):
        (tmp_path / f"{i}.png").write_bytes(png(sprite(i)))
    rows = np.zeros((36, 36, 4), np.uint8)
    for i, (y, x) in enumerate(((1, 1), (1, 19), (19, 1), (19, 19))):
        rows[y : y + 16, x : x + 16] = sprite(i)
    sheet = tmp_path / "all.png"
    sheet.write_bytes(png(rows))
    grid = PictureChoices(grid=Grid((16, 16), (1, 1), (2, 2)))
    by_hand = {"pictures": {f"{tmp_path.name}/all.png": grid}}

    def taken_of_the_sheet(**choices):
        plan = plan_of(tmp_path, keep_duplicates=True, **choices)
        why = " ".join(refusal.why for refusal in plan.refused)
        assert ("shows 4 sprites that are beside it as single files" in why) == (len(plan) == 4)
        return len(plan) - 4

    assert len(plan_of(sheet)) == 4
    assert taken_of_the_sheet() == 0
    assert taken_of_the_sheet(**by_hand) == 4
    rows[1:17, 1:17] = sprite(9)
    sheet.write_bytes(png(rows))
    assert taken_of_the_sheet() == 4


@pytest.mark.parametrize(
    ("shape", "larger", "told"),
    [
        ((10, 12), "refuse", "; centered in 16×16"),
        ((16, 16), "refuse", ""),
        ((16, 20), "crop", "; cropped to 16×16"),
        ((16, 20), "nearest", "; reduced to 16×16"),
    ],
)
def test_what_became_of_a_picture_is_reported(tmp_path, shape, larger, told):
    art = sprite(0, 32)[8 : 8 + shape[0], 8 : 8 + shape[1]]
    (tmp_path / "a.png").write_bytes(png(art))
    own = {"a.png": PictureChoices(cut="whole")}
    (picture,) = plan_of(tmp_path / "a.png", larger=larger, pictures=own).pictures
    assert picture.how == f"One picture of {shape[1]}×{shape[0]} pixels{told}."


def test_an_enlarged_picture_is_brought_back(tmp_path):
    (tmp_path / "a.png").write_bytes(png(sprite(0).repeat(3, axis=0).repeat(3, axis=1)))
    (picture,) = plan_of(tmp_path / "a.png").pictures
    assert "16×16 pixels, enlarged 3 times and reduced to its own size" in picture.how
    assert np.array_equal(picture.sprites[0], sprite(0))


def on_ground(color, rows, columns):
    """A black drawing on a background, uint8 (16, 16, 3)."""
    art = np.full((16, 16, 3), color, np.uint8)
    art[rows, columns] = 0
    art[8, 8] = rows.start or 0, columns.start or 0, 1  # unique
    return art


def test_pictures_of_a_folder_lose_the_ground_of_most_where_drawings_reach_the_rim(tmp_path):
    inside = [slice(k, 12) for k in range(3, 8)]
    letters = [on_ground((255, 255, 255), rows, slice(4, 12)) for rows in inside]
    letters += [on_ground((255, 255, 255), slice(None), slice(k)) for k in (3, 4)]
    for i, art in enumerate(letters):
        (tmp_path / f"{i}.png").write_bytes(png(art))
    assert not plan_of(tmp_path / "6.png").pictures[0].background, "alone, nothing tells"
    plan = plan_of(tmp_path)
    assert {one.background for one in plan.pictures} == {(255, 255, 255)}
    wanted = np.where((letters[6] == 255).all(axis=-1), 0, 255)
    assert np.array_equal(plan.pictures[6].sprites[0, ..., 3], wanted)
    kept = {plan.pictures[6].path: PictureChoices(background="none")}
    assert (plan_of(tmp_path, pictures=kept).pictures[6].sprites[..., 3] == 255).all()


def test_the_ground_of_a_tile_stays_where_most_beside_it_have_none(tmp_path):
    green, brown = (60, 150, 60), (150, 110, 70)
    grass = on_ground(green, slice(5, 9), slice(5, 9))
    edges = [np.where(np.arange(16)[:, None, None] < k, green, brown) for k in (4, 8, 12)]
    for i, art in enumerate([grass, *(np.broadcast_to(one, (16, 16, 3)) for one in edges)]):
        (tmp_path / f"{i}.png").write_bytes(png(art.astype(np.uint8)))
    assert plan_of(tmp_path / "0.png").pictures[0].background == green, "alone, it is a sprite"
    tile, *_ = plan_of(tmp_path).pictures
    assert (tile.background, tile.left_ground) == (None, green)
    assert (tile.sprites[..., 3] == 255).all()


def test_a_background_may_be_chosen(tmp_path):
    (tmp_path / "a.png").write_bytes(png(sprite(0)))
    color = tuple(map(int, sprite(0)[8, 8, :3]))
    own = {"a.png": PictureChoices(background=color, holes=True)}
    (picture,) = plan_of(tmp_path / "a.png", pictures=own).pictures
    gone = (sprite(0)[..., :3] == color).all(axis=-1) | (sprite(0)[..., 3] == 0)
    assert np.array_equal(picture.sprites[0, ..., 3] == 0, gone)
    assert f", on #{bytes(color).hex()}" in picture.how


@pytest.mark.parametrize(
    ("shape", "choices", "why"),
    [
        ((8, 8), {"empty": True}, "Nothing is drawn on 'a.png'"),
        ((20, 20), {}, "is larger than 16×16 pixels at its own pixel size"),
        (
            (65, 65),
            {"cut": "whole", "larger": "crop"},
            "is over 4 times as large as sprites of 16×16 pixels",
        ),
        ((460, 460), {"grid": Grid((1, 1))}, "would be cut into 211,600 pieces, but at most"),
    ],
)
def test_pictures_without_sprites(tmp_path, shape, choices, why):
    art = np.random.default_rng(0).integers(1, 256, (*shape, 4), np.uint8)
    (tmp_path / "a.png").write_bytes(png(art * (not choices.pop("empty", False))))
    own = {"a.png": PictureChoices(**choices)} if choices else {}
    plan = plan_of(tmp_path / "a.png", pictures=own)
    assert not plan.pictures
    assert why in plan.refused[0].why


def test_a_cut_by_hand_that_gives_no_sprites_stays_to_be_mended(tmp_path):
    (tmp_path / "a.png").write_bytes(png(sprite(0, 20)))
    own = {"a.png": PictureChoices(cut="whole")}
    (picture,) = plan_of(tmp_path / "a.png", pictures=own).pictures
    assert picture.sprites.shape == (0, 16, 16, 4)
    assert picture.left_out == 20
    plan = plan_of(tmp_path / "a.png")
    assert (plan.left_out, plan_of(tmp_path / "a.png", pictures=own).left_out) == (20, 20)
    assert plan_of().left_out == 0
    with pytest.raises(ConfigError, match="There are no sprites to import"):
        plan.sprite_set("none")


def test_a_ring_that_is_cropped_to_its_hole_is_an_empty_sprite(tmp_path):
    ring = np.full((24, 24, 4), 200, np.uint8)
    ring[4:20, 4:20] = 0
    (tmp_path / "ring.png").write_bytes(png(ring))
    own = {"ring.png": PictureChoices(cut="whole", larger="crop")}
    (picture,) = plan_of(tmp_path / "ring.png", pictures=own).pictures
    assert not picture.sprites.any()
    assert picture.warnings == ("1 drawing is larger than 16×16 pixels: only its middle was kept.",)


def test_files_that_are_not_what_they_are_called(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(b"no picture at all")
    (tmp_path / "a.xyz").write_bytes(b"no picture at all")
    assert [refusal.why for refusal in plan_of(tmp_path).refused] == [
        "'a.png' is damaged, or not what its name says; save it again.",
        "'a.xyz' is not a picture, array, table or archive that can be read; leave it out.",
    ]


def test_a_picture_that_takes_too_much_memory_does_not_stop_the_others(folder, monkeypatch):
    cut = found_module.cut_picture

    def short_of_memory(decoded, name, *more):
        if name == "anna.png":
            raise MemoryError
        return cut(decoded, name, *more)

    monkeypatch.setattr(found_module, "cut_picture", short_of_memory)
    plan = plan_of(folder)
    assert len(plan) == 3
    assert "'anna.png' needs more memory than is available; use a smaller file." in [
        refusal.why for refusal in plan.refused
    ]


def test_previews_are_kept_while_there_is_room(folder, monkeypatch):
    monkeypatch.setattr(plan_module, "MOST_PREVIEWS", 2 * 16 * 16 * 4)
    plan = plan_of(folder)
    assert [picture.preview is not None for picture in plan.pictures] == [True, True, False, False]
    assert [len(picture.boxes) for picture in plan.pictures] == [1, 1, 0, 0]
    assert len(plan) == 4


def test_a_ring_keeps_its_hole_unless_it_is_asked_for(tmp_path):
    ring = np.full((16, 16, 4), 255, np.uint8)
    ring[4:12, 4:12] = (90, 20, 20, 255)
    ring[6:10, 6:10] = 255
    (tmp_path / "ring.png").write_bytes(png(ring))
    kept = plan_of(tmp_path / "ring.png").pictures[0].sprites[0]
    assert kept[7, 7, 3] == 255
    assert kept[0, 0, 3] == 0
    holes = {"ring.png": PictureChoices(holes=True)}
    opened = plan_of(tmp_path / "ring.png", pictures=holes).pictures[0].sprites[0]
    assert opened[7, 7, 3] == 0
    assert opened[5, 5].tolist() == [90, 20, 20, 255]


def test_equal_frames_of_an_animation_stay(tmp_path):
    frames = [Image.fromarray(sprite(seed)) for seed in (1, 2, 1, 3)]
    frames[0].save(tmp_path / "walk.gif", save_all=True, append_images=frames[1:], disposal=2)
    Image.fromarray(sprite(5)).save(tmp_path / "a.png")
    Image.fromarray(sprite(5)).save(tmp_path / "b.png")
    plan = plan_of(tmp_path)
    counts = {picture.path.split("/")[-1]: len(picture.sprites) for picture in plan.pictures}
    assert counts["walk.gif"] == 4
    assert counts["a.png"] + counts["b.png"] == 1


def names_of(plan):
    return [name for picture in plan.pictures for name in picture.names]


def classes_of(plan):
    return [name for picture in plan.pictures for name in picture.classes]


def test_one_folder_a_class(folder):
    plan = plan_of(folder)
    assert names_of(plan) == ["apple", "bread_2", "anna", "ben"]
    assert classes_of(plan) == ["food", "food", "hero", "hero"]
    assert plan.class_names == ("food", "hero")
    assert [refusal.path for refusal in plan.refused] == ["pack/notes.txt"]
    made = plan.sprite_set("mine")
    assert made.title == "mine"
    assert made.labels.tolist() == [0, 0, 1, 1]
    assert list(made.source) == ["pack"] * 4
    for i in range(4):
        art = sprite(i)
        assert np.array_equal(made.alpha[i], art[..., 3])
        assert np.array_equal(made.images[i][art[..., 3] > 0], art[art[..., 3] > 0][:, :3])


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({"classes": "none"}, [None] * 4),
        ({"classes": "name"}, ["apple", "bread", "anna", "ben"]),
        ({"patterns": (("*/hero/a*", "lady"), ("B*", "b"))}, ["food", "b", "lady", "b"]),
        (
            {"pictures": {"pack/food/apple.png": PictureChoices(class_name="fruit")}},
            ["fruit", "food", "hero", "hero"],
        ),
        (
            {
                "sprite_classes": {"anna": "queen", "ben": ""},
                "patterns": (("anna", "lady"),),
            },
            ["food", "food", "queen", None],
        ),
    ],
)
def test_classes_by_name_pattern_and_hand(folder, choices, expected):
    plan = plan_of(folder, **choices)
    assert classes_of(plan) == expected
    assert set(plan.class_names) == set(expected) - {None}


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["pack/food/a.png", "pack/hero/b.png"], ["food", "hero"]),
        (["pack/food/a.png", "pack/hero/old/b.png"], ["food", "hero"]),
        (["food/a.png", "b.png"], [None, "food"]),  # files before folders
        (["pack/only/a.png", "pack/only/b.png"], ["only", "only"]),
        (["a.png", "b.png"], ["art", "art"]),
    ],
)
def test_folders_around_all_are_no_class(tmp_path, paths, expected):
    members = {path: png(sprite(i)) for i, path in enumerate(paths)} | {"README.txt": b"by me"}
    zipped = archive(tmp_path / "art.zip", members)
    assert sorted(classes_of(plan_of(zipped)), key=str) == sorted(expected, key=str)
    with zipfile.ZipFile(zipped) as file:
        file.extractall(tmp_path / "art")
    assert sorted(classes_of(plan_of(tmp_path / "art")), key=str) == sorted(expected, key=str)


def test_several_folders_are_a_class_each(folder):
    plan = plan_of(folder / "food", folder / "hero")
    assert classes_of(plan) == ["food", "food", "hero", "hero"]
    assert [picture.source for picture in plan.pictures] == ["food", "food", "hero", "hero"]


def test_left_out_by_hand(folder):
    plan = plan_of(
        folder,
        dropped=frozenset({"apple"}),
        pictures={"pack/hero/ben.png": PictureChoices(include=False)},
    )
    assert names_of(plan) == ["bread_2", "anna"]
    assert plan.duplicates == 0
    assert "pack/hero/ben.png" in [refusal.path for refusal in plan.refused]


def test_exact_duplicates_and_equal_names(folder):
    (folder / "hero" / "apple.png").write_bytes(png(sprite(0)))
    (folder / "hero" / "bread_2.png").write_bytes(png(sprite(9)))
    plan = plan_of(folder)
    assert plan.duplicates == 1
    assert names_of(plan) == ["apple", "bread_2", "anna", "ben", "hero/bread_2"]
    (twice,) = [picture for picture in plan.pictures if picture.path == "pack/hero/apple.png"]
    assert len(twice.sprites) == 0
    assert "1 duplicate left out" in twice.how
    assert len(plan_of(folder, keep_duplicates=True)) == 6


def test_folders_and_files_of_one_name_are_distinguished(folder):
    other = folder.parent / "other" / "food"
    other.mkdir(parents=True)
    (other / "apple.png").write_bytes(png(sprite(50)))
    plan = plan_of(folder / "food", other, folder / "food", folder / "food" / "apple.png")
    assert [picture.path for picture in plan.pictures] == [
        "food/apple.png",
        "food/bread_2.png",
        "food (2)/apple.png",
    ]
    single = plan_of(folder / "food" / "apple.png", other / "apple.png")
    assert [picture.path for picture in single.pictures] == ["apple.png", "apple (2).png"]
    assert len(set(names_of(single))) == 2


def test_nothing_found(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    plan = plan_of(tmp_path / "a.txt", tmp_path / "missing.png")
    assert len(plan) == 0
    assert len(plan.refused) == 2
    with pytest.raises(ConfigError, match="no sprites"):
        plan.sprite_set("none")


def test_a_changed_choice_reads_again_only_what_it_concerns(folder, monkeypatch):
    read = []
    original = plan_module.find_in_picture

    def counting(entry, *rest):
        read.append(entry.name)
        return original(entry, *rest)

    monkeypatch.setattr(plan_module, "find_in_picture", counting)
    cache = ImportCache()
    plan_of(folder, cache=cache)
    assert len(read) == 4
    plan_of(folder, cache=cache, classes="name", sprite_classes={"anna": "x"})
    assert len(read) == 4
    choices = {"pack/food/apple.png": PictureChoices(background="none")}
    plan_of(folder, cache=cache, pictures=choices)
    assert read[4:] == ["apple.png"]
    (folder / "hero" / "ben.png").write_bytes(png(sprite(77)))
    plan = plan_of(folder, cache=cache, pictures=choices)
    assert read[5:] == ["ben.png"]
    assert np.array_equal(plan.pictures[-1].sprites[0], sprite(77))


def test_a_run_that_is_stopped_gives_what_there_is(folder):
    control = RunControl()
    run = plan_import_iter([folder], ImportChoices(), control)
    for _ in range(4):  # listing, the text file, two sprites
        next(run)
    control.stop()
    assert len(drain(run)) == 2
    assert len(drain(plan_import_iter([folder], ImportChoices(), control))) == 0


# -- archives ---------------------------------------------------------------------------------


def archive(path, members, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def test_an_archive_is_as_its_folder(folder, tmp_path):
    members = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    plan = plan_of(archive(tmp_path / "pack.zip", members))
    same = plan_of(folder)
    assert classes_of(plan) == classes_of(same)
    assert names_of(plan) == names_of(same)
    assert np.array_equal(plan.sprite_set("a").images, same.sprite_set("a").images)
    assert plan.pictures[0].path == "pack.zip/food/apple.png"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pack", "pack.zip"]


@pytest.mark.parametrize("name", ["../out.png", "/etc/out.png", "C:/out.png", "a/../../out.png"])
def test_entries_that_lead_out_are_refused_and_the_others_taken(tmp_path, name):
    path = archive(tmp_path / "p.zip", {name: png(sprite(0)), "in.png": png(sprite(1))})
    plan = plan_of(path)
    assert names_of(plan) == ["in"]
    (refusal,) = plan.refused
    assert "leads out" in refusal.why
    assert sorted(p.name for p in tmp_path.iterdir()) == ["p.zip"]


def test_bombs_encryption_links_and_archives_in_archives(tmp_path):
    bomb = archive(tmp_path / "bomb.zip", {"a.png": b"\0" * 30_000_000})
    assert "zip bomb" in plan_of(bomb).refused[0].why

    secret = archive(tmp_path / "secret.zip", {"a.png": png(sprite(0))})
    data = bytearray(secret.read_bytes())
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    secret.write_bytes(data)
    assert "encrypted" in plan_of(secret).refused[0].why

    link = zipfile.ZipInfo("link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "l.zip", "w") as file:
        file.writestr(link, "/etc/passwd")
        file.writestr("inner.zip", b"PK\x03\x04")
    whys = [refusal.why for refusal in plan_of(tmp_path / "l.zip").refused]
    assert len(whys) == 2
    assert "link" in whys[1]
    assert "archive in an archive" in whys[0]

    strange = archive(tmp_path / "s.zip", {"a.png": png(sprite(0))}, zipfile.ZIP_LZMA)
    assert "unusual" in plan_of(strange).refused[0].why


def test_nothing_in_a_folder_or_an_archive(tmp_path):
    (tmp_path / "void").mkdir()
    plan = plan_of(tmp_path / "void", archive(tmp_path / "void.zip", {}))
    assert [refusal.why for refusal in plan.refused] == [
        "'void' holds no files; choose another one.",
        "'void.zip' holds no files; choose another one.",
    ]
    plan = plan_of(archive(tmp_path / "hidden.zip", {".a.png": b"x"}))
    assert "holds no files" in plan.refused[0].why


def test_a_picture_as_long_as_no_sheet_is(tmp_path):
    (tmp_path / "long.png").write_bytes(png(np.zeros((16_385, 1, 4), np.uint8)))
    assert "at most 16,384" in plan_of(tmp_path / "long.png").refused[0].why
    write_aseprite(tmp_path / "long.aseprite", np.zeros((1, 1, 16_385, 4), np.uint8), [100])
    refused = plan_of(tmp_path / "long.aseprite").refused
    assert refused[0].why == "'long.aseprite' has a side of over 16,384 pixels; crop it."


def test_a_damaged_entry_does_not_spoil_the_others(tmp_path):
    path = archive(
        tmp_path / "p.zip",
        {"a.png": png(sprite(0)), "b.png": png(sprite(1))},
        zipfile.ZIP_STORED,
    )
    data = bytearray(path.read_bytes())
    data[data.index(b"IDAT") + 8] ^= 255
    path.write_bytes(data)
    plan = plan_of(path)
    assert names_of(plan) == ["b"]
    assert [refusal.path for refusal in plan.refused] == ["p.zip/a.png"]


# -- companions -------------------------------------------------------------------------------


def sheet_json(layout):
    boxes = {"run 0.ase": (0, 0), "run 1.ase": (20, 0), "sit.ase": (0, 20)}
    frames = {
        name: {
            "frame": {"x": x, "y": y, "w": 16, "h": 16},
            "rotated": False,
            "trimmed": False,
            "duration": 100,
        }
        for name, (x, y) in boxes.items()
    }
    listed = (
        frames
        if layout == "hash"
        else [{"filename": name, **frame} for name, frame in frames.items()]
    )
    tags = [{"name": "run", "from": 0, "to": 1, "direction": "forward"}]
    return json.dumps({"frames": listed, "meta": {"image": "sheet.png", "frameTags": tags}})


@pytest.fixture
def sheet(tmp_path):
    art = np.zeros((40, 40, 4), np.uint8)
    for i, (y, x) in enumerate([(0, 0), (0, 20), (20, 0)]):
        art[y : y + 16, x : x + 16] = sprite(i)
    (tmp_path / "sheet.png").write_bytes(png(art))
    return tmp_path / "sheet.png"


@pytest.mark.parametrize("layout", ["hash", "array"])
@pytest.mark.parametrize("given", ["both", "folder", "picture", "zip"])
def test_json_beside_a_sheet_says_where_its_frames_are(sheet, layout, given, tmp_path):
    text = sheet.with_suffix(".json")
    text.write_text(sheet_json(layout))
    if given == "zip":
        zipped = archive(
            tmp_path / "z.zip", {"sheet.png": sheet.read_bytes(), "sheet.json": text.read_bytes()}
        )
        paths = [zipped]
    else:
        paths = {"both": [text, sheet], "folder": [tmp_path], "picture": [sheet]}[given]
    plan = plan_of(*paths)
    assert not plan.refused
    (picture,) = plan.pictures
    assert picture.names == ("run 0", "run 1", "sit")
    assert picture.boxes.tolist() == [[0, 0, 16, 16], [20, 0, 16, 16], [0, 20, 16, 16]]
    assert np.array_equal(picture.sprites, np.stack([sprite(i) for i in range(3)]))
    assert picture.groups[0] == picture.groups[1] != picture.groups[2]
    assert "sheet.json" in picture.how


def test_frames_that_come_again_in_a_tag_are_kept(tmp_path):
    still, step = sprite(0), sprite(1)
    cells = [still, step, still, step, still, sprite(2)]
    Image.fromarray(np.concatenate(cells, axis=1)).save(tmp_path / "walk.png")
    frames = [
        {"filename": f"walk {i}", "frame": {"x": 16 * i, "y": 0, "w": 16, "h": 16}}
        for i in range(6)
    ]
    tags = [{"name": "walk", "from": 0, "to": 3}]
    text = {"frames": frames, "meta": {"image": "walk.png", "frameTags": tags}}
    (tmp_path / "walk.json").write_text(json.dumps(text))
    plan = plan_of(tmp_path / "walk.png")
    assert len(plan) == 5, "of the two frames without a tag one is a duplicate"
    assert plan.duplicates == 1
    assert [np.array_equal(s, still) for s in plan.pictures[0].sprites[:4]] == [True, False] * 2


def test_trimmed_frames_get_their_rim_back(tmp_path):
    art = sprite(0)[:10, :12]
    (tmp_path / "s.png").write_bytes(png(np.pad(art, ((0, 30), (0, 30), (0, 0)))))
    frame = {
        "frame": {"x": 0, "y": 0, "w": 12, "h": 10},
        "trimmed": True,
        "spriteSourceSize": {"x": 1, "y": 5, "w": 12, "h": 10},
        "sourceSize": {"w": 16, "h": 16},
    }
    (tmp_path / "s.json").write_text(json.dumps({"frames": {"a.png": frame}, "meta": {}}))
    (picture,) = plan_of(tmp_path).pictures
    assert np.array_equal(picture.sprites[0, 5:15, 1:13], art)
    assert picture.sprites[0, :5].max() == 0


@pytest.mark.parametrize(
    "frame",
    [
        {
            "frame": {"x": 0, "y": 0, "w": 9, "h": 9},
            "trimmed": True,
            "spriteSourceSize": {"x": 0, "y": 0, "w": 9, "h": 9},
            "sourceSize": {"w": 4096, "h": 4096},
        },
        {"frame": {"x": 0, "y": 0, "w": 4096, "h": 4096}},
    ],
    ids=["trimmed", "one above another"],
)
def test_frames_that_are_small_in_the_file_take_no_memory(tmp_path, frame):
    (tmp_path / "s.png").write_bytes(png(sprite(0)))
    (tmp_path / "s.json").write_text(json.dumps({"frames": [frame] * 30}))
    tracemalloc.start()
    plan = plan_of(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "more than 32 million pixels in all" in plan.refused[0].why
    assert peak < 100e6


@pytest.mark.parametrize(
    ("at", "size", "fits"),
    [
        ((0, 0), (12, 10), True),
        ((0, 0), (11, 10), False),
        ((0, 0), (12, 9), False),
        ((1, 0), (12, 10), False),
        ((0, 1), (12, 10), False),
        ((0, 0), (4096, 10), True),
        ((0, 0), (4097, 10), False),
    ],
)
def test_a_trimmed_frame_fits_into_its_own_size(tmp_path, at, size, fits):
    (tmp_path / "s.png").write_bytes(png(np.pad(sprite(0), ((0, 8), (0, 8), (0, 0)))))
    frame = {
        "frame": {"x": 0, "y": 0, "w": 12, "h": 10},
        "trimmed": True,
        "spriteSourceSize": {"x": at[0], "y": at[1], "w": 12, "h": 10},
        "sourceSize": {"w": size[0], "h": size[1]},
    }
    (tmp_path / "s.json").write_text(json.dumps({"frames": {"a.png": frame}}))
    refused = [refusal.why for refusal in plan_of(tmp_path).refused]
    assert len(refused) == (0 if fits else 1)
    assert all("does not fit into its own size" in why for why in refused)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not JSON"),
        ("[]", "no sprite sheet"),
        ('{"frames": {}}', "0 frames"),
        ('{"frames": {"a": {"frame": {"x": 0, "y": 0, "w": 99, "h": 9}}}}', "does not lie on"),
        ('{"frames": {"a": {"frame": {"x": -1, "y": 0, "w": 9, "h": 9}}}}', "not a pixel"),
        ('{"frames": {"a": {"rotated": true, "frame": {}}}}', "rotated"),
        ('{"frames": {"a": 5}}', "damaged"),
        (sheet_json("hash").replace("sheet.png", "other.png"), None),
    ],
)
def test_json_that_describes_no_sheet(sheet, text, why):
    sheet.with_suffix(".json").write_text(text)
    plan = plan_of(sheet.parent)
    if why is None:  # it names another picture, but this one has its name
        assert len(plan) == 3
    else:
        assert why in plan.refused[0].why


def test_aseprite_frames_and_their_tags(tmp_path, monkeypatch):
    frames = np.stack([sprite(i) for i in range(3)])
    path = tmp_path / "cat.aseprite"
    write_aseprite(path, frames, [100] * 3)
    (picture,) = plan_of(path).pictures
    assert picture.names == ("cat 1", "cat 2", "cat 3")
    assert np.array_equal(picture.sprites, frames)

    def with_tags(data, name):
        count = len(file.frames)
        return replace(file, tags=(Tag("run", 0, min(1, count - 1)), Tag("odd", 2, 9)))

    file = read_aseprite(path)
    monkeypatch.setattr(decode_module, "decode_aseprite", with_tags)
    (picture,) = plan_of(path).pictures
    assert picture.names == ("cat run 1", "cat run 2", "cat odd 3")
    assert picture.words == ("run", "run", "odd")  # all are of the class cats
    assert picture.frames == (0, 1, 2)
    assert plan_of(path).sprite_set("made").pose_of.tolist() == [0, 0, 0]
    file = replace(file, frames=file.frames[:1], durations_ms=(100,))
    (picture,) = plan_of(path).pictures
    assert picture.names == ("cat",)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_animated_files_of_every_kind(tmp_path, kind):
    frames = [Image.fromarray(sprite(i)) for i in range(3)]
    path = tmp_path / f"a.{kind.lower()}"
    extra = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    frames[0].save(
        path, kind, save_all=True, append_images=frames[1:], duration=100, disposal=2, **extra
    ) if kind != "WEBP" else frames[0].save(
        path, kind, save_all=True, append_images=frames[1:], duration=100, **extra
    )
    (picture,) = plan_of(path).pictures
    assert picture.kind == "animation"
    assert np.array_equal(picture.sprites, np.stack([sprite(i) for i in range(3)]))


def test_our_own_sets_keep_all_that_they_know(tmp_path, sprites):
    save_sprites(tmp_path / "own.npz", sprites)
    plan = plan_of(tmp_path / "own.npz", keep_duplicates=True)
    made = plan.sprite_set(sprites.title)
    assert made.class_names == sprites.class_names
    assert np.array_equal(made.labels, sprites.labels)
    assert np.array_equal(made.alpha, sprites.alpha)
    assert np.array_equal(made.images, sprites.images)
    pairs = np.unique(np.stack([made.group, sprites.group]), axis=1)
    assert len(pairs.T) == len(np.unique(sprites.group)) == len(np.unique(made.group))


@pytest.mark.parametrize("source", ["", "pack"])
def test_credits_travel_with_a_set(tmp_path, sprites, source):
    thanks = Credit(source, "The pack", "Ann", "CC-BY 4.0")
    own = replace(sprites, source=np.full(len(sprites), source), credits=(thanks,))
    save_sprites(tmp_path / "own.npz", own)
    (tmp_path / "one.png").write_bytes(png(sprite(0)))
    made = plan_of(tmp_path / "own.npz", tmp_path / "one.png").sprite_set("s")
    assert made.credits == (thanks,)
    assert set(made.source[:-1]) == {source}
    assert made.source[-1] == "one"


def test_cuts_chosen_by_hand(sheet):
    path = sheet.name

    def cut(**own):
        return plan_of(sheet, pictures={path: PictureChoices(**own)}, larger="crop").pictures[0]

    assert cut().boxes.tolist() == [[0, 0, 16, 16], [20, 0, 16, 16], [0, 20, 16, 16]]
    assert len(cut(cut="whole").sprites) == 1
    assert len(cut(cut="drawings").sprites) == 3
    by_grid = cut(cut="grid", grid=Grid((20, 20)))
    assert len(by_grid.sprites) == 3
    assert by_grid.grid == Grid((20, 20))
    refused = plan_of(sheet, pictures={path: PictureChoices(grid=Grid((64, 64)))}).refused
    assert "fits" in refused[0].why
    # Without a grid, given or found, cells have the size of sprites.
    sheet.write_bytes(png(np.tile(sprite(0), (1, 3, 1))[:5]))
    assert cut(cut="grid").grid == Grid((5, 16))
    many = np.zeros((240, 240, 4), np.uint8)
    many[::4, ::4] = np.random.default_rng(0).integers(1, 256, (60, 60, 4))
    sheet.write_bytes(png(many))
    refused = plan_of(sheet, pictures={path: PictureChoices(cut="drawings")}).refused
    assert "has too many separate parts to be told apart as drawings" in refused[0].why


def test_an_unsure_grid_is_called_a_guess(tmp_path):
    noise = np.random.default_rng(7).integers(0, 30, (96, 96, 3), np.uint8)
    (tmp_path / "a.png").write_bytes(png(noise))
    own = {"a.png": PictureChoices(cut="grid", larger="crop")}
    (picture,) = plan_of(tmp_path / "a.png", pictures=own).pictures
    guess = f"This grid is a guess ({picture.certainty:.0%} sure); check whether it fits."
    assert guess in picture.warnings


def test_frames_with_nothing_on_them_are_left_out(sheet):
    text = json.loads(sheet_json("hash"))
    text["frames"]["none.ase"] = {"frame": {"x": 20, "y": 20, "w": 16, "h": 16}}
    sheet.with_suffix(".json").write_text(json.dumps(text))
    (picture,) = plan_of(sheet.parent).pictures
    assert len(picture.sprites) == 3
    assert "; 1 empty cell left out" in picture.how


def test_descriptions_of_pictures_that_are_elsewhere(sheet):
    text = sheet.with_suffix(".json")
    text.write_text(sheet_json("hash").replace("sheet.png", "other.png"))
    (refused,) = plan_of(text).refused
    assert refused.why == (
        "'sheet.json' describes 'other.png', which is not among the files; add it."
    )
    by_itself = plan_of(sheet).pictures
    text.unlink()
    assert [picture.how for picture in by_itself] == [p.how for p in plan_of(sheet).pictures]


def test_names_become_words_and_poses(tmp_path):
    root = tmp_path / "pack"
    names = ["hero/knight_walk_left_0.png", "hero/knight_walk_left_1.png", "food/red-apple.png"]
    for i, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(sprite(i)))
    sprites = plan_of(root).sprite_set("made")
    told = dict(zip(sprites.names.tolist(), sprites.words.tolist(), strict=True))
    assert told["red-apple"] == "food red apple"
    assert told["knight_walk_left_1"] == "hero knight walk left"
    order = np.argsort(sprites.names)
    assert sprites.direction[order].tolist() == ["left", "left", ""]
    assert sprites.frame[order].tolist() == [0, 1, -1]
    assert sprites.pose_of[order].tolist() == [0, 0, -1]
    plain = plan_of(root, words_from_names=False).sprite_set("made")
    assert not plain.has_words
    assert plain.frame.tolist() == [-1, -1, -1]


def test_names_give_only_words_that_tell_sprites_apart(tmp_path):
    folder = tmp_path / "pack" / "caves"
    folder.mkdir(parents=True)
    six = np.hstack([np.vstack([sprite(2 * i), sprite(2 * i + 1)]) for i in range(3)])
    (folder / "gloomhollow_slimes_left.png").write_bytes(png(six))
    (folder / "gloomhollow_bat.png").write_bytes(png(sprite(8)))

    def told(**choices):
        own = PictureChoices(grid=Grid.parse("16"))
        plan = plan_of(tmp_path / "pack", others=own, **choices)
        made = plan.sprite_set("made")
        offered = {word for one in plan.pictures for word in one.offered}
        return offered, dict(zip(made.names.tolist(), made.words.tolist(), strict=True))

    offered, words = told()
    assert offered == {"caves", "gloomhollow", "slimes", "left"}
    assert words.pop("gloomhollow_bat") == "gloomhollow bat"
    assert len(words) == 6
    assert set(words.values()) == {""}
    offered, words = told(sheet_words=True)
    assert not offered
    assert set(words.values()) == {"caves gloomhollow slimes left", "caves gloomhollow bat"}


def test_single_files_get_the_words_that_differ(tmp_path):
    for number, name in enumerate(("my_hero_red", "my_hero_blue", "my_slime")):
        (tmp_path / f"{name}.png").write_bytes(png(sprite(number)))
    plan = plan_of(tmp_path)
    assert {word for one in plan.pictures for word in one.words} == {
        "hero red",
        "hero blue",
        "slime",
    }
    (alone,) = plan_of(tmp_path / "my_slime.png").pictures
    assert alone.words == ("my slime",)


def test_a_set_keeps_words_of_its_own(tmp_path):
    from tests.made import make_sprites

    sprites = replace(make_sprites(3), words=np.array(["red", "", "blue fish"]))
    save_sprites(tmp_path / "some-set.npz", sprites)
    for chosen in (True, False):
        plan = plan_of(tmp_path / "some-set.npz", words_from_names=chosen)
        assert plan.sprite_set("made").words.tolist() == ["red", "", "blue fish"]


def test_files_are_planned_together_up_to_a_number_and_a_size(tmp_path, monkeypatch):
    for n in range(5):
        (tmp_path / f"{n}.png").write_bytes(png(sprite(n)))

    def parts():
        run = plan_parts_iter([tmp_path], ImportChoices(), RunControl())
        return [one.last for one in run if isinstance(one, PlanPart)]

    assert len(parts()) == 1
    monkeypatch.setattr(plan_module, "PART_FILES", 2)
    assert len(parts()) == 3
    most = sum((tmp_path / f"{n}.png").stat().st_size for n in range(3))
    monkeypatch.setattr(plan_module, "PART_FILES", 256)
    monkeypatch.setattr(plan_module, "PART_BYTES", most)
    first, *_ = parts()
    assert first.endswith("2.png")
    monkeypatch.setattr(plan_module, "PART_BYTES", 1)
    assert len(parts()) == 5
