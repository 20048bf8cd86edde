"""Our AdamW, compared with PyTorch's, without clipping and with parameters without gradients."""

import math
from dataclasses import replace

import pytest
import torch

from sprite_lab.core.config import TrainConfig
from sprite_lab.engine.training.optimizer import AdamW, learning_rate

SHAPES = [(4, 5), (7,), (), (2, 3, 3, 3)]
RATES = [1e-2, 3e-3, 1e-2, 2e-2, 1e-3, 1e-2]


def made(shapes=SHAPES):
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator).requires_grad_() for shape in shapes]


def gradients(step, scale=1.0):
    generator = torch.Generator().manual_seed(100 + step)
    return [scale * torch.randn(shape, generator=generator) for shape in SHAPES]


def give(parameters, gradients):
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = None if gradient is None else gradient.clone()


def torchs(parameters, betas=(0.9, 0.999), weight_decay=0.0, eps=1e-8):
    """PyTorch's, with weight decay for the same parameters as ours."""
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=1e-3, betas=betas, eps=eps, foreach=False)


def step_torchs(peer, rate):
    for group in peer.param_groups:
        group["lr"] = rate
    peer.step()


def assert_same(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=2e-6, atol=2e-7)


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 50.0])
def test_without_clipping_it_is_torchs(weight_decay, scale):
    ours, theirs, start = made(), made(), made()
    optimizer = AdamW(ours, weight_decay, betas=(0.9, 0.999), max_norm=None)
    peer = torchs(theirs, weight_decay=weight_decay)
    for step, rate in enumerate(RATES):
        given = gradients(step, scale)
        give(ours, given)
        give(theirs, given)
        norm = optimizer.step(rate)
        step_torchs(peer, rate)
        assert_same(ours, theirs)
        wanted = torch.cat([gradient.flatten() for gradient in given]).norm()
        assert norm == pytest.approx(float(wanted), rel=1e-5)
        assert all(torch.equal(p.grad, g) for p, g in zip(ours, given, strict=True))
    assert all((a - b).abs().max() > 1e-2 for a, b in zip(ours, start, strict=True))


@pytest.mark.parametrize("betas", [(0.9, 0.99), (0.5, 0.9)])
@pytest.mark.parametrize("eps", [1e-8, 1e-2])
def test_betas_and_eps_are_torchs(betas, eps):
    ours, theirs = made(), made()
    optimizer = AdamW(ours, 0.1, betas, eps, max_norm=None)
    peer = torchs(theirs, betas, 0.1, eps)
    for step, rate in enumerate(RATES):
        give(ours, gradients(step))
        give(theirs, gradients(step))
        optimizer.step(rate)
        step_torchs(peer, rate)
    assert_same(ours, theirs)


@pytest.mark.parametrize("max_norm", [0.5, 1.0, 1e3])
def test_gradients_are_clipped_together_as_torch_clips_them(max_norm):
    """eps is large, so that the length of a gradient matters from the first step on."""
    ours, theirs = made(), made()
    optimizer = AdamW(ours, 0.1, eps=0.1, max_norm=max_norm)
    peer = torchs(theirs, (0.9, 0.99), 0.1, eps=0.1)
    for step, rate in enumerate(RATES):
        give(ours, gradients(step, 0.1 * 3**step))
        give(theirs, gradients(step, 0.1 * 3**step))
        found = torch.nn.utils.clip_grad_norm_(theirs, max_norm)
        assert optimizer.step(rate) == pytest.approx(float(found), rel=1e-5)
        step_torchs(peer, rate)
        assert_same(ours, theirs)


@pytest.mark.parametrize("max_norm", [None, 1.0])
def test_no_gradient_is_a_gradient_of_zero(max_norm):
    """At the first step, and in between: what was learned continues to fade."""
    ours, theirs = made(), made()
    optimizer = AdamW(ours, 0.1, betas=(0.9, 0.999), max_norm=max_norm)
    peer = torchs(theirs, weight_decay=0.1)
    for step, rate in enumerate(RATES):
        given = gradients(step)
        absent = [step % 2 == 0, step in (2, 3), step == 0, step == len(RATES) - 1]
        pairs = list(zip(given, absent, strict=True))
        give(ours, [None if gone else gradient for gradient, gone in pairs])
        give(theirs, [0 * gradient if gone else gradient for gradient, gone in pairs])
        if max_norm is not None:
            torch.nn.utils.clip_grad_norm_(theirs, max_norm)
        optimizer.step(rate)
        step_torchs(peer, rate)
        assert_same(ours, theirs)


