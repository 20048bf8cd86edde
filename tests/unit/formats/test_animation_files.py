"""Animations in every format, read back by third-party readers: Pillow and ffmpeg."""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sprite_lab import extras
from sprite_lab.core.config import AnimationConfig, SampleConfig
from sprite_lab.core.errors import ConfigError, FileError
from sprite_lab.core.run import drain
from sprite_lab.core.sets.sprites import composite
from sprite_lab.core.trajectories.clip import Clip, LossCurve
from sprite_lab.formats.animation import annotate, video, webp
from sprite_lab.formats.animation.annotate import Notes
from sprite_lab.formats.animation.film import Film
from sprite_lab.formats.metadata import read_config

CONFIG = SampleConfig(seed=77, classes=("hero", "food"), drawing=bytes(range(256)) * 4)
EVERY = ("gif", "png", "webp", "mp4", "webm")
LOSSLESS = ("gif", "png", "webp")


def pictures(count: int = 5, channels: int = 3, size: tuple[int, int] = (6, 10)) -> NDArray:
    """uint8 (count, *size, channels) in few colors; the third is like the second."""
    rng = np.random.default_rng(4)
    colors = rng.integers(0, 255, (12, channels), np.uint8)
    if channels == 4:
        colors[:, 3] = np.where(np.arange(12) % 3 == 0, 0, 255)
        colors[colors[:, 3] == 0] = 0
    images = colors[rng.integers(0, 12, (count, *size))]
    if count > 2:
        images[2] = images[1]
    return images


def clip_of(images: NDArray, **known: object) -> Clip:
    return Clip("made", len(images), lambda k: images[k], **known)  # type: ignore[arg-type]


def read_back(path: Path) -> tuple[list[NDArray], list[int], dict]:
    """Frames as RGBA, durations in ms, and Pillow's other facts about the first frame."""
    frames, durations = [], []
    with Image.open(path) as image:
        info = dict(image.info)
        for i in range(image.n_frames):
            image.seek(i)
            image.load()
            frames.append(np.array(image.convert("RGBA")))
            durations.append(round(image.info["duration"]))
    return frames, durations, info


def enlarged(images: NDArray, scale: int) -> NDArray:
    return images.repeat(scale, axis=1).repeat(scale, axis=2)


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("kind", LOSSLESS)
def test_every_pixel_and_every_frame_is_there(tmp_path: Path, kind: str, channels: int) -> None:
    images = pictures(channels=channels)
    path = tmp_path / f"a.{kind}"
    look = AnimationConfig(format=kind, scale=3, fps=10, hold_last_s=0.5)
    drain(Film(clip_of(images), look).write(path))
    frames, durations, _ = read_back(path)
    assert len(frames) == 5, "equal frames are not merged"
    want = enlarged(images, 3)
    for got, expected in zip(frames, want, strict=True):
        assert got.shape[:2] == (18, 30)
        assert np.array_equal(got[..., :channels], expected)
    assert durations == [100, 100, 100, 100, 500]


@pytest.mark.parametrize("palette", ["frame", "shared"])
def test_a_gif_of_many_colors_has_a_palette_for_each_frame_or_for_all(
    tmp_path: Path, palette: str
) -> None:
    images = np.random.default_rng(0).integers(0, 255, (6, 16, 16, 3), np.uint8)
    path = tmp_path / "a.gif"
    look = AnimationConfig(scale=2, colors=128, palette=palette)
    drain(Film(clip_of(images), look).write(path))
    frames, _, _ = read_back(path)
    colors = {tuple(c) for frame in frames for c in frame.reshape(-1, 4)[:, :3].tolist()}
    assert (len(colors) <= 128) == (palette == "shared")
    off = np.abs(np.stack(frames)[..., :3].astype(int) - enlarged(images, 2))
    assert off.mean() < (12 if palette == "frame" else 40)
    # Nothing is dithered: equal pixels stay equal.
    for frame in frames:
        assert np.array_equal(frame[::2, ::2], frame[1::2, 1::2])


def test_half_transparent_pixels_stay_so_in_png_and_webp(tmp_path: Path) -> None:
    images = np.random.default_rng(2).integers(0, 255, (3, 5, 7, 4), np.uint8)
    for kind in ("png", "webp"):
        path = tmp_path / f"a.{kind}"
        drain(Film(clip_of(images), AnimationConfig(format=kind, scale=1)).write(path))
        frames, _, _ = read_back(path)
        assert np.array_equal(np.stack(frames), images)


