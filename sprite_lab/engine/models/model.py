"""Trained models: finding, loading and describing them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from os.path import isdir, isfile  # which answer False for a name that is too long
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core import strict_json
from sprite_lab.core.config import (
    NetworkConfig,
    PredictionType,
    SamplerName,
    ScheduleConfig,
    TrainConfig,
)
from sprite_lab.core.errors import ConfigError, FileError, NotFiniteError, expect
from sprite_lab.core.model_facts import DataFacts, ModelFacts
from sprite_lab.core.results.calibration import BAYES, Calibration
from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.sprites import BUILTIN_TITLE, SpriteSet
from sprite_lab.core.sets.vocabulary import Deck, Prompt, Vocabulary
from sprite_lab.diffusion.consistency import student_levels
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.layers import LOG_SNR_BOUND
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.models.calibration_file import calibration_of
from sprite_lab.engine.models.checkpoint import fitting, load_tensors, read_metadata, save_tensors
from sprite_lab.engine.models.course_weights import SUFFIXES as COURSE_SUFFIXES
from sprite_lab.engine.models.course_weights import course_weights
from sprite_lab.engine.runtime import choose_device
from sprite_lab.engine.training.augment import label_count
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.paths import resource
from sprite_lab.words import tr


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """A denoiser ready to sample, with the facts from its weights file.

    ``credits``: credits of its training sprites, as far as known.
    ``prompts``: prompts of its training sprites, dealt when no prompt is given.
    ``dealt``: how many of the prompts, from the first, are dealt if no style is requested: those
    that it draws best, if its samples were graded; None = all.
    ``weak``: a weak version of the denoiser, from which autoguidance steers away.
    ``guided_below``: the log-SNR above which guidance is off by default.
    ``trained``: its training settings, which tell which sprites of its set it learned from.
    ``sees_kept``: whether it was taught to draw beside kept pixels that it sees without noise.
    ``calibration``: turns the bits that a sprite takes under each class into probabilities.
    """

    denoiser: Denoiser
    schedule: NoiseSchedule
    vocabulary: Vocabulary
    title: str
    step: int
    data_fingerprint: str
    data_title: str
    credits: tuple[Credit, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    dealt: int | None = None
    weak: Denoiser | None = None
    calibration: Calibration = BAYES
    guided_below: float = math.inf
    sees_kept: bool = False
    trained: TrainConfig = TrainConfig()  # noqa: RUF009 (it is frozen)

    @cached_property
    def deck(self) -> Deck:
        """The prompts that it deals."""
        return Deck(self.prompts, self.dealt)

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.vocabulary.classes

    def __repr__(self) -> str:
        size, classes = self.image_size, ", ".join(self.class_names) or "no classes"
        return f"<Model “{self.title}”: {size}×{size}, step {self.step:,}, {classes}>"

    @property
    def key(self) -> str:
        """An identifier that is the same each time the model is loaded."""
        return f"{self.title}, step {self.step}, data {self.data_fingerprint}"

    @cached_property
    def fingerprint(self) -> str:
        """A hash of schedule and weights, which distinguishes models with the same :attr:`key`."""
        return self.digest(strict_json.dumps(self.schedule.config.to_json()).encode())[:32]

    def digest(self, before: bytes = b"") -> str:
        """The SHA-256 of ``before`` followed by the weights, in hexadecimal."""
        found = hashlib.sha256(before)
        for name, tensor in sorted(self.denoiser.state_dict().items()):
            found.update(name.encode() + tensor.cpu().numpy().tobytes())
        return found.hexdigest()

    @property
    def schedule_config(self) -> ScheduleConfig:
        return self.schedule.config

    @property
    def timesteps(self) -> int:
        """Noise levels above 0."""
        return self.schedule.timesteps

    def most_steps(self, sampler: SamplerName, t: float) -> int:
        """The maximum number of steps with a sampler from noise level ``t``."""
        t = max(1.0, t)
        if sampler != "student":
            return int(t)
        return len(student_levels(float(self.schedule.log_snr(t)), self.schedule.trained_range))

    @property
    def image_size(self) -> int:
        """Width and height of its sprites, in pixels."""
        return self.denoiser.config.image_size

    def check_size(self, size: tuple[int, ...]) -> None:
        """Raise ConfigError unless sprites of this height and width have the model's size."""
        height, width = size
        if size != (self.image_size, self.image_size):
            raise ConfigError(
                "The sprites are {width}×{height}, but the model draws {image_size}×"
                "{image_size}: give it sprites of its own size.",
                width=width,
                height=height,
                image_size=self.image_size,
            )

    def check_numbers(self, computed: NDArray[np.floating]) -> None:
        """Raise NotFiniteError unless all of these numbers, computed by the model, are finite."""
        if not np.isfinite(computed).all():
            raise NotFiniteError(tr("what '{title}' draws", title=self.title))

    @property
    def prediction_type(self) -> PredictionType:
        """The quantity that its network predicts."""
        return self.denoiser.prediction_type

    @property
    def guides_plainly(self) -> bool:
        """Whether guidance, by default, acts at all levels and without autoguidance.

        False for a student, which has learned its teacher's guidance, of whatever kind.
        """
        return self.guided_below == math.inf and self.weak is None and not self.is_student

    @property
    def draws_alpha(self) -> bool:
        """Whether it draws transparency; others draw on white."""
        return self.denoiser.config.channels == 4

    @property
    def device(self) -> torch.device:
        return self.denoiser.data_mean.device

    @property
    def is_student(self) -> bool:
        """Whether it was distilled to sample in a few evaluations."""
        return self.denoiser.config.guided

    def context(self, prompts: Sequence[Prompt]) -> Tensor:
        """The context vectors of some prompts; zeros for what is not requested.

        Raises ConfigError for a class, word or style that the model does not know.

        Returns float32 (N, context_size), on the model's device.
        """
        return torch.from_numpy(self.vocabulary.context(prompts)).to(self.device)

    def class_context(self, classes: Sequence[str | None]) -> Tensor:
        """Like :meth:`context`, for classes; zeros for None and for unknown ones."""
        known = (name if name in self.class_names else None for name in classes)
        return self.context([Prompt.of_class(name) for name in known])


