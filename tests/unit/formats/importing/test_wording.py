"""What names tell about sprites: words, directions, frames and characters."""

import pytest

from sprite_lab.formats.importing.naming import wording_of


@pytest.mark.parametrize(
    ("folder", "name", "words"),
    [
        ("", "redSlime16x16_final(2)", "red slime"),
        ("food", "Green Apples copy", "food green apples"),
        ("", "sprite-sheet_01.new", ""),
        ("", "RPGHero", "rpg hero"),
        ("", "ÉpéeBleue", "épée bleue"),
        ("weapons/swords", "sword_sword", "weapons swords sword"),
        ("", "a b 3 x7", ""),
    ],
)
def test_words(folder: str, name: str, words: str) -> None:
    assert " ".join(wording_of(folder, name).words) == words


@pytest.mark.parametrize(
    ("name", "direction", "frame"),
    [
        ("knight_walk_left_03", "left", 3),
        ("idle down 1", "front", 1),
        ("ghost-north-frame2", "back", 2),
        ("axe_02", "", -1),
        ("backpack", "", -1),
        ("walk 1,2", "", -1),  # a row and a column
        ("run_20240131", "", -1),  # a date
        ("hero walk ²", "", -1),  # a digit, but no number
        ("hero walk ٣", "", 3),
    ],
)
def test_directions_and_frames(name: str, direction: str, frame: int) -> None:
    found = wording_of("", name)
    assert (found.direction, found.frame) == (direction, frame)


def test_poses_of_one_character_are_distinguished_from_those_of_another() -> None:
    names = ["knight_walk_left_03", "knight walk right 1", "knight_idle_0", "ghost_walk_1"]
    keys = [wording_of("a", name).character for name in names]
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert wording_of("b", names[0]).character != keys[0]
    assert wording_of("a", "knight").character == ""
    assert wording_of("a", "knight 4", frame=3).character == keys[0]


def test_a_known_number_of_a_frame_is_not_read_from_the_name() -> None:
    assert wording_of("", "hero_walk_12", frame=0).frame == 0
    assert wording_of("", "hero_walk_12").frame == 12
