"""Models as ONNX: ONNX Runtime's results match our network's, the script's sprites match ours.

onnxruntime shares no code with the exporter.
"""

from __future__ import annotations

import ast
import json
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from sprite_lab import extras
from sprite_lab.core.config import NetworkConfig, SampleConfig, ScheduleConfig, TrainConfig
from sprite_lab.core.errors import FileError
from sprite_lab.core.model_facts import DataFacts
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.engine.models.model import Model, load_model, save_weights
from sprite_lab.engine.models.model_export import export_iter
from sprite_lab.engine.sampling.denoise_loop import levels_of, rows_of, walk_rows
from sprite_lab.engine.sampling.reverse import resolved
from sprite_lab.formats.onnx_file import read_facts, write_onnx
from tests.made_model import made_denoiser

pytest.importorskip("onnx", reason="ONNX is an extra, and there is no wheel of it everywhere")
onnxruntime = pytest.importorskip("onnxruntime", reason="there is no wheel of it everywhere")

pytestmark = pytest.mark.usefixtures("few_threads")

#: The size of the network's own rounding error when sums are in another order.
TOLERANCE = 1e-4

NETWORKS = {
    "ours": NetworkConfig(width=16, channels=4, num_classes=3, augment_labels=8),
    "with color attention": NetworkConfig(width=16, num_classes=2, colour_attention=True),
    "a student's": NetworkConfig(width=16, num_classes=2, guided=True),
    "without classes": NetworkConfig(width=16, num_classes=0, guided=True, image_size=8),
    "the course's": NetworkConfig("context_unet", width=16, num_classes=5),
    "the course's, no classes": NetworkConfig("context_unet", width=16, num_classes=0),
}

INPUTS = {
    "ours": ["x_t", "log_snr", "context", "augment"],
    "with color attention": ["x_t", "log_snr", "context"],
    "a student's": ["x_t", "log_snr", "context", "guidance_scale"],
    "without classes": ["x_t", "log_snr"],
    "the course's": ["x_t", "log_snr", "context"],
    "the course's, no classes": ["x_t", "log_snr"],
}


def weights(folder: Path, network: NetworkConfig, **settings: Any) -> Path:
    """A weights file of an untrained network that reacts to all its inputs."""
    config = TrainConfig(network=network, **settings)
    denoiser = made_denoiser(network, config.prediction_type)
    denoiser.data_mean.fill_(0.25)
    names = [f"class {k}" for k in range(network.num_classes)]
    path = folder / "made.safetensors"
    vocabulary = Vocabulary(tuple(names))
    facts = DataFacts(vocabulary=vocabulary, fingerprint="f00", title="made sprites")
    save_weights(path, denoiser, config, 12, facts)
    return path


def export(ref: str | Path, out: Path) -> Path:
    return drain(export_iter(ref, out, RunControl()))[0]


def session_of(path: Path) -> Any:
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def facts_of(session: Any) -> dict[str, Any]:
    return json.loads(session.get_modelmeta().custom_metadata_map["sprite_lab"])


@pytest.mark.parametrize(
    ("name", "kind"), [*((name, "v") for name in NETWORKS), ("ours", "epsilon"), ("ours", "x0")]
)
def test_onnxruntime_denoises_as_the_network_does(tmp_path: Path, name: str, kind: Any) -> None:
    ref = weights(tmp_path, NETWORKS[name], prediction_type=kind)
    session = session_of(export(ref, tmp_path / "made.onnx"))
    assert [i.name for i in session.get_inputs()] == INPUTS[name]
    denoiser, network = load_model(ref, "cpu").denoiser, NETWORKS[name]
    for count in (1, 5):
        generator = torch.Generator().manual_seed(count)
        shape = (count, network.channels, network.image_size, network.image_size)
        given = {
            "x_t": torch.randn(shape, generator=generator),
            # Levels with and without color attention.
            "log_snr": torch.linspace(-6.0, 4.0, count),
            "context": torch.rand(count, network.num_classes, generator=generator),
            "augment": torch.rand(count, network.augment_labels, generator=generator),
            "guidance_scale": 1 + 3 * torch.rand(count, generator=generator),
        }
        with torch.inference_mode():
            expected = denoiser(**given).x0.numpy()
        asked = {i.name: given[i.name].numpy() for i in session.get_inputs()}
        (found,) = session.run(["x0"], asked)
        # Where it is unsure, an untrained network predicts values far beyond 1.
        error = np.abs(found - expected) / np.maximum(np.abs(expected), 1.0)
        assert error.max() < TOLERANCE


def float32_samples(model: Model, config: SampleConfig) -> NDArray[np.float32]:
    """The engine's samples, before they are stored as float16."""
    settings = resolved([config], model)
    assert settings.steps is not None
    levels = levels_of(model, settings.sampler, settings.steps, None)
    log_snrs = model.schedule.log_snr(levels).tolist()
    points = list(walk_rows(model, rows_of(config, model), settings, log_snrs))
    return points[-2].x0.numpy()  # the last evaluation; afterward, transparent pixels become white


