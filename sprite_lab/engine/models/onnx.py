"""The denoiser as an ONNX graph, for programs without Sprite Lab or PyTorch."""

from __future__ import annotations

import io
import warnings
from typing import Any

import torch
from torch import Tensor, nn

from sprite_lab.core.config import DEFAULT_SAMPLER, SAMPLERS, SampleConfig
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.guidance import TAUGHT_GUIDANCE
from sprite_lab.diffusion.layers import LOG_SNR_BOUND
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling.denoise_loop import levels_of

#: The first opset with layer norm as one operator.
OPSET = 17

#: The possible inputs of a network, in the order of :class:`Denoiser`, with descriptions.
INPUTS = {
    "x_t": "noisy sprites, float32 (batch, channels, height, width): alpha times the sprites, plus "
    "noise_std times noise; the sprites' channels are RGB on white, then opacity, in [-1, 1]",
    "log_snr": "float32 (batch,): log(alpha² / noise_std²), where alpha² + noise_std² = 1",
    "context": "float32 (batch, classes + words + styles): weights of the classes, and 1 for each "
    "word and style that is asked for; all zero = no wish",
    "augment": "float32 (batch, labels): how a training sprite was augmented; zeros to sample",
    "guidance_scale": "float32 (batch,): how strongly the class steers, in one evaluation",
}

OUTPUTS = {
    "x0": "float32 (batch, channels, height, width): the predicted clean sprites; the predicted "
    "noise is (x_t - alpha x0) / noise_std",
}


class _Graph(nn.Module):
    """A denoiser that takes only the inputs it uses, and returns only x0."""

    def __init__(self, denoiser: Denoiser, names: list[str]) -> None:
        super().__init__()
        self.denoiser, self.names = denoiser, names

    def forward(self, *values: Tensor) -> Tensor:
        given = dict(zip(self.names, values, strict=True))
        if "context" not in given:
            given["context"] = given["x_t"].new_zeros(len(given["x_t"]), 0)
        return self.denoiser(**given).x0


def input_names(model: Model) -> list[str]:
    """The inputs of the model's graph, in order."""
    network = model.denoiser.config
    taken = {
        "context": network.context_size > 0,
        "augment": network.augment_labels > 0,
        "guidance_scale": network.guided and network.context_size > 0,
    }
    return [name for name in INPUTS if taken.get(name, True)]


def onnx_graph(model: Model) -> bytes:
    """The denoiser of a model on the CPU as a serialized graph, with any number of sprites.

    Uses PyTorch's tracing exporter, which takes a second or two and needs only the package
    ``onnx``. The newer one, through ``torch.export``, also needs ``onnxscript`` and takes twelve
    times as long for a graph that gives the same numbers.
    """
    network, names = model.denoiser.config, input_names(model)
    batch = 2  # with one, some operators would fix the batch size
    examples = {
        "x_t": torch.zeros(batch, network.channels, network.image_size, network.image_size),
        "log_snr": torch.zeros(batch),
        "context": torch.zeros(batch, network.context_size),
        "augment": torch.zeros(batch, network.augment_labels),
        "guidance_scale": torch.ones(batch),
    }
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The warnings say that this is the older exporter, and that fixed shapes become constants.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Graph(model.denoiser, names).eval(),
            tuple(examples[name] for name in names),
            buffer,  # type: ignore[arg-type]
            input_names=names,
            output_names=list(OUTPUTS),
            dynamic_axes={name: {0: "batch"} for name in (*names, *OUTPUTS)},
            opset_version=OPSET,
            dynamo=False,
        )
    return buffer.getvalue()


def onnx_facts(model: Model) -> dict[str, Any]:
    """Facts for sampling with the graph, ready for JSON.

    ``schedule.log_snr`` holds the log-SNRs of t = 0 to T; ``sampling`` holds Sprite Lab's default
    settings for this model, with the levels to visit in ``sampling.log_snr``. x_T is ``alpha
    data_mean + noise_std noise`` at the first of them.
    """
    schedule, network = model.schedule, model.denoiser.config
    sampler = "student" if model.is_student else DEFAULT_SAMPLER
    levels = levels_of(model, sampler, SAMPLERS[sampler].usual_steps(model.timesteps), None)
    guidance = SampleConfig().guidance_scale
    low, high = TAUGHT_GUIDANCE
    return {
        "title": model.title,
        "step": model.step,
        **model.vocabulary.to_json(),
        "data": {"title": model.data_title, "fingerprint": model.data_fingerprint},
        "network": network.to_json(),
        "inputs": {name: INPUTS[name] for name in input_names(model)},
        "outputs": OUTPUTS,
        "schedule": {
            **schedule.config.to_json(),
            "log_snr": schedule.log_snr(range(schedule.timesteps + 1)).tolist(),
        },
        "data_mean": model.denoiser.data_mean.tolist(),
        "sampling": {
            "sampler": sampler,
            "log_snr": schedule.log_snr(levels).tolist(),
            "guidance_scale": min(max(guidance, low), high) if model.is_student else guidance,
            "guided_below": min(model.guided_below, LOG_SNR_BOUND),
        },
    }
