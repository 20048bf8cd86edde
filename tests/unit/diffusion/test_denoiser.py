"""Networks, the denoiser around them, guidance, loss and the average of the weights."""

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from sprite_lab.core.config import NetworkConfig, ScheduleConfig, TrainConfig
from sprite_lab.diffusion.context_unet import COURSE_SCHEDULE
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.ema import Ema
from sprite_lab.diffusion.guidance import Guidance, guided
from sprite_lab.diffusion.layers import level_position
from sprite_lab.diffusion.loss import draw_log_snr, loss_weight, per_sample_loss, squared_errors
from sprite_lab.diffusion.parameterization import level, q_sample, target, to_x0_epsilon
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.runtime import flushed_denormals
from sprite_lab.engine.training.optimizer import AdamW
from tests.made_model import made_denoiser


def make_denoiser(name="patch_unet", prediction_type="v", **network):
    config = NetworkConfig(name=name, width=16, **{"num_classes": 3, **network})
    return made_denoiser(config, prediction_type)


def make_input(count=4, size=16, classes=3):
    generator = torch.Generator().manual_seed(1)
    x_t = torch.randn(count, 3, size, size, generator=generator)
    log_snr = torch.linspace(-3, 3, count)
    return x_t, log_snr, torch.eye(count, classes) if classes else torch.zeros(count, 0)


@pytest.mark.parametrize("name", ["patch_unet", "context_unet"])
@pytest.mark.parametrize("size", [8, 16, 24, 32])
def test_networks_take_every_size_and_react_to_all_inputs(name, size):
    denoiser = make_denoiser(name, image_size=size)
    x_t, log_snr, context = make_input(size=size)
    out = denoiser.predict(x_t, log_snr, context)
    assert out.shape == x_t.shape
    assert torch.isfinite(out).all()
    for changed in ((x_t + 1, log_snr, context), (x_t, log_snr + 1, context)):
        assert (denoiser.predict(*changed) - out).abs().max() > 1e-4
    assert (denoiser.predict(x_t, log_snr, 1 - context) - out).abs().max() > 1e-5


@pytest.mark.parametrize("name", ["patch_unet", "context_unet"])
def test_networks_work_without_classes(name):
    denoiser = make_denoiser(name, num_classes=0)
    out = denoiser.predict(*make_input(classes=0))
    assert torch.isfinite(out).all()


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("patch_unet", {"augment_labels": 2, "guided": True, "colour_attention": True}),
        ("patch_unet", {"num_words": 4}),
        ("context_unet", {}),
        ("unet2d", {"num_classes": 0}),
    ],
)
def test_every_weight_counts(name, more):
    denoiser = make_denoiser(name, **more).requires_grad_(True)
    classes = denoiser.config.num_classes + denoiser.config.num_words
    x_t, log_snr, context = make_input(classes=classes)
    augment = torch.ones(4, 2) if more.get("augment_labels") else None
    scale = torch.full((4,), 3.0) if more.get("guided") else None
    out = denoiser.predict(x_t, log_snr, context + 1, augment, scale)
    (out * torch.randn(out.shape, generator=torch.Generator().manual_seed(2))).sum().backward()
    unused = [n for n, p in denoiser.named_parameters() if p.grad is None or not p.grad.any()]
    assert unused == []


def test_before_training_nothing_is_predicted():
    torch.manual_seed(0)
    denoiser = Denoiser(NetworkConfig(name="patch_unet", width=16, num_classes=3), "v")
    assert not denoiser.predict(*make_input()).any()


@pytest.mark.parametrize("prediction_type", ["epsilon", "x0", "v"])
def test_x0_and_epsilon_make_up_x_t(prediction_type):
    denoiser = make_denoiser(prediction_type=prediction_type)
    x_t, log_snr, context = make_input()
    x0, epsilon = denoiser(x_t, log_snr, context)[:2]
    torch.testing.assert_close(q_sample(x0, epsilon, *level(log_snr)), x_t, rtol=0, atol=2e-5)