@pytest.mark.parametrize("kind", LOSSLESS)
def test_equal_frames_stay_apart_while_a_sprite_moves(tmp_path: Path, kind: str) -> None:
    images = np.zeros((12, 20, 30, 4), np.uint8)
    places = [0, 3, 3, 3, 3, 9, 9, 20, 3, 3, 3, 3]
    for image, place in zip(images, places, strict=True):
        image[place // 2 : place // 2 + 8, place : place + 8] = (200, place, 90, 255)
    durations = tuple(range(40, 40 + 120, 10))
    path = tmp_path / f"a.{kind}"
    clip = clip_of(images, durations_ms=durations)
    drain(Film(clip, AnimationConfig(format=kind, scale=2, hold_last_s=0)).write(path))
    frames, shown, _ = read_back(path)
    assert tuple(shown) == durations
    assert np.array_equal(np.stack(frames), enlarged(images, 2))


@pytest.mark.parametrize(("loop", "gif"), [(0, 0), (1, None), (3, 2)])
def test_how_often_it_is_played(tmp_path: Path, loop: int, gif: int | None) -> None:
    found = {}
    for kind in LOSSLESS:
        path = tmp_path / f"a.{kind}"
        drain(Film(clip_of(pictures()), AnimationConfig(format=kind, loop=loop)).write(path))
        found[kind] = read_back(path)[2].get("loop")
    # A GIF states the number of repetitions after the first time; Pillow returns that number.
    assert found == {"gif": gif, "png": loop, "webp": loop}


def test_ping_pong_goes_back_by_the_way_it_came(tmp_path: Path) -> None:
    images = pictures(4)
    images[2] = 255 - images[1]
    path = tmp_path / "a.png"
    look = AnimationConfig(
        format="png", scale=1, fps=20, ping_pong=True, hold_first_s=0.3, hold_last_s=0.7
    )
    drain(Film(clip_of(images), look).write(path))
    frames, durations, _ = read_back(path)
    assert np.array_equal(np.stack(frames)[..., :3], images[[0, 1, 2, 3, 2, 1]])
    assert durations == [300, 50, 50, 700, 50, 50]


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_delays_that_are_not_whole_do_not_add_up(tmp_path: Path, fps: int) -> None:
    images = pictures(48)
    look = AnimationConfig(scale=1, fps=fps, hold_last_s=0)
    for kind, unit in (("gif", 10), ("png", 1), ("webp", 1)):
        film = Film(clip_of(images), replace(look, format=kind))
        drain(film.write(tmp_path / f"a.{kind}"))
        _, durations, _ = read_back(tmp_path / f"a.{kind}")
        assert durations == film.shown_ms()
        if kind == "gif" and fps > 50:
            assert set(durations) == {20}, "the shortest that browsers take"
            continue
        edges = np.cumsum(durations)
        exact = np.arange(1, 49) * 1000 / fps
        assert np.abs(edges - exact).max() <= unit


def test_pictures_keep_durations_of_their_own(tmp_path: Path) -> None:
    clip = clip_of(pictures(3), durations_ms=(100, 250, 40))
    for kind in LOSSLESS:
        path = tmp_path / f"a.{kind}"
        drain(Film(clip, AnimationConfig(format=kind, hold_last_s=0)).write(path))
        assert read_back(path)[1] == [100, 250, 40]
    path = tmp_path / "a.mp4"
    drain(Film(clip, AnimationConfig(format="mp4", hold_last_s=0)).write(path))
    # 100 frames a second would be exact, but players do not support it.
    assert video_facts(path)[:2] == (50, 20)
    film = Film(clip, AnimationConfig(format="mp4", hold_last_s=0))
    assert film.shown_ms() == [100, 260, 40]


def video_facts(path: Path) -> tuple[float, int, tuple[int, int], list[NDArray]]:
    """Rate, number of frames, size and frames of a video, as read by imageio."""
    reader = imageio_ffmpeg.read_frames(str(path))
    facts = next(reader)
    width, height = facts["source_size"]
    frames = [np.frombuffer(data, np.uint8).reshape(height, width, 3) for data in reader]
    return facts["fps"], len(frames), (width, height), frames


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_a_video_has_every_frame_nearly_as_it_was(tmp_path: Path, kind: str) -> None:
    images = pictures(channels=4)
    path = tmp_path / f"a.{kind}"
    look = AnimationConfig(format=kind, scale=8, fps=10, hold_last_s=0.5)
    drain(Film(clip_of(images), look).write(path))
    fps, count, size, frames = video_facts(path)
    assert (fps, count, size) == (10, 9, (80, 48))
    want = composite(enlarged(images, 8)).astype(int)
    for got, i in zip(frames, [0, 1, 2, 3, 4, 4, 4, 4, 4], strict=True):
        # At the center of each enlarged pixel; elsewhere, color has half the resolution.
        off = np.abs(got.astype(int) - want[i])[4::8, 4::8]
        assert off.mean() < 6


def test_a_video_leaves_the_environment_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_NO_PREVENT_SIGINT", "0")
    before = dict(os.environ)
    drain(Film(clip_of(pictures(2)), AnimationConfig(format="mp4")).write(tmp_path / "a.mp4"))
    assert dict(os.environ) == before


def test_an_odd_side_of_a_video_grows_by_a_pixel(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    drain(
        Film(clip_of(pictures(3, size=(7, 9))), AnimationConfig(format="mp4", scale=3)).write(path)
    )
    assert video_facts(path)[2] == (28, 22)


def test_the_rate_of_a_video() -> None:
    assert video.rate_for([100, 250], None) == 20
    assert video.rate_for([33, 34], None) == 50, "a rate of 1000 is none"
    assert video.rate_for([50], 12.5) == Fraction(25, 2)
    assert video.frame_counts([100, 250, 40], Fraction(50)) == [5, 13, 2]
    assert video.frame_counts([1, 1, 1], Fraction(10)) == [1, 1, 1], "none is left out"


@pytest.mark.parametrize("kind", EVERY)
def test_the_settings_travel_in_the_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    drain(Film(clip_of(pictures(), config=CONFIG), AnimationConfig(format=kind)).write(path))
    assert read_config(path) == CONFIG
    thanked = clip_of(pictures(), config=CONFIG, attribution="“Pack” by Ann\n“Other” by Bo")
    drain(Film(thanked, AnimationConfig(format=kind)).write(path))
    assert read_config(path) == CONFIG
    assert b"by Bo" in path.read_bytes()
    drain(Film(clip_of(pictures()), AnimationConfig(format=kind)).write(path))
    assert read_config(path) is None


@pytest.mark.parametrize("kind", EVERY)
def test_called_off_it_leaves_nothing(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    path.write_bytes(b"what was there")
    run = Film(clip_of(pictures(20)), AnimationConfig(format=kind)).write(path)
    for _ in range(3):
        next(run)
    run.close()
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == b"what was there"


@pytest.mark.parametrize("kind", EVERY)
def test_a_frame_that_cannot_be_drawn_leaves_nothing(tmp_path: Path, kind: str) -> None:
    images = pictures(6)

    def picture(k: int) -> NDArray:
        if k == 4:
            raise FileError("The fifth picture is gone.")
        return images[k]

    with pytest.raises(FileError, match="fifth"):
        drain(Film(Clip("a", 6, picture), AnimationConfig(format=kind)).write(tmp_path / "a.x"))
    assert not list(tmp_path.iterdir())


def test_progress_ends_where_it_should(tmp_path: Path) -> None:
    for kind in EVERY:
        run = Film(clip_of(pictures()), AnimationConfig(format=kind)).write(tmp_path / "a.x")
        told = [(record.done, record.total) for record in run if record is not None]
        assert told[-1][0] == told[-1][1]
        assert told == sorted(told)


@pytest.mark.parametrize("kind", LOSSLESS)
def test_the_size_is_known_beforehand(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"a.{kind}"
    film = Film(clip_of(pictures()), AnimationConfig(format=kind, scale=4))
    drain(film.write(path))
    assert drain(film.estimate()) == (path.stat().st_size, True)
    # The size of a long one is estimated from parts, even with 60 frames of 64 x 64.
    monkeypatch.setattr("sprite_lab.formats.animation.film.SMALL", 0)
    long = clip_of(np.random.default_rng(0).integers(0, 255, (60, 32, 32, 3), np.uint8))
    film = Film(long, AnimationConfig(format=kind, scale=2))
    drain(film.write(path))
    size, exact = drain(film.estimate())
    assert not exact
    assert 0.7 < size / path.stat().st_size < 1.4


def test_missing_extra_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(extras, "find_ffmpeg", lambda: None)
    with pytest.raises(FileError, match=r"sprite-lab\[video\]"):
        drain(Film(clip_of(pictures()), AnimationConfig(format="mp4")).write(tmp_path / "a.mp4"))
    assert not list(tmp_path.iterdir())


def test_timing_that_may_not_be() -> None:
    for wrong in ({"fps": 0}, {"fps": 61}, {"hold_last_s": -1}, {"hold_first_s": 90}, {"loop": -1}):
        with pytest.raises(ConfigError):
            AnimationConfig(**wrong)
    assert AnimationConfig(ping_pong=True).order(1) == [0]
    assert AnimationConfig(ping_pong=True).order(2) == [0, 1]
    assert [AnimationConfig(ping_pong=True, loop=1).order(n) for n in (1, 2, 3)] == [
        [0], [0, 1, 0], [0, 1, 2, 1, 0],
    ], "played once it comes back to where it began"  # fmt: skip
    assert AnimationConfig(fps=30, hold_last_s=0).durations_ms(3) == (33, 34, 33)


class TestWhatIsDrawnBeside:
    CURVE = LossCurve(np.arange(1.0, 101), 1 / np.arange(1.0, 101))

    def film(self, **look: object) -> Film:
        clip = clip_of(
            pictures(5, size=(32, 32)),
            caption="From noise to sprites",
            labels=("t = 500", "t = 400", "t = 300", "t = 200", "t = 0"),
            ends=("noise", "clean"),
            curve=self.CURVE,
            steps=(1, 25, 50, 75, 100),
        )
        return Film(clip, AnimationConfig(scale=8, **look))  # type: ignore[arg-type]

    def test_the_sprites_are_left_as_they_are(self) -> None:
        film = self.film(slider=True, captioned=True, loss_curve=True)
        frame, want = film.frame(0), enlarged(pictures(5, size=(32, 32)), 8)[0]
        assert frame.shape[:2] == film.size[::-1]
        window = np.lib.stride_tricks.sliding_window_view(frame, want.shape)[..., 0, :, :, :]
        # In some place the whole picture is shown.
        assert (window[:, :, ::64, ::64] == want[::64, ::64]).all(axis=(2, 3, 4)).any()

    def test_each_part_takes_its_place(self) -> None:
        plain = self.film().size
        assert plain == (256, 256)
        heights = [
            self.film(**{name: True}).size[1] for name in ("slider", "captioned", "loss_curve")
        ]
        assert all(height > 256 for height in heights)
        everything = self.film(slider=True, captioned=True, loss_curve=True).size[1]
        margins = 2 * 12
        assert everything == sum(heights) - 2 * (256 + margins)

    def test_the_slider_moves_and_the_curve_grows(self) -> None:
        film = self.film(slider=True)
        accent = [
            np.argwhere((film.frame(k) == (36, 99, 201)).all(-1))[:, 1].max() for k in (0, 2, 4)
        ]
        assert accent[0] < accent[1] < accent[2]
        film = self.film(loss_curve=True)
        drawn = [int((film.frame(k) == (36, 99, 201)).all(-1).sum()) for k in (0, 2, 4)]
        assert drawn[0] < drawn[1] < drawn[2]

    def test_the_handle_is_a_disc_on_its_track_below_the_sprites(self) -> None:
        film = self.film(slider=True)
        margin, radius, top = 12, 5, 12 + 256
        middle, left, right = top + 6 + radius, 12, 12 + 256
        for k in (0, 2, 4):
            frame = film.frame(k)
            here = left + radius + round(k / 4 * (right - left - 2 * radius))
            accent = (frame == (36, 99, 201)).all(axis=-1)
            rows, columns = np.nonzero(accent[top:])
            # The outermost pixels are antialiased.
            assert (rows.min() + top, rows.max() + top) == (
                middle - radius + 1,
                middle + radius - 1,
            )
            assert columns.max() == here + radius - 1
            disc = accent[middle - radius : middle + radius + 1, here - radius : here + radius + 1]
            assert disc[radius, 1:-1].all()
            assert disc[1:-1, radius].all()
            assert not disc[[0, 0, -1, -1], [0, -1, 0, -1]].any(), "its corners are round"
            track = frame[middle, left : here - radius], frame[middle, here + radius + 1 : right]
            assert (track[0] == (36, 99, 201)).all()
            assert (track[1] == (209, 214, 221)).all()
            ahead = (frame[middle - 2 : middle + 2, here + radius + 1 : right] == 255).all(axis=-1)
            assert k == 4 or ahead.all(axis=1).tolist() == [True, False, False, True], "two thick"
        assert film.size == (256 + 2 * margin, 256 + 2 * margin + round(2.8 * 12))

    def test_the_curve_spans_its_frame_and_says_step_and_loss(self) -> None:
        film = self.film(loss_curve=True)
        frame = film.frame(4)
        accent = (frame == (36, 99, 201)).all(axis=-1)
        rows, columns = np.nonzero(accent)
        assert columns.min() <= 12 + 2
        assert columns.max() >= 12 + 256 - 4
        # On a log scale the loss 1 / step falls by half at step 10, a tenth of the way.
        middle = (rows.min() + rows.max()) / 2
        at_ten = rows[np.abs(columns - (12 + 256 * 9 / 99)) <= 2]
        assert np.abs(at_ten - middle).min() <= 3
        ground = frame[12 + 256 + 8 * 12 - 1, 12 : 12 + 256]
        assert (ground == (209, 214, 221)).all(), "a line below"
        words = (frame[12 + 256 : int(rows.min())] < 150).all(axis=-1)
        assert words[:, 12:140].any(), "the loss, on the left"
        assert words[:, 200 : 12 + 256].any(), "the step, on the right"
        both = self.film(loss_curve=True, slider=True).frame(4)
        below = (both[12 + 256 + round(2.8 * 12) :] < 150).all(axis=-1)
        assert not below[: rows.min() - 12 - 256, 200:].any(), "the slider says it"

    def test_it_stays_within_the_colors_of_a_gif(self) -> None:
        film = self.film(slider=True, captioned=True, loss_curve=True)
        colors = {tuple(c) for k in range(5) for c in film.frame(k).reshape(-1, 3).tolist()}
        assert len(colors) < 40

    def test_long_words_are_broken_and_narrow_pictures_get_room(self) -> None:
        short = self.film(captioned=True, caption="Short")
        long = self.film(
            captioned=True, caption="A sentence that is much too long for the one line there is"
        )
        assert long.size[0] == short.size[0]
        assert long.size[1] > short.size[1]
        tiny = Film(clip_of(pictures(2)), AnimationConfig(scale=1, captioned=True, caption="Hello"))
        assert tiny.size[0] >= 176

    def test_rows_have_their_names_beside_them(self) -> None:
        images = pictures(2, size=(32, 16), channels=4)
        bare = Film(clip_of(images), AnimationConfig(scale=8, captioned=True, caption="Two"))
        clip = clip_of(images, rows=("first row", "second"))
        film = Film(clip, AnimationConfig(scale=8, captioned=True, caption="Two"))
        assert film.size[1] == bare.size[1]
        beside = film.size[0] - bare.size[0]
        assert beside > 30
        written = (film.frame(0)[:, 12 : 12 + beside] < 128).any(axis=(1, 2))
        assert np.array_equal(film.frame(0)[:, 12 + beside :][48:], bare.frame(0)[:, 12:][48:])
        top = film.size[1] - 12 - 256
        assert written[top : top + 128].any()
        assert written[top + 128 : top + 256].any()
        for number in range(2):
            inked = np.flatnonzero(written[top + 128 * number : top + 128 * (number + 1)])
            assert abs(inked.mean() - 64) < 8, "each is in the middle of its row"

    def test_a_label_takes_the_place_of_the_end_that_it_is_at(self) -> None:
        images, look = pictures(3, size=(32, 32)), AnimationConfig(scale=8, slider=True)
        labels = ("t = 500", "t = 250", "t = 0")

        def frames(ends: tuple[str, str]) -> list[bytes]:
            film = Film(clip_of(images, labels=labels, ends=ends), look)
            return [film.frame(k).tobytes() for k in range(3)]

        both, first, last = frames(("noise", "clean")), frames(("noise", "")), frames(("", "clean"))
        assert both[0] == last[0] != first[0]
        assert both[1] not in (first[1], last[1])
        assert both[2] == first[2] != last[2]

    def test_a_label_without_room_between_the_ends_takes_their_place(self) -> None:
        def written(label: str, ends: tuple[str, str]) -> NDArray:
            clip = clip_of(pictures(1, size=(8, 8)), labels=(label,), ends=ends)
            return Film(clip, AnimationConfig(scale=1, slider=True)).frame(0)

        ends, long = ("noise", "clean"), "t = 300 of a thousand steps"
        assert np.array_equal(written(long, ends), written(long, ("", "")))
        assert not np.array_equal(written("", ends), written("", ("", "")))

    def test_without_labels_the_ends_stand_alone(self) -> None:
        images = pictures(1, size=(8, 8))
        look = AnimationConfig(scale=1, slider=True)
        bare, labeled = (
            Film(clip_of(images, ends=("noise", "clean"), labels=labels), look).frame(0)
            for labels in ((), ("",))
        )
        assert np.array_equal(bare, labeled)


def test_a_line_is_filled_to_its_last_pixel() -> None:
    """A word that just fits stays; with one pixel less, it moves to the next line."""
    clip = clip_of(pictures(1, size=(8, 8)), caption="some more words")
    notes = Notes(clip, AnimationConfig(scale=1, captioned=True))
    wide = notes._length("some more")
    for room, lines in ((wide, ["some more", "words"]), (wide - 0.01, ["some", "more", "words"])):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(annotate, "LEAST_WIDTH", room)
            assert Notes(clip, notes.config)._lines == lines


def test_a_webp_has_a_longest_side(tmp_path: Path) -> None:
    film = Film(clip_of(pictures(1, size=(1, 256))), AnimationConfig(format="webp", scale=64))
    with pytest.raises(FileError, match="A WebP cannot be 16,384×64 pixels: at most 16,383 a side"):
        drain(film.write(tmp_path / "a.webp"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "xmp", [b"", b"<", b"<a/>", webp.xmp("", "").replace(b"rdf:RDF>", b"rdf:Other>")]
)
def test_a_webp_with_other_metadata_has_no_settings(tmp_path: Path, xmp: bytes) -> None:
    Image.new("RGB", (2, 2)).save(tmp_path / "a.webp", xmp=xmp)
    assert read_config(tmp_path / "a.webp") is None


def test_frames_of_a_webp_are_split_whatever_lies_between_them() -> None:
    """Chunks of odd length are followed by a padding byte."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return kind + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)

    place = bytes(6) + (4).to_bytes(3, "little") + (2).to_bytes(3, "little")
    parts = [chunk(b"VP8X", bytes(10)), chunk(b"ICCP", b"odd")]
    parts += [chunk(b"ANMF", place + bytes([n, 0, 0, 3]) + b"pixels"[: 5 + n % 2]) for n in (9, 8)]
    data = chunk(b"RIFF", b"WEBP" + b"".join(parts))
    split = webp.with_equal_frames(data, [[10, 20, 30], [40]])
    assert int.from_bytes(split[4:8], "little") == len(split) - 8
    found, at = [], 12
    while at < len(split):
        length = int.from_bytes(split[at + 4 : at + 8], "little")
        found.append((split[at : at + 4], split[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    assert [kind for kind, _ in found] == [b"VP8X", b"ICCP", *[b"ANMF"] * 4]
    assert (found[0][1][0], found[1][1]) == (0x10, b"odd")
    frames = [body for kind, body in found if kind == b"ANMF"]
    assert [int.from_bytes(body[12:15], "little") for body in frames] == [10, 20, 30, 40]
    # The first part is drawn like the merged frame, the last one disposed of like it.
    assert [body[15] for body in frames] == [2, 0, 1, 3]
    assert [body[:12] == place for body in frames] == [True] * 4
    assert (frames[0][16:], frames[3][16:]) == (b"pixels", b"pixel")
    assert frames[1][16:] == frames[2][16:] != frames[0][16:]
    for runs in ([[10], [40]], [[10, 20]]):  # nothing to split, or other frames
        assert webp.with_equal_frames(data, runs) is data
