"""The map of sprites: its plane, the paths of trajectories across it, and the pull of a model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.records import Progress
from sprite_lab.core.results.projection import fit_companion, fit_plane
from sprite_lab.core.results.sprite_map import MapPaths, Pull, Space, SpriteMap
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import SpriteSet, to_model_space, to_pixels
from sprite_lab.core.trajectories.levels import alpha_std, alpha_std_at
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.diffusion.optimal_denoiser import OptimalDenoiser
from sprite_lab.engine.measuring.features import load_features
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.training.training_data import tensors
from sprite_lab.words import tr

#: Number of pictures turned into features, or places evaluated, between two chances to cancel.
_BATCH = 144

#: Number of frames projected at once.
_FRAMES = 32

#: Pairs of opposite noises over which the pull at a place is averaged, so that first-order effects
#: of the noise cancel.
PAIRS = 2

#: (x_t, log_snr) -> x0_hat, float32 (n, C, H, W).
Predict = Callable[[Tensor, Tensor], Tensor]


def map_iter(sprites: SpriteSet, space: Space, control: RunControl) -> Run[SpriteMap]:
    """Fit a plane to a set of sprites, or to MOST_STUDIED of them at random."""
    sprites = sprites.sample()
    if space == "features":
        points = yield from _features(sprites.images)
        plane = fit_plane(points)
        return SpriteMap(sprites, space, plane, plane.coordinates(points))
    yield Progress(0, 0, tr("Laying out the map"))
    pixels = to_model_space(sprites.rgba)
    points = pixels[..., :3].reshape(len(sprites), -1)
    plane = fit_plane(points)
    places = plane.coordinates(points)
    yield None
    alpha = fit_companion(places, pixels[..., 3].reshape(len(sprites), -1))
    return SpriteMap(sprites, space, plane, places, alpha)


def paths_iter(sprite_map: SpriteMap, trajectory: Trajectory, control: RunControl) -> Run[MapPaths]:
    """Find the paths of all sprites of a trajectory across the map.

    Raises ConfigError if its sprites are of another size than the map's.
    """
    size, (height, width) = trajectory.x_t.shape[2:4], sprite_map.sprites.size
    if size != (height, width):
        raise ConfigError(
            "The sprites are {width}×{height}, but those on the map are {map_width}×{map_height}: "
            "open a set of their size.",
            width=size[1],
            height=size[0],
            map_width=width,
            map_height=height,
        )
    frames, count = trajectory.x_t.shape[:2]
    coordinates = sprite_map.plane.coordinates
    if sprite_map.space == "features":
        pixels = to_pixels(trajectory.x0).reshape(-1, *size, 3)
        points = yield from _features(pixels)
        return MapPaths(coordinates(points).reshape(frames, count, 2), None)
    alpha, _ = alpha_std(trajectory.log_snr.astype(np.float64))
    x0, x_t = np.empty((frames, count, 2)), np.empty((frames, count, 2))
    for start in range(0, frames, _FRAMES):
        yield Progress(start, frames, tr("Laying out the map"))
        part = slice(start, start + _FRAMES)
        shape = (-1, count, height * width * 3)
        x0[part] = coordinates(trajectory.x0[part].reshape(shape))
        noisy = trajectory.x_t[part].astype(np.float32).reshape(shape)
        x_t[part] = coordinates(noisy / alpha[part, None, None])
    return MapPaths(x0, x_t)


def model_pull_iter(
    model: Model, sprite_map: SpriteMap, log_snr: float, kind: str | None, control: RunControl
) -> Run[Pull]:
    """The pull of a model on noisy sprites with means in the plane; ``kind``: their class."""
    channels = model.denoiser.config.channels
    context = model.class_context([kind])

    def predict(x_t: Tensor, levels: Tensor) -> Tensor:
        rows = context.expand(len(x_t), -1)
        return model.denoiser(x_t, levels, rows).x0

    return (yield from pull_iter(predict, sprite_map, log_snr, channels, model.device))


def optimal_pull_iter(
    sprite_map: SpriteMap, log_snr: float, kind: str | None, control: RunControl
) -> Run[Pull]:
    """The pull of the optimal denoiser of the map's sprites; ``kind``: only those of one class."""
    names = sprite_map.sprites.class_names
    x0, classes = tensors(sprite_map.sprites, 3, torch.device("cpu"))
    optimal = OptimalDenoiser(x0, classes)
    context = torch.zeros(1, len(names))
    if kind in names:
        context[0, names.index(kind)] = 1

    def predict(x_t: Tensor, levels: Tensor) -> Tensor:
        return optimal(x_t, levels, context.expand(len(x_t), -1)).x0

    return (yield from pull_iter(predict, sprite_map, log_snr, 3, torch.device("cpu")))


def pull_iter(
    predict: Predict, sprite_map: SpriteMap, log_snr: float, channels: int, device: torch.device
) -> Run[Pull]:
    """The mean pull at each place of the map's grid.

    A place p stands for the noisy sprites alpha p + std epsilon. The noise is needed, because no
    network has ever seen a picture without noise at this level. The noise is the same at every
    place, and comes in PAIRS of opposites. Raises ConfigError if it is a map of features, whose
    places are not pictures.
    """
    if sprite_map.space != "pixels":
        raise ConfigError("A point in feature space is not a picture: choose the map of pixels.")
    places = sprite_map.grid()
    alpha, std = alpha_std_at(log_snr)
    blurs = torch.from_numpy(sprite_map.blur(places)[..., :channels]).permute(0, 3, 1, 2)
    blurs = blurs.contiguous().to(device)
    sums = np.zeros_like(places)
    noises = noise_pairs(blurs.shape[1:])
    for done, noise in enumerate(noises):
        for start in range(0, len(blurs), _BATCH):
            yield Progress(done * len(blurs) + start, len(noises) * len(blurs), tr("Pull"))
            some = blurs[start : start + _BATCH]
            x_t = alpha * some + std * noise.to(some)
            with torch.inference_mode():
                x0 = predict(x_t, some.new_full((len(some),), log_snr))
            flat = x0[:, :3].permute(0, 2, 3, 1).flatten(1).cpu().numpy()
            sums[start : start + _BATCH] += sprite_map.plane.coordinates(flat)
    return Pull(log_snr, places, sums / len(noises) - places)


def noise_pairs(shape: tuple[int, ...]) -> list[Tensor]:
    """The noises over which a pull is averaged, float32 (C, H, W) each, in opposite pairs."""
    drawn = np.random.default_rng(0).standard_normal((PAIRS, *shape), np.float32)
    return [torch.from_numpy(sign * noise) for noise in drawn for sign in (1, -1)]


def _features(images: NDArray[np.uint8]) -> Run[NDArray[np.float32]]:
    features = load_features()
    found = []
    for start in range(0, len(images), _BATCH):
        yield Progress(start, len(images), tr("Features of the sprites"))
        found.append(features(images[start : start + _BATCH]))
    return np.concatenate(found)
