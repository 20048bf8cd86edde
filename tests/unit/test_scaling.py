"""Every reader takes time in proportion to its input, and respects the limits
stated in the help.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, PngImagePlugin

from sprite_lab.app.shell.settings import Settings
from sprite_lab.app.train.run_past import read_past
from sprite_lab.cli import options, sampling
from sprite_lab.core import strict_json
from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.config_text import config_text
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.pixels import cells, palette, pictures
from sprite_lab.core.results.measured import Measured, Sizes
from sprite_lab.core.results.probability import Bound
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets import credits, vocabulary
from sprite_lab.core.sets.imports import ImportChoices
from sprite_lab.core.sets.vocabulary import Deck, Prompt, Vocabulary
from sprite_lab.core.sweep import SweepPlan
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.engine.models import calibration_file, checkpoint, course_weights
from sprite_lab.engine.serving import answers, server
from sprite_lab.engine.training import run_folder, sweep
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.formats import arrays, lessons, measurements, onnx_file, project, results
from sprite_lab.formats.aseprite.aseprite import write_aseprite
from sprite_lab.formats.images import course, palettes, png
from sprite_lab.formats.images.palettes import load_palette
from sprite_lab.formats.images.pictures import read_pictures
from sprite_lab.formats.images.png import read_image
from sprite_lab.formats.importing import arrays as importing_arrays
from sprite_lab.formats.importing import companions, decode, plan_import_iter, sheet_json, sources
from sprite_lab.formats.importing import tables as tables_module
from sprite_lab.formats.importing.engine_texts import described_sheets
from sprite_lab.formats.importing.sheet_json import parse_sheet
from sprite_lab.formats.json_files import write_json
from sprite_lab.formats.metadata import read_config
from sprite_lab.formats.sets import compressed, sprite_checks, store
from sprite_lab.formats.sets.sprite_checks import check_class_names
from sprite_lab.formats.sets.sprites import load_sprites
from sprite_lab.formats.sets.store_writer import StoreWriter
from sprite_lab.formats.sets.trajectories import load_trajectory, save_trajectory
from sprite_lab.paths import resource
from tests.made import make_sprites
from tests.unit.formats.test_measurements import MODEL, entropies

#: Makes a file of a given size in a folder; returns a function that reads it.
Case = Callable[[Path, int], Callable[[], object]]


def equal_keys(folder: Path, n: int) -> Callable[[], object]:
    text = "{" + ", ".join(['"a": 1', *(f'"key {i}": 1' for i in range(n)), '"key 1": 1']) + "}"
    return lambda: strict_json.loads(text)


def deep_lists(folder: Path, n: int) -> Callable[[], object]:
    text = "[" * n + "]" * n
    return lambda: strict_json.loads(text)


def long_number(folder: Path, n: int) -> Callable[[], object]:
    text = "9" * n
    return lambda: strict_json.loads(text)


def class_names(folder: Path, n: int) -> Callable[[], object]:
    names = [f"class {i}" for i in range(n)]
    return lambda: check_class_names(names, "a file")


def classes_of_npz(folder: Path, n: int) -> Callable[[], object]:
    made = make_sprites(8)
    names = np.array([f"class {i}" for i in range(n)])
    np.savez(folder / "a.npz", images=made.images, class_names=names)
    return lambda: load_sprites(folder / "a.npz")


def sprites_npz(folder: Path, n: int) -> Callable[[], object]:
    pixels = np.zeros((n, 8, 8, 3), np.uint8)
    words = np.array([f"red word{i}" for i in range(n)])
    np.savez(folder / "a.npz", images=pixels, alpha=pixels[..., 0], words=words)
    return lambda: load_sprites(folder / "a.npz")


def many_credits(folder: Path, n: int) -> Callable[[], object]:
    rows = [{"source": f"pack {i}", "author": "a" * 50} for i in range(n)]
    return lambda: credits.credits_from_json(rows)


def a_store(folder: Path, n: int) -> Callable[[], object]:
    made = make_sprites(8, size=8).take(np.arange(n) % 8)
    with StoreWriter(folder / "a.sprites") as writer:
        writer.append(made)
        drain(writer.finish_iter())
    return lambda: [load_sprites(folder / "a.sprites").names.tolist() for _ in range(4)]


def metrics(folder: Path, n: int) -> Callable[[], object]:
    run = RunFolder(folder)
    lines = (json.dumps({"step": i, "loss": 0.5, "epoch": 0.1}) for i in range(1, n + 1))
    run.metrics.write_text("\n".join(lines))
    return lambda: sum(1 for _ in run.read_metrics())


def a_project(folder: Path, n: int) -> Callable[[], object]:
    project.save_project(folder / "a.spritelab", cells.CellSheet(rows=1, columns=1, side=8))
    with zipfile.ZipFile(folder / "a.spritelab") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    told = json.loads(members["project.json"])
    told["cells"][0]["tags"] = [f"tag {i}" for i in range(n)]
    members["project.json"] = json.dumps(told).encode()
    with zipfile.ZipFile(folder / "a.spritelab", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return lambda: project.load_project(folder / "a.spritelab")


def lesson_text(folder: Path, n: int) -> Callable[[], object]:
    steps = [{"text": "word " * 700} for _ in range(n)]
    lesson = {"schema_version": 1, "title": "a", "summary": "b", "minutes": 1, "steps": steps}
    (folder / "a.json").write_text(json.dumps(lesson))
    return lambda: [lessons.load_lesson(folder / "a.json") for _ in range(4)]


def results_of_lessons(folder: Path, n: int) -> Callable[[], object]:
    told = tuple(results.TakenLesson(key=f"{i}", title="a" * 4000, steps=100) for i in range(n))
    results.save_results(folder / "a.results.json", results.Results(lessons=told))
    return lambda: [results.load_results(folder / "a.results.json") for _ in range(4)]


def sheet_frames(folder: Path, n: int) -> Callable[[], object]:
    frames = {f"frame {i}": {"frame": {"x": i, "y": 0, "w": 1, "h": 1}} for i in range(n)}
    data = json.dumps({"frames": frames}).encode()
    return lambda: parse_sheet(data, "a.json")


def sheet_tags(folder: Path, n: int) -> Callable[[], object]:
    frames = [{"frame": {"x": 0, "y": 0, "w": 1, "h": 1}}] * n
    tags = [{"name": "walk", "from": 0, "to": n}] * n
    data = json.dumps({"frames": frames, "meta": {"frameTags": tags}}).encode()
    return lambda: parse_sheet(data, "a.json")


def gpl_lines(folder: Path, n: int) -> Callable[[], object]:
    (folder / "a.gpl").write_text("GIMP Palette\n" + "# note\n" * n + "1 2 3 black\n")
    return lambda: [load_palette(folder / "a.gpl") for _ in range(20)]


def zipped_pictures(folder: Path, n: int) -> Callable[[], object]:
    Image.fromarray(make_sprites(1).rgba[0]).save(folder / "one.png")
    data = (folder / "one.png").read_bytes()
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for i in range(n):
            archive.writestr(f"{i % 7}/same name.png", data)
    return lambda: drain(plan_import_iter([folder / "a.zip"], ImportChoices(), RunControl()))


def folder_of_arrays(folder: Path, n: int) -> Callable[[], object]:
    for i in range(n):
        np.save(folder / f"{i}.npy", np.zeros((1, 8, 8, 3), np.uint8))
    return lambda: drain(plan_import_iter([folder], ImportChoices(), RunControl()))


def words_of_a_model(folder: Path, n: int) -> Callable[[], object]:
    data = {"class_names": [f"class {i}" for i in range(n)]}
    return lambda: Vocabulary.from_json(data)


def prompts_dealt(folder: Path, n: int) -> Callable[[], object]:
    prompts = [Prompt((("hero", 1.0),), (f"w{i}",)) for i in range(vocabulary.MAX_PROMPTS)]
    deck = Deck(prompts)
    return lambda: [deck.dealt(Prompt(), 0, i) for i in range(n)]


def file_of_prompts(folder: Path, n: int) -> Callable[[], object]:
    (folder / "a.txt").write_text("red slime\n" * n)
    return lambda: sampling._read_prompts(folder / "a.txt")


def metadata_of_weights(folder: Path, n: int) -> Callable[[], object]:
    told = json.dumps({"schema_version": 1, "class_names": [f"class {i}" for i in range(n)]})
    header = json.dumps({"__metadata__": {"sprite_lab": told}}).encode()
    (folder / "a.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    return lambda: checkpoint.read_metadata(folder / "a.safetensors")


def text_of_a_png(folder: Path, n: int) -> Callable[[], object]:
    Image.new("RGBA", (n, 64)).save(folder / "a.png")
    return lambda: read_image(folder / "a.png")


def a_trajectory(folder: Path, n: int) -> Callable[[], object]:
    levels = np.linspace(-9, 9, n).astype(np.float32)
    x = np.zeros((n, 1, 8, 8, 3), np.float16)
    save_trajectory(folder / "a.npz", Trajectory("reverse", levels[::-1] + 10, levels, x, x))
    return lambda: [load_trajectory(folder / "a.npz") for _ in range(4)]


def a_measurement(folder: Path, n: int) -> Callable[[], object]:
    one, two = np.zeros(n), np.zeros((n, 2))
    bound = Bound(
        bits=one, bits_stderr=one, pixels=np.zeros((n, 8, 8), np.float32), group=np.arange(n),
        levels=256, log_snr=np.linspace(9, -9, 20), block_t=np.array([2, 8, 21]), prior=one,
        decoder=one, diffusion=two, decoder_stderr=one, diffusion_stderr=two,
    )  # fmt: skip
    sizes = Sizes(one, one, np.full(n, np.nan), None, 0)
    sprites = make_sprites(8, size=8).take(np.arange(n) % 8)
    found = Measured(sprites, bound, np.array([0.5, 7.0, 20.0]), sizes, rounds=2, seconds=1.0)
    measurements.save_measured(folder / "a.npz", found, "a0" * 16)
    return lambda: measurements.load_measured(folder / "a.npz", "a0" * 16)


def frames_of_aseprite(folder: Path, n: int) -> Callable[[], object]:
    frames = np.zeros((n, 16, 16, 4), np.uint8)
    write_aseprite(folder / "a.aseprite", frames, [100] * n)
    return lambda: read_pictures(folder / "a.aseprite")


def frames_of_gif(folder: Path, n: int) -> Callable[[], object]:
    first, *others = (Image.new("RGB", (16, 16), (i % 256, i // 256, 0)) for i in range(n))
    first.save(folder / "a.gif", save_all=True, append_images=others, duration=100)
    return lambda: read_pictures(folder / "a.gif")


def rows_of_a_table(folder: Path, n: int) -> Callable[[], object]:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(
        arrow.table({"image": arrow.nulls(n, arrow.binary())}), folder / "a.parquet"
    )
    return lambda: drain(plan_import_iter([folder / "a.parquet"], ImportChoices(), RunControl()))


def a_compressed_set(folder: Path, n: int) -> Callable[[], object]:
    sprites = make_sprites(8, size=8).take(np.arange(n) % 8)
    codec = compressed.Codec(count=n, side=8, pixels="", model="", weights="", torch="")
    compressed.save_compressed(folder / "a.spritez", sprites, bytes(100 * n), codec)
    return lambda: [compressed.load_compressed(folder / "a.spritez") for _ in range(4)]


def drawing_of_a_request(folder: Path, n: int) -> Callable[[], object]:
    data = io.BytesIO()
    Image.new("RGBA", (n, 64)).save(data, "PNG")
    text = base64.b64encode(data.getvalue()).decode()
    body = json.dumps({"drawing": text, "keep": ["#" * n] * 64})

    def read() -> None:
        asked = strict_json.loads(body)
        answers._mask(asked["keep"], answers._drawing(asked["drawing"]))

    return read


def settings_of_the_window(folder: Path, n: int) -> Callable[[], object]:
    settings = Settings(folder / "settings.json")
    settings.replace(text_size=125)
    settings.save()
    told = json.loads((folder / "settings.json").read_text("utf-8"))
    told |= {f"newer {i}": i for i in range(n)}
    told["recent_data"] = [f"/{i}.npz" for i in range(n)]
    (folder / "settings.json").write_text(json.dumps(told))
    return lambda: Settings(folder / "settings.json")


def words_of_a_config(folder: Path, n: int) -> Callable[[], object]:
    told = {"words": [f"w{i}" for i in range(n)], "picked": list(range(n)), "count": n}
    (folder / "a.json").write_text(json.dumps(told))
    return lambda: options.read_sample_config(folder / "a.json")


def settings_in_a_png(folder: Path, n: int) -> Callable[[], object]:
    info = PngImagePlugin.PngInfo()
    info.add_text("sprite_lab", config_text(SampleConfig(drawing=bytes(400 * n))))
    Image.new("RGBA", (16, 16)).save(folder / "a.png", pnginfo=info)
    return lambda: [read_config(folder / "a.png") for _ in range(4)]


def facts_of_a_run(folder: Path, n: int) -> Callable[[], object]:
    data = {"fingerprint": "f0", "title": "a", "class_names": [f"class {i}" for i in range(n)]}
    write_json(folder / "run.json", {"config": TrainConfig().to_json(), "data": data}, 1)
    return lambda: (RunFolder(folder).read_config(), RunFolder(folder).read_data())


def arrays_to_import(folder: Path, n: int) -> Callable[[], object]:
    np.savez(folder / "a.npz", images=np.zeros((n, 8, 8, 3), np.uint8), labels=np.arange(n) % 7)
    return lambda: drain(plan_import_iter([folder / "a.npz"], ImportChoices(), RunControl()))


def cells_of_a_sheet(folder: Path, n: int) -> Callable[[], object]:
    rows = make_sprites(8).rgba[np.arange(8 * n) % 8].reshape(n, 8, 16, 16, 4)
    Image.fromarray(rows.swapaxes(1, 2).reshape(16 * n, 8 * 16, 4)).save(folder / "a.png")
    return lambda: drain(plan_import_iter([folder / "a.png"], ImportChoices(), RunControl()))


def tensors_of_the_course(folder: Path, n: int) -> Callable[[], object]:
    torch.save({f"layer {i}": torch.zeros(1) for i in range(n)}, folder / "a.pth")
    return lambda: course_weights.course_weights(folder / "a.pth")


def levels_of_entropies(folder: Path, n: int) -> Callable[[], object]:
    measurements.save_entropies(folder / "a.npz", entropies(n), MODEL)
    return lambda: measurements.load_entropies(folder / "a.npz", MODEL)


def past_of_a_run(folder: Path, n: int) -> Callable[[], object]:
    facts_of_a_run(folder, 1)
    metrics(folder, n)
    return lambda: drain(read_past(folder)(RunControl()))


def choices_of_a_sweep(folder: Path, n: int) -> Callable[[], object]:
    choices = ",".join(map(str, range(n)))
    sweep.write_plan(folder, SweepPlan(TrainConfig(), "builtin", ("seed=0,1",)))
    told = json.loads((folder / sweep.PLAN).read_text("utf-8"))
    told = json.loads(json.dumps(told).replace("seed=0,1", f"seed={choices}"))
    (folder / sweep.PLAN).write_text(json.dumps(told))
    return lambda: sweep.read_plan(folder)


def keys_of_a_calibration(folder: Path, n: int) -> Callable[[], object]:
    path = calibration_file.calibration_path(folder / "a.safetensors")
    path.write_text(json.dumps({"schema_version": 1, "bins": [[i, i] for i in range(n)]}))
    return lambda: [calibration_file.calibration_of(folder / "a.safetensors", 1) for _ in range(4)]


def frames_of_webp(folder: Path, n: int) -> Callable[[], object]:
    first, *others = (Image.new("RGB", (16, 16), (i % 256, i // 256, 0)) for i in range(n))
    first.save(folder / "a.webp", save_all=True, append_images=others, lossless=True)
    return lambda: read_pictures(folder / "a.webp")


def frames_of_png(folder: Path, n: int) -> Callable[[], object]:
    first, *others = (Image.new("RGB", (16, 16), (i % 256, i // 256, 0)) for i in range(n))
    first.save(folder / "a.png", save_all=True, append_images=others)
    return lambda: read_pictures(folder / "a.png")


def hex_lines(folder: Path, n: int) -> Callable[[], object]:
    (folder / "a.hex").write_text("; note\n" * n + "010203\n")
    return lambda: [load_palette(folder / "a.hex") for _ in range(20)]


def pal_lines(folder: Path, n: int) -> Callable[[], object]:
    (folder / "a.pal").write_text("JASC-PAL\n0100\n1\n1 2 3\n" + "\n" * n)
    return lambda: [load_palette(folder / "a.pal") for _ in range(20)]


def described(name: str, head: str, each: str, end: str = "") -> Case:
    """A reader of an engine's text in which one part is repeated n times."""

    def case(folder: Path, n: int) -> Callable[[], object]:
        data = (head + "".join(each.format(i) for i in range(n)) + end).encode()
        assert described_sheets(data, name)
        return lambda: described_sheets(data, name)

    case.__name__ = name
    return case


