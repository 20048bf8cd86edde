"""``sprite-lab import``: files, output and exit code."""

import re

import numpy as np
import pytest
from PIL import Image

from sprite_lab.formats.sets.sprites import load_sprites

MAGENTA, TEAL = (255, 0, 255), (0, 128, 128)


@pytest.fixture
def folder(tmp_path, sprites):
    root = tmp_path / "pack"
    for i in range(10):
        name = sprites.class_names[sprites.labels[i]]
        path = root / name / f"{name}{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(sprites.rgba[i]).save(path)
    (root / "notes.txt").write_text("by me")
    return root


def test_a_folder_becomes_a_set(command, folder, tmp_path, sprites):
    out = tmp_path / "set.npz"
    done = command("import", folder, "--out", out, "--json")
    assert done.code == 0, done.err
    assert done.json["count"] == 10
    assert sorted(done.json["class_names"]) == sorted(sprites.class_names)
    assert done.json["refused"][0]["path"] == "pack/notes.txt"
    assert done.json["found"][0]["kind"] == "picture"
    with np.load(out, allow_pickle=False) as arrays:
        assert {"images", "alpha", "labels", "class_names", "names", "source", "group"} <= set(
            arrays
        )
        assert arrays["images"].dtype == arrays["alpha"].dtype == np.uint8
        assert arrays["labels"].dtype == arrays["group"].dtype == np.int64
    made = load_sprites(out)
    assert len(made) == 10
    index = {str(name): i for i, name in enumerate(made.names)}
    for i in range(10):
        name = sprites.class_names[sprites.labels[i]]
        j = index[f"{name}{i}"]
        assert made.class_names[made.labels[j]] == name
        shown = sprites.alpha[i] > 0
        assert np.array_equal(made.images[j][shown], sprites.images[i][shown])


def test_words(command, folder, tmp_path):
    done = command("import", folder, "--out", tmp_path / "set.npz")
    assert done.code == 0
    lines = done.out.splitlines()
    assert "pack/notes.txt: refused. " in done.out
    assert lines[-1].endswith("set.npz: 10 sprites in 5 classes; 1 file refused.")


