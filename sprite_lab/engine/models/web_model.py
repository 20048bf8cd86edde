"""A model for a web page: what ``resources/web/sampling.mjs`` needs to sample as the app does."""

from __future__ import annotations

import hashlib
import re

from sprite_lab.core.config import SEGMENTS, SampleConfig
from sprite_lab.core.errors import FileError
from sprite_lab.core.sets.vocabulary import prompts_to_json
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.models.onnx import onnx_facts
from sprite_lab.engine.sampling.denoise_loop import levels_of
from sprite_lab.formats.web.page import WebModel
from sprite_lab.formats.web.weights import pack_weights

#: Bits per weight. Layers that work on every patch, and those at both ends, determine colors:
#: rounding them to 8 bits changes half of the pixels, rounding all others a fifth.
_FINE = re.compile(r"network\.(stem|head|extras|up|down)\.|\.skip\.|network\.fine_\w+\.\d\.conv")
_FINE_BITS, _OTHER_BITS, _EXACT_BITS = 12, 8, 16

#: The numbers of steps that a page offers, besides the model's own.
_STEPS = {True: range(1, SEGMENTS + 1), False: (6, 12, 24)}

#: Evaluations of a model trained in the page.
_TAUGHT_STEPS = 12


def web_model(model: Model, *, exact: bool = False) -> WebModel:
    """What a page needs of a model.

    Parameters
    ----------
    exact : weights in float16, as shipped, which nearly doubles the page. Otherwise sprites differ
        from the app's in shades: most pixels agree to within 8 of 255.

    Raises
    ------
    FileError
        If its network is not ours.
    """
    network = model.denoiser.config
    if network.name != "patch_unet":
        raise FileError(
            "'{title}' has a third-party network, which a page cannot draw with: choose a model "
            "with our network, or export only recordings.",
            title=model.title,
        )
    facts = onnx_facts(model)
    sampling = facts["sampling"]
    student = model.is_student
    usual = len(sampling["log_snr"])
    counts = sorted({*_STEPS[student], usual})
    levels = {
        str(steps): model.schedule.log_snr(
            levels_of(model, sampling["sampler"], min(steps, model.timesteps), None)
        ).tolist()
        for steps in counts
    }
    asked = SampleConfig()
    state = {name: t.cpu().float().numpy() for name, t in model.denoiser.state_dict().items()}
    mean = state.pop("data_mean")
    bits = {
        name: _EXACT_BITS if exact else _FINE_BITS if _FINE.search(name) else _OTHER_BITS
        for name in state
        if name.startswith("network.")
    }
    return WebModel(
        {
            "title": model.title,
            "step": model.step,
            "vocabulary": {
                "classes": list(model.vocabulary.classes),
                "words": list(model.vocabulary.words),
                "styles": list(model.vocabulary.styles),
                "palettes": [colors.hex() for colors in model.vocabulary.palettes],
            },
            "prompts": prompts_to_json(model.prompts, model.vocabulary),
            "dealt": model.dealt,
            "data": facts["data"],
            "network": network.to_json() | {"context_size": network.context_size},
            "prediction": model.denoiser.prediction_type,
            "schedule": facts["schedule"],
            "dataMean": mean.ravel().tolist(),
            "sampling": {
                **{name: sampling[name] for name in sampling if name != "log_snr"},
                "steps": usual,
                "levels": levels,
                "colors": asked.colors,
                "visits": asked.visits,
                "sees_kept": model.sees_kept,
            },
            # A model trained in the page is an ordinary one, even if it was a student.
            "learning": {
                "levels": model.schedule.log_snr(
                    levels_of(model, "dpmpp_2m", min(_TAUGHT_STEPS, model.timesteps), None)
                ).tolist()
            },
            "exact": exact,
            "fingerprint": fingerprint(model),
        },
        pack_weights(state, bits),
    )


def fingerprint(model: Model) -> str:
    """Sixteen hexadecimal digits that no other weights have."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.denoiser.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.cpu().float().numpy().tobytes())
    return digest.hexdigest()[:16]
