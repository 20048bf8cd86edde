"""A network exported for diffusers: a plain pipeline there that draws the same sprites."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from sprite_lab.core.config import NetworkConfig, SampleConfig
from sprite_lab.core.errors import ConfigError, FileError, RunError
from sprite_lab.core.presets import PRESETS
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.diffusion.methods import method
from sprite_lab.diffusion.sampler import walk
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.diffusion.unet2d import SCHEDULE, UNet2D, unet2d_config
from sprite_lab.engine.models.model import Model, load_model
from sprite_lab.engine.models.model_export import export_iter
from sprite_lab.engine.models.web_export import web_model
from sprite_lab.engine.training.distill import distill_iter
from sprite_lab.engine.training.fine_tuning import fine_tuning
from sprite_lab.engine.training.trainer import train_iter

pytestmark = pytest.mark.usefixtures("few_threads")

FEW = {
    "epochs": None,
    "max_seconds": None,
    "max_steps": 3,
    "batch_size": 8,
    "preview_count": 1,
    "preview_steps": 2,
    "device": "cpu",
}


@pytest.fixture(scope="module")
def run(sprites: SpriteSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    preset = PRESETS["diffusers"]
    config = replace(preset, **FEW, network=replace(preset.network, width=16))
    folder = tmp_path_factory.mktemp("runs") / "plain"
    drain(train_iter(config, sprites, folder, RunControl()))
    return folder


def ours(model: Model, noises: list[torch.Tensor], t: list[int]) -> torch.Tensor:
    """Our DDPM's samples at these t with these noises: the first is x_T, the others are added."""
    context = torch.zeros(len(noises[0]), 0)

    def denoise(x_t, log_snr):
        with torch.no_grad():
            found = model.denoiser(x_t, torch.full((len(x_t),), log_snr), context)
        x0 = found.x0.clamp(-1.0, 1.0)  # like diffusers' clip_sample
        return found._replace(x0=x0)

    draw = method(SampleConfig(sampler="ddpm"))
    rest = iter(noises[1:])
    levels = model.schedule.log_snr(t).tolist()
    return list(walk(denoise, noises[0], levels, draw, lambda: next(rest)))[-1].x0


def test_it_computes_what_the_network_of_diffusers_does(diffusers: ModuleType) -> None:
    config = NetworkConfig("unet2d", width=32, num_classes=0)
    torch.manual_seed(0)
    network = UNet2D(config).eval()
    peer = diffusers.UNet2DModel(**unet2d_config(config)).eval()
    peer.load_state_dict(network.state_dict())  # the same names, all of them
    x_t, t = torch.randn(4, 3, 16, 16), torch.tensor([1, 2, 700, 1000])
    log_snr = torch.from_numpy(NoiseSchedule(SCHEDULE).log_snr(t.numpy())).float()
    with torch.no_grad():
        found = network(x_t, log_snr, torch.zeros(4, 0))
        wanted = peer(x_t, t - 1).sample
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5)


def test_a_plain_pipeline_draws_the_same(diffusers: ModuleType, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "plain.diffusers"
    assert drain(export_iter(run, out, RunControl())) == (out,)
    assert "DDPMPipeline.from_pretrained('plain.diffusers')" in (out / "README.md").read_text()
    assert not list(out.rglob("*.py")), "no code of ours"
    pipeline = diffusers.DDPMPipeline.from_pretrained(str(out))
    pipeline.set_progress_bar_config(disable=True)
    seeded = torch.Generator().manual_seed(3)
    images = pipeline(2, seeded, num_inference_steps=40, output_type="np").images
    seeded = torch.Generator().manual_seed(3)
    noises = [torch.randn(2, 3, 16, 16, generator=seeded) for _ in range(40)]
    t = [int(index) + 1 for index in pipeline.scheduler.timesteps]
    drawn = ours(load_model(run, "cpu"), noises, t)
    expected = (drawn / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).numpy()
    np.testing.assert_allclose(images, expected, atol=2e-3)
    assert len(np.unique(np.round(images * 255))) > 20


def test_it_samples_and_learns_on_here(run: Path, sprites: SpriteSet, tmp_path: Path) -> None:
    model = load_model(run, "cpu")
    assert model.class_names == ()
    config = fine_tuning(replace(PRESETS["tune"], **FEW), model)
    again = tmp_path / "again"
    drain(train_iter(config, sprites, again, RunControl(), init=model))
    assert load_model(again, "cpu").denoiser.config.name == "unet2d"
    with pytest.raises(RunError, match="third-party network"):
        drain(distill_iter(model, tmp_path / "student", PRESETS["quick"], RunControl()))
    with pytest.raises(FileError, match="third-party network"):
        web_model(model)
    with pytest.raises(ConfigError, match="takes no classes"):
        NetworkConfig("unet2d", num_classes=2)
