"""``import sprite_lab``: its public functions, and the notebook that uses them."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import sprite_lab as lab
from sprite_lab import api, paths
from sprite_lab.core.errors import ConfigError, FileError
from tests.made import make_sprites

ROOT = Path(__file__).resolve().parents[2]
QUICK = lab.PRESETS["quick"]
TINY = replace(
    QUICK,
    max_steps=2,
    max_seconds=None,
    batch_size=8,
    preview_count=1,
    preview_steps=1,
    network=replace(QUICK.network, width=16),
)


@pytest.fixture(scope="module")
def model() -> lab.Model:
    return lab.load_model("builtin-student", "cpu")


def test_the_package_gives_the_names_of_the_library():
    assert (ROOT / "sprite_lab/py.typed").exists()
    assert {*lab.__all__} == {*api.__all__, "__version__"} == {*dir(lab)}
    assert all(getattr(lab, name) is getattr(api, name) for name in api.__all__)
    with pytest.raises(AttributeError, match="no attribute 'smaple'"):
        lab.smaple  # noqa: B018 (asking is what is tested)


def test_every_function_has_types_and_says_what_it_does():
    for name in ("load_model", "sample", "trajectory", "train", "evaluate", "open_set"):
        function = getattr(lab, name)
        assert function.__doc__
        code = function.__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        assert {*names, "return"} <= {*function.__annotations__}


def test_samples_are_pixels_that_the_seed_decides(model):
    drawn = lab.sample(model)
    assert drawn.shape == (16, 16, 16, 4)
    assert drawn.dtype == np.uint8
    one = lab.sample(
        model, lab.SampleConfig(count=1, first_index=5, classes=(model.class_names[0],))
    )
    if len(model.class_names) == 5:  # classes in turn
        assert np.array_equal(one[0], drawn[5])


def test_classes_are_taken_as_the_window_spells_them(model):
    config = lab.SampleConfig(count=1, classes=("Side facing",), negative_class="side facing")
    asked = config.spelled(("hero", "side_facing"))
    assert (asked.classes, asked.negative_class) == (("side_facing",), "side_facing")
    first = model.class_names[0]
    loud, plain = (
        lab.sample(model, lab.SampleConfig(count=1, classes=(name,)))
        for name in (first.upper(), first)
    )
    assert np.array_equal(loud, plain)


def test_what_is_kept_stays(model):
    drawing = lab.sample(model, lab.SampleConfig(count=1))[0]
    keep = np.zeros((16, 16), bool)
    keep[4:12, :8] = True
    drawn = lab.sample(model, lab.SampleConfig(count=3, seed=1), drawing=drawing, keep=keep)
    assert (drawn[:, keep] == drawing[keep]).all()
    assert (drawn[:, ~keep] != drawing[~keep]).any()


@pytest.mark.parametrize(
    ("drawing", "keep", "said"),
    [
        (np.zeros((8, 32, 4), np.uint8), None, "square of RGBA"),
        (np.zeros((16, 16, 4), np.float32), None, "square of RGBA"),
        (np.zeros((16, 16, 4), np.uint8), np.zeros((8, 8), bool), "'keep' must be bool"),
        (np.zeros((16, 16, 4), np.uint8), np.zeros((16, 16), np.uint8), "'keep' must be bool"),
        (np.zeros((8, 8, 4), np.uint8), None, "the model draws 16×16"),
    ],
)
def test_a_drawing_that_does_not_fit_is_refused_in_a_sentence(model, drawing, keep, said):
    with pytest.raises(ConfigError, match=said):
        lab.sample(model, drawing=drawing, keep=keep)


def test_what_is_of_a_wrong_type_is_refused_in_a_sentence(model, tmp_path):
    sprites, drawing = make_sprites(12), np.zeros((16, 16, 4), np.uint8)
    wrong = [
        (lab.load_model, (5,), {}, "'ref' must be a path, or the name of a shipped model, not int"),
        (lab.load_model, ("builtin", ["cpu"]), {}, "'device' must be a name"),
        (lab.open_set, (None,), {}, "'source' must be a name, a path, several paths, or uint8"),
        (lab.open_set, (b"builtin",), {}, "not bytes"),
        (lab.open_set, ([1, 2],), {}, "not int"),
        (lab.open_set, ("builtin", 5), {}, "'choices' must be ImportChoices, not int"),
        (lab.train, ("builtin", tmp_path), {}, "'sprites' must be a set of sprites, from open_set"),
        (lab.train, (sprites, 5), {}, "'out' must be the path of a folder, not int"),
        (lab.train, (sprites, tmp_path, "quick"), {}, r"'config' .* PRESETS\["),
        (lab.train, (sprites, tmp_path), {"init": "builtin"}, "'init' must be a model"),
        (lab.train, (sprites, tmp_path), {"resume": "yes"}, "'resume' must be True or False"),
        (lab.train, (sprites, tmp_path), {"show": 3}, "'show' must be a function"),
        (lab.train, (sprites, tmp_path, replace(TINY, max_steps="9")), {}, "'max_steps' is '9'"),
        (lab.evaluate, ("builtin", sprites), {}, "'model' must be a model, from load_model"),
        (lab.evaluate, (model, drawing), {}, "'sprites' must be a set"),
        (lab.evaluate, (model, sprites, True), {}, r"'config' .* EvalConfig\.quick"),
        (lab.evaluate, (model, sprites), {"show": 3}, "'show' must be a function"),
    ]
    for function in (lab.sample, lab.trajectory):
        wrong += [
            (function, ("builtin",), {}, "'model' must be a model, from load_model, not str"),
            (function, (model, 4), {}, r"'config' must be settings, such as SampleConfig\(count=4"),
            (function, (model, TINY), {}, "'config' must be settings"),
            (function, (model, lab.SampleConfig(count="4")), {}, "'count' is '4', but must be"),
            (function, (model, lab.SampleConfig(classes="hero")), {}, "'classes' must be a list"),
            (function, (model,), {"drawing": [1]}, "'drawing' must be an array"),
            (function, (model,), {"drawing": np.array(3, np.uint8)}, "square of RGBA"),
            (function, (model,), {"drawing": drawing, "keep": [1]}, "'keep' must be an array"),
            (function, (model,), {"keep": np.ones((16, 16), bool)}, "give 'drawing', too"),
            (function, (model,), {"show": 3}, "'show' must be a function"),
        ]
    for function, given, named, said in wrong:
        with pytest.raises((ConfigError, FileError), match=said) as caught:
            function(*given, **named)
        assert "\n" not in str(caught.value)
    assert not [*tmp_path.iterdir()]


def test_a_name_that_no_file_can_have_is_refused_in_a_sentence():
    with pytest.raises(FileError, match="cannot be listed"):
        lab.train(make_sprites(12), "a\0b")
    for suffix in ("", ".npz", ".png"):
        with pytest.raises(FileError, match="cannot be opened"):
            lab.open_set("a" * 300 + suffix)
        with pytest.raises(FileError, match="There is no run, weights file or shipped model"):
            lab.load_model("a" * 300 + suffix, "cpu")


def test_numbers_of_numpy_are_numbers(model):
    config = lab.SampleConfig(count=np.int64(2), seed=np.uint8(4), guidance_scale=np.float32(1.5))
    plain = lab.SampleConfig(count=2, seed=4, guidance_scale=1.5)
    assert np.array_equal(lab.sample(model, config), lab.sample(model, plain))


def test_a_trajectory_ends_with_the_samples(model):
    config = lab.SampleConfig(count=2, seed=4)
    seen: list[object] = []
    walk = lab.trajectory(model, config, show=seen.append)
    assert np.array_equal(walk.rgba(), lab.sample(model, config))
    assert len(walk) == 5
    assert seen


def test_nothing_is_trained_among_other_files(tmp_path):
    (tmp_path / "samples").mkdir()
    other = tmp_path / "samples" / "step-0000007.png"
    other.write_bytes(b"another program's")
    with pytest.raises(FileError, match="not an empty folder"):
        lab.train(make_sprites(12), tmp_path, TINY)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [other]


def test_a_run_is_trained_resumed_and_tuned(tmp_path):
    sprites = make_sprites(40)
    first = lab.train(sprites, tmp_path / "run", TINY)
    assert first.step == 2
    more = lab.train(sprites, tmp_path / "run", replace(TINY, max_steps=3), resume=True)
    assert more.step == 3
    assert lab.train(sprites, tmp_path / "run", resume=True).step == 3, "its own settings"
    trained = lab.load_model(tmp_path / "run", "cpu")
    tuned = lab.train(sprites, tmp_path / "tuned", TINY, init=trained)
    assert tuned.step == 2
    report = lab.evaluate(trained, sprites, lab.EvalConfig(quality=False, limit=2))
    assert report.to_json()["bits_per_dim"] > 0


def test_the_schedule_of_the_help_is_trained_and_sampled(tmp_path):
    """The command line has no options for its settings, and the help once did not
    say where they are.
    """
    text = paths.resource("help", "library.md").read_text("utf-8")
    [block] = [part for part in text.split("```") if "timesteps=" in part]
    names = {"lab": lab}
    exec(block, names)
    config = names["config"]
    assert config.network.width == 32
    tiny = replace(
        config, max_steps=2, max_seconds=None, batch_size=8, preview_count=1, preview_steps=1
    )
    run = lab.train(make_sprites(24), tmp_path / "run", tiny)
    walk = lab.trajectory(lab.load_model(run.run), lab.SampleConfig(count=1, sampler="ddpm"))
    betas = np.linspace(1e-4, 0.02, 1000)
    assert walk.t.tolist() == list(range(1000, -1, -1))
    assert walk.signal(0) == pytest.approx(np.prod(np.sqrt(1 - betas)), rel=1e-4)


def test_a_student_is_measured_without_likelihood(model, monkeypatch):
    asked = []
    monkeypatch.setattr(api, "evaluate_iter", lambda *given: asked.append(given[2]) or iter(()))
    monkeypatch.setattr(api, "drain", lambda run, show: None)
    lab.evaluate(model, make_sprites(40))
    assert (asked[0].likelihood, asked[0].quality) == (None, True)


def test_a_set_comes_of_files_pictures_and_pixels(tmp_path, monkeypatch):
    made = make_sprites(12)
    assert lab.open_set().title == "Built-in sprites"
    pixels = lab.open_set(made.rgba)
    assert np.array_equal(pixels.images, made.images)
    assert np.array_equal(pixels.alpha, made.alpha)
    assert pixels.group is not None
    own = made.images.copy()
    lab.open_set(own)
    assert own.flags.writeable
    sheet = np.concatenate(made.rgba, axis=1)
    Image.fromarray(sheet).save(tmp_path / "sheet.png")
    assert len(lab.open_set(tmp_path / "sheet.png")) == 12
    assert len(lab.open_set(tmp_path)) == 12
    monkeypatch.chdir(tmp_path)
    assert lab.open_set(".").title == tmp_path.name
    first = tmp_path / "one.npz"
    np.savez(first, images=made.images)
    assert lab.open_set(first).group is None, "a set is opened as it is"


def test_what_is_no_set_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(FileError, match="no file"):
        lab.open_set(tmp_path / "nothing.png")
    with pytest.raises(FileError, match="No sprites were found"):
        lab.open_set("")
    (tmp_path / "text.txt").write_text("no picture")
    with pytest.raises(FileError, match=r"'text\.txt' is not a picture"):
        lab.open_set(tmp_path / "text.txt")
    with pytest.raises(FileError, match=r"no file '.*a\.png'"):
        lab.open_set([tmp_path / "a.png", tmp_path / "b.png"])
    with pytest.raises(ConfigError, match="must be uint8"):
        lab.open_set(np.zeros((2, 16, 16), np.uint8))


@pytest.mark.timeout(1200)
def test_the_notebook_runs_and_shows_what_it_says(capsys, monkeypatch, small_models):
    # Ten times as fast, with few sprites per step, and without previews that nobody sees.
    small = replace(QUICK, network=TINY.network, batch_size=16, preview_count=1, preview_steps=1)
    monkeypatch.setitem(lab.PRESETS, "quick", small)
    cells = json.loads((ROOT / "docs/course.ipynb").read_text("utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells]
    steps = [text.splitlines()[0] for text in texts if text.startswith("## ")]
    assert steps == ["## 1. Sampling", "## 2. Training", "## 3. Context", "## 4. Faster sampling"]
    known: dict[str, object] = {}
    pictures = 0
    for cell, text in zip(cells, texts, strict=True):
        if cell["cell_type"] != "code":
            continue
        assert not cell["outputs"], "outputs are not kept: they age"
        tree = ast.parse(text)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "course.ipynb", "exec"), known)
        if last is not None:
            shown = eval(compile(ast.Expression(last.value), "course.ipynb", "eval"), known)
            pictures += isinstance(shown, Image.Image)
    assert pictures == 6
    losses = known["losses"]
    assert np.mean(losses[-10:]) < np.mean(losses[:10])
    assert "500 steps" in capsys.readouterr().out


def test_a_notebook_shows_models_and_sets_in_one_line() -> None:
    shown = repr(lab.load_model("builtin")), repr(lab.open_set("builtin"))
    for text, kind in zip(shown, ("Model", "SpriteSet"), strict=True):
        assert text.startswith(f"<{kind} “Built-in sprites”: ")
        assert text.endswith("hero, creature, food, item, side_facing>")
        assert len(text) < 120
