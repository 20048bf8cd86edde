"""Enlarged art is detected, and reduced exactly."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from sprite_lab.core.sets.imports import PictureChoices
from sprite_lab.formats.importing.cutting import cut_picture
from sprite_lab.formats.importing.decode import Decoded, decode, is_picture
from sprite_lab.formats.importing.fitting import content_box, fit
from sprite_lab.formats.importing.pixel_size import (
    PixelSize,
    at_pixel_size,
    find_pixel_size,
    lossy_pixel_size,
    moved_together,
    pixel_size_of_each,
)


def enlarged(art, scale):
    return art.repeat(scale, 0).repeat(scale, 1)


def drawn(sprite):
    x, y, w, h = content_box(sprite)
    return sprite[y : y + h, x : x + w]


@pytest.fixture(scope="module")
def arts():
    """80 figures in a few colors, symmetric like many sprites."""
    rng = np.random.default_rng(0)
    arts = np.zeros((80, 16, 16, 4), np.uint8)
    for art in arts:
        half = rng.integers(0, 4, (12, 6))
        figure = np.concatenate([half, half[:, ::-1]], axis=1)
        colors = rng.integers(0, 256, (4, 4))
        colors[:, 3] = (0, 255, 255, 255)
        colors[0] = 0
        art[2:14, 2:14] = colors[figure]
    return arts


@settings(max_examples=25)
@given(
    number=st.integers(0, 79),
    scale=st.integers(2, 12),
    before=st.tuples(st.integers(0, 40), st.integers(0, 40)),
    after=st.tuples(st.integers(0, 40), st.integers(0, 40)),
)
def test_an_enlarged_sprite_comes_back_wherever_it_is(arts, number, scale, before, after):
    art = arts[number]
    picture = np.pad(enlarged(art, scale), (*zip(before, after, strict=True), (0, 0)))
    pieces = cut_picture(Decoded("picture", picture[None]), "big", 16, PictureChoices(cut="whole"))
    assert pieces.scale == scale
    fitted = fit(pieces.arts, 16, "refuse", alike=True)
    assert len(fitted.sprites) == 1
    assert np.array_equal(drawn(fitted.sprites[0]), drawn(art))


@given(scale=st.integers(2, 6), cut=st.integers(0, 5))
@settings(max_examples=20)
def test_an_enlarged_sheet_whose_rim_was_cut_off(arts, scale, cut):
    cut = min(cut, scale - 1)
    sheet = arts[:20].reshape(4, 5, 16, 16, 4).swapaxes(1, 2).reshape(64, 80, 4)
    picture = enlarged(sheet, scale)[cut:, cut:]
    size = find_pixel_size(picture[None])
    assert size.scale == scale
    back = at_pixel_size(picture[None], size)[0]
    assert np.array_equal(back, sheet)


def test_art_at_its_own_size_stays(arts):
    for art in arts:
        assert find_pixel_size(art[None]).scale == 1


def test_one_pixel_off_is_not_an_enlargement(arts):
    picture = enlarged(arts[0], 4)
    y, x = np.argwhere(picture[..., 3] > 0)[0]
    picture[y, x] = (1, 2, 3, 255)
    assert find_pixel_size(picture[None]) == PixelSize(1, (0, 0))


@pytest.mark.parametrize(
    ("places", "scale"), [((10, 20, 40, 60, 90), 10), ((10, 20, 30, 70, 160), 1)]
)
def test_an_enlargement_uses_half_of_its_lines(places, scale):
    steps = np.searchsorted(places, np.arange(200), side="right").astype(np.uint8)
    picture = np.stack(np.broadcast_arrays(steps, steps[:, None], 0, 255), axis=-1)
    picture = np.ascontiguousarray(picture[None].astype(np.uint8))
    assert find_pixel_size(picture).scale == scale


def changing_at(rows, columns, side=100):
    """uint8 (1, side, side, 4) whose colors change only at these rows and columns."""
    y, x = (np.searchsorted(at, np.arange(side), side="right") for at in (rows, columns))
    picture = np.stack(np.broadcast_arrays(x, y[:, None], 0, 255), axis=-1)
    return np.ascontiguousarray(picture[None].astype(np.uint8))


@pytest.mark.parametrize(
    ("rows", "columns", "size"),
    [
        # Half of the lines in each direction, and eight in all.
        ((13, 23, 53), (17, 27, 37, 47, 57), PixelSize(10, (3, 7))),
        ((13, 23), (17, 27, 37, 47, 57, 67), PixelSize(10, (3, 7))),
        ((13, 23, 33, 43, 53, 63), (17, 27), PixelSize(10, (3, 7))),
        ((13, 23, 53), (17, 27, 37, 47), PixelSize(1, (0, 0))),
        ((13, 23, 63), (17, 27, 37, 47, 57), PixelSize(1, (0, 0))),
        ((17, 27, 37, 47, 57), (13, 23, 63), PixelSize(1, (0, 0))),
        ((17, 27, 37, 47, 57, 58), (13, 23, 53), PixelSize(1, (0, 0))),
        ((23,), (17, 27, 37, 47, 57, 67, 77), PixelSize(1, (0, 0))),
    ],
)
def test_the_lines_that_are_needed(rows, columns, size):
    assert find_pixel_size(changing_at(rows, columns)) == size


@pytest.mark.parametrize(
    ("rows", "scale"), [((5, 11, 29), 6), ((5, 29), 1), ((5, 11, 41), 1), ((5, 11, 17, 41), 6)]
)
def test_the_lines_that_are_needed_of_drawings_anywhere(rows, scale):
    """Within a box that begins and ends at a line; columns change at every sixth."""
    columns = range(5, 42, 6)
    picture = changing_at(rows[1:-1], columns[1:-1])
    box = np.array([[5, rows[0], 41, rows[-1]]])
    assert pixel_size_of_each(picture, box) == scale


def test_eight_lines_of_drawings_anywhere_are_enough():
    picture = changing_at((11,), (11, 17, 23))
    assert pixel_size_of_each(picture, np.array([[5, 5, 29, 29]])) == 6
    assert pixel_size_of_each(picture, np.array([[5, 5, 23, 23]])) == 1, "seven lines"


def test_drawings_are_made_small_where_they_are():
    art = np.random.default_rng(5).integers(0, 256, (4, 6, 4), np.uint8)
    picture = np.zeros((1, 32, 50, 4), np.uint8)
    picture[0, 7:19, 10:28] = enlarged(art, 3)
    small = moved_together(picture, np.array([[10, 7, 28, 19]]), 3, (1, 2, 3, 4))
    assert small.shape == (1, 11, 17, 4)
    assert np.array_equal(small[0, 2:6, 3:9], art)
    small[0, 2:6, 3:9] = (1, 2, 3, 4)
    assert (small == (1, 2, 3, 4)).all()


def test_a_plain_picture_has_no_size():
    assert find_pixel_size(np.full((1, 64, 64, 4), 9, np.uint8)).scale == 1


def test_the_beginning_tells_a_webp_from_a_sound() -> None:
    assert is_picture(b"RIFF\x10\x00\x00\x00WEBPVP8L")
    assert not is_picture(b"RIFF\x10\x00\x00\x00WAVEfmt ")


def uneven(arts, scale, ground, least, most, rows=3, columns=8):
    """A sheet of enlarged drawings whose gaps follow neither a grid nor the enlarged pixels."""
    rng = np.random.default_rng(scale)
    height, width = (n * (12 * scale + most) + most for n in (rows, columns))
    sheet = np.full((height, width, 4), ground, np.uint8)
    for row in range(rows):
        x, top = 0, row * (12 * scale + most)
        for art in arts[row * columns :][:columns]:
            large = enlarged(drawn(art), scale)
            x, y = x + rng.integers(least, most), top + rng.integers(0, most - least + 1)
            place = sheet[y : y + len(large), x : x + large.shape[1]]
            place[large[..., 3] > 0] = large[large[..., 3] > 0]
            x += large.shape[1]
    return sheet


@pytest.mark.parametrize("scale", [2, 3, 4, 5])
@pytest.mark.parametrize("ground", [(0, 0, 0, 0), (255, 0, 255, 255)])
@pytest.mark.parametrize("gaps", [(1, 4), (5, 20)])
def test_enlarged_drawings_with_uneven_gaps_come_back(arts, scale, ground, gaps):
    sheet = uneven(arts, scale, ground, *gaps)
    for cut in ("auto", "drawings"):
        choices = PictureChoices(cut=cut, holes=True)
        pieces = cut_picture(Decoded("picture", sheet[None]), "uneven", 16, choices)
        assert (pieces.scale, pieces.cut, pieces.grid) == (scale, "drawings", None)
        assert len(pieces.arts) == 24
        found, given = ({drawn(a).tobytes() for a in some} for some in (pieces.arts, arts[:24]))
        assert found == given
        for piece, (x, y, w, h) in zip(pieces.arts, pieces.boxes, strict=True):
            shown = pieces.preview[y : y + h, x : x + w]
            assert np.array_equal(shown[piece[..., 3] > 0], piece[piece[..., 3] > 0])


def test_the_ground_inside_a_drawing_stays_unless_it_is_removed_too(arts):
    sheet = uneven(arts, 3, (255, 0, 255, 255), 5, 20)
    kept, gone = (
        cut_picture(Decoded("picture", sheet[None]), "u", 16, PictureChoices(holes=holes)).arts
        for holes in (False, True)
    )
    inside = [
        (a[..., 3] > 0).sum() - (b[..., 3] > 0).sum() for a, b in zip(kept, gone, strict=True)
    ]
    assert max(inside) > 0
    assert min(inside) >= 0


def test_a_drawing_at_its_own_size_beside_enlarged_ones_leaves_all_as_they_are(arts):
    sheet = uneven(arts, 3, (0, 0, 0, 0), 5, 20)
    sheet = np.pad(sheet, ((0, 30), (0, 0), (0, 0)))
    sheet[-20:-4, 5:21] = arts[30]
    pieces = cut_picture(Decoded("picture", sheet[None]), "uneven", 16, PictureChoices())
    assert pieces.scale == 1


def test_drawings_that_lie_anywhere_have_one_enlargement():
    rng = np.random.default_rng(3)
    picture = np.zeros((60, 90, 4), np.uint8)
    boxes = np.array([[5, 7, 29, 31], [40, 11, 64, 35]])
    for left, top, right, bottom in boxes:
        art = np.dstack([rng.integers(0, 256, (8, 8, 3)), np.full((8, 8), 255)])
        picture[top:bottom, left:right] = art.repeat(3, 0).repeat(3, 1)
    assert pixel_size_of_each(picture[None], boxes) == 3
    plain = np.zeros_like(picture)
    plain[7:31, 5:29] = 255
    assert pixel_size_of_each(plain[None], boxes[:1]) == 1, "too few lines to tell"
    plain[7:31, 5:29, 0] = 99 * (np.arange(24) // 2 % 2)
    assert pixel_size_of_each(plain[None], boxes[:1]) == 1, "rows could change at twelve lines"


@pytest.mark.parametrize("scale", [1, 2, 3, 4, 7])
def test_an_enlarged_jpeg_is_reduced_too(arts, scale):
    sheet = arts[:40].reshape(5, 8, 16, 16, 4).swapaxes(1, 2).reshape(80, 128, 4)
    rgb = np.where(sheet[..., 3:] > 0, sheet[..., :3], 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(enlarged(rgb, scale)).save(file, "JPEG", quality=80)
    decoded = decode(file.getvalue(), "a.jpg")
    assert lossy_pixel_size(decoded.frames) == PixelSize(scale, (0, 0))
    pieces = cut_picture(decoded, "a.jpg", 16, PictureChoices())
    assert (pieces.scale, len(pieces.arts)) == (scale, 40)
