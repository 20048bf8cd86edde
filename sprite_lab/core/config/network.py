"""Settings of the denoising network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sprite_lab.core.config.base import Config, setting
from sprite_lab.core.errors import require

NetworkName = Literal["context_unet", "patch_unet", "unet2d"]
PredictionType = Literal["epsilon", "x0", "v"]


#: Settings that only one network has.
_OF_ONE_NETWORK: dict[str, NetworkName] = {
    "num_words": "patch_unet",
    "num_styles": "patch_unet",
    "augment_labels": "patch_unet",
    "dropout": "patch_unet",
    "colour_attention": "patch_unet",
    "guided": "patch_unet",
    "told_t": "context_unet",
}


@dataclass(frozen=True)
class NetworkConfig(Config):
    """The denoising network.

    ``context_unet`` is the course's; ``patch_unet`` is a U-Net on 2x2 patches with
    residual blocks, FiLM and attention at its coarsest level; ``unet2d``, from the diffusers
    package, takes no classes. ``width`` is the number of channels at the finest level.
    ``guided``: the network takes the guidance scale as an input (a student), so that a guided
    evaluation costs one pass, not two.

    ``told_t``: the network takes the noise level as t / T of the course's schedule, as the
    course's own weights do, rather than as log-SNR.

    ``num_classes``, ``num_words`` and ``num_styles`` are sizes of parts of the context vector (see
    :class:`~sprite_lab.core.sets.vocabulary.Vocabulary`).

    ``channels`` is 3 (RGB on white) or 4 (RGB and alpha). With ``colour_attention``, pixels attend
    to those of the same color (:mod:`sprite_lab.diffusion.color_attention`).
    """

    # fmt: off
    name: NetworkName = setting("patch_unet", "Network")
    width: int = setting(
        80, "Width", group="Advanced", low=16, high=512, multiple=16, usual=(16, 256), step=16,
        tip="Channels at the network's finest level: a wider network learns more, but more slowly.",
    )
    image_size: int = setting(16, "Sprite size", low=8, high=64, multiple=8)
    channels: int = setting(3, title="Channels", low=3, high=4)
    num_classes: int = setting(5, "Classes", low=0)
    num_words: int = setting(0, "Words", low=0, high=4096)
    num_styles: int = setting(0, "Styles", low=0, high=256)
    guided: bool = setting(False, title="Takes guidance")
    told_t: bool = setting(False, title="Told t")
    augment_labels: int = setting(
        0, "Augmentation input", low=0,
        tip="Length of the vector that tells patch_unet how a training sprite was augmented "
        "(Karras et al. 2022, appendix F.2); 0 = none.",
    )
    #: Spelled as in the weights of existing models.
    colour_attention: bool = setting(False, title="Attention to colors")
    dropout: float = setting(
        0.0, title="Dropout", low=0, below=1,
        tip=(
            "Share of each block's channels that are silenced during training, to prevent "
            "memorization."
        ),
    )
    # fmt: on

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, network in _OF_ONE_NETWORK.items():
            require(
                not getattr(self, name) or self.name == network,
                "Only the network '{network}' can have '{name}'.",
                network=network,
                name=name,
            )
        require(
            self.name != "unet2d" or not self.num_classes, "The network 'unet2d' takes no classes."
        )

    @property
    def context_size(self) -> int:
        """The length of the context vector."""
        return self.num_classes + self.num_words + self.num_styles
