"""A model, a run or drawings as one web page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import (
    SAMPLERS,
    SEGMENTS,
    ForwardConfig,
    SampleConfig,
    SamplerName,
    WebConfig,
)
from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.tile_sets import cut
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import composite
from sprite_lab.core.sets.vocabulary import prompts_to_json
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.engine.models.model import Model, load_model
from sprite_lab.engine.models.model_export import card_of
from sprite_lab.engine.models.onnx import onnx_facts
from sprite_lab.engine.sampling.denoise_loop import planned
from sprite_lab.engine.sampling.forward import forward_iter
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.formats.images.png import read_image
from sprite_lab.formats.web.page import WebModel, WebPage, write_page
from sprite_lab.formats.web.recordings import Recording, lane_of, training_lane
from sprite_lab.formats.web.weights import pack_weights
from sprite_lab.words import tr, trc, trn

#: Bits per weight. The layers applied to every patch and those at both ends determine colors:
#: rounding them to 8 bits changes half of the pixels, rounding all others a fifth.
_FINE = re.compile(r"network\.(stem|head|extras|up|down)\.|\.skip\.|network\.fine_\w+\.\d\.conv")
_FINE_BITS, _OTHER_BITS, _EXACT_BITS = 12, 8, 16

#: The numbers of steps that a page offers besides the model's default, by whether it is a student.
_STEPS = {True: range(1, SEGMENTS + 1), False: (6, 12, 24)}

#: Number of steps in which a model trained in the page draws.
_TAUGHT_STEPS = 12


def web_model(model: Model, *, exact: bool = False) -> WebModel:
    """The data of a model that a page needs.

    ``exact``: weights in float16, as shipped, which nearly doubles the page's size. Otherwise
    shades differ from the app's: most pixels agree to within 8 of 255. Raises FileError if its
    network is not ours.
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
        str(steps): planned(
            model, SampleConfig(sampler=sampling["sampler"], steps=min(steps, model.timesteps))
        )
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
                "levels": planned(model, SampleConfig(steps=min(_TAUGHT_STEPS, model.timesteps)))
            },
            "exact": exact,
            "fingerprint": fingerprint(model),
        },
        pack_weights(state, bits),
    )


def fingerprint(model: Model) -> str:
    """Sixteen hexadecimal digits that identify the weights."""
    return model.digest()[:16]


#: Samplers of a race, with their steps.
_RACERS: tuple[tuple[SamplerName, int], ...] = (("dpmpp_2m", 12), ("ddim", 50), ("ddpm", 500))

#: Number of steps in a recorded trajectory, except a student's: enough to follow it.
_WATCHED_STEPS = 24


def export_web_iter(
    ref: str | Path,
    out: Path,
    config: WebConfig,
    control: RunControl,
    *,
    drawings: Sequence[NDArray[np.uint8]] = (),
    extra: Sequence[Recording] = (),
) -> Run[Path]:
    """Write the page of :func:`web_page_iter`; returns its path. If stopped, writes nothing."""
    page = yield from web_page_iter(ref, config, control, drawings=drawings, extra=extra)
    if page is not None:
        write_page(out, page)
    return out


def web_page_iter(
    ref: str | Path,
    config: WebConfig,
    control: RunControl,
    *,
    drawings: Sequence[NDArray[np.uint8]] = (),
    extra: Sequence[Recording] = (),
) -> Run[WebPage | None]:
    """Make a page of a model. Yields Progress; None if stopped.

    Raises FileError if there is no such model, a page cannot run its network, the drawings are of
    another size, or the page would be empty.

    Parameters
    ----------
    ref : a run folder, weights file or name, as in :func:`load_model`.
    drawings : uint8 (H, W, 4) each, starting points in the page's Draw.
    extra : existing recordings, shown first.
    """
    yield Progress(0, 3, tr("Loading the model"))
    model = load_model(ref, "cpu")
    sides = {drawing.shape[0] for drawing in drawings} - {model.image_size}
    if sides:
        raise FileError(
            "The drawings are {sides} pixels wide, but '{title}' draws "
            "{image_size}: choose a model for that size.",
            sides=max(sides),
            title=model.title,
            image_size=model.image_size,
        )
    inside: WebModel | None = web_model(model, exact=config.exact) if config.draws else None
    yield Progress(1, 3, tr("Recording"))
    recordings = list(extra)
    if config.reverse or config.forward:
        recordings += yield from _both_ways(model, config, control)
    if config.race and not control.stop_requested:
        recordings.append((yield from race_iter(model, config, control)))
    if config.training and Path(ref).is_dir():
        recordings += _history(RunFolder(Path(ref)), model.image_size)
    yield Progress(2, 3, tr("Making the page"))
    if control.stop_requested:
        return None
    return _page(ref, model, inside, recordings, drawings)