def save_weights(
    path: Path,
    denoiser: Denoiser,
    config: TrainConfig,
    step: int,
    data: DataFacts,
    *,
    half: bool = False,
) -> None:
    """Write a denoiser with everything that :func:`load_model` needs.

    ``half``: store float16, which halves the size and is good enough for viewing.
    """
    facts = {"config": config.to_json(), "step": step, **data.to_json()}
    save_tensors(path, denoiser.state_dict(), facts, half=half)


def load_model(ref: str | Path, device: str = "auto") -> Model:
    """Load a run folder (its newest weights), a weights file, or a shipped model by its name.

    Raises FileError if there is no such model, or its file is damaged or of another kind,
    ConfigError if ``ref`` is not a name or path, and RunError if the device is missing.
    """
    expect("ref", ref, (str, Path), tr("a path, or the name of a shipped model"))
    expect("device", device, str, tr("a name, such as “cpu”"))
    path = weights_path(ref)
    tensors, metadata = load_tensors(path)
    config, step, data = _described(path, metadata)
    with fitting(path):
        check_sizes(path, config.network, data.vocabulary)  # before memory is allocated
        denoiser = _denoiser(config, tensors)
        return Model(
            denoiser=denoiser.to(choose_device(device)).eval().requires_grad_(False),
            schedule=NoiseSchedule(config.schedule),
            vocabulary=data.vocabulary,
            title=_title(path),
            step=step,
            data_fingerprint=data.fingerprint,
            data_title=data.title,
            credits=data.credits,
            prompts=data.prompts,
            dealt=data.dealt,
            weak=_weak(path, metadata, config, choose_device(device)),
            calibration=calibration_of(path, step),
            guided_below=_guided_below(path, metadata),
            sees_kept=metadata.get("sees_kept") is True,
            trained=config,
        )


