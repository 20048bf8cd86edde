"""Files that Pillow reads back unchanged: frames, sizes, times, colors, transparency."""

import numpy as np
import pytest
from PIL import Image

from sprite_lab.core.errors import ConfigError, FileError
from sprite_lab.formats.animation import gif
from sprite_lab.formats.animation.gif import durations, encode_gif
from sprite_lab.formats.images.quantize import quantize


def write_gif(path, frames, ms=100, **how):
    """Write frames, all for ``ms`` milliseconds, or each with its own time."""
    times = [ms] * len(frames) if isinstance(ms, int) else ms
    path.write_bytes(b"".join(encode_gif(frames, times, **how)))


def read_back(path):
    """Frames as uint8 (K, H, W, 4), delays in ms, loop, comment."""
    with Image.open(path) as image:
        frames, delays = [], []
        for i in range(image.n_frames):
            image.seek(i)
            delays.append(image.info["duration"])
            frames.append(np.asarray(image.convert("RGBA")))
        image.seek(0)
        return np.stack(frames), delays, image.info.get("loop"), image.info.get("comment")


def few_colors(count=9, side=32, channels=3, seed=0):
    rng = np.random.default_rng(seed)
    palette = rng.integers(0, 256, (40, channels), np.uint8)
    if channels == 4:
        palette[:, 3] = np.where(np.arange(40) < 20, 0, 255)
    return palette[rng.integers(0, 40, (count, side, side))]