def _page(
    ref: str | Path,
    model: Model,
    inside: WebModel | None,
    recordings: Sequence[Recording],
    drawings: Sequence[NDArray[np.uint8]],
) -> WebPage:
    if inside is None and not recordings:
        raise FileError("The page would be empty: choose a recording, or include the model.")
    card = card_of(ref, f"sprite-lab sample --model {ref} --out sprites.png")
    return WebPage(
        title=trc("model", model.title),
        subtitle=tr(
            "A diffusion model trained on {data}, {step:,} steps",
            data=tr(model.data_title),
            step=model.step,
        ),
        model=inside,
        recordings=recordings,
        drawings=drawings,
        card=card.partition("\n")[2] if card.startswith("# ") else card,  # the page has its title
        credits=[credit.line for credit in model.credits],
    )


def _settings(model: Model, config: WebConfig) -> SampleConfig:
    """The settings that match the page's sprites: a page does not use autoguidance."""
    return SampleConfig(
        count=config.count,
        seed=config.seed,
        steps=None if model.is_student else min(_WATCHED_STEPS, model.timesteps),
        autoguidance=0.0,
        precision="fp32",
    )


def _both_ways(model: Model, config: WebConfig, control: RunControl) -> Run[list[Recording]]:
    drawn = yield from sample_iter(model, [_settings(model, config)], control)
    found = []
    if config.reverse:
        note = trn(
            "{n} sprite comes out of noise, seed {seed}. "
            "At each level the model predicts the clean sprite.",
            "{n} sprites come out of noise, seed {seed}. "
            "At each level the model predicts the clean sprite.",
            config.count,
            seed=config.seed,
        )
        found.append(Recording.of(drawn, tr("From noise"), note))
    if config.forward and not control.stop_requested:
        sprites = composite(drawn.rgba())
        forward = ForwardConfig(schedule=model.schedule_config, seed=config.seed)
        dissolved = yield from forward_iter(sprites, forward, control)
        note = tr("The same sprites dissolve: x_t = √ᾱ x0 + √(1 − ᾱ) ε, with one ε at every level.")
        found.append(Recording.of(dissolved, tr("Into noise"), note))
    return found


def race_iter(model: Model, config: WebConfig, control: RunControl) -> Run[Recording]:
    """Record samplers from the same noise or, for a student, numbers of steps. Yields Progress."""
    settings = _settings(model, config)
    racers: Iterable[SampleConfig]
    if model.is_student:
        racers = [replace(settings, steps=steps) for steps in (1, 2, 4)]
    else:
        racers = [
            replace(settings, sampler=sampler, steps=min(steps, model.timesteps))
            for sampler, steps in _RACERS
        ]
    lanes = []
    for racer in racers:
        drawn: Trajectory = yield from sample_iter(model, [racer], control)
        assert drawn.config is not None
        assert drawn.config.sampler is not None
        steps = trn("{n} step", "{n} steps", drawn.config.steps or 0)
        lanes.append(lane_of(drawn, f"{SAMPLERS[drawn.config.sampler].label}, {steps}"))
    return Recording(tr("Race"), "reverse", tuple(lanes), tr("Samplers from the same noise."))


def _history(run: RunFolder, side: int) -> list[Recording]:
    """The samples that a run kept during training; their sheets have no gaps."""
    samples = []
    for step in run.steps("samples"):
        sheet = composite(read_image(run.sample_sheet(step)))
        if not any(np.mod(sheet.shape[:2], side)):  # otherwise it is not one of ours
            samples.append((step, cut(sheet, side)))
    if not samples:
        return []
    same = [(step, sprites) for step, sprites in samples if sprites.shape == samples[-1][1].shape]
    note = tr("Samples from one noise as training progresses.")
    return [Recording(tr("Training history"), "training", (training_lane(same),), note)]
