"""``sample``, ``trajectory`` and ``export``: what they write."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.pixels.characters import LEADER, TURNS
from sprite_lab.core.sets.sprites import COURSE_CLASSES
from sprite_lab.engine.sampling.turning import load_turner
from sprite_lab.formats.metadata import read_config
from sprite_lab.paths import resource
from tests.cli.conftest import Command
from tests.strict_aseprite import read


@pytest.fixture
def quick(small_run: Path) -> list[object]:
    return ["--model", small_run, "--steps", 3]


class TestSample:
    def test_arrays(self, command: Command, quick: list[object], tmp_path: Path) -> None:
        out = tmp_path / "new" / "s.npz"
        done = command("sample", *quick, "--count", 5, "--out", out, "--json")
        assert done.code == 0, done.err
        assert done.json["count"] == 5
        with np.load(out, allow_pickle=False) as file:
            assert (file["images"].shape, file["images"].dtype) == ((5, 16, 16, 3), np.uint8)
            assert (file["alpha"].shape, file["alpha"].dtype) == ((5, 16, 16), np.uint8)
            # As in the window, classes alternate.
            assert (file["labels"].tolist(), file["labels"].dtype) == ([0, 1, 2, 3, 4], np.int64)

    def test_without_a_class_if_so_asked(
        self, command: Command, quick: list[object], tmp_path: Path
    ) -> None:
        out = tmp_path / "s.npz"
        assert command("sample", *quick, "--count", 3, "--classes", "", "--out", out).code == 0
        with np.load(out) as file:
            assert file["labels"].tolist() == [-1] * 3

    def test_words_that_the_model_lacks(
        self, command: Command, quick: list[object], tmp_path: Path
    ) -> None:
        done = command("sample", *quick, "--words", "red slime", "--out", tmp_path / "s.npz")
        assert done.code == 1
        assert "knows no words, so it cannot be asked for 'red'" in done.error

    def test_a_file_of_prompts(self, command: Command, quick: list[object], tmp_path: Path) -> None:
        prompts, out = tmp_path / "prompts.txt", tmp_path / "s.npz"
        prompts.write_text("\n \n", "utf-8")
        done = command("sample", *quick, "--prompts", prompts, "--out", out)
        assert (done.code, "holds no prompts" in done.error) == (1, True)
        done = command("sample", *quick, "--prompts", tmp_path / "none.txt", "--out", out)
        assert "There is no file" in done.error
        done = command("sample", *quick, "--prompts", prompts, "--count", 3, "--out", out)
        assert (done.code, "leave --words and --count out" in done.err) == (2, True)

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (None, "is a folder"),
            (b"", "is empty"),
            (b"red \xff\xfe slime", "is not UTF-8 text"),
            (b"\xff\xfer\x00e", "is not UTF-8 text"),
            (b"red\n" * 10_001, "holds 10,001 prompts, but at most 10,000"),
            (b"a" * 10_000_001, "at most 10 MB"),
            ("red slime".encode("utf-16"), "cannot be asked for 'red'"),
            ("red slime".encode("utf-8-sig"), "cannot be asked for 'red'"),
        ],
    )
    def test_hostile_files_of_prompts(
        self,
        command: Command,
        quick: list[object],
        tmp_path: Path,
        content: bytes | None,
        says: str,
    ) -> None:
        prompts = tmp_path / "prompts.txt"
        if content is None:
            prompts.mkdir()
        else:
            prompts.write_bytes(content)
        done = command("sample", *quick, "--prompts", prompts, "--out", tmp_path / "s.npz")
        assert done.code == 1
        assert says in done.error

    def test_prompts_leave_the_settings_of_each_sprite(
        self, command: Command, tmp_path: Path
    ) -> None:
        facts = command("info", "real", "--json").json
        one, two = facts["words"][:2]
        prompts = tmp_path / "prompts.txt"
        prompts.write_text(f"{one}\n{two}\n", "utf-8")
        model = ["--model", "real", "--steps", 1, "--device", "cpu", "--seed", 3]
        npz, folder = tmp_path / "s.npz", tmp_path / "many"
        done = command("sample", *model, "--prompts", prompts, "--out", npz, "--json")
        assert done.code == 0, done.err
        told = [SampleConfig.from_json(config) for config in done.json["configs"]]
        assert [config.words for config in told] == [(one,), (two,)]
        assert [config.indices[0] for config in told] == [0, 1]
        assert {(config.count, config.seed, config.steps) for config in told} == {(1, 3, 1)}
        assert "config" not in done.json
        kept = command("info", npz, "--json").json
        assert (kept["kind"], kept["configs"]) == ("samples", done.json["configs"])
        assert command("sample", *model, "--prompts", prompts, "--out", folder).code == 0
        assert {path.stem: read_config(path) for path in folder.iterdir()} == {
            one: told[0],
            two: told[1],
        }

    def test_sprites_are_named_after_their_prompts(self, command: Command, tmp_path: Path) -> None:
        """They were once sprite-1, sprite-2, ..., so a game could not tell which was the potion."""
        prompts, out = tmp_path / "prompts.txt", tmp_path / "items.png"
        prompts.write_text("red potion\nsword\nsword\n", "utf-8")
        given = ["--model", "real", "--steps", 1, "--device", "cpu", "--json-layout", "hash"]
        done = command("sample", *given, "--prompts", prompts, "--out", out)
        assert done.code == 0, done.err
        frames = json.loads(out.with_suffix(".json").read_text("utf-8"))["frames"]
        assert [Path(name).stem for name in frames] == ["red-potion", "sword", "sword-2"]

    @pytest.mark.parametrize(
        "wrong",
        [
            ["--of", 4],
            ["--keep-best", 4],
            ["--keep-best", 5, "--of", 4],
            ["--keep-best", 2, "--of", 4, "--count", 3],
        ],
    )
    def test_the_best_of_too_few(
        self, command: Command, quick: list[object], tmp_path: Path, wrong: list[object]
    ) -> None:
        assert command("sample", *quick, *wrong, "--out", tmp_path / "s.npz").code == 2

    def test_classes_are_dealt_in_turn(
        self, command: Command, quick: list[object], tmp_path: Path
    ) -> None:
        out = tmp_path / "s.npz"
        done = command("sample", *quick, "--count", 5, "--classes", "item, hero", "--out", out)
        assert done.code == 0, done.err
        with np.load(out) as file:
            assert file["labels"].tolist() == [3, 0, 3, 0, 3]

    def test_a_sprite_depends_on_seed_and_index_alone(
        self, command: Command, quick: list[object], tmp_path: Path
    ) -> None:
        def draw(count: int, seed: int) -> np.ndarray:
            out = tmp_path / f"{count}-{seed}.npz"
            arguments = ["--count", count, "--seed", seed, "--sampler", "ddpm", "--out", out]
            assert command("sample", *quick, *arguments).code == 0
            with np.load(out) as file:
                return file["images"].astype(int)

        six, two, other = draw(6, 7), draw(2, 7), draw(2, 8)
        assert np.abs(six[:2] - two).max() <= 1
        assert np.abs(two - other).max() > 10

    def test_a_sheet_carries_its_settings(
        self, command: Command, quick: list[object], tmp_path: Path
    ) -> None:
        out = tmp_path / "s.png"
        arguments = ["--count", 4, "--guidance", 3, "--seed", 2, "--scale", 5, "--out", out]
        done = command("sample", *quick, *arguments, "--precision", "fp32", "--json")
        assert done.code == 0
        with Image.open(out) as image:
            assert image.size == (160, 160)
        expected = SampleConfig(
            count=4,
            guidance_scale=3.0,
            seed=2,
            classes=COURSE_CLASSES,
            sampler="dpmpp_2m",
            steps=3,
            precision="fp32",
            autoguidance=0.0,  # there is no weak version
        )
        assert read_config(out) == expected
        assert done.json["config"] == expected.to_json()
        assert command("info", out, "--json").json["config"] == expected.to_json()

    def test_single_pictures_by_a_template(
        self, command: Command, quick: list[object], tmp_path: Path
    ) -> None:
        out = tmp_path / "new" / "sprites"
        arguments = ["--count", 3, "--classes", "hero,food", "--seed", 9, "--out", out]
        done = command("sample", *quick, *arguments, "--template", "{class}-{index:02}", "--json")
        assert done.code == 0, done.err
        names = ["hero-01.png", "food-02.png", "hero-03.png"]
        assert [Path(file).name for file in done.json["files"]] == names
        assert sorted(path.name for path in out.iterdir()) == sorted(names)
        with Image.open(out / "hero-01.png") as image:
            assert (image.size, image.mode) == ((16, 16), "RGBA")
        config = read_config(out / "hero-03.png")
        assert config is not None
        assert (config.count, config.first_index, config.seed) == (1, 2, 9)

    def test_a_sheet_with_its_json(
        self, command: Command, quick: list[object], tmp_path: Path
    ) -> None:
        out = tmp_path / "s.png"
        look = ("--padding", 2, "--extrude", 1, "--power-of-two", "--columns", 3)
        done = command(
            *("sample", *quick, "--count", 5, "--out", out, *look, "--json-layout", "array"),
        )
        assert done.code == 0, done.err
        told = json.loads((tmp_path / "s.json").read_text())
        assert told["meta"]["size"] == {"w": 64, "h": 64}
        assert told["frames"][4]["frame"] == {"x": 23, "y": 23, "w": 16, "h": 16}
        with Image.open(out) as image:
            assert image.size == (64, 64)

    def test_single_pictures_and_a_sheet_with_its_json_in_one_run(
        self, command: Command, quick: list[object], tmp_path: Path
    ) -> None:
        out = tmp_path / "sprites"
        asked = ["--count", 2, "--classes", "hero", "--template", "{class}-{index:02}"]
        sheet = ["--sheet-too", "--json-layout", "hash"]
        done = command("sample", *quick, *asked, *sheet, "--out", out, "--json")
        assert done.code == 0, done.err
        files = {Path(file).name for file in done.json["files"]}
        assert files == {path.name for path in out.iterdir()}
        assert {"hero-01.png", "hero-02.png"} < files
        (told,) = out.glob("*.json")
        assert list(json.loads(told.read_text())["frames"]) == ["hero-01.png", "hero-02.png"]
        with Image.open(told.with_suffix(".png")) as image, Image.open(out / "hero-02.png") as one:
            assert np.array_equal(np.asarray(image)[:16, -16:], np.asarray(one))
        wrong = command("sample", *quick, *sheet, "--out", tmp_path / "s.png")
        assert wrong.code == 2
        assert "name a folder" in wrong.err

    @pytest.mark.parametrize(
        ("out", "option", "said"),
        [
            ("s.npz", ("--engine", "css"), "--engine is for a sheet: end --out in .png."),
            ("s.npz", ("--scale", 4), "--scale is for pictures: end --out in .png or name"),
            ("folder", ("--padding", 1), "--padding is for a sheet: end --out in .png, or add"),
        ],
    )
    def test_options_that_would_change_nothing_are_refused(
        self, command: Command, tmp_path: Path, out: str, option: tuple[object, ...], said: str
    ) -> None:
        done = command("sample", "--model", "x", *option, "--out", tmp_path / out)
        assert done.code == 2
        assert said in done.error

    def test_a_template_that_cannot_be_filled_is_wrong_usage(
        self, command: Command, tmp_path: Path
    ) -> None:
        arguments = ("--out", tmp_path / "d", "--template", "{sead}")
        done = command("sample", "--model", "x", *arguments)
        assert done.code == 2
        assert "{seed}" in done.error

    def test_options_override_the_config_file(
        self, command: Command, small_run: Path, tmp_path: Path
    ) -> None:
        config = SampleConfig(
            count=3, seed=4, steps=2, classes=("food",), sampler="ddpm", precision="fp32"
        )
        (tmp_path / "c.json").write_text(json.dumps(config.to_json()))
        out = tmp_path / "s.npz"
        done = command(
            "sample",
            *("--model", small_run, "--config", tmp_path / "c.json"),
            *("--seed", 5, "--out", out, "--json"),
        )
        assert done.code == 0, done.err
        assert done.json["config"] == {**config.to_json(), "seed": 5, "autoguidance": 0.0}

    def test_the_settings_that_it_tells_are_those_that_were_used(
        self, command: Command, small_run: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "s.npz"
        drawing = ["--model", small_run, "--count", 1, "--sampler", "ddim", "--steps", 5000]
        told = command("sample", *drawing, "--out", out, "--json").json["config"]
        assert told["steps"] == 500  # the model's T
        assert told["precision"] in ("fp32", "bf16")
        assert command("info", out, "--json").json["config"] == told

    def test_a_drawing_in_the_config_is_kept_where_it_says(
        self, command: Command, small_run: Path, tmp_path: Path
    ) -> None:
        drawing = np.zeros((16, 16, 4), np.uint8)
        drawing[..., 0], drawing[..., 3] = 200, 255
        known = np.zeros((16, 16), np.uint8)
        known[:8] = 1
        config = SampleConfig(
            count=2, steps=3, drawing=drawing.tobytes(), known_mask=known.tobytes()
        )
        (tmp_path / "c.json").write_text(json.dumps(config.to_json()))
        out = tmp_path / "s.npz"
        arguments = ["--model", small_run, "--config", tmp_path / "c.json", "--out", out]
        assert command("sample", *arguments).code == 0
        with np.load(out) as file:
            kept = file["images"][:, :8].astype(int)
        assert np.abs(kept - [200, 0, 0]).max() <= 1

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("{", "not JSON"),
            ('{"guidance_scale": NaN}', "NaN"),
            ('{"seed": 1, "seed": 2}', "twice"),
            ('{"color": 1}', "'color'"),
            ("[]", "JSON object"),
        ],
    )
    def test_a_bad_config_file_is_one_sentence(
        self, command: Command, quick: list[object], tmp_path: Path, text: str, reason: str
    ) -> None:
        (tmp_path / "c.json").write_text(text)
        out = tmp_path / "s.npz"
        done = command("sample", *quick, "--config", tmp_path / "c.json", "--out", out)
        assert done.code == 1
        assert reason in done.error
        assert not out.exists()

    def test_an_unknown_class_names_the_known(
        self, command: Command, quick: list[object], tmp_path: Path
    ) -> None:
        done = command("sample", *quick, "--classes", "orc", "--out", tmp_path / "s.npz")
        assert done.code == 1
        assert "side_facing" in done.error

    def test_weights_that_draw_nothing(self, command: Command, tmp_path: Path) -> None:
        features = resource("models", "features", "weights.safetensors")
        done = command("sample", "--model", features, "--out", tmp_path / "s.npz")
        assert done.code == 1
        assert "not of a model that draws" in done.error

    def test_a_model_that_is_not_there(self, command: Command, tmp_path: Path) -> None:
        done = command("sample", "--model", tmp_path / "no", "--out", tmp_path / "s.npz")
        assert done.code == 1
        assert str(tmp_path / "no") in done.error


class TestTrajectory:
    @pytest.fixture
    def recorded(self, command: Command, quick: list[object], tmp_path: Path) -> Path:
        out = tmp_path / "t.npz"
        done = command("trajectory", *quick, "--count", 2, "--seed", 1, "--out", out, "--json")
        assert done.code == 0, done.err
        assert (done.json["frames"], done.json["count"]) == (4, 2)
        return out

    def test_arrays(self, recorded: Path) -> None:
        with np.load(recorded, allow_pickle=False) as file:
            x0, x_t, t, log_snr = (file[name] for name in ("x0", "x_t", "t", "log_snr"))
        assert x0.shape == x_t.shape == (4, 2, 16, 16, 3)
        assert {a.dtype for a in (x0, x_t, t, log_snr)} == {np.dtype(np.float32)}
        assert np.abs(x0).max() <= 1
        assert t[0] == 500
        assert t[-1] == 0
        assert (np.diff(t) < 0).all()
        assert np.isfinite(log_snr).all()
        assert (np.diff(log_snr) > 0).all()
        # Variance-preserving: x_t minus alpha x0 is noise of that scale.
        alpha, std = np.sqrt(1 / (1 + np.exp(-log_snr))), np.sqrt(1 / (1 + np.exp(log_snr)))
        epsilon = (x_t[0] - alpha[0] * x0[0]) / std[0]
        assert 0.8 < epsilon.std() < 1.2

    def test_the_last_frame_is_what_sample_draws(
        self, command: Command, quick: list[object], recorded: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "s.npz"
        assert command("sample", *quick, "--count", 2, "--seed", 1, "--out", out).code == 0
        with np.load(recorded) as trajectory, np.load(out) as samples:
            last = np.rint((np.clip(trajectory["x_t"][-1], -1, 1) + 1) * 127.5)
            assert np.abs(last - samples["images"].astype(float)).max() <= 1

    def test_gif(self, command: Command, quick: list[object], tmp_path: Path) -> None:
        out = tmp_path / "t.gif"
        arguments = ["--count", 4, "--scale", 2, "--fps", 10, "--out", out]
        done = command("trajectory", *quick, *arguments, "--precision", "fp32", "--json")
        assert done.code == 0
        with Image.open(out) as gif:
            assert (gif.n_frames, gif.size) == (4, (64, 64))
            assert gif.info["duration"] == 100
        used = SampleConfig(
            count=4,
            classes=COURSE_CLASSES,
            sampler="dpmpp_2m",
            steps=3,
            precision="fp32",
            autoguidance=0.0,
        )
        assert read_config(out) == used
        assert done.json["config"] == used.to_json()


class TestExport:
    @pytest.mark.parametrize(
        ("kind", "frames", "width"), [("reverse", 4, 33 * 3), ("forward", 12, 33 * 3)]
    )
    def test_trajectories(
        self,
        command: Command,
        small_run: Path,
        sprites_file: Path,
        tmp_path: Path,
        kind: str,
        frames: int,
        width: int,
    ) -> None:
        out = tmp_path / "a.gif"
        own = ("--steps", 3) if kind == "reverse" else ("--data", sprites_file)
        done = command(
            *("export", small_run, "--kind", kind, "--out", out, *own),
            *("--scale", 3, "--fps", 20, "--count", 4, "--max-frames", 12, "--json"),
        )
        assert done.code == 0, done.err
        assert done.json == {
            "out": str(out),
            "kind": kind,
            "frames": frames,
            "width": width,
            "height": width,
            "seconds": (frames - 1) / 20 + 1,
        }
        with Image.open(out) as gif:
            assert (gif.n_frames, gif.width) == (frames, width)
            assert gif.info["duration"] == 50
            first = np.asarray(gif.convert("RGB")).astype(int)
            gif.seek(frames - 1)
            assert gif.info["duration"] == 1000
            last = np.asarray(gif.convert("RGB")).astype(int)
        noise, clean = (first, last) if kind == "reverse" else (last, first)
        assert noise.std() > 30
        assert np.abs(noise - clean).mean() > 10
        if kind == "forward":
            assert (clean == 255).all(axis=2).mean() > 0.4
        else:
            used = read_config(out)
            assert used is not None
            assert used.sampler == "dpmpp_2m"

    def test_training(self, command: Command, small_run: Path, tmp_path: Path) -> None:
        out = tmp_path / "a.gif"
        done = command(
            "export", small_run, "--kind", "training", "--out", out, "--scale", 2, "--json"
        )
        assert done.code == 0, done.err
        sheets = len(list((small_run / "samples").glob("*.png")))
        with Image.open(out) as gif:
            assert gif.n_frames == sheets == done.json["frames"] >= 2
            assert gif.width % 32 == 0

    @pytest.mark.parametrize("ending", ["gif", "png", "webp", "mp4", "webm"])
    def test_every_format_with_everything_beside(
        self, command: Command, small_run: Path, tmp_path: Path, ending: str
    ) -> None:
        out = tmp_path / f"a.{ending}"
        look = ("--ping-pong", "--loop", 2, "--hold-first", 0.5, "--slider", "--caption", "Hello")
        done = command(
            *("export", small_run, "--kind", "training", "--out", out, "--scale", 2),
            *(*look, "--loss-curve", "--fps", 10, "--json"),
        )
        assert done.code == 0, done.err
        sheets = len(list((small_run / "samples").glob("*.png")))
        assert done.json["frames"] == 2 * sheets - 2
        width, height = done.json["width"], done.json["height"]
        assert height > 2 * 16
        if ending in ("mp4", "webm"):
            import imageio_ffmpeg

            facts = next(imageio_ffmpeg.read_frames(str(out)))
            assert facts["source_size"] == (width + width % 2, height + height % 2)
            return
        with Image.open(out) as picture:
            assert (picture.n_frames, picture.size) == (2 * sheets - 2, (width, height))
            assert picture.info["loop"] == (1 if ending == "gif" else 2)
            picture.load()
            assert picture.info["duration"] == 500

    def test_other_endings_are_refused(self, command: Command, tmp_path: Path) -> None:
        done = command("export", "x", "--kind", "training", "--out", tmp_path / "a.avi")
        assert done.code == 2
        assert ".webm" in done.error

    def test_training_of_what_is_not_there(self, command: Command, tmp_path: Path) -> None:
        done = command("export", "nope", "--kind", "training", "--out", tmp_path / "a.gif")
        assert done.code == 1
        assert "no run folder 'nope'" in done.error

    def test_of_what_is_no_run(self, command: Command, tmp_path: Path) -> None:
        for kind in ("reverse", "forward", "training"):
            done = command("export", tmp_path, "--kind", kind, "--out", tmp_path / "a.gif")
            assert done.code == 1
            assert done.error
        assert not (tmp_path / "a.gif").exists()


class TestVariants:
    def test_each_sprite_in_all_words_from_its_noise(
        self, command: Command, small_run: Path, tmp_path: Path
    ) -> None:
        given = ["--model", "builtin", "--steps", 1, "--words", "slime red"]
        given += ["--variants", "red, blue", "--out", tmp_path / "s.npz", "--json"]
        done = command("sample", *given, "--count", 2)
        assert done.code == 0, done.err
        asked = [(c["words"], c["first_index"]) for c in done.json["configs"]]
        first, second = ["slime", "red"], ["slime", "blue"]
        assert asked == [(first, 0), (second, 0), (first, 1), (second, 1)]
        done = command("sample", *given)
        assert done.json["count"] == 2
        assert command("sample", *given, "--keep-best", 1, "--of", 2).code == 2


class TestTerrain:
    def test_from_words_with_a_terrain_for_tiled(
        self, command: Command, quick: list[object], tmp_path: Path
    ) -> None:
        out = tmp_path / "tiles.png"
        done = command(
            "terrain", *quick, "--first", "hero", "--second", "food", "--engine", "tiled",
            "--out", out, "--json",
        )  # fmt: skip
        assert done.code == 0, done.err
        assert Image.open(out).size == (64, 64)
        assert len(set(done.json["corners"])) == 16
        assert '<wangset name="Terrain" type="corner"' in out.with_suffix(".tsx").read_text("utf-8")
        assert '<wangcolor name="food"' in out.with_suffix(".tsx").read_text("utf-8")

    def test_from_pictures_of_both_grounds_only(
        self, command: Command, quick: list[object], tmp_path: Path
    ) -> None:
        mud, out = tmp_path / "mud.png", tmp_path / "tiles.png"
        Image.new("RGBA", (16, 16), (90, 60, 30, 255)).save(mud)
        done = command("terrain", *quick, "--first", mud, "--second", "food", "--out", out)
        assert (done.code, out.exists()) == (2, False)
        assert "both grounds" in done.error
        done = command("terrain", *quick, "--first", mud, "--second", mud, "--out", out)
        assert done.code == 0, done.err
        done = command("terrain", *quick, "--first", mud, "--second", "grss.png", "--out", out)
        assert "There is no file 'grss.png'" in done.error


class TestCharacter:
    def test_a_sheet_with_animations(
        self, command: Command, quick: list[object], tmp_path: Path
    ) -> None:
        drawing, out = tmp_path / "hero.png", tmp_path / "walk.png"
        picture = Image.new("RGBA", (16, 16))
        picture.paste((200, 100, 50, 255), (4, 2, 12, 14))
        picture.save(drawing)
        given = ["--drawing", drawing, "--class", "hero", "--engine", "godot", "--out", out]
        done = command("character", *quick, *given, "--json")
        assert done.code == 0, done.err
        sheet = np.asarray(Image.open(out))
        assert sheet.shape == (64, 64, 4)
        assert np.array_equal(sheet[:16, :16], np.asarray(picture))
        assert np.array_equal(sheet[16:32, :16], sheet[32:48, :16][:, ::-1])
        assert '&"walk_left"' in out.with_suffix(".tres").read_text("utf-8")
        Image.new("RGBA", (16, 16)).save(drawing)
        assert command("character", *quick, *given).code == 2

    def test_a_file_of_aseprite(
        self, command: Command, quick: list[object], tmp_path: Path
    ) -> None:
        drawing, out = tmp_path / "hero.png", tmp_path / "walk.aseprite"
        picture = Image.new("RGBA", (16, 16))
        picture.paste((200, 100, 50, 255), (4, 2, 12, 14))
        picture.save(drawing)
        given = ["--drawing", drawing, "--class", "hero", "--out", out]
        assert command("character", *quick, *given, "--engine", "godot").code == 2
        done = command("character", *quick, *given, "--json")
        assert done.code == 0, done.err
        assert done.json["files"] == [str(out)]
        found = read(out.read_bytes())
        assert [tag[0] for tag in found.tags] == [
            "walk_down", "walk_left", "walk_right", "walk_up"
        ]  # fmt: skip
        assert len(found.durations_ms) == 16
        assert np.array_equal(found.layer_in(0, 0), np.asarray(picture))

    def test_with_the_characters_it_is_made_of_its_own_pixels(
        self, command: Command, tmp_path: Path
    ) -> None:
        drawing = tmp_path / "hero.png"
        picture = Image.new("RGBA", (16, 16))
        picture.paste((200, 100, 50, 255), (4, 2, 12, 10))
        picture.paste((50, 100, 200, 255), (3, 10, 13, 14))
        picture.save(drawing)
        sheets = []
        for name, seed in (("a", ()), ("b", ()), ("c", ("--seed", 1))):
            out = tmp_path / f"{name}.png"
            given = ["--model", "characters", "--drawing", drawing, "--out", out, *seed]
            done = command("character", *given)
            assert done.code == 0, done.err
            sheets.append(np.asarray(Image.open(out)))
        assert np.array_equal(sheets[0], sheets[1])
        assert not np.array_equal(sheets[0], sheets[2])
        turner, front = load_turner(), {LEADER: np.asarray(picture)}
        views = turner.draw(front, TURNS, None)
        best = [turner.with_ruled(front, [{p: views[p]}])[0][p] for p in ("right 0", "up 0")]
        assert np.array_equal(sheets[0][32:, :16], np.concatenate(best)), "unless a seed is given"
        by_chance = turner.draw(front, TURNS, 1)
        assert np.array_equal(sheets[2][48:, :16], by_chance["up 0"])
        asked = command("character", *given, "--words", "wizard")
        assert asked.code == 2
        assert "nothing but the drawing" in asked.error
        drawn = {tuple(color) for color in sheets[2].reshape(-1, 4).tolist() if color[3]}
        assert drawn == {(200, 100, 50, 255), (50, 100, 200, 255)}
        given = ["--model", "characters", "--drawing", drawing, "--out", tmp_path / "d.png"]
        picture.resize((32, 32), Image.Resampling.NEAREST).save(drawing)
        assert command("character", *given).code == 0
        assert Image.open(tmp_path / "d.png").size == (128, 128)
        picture.resize((18, 18), Image.Resampling.NEAREST).save(drawing)
        assert "12 to 16 pixels a side, or twice as many" in command("character", *given).error