@pytest.mark.parametrize("prediction_type", ["epsilon", "x0", "v"])
def test_the_loss_is_nothing_for_a_perfect_network(prediction_type):
    denoiser = make_denoiser(prediction_type=prediction_type)
    x0, log_snr, context = make_input()
    epsilon = torch.randn(x0.shape, generator=torch.Generator().manual_seed(2))
    loss = per_sample_loss(squared_errors(denoiser, x0, epsilon, log_snr, context))
    assert loss.shape == (4,)
    assert (loss > 0.01).all()
    wanted = target(prediction_type, x0, epsilon, *level(log_snr))
    denoiser.predict = lambda *_: wanted
    perfect = per_sample_loss(squared_errors(denoiser, x0, epsilon, log_snr, context))
    torch.testing.assert_close(perfect, torch.zeros(4))
    denoiser.predict = lambda *_: wanted + 0.5
    off = per_sample_loss(squared_errors(denoiser, x0, epsilon, log_snr, context))
    torch.testing.assert_close(off, torch.full((4,), 0.25))


@pytest.mark.parametrize("huber_c", [0.1, 2.0])
def test_the_robust_loss_is_pseudo_huber_per_pixel(huber_c):
    """Equal to torch's, including the gradient: √(e + c²) is the length of a pixel's error with c
    as another entry.
    """
    denoiser = make_denoiser()
    x0, log_snr, context = make_input()
    epsilon = torch.randn(x0.shape, generator=torch.Generator().manual_seed(2))
    wanted = target("v", x0, epsilon, *level(log_snr))
    made = (wanted + torch.randn(x0.shape, generator=torch.Generator().manual_seed(3))).detach()
    found, expected = made.clone().requires_grad_(), made.clone().requires_grad_()
    denoiser.predict = lambda *_: found
    loss = per_sample_loss(squared_errors(denoiser, x0, epsilon, log_snr, context), huber_c)
    off = (expected - wanted) / x0.shape[1] ** 0.5
    lengthened = torch.cat([off, torch.full_like(off[:, :1], huber_c)], dim=1)
    length = torch.linalg.vector_norm(lengthened, dim=1)
    theirs = (2 * huber_c * (length - huber_c)).mean(dim=(1, 2))
    torch.testing.assert_close(loss, theirs)
    (slope,) = torch.autograd.grad(loss.sum(), found)
    torch.testing.assert_close(slope, torch.autograd.grad(theirs.sum(), expected)[0])


def test_with_a_large_c_the_robust_loss_is_the_squared_error():
    denoiser = make_denoiser()
    x0, log_snr, context = make_input()
    errors = squared_errors(denoiser, x0, torch.zeros_like(x0), log_snr, context)
    square = per_sample_loss(errors)
    torch.testing.assert_close(per_sample_loss(errors, 1e4), square)
    assert (per_sample_loss(errors, 1.0) < square).all()


def draw(count=20_000, **settings):
    config = TrainConfig(**settings)
    schedule = NoiseSchedule(config.schedule)
    generator = torch.Generator().manual_seed(0)
    return schedule, draw_log_snr(config, schedule, count, generator).numpy()


def test_levels_are_drawn_as_said():
    schedule, drawn = draw(uniform_share=0.0, log_snr_mean=1.5, log_snr_std=2.0)
    low, high = schedule.trained_range
    assert drawn.min() >= low - 1e-5
    assert drawn.max() <= high + 1e-5
    assert np.median(drawn) == pytest.approx(1.5, abs=0.05)
    assert drawn.std() == pytest.approx(2.0, rel=0.05)

    cosine = ScheduleConfig(name="cosine")
    schedule, drawn = draw(levels="uniform", schedule=cosine)
    counts, _ = np.histogram(np.round(schedule.t_of(drawn)), bins=10, range=(0.5, 500.5))
    assert counts.sum() == 20_000
    assert np.abs(counts - 2000).max() < 250
    assert np.unique(np.round(schedule.t_of(drawn))).tolist() == list(range(1, 501))


def test_a_share_of_the_levels_is_spread_over_the_whole_range():
    schedule, drawn = draw(uniform_share=1.0)
    counts, _ = np.histogram(drawn, bins=10, range=schedule.trained_range)
    assert np.abs(counts - 2000).max() <= 1
    schedule, drawn = draw(uniform_share=0.2)
    assert (drawn > 9).sum() == pytest.approx(4000 * 4 / 21.76, rel=0.05)
    # The other levels are as they would be without that share.
    low, high = schedule.trained_range
    for place, below in ((0.8, 0.5), (0.8 + 2.4, 0.8413), (0.8 - 2.4, 0.1587)):
        wanted = 0.2 * (place - low) / (high - low) + 0.8 * below
        assert (drawn < place).mean() == pytest.approx(wanted, abs=2e-3)