@pytest.mark.parametrize("name", ["builtin", "builtin-student"])
@pytest.mark.parametrize("class_name", [None, "food"])
def test_the_script_beside_it_draws_our_sprites_from_the_same_noise(
    exported: Callable[[str], Path], name: str, class_name: str | None
) -> None:
    path = exported(name)
    script = path.with_name(f"{path.stem}_sample.py")
    classes = () if class_name is None else (class_name,)
    drawn = runpy.run_path(str(script))["draw"](count=3, seed=5, asked=classes)
    config = SampleConfig(
        count=3,
        seed=5,
        classes=classes,
        colors=0,
        precision="fp32",
        deal_prompts=False,
        autoguidance=0.0,  # the script supports neither
    )
    expected = float32_samples(load_model(name, "cpu"), config)
    assert np.abs(drawn - expected).max() <= 5 * TOLERANCE  # rounding adds up over the steps
    assert expected.std() > 0.3, "these should be sprites, not gray"


def test_the_script_asks_for_words_and_styles(exported: Callable[[str], Path]) -> None:
    """Compared with ours without autoguidance, which would need a second model."""
    path = exported("real")
    script = path.with_name(f"{path.stem}_sample.py")
    asked = ["creature", "red", "slime", "dawnlike"]
    drawn = runpy.run_path(str(script))["draw"](count=2, seed=5, asked=asked)
    config = SampleConfig(
        count=2,
        seed=5,
        classes=("creature",),
        words=("red", "slime"),
        style="dawnlike",
        autoguidance=0.0,
        colors=0,
        precision="fp32",
    )
    expected = float32_samples(load_model("real", "cpu"), config)
    # Guidance amplifies rounding; a tenth of an 8-bit step is 8e-4.
    assert np.abs(drawn - expected).max() <= 8e-4


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("onnx")
    made: dict[str, Path] = {}

    def get(name: str) -> Path:
        if name not in made:
            made[name] = export(name, folder / f"{name}.onnx")
        return made[name]

    return get


def test_the_script_needs_only_numpy_and_onnxruntime_and_has_about_thirty_lines(
    exported: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for path in [exported(name) for name in ("builtin", "builtin-student")]:
        script = path.with_name(f"{path.stem}_sample.py")
        source = script.read_text("utf-8")
        tree = ast.parse(source)
        imports = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        imports |= {str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        assert imports <= {"json", "pathlib", "numpy", "onnxruntime"}
        told = (ast.Import, ast.ImportFrom)
        code = [n for n in ast.walk(tree) if isinstance(n, ast.stmt) and not isinstance(n, told)]
        is_docstring = [isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant) for n in code]
        assert len(code) - sum(is_docstring) <= 30
        assert f'"{path.name}"' in source
        # As a user would run it: without access to our code.
        monkeypatch.chdir(tmp_path)
        for module in [name for name in sys.modules if name.startswith(("sprite_lab", "torch"))]:
            monkeypatch.setitem(sys.modules, module, None)
        runpy.run_path(str(script), run_name="__main__")
        pixels = np.load(tmp_path / "sprites.npy", allow_pickle=False)
        assert (pixels.shape, pixels.dtype) == ((16, 16, 16, 4), np.uint8)


def test_the_metadata_tells_the_schedule_and_how_to_sample(
    exported: Callable[[str], Path],
) -> None:
    facts, model = facts_of(session_of(exported("builtin"))), load_model("builtin", "cpu")
    levels = np.array(facts["schedule"]["log_snr"])
    np.testing.assert_allclose(levels, model.schedule.log_snr(range(model.timesteps + 1)))
    assert (np.diff(levels) < 0).all(), "t = 0 is clean"
    assert facts["class_names"] == list(model.class_names)
    np.testing.assert_array_equal(np.float32(facts["data_mean"]), model.denoiser.data_mean)
    assert facts["data"]["fingerprint"] == model.data_fingerprint
    assert "nobody else's work" in facts["card"]
    assert ScheduleConfig.from_json(
        {k: v for k, v in facts["schedule"].items() if k != "log_snr"}
    ) == (model.schedule_config)


def test_without_the_package_it_says_which_extra_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "is_installed", lambda module: False)
    with pytest.raises(FileError, match=r"sprite-lab\[onnx\]"):
        drain(export_iter("builtin", tmp_path / "x.onnx", RunControl()))
    assert not list(tmp_path.iterdir())


def test_a_graph_that_is_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    for graph in (b"no graph at all", b""):
        with pytest.raises(FileError, match=r"'a\.onnx' cannot be written as ONNX: "):
            write_onnx(tmp_path / "a.onnx", graph, {}, "words")
    assert not list(tmp_path.iterdir())


def test_metadata_comes_back_and_no_other_file_has_any(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    path, value = tmp_path / "a.onnx", onnx.helper.make_tensor_value_info("x", 1, [1])
    node = onnx.helper.make_node("Identity", ["x"], ["y"])
    result = onnx.helper.make_tensor_value_info("y", 1, [1])
    model = onnx.helper.make_model(onnx.helper.make_graph([node], "made", [value], [result]))
    write_onnx(path, model.SerializeToString(), {"title": "A"}, "words")
    assert read_facts(path) == {"schema_version": 1, "title": "A"}
    assert onnx.load(str(path)).doc_string == "words"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(FileError, match="is damaged or not an ONNX model of Sprite Lab"):
        read_facts(path)
