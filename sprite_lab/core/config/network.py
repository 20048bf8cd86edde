"""What the denoising network is like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sprite_lab.core.config.base import Config, check_choices, require

NetworkName = Literal["context_unet", "patch_unet"]
PredictionType = Literal["epsilon", "x0", "v"]


@dataclass(frozen=True)
class NetworkConfig(Config):
    """The denoising network.

    ``context_unet`` is the course's; ``patch_unet`` is a U-Net on 2x2 patches with
    residual blocks, FiLM and attention at its coarsest level. ``width`` is the number of
    channels at the finest level. ``guided``: the network takes the guidance scale as an
    input (a student), so that a guided evaluation costs one pass, not two.

    ``num_classes``, ``num_words`` and ``num_styles`` are the parts of the context vector (see
    :class:`~sprite_lab.core.vocabulary.Vocabulary`).

    ``channels`` is 3 (RGB on white) or 4 (and alpha). ``augment_labels`` is the length of the
    vector that tells ``patch_unet`` how a training sprite was augmented (Karras et al. 2022,
    appendix F.2), 0 where it is told nothing. With ``colour_attention``, pixels of one colour
    find one another (:mod:`sprite_lab.diffusion.colour_attention`).
    """

    name: NetworkName = "patch_unet"
    width: int = 80
    image_size: int = 16
    channels: int = 3
    num_classes: int = 5
    num_words: int = 0
    num_styles: int = 0
    guided: bool = False
    augment_labels: int = 0
    colour_attention: bool = False

    def __post_init__(self) -> None:
        check_choices(self)
        require(
            16 <= self.width <= 512 and self.width % 16 == 0,
            f"'width' is {self.width}, but must be a multiple of 16 from 16 to 512.",
        )
        require(
            8 <= self.image_size <= 64 and self.image_size % 8 == 0,
            f"'image_size' is {self.image_size}, but must be a multiple of 8 from 8 to 64.",
        )
        require(self.channels in (3, 4), "'channels' must be 3 or 4.")
        for name in ("num_classes", "num_words", "num_styles"):
            require(getattr(self, name) >= 0, f"'{name}' must not be negative.")
        require(
            self.name == "patch_unet" or not (self.num_words or self.num_styles),
            "Only the network 'patch_unet' takes words and styles.",
        )
        require(self.augment_labels >= 0, "'augment_labels' must not be negative.")
        require(
            self.augment_labels == 0 or self.name == "patch_unet",
            "Only the network 'patch_unet' takes 'augment_labels'.",
        )
        require(
            not self.colour_attention or self.name == "patch_unet",
            "Only the network 'patch_unet' can have 'colour_attention'.",
        )
        require(
            not self.guided or self.name == "patch_unet",
            "Only the network 'patch_unet' can be 'guided'.",
        )

    @property
    def context_size(self) -> int:
        """The length of the context vector."""
        return self.num_classes + self.num_words + self.num_styles
