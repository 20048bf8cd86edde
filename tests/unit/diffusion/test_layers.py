"""Layers of the networks against their definitions, and their state before training."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from sprite_lab.core.config import ScheduleConfig
from sprite_lab.diffusion.layers import (
    Attention,
    GuidanceEmbedding,
    LevelEmbedding,
    LevelOf,
    ResidualBlock,
    level_position,
)
from sprite_lab.diffusion.schedule import NoiseSchedule


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


@pytest.mark.parametrize("name", ["linear", "cosine"])
def test_a_level_is_found_between_those_of_its_schedule(name):
    config = ScheduleConfig(name=name, timesteps=50)
    log_snr = NoiseSchedule(config).log_snr(np.arange(51)).astype(np.float32)
    asked = np.concatenate([np.linspace(log_snr[-1], log_snr[0], 300), [99.0, -99.0]])
    wanted = np.interp(asked, log_snr[::-1], np.arange(51)[::-1])
    layer = LevelOf(config)
    got = layer(torch.from_numpy(asked.astype(np.float32))).numpy()
    np.testing.assert_allclose(got, wanted, atol=1e-4)
    assert got[-2:].tolist() == [0.0, 50.0]
    assert not layer.state_dict(), "it follows from the configuration"


def test_levels_are_told_as_sinusoids_of_32_frequencies_from_1_to_e_to_the_4():
    layer = LevelEmbedding(8)
    assert set(layer.state_dict()) == {n for n, _ in layer.named_parameters()}
    log_snr = torch.tensor([-7.0, 0.0, 9.0])
    angle = level_position(log_snr)[:, None] * torch.exp(4 * torch.arange(32) / 31)
    wanted = layer.layers(torch.cat([torch.sin(angle), torch.cos(angle)], dim=1))
    torch.testing.assert_close(layer(log_snr), wanted)


def test_guidance_is_told_by_class_and_by_the_log_of_its_scale():
    layer = GuidanceEmbedding(2, 5)
    context = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
    scale = torch.tensor([1.0, 3.0, 3.0])
    assert not layer(context, scale).any(), "before training"
    torch.nn.init.normal_(layer.layer.weight)
    got = layer(context, scale)
    assert not got[0].any()
    assert not got[2].any()
    torch.testing.assert_close(got[1], np.log(2.0) * layer.layer.weight[:, 0])


def test_a_block_begins_as_its_skip_and_drops_channels_only_in_training():
    x, embedding = torch.randn(2, 6, 4, 4), torch.randn(2, 7)
    block = ResidualBlock(6, 6, 7)
    torch.testing.assert_close(block(x, embedding), x + block.conv2.bias[:, None, None])
    for dropout in (0.0, 0.5):
        block = ResidualBlock(6, 4, 7, dropout)
        torch.nn.init.normal_(block.conv2.weight)
        assert torch.equal(block(x, embedding), block(x, embedding)) == (dropout == 0)
        block.eval()
        assert torch.equal(block(x, embedding), block(x, embedding))


def test_attention_is_pytorchs_and_no_more_than_a_bias_before_training():
    layer, x = Attention(8, heads=2), torch.randn(3, 8, 2, 5)
    torch.testing.assert_close(layer(x), x + layer.out.bias[:, None, None])
    torch.nn.init.normal_(layer.out.weight)
    q, k, v = (
        part.reshape(3, 2, 4, 10).transpose(2, 3) for part in layer.qkv(layer.norm(x)).chunk(3, 1)
    )
    mixed = F.scaled_dot_product_attention(q, k, v).transpose(2, 3).reshape(x.shape)
    torch.testing.assert_close(layer(x), x + layer.out(mixed))