def test_the_levels_of_one_batch_are_spread_evenly():
    _, drawn = draw(16, uniform_share=0.0)
    quarters = np.array([-0.6745, 0.0, 0.6745]) * 2.4 + 0.8
    assert np.bincount(np.digitize(drawn, quarters)).tolist() == [4, 4, 4, 4]


@pytest.mark.parametrize("prediction_type", ["epsilon", "x0", "v"])
@pytest.mark.parametrize("weighting", ["min_snr", "edm"])
def test_a_weighting_means_the_same_whatever_is_predicted(prediction_type, weighting):
    denoiser = make_denoiser(prediction_type=prediction_type)
    x0, log_snr, context = make_input()
    epsilon = torch.randn(x0.shape, generator=torch.Generator().manual_seed(2))
    alpha, std = level(log_snr)
    found = denoiser(q_sample(x0, epsilon, alpha, std), log_snr, context).x0
    snr = (alpha / std).square().flatten()
    wanted = {"min_snr": snr.clamp_max(5.0), "edm": 1 + snr}[weighting]
    loss = per_sample_loss(squared_errors(denoiser, x0, epsilon, log_snr, context))
    loss = loss * loss_weight(weighting, prediction_type, log_snr)
    expected = wanted * (found - x0).square().mean(dim=(1, 2, 3))
    torch.testing.assert_close(loss, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("weighting", ["uniform", "min_snr", "edm"])
@pytest.mark.parametrize("prediction_type", ["epsilon", "x0", "v"])
def test_weights_are_numbers_at_the_end_of_every_schedule(prediction_type, weighting):
    schedule = NoiseSchedule(ScheduleConfig(name="linear", timesteps=10_000))
    ends = torch.tensor([*schedule.trained_range, 0.0])
    with flushed_denormals():  # as during a training step
        assert loss_weight(weighting, prediction_type, ends).isfinite().all()
    if (weighting, prediction_type) == ("min_snr", "epsilon"):
        assert loss_weight(weighting, prediction_type, ends)[0] == 1


def test_karras_weighting_of_v_is_none():
    log_snr = torch.linspace(-8, 13, 50)
    torch.testing.assert_close(loss_weight("edm", "v", log_snr), torch.ones(50))
    # Karras' F-prediction with sigma_data 1, in his own variables.
    generator = torch.Generator().manual_seed(0)
    x0, epsilon, output = torch.randn(3, 50, generator=generator)
    sigma = (-log_snr / 2).exp()
    c_skip, c_out, c_in = (
        1 / (sigma**2 + 1),
        sigma / (sigma**2 + 1).sqrt(),
        1 / (1 + sigma**2).sqrt(),
    )
    noisy = x0 + sigma * epsilon
    alpha, std = (value.flatten() for value in level(log_snr))
    torch.testing.assert_close(c_in * noisy, q_sample(x0, epsilon, alpha, std))
    ours = to_x0_epsilon("v", -output, c_in * noisy, alpha, std)[0]
    torch.testing.assert_close(ours, c_skip * noisy + c_out * output)


def test_what_a_network_is_told_of_augmentation_means_nothing_at_first():
    denoiser = make_denoiser(channels=4, augment_labels=8)
    fresh = Denoiser(denoiser.config, "v").network.augment.weight
    denoiser.network.augment.weight.copy_(fresh)
    x_t, log_snr, context = make_input()
    x_t = torch.cat([x_t, x_t[:, :1]], dim=1)
    told = torch.ones(4, 8)
    plain = denoiser.predict(x_t, log_snr, context)
    assert plain.shape == (4, 4, 16, 16)
    assert torch.equal(denoiser.predict(x_t, log_snr, context, told), plain)
    torch.nn.init.normal_(denoiser.network.augment.weight)
    assert torch.equal(denoiser.predict(x_t, log_snr, context), plain)
    assert torch.equal(denoiser.predict(x_t, log_snr, context, 0 * told), plain)
    changed = denoiser(x_t, log_snr, context, told).x0 - denoiser(x_t, log_snr, context).x0
    assert changed.abs().max() > 1e-3


@pytest.mark.parametrize("name", ["patch_unet", "context_unet"])
def test_levels_are_distinguished_up_to_a_log_snr_of_16(name):
    denoiser = make_denoiser(name)
    x_t, _, context = make_input()
    at = {v: denoiser.predict(x_t, torch.full((4,), v), context) for v in (13.0, 14.0, 16.0, 19.0)}
    assert (at[13.0] - at[14.0]).abs().max() > 1e-4
    assert torch.equal(at[16.0], at[19.0])
    position = level_position(torch.tensor([-6.0, 0.0, 12.0]))
    assert position.tolist() == [-0.5, 0.0, 1.0]


def test_the_average_is_its_recursion_and_forgets_the_first_weights():
    module = torch.nn.Linear(2, 1, bias=False)
    ema = Ema(module, 0.9)
    expected = module.weight.detach().clone()
    for step in range(1, 200):
        with torch.no_grad():
            module.weight.fill_(float(step))
        ema.update(step)
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * step
        torch.testing.assert_close(ema.module.weight.detach(), expected)
    assert not ema.module.weight.requires_grad
    latest = Ema(module, 0.0)
    with torch.no_grad():
        module.weight.fill_(7.0)
    latest.update(1)
    assert (latest.module.weight == 7).all()


def test_the_distance_of_the_average_is_a_share_of_the_newest_weights():
    module = torch.nn.Linear(2, 1)
    ema = Ema(module, 0.9)
    assert ema.distance() == 0
    with torch.no_grad():
        ema.module.weight.copy_(torch.tensor([[3.0, 1.0]]))
        ema.module.bias.fill_(2.0)
        module.weight.copy_(torch.tensor([[1.0, 3.0]]))
        module.bias.fill_(1.0)
    assert ema.distance() == pytest.approx(3 / 11**0.5)  # |(2, -2, 1)| / |(1, 3, 1)|


class NoDoubles(TorchDispatchMode):
    """A device without float64, like Apple's GPUs."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for tensor in torch.utils._pytree.tree_leaves(result):
            if isinstance(tensor, torch.Tensor):
                assert tensor.dtype != torch.float64, f"{func} makes float64"
        return result


@pytest.mark.parametrize("name", ["patch_unet", "context_unet"])
@pytest.mark.parametrize("prediction_type", ["epsilon", "x0", "v"])
def test_nothing_on_the_device_needs_float64(name, prediction_type):
    denoiser = make_denoiser(name, prediction_type).requires_grad_(True)
    x_t, log_snr, context = make_input()
    ema, optimizer = Ema(denoiser, 0.9), AdamW(denoiser.parameters(), 0.1)
    with NoDoubles():
        squared_errors(denoiser, x_t, x_t, log_snr, context).mean().backward()
        optimizer.step(1e-3)
        ema.update(1)
        guided(denoiser, x_t, 1.0, Guidance(context, torch.full((4,), 2.0), 0 * context))


def test_levels_are_exact_to_rounding_over_the_whole_range():
    log_snr = np.linspace(-40, 40, 401)
    alpha, std = (v.flatten().numpy() for v in level(torch.from_numpy(log_snr).float()))
    wide = log_snr.astype(np.float32).astype(np.float64)
    np.testing.assert_allclose(alpha, np.sqrt(1 / (1 + np.exp(-wide))), rtol=3e-7)
    np.testing.assert_allclose(std, np.sqrt(1 / (1 + np.exp(wide))), rtol=3e-7)


def test_a_weight_that_is_a_tensor_averages_as_a_number_does():
    """Needed to replay a recorded step on a GPU."""
    denoiser = make_denoiser().requires_grad_(True)
    one, other = Ema(denoiser, 0.9), Ema(denoiser, 0.9)
    with torch.no_grad():
        for value in (*denoiser.parameters(), *denoiser.buffers()):
            value.add_(1.0)
    one.update(5)
    other.take_in(torch.tensor(other.weight(5)))
    for first, second in zip(
        one.module.state_dict().values(), other.module.state_dict().values(), strict=True
    ):
        torch.testing.assert_close(first, second)
    assert torch.equal(other.module.data_mean, denoiser.data_mean)


def test_the_courses_network_can_be_told_t():
    """It gets the level as a fraction of the T of its schedule."""
    denoiser = make_denoiser("context_unet", told_t=True)
    x_t, _, context = make_input()
    levels = NoiseSchedule(COURSE_SCHEDULE).log_snr(np.array([0, 100, 250, 500]))
    told = []
    denoiser.network.time1.register_forward_pre_hook(lambda _, given: told.append(given[0]))
    denoiser.predict(x_t, torch.from_numpy(levels).float(), context)
    torch.testing.assert_close(told[0].flatten(), torch.tensor([0.0, 0.2, 0.5, 1.0]))
