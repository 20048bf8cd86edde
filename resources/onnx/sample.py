"""Draws sprites with the model beside it, as Sprite Lab does: DPM-Solver++(2M), Lu et al. 2022.

It takes numpy and onnxruntime. The settings come with the model; see its metadata.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(Path(__file__).with_name("model.onnx"))
about = json.loads(session.get_modelmeta().custom_metadata_map["sprite_lab"])
names, levels = (
    about["class_names"] + about.get("words", []) + about.get("styles", []),
    np.array(about["sampling"]["log_snr"]),
)
alpha, std = (1 + np.exp(-levels)) ** -0.5, (1 + np.exp(levels)) ** -0.5


def denoise(x, level, context):
    augment = np.zeros((len(x), about["network"]["augment_labels"]))
    given = {"x_t": x, "log_snr": np.full(len(x), level), "context": context, "augment": augment}
    wanted = {i.name: given[i.name].astype(np.float32) for i in session.get_inputs()}
    return session.run(["x0"], wanted)[0]


def draw(count=16, seed=0, asked=()):
    """``asked``: classes, words and styles, as ["creature", "red", "slime"].

    float32 (count, channels, height, width) in [-1, 1]: RGB on white, then opacity if drawn."""
    mean = np.array(about["data_mean"], np.float32)
    rngs = [np.random.default_rng([seed, i]) for i in range(count)]
    noise = np.stack([rng.standard_normal(mean.shape, np.float32) for rng in rngs])
    x = alpha[0] * mean + std[0] * noise
    context, last = np.tile([name in asked for name in names], (count, 1)), None
    for k, level in enumerate(levels):
        x0 = denoise(x, level, context)
        if context.any() and level <= about["sampling"]["guided_below"]:
            # Guidance: away from what it would draw without a wish.
            away = denoise(x, level, 0 * context)
            x0 = away + about["sampling"]["guidance_scale"] * (x0 - away)
        x0 = ahead = x0.clip(-1, 1)
        if k + 1 == len(levels):
            return x0
        if last is not None:  # half a step on, by a line through the last two
            ratio = (levels[k + 1] - level) / (level - levels[k - 1])
            ahead = x0 + ratio / 2 * (x0 - last)
        decay, last = np.expm1((level - levels[k + 1]) / 2), x0
        x = std[k + 1] / std[k] * x - alpha[k + 1] * decay * ahead


if __name__ == "__main__":
    # uint8 (16, height, width, channels)
    np.save("sprites.npy", np.rint((draw().transpose(0, 2, 3, 1) + 1) * 127.5).astype(np.uint8))