GODOT = (
    '[sub_resource type="AtlasTexture" id="A_{0}"]\natlas = ExtResource("1")\n'
    "region = Rect2({0}, 0, 8, 8)\n"
)
UNITY = (
    "- serializedVersion: 2\n  name: a_{0}\n  rect:\n  serializedVersion: 2\n  x: {0}\n  y: 0\n"
    "  width: 8\n  height: 8\n"
)
TILED = '<tileset tilewidth="8" tileheight="8"><image source="{0}.png"/></tileset>'
PHASER = "this.load.spritesheet('a{0}', 'a{0}.png', {{ frameWidth: 8, frameHeight: 8 }});\n"


def attributes_of_onnx(folder: Path, n: int) -> Callable[[], object]:
    onnx = pytest.importorskip("onnx")
    model = onnx.helper.make_model(onnx.helper.make_graph([], "g", [], []))
    facts = {"schema_version": 1, "config": {}, "class_names": [f"class {i}" for i in range(n)]}
    onnx.helper.set_model_props(model, {"sprite_lab": json.dumps(facts)})
    (folder / "a.onnx").write_bytes(model.SerializeToString())
    return lambda: onnx_file.read_facts(folder / "a.onnx")


@pytest.mark.parametrize(
    ("case", "n"),
    [
        (equal_keys, 8_000),
        (deep_lists, 20_000),
        (long_number, 40_000),
        (class_names, 10_000),
        (classes_of_npz, 8_000),
        (sprites_npz, 2_000),
        (many_credits, 2_000),
        (a_store, 2_000),
        (metrics, 2_000),
        (a_project, 2_000),
        (lesson_text, 25),
        (results_of_lessons, 50),
        (sheet_frames, 2_000),
        (sheet_tags, 1_000),
        (gpl_lines, 3_000),
        (zipped_pictures, 30),
        (folder_of_arrays, 30),
        (words_of_a_model, 10_000),
        (prompts_dealt, 500),
        (file_of_prompts, 2_500),
        (metadata_of_weights, 10_000),
        (text_of_a_png, 1_000),
        (a_trajectory, 400),
        (a_measurement, 1_000),
        (frames_of_aseprite, 200),
        (frames_of_gif, 100),
        (rows_of_a_table, 5_000),
        (a_compressed_set, 2_000),
        (drawing_of_a_request, 500),
        (settings_of_the_window, 4_000),
        (words_of_a_config, 4_000),
        (settings_in_a_png, 100),
        (facts_of_a_run, 5_000),
        (arrays_to_import, 1_000),
        (cells_of_a_sheet, 3),
        (tensors_of_the_course, 200),
        (levels_of_entropies, 2_000),
        (past_of_a_run, 500),
        (choices_of_a_sweep, 500),
        (keys_of_a_calibration, 5_000),
        (frames_of_webp, 50),
        (frames_of_png, 50),
        (hex_lines, 3_000),
        (pal_lines, 10_000),
        (described("a.tres", '[ext_resource path="res://a.png" id="1"]\n', GODOT), 1_000),
        (described("a.png.meta", "spriteMode: 2\n", UNITY), 2_000),
        (described("a.tmx", '<map orientation="orthogonal">', TILED, "</map>"), 1_000),
        (described("a.js", "", PHASER), 2_000),
        (attributes_of_onnx, 10_000),
    ],
    ids=lambda value: value.__name__ if callable(value) else str(value),
)
@pytest.mark.filterwarnings("ignore:Duplicate name")  # within an archive
def test_four_times_as_much_takes_about_four_times_as_long(
    tmp_path: Path, case: Case, n: int
) -> None:
    """A linear reader would take four times as long; a quadratic one sixteen times."""
    seconds = []
    for size in (n, 4 * n):
        folder = tmp_path / str(size)
        folder.mkdir()
        read = case(folder, size)
        seconds.append(min(_seconds(read) for _ in range(3)))
    assert seconds[1] < 8 * seconds[0] + 0.02, seconds
    assert seconds[1] < 2.0


