"""Every setting of a run, as frozen values that validate themselves and convert to and from JSON.

Equal configurations compare equal and hash equal.
"""

from sprite_lab.core.config.animation import AnimationConfig, AnimationFormat, Shown
from sprite_lab.core.config.base import DeviceName, Precision
from sprite_lab.core.config.forward import ForwardConfig, ForwardNoise
from sprite_lab.core.config.measure import EntropyConfig, EvalConfig, MeasureConfig, ReversalConfig
from sprite_lab.core.config.network import NetworkConfig, NetworkName, PredictionType
from sprite_lab.core.config.sample import (
    DEFAULT_SAMPLER,
    HEUN_LOG_SNR,
    MOST_VARIATIONS,
    SAME_FOR_ALL,
    SAMPLERS,
    SEGMENTS,
    SHARED_SETTINGS,
    SPACINGS,
    Conditions,
    DrawSettings,
    InpaintingName,
    SampleConfig,
    SamplerName,
    SpacingName,
)
from sprite_lab.core.config.schedule import CLEAN_LOG_SNR, ScheduleConfig, ScheduleName
from sprite_lab.core.config.share import ShareConfig
from sprite_lab.core.config.sprite_files import JsonLayout, SpriteFilesConfig
from sprite_lab.core.config.train import LevelDistribution, LossWeighting, TrainConfig
from sprite_lab.core.config.web import WebConfig

__all__ = [
    "CLEAN_LOG_SNR",
    "DEFAULT_SAMPLER",
    "HEUN_LOG_SNR",
    "MOST_VARIATIONS",
    "SAME_FOR_ALL",
    "SAMPLERS",
    "SEGMENTS",
    "SHARED_SETTINGS",
    "SPACINGS",
    "AnimationConfig",
    "AnimationFormat",
    "Conditions",
    "DeviceName",
    "DrawSettings",
    "EntropyConfig",
    "EvalConfig",
    "ForwardConfig",
    "ForwardNoise",
    "InpaintingName",
    "JsonLayout",
    "LevelDistribution",
    "LossWeighting",
    "MeasureConfig",
    "NetworkConfig",
    "NetworkName",
    "Precision",
    "PredictionType",
    "ReversalConfig",
    "SampleConfig",
    "SamplerName",
    "ScheduleConfig",
    "ScheduleName",
    "ShareConfig",
    "Shown",
    "SpacingName",
    "SpriteFilesConfig",
    "TrainConfig",
    "WebConfig",
]
