"""Layers of a cell: how they look together, and the effects of drawing on one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.core.config import SAME_FOR_ALL, Conditions, SampleConfig
from sprite_lab.core.drawing import transformed
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels import layers as edits
from sprite_lab.core.pixels.blending import laid_over
from sprite_lab.core.pixels.cells import Cell, CellSheet, DrawnBy
from sprite_lab.core.pixels.layers import MOST_LAYERS, Layer, composite
from sprite_lab.core.sets.vocabulary import Prompt

SIDE = 8
RED, GREEN, BLUE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)
EMPTY = (0, 0, 0, 0)


def picture(colors: dict[int, tuple[int, int, int, int]]) -> bytes:
    rgba = np.zeros((SIDE * SIDE, 4), np.uint8)
    for i, color in colors.items():
        rgba[i] = color
    return rgba.tobytes()


def layered(*layers: Layer) -> Cell:
    return Cell(picture({})).stacked(layers)


def color(cell: Cell, i: int) -> tuple[int, ...]:
    return tuple(cell.pixels[4 * i : 4 * i + 4])


@pytest.fixture
def cell() -> Cell:
    """Red below, where the model draws; above it a green pixel at 1, and a hidden layer."""
    return layered(
        Layer(picture({0: RED, 1: RED}), "body", generated=True),
        Layer(picture({1: GREEN, 2: GREEN}), "hat"),
        Layer(picture({0: BLUE}), "notes", visible=False),
    )


def test_a_cell_looks_as_its_visible_layers_do(cell: Cell) -> None:
    assert [color(cell, i) for i in range(4)] == [RED, GREEN, GREEN, EMPTY]
    body, hat, notes = cell.layers
    half = cell.stacked((body, replace(hat, opacity=128), notes))
    assert color(half, 1) == tuple(
        laid_over(np.array(RED, np.uint8), np.array(GREEN, np.uint8), 128)
    )
    assert color(half, 2) == (0, 255, 0, 128)


def test_one_plain_layer_is_a_cell_without_layers() -> None:
    plain = Cell(picture({3: RED}))
    assert plain.stacked(plain.stack) == plain
    assert plain.stack == (Layer(plain.pixels, generated=True),)
    assert plain.flat is plain
    assert plain.on(0) is plain
    named = plain.stacked((replace(plain.stack[0], name="body"),))
    assert named != plain
    assert named.pixels == plain.pixels


@pytest.mark.parametrize(
    ("layers", "says"),
    [
        ([Layer(picture({}))] * (MOST_LAYERS + 1), "at most 16 layers"),
        ([Layer(picture({})), Layer(bytes(4 * 9 * 9))], "its size"),
    ],
)
def test_what_a_cell_cannot_have(layers: list[Layer], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        Cell(picture({}), layers=tuple(layers))


def test_a_picture_that_is_not_that_of_its_layers_is_refused(cell: Cell) -> None:
    with pytest.raises(ConfigError, match="that of its layers"):
        replace(cell, pixels=picture({}))
    with pytest.raises(ConfigError, match="0 to 255"):
        Layer(picture({}), opacity=256)
    with pytest.raises(ConfigError, match="one line"):
        Layer(picture({}), "two\nlines")


def test_one_layer_is_the_models(cell: Cell) -> None:
    nobody = [replace(layer, generated=False) for layer in cell.layers]
    assert layered(*nobody).generated_layer == 0
    everybody = [replace(layer, generated=True) for layer in cell.layers]
    found = layered(*everybody)
    assert [layer.generated for layer in found.layers] == [True, False, False]
    assert layered(*edits.moved(cell.layers, 0, 2)).generated_layer == 2


def test_drawing_on_a_layer_changes_no_other(cell: Cell) -> None:
    after = cell.drawn_on(1, cell.on(1).painted({5: BLUE, 1: EMPTY}))
    assert after.layers[::2] == cell.layers[::2]
    assert color(after, 5) == BLUE
    assert color(after, 1) == RED
    under = cell.drawn_on(0, cell.on(0).painted({1: BLUE}))
    assert under.pixels == cell.pixels
    assert under != cell


def test_what_made_a_cell_is_reported_while_it_looks_so(cell: Cell) -> None:
    made = replace(cell, made_by=SampleConfig(seed=7))
    assert made.drawn_on(0, made.on(0).painted({1: BLUE})).made_by == made.made_by
    assert made.drawn_on(1, made.on(1).painted({5: BLUE})).made_by is None
    hidden = made.stacked((made.layers[0], replace(made.layers[1], visible=False), made.layers[2]))
    assert hidden.made_by is None


def test_the_model_sees_one_picture_and_keeps_what_covers_its_layer(cell: Cell) -> None:
    flat = cell.flat
    assert flat.layers == ()
    assert flat.pixels == cell.pixels
    assert flat.keep.ravel().nonzero()[0].tolist() == [1, 2]
    body, hat, notes = cell.layers
    thin = cell.stacked((body, replace(hat, opacity=254), notes))
    assert not thin.flat.keep.any()
    above = cell.stacked((replace(body, generated=False), replace(hat, generated=True), notes))
    assert not above.flat.keep.any()


def test_what_the_model_made_comes_on_its_layer(cell: Cell) -> None:
    config = SampleConfig(seed=3)
    pixels = picture({0: BLUE, 1: GREEN, 2: GREEN, 9: BLUE})
    after = cell.with_generated(Cell(pixels, made_by=config, thanks="A model"))
    assert after.pixels == pixels
    assert (after.made_by, after.thanks) == (config, "A model")
    assert after.layers[1:] == cell.layers[1:]
    # A pixel drawn on a layer above is not also drawn below.
    assert after.layers[0].pixels == picture({0: BLUE, 1: RED, 9: BLUE})
    other = cell.with_generated(Cell(picture({1: BLUE}), made_by=config))
    assert color(other, 1) == GREEN
    assert other.made_by is None


def test_generating_without_layers_is_as_it_was() -> None:
    config = SampleConfig(seed=3)
    made = Cell(picture({1: BLUE}), made_by=config, thanks="A model")
    before = Cell(picture({0: RED}), name="mine", duration_ms=90)
    assert before.with_generated(made) == replace(
        before, pixels=made.pixels, made_by=config, thanks="A model"
    )
    # A name taken from what was there before is removed with it.
    taken = replace(before, name_is_taken=True)
    assert taken.with_generated(made).name == ""
    assert taken.with_generated(replace(made, name="mine")).name == "mine"


def test_a_cell_knows_whether_a_model_left_it_so(cell: Cell) -> None:
    plain = Cell(picture({0: RED}))
    made = replace(plain.painted({1: BLUE}), drawn_by=DrawnBy("A model"))
    for before in (plain, cell):
        drawn = before.with_generated(made)
        assert drawn.is_as_drawn
        assert not before.is_as_drawn
        assert not drawn.drawn_on(drawn.generated_layer, plain.painted({5: BLUE})).is_as_drawn


def test_erasing_what_is_empty_changes_nothing() -> None:
    cell = Cell(picture({0: RED}), made_by=SampleConfig())
    assert cell.painted({0: RED, 1: (9, 9, 9, 0)}) is cell
    erased = cell.painted({0: EMPTY, 2: BLUE})
    assert erased == Cell(picture({2: BLUE}))
    assert cell.keeping({0: RED, 1: EMPTY}).redraw.ravel()[:3].tolist() == [0, 255, 255]


def test_another_drawing_takes_its_place_and_its_own_prompt() -> None:
    old = Conditions(class_mix=(("hero", 1.0),), words=("red",), seed=3, guidance_scale=2.5)
    assert old.prompt == Prompt((("hero", 1.0),), ("red",))
    new = old.for_another(Prompt((("food", 1.0),), ("blue",), "a"))
    assert new.prompt == Prompt((("food", 1.0),), ("blue",), "a")
    assert (new.seed, new.words) == (3, ("blue",))
    assert all(getattr(new, name) == getattr(old, name) for name in SAME_FOR_ALL)


def test_the_same_is_done_to_each_layer(cell: Cell) -> None:
    masked = cell.masked({0: 0})
    flipped = masked.each_layer(lambda layer: transformed(layer, "flip_horizontal"))
    assert color(flipped, SIDE - 1) == RED
    assert color(flipped, SIDE - 2) == GREEN
    assert flipped.redraw[0, SIDE - 1] == 0
    assert flipped.each_layer(lambda layer: transformed(layer, "flip_horizontal")) == masked
    plain = Cell(picture({0: RED}))
    assert plain.each_layer(lambda layer: transformed(layer, "flip_horizontal")) == Cell(
        picture({SIDE - 1: RED})
    )


def test_layers_are_added_and_named(cell: Cell) -> None:
    stack = edits.added(Cell(picture({0: RED})).stack, 0)
    assert [layer.name for layer in stack] == ["Layer 1", "Layer 2"]
    assert [layer.name for layer in edits.added(stack, 0)] == ["Layer 1", "Layer 3", "Layer 2"]
    copy = edits.duplicated(cell.layers, 0)
    assert [layer.name for layer in copy] == ["body", "body copy", "hat", "notes"]
    assert [layer.generated for layer in copy] == [True, False, False, False]
    long = edits.duplicated((replace(cell.layers[0], name="x" * 60),), 0)
    assert len(long[1].name) == 60
    assert edits.removed(cell.layers, 1) == cell.layers[::2]


def test_merging_down_changes_no_pixel_that_is_seen(cell: Cell) -> None:
    one = edits.merged(cell.layers, 1)
    assert [layer.name for layer in one] == ["body", "notes"]
    assert composite(one) == cell.pixels
    up = edits.moved(cell.layers, 0, 1)
    assert edits.merged(up, 1)[0].generated


def test_with_a_locked_palette_layers_mix_to_none_but_its_colors(cell: Cell) -> None:
    brown = (128, 100, 0, 255)
    body, hat, notes = cell.layers
    half = cell.stacked((body, replace(hat, opacity=128), notes))
    mixed = color(half, 1)
    free = CellSheet(1, 1, cells=(half,), palette=(RED, GREEN, brown))
    assert color(free.cells[0], 1) == mixed
    locked = replace(free, limit_to_palette=True)
    for sheet in (locked, replace(free, cells=(half.asking(lock_palette=True),))):
        (one,) = sheet.cells
        assert [color(one, i) for i in range(4)] == [RED, brown, GREEN, EMPTY]
        # So does the result of every edit, and of flattening.
        assert color(one.drawn_on(0, one.on(0).painted({3: RED})), 1) == brown
        assert color(one.each_layer(lambda layer: transformed(layer, "shift_right")), 2) == brown
        assert color(Cell(picture({})).stacked(edits.merged(one.layers, 1, one.limit)), 1) == brown
        assert color(replace(one, layers=()), 1) == brown
    # Colors that an artist drew by hand stay.
    drawn = locked.cells[0].drawn_on(0, locked.cells[0].on(0).painted({5: BLUE}))
    assert color(replace(locked, cells=(drawn,)).cells[0], 5) == BLUE
    assert color(replace(locked, palette=(BLUE,)).cells[0], 1) == BLUE
    assert replace(locked, limit_to_palette=False).cells[0] == half


LAYER = st.builds(
    Layer,
    st.binary(min_size=4, max_size=4).map(lambda four: four * SIDE * SIDE),
    opacity=st.integers(0, 255),
    visible=st.booleans(),
    locked=st.booleans(),
    generated=st.booleans(),
)


@given(st.lists(LAYER, min_size=1, max_size=5), st.data())
def test_any_layers(layers: list[Layer], data: st.DataObject) -> None:
    found = layered(*layers)
    assert found.pixels == composite(tuple(layers))
    assert found.stacked(found.stack) == found
    n = data.draw(st.integers(0, len(found.stack) - 1))
    assert found.drawn_on(n, found.on(n)) == found
    assert found.flat.pixels == found.pixels
    made = Cell(data.draw(st.binary(min_size=4, max_size=4)) * SIDE * SIDE)
    after = found.with_generated(made)
    others = [k for k in range(len(found.stack)) if k != found.generated_layer]
    assert [after.stack[k] for k in others] == [found.stack[k] for k in others]