def test_a_parameter_that_never_has_a_gradient_only_decays():
    ours = made([(3, 3), (5,), (3, 3)])
    start = [p.detach().clone() for p in ours]
    optimizer = AdamW(ours, weight_decay=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        assert all(p.grad is None for p in ours)
        ours[2].sum().backward()
        assert optimizer.step(0.1) == pytest.approx(3.0)
    torch.testing.assert_close(ours[0], start[0] * 0.99**3)
    assert torch.equal(ours[1], start[1])
    assert (ours[2] < start[2] - 0.1).all()


def test_without_any_gradient_nothing_moves():
    ours, start = made(), made()
    assert AdamW(ours).step(0.1) == 0.0
    assert all(map(torch.equal, ours, start))


def test_weight_decay_where_all_parameters_are_vectors():
    """Nothing is subject to weight decay."""
    ours, theirs = made([(7,), ()]), made([(7,), ()])
    optimizer = AdamW(ours, weight_decay=0.1, betas=(0.9, 0.999), max_norm=None)
    peer = torch.optim.AdamW(theirs, 1e-2, weight_decay=0.0)
    for parameters in (ours, theirs):
        sum((p**2).sum() for p in parameters).backward()
    optimizer.step(1e-2)
    peer.step()
    assert_same(ours, theirs)


@pytest.mark.parametrize("max_norm", [None, 1.0])
@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_what_is_not_finite_leaves_everything_as_it_was(max_norm, bad):
    """The next step is the same as without it."""
    ours, others = made(), made()
    optimizer = AdamW(ours, 0.1, max_norm=max_norm)
    other = AdamW(others, 0.1, max_norm=max_norm)
    for step in range(4):
        given = gradients(step)
        if step == 2:
            given[1][3] = bad
            give(ours, given)
            assert not torch.isfinite(torch.tensor(optimizer.step(1e-2)))
        else:
            give(ours, given)
            give(others, given)
            assert optimizer.step(1e-2) == other.step(1e-2)
        assert all(map(torch.equal, ours, others))
    assert optimizer.step_count == 3


def test_the_rate_warms_up_and_falls_to_a_fiftieth_by_half_a_cosine():
    config = TrainConfig(
        learning_rate=1.0, lr_decay="cosine", warm_up_steps=10, epochs=None, max_steps=1000
    )
    timeless = replace(config, max_seconds=None)
    assert learning_rate(timeless, 0, 1000, 9e9) == pytest.approx(0.1, rel=1e-3)
    assert learning_rate(timeless, 4, 1000, 0.0) == pytest.approx(0.5, rel=1e-3)
    quarter = 0.02 + 0.98 * (1 + math.cos(math.pi / 4)) / 2
    assert learning_rate(timeless, 250, 1000, 0.0) == pytest.approx(quarter)
    assert learning_rate(timeless, 500, 1000, 0.0) == pytest.approx(0.51)
    assert learning_rate(timeless, 1000, 1000, 0.0) == pytest.approx(0.02)
    assert learning_rate(timeless, 5000, 1000, 0.0) == pytest.approx(0.02)
    assert learning_rate(timeless, 500, None, 0.0) == pytest.approx(1.0), "without an end"
    # Whichever limit is reached first.
    timed = replace(config, max_seconds=60.0)
    assert learning_rate(timed, 250, 1000, 30.0) == pytest.approx(0.51)
    assert learning_rate(timed, 500, 1000, 15.0) == pytest.approx(0.51)
    linear = replace(timeless, lr_decay="linear")
    assert [learning_rate(linear, s, 1000, 0.0) for s in (0, 250, 1000, 2000)] == [1, 0.75, 0, 0]


def test_gradients_are_clipped_to_a_norm_of_one_unless_told_otherwise():
    assert AdamW([torch.zeros(1)]).max_norm == 1.0


@pytest.mark.parametrize("loss", [0.5, float("nan")])
def test_without_waiting_it_does_the_same(loss):
    start = torch.tensor([1.0, -2.0])
    waits, replays = start.clone(), start.clone()
    for parameter in (waits, replays):
        parameter.grad = torch.tensor([0.3, -4.0])
    one, other = AdamW([waits], weight_decay=0.1), AdamW([replays], weight_decay=0.1)
    norm = one.step(0.01)
    told, good = other.replayed(torch.tensor(1.0), torch.tensor(0.01), torch.tensor(loss))
    assert float(told) == pytest.approx(norm)
    assert bool(good) == math.isfinite(loss)
    assert torch.allclose(replays, waits if good else start)
