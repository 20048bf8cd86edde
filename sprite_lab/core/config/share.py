"""How a model is shared."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sprite_lab.core.config.base import Config, setting
from sprite_lab.core.errors import require

_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)


@dataclass(frozen=True)
class ShareConfig(Config):
    """A repository of the Hugging Face Hub, and the token to write to it."""

    # fmt: off
    name: str = setting(
        "ada/sprites", "Name", longest=200,
        tip="Name of the model there, as OWNER/NAME, under which others download it.",
    )
    private: bool = setting(
        False, "Private", tip="Only you can see the model, if it is new there.",
    )
    token: str = setting(
        "", "Access token", unset="token of 'hf auth login'", longest=400,
        tip="Lets you write there; you find it in your account settings. It is not stored.",
    )
    # fmt: on

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            bool(_NAME.fullmatch(self.name)),
            "“{name}” is not the name of a shared model: write it as OWNER/NAME.",
            name=self.name,
        )
