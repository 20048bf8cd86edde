"""The sprites of a set in the form of the network's input, a few at a time, on its device."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.sets.sprites import BLOCK, SpriteSet, to_model_space
from sprite_lab.core.sets.vocabulary import Vocabulary

#: Maximum number of bytes kept on a device other than the CPU: a million sprites of 16x16.
RESIDENT = 1_100_000_000

#: Up to this many numbers, the mean is computed all at once, as in the first versions, so that
#: their weights can be reproduced to the last bit; otherwise in parts.
WHOLE = 100_000 * 4 * 16 * 16


class Pictures:
    """Some sprites of a set; the set may be memory-mapped, and larger than memory.

    Pixels stay 8-bit until requested. On the CPU they stay in the set; to another device they are
    copied once, if they take at most RESIDENT bytes.

    Parameters
    ----------
    sprites : the set.
    rows : int64 (N,), which of its sprites; None = all.
    channels : 3 = RGB on white, 4 = with alpha.
    vocabulary : for :meth:`context`; None = the classes of the set.
    """

    def __init__(
        self,
        sprites: SpriteSet,
        channels: int,
        device: torch.device,
        rows: NDArray[np.int64] | None = None,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        self._sprites, self.device = sprites, device
        self._rows = rows
        self.vocabulary = Vocabulary(sprites.class_names) if vocabulary is None else vocabulary
        self.shape = (channels, *sprites.size)
        self._resident: Tensor | None = None
        if device.type != "cpu" and len(self) * (self._numbers + len(self.vocabulary)) <= RESIDENT:
            self.settle()

    def settle(self) -> None:
        """Copy all pixels and contexts to the device."""
        picks = torch.split(torch.arange(len(self)), BLOCK)
        pixels = [torch.from_numpy(self._pixels(pick)).to(self.device) for pick in picks]
        self._contexts = torch.cat([self._known(p).to(self.device, torch.uint8) for p in picks])
        # A lookup table, since a device may divide differently in the last bit.
        values = torch.from_numpy(to_model_space(np.arange(256, dtype=np.uint8)))
        self._values, self._resident = values.to(self.device), torch.cat(pixels)

    def __len__(self) -> int:
        return len(self._sprites) if self._rows is None else len(self._rows)

    @property
    def _numbers(self) -> int:
        channels, height, width = self.shape
        return channels * height * width

    def _index(self, pick: Tensor) -> NDArray[np.int64]:
        index: NDArray[np.int64] = pick.cpu().numpy()
        return index if self._rows is None else self._rows[index]

    def _pixels(self, pick: Tensor) -> NDArray[np.uint8]:
        index = self._index(pick)
        if self.shape[0] == 3:
            return self._sprites.images[index]
        return self._sprites.rgba_of(index)

    def x0(self, pick: Tensor) -> Tensor:
        """float32 (n, C, H, W) in [-1, 1] of the sprites at ``pick``, int64 (n,)."""
        if self._resident is not None:
            found = self._values[self._resident[pick.to(self.device)].long()]
            return found.permute(0, 3, 1, 2).contiguous()
        x0 = torch.empty(len(pick), *self.shape)
        for part, out in zip(torch.split(pick, BLOCK), torch.split(x0, BLOCK), strict=True):
            out.copy_(torch.from_numpy(to_model_space(self._pixels(part))).permute(0, 3, 1, 2))
        return x0.to(self.device)

    def context(self, pick: Tensor) -> Tensor:
        """The contexts of sprites: float32 (n, len(vocabulary)), zeros and ones."""
        if self._resident is not None:
            return self._contexts[pick.to(self.device)].float()
        return self._known(pick).to(self.device)

    def _known(self, pick: Tensor) -> Tensor:
        return torch.from_numpy(self.vocabulary.context_of(self._sprites, self._index(pick)))

    @property
    def resident(self) -> bool:
        """Whether all pixels are on the device."""
        return self._resident is not None

    def mean(self) -> Tensor:
        """The mean picture, float32 (C, H, W)."""
        if len(self) * self._numbers <= WHOLE:
            return self.x0(torch.arange(len(self))).mean(dim=0)
        total = np.zeros((*self.shape[1:], self.shape[0]), np.int64)
        for pick in torch.split(torch.arange(len(self)), 16 * BLOCK):
            for part in torch.split(pick, BLOCK):
                total += self._pixels(part).sum(axis=0, dtype=np.uint32)
            self._sprites.release()
        mean = total / len(self) / 127.5 - 1.0
        return torch.from_numpy(mean).permute(2, 0, 1).float().contiguous().to(self.device)