def _described(path: Path, metadata: Mapping[str, Any]) -> tuple[TrainConfig, int, DataFacts]:
    """The training settings, number of steps and training data of a weights file."""
    if "config" not in metadata:
        if "seconds" in metadata:
            raise FileError("'{path}' is the training state of a run, not its weights.", path=path)
        raise FileError("'{path}' holds weights, but not of a model that draws.", path=path)
    with fitting(path):
        config, data = TrainConfig.from_json(metadata["config"]), DataFacts.from_json(metadata)
        return config, int(metadata["step"]), data


def check_network(path: Path, config: TrainConfig) -> None:
    """Check that a file holds weights of this network, before the network takes memory.

    Raises FileError if it does not, or cannot be read.
    """
    tensors, _ = load_tensors(path)
    with fitting(path):
        _check_shapes(config, tensors)


def _check_shapes(config: TrainConfig, tensors: dict[str, Tensor]) -> None:
    with torch.device("meta"):  # takes no memory, whatever width the file claims
        wanted = Denoiser(config.network, config.prediction_type).state_dict()
    if any(name in tensors and tensors[name].shape != w.shape for name, w in wanted.items()):
        raise ValueError("its weights are not those of its network")


def _denoiser(config: TrainConfig, tensors: dict[str, Tensor]) -> Denoiser:
    """A denoiser with these weights; ValueError or RuntimeError if their shapes do not match."""
    _check_shapes(config, tensors)
    denoiser = Denoiser(config.network, config.prediction_type)
    denoiser.load_state_dict(tensors)
    return denoiser


def check_sizes(path: Path, network: NetworkConfig, vocabulary: Vocabulary) -> None:
    """Raise FileError, naming the file, unless the network has a column for each name."""
    sizes = network.num_classes, network.num_words, network.num_styles
    if sizes != tuple(map(len, (vocabulary.classes, vocabulary.words, vocabulary.styles))):
        raise FileError("'{path}' is damaged: its class names do not fit its network.", path=path)


def _guided_below(path: Path, metadata: Mapping[str, object]) -> float:
    """The log-SNR above which guidance is off; infinity if none is stated."""
    if "guided_below" not in metadata:
        return math.inf
    found = metadata["guided_below"]
    if isinstance(found, bool) or not isinstance(found, (int, float)) or abs(found) > LOG_SNR_BOUND:
        raise FileError(
            "'{path}' is damaged: 'guided_below' must be a number from -{bound} to {bound}.",
            path=path,
            bound=f"{LOG_SNR_BOUND:g}",
        )
    return float(found)


def weak_path(weights: Path) -> Path:
    """The path of a weak version's weights, if a model has one: from an early step of its training
    (Karras et al. 2024), or after training on its own samples (Alemohammad et al. 2024).
    """
    return weights.with_suffix(".weak.safetensors")


#: What a model and its weak version must share.
_SAME_TRAINING = ("config", "fingerprint", "class_names", "words", "styles")


def _weak(
    weights: Path, metadata: Mapping[str, Any], config: TrainConfig, device: torch.device
) -> Denoiser | None:
    """The weak version of a model, if its weights are stored beside the model's.

    Weights of another training run under that name are ignored.
    """
    beside = weak_path(weights)
    if not beside.is_file():
        return None
    tensors, other = load_tensors(beside)
    if any(metadata.get(name) != other.get(name) for name in _SAME_TRAINING):
        return None
    return _denoiser(config, tensors).to(device).eval().requires_grad_(False)


