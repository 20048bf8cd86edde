"""Draws sprites with the model beside it, as Sprite Lab does: in a few evaluations of a student.

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


def draw(count=16, seed=0, asked=()):
    """``asked``: classes, words and styles, as ["creature", "red", "slime"].

    float32 (count, channels, height, width) in [-1, 1]: RGB on white, then opacity if drawn."""
    mean = np.array(about["data_mean"], np.float32)
    rngs = [np.random.default_rng([seed, i]) for i in range(count)]
    context = np.tile([name in asked for name in names], (count, 1))
    scale = about["sampling"]["guidance_scale"] if context.any() else 1.0
    given = {"context": context, "guidance_scale": np.full(count, scale)}
    x0, noise = mean, np.stack([rng.standard_normal(mean.shape, np.float32) for rng in rngs])
    for k, level in enumerate(levels):
        x = alpha[k] * x0 + std[k] * noise
        given |= {"x_t": x, "log_snr": np.full(count, level)}
        wanted = {i.name: given[i.name].astype(np.float32) for i in session.get_inputs()}
        x0 = session.run(["x0"], wanted)[0].clip(-1, 1)
        noise = (x - alpha[k] * x0) / std[k]
    return x0


if __name__ == "__main__":
    # uint8 (16, height, width, channels)
    np.save("sprites.npy", np.rint((draw().transpose(0, 2, 3, 1) + 1) * 127.5).astype(np.uint8))
