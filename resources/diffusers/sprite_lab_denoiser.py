"""The network of a model of Sprite Lab, as a component of a pipeline of diffusers."""

from dataclasses import replace
from pathlib import Path

from torch import nn

from sprite_lab.engine.models.model import load_model

FILE = "model.safetensors"


class SpriteLabDenoiser(nn.Module):
    """x_t (N, C, H, W), log_snr (N,), context (N, K) -> x0 and epsilon."""

    def __init__(self, model):
        super().__init__()
        self.denoiser = model.denoiser
        self._model = model

    @classmethod
    def from_pretrained(cls, folder, **ignored):
        """Load it from its folder."""
        return cls(load_model(Path(folder) / FILE, "cpu"))

    @property
    def model(self):
        """The denoiser, where it is now, with its schedule and vocabulary."""
        weak = self._model.weak
        return replace(self._model, denoiser=self.denoiser, weak=weak and weak.to(self.device))

    @property
    def vocabulary(self):
        """The names of classes, words and styles."""
        return self._model.vocabulary

    @property
    def device(self):
        """Where it computes."""
        return self.denoiser.data_mean.device

    @property
    def dtype(self):
        """What it computes with."""
        return self.denoiser.data_mean.dtype

    def forward(self, x_t, log_snr, context):
        """Denoise."""
        return self.denoiser(x_t, log_snr, context)