def network_for(
    config: TrainConfig, sprites: SpriteSet, vocabulary: Vocabulary | None = None
) -> NetworkConfig:
    """The configured network, fitted to the sprites and their augmentation.

    If the sprites have transparency, our network draws alpha too; the others draw on white.
    """
    ours = config.network.name == "patch_unet"
    return replace(
        config.network,
        image_size=sprites.size[0],
        channels=4 if ours and sprites.has_alpha else 3,
        num_classes=0 if config.network.name == "unet2d" else len(sprites.class_names),
        num_words=0 if vocabulary is None else len(vocabulary.words),
        num_styles=0 if vocabulary is None else len(vocabulary.styles),
        augment_labels=label_count(config),
    )


def describe(ref: str | Path) -> ModelFacts:
    """Facts about a run folder, weights file or shipped model.

    Raises FileError if ``ref`` is none of these.
    """
    weights = weights_path(ref)
    config, step, data = _described(weights, read_metadata(weights))
    facts = ModelFacts(
        title=_title(weights),
        step=step,
        config=config,
        data=data,
        bytes=weights.stat().st_size,
    )
    if not Path(ref).is_dir():
        return facts
    folder = RunFolder(Path(ref))
    return replace(
        facts,
        checkpoints=tuple(folder.steps()),
        samples=tuple(folder.steps("samples")),
        figures=folder.newest("loss", "val_loss", "epsilon_error"),
    )


@dataclass(frozen=True)
class Shipped:
    """A model that comes with Sprite Lab."""

    name: str
    title: str  #: the heading of its card
    data: str  #: "builtin", or the title of the set that it was trained on
    student: str | None  #: title of the model that it was distilled from
    path: Path  #: of its weights


def shipped_models() -> list[Shipped]:
    """The models that come with Sprite Lab."""
    found = []
    for weights in _shipped_weights():
        metadata = read_metadata(weights)
        if "config" in metadata:  # other networks, such as the critic, have none
            title = metadata["title"]
            data = "builtin" if title == BUILTIN_TITLE else title
            name, student = weights.parent.name, metadata.get("student_of")
            found.append(Shipped(name, _title(weights), data, student, weights))
    return found


def weights_path(ref: str | Path) -> Path:
    """The weights file that :func:`load_model` reads; FileError if there is none."""
    for weights in _shipped_weights():
        if weights.parent.name == str(ref) and "config" in read_metadata(weights):
            return weights
    path = Path(ref)
    if isdir(path):
        folder = RunFolder(path)
        step = folder.latest()
        if step is None and folder.exists:
            raise FileError(
                "'{name}' holds no checkpoint: continue its training first.", name=path.name or path
            )
        if step is None:
            raise FileError(
                "'{name}' is not a run folder: choose the folder of a training run.",
                name=path.name or path,
            )
        return folder.weights(step)
    if not isfile(path):
        names = ", ".join(shipped.name for shipped in shipped_models())
        if not names:
            raise FileError("There is no run, weights file or shipped model '{ref}'.", ref=ref)
        raise FileError(
            "There is no run, weights file or shipped model '{ref}'; shipped models: {names}.",
            ref=ref,
            names=names,
        )
    if path.suffix.lower() in COURSE_SUFFIXES:
        return course_weights(path)
    if path.suffix.lower() != ".safetensors":
        raise FileError(
            "'{path}' is not a model: name a run folder, a .safetensors file or a model that "
            "comes "
            "with Sprite Lab.",
            path=path,
        )
    return path


def _shipped_weights() -> list[Path]:
    """Weights of the shipped models, and of other shipped networks."""
    return sorted(resource("models").glob("*/weights.safetensors"))


def _title(weights: Path) -> str:
    if weights.parent.name == "checkpoints":
        return weights.parent.parent.name
    if weights.parent.parent != resource("models"):
        return weights.stem
    card = weights.with_name("card.md")
    heading = card.read_text(encoding="utf-8").partition("\n")[0] if card.is_file() else ""
    return heading.removeprefix("# ").strip() or weights.parent.name
