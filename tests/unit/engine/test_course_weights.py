"""The course's own weights: opened, sampled as in the course, and trained further."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import FileError
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import COURSE_CLASSES, SpriteSet
from sprite_lab.engine.models import course_weights
from sprite_lab.engine.models.model import load_model, weights_path
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.training.fine_tuning import fine_tuning
from sprite_lab.engine.training.trainer import train_iter
from tests.made import shortened

WIDTH, CLASSES = 16, 5


class Block(nn.Module):
    """As in the course, except that what it adds to the first block has zero mean."""

    def __init__(self, inputs: int, outputs: int, is_res: bool = False) -> None:
        super().__init__()
        self.is_res = is_res
        self.conv1, self.conv2 = (
            nn.Sequential(nn.Conv2d(i, outputs, 3, 1, 1), nn.BatchNorm2d(outputs), nn.GELU())
            for i in (inputs, outputs)
        )

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv2(self.conv1(x))
        return out / 1.414 if self.is_res else out


class Model(nn.Module):
    """What the course calls ``self.model`` inside its blocks."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.model = nn.Sequential(*layers)

    def forward(self, *x: Tensor) -> Tensor:
        return self.model(torch.cat(x, 1))


def embed(inputs: int, outputs: int) -> Model:
    return Model(nn.Linear(inputs, outputs), nn.GELU(), nn.Linear(outputs, outputs))


class Course(nn.Module):
    """The course's ContextUnet, written from its description, with its names."""

    def __init__(self) -> None:
        super().__init__()
        w = WIDTH
        self.init_conv = Block(3, w, is_res=True)
        self.down1 = Model(Block(w, w), Block(w, w), nn.MaxPool2d(2))
        self.down2 = Model(Block(w, 2 * w), Block(2 * w, 2 * w), nn.MaxPool2d(2))
        self.to_vec = nn.Sequential(nn.AvgPool2d(4), nn.GELU())
        self.timeembed1, self.timeembed2 = embed(1, 2 * w), embed(1, w)
        self.contextembed1, self.contextembed2 = embed(CLASSES, 2 * w), embed(CLASSES, w)
        self.up0 = nn.Sequential(
            nn.ConvTranspose2d(2 * w, 2 * w, 4, 4), nn.GroupNorm(8, 2 * w), nn.ReLU()
        )
        self.up1 = Model(nn.ConvTranspose2d(4 * w, w, 2, 2), Block(w, w), Block(w, w))
        self.up2 = Model(nn.ConvTranspose2d(2 * w, w, 2, 2), Block(w, w), Block(w, w))
        self.out = nn.Sequential(
            nn.Conv2d(2 * w, w, 3, 1, 1), nn.GroupNorm(8, w), nn.ReLU(), nn.Conv2d(w, 3, 3, 1, 1)
        )

    def forward(self, x: Tensor, t: Tensor, c: Tensor) -> Tensor:
        x = self.init_conv(x)
        down1 = self.down1(x)
        down2 = self.down2(down1)
        up1 = self.up0(self.to_vec(down2))
        c1, c2, t1, t2 = (
            part[:, :, None, None]
            for part in (
                self.contextembed1(c),
                self.contextembed2(c),
                self.timeembed1(t),
                self.timeembed2(t),
            )
        )
        up2 = self.up1(c1 * up1 + t1, down2)
        up3 = self.up2(c2 * up2 + t2, down1)
        return self.out(torch.cat([up3, x], 1))


@pytest.fixture(scope="module")
def course() -> Course:
    torch.manual_seed(0)
    network = Course()
    network(torch.randn(64, 3, 16, 16), torch.rand(64, 1), torch.rand(64, CLASSES))
    return network.eval()


@pytest.fixture
def weights(course: Course, tmp_path: Path) -> Path:
    path = tmp_path / "context_model_31.pth"
    torch.save(course.state_dict(), path)
    return path


def test_it_predicts_what_the_course_does(course: Course, weights: Path) -> None:
    model = load_model(weights, "cpu")
    assert weights.with_suffix(".safetensors").is_file()
    assert model.class_names == COURSE_CLASSES
    x_t = torch.randn(6, 3, 16, 16)
    t = torch.tensor([1, 2, 100, 250.0, 499, 500])
    context = torch.eye(CLASSES)[torch.arange(6) % CLASSES]
    # In the course, ab_t = cumprod(1 - linspace(beta1, beta2, T + 1)), with ab_t[0] = 1.
    kept = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 501, dtype=torch.float64)[1:], 0)
    log_snr = torch.log(kept / (1 - kept))[t.long() - 1]
    torch.testing.assert_close(torch.from_numpy(model.schedule.log_snr(t.numpy())), log_snr)
    with torch.no_grad():
        wanted = course(x_t, t[:, None] / 500, context)
        found = model.denoiser(x_t, log_snr.float(), context).epsilon
    # The course divides by 1.414, not by the root of 2.
    torch.testing.assert_close(found, wanted, rtol=2e-3, atol=2e-3)


def test_it_draws_and_learns_on(weights: Path, sprites: SpriteSet, tmp_path: Path) -> None:
    model = load_model(weights, "cpu")
    asked = SampleConfig(count=2, steps=2, classes=("hero",))
    drawn = drain(sample_iter(model, [asked], RunControl(), record=False)).final()
    assert drawn.shape == (2, 16, 16, 3)
    config = fine_tuning(shortened("tune", 2), model)
    run = tmp_path / "run"
    drain(train_iter(config, sprites, run, RunControl(), init=model))
    assert load_model(run, "cpu").denoiser.config.told_t


def test_what_is_no_such_file_is_refused(course: Course, tmp_path: Path) -> None:
    path = tmp_path / "other.pth"
    torch.save({"layer.weight": torch.zeros(3)}, path)
    with pytest.raises(FileError, match="not of the course's network"):
        load_model(path, "cpu")
    torch.save(course, path)  # a pickled module, which could run any code
    with pytest.raises(FileError, match="more than weights"):
        load_model(path, "cpu")
    torch.save([1, 2], path)
    with pytest.raises(FileError, match="does not contain only weights"):
        load_model(path, "cpu")
    path.write_bytes(b"PK nonsense")
    with pytest.raises(FileError, match="more than weights"):
        load_model(path, "cpu")
    broken = course.state_dict()
    broken["out.3.bias"] = torch.full((3,), float("nan"))
    torch.save(broken, path)
    with pytest.raises(FileError, match="not finite"):
        load_model(path, "cpu")
    assert [item.name for item in tmp_path.iterdir()] == ["other.pth"]


def test_it_is_converted_once_and_only_read_within_limits(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = course_weights.course_weights(weights)
    assert weights_path(weights) == saved
    weights.unlink()
    assert course_weights.course_weights(weights) == saved, "it is there already"
    (tmp_path / "large.pth").write_bytes(b"12345")
    monkeypatch.setattr(course_weights, "LARGEST", 4)
    with pytest.raises(FileError, match="too large to be the course's weights"):
        course_weights.course_weights(tmp_path / "large.pth")
    with pytest.raises(FileError, match="'absent' cannot be read: No such file"):
        course_weights.course_weights(tmp_path / "absent")
