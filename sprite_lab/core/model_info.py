"""Properties of a model that the window can read without loading torch."""

from __future__ import annotations

from typing import Protocol

from sprite_lab.core.config import PredictionType, SamplerName, ScheduleConfig
from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.vocabulary import Prompt, Vocabulary


class ModelInfo(Protocol):
    """The properties of a loaded model other than tensors; ``engine.models.Model`` has them."""

    @property
    def key(self) -> str:
        """Identifies the model; the same each time it is loaded."""

    @property
    def title(self) -> str: ...

    @property
    def class_names(self) -> tuple[str, ...]: ...

    @property
    def vocabulary(self) -> Vocabulary:
        """Its classes, words and styles."""

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """Prompts of its training sprites; () = it learned no words."""

    @property
    def credits(self) -> tuple[Credit, ...]:
        """Credits of its training sprites; each style is the source of one of them."""

    @property
    def image_size(self) -> int:
        """Width and height of its sprites, in pixels."""

    @property
    def timesteps(self) -> int:
        """Noise levels above 0."""

    @property
    def schedule_config(self) -> ScheduleConfig: ...

    @property
    def prediction_type(self) -> PredictionType:
        """The quantity that its network predicts."""

    @property
    def draws_alpha(self) -> bool:
        """Whether it draws transparency; others draw on white."""

    @property
    def is_student(self) -> bool:
        """Whether it was distilled to sample in a few evaluations."""

    @property
    def guides_plainly(self) -> bool:
        """Whether guidance acts at all levels and without autoguidance, unless told otherwise."""

    def most_steps(self, sampler: SamplerName, t: float) -> int:
        """The most steps it takes with a sampler from noise level ``t``."""

    @property
    def data_title(self) -> str:
        """Title of the set that it was trained on."""

    @property
    def data_fingerprint(self) -> str:
        """Fingerprint of the set that it was trained on."""