def _seconds(read: Callable[[], object]) -> float:
    """Processor time of this process, so that other programs do not count."""
    start = time.process_time()
    with contextlib.suppress(SpriteLabError, ValueError):  # refusing may not take longer either
        read()
    return time.process_time() - start


#: The table on the help page: words that identify a row, and its limits.
STATED: list[tuple[str, tuple[tuple[float, str], ...]]] = [
    (
        "Sprite set, samples",
        (
            (arrays.LARGEST / 1e9, "{:.0f} GB"),
            (sprite_checks.MOST_IMAGE_BYTES / 1e6, "{:.0f} MB of pixels"),
            (importing_arrays.MOST_BYTES / 1e9, "{:.1f} GB if it is imported"),
            (arrays.MOST_TEXT / 1e6, "{:.0f} MB of text"),
            (arrays.MOST_MEMBERS, "{} arrays"),
            (course.MOST_CLASSES, "{:,} classes"),
            (credits.MOST_CREDITS, "{:,} credits"),
        ),
    ),
    ("Store", ((store.LARGEST_MANIFEST / 1e6, "{:.0f} MB"),)),
    (
        "Picture",
        (
            (png.LARGEST_FILE / 1e6, "{:.0f} MB"),
            (pictures.MOST_PIXELS / 1e6, "{:.0f} million pixels"),
        ),
    ),
    ("Sheet", ((decode.MOST_SHEET_PIXELS / 4096, "{:,.0f}×4,096 pixels"),)),
    (
        "JSON of a sheet",
        (
            (companions._LARGEST_TEXT / 1e6, "{:.0f} MB"),
            (sheet_json.MOST_FRAMES, "{:,} frames"),
            (sheet_json.MOST_PIXELS_IN_ALL / 1e6, "{:.0f} million pixels"),
        ),
    ),
    (
        "Archive",
        (
            (sources.MOST_FILES, "{:,} files"),
            (sources.MOST_UNPACKED / 1e9, "{:.0f} GB"),
            (sources.MOST_ENTRY / 1e6, "{:.0f} MB a file"),
            (sources.MOST_RATIO, "{} times"),
        ),
    ),
    (
        "Table",
        (
            (tables_module.LARGEST / 1e9, "{:.0f} GB"),
            (tables_module.MOST_ROWS, "{:,} rows"),
            (tables_module.MOST_EMPTY, "{:,} of them without a picture"),
            (tables_module.LARGEST_PICTURE / 1e6, "{:.0f} MB a picture"),
        ),
    ),
    (
        "Palette",
        (
            (palettes._LARGEST / 1e3, "{:.0f} kB"),
            (palette.MOST_COLORS, "{} colors"),
        ),
    ),
    (
        "Project",
        (
            (project.LARGEST / 1e6, "{:.0f} MB"),
            (cells.MOST_CELLS, "{} cells"),
        ),
    ),
    (
        "Lesson",
        (
            (lessons.LARGEST_FILE / 1e6, "{:.0f} MB"),
            (lessons.MOST_STEPS, "{} steps"),
        ),
    ),
    (
        "Results of lessons",
        (
            (results.LARGEST_FILE / 1e6, "{:.0f} MB"),
            (results.LARGEST_PICTURE / 1e6, "{:.0f} MB a picture"),
            (results.MOST_LESSONS, "{} lessons"),
            (results.MOST_PICTURES, "{} pictures"),
            (pictures.MOST_PIXELS / 1e6, "{:.0f} million pixels"),
        ),
    ),
    (
        "Request",
        (
            (server.LARGEST_REQUEST / 1e6, "{:.0f} MB"),
            (server.MOST_CONNECTIONS, "{} at a time"),
            (answers.MOST_SPRITES, "{} sprites"),
        ),
    ),
    (
        "Kept measurement",
        (
            (measurements.LARGEST / 1e9, "{:.0f} GB"),
            (measurements.MOST_SPRITES, "{:,} sprites"),
            (measurements.MOST_LEVELS, "{:,} noise levels"),
        ),
    ),
    (
        "Weights",
        (
            (checkpoint.LARGEST_FILE / 1e9, "{:.0f} GB"),
            (vocabulary.MAX_WORDS, "{:,} words"),
            (vocabulary.MAX_STYLES, "{} styles"),
            (vocabulary.MAX_PROMPTS, "{:,} prompts"),
        ),
    ),
    ("ONNX", ((onnx_file.LARGEST_FILE / 1e9, "{:.0f} GB"),)),
    (
        "Run folder",
        (
            (run_folder.LARGEST_MANIFEST / 1e6, "{:.0f} MB"),
            (run_folder.LONGEST_LINE / 1e6, "{:.0f} million characters"),
        ),
    ),
    (
        "Settings, prompts",
        (
            (options.LARGEST_SETTINGS / 1e6, "{:.0f} MB"),
            (sampling.MOST_PROMPTS, "{:,} prompts"),
        ),
    ),
]


@pytest.mark.parametrize(("row", "limits"), STATED, ids=[row for row, _ in STATED])
def test_the_help_page_states_the_limits(row: str, limits: tuple[tuple[float, str], ...]) -> None:
    text = resource("help", "limits.md").read_text("utf-8")
    (line,) = re.findall(rf"^\| {re.escape(row)}.*$", text, re.MULTILINE)
    for limit, words in limits:
        assert words.format(limit) in line
    assert f"{strict_json.MOST_VALUES / 1e6:.0f} million values" in text
    assert f"at most {strict_json.MOST_DIGITS} digits" in text


def test_the_table_states_no_row_that_is_not_checked() -> None:
    text = resource("help", "limits.md").read_text("utf-8")
    rows = re.findall(r"^\| (?!File|---)(.*)$", text, re.MULTILINE)
    assert len(rows) == len(STATED)
