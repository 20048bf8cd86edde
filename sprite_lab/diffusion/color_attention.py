"""Color attention: pixels of the same color find one another, and average out their noise.

A sprite has about nine colors, each in many places. Once the noise is weaker than the distance
between colors, all pixels of a color are noisy readings of one value, and their mean estimates it
far better than a convolution does pixel by pixel: at log-SNR 7, with a tenth of the squared error.
This gives flat colors, and saves most of a sprite's bits.

This is non-local means (Buades et al. 2005) as a layer: attention among the pixels, with colors
divided by the strength of the noise as queries and keys, and the noisy colors as values.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sprite_lab.diffusion.parameterization import level

#: Number of values that are similar in pixels of the same part.
KEYS = 8
#: Outputs of the network for each pixel besides its prediction: how much of its own x_0 is kept,
#: how much of it other pixels see instead of its noisy color, and the KEYS values.
EXTRAS = 2 + KEYS

#: log-SNRs between which the scalars of the layer are interpolated.
KNOTS = (-4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0)

#: The log-SNRs over which the layer fades in: below, noise hides the colors and the layer does
#: nothing.
FADE_IN = (-2.0, 0.0)

#: Width of queries and keys. A CPU's fused attention requires the values to have the same width;
#: with the 256 x 256 attention weights in memory, the layer would take five times as long.
WIDTH = 16


class ColorAttention(nn.Module):
    """Predicted x_0 -> x_0 with shared colors, in two rounds.

    The first round compares predictions, the second compares its result with the noisy colors. The
    background of sprites (``page``), white and, with alpha, transparent, takes part as pixels
    without noise. Before training, when the extras are zero, the layer depends only on the scalars
    below, which come from a training run of a few minutes.

    ``channels``: 3, or 4 with alpha.
    """

    page: Tensor
    knots: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        page = torch.tensor([[1.0, 1.0, 1.0, -1.0][:channels]])
        self.register_buffer("page", page, persistent=False)
        knots = torch.tensor(KNOTS, device="cpu")  # like the exponents of LevelEmbedding
        self.register_buffer("knots", knots, persistent=False)
        #: For each knot: the log width of the kernel in either round, in units of the noise.
        first = [-0.6, -1.6, -1.6, -0.6, 0.0, 0.5, 0.75, 0.8, 0.8, 0.8]
        second = [0.4, -0.7, -0.9, -0.3, 0.2, 0.7, 1.0, 1.0, 1.0, 1.0]
        self.log_width = nn.Parameter(torch.tensor([first, second]).T.contiguous())
        #: For each knot: the log of the factor of the keys, and of the number of pixels that the
        #: background counts as.
        self.log_gain = nn.Parameter(torch.zeros(len(KNOTS), 1))
        self.log_count = nn.Parameter(torch.where(knots < 6.0, 3.0, 5.0)[:, None])
        #: For each knot: the logits of keeping x_0, and of showing it instead of the noisy color.
        keep = (2.0 * (3.0 - knots)).clamp(-6.0, 6.0)
        self.gates = nn.Parameter(torch.stack([keep, torch.full_like(keep, -3.0)], dim=1))

    def forward(self, x0: Tensor, extras: Tensor, x_t: Tensor, log_snr: Tensor) -> Tensor:
        """float32 (N, C, H, W) throughout, except ``extras`` (N, EXTRAS, H, W)."""
        start, end = FADE_IN
        fade = ((log_snr - start) / (end - start)).clamp(0.0, 1.0)
        with torch.autocast(x0.device.type, enabled=False):  # colors need full precision
            return self._share_where(x0, extras, x_t, log_snr, fade)

    def _share_where(
        self, x0: Tensor, extras: Tensor, x_t: Tensor, log_snr: Tensor, fade: Tensor
    ) -> Tensor:
        """Call :meth:`share`, on a CPU only for the rows at levels where the layer acts."""
        # On other devices, picking rows costs more than it saves; a trace must hold for all levels.
        traced = torch.jit.is_tracing()  # type: ignore[attr-defined,no-untyped-call]
        if x0.device.type != "cpu" or traced:
            return self.share(x0, extras, x_t, log_snr, fade)
        rows = (fade > 0).nonzero()[:, 0]
        if len(rows) == len(x0):
            return self.share(x0, extras, x_t, log_snr, fade)
        if len(rows) == 0:
            return x0
        parts = (value.index_select(0, rows) for value in (x0, extras, x_t, log_snr, fade))
        return x0.index_copy(0, rows, self.share(*parts))

    def share(
        self, x0: Tensor, extras: Tensor, x_t: Tensor, log_snr: Tensor, fade: Tensor
    ) -> Tensor:
        channels = x0.shape[1]
        alpha, std = level(log_snr)
        own, noisy, extra = (_pixels(value) for value in (x0, x_t / alpha, extras))
        sigma = (std / alpha)[:, 0]  # (N, 1, 1)

        place = log_snr.clamp(KNOTS[0], KNOTS[-1])[:, None]
        bands = (1.0 - (place - self.knots).abs() / 2.0).clamp_min(0.0)
        bands = bands / bands.sum(dim=1, keepdim=True).clamp_min(1e-6)
        width = sigma[..., None] * torch.exp(bands @ self.log_width)[:, :, None, None]
        logits = (bands @ self.gates)[:, :, None, None] + extra[..., :2].movedim(2, 1)[..., None]
        keep, show = torch.sigmoid(logits).unbind(1)  # (N, P, 1)
        shared = (1.0 - keep) * fade[:, None, None]
        keys = extra[..., 2:] * torch.exp(bands @ self.log_gain)[:, :, None]

        center = own.mean(dim=1, keepdim=True)  # numbers near 0 have the highest precision
        own, noisy, page = own - center, noisy - center, self.page - center
        values = _with_width(torch.cat([torch.lerp(noisy, own, show), page], dim=1))
        count = (bands @ self.log_count)[:, None]  # (N, 1, 1)
        page_keys = F.pad(keys, (0, 0, 0, 1))
        bias = F.pad(count, (0, 0, keys.shape[1], 0)) - _half_square(page_keys)
        query_keys = F.pad(keys, (0, 1), value=1.0)

        def among(asked: Tensor, told: Tensor, width: Tensor) -> Tensor:
            """The mean of the values near each color, over all pixels and the background."""
            told = torch.cat([told, page], dim=1) / width
            # softmax(q.k - |k|^2 / 2) is that of -|q - k|^2 / 2: a Gaussian kernel.
            query = _with_width(torch.cat([asked / width, query_keys], dim=2))
            key = _with_width(torch.cat([told, page_keys, bias - _half_square(told)], dim=2))
            return F.scaled_dot_product_attention(
                query[:, None], key[:, None], values[:, None], scale=1.0
            )[:, 0, :, :channels]

        color = torch.lerp(own, among(own, own, width[:, 0]), shared)
        color = torch.lerp(own, among(color, noisy, width[:, 1]), shared) + center
        return color.transpose(1, 2).reshape(x0.shape)


def _with_width(x: Tensor) -> Tensor:
    """Pad the last axis with zeros to WIDTH."""
    return F.pad(x, (0, WIDTH - x.shape[-1]))


def _half_square(x: Tensor) -> Tensor:
    """Half the squared norm, (..., D) -> (..., 1)."""
    return 0.5 * x.square().sum(dim=-1, keepdim=True)


def _pixels(x: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, H W, C)."""
    return x.flatten(2).transpose(1, 2)