def test_a_grid_for_all(command, tmp_path):
    noise = np.random.default_rng(1).integers(0, 256, (35, 52, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "sheet.png")
    given = ("import", tmp_path / "sheet.png", "--out", tmp_path / "s.npz", "--json")
    done = command(*given, "--grid", "16x8+1+2")
    assert done.code == 0, done.err
    grid = done.json["found"][0]["grid"]
    assert (grid["cell"], grid["offset"], grid["spacing"]) == ([8, 16], [1, 1], [2, 2])
    assert done.json["count"] == 6
    found = command(*given).json["found"]
    for other in found[0]["other_grids"] if found else ():
        assert command(*given, "--grid", other).code == 0
    wrong = command(*given, "--grid", "16*16")
    assert wrong.code == 2
    assert "16x24+1+2" in " ".join(wrong.err.replace("│", " ").split())


def test_a_cut_by_drawings_for_all(command, sprites, tmp_path):
    """The import window offers this cut, though a grid would fit as well."""
    sheet = np.zeros((16, 64, 4), np.uint8)
    sheet[2:14, 2:14] = sheet[2:14, 18:30] = sheet[2:14, 36:62] = (200, 30, 40, 255)
    Image.fromarray(sheet).save(tmp_path / "sheet.png")
    given = ("import", tmp_path / "sheet.png", "--out", tmp_path / "s.npz", "--json", "--cell", 32)
    done = command(*given, "--cut", "drawings", "--keep-duplicates")
    assert done.code == 0, done.err
    assert (done.json["count"], done.json["found"][0]["grid"]) == (3, None)
    both = command(*given, "--cut", "drawings", "--grid", "16")
    assert both.code == 2
    assert "--cut" in both.err


def test_a_background_for_all(command, tmp_path):
    ring = np.full((16, 16, 3), MAGENTA, np.uint8)
    ring[4:12, 4:12] = (20, 120, 40)
    ring[7:9, 7:9] = MAGENTA
    Image.fromarray(ring).save(tmp_path / "ring.png")
    given = ("import", tmp_path / "ring.png", "--out", tmp_path / "s.npz")

    def drawn(*options):
        done = command(*given, *options)
        assert done.code == 0, done.err
        return int((load_sprites(tmp_path / "s.npz").alpha > 0).sum())

    around, hole = 16 * 16 - 64, 4
    assert drawn() == drawn("--background", "#ff00ff") == 16 * 16 - around
    assert drawn("--background", "FF00FF", "--holes") == 16 * 16 - around - hole
    assert drawn("--background", "none") == 16 * 16
    assert drawn("--background", "#147828", "--holes") == 16 * 16 - 64 + hole
    wrong = command(*given, "--background", "pink")
    assert wrong.code == 2
    assert "'#ff00ff'" in " ".join(wrong.err.replace("│", " ").split())


def test_a_background_that_is_nowhere_is_said(command, tmp_path):
    drawing = np.full((16, 16, 3), (20, 120, 40), np.uint8)
    Image.fromarray(drawing).save(tmp_path / "a.png")
    np.save(tmp_path / "b.npy", np.random.default_rng(1).integers(1, 9, (4, 16, 16, 3), np.uint8))
    note = "note: No pixel has the color #ff00ff, so no background was removed."
    for name in ("a.png", "b.npy"):
        given = ("import", tmp_path / name, "--out", tmp_path / "s.npz")
        assert note in command(*given, "--background", "#ff00ff").out
        assert "no background" not in command(*given).out
    ground = command(
        "import", tmp_path / "a.png", "--out", tmp_path / "s.npz", "--background", "none"
    )
    assert "no background" not in ground.out


def test_what_is_left_of_the_ground_is_said(command, tmp_path):
    """The window asks about it; the command names the option that removes it."""
    ring = np.full((16, 16, 3), MAGENTA, np.uint8)
    ring[4:12, 4:12] = (20, 120, 40)
    ring[7:9, 7:9] = MAGENTA
    row = np.concatenate([np.roll(ring, shift, 1) for shift in (0, 1, 2)] + [ring], 1)
    Image.fromarray(row).save(tmp_path / "rings.png")
    given = ("import", tmp_path / "rings.png", "--out", tmp_path / "s.npz")
    note = "note: #ff00ff also fills parts inside 3 drawings, where it stays; --holes removes it."
    assert note in command(*given).out
    assert "note" not in command(*given, "--holes").out


def test_each_ground_that_is_left_is_said(command, tmp_path):
    """Sheets that are cut alike share a line."""
    rng = np.random.default_rng(1)
    for ground in (MAGENTA, TEAL):
        sheet = np.full((69, 103, 3), 255, np.uint8)
        for row, column in np.ndindex(4, 6):
            cell = sheet[17 * row + 1 : 17 * row + 17, 17 * column + 1 : 17 * column + 17]
            cell[:], x = ground, rng.integers(0, 11)
            cell[10:15, x : x + 5] = rng.integers(0, 256, (5, 5, 3))
        Image.fromarray(sheet).save(tmp_path / f"{ground[0]}.png")
    done = command("import", *sorted(tmp_path.iterdir()), "--out", tmp_path / "s.npz")
    assert "and 1 more like it" in done.out
    for ground in ("#ff00ff", "#008080"):
        note = f"note: the drawings stand on {ground}, which is kept; --background '{ground}'"
        assert note in done.out


def test_every_cut_that_is_proposed_can_be_made(command, tmp_path):
    """Cells larger than a sprite come with the sprite size that they need."""
    cells = np.random.default_rng(3).integers(0, 255, (2, 1, 4, 1, 3))
    tiles = np.broadcast_to(cells, (2, 24, 4, 24, 3)).copy()
    tiles[:, 3:-3, :, 3:-3] //= 2
    Image.fromarray(tiles.reshape(48, 96, 3).astype(np.uint8)).save(tmp_path / "tiles.png")
    given = ("import", tmp_path / "tiles.png", "--out", tmp_path / "s.npz")
    said = " ".join(command(*given).out.split())
    proposals = re.findall(r"(?:by|try|or) ((?:--cell \d+ )?--grid \S+?)[. ]", said)
    assert any(options.startswith("--cell 24 --grid 24") for options in proposals), said
    for options in proposals:
        assert command(*given, *options.split()).code == 0, options


def test_how_sure_a_cut_is_and_what_else_it_could_be(command, tmp_path):
    rng = np.random.default_rng(2)
    tones, noise = rng.integers(0, 4, (2, 1, 4, 1, 3)), rng.integers(0, 4, (2, 16, 4, 16, 3))
    blocks = 10 * tones + 12 * noise  # hardly visible seams
    Image.fromarray(blocks.reshape(32, 64, 3).astype(np.uint8)).save(tmp_path / "few.png")
    given = ("import", tmp_path / "few.png", "--out", tmp_path / "s.npz")
    done = command(*given)
    assert done.out.count("% sure") == 1, "it was said twice where the cut is a guess"
    note = re.search(r"(\d+)% sure.*try --grid (\d+)", done.out, re.DOTALL)
    assert note is not None, done.out
    assert int(note[1]) < 90
    assert command(*given, "--grid", note[2]).out.find("% sure") == -1
    Image.open(tmp_path / "few.png").rotate(180).save(tmp_path / "more.png")
    both = command(
        "import", tmp_path / "few.png", tmp_path / "more.png", "--out", tmp_path / "b.npz"
    )
    assert "note: 2 of them are cut with less than 90% certainty, such as few.png" in both.out


def test_patterns(command, folder, tmp_path):
    done = command(
        "import", folder, "--out", tmp_path / "s.npz", "--json", "--classes", "none",
        "--class-pattern", "hero*=people", "--class-pattern", "*=thing",
    )  # fmt: skip
    assert done.json["classes"] == {"people": 2, "thing": 8}


def test_a_pattern_that_fits_nothing_is_told(command, folder, tmp_path):
    asked = ["import", folder, "--out", tmp_path / "s.npz"]
    asked += ["--class-pattern", "hero*=people", "--class-pattern", "*swrd*=item"]
    assert "note: no sprite has a name or path like '*swrd*'" in command(*asked).out
    assert command(*asked, "--json").json["idle_patterns"] == ["*swrd*"]


def test_near_copies_share_a_group(command, tmp_path):
    rng = np.random.default_rng(0)
    art = np.zeros((16, 16, 4), np.uint8)
    art[2:12, 3:11] = rng.integers(0, 256, (10, 8, 4))
    art[2:12, 3:11, 3] = 255
    other = np.zeros_like(art)
    other[1:15, 1:15] = rng.integers(0, 256, (14, 14, 4))
    other[1:15, 1:15, 3] = 255
    for name, picture in (("a", art), ("b", np.roll(art, 2, axis=1)), ("c", other)):
        Image.fromarray(picture).save(tmp_path / f"{name}.png")
    paths = [tmp_path / f"{name}.png" for name in "abc"]
    assert command("import", *paths, "--out", tmp_path / "s.npz").code == 0
    assert load_sprites(tmp_path / "s.npz").group.tolist() == [0, 0, 1]


def test_nothing_to_import_is_one_sentence_and_writes_nothing(command, tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    done = command("import", tmp_path / "notes.txt", "--out", tmp_path / "s.npz")
    assert done.code == 1
    assert "not a picture" in done.error
    assert not (tmp_path / "s.npz").exists()
    done = command("import", tmp_path / "missing", "--out", tmp_path / "s.npz")
    assert done.code == 1
    assert "missing" in done.error


@pytest.mark.parametrize(
    "wrong",
    [("--cell", "17"), ("--larger", "stretch"), ("--class-pattern", "x"), ("--classes", "maybe")],
)
def test_wrong_usage(command, folder, tmp_path, wrong):
    done = command("import", folder, "--out", tmp_path / "s.npz", *wrong)
    assert done.code == 2
    assert not (tmp_path / "s.npz").exists()
