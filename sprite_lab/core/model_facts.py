"""Facts about a model from its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.sets.credits import Credit, credits_from_json, merge_credits
from sprite_lab.core.sets.vocabulary import (
    Prompt,
    Vocabulary,
    prompts_from_json,
    prompts_to_json,
)


@dataclass(frozen=True)
class Start:
    """The model that a training run started from."""

    title: str
    step: int = 0


#: Fields of :class:`DataFacts` that are written unchanged, unless they are None.
_OPTIONAL = ("dealt", "count", "student_of", "teacher")


@dataclass(frozen=True, kw_only=True)
class DataFacts:
    """Facts about a model's training data, from its weights and its run.json."""

    vocabulary: Vocabulary
    fingerprint: str  #: of the training set
    title: str  #: of the training set
    prompts: tuple[Prompt, ...] = ()  #: of the training sprites
    #: number of ``prompts``, from the first, that are dealt if no style is requested; None = all
    dealt: int | None = None
    count: int | None = None  #: number of training sprites
    credits: tuple[Credit, ...] = ()  #: of the training sprites
    init: Start | None = None  #: None = it started from new weights
    student_of: str | None = None  #: title of its teacher; None = not a student
    teacher: str | None = None  #: fingerprint of its teacher; None = not known, or not a student

    def resumed(self, before: DataFacts) -> DataFacts:
        """These facts for a resumed run, with the start and the credits recorded ``before``.

        The run may have started from a model, whose sprites must still be credited.
        """
        return replace(self, init=before.init, credits=merge_credits(before.credits, self.credits))

    def to_json(self) -> dict[str, object]:
        found: dict[str, object] = {
            **self.vocabulary.to_json(),
            "fingerprint": self.fingerprint,
            "title": self.title,
            "credits": [credit.to_json() for credit in self.credits],
        }
        if self.prompts:
            found["prompts"] = prompts_to_json(self.prompts, self.vocabulary)
        if self.init is not None:
            found["init"] = asdict(self.init)
        rest = {name: getattr(self, name) for name in _OPTIONAL}
        return found | {name: value for name, value in rest.items() if value is not None}

    @classmethod
    def from_json(cls, data: object, *, prompts: bool = True) -> DataFacts:
        """The inverse of :meth:`to_json`; other entries are ignored.

        ``prompts``: whether to read the prompts, too. Raises KeyError, TypeError or ValueError for
        anything else.
        """
        if not isinstance(data, Mapping):
            raise TypeError("it does not say what was trained on")
        vocabulary, init = Vocabulary.from_json(data), data.get("init")
        facts = cls(
            vocabulary=vocabulary,
            fingerprint=data["fingerprint"],
            title=data["title"],
            prompts=prompts_from_json(data.get("prompts", []), vocabulary) if prompts else (),
            credits=credits_from_json(data.get("credits", [])),
            init=None if init is None else Start(str(init["title"]), int(init.get("step", 0))),
            **{name: data.get(name) for name in _OPTIONAL},
        )
        texts = facts.fingerprint, facts.title, facts.student_of or "", facts.teacher or ""
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("the name of its training set or teacher is not text")
        if not all(n is None or (type(n) is int and n >= 0) for n in (facts.dealt, facts.count)):
            raise ValueError("a number of prompts or sprites is not an integer of 0 or more")
        return facts


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """Facts about a weights file or a run folder."""

    title: str
    step: int
    config: TrainConfig
    data: DataFacts
    bytes: int  #: of the weights file
    #: for a run folder, the steps of its checkpoints and sample sheets; None = it is a weights file
    checkpoints: tuple[int, ...] | None = None
    samples: tuple[int, ...] = ()
    #: for a run folder, its newest figures by the names in metrics.jsonl, if any
    figures: Mapping[str, float | None] | None = None

    def to_json(self) -> dict[str, object]:
        """The facts as ``sprite-lab info`` prints them."""
        data, vocabulary = self.data, self.data.vocabulary
        facts: dict[str, object] = {
            "kind": "weights" if self.checkpoints is None else "run",
            "title": self.title,
            "step": self.step,
            "class_names": list(vocabulary.classes),
            "words": list(vocabulary.words),
            "styles": list(vocabulary.styles),
            "student_of": data.student_of,
            "data": data.title,
            "data_fingerprint": data.fingerprint,
            "credits": [credit.line for credit in data.credits],
            "config": self.config.to_json(),
            "bytes": self.bytes,
        }
        if self.checkpoints is not None:
            facts |= {"checkpoints": list(self.checkpoints), "samples": list(self.samples)}
            facts |= {name: (self.figures or {}).get(name) for name in ("loss", "epsilon_error")}
        return facts