def denoising(count=24, side=32, scale=4, seed=0):
    """Frames from noise to a picture with flat areas and a little noise left."""
    rng = np.random.default_rng(seed)
    clean = rng.integers(0, 256, (side // 4, side // 4, 3)).repeat(4, 0).repeat(4, 1)
    noise = rng.normal(128, 90, (side, side, 3))
    share = np.linspace(1, 0.02, count)[:, None, None, None]
    frames = np.clip(clean * (1 - share) + noise * share, 0, 255).astype(np.uint8)
    return frames.repeat(scale, 1).repeat(scale, 2)


def test_few_colors_are_exact(tmp_path):
    frames = few_colors()
    write_gif(tmp_path / "a.gif", frames, [100] * 8 + [2500], loop=3, comment="é" * 400)
    back, delays, loop, comment = read_back(tmp_path / "a.gif")
    assert np.array_equal(back[..., :3], frames)
    assert (back[..., 3] == 255).all()
    assert delays == [100] * 8 + [2500]
    assert loop == 3
    assert comment.decode() == "é" * 400


def test_frames_of_few_colors_each_are_exact_though_together_they_have_many(tmp_path):
    frames = np.zeros((3, 16, 16, 3), np.uint8)
    frames[..., 0] = np.arange(256).reshape(16, 16) // 2
    frames[..., 1] = np.arange(3)[:, None, None] * 80
    write_gif(tmp_path / "a.gif", frames, [100] * 3)
    assert np.array_equal(read_back(tmp_path / "a.gif")[0][..., :3], frames)


def test_a_frame_that_is_shown_already_is_kept_beside_one_of_many_colors(tmp_path):
    (few,) = few_colors(1)
    many = np.random.default_rng(0).integers(0, 256, few.shape, np.uint8)
    write_gif(tmp_path / "a.gif", [few, few, many])
    assert np.array_equal(read_back(tmp_path / "a.gif")[0][:2, ..., :3], [few, few])


def test_equal_frames_are_all_kept(tmp_path):
    a, b = few_colors(2)
    frames = [a, a, a, b, b, a, a]
    write_gif(tmp_path / "a.gif", frames, 40)
    back, delays, loop, _ = read_back(tmp_path / "a.gif")
    assert np.array_equal(back[..., :3], np.stack(frames))
    assert delays == [40] * 7
    assert loop == 0


@pytest.mark.parametrize("loop", [None, 0, 1, 65_535])
def test_loop(tmp_path, loop):
    write_gif(tmp_path / "a.gif", few_colors(2), loop=loop)
    assert read_back(tmp_path / "a.gif")[2] == loop


def test_noise_gets_palettes_of_its_own_and_the_last_frame_is_close(tmp_path):
    frames = denoising()
    write_gif(tmp_path / "a.gif", frames, 50)
    back, delays, _, _ = read_back(tmp_path / "a.gif")
    assert back.shape[:3] == frames.shape[:3]
    assert delays == [50] * 24
    error = np.abs(back[..., :3].astype(int) - frames).mean(axis=(1, 2, 3))
    assert error.max() < 12
    pillow = Image.fromarray(frames[-1]).quantize(256, dither=Image.Dither.NONE)
    best = np.abs(np.asarray(pillow.convert("RGB")).astype(int) - frames[-1]).mean()
    assert error[-1] <= best + 0.1
    # No dithering: the pixels of an enlarged pixel stay equal.
    assert np.array_equal(back[:, ::4, ::4].repeat(4, 1).repeat(4, 2), back)


def test_unchanged_pixels_cost_nothing(tmp_path):
    frame = denoising(1)[0]
    write_gif(tmp_path / "one.gif", [frame], 50)
    write_gif(tmp_path / "many.gif", [frame] * 100, 50)
    one, many = ((tmp_path / name).stat().st_size for name in ("one.gif", "many.gif"))
    # The last frame is as accurate as possible; the 98 before it add nothing.
    assert many < 2 * one + 98 * 40
    assert len(read_back(tmp_path / "many.gif")[0]) == 100


def test_a_long_animation_is_small(tmp_path):
    frames = denoising(count=40, side=64, scale=4)  # 16 sprites at scale 4
    write_gif(tmp_path / "a.gif", frames, 50)
    assert (tmp_path / "a.gif").stat().st_size < 600_000


def test_fewer_colors_make_a_smaller_file(tmp_path):
    frames = denoising()
    for colors in (256, 32):
        write_gif(tmp_path / f"{colors}.gif", frames, 50, colors=colors)
    large, small = ((tmp_path / f"{c}.gif").stat().st_size for c in (256, 32))
    assert small < large * 0.8


def test_enlarged_frames(tmp_path):
    large = few_colors(3, 16).repeat(5, 1).repeat(5, 2)
    write_gif(tmp_path / "a.gif", large)
    assert np.array_equal(read_back(tmp_path / "a.gif")[0][..., :3], large)


def test_colors_of_enlarged_frames_are_matched_at_their_own_size(monkeypatch):
    """Matching the enlarged pixels would take a hundred times longer."""
    matched = []
    monkeypatch.setattr(gif, "quantize", lambda *a: matched.append(len(a[0])) or quantize(*a))
    own = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)
    for frame in (own, own[:5], own[:, :5]):
        b"".join(encode_gif([frame.repeat(10, 0).repeat(10, 1)], [50]))
    assert matched == [64, 40, 40]


def test_frames_of_different_own_scales(tmp_path):
    frames = np.zeros((3, 24, 24, 3), np.uint8)
    frames[1, 12:] = 200  # enlarged by 12
    frames[2] = few_colors(1, 8)[0].repeat(3, 0).repeat(3, 1)  # enlarged by 3
    write_gif(tmp_path / "a.gif", frames)
    assert np.array_equal(read_back(tmp_path / "a.gif")[0][..., :3], frames)


def test_transparency(tmp_path):
    frames = few_colors(6, channels=4)
    frames[3] = 255  # all opaque
    frames[4, ..., 3] = 0  # all transparent
    write_gif(tmp_path / "a.gif", frames)
    back, delays, _, _ = read_back(tmp_path / "a.gif")
    assert len(delays) == 6
    opaque = frames[..., 3] >= 128
    assert np.array_equal(back[..., 3] > 0, opaque)
    assert np.array_equal(back[opaque], frames[opaque])


def test_transparency_that_only_fills_up(tmp_path):
    frames = np.zeros((4, 8, 8, 4), np.uint8)
    for i in range(4):
        frames[i, : 2 * i + 1] = (200, 30 * i, 10, 255)
    write_gif(tmp_path / "a.gif", frames)
    back = read_back(tmp_path / "a.gif")[0]
    opaque = frames[..., 3] > 0
    assert np.array_equal(back[..., 3] > 0, opaque)
    assert np.array_equal(back[opaque], frames[opaque])


@pytest.mark.parametrize("colors", [1, 2, 3, 254, 255, 256, 257, 300])
def test_around_the_limits_of_a_palette(tmp_path, colors):
    codes = np.arange(20 * 20) % colors
    frame = np.stack([codes % 256, codes // 256 * 80, 255 - codes % 256], -1).astype(np.uint8)
    frame = frame.reshape(20, 20, 3)
    write_gif(tmp_path / "a.gif", [frame, frame[::-1]])
    back = read_back(tmp_path / "a.gif")[0][..., :3]
    if colors <= 255:
        assert np.array_equal(back, np.stack([frame, frame[::-1]]))
    else:
        assert np.abs(back.astype(int) - np.stack([frame, frame[::-1]])).mean() < 2


@pytest.mark.parametrize("ms", [1, 17, 33, 40, 41, 83, 143, 1000, 1_000_000])
def test_delays_add_up(ms):
    delays = durations([ms] * 200)
    assert min(delays) >= 2
    assert max(delays) <= 65_535
    if 20 <= ms < 655_350:
        assert max(delays) - min(delays) <= 1
        assert abs(sum(delays) - 200 * ms / 10) <= 1


def test_delays_follow_the_durations():
    assert durations([100, 100, 100, 750]) == [10, 10, 10, 75]
    assert durations([0]) == [2]
    assert durations([33, 34, 33] * 2) == [3, 4, 3, 3, 4, 3]
    assert durations([104] * 3) == [10, 11, 10]


def test_blocks_one_for_each_frame():
    blocks = list(encode_gif(few_colors(5), [100] * 5))
    assert len(blocks) == 7
    assert blocks[0].startswith(b"GIF89a")
    assert blocks[-1] == b";"


def test_what_cannot_be_written_leaves_nothing(tmp_path):
    path = tmp_path / "a.gif"
    uneven = [few_colors(1, 8)[0], few_colors(1, 16)[0]]
    with pytest.raises(FileError, match="no frames"):
        write_gif(path, [])
    with pytest.raises(FileError, match="one shape"):
        write_gif(path, uneven)
    with pytest.raises(FileError, match="smaller scale"):
        write_gif(path, [np.zeros((1, 70_000, 3), np.uint8)])
    for wrong in ({"ms": [9]}, {"loop": -1}, {"colors": 3}):
        with pytest.raises(ConfigError):
            write_gif(path, few_colors(2), **wrong)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("turned", [False, True])
def test_a_single_edge_stays_where_it_is(tmp_path, turned):
    """A frame with one edge could pass for an enlarged one."""
    for edge in range(1, 16):
        frame = np.zeros((16, 16, 3), np.uint8)
        frame[edge:] = 200
        frame = frame.swapaxes(0, 1) if turned else frame
        write_gif(tmp_path / "a.gif", [frame, frame])
        assert np.array_equal(read_back(tmp_path / "a.gif")[0][0, ..., :3], frame), edge


def test_alpha_is_opaque_from_half_on(tmp_path):
    frame = np.zeros((8, 8, 4), np.uint8)
    frame[..., :3], frame[:4, :, 3], frame[4:, :, 3] = 90, 127, 128
    write_gif(tmp_path / "a.gif", [frame])
    alpha = read_back(tmp_path / "a.gif")[0][0, ..., 3]
    assert (np.unique(alpha[:4]), np.unique(alpha[4:])) == ([0], [255])


def test_the_limits_themselves_are_allowed_and_no_more():
    longest = np.zeros((1, 65_535, 3), np.uint8)
    assert b"".join(encode_gif([longest], [50]))[6:8] == b"\xff\xff"
    with pytest.raises(FileError, match="65,536×1 pixels"):
        list(encode_gif([np.zeros((1, 65_536, 3), np.uint8)], [50]))
    for how in ({"colors": 4}, {"colors": 256}, {"loop": 65_535}):
        list(encode_gif(few_colors(2), [50, 50], **how))
    for how in ({"colors": 257}, {"colors": 3}, {"loop": 65_536}):
        with pytest.raises(ConfigError):
            list(encode_gif(few_colors(2), [50, 50], **how))
    assert durations([655_350, 655_360, 10**9]) == [65_535] * 3


def test_the_head_holds_repeats_and_comment_to_the_byte():
    head = next(iter(encode_gif(few_colors(2), [50, 50], loop=7, comment="a")))
    assert head[6:13] == b"\x20\x00\x20\x00\xf5\x00\x00"  # 32×32 square pixels, 64 colors
    assert head.endswith(b"!\xff\x0bNETSCAPE2.0\x03\x01\x07\x00\x00!\xfe\x01a\x00")


def test_a_frame_holds_only_the_rectangle_that_changes():
    frames = few_colors(1).repeat(4, 0)
    frames[1:, 3:5, 5:8] = frames[0, 0, 0]
    frames[3, 31, 31] = frames[0, 0, 1]
    assert (frames[0, 3:5, 5:8] != frames[0, 0, 0]).any(2).all()
    assert (frames[2, 31, 31] != frames[3, 31, 31]).any()
    _, *blocks, _ = encode_gif(frames, [50] * 4)
    described = (b[b.index(b",", 8) + 1 :] for b in blocks)
    places = [
        tuple(int.from_bytes(d[i : i + 2], "little") for i in (0, 2, 4, 6)) for d in described
    ]
    assert places == [(0, 0, 32, 32), (5, 3, 3, 2), (0, 0, 1, 1), (31, 31, 1, 1)]


def palettes(frames, **how):
    """Which frames have their own palette."""
    _, *blocks, _ = encode_gif(frames, [50] * len(frames), **how)
    # The byte before the image data: its highest bit tells of a color table.
    return [bool(b[b.index(b",") + 9] & 0x80) for b in (b[8:] for b in blocks)]


def test_only_frames_that_need_one_have_a_palette_of_their_own():
    assert palettes(few_colors(3)) == [False] * 3
    assert palettes(denoising(3, scale=1)) == [False, True, True]


def test_only_what_becomes_transparent_clears_frames():
    def disposals(frames):
        _, *blocks, _ = encode_gif(frames, [50] * len(frames))
        return {b[3] >> 2 & 7 for b in blocks}

    fills = np.zeros((3, 8, 8, 4), np.uint8)
    for i in range(3):
        fills[i, : 2 * i + 1] = 255
    assert disposals(fills) == disposals(few_colors(3)) == {1}
    assert disposals(fills[::-1]) == {2}
    opaque = np.full((1, 8, 8, 4), 255, np.uint8)
    assert disposals(np.concatenate([opaque, opaque, fills])) == {2}


def test_as_many_colors_as_there_may_be_stay_as_they_are() -> None:
    colors = np.random.default_rng(0).permutation(1 << 24)[:64]
    pixels = np.stack([colors >> 16, colors >> 8 & 255, colors & 255], axis=1).astype(np.uint8)
    palette, index = quantize(pixels, None, 64)
    np.testing.assert_array_equal(palette.rgb[index], pixels)
    fewer, _ = quantize(pixels, None, 63)
    assert len(fewer.rgb) <= 63


def test_all_colors_but_one_are_for_pixels(tmp_path):
    """One color is for pixels that stay: the others are exact, in one palette or one per frame."""
    path = tmp_path / "a.gif"
    frames = np.zeros((2, 8, 8, 3), np.uint8)
    frames[..., 0] = np.arange(64).reshape(8, 8) % 3 * 30
    frames[1] = frames[0, ::-1]
    write_gif(path, frames, colors=4)
    assert np.array_equal(read_back(path)[0][..., :3], frames)
    assert palettes(frames, colors=4) == [False, False]
    frames[1, ..., 1] = 200
    write_gif(path, frames, colors=4)
    assert np.array_equal(read_back(path)[0][..., :3], frames)
    assert palettes(frames, colors=4) == [False, True]


@pytest.mark.parametrize("size", [(5, 9), (9, 5)])
def test_frames_need_not_be_square(tmp_path, size):
    frames = few_colors()[:, : size[0], : size[1]]
    write_gif(tmp_path / "a.gif", frames)
    assert np.array_equal(read_back(tmp_path / "a.gif")[0][..., :3], frames)
