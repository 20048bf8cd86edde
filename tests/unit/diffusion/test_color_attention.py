"""Color attention against its definition, pixel by pixel, and its purpose."""

import pytest
import torch

from sprite_lab.diffusion.color_attention import EXTRAS, FADE_IN, KNOTS, ColorAttention
from sprite_lab.diffusion.parameterization import level, q_sample

CHANNELS = pytest.mark.parametrize("channels", [3, 4])

#: Levels around the one where the layer fades in, within the fade, and far into little noise.
MIXED = torch.tensor([-5.0, 3.0, -1.3, -2.0, 7.0, -2.5, 0.0])


def page_of(channels):
    """A white background, transparent if there is alpha."""
    return torch.tensor([1.0, 1.0, 1.0, -1.0])[:channels]


def make_layer(channels, seed=None):
    """A new layer, or one with every parameter moved."""
    layer = ColorAttention(channels)
    if seed is not None:
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))
    return layer


def clean(channels, count, generator):
    """Patches of 3x3 pixels in five colors, with background on the left: (N, C, 12, 12)."""
    colors = 1.6 * torch.rand(5, channels, generator=generator) - 1.0
    patches = torch.randint(0, 5, (count, 4, 4), generator=generator)
    index = patches.repeat_interleave(3, 1).repeat_interleave(3, 2)
    sprites = colors[index].movedim(3, 1).contiguous()
    sprites[..., :3] = page_of(channels)[:, None, None]
    return sprites


def make_input(channels, log_snr, extra=0.5, blur=0.5, seed=0):
    """x0 predicted with ``blur`` of the noise in x_t; the extras, x_t and log_snr."""
    generator = torch.Generator().manual_seed(seed)
    sprites = clean(channels, len(log_snr), generator)
    epsilon = torch.randn(sprites.shape, generator=generator)
    alpha, std = level(log_snr)
    x_t = q_sample(sprites, epsilon, alpha, std)
    x0 = sprites + blur * (std / alpha).clamp_max(1.0) * epsilon
    extras = extra * torch.randn(len(log_snr), EXTRAS, 12, 12, generator=generator)
    return x0, extras, x_t, log_snr


def interpolated(values, log_snr):
    """Values at the knots (KNOTS, ...), interpolated linearly at a level."""
    place = (log_snr.clamp(KNOTS[0], KNOTS[-1]) - KNOTS[0]) / (KNOTS[1] - KNOTS[0])
    lower = place.floor().long().clamp_max(len(KNOTS) - 2)
    return torch.lerp(values[lower], values[lower + 1], place - lower)


def by_definition(parameters, x0, extras, x_t, log_snr):
    """One sprite, computed as the class describes it, without matrix products, in float64."""
    fade = ((log_snr - FADE_IN[0]) / (FADE_IN[1] - FADE_IN[0])).clamp(0, 1)
    sigma = torch.exp(-log_snr / 2)
    own, extra = (value.flatten(1).T for value in (x0, extras))  # (P, C)
    noisy = (x_t * torch.sigmoid(log_snr) ** -0.5).flatten(1).T
    widths = sigma * interpolated(parameters["log_width"], log_snr).exp()
    gates = torch.sigmoid(interpolated(parameters["gates"], log_snr) + extra[:, :2])
    keys = extra[:, 2:] * interpolated(parameters["log_gain"], log_snr).exp()
    log_count = interpolated(parameters["log_count"], log_snr)
    page = page_of(own.shape[1]).double()[None]
    keep, show = gates.split(1, dim=1)
    values = torch.cat([show * own + (1 - show) * noisy, page])
    apart = (keys[:, None] - torch.cat([keys, 0 * keys[:1]])[None]).square().sum(2)

    def mean_near(asked, told, width):
        colors = (asked[:, None] - torch.cat([told, page])[None]) / width
        log_weight = -(colors.square().sum(2) + apart) / 2
        log_weight = torch.cat([log_weight[:, :-1], log_weight[:, -1:] + log_count], dim=1)
        return torch.softmax(log_weight, dim=1) @ values

    shared = (1 - keep) * fade
    color = own + shared * (mean_near(own, own, widths[0]) - own)
    color = own + shared * (mean_near(color, noisy, widths[1]) - own)
    return color.T.reshape(x0.shape)


@CHANNELS
@pytest.mark.parametrize("seed", [None, 1])
@pytest.mark.parametrize("extra", [0.0, 0.7])
def test_it_is_what_its_definition_says(channels, seed, extra):
    layer = make_layer(channels, seed)
    log_snr = torch.tensor([-3.0, -1.0, 0.7, 2.0, 3.5, 5.0, 7.0, 8.4, 11.0, 15.0])
    inputs = make_input(channels, log_snr, extra)
    got = layer(*inputs)
    parameters = {name: p.detach().double() for name, p in layer.named_parameters()}
    for row, *one in zip(got, *(value.double() for value in inputs), strict=True):
        wanted = by_definition(parameters, *one)
        # With ever less noise, distances relative to it get large, and float32 keeps seven digits.
        atol = 1e-5 if one[-1] < 9 else 1e-4
        torch.testing.assert_close(row.double(), wanted, rtol=0, atol=atol)


@CHANNELS
def test_gradients_are_those_of_the_definition_and_reach_all_parameters(channels):
    """Except for knots below the fade-in, which no level needs."""
    layer = make_layer(channels, 2)
    log_snr = torch.arange(-1.5, 15.0, 1.0)
    x0, extras, x_t, log_snr = make_input(channels, log_snr)
    x0.requires_grad_()
    extras.requires_grad_()
    leaves = [x0, extras, *layer.parameters()]
    weight = torch.randn(x0.shape, generator=torch.Generator().manual_seed(3))
    got = torch.autograd.grad((layer(x0, extras, x_t, log_snr) * weight).sum(), leaves)

    used = torch.tensor(KNOTS) >= FADE_IN[0]
    for (name, _), gradient in zip(layer.named_parameters(), got[2:], strict=True):
        assert (gradient[used].abs() > 1e-7).all(), name
        assert (gradient[~used] == 0).all(), name
    assert all((gradient.abs().amax((1, 2, 3)) > 0).all() for gradient in got[:2])

    # up to log-SNR 6.5: beyond that, float32 has too few digits for a comparison
    rows = slice(0, 9)
    doubles = {name: p.detach().double().requires_grad_() for name, p in layer.named_parameters()}
    inputs = [value[rows].detach().double() for value in (x0, extras, x_t, log_snr)]
    ends = torch.stack([by_definition(doubles, *one) for one in zip(*inputs, strict=True)])
    wanted = torch.autograd.grad((ends * weight[rows]).sum(), list(doubles.values()))
    got = torch.autograd.grad(
        (layer(x0[rows], extras[rows], x_t[rows], log_snr[rows]) * weight[rows]).sum(),
        list(layer.parameters()),
    )
    for (name, _), ours, theirs in zip(layer.named_parameters(), got, wanted, strict=True):
        error = (ours.double() - theirs).norm() / theirs.norm()
        assert error < 1e-3, name


@CHANNELS
def test_with_no_extras_it_is_a_plain_function(channels):
    """It depends on its arguments alone: a new layer is the same for any seed and mode."""
    inputs = make_input(channels, MIXED, extra=0.0)
    kept = [value.clone() for value in inputs]
    outputs = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        layer = ColorAttention(channels)
        outputs += [layer.train()(*inputs), layer.eval()(*inputs)]
    assert all(torch.equal(outputs[0], other) for other in outputs[1:])
    assert outputs[0].shape == inputs[0].shape
    assert outputs[0].dtype == torch.float32
    assert all(map(torch.equal, inputs, kept))


@CHANNELS
def test_permuting_pixels_permutes_the_output(channels):
    layer = make_layer(channels, 4)
    x0, extras, x_t, log_snr = make_input(channels, MIXED)
    order = torch.randperm(144, generator=torch.Generator().manual_seed(5))

    def moved(x):
        return x.flatten(2)[..., order].reshape(x.shape)

    wanted = moved(layer(x0, extras, x_t, log_snr))
    got = layer(*map(moved, (x0, extras, x_t)), log_snr)
    torch.testing.assert_close(got, wanted, rtol=0, atol=1e-4)
    assert (moved(x0) - x0).abs().max() > 0.5


@CHANNELS
def test_a_picture_need_not_be_square(channels):
    layer = make_layer(channels, 4)
    inputs = make_input(channels, MIXED)
    wide = [value.reshape(*value.shape[:2], 8, 18) for value in inputs[:3]]
    got = layer(*wide, inputs[3])
    wanted = layer(*inputs).reshape(got.shape)
    torch.testing.assert_close(got, wanted, rtol=0, atol=1e-5)


@CHANNELS
@pytest.mark.parametrize("log_snr", [6.0, 7.0, 8.0, 10.0])
def test_noise_on_flat_colors_is_averaged_away(channels, log_snr):
    """Given only the noisy colors, the result has a tenth of their error."""
    log_snr = torch.full((6,), log_snr)
    x0, extras, x_t, _ = make_input(channels, log_snr, extra=0.0, blur=1.0)
    sprites = clean(channels, 6, torch.Generator().manual_seed(0))
    out = make_layer(channels)(x0, extras, x_t, log_snr).detach()
    noisy = x_t / level(log_snr)[0]
    before, after = ((x - sprites).square().mean((1, 2, 3)) for x in (noisy, out))
    variance = torch.exp(-log_snr)
    torch.testing.assert_close(before, variance, rtol=0.15, atol=0)
    assert (after < 0.1 * before).all()
    assert (after > 0).all()


@CHANNELS
def test_the_page_is_free_of_noise(channels):
    """A lone pixel in the background color, unlike all others in the picture,
    finds the background.
    """
    log_snr = torch.tensor([7.0])
    sprite = torch.full((1, channels, 6, 6), -0.5)
    sprite[..., 2, 2] = page_of(channels)
    noise = torch.randn(sprite.shape, generator=torch.Generator().manual_seed(6))
    alpha, std = level(log_snr)
    x_t = q_sample(sprite, noise, alpha, std)
    out = make_layer(channels)(x_t / alpha, torch.zeros(1, EXTRAS, 6, 6), x_t, log_snr)
    assert (x_t / alpha - sprite)[..., 2, 2].abs().max() > 0.02
    assert (out - sprite)[..., 2, 2].abs().max() < 0.002


@CHANNELS
def test_colors_far_apart_are_not_mixed(channels):
    """Without noise in the input nothing changes, however many other colors there are."""
    log_snr = torch.tensor([7.0, 9.0])
    sprites = clean(channels, 2, torch.Generator().manual_seed(7))
    x_t = level(log_snr)[0] * sprites
    out = make_layer(channels)(sprites, torch.zeros(2, EXTRAS, 12, 12), x_t, log_snr)
    torch.testing.assert_close(out, sprites, rtol=0, atol=1e-3)


@CHANNELS
def test_keys_keep_pixels_of_one_color_apart(channels):
    """Two halves with noisy copies of one color: if their keys differ, each has its own mean."""
    log_snr = torch.tensor([4.0])
    x0, extras, x_t, _ = make_input(channels, log_snr, extra=0.0)
    x_t = torch.full_like(x_t, -0.4)
    x_t[..., 6:] += 0.04  # a third of sigma: too close to distinguish by color
    x0 = x_t / level(log_snr)[0]
    layer = make_layer(channels)

    def gap():
        out = layer(x0, extras, x_t, log_snr).detach()
        return float(out[..., 6:].mean() - out[..., :6].mean())

    together = gap()
    extras[:, 2:, :, 6:] = 4.0
    assert abs(together) < 0.01
    assert gap() > 0.03


@CHANNELS
def test_rows_below_the_fade_are_as_they_were(channels):
    layer = make_layer(channels, 8)
    x0, extras, x_t, log_snr = make_input(channels, MIXED)
    out = layer(x0, extras, x_t, log_snr)
    below = log_snr <= FADE_IN[0]
    assert below.tolist() == [True, False, False, True, False, True, False]
    assert torch.equal(out[below], x0[below])
    assert ((out - x0).abs().amax((1, 2, 3))[~below] > 1e-3).all()
    all_below = layer(x0[below], extras[below], x_t[below], log_snr[below])
    assert torch.equal(all_below, x0[below])


@CHANNELS
def test_it_fades_in_without_a_jump(channels):
    """Its effect is proportional to the level's progress through the fade."""
    layer = make_layer(channels)
    with torch.no_grad():  # the same at all levels, so that only the fade differs
        layer.gates[:] = -6.0
    start, end = FADE_IN
    x0, extras, x_t, _ = make_input(channels, torch.full((1,), start), extra=0.0, blur=1.0)
    effects = []
    for share in (1e-4, 0.01, 0.1):
        out = layer(x0, extras, x_t, torch.tensor([start + share * (end - start)]))
        effects.append(float((out - x0).detach().abs().mean()) / share)
    assert effects[0] > 0.01
    assert effects[0] == pytest.approx(effects[1], rel=0.05)
    assert effects[1] == pytest.approx(effects[2], rel=0.3)


@CHANNELS
def test_a_mixed_batch_is_its_rows_one_by_one(channels):
    layer = make_layer(channels, 9)
    inputs = make_input(channels, MIXED)
    together = layer(*inputs)
    for i, row in enumerate(together):
        alone = layer(*(value[i : i + 1] for value in inputs))[0]
        torch.testing.assert_close(row, alone, rtol=0, atol=1e-5)
    one = [value[:1] for value in inputs], [value[1:2] for value in inputs]
    # only one of the two rows uses it
    among = layer(*(torch.cat(pair) for pair in zip(*one, strict=True)))
    torch.testing.assert_close(among, together[:2], rtol=0, atol=1e-5)
    assert not torch.equal(among[1], inputs[0][1])


def test_what_follows_from_its_channels_is_not_kept_with_its_weights():
    assert set(make_layer(4).state_dict()) == {n for n, _ in make_layer(4).named_parameters()}


@CHANNELS
def test_picking_rows_changes_nothing(channels):
    """On a GPU all rows are computed, including those before the fade."""
    layer = make_layer(channels, 9)
    x0, extras, x_t, log_snr = make_input(channels, torch.cat([MIXED, torch.tensor([-20.0])]))
    fade = ((log_snr - FADE_IN[0]) / (FADE_IN[1] - FADE_IN[0])).clamp(0, 1)
    got = layer.share(x0, extras, x_t, log_snr, fade)
    torch.testing.assert_close(got, layer(x0, extras, x_t, log_snr), rtol=0, atol=1e-5)


@CHANNELS
def test_gradients_pass_through_rows_that_are_left_alone(channels):
    layer = make_layer(channels)
    x0, extras, x_t, log_snr = make_input(channels, MIXED)
    x0.requires_grad_()
    layer(x0, extras, x_t, log_snr).sum().backward()
    below = log_snr <= FADE_IN[0]
    assert torch.equal(x0.grad[below], torch.ones_like(x0[below]))
    assert torch.isfinite(x0.grad).all()


@CHANNELS
def test_autocast_leaves_the_colors_their_digits(channels):
    """bf16 has three digits: too few for the noise that remains at log-SNR 7."""
    layer = make_layer(channels, 9)
    log_snr = torch.full((4,), 7.0)
    inputs = make_input(channels, log_snr, extra=0.0, blur=1.0)
    wanted = layer(*inputs)
    with torch.autocast("cpu", torch.bfloat16):
        got = layer(*inputs)
    assert got.dtype == torch.float32
    torch.testing.assert_close(got, wanted, rtol=0, atol=1e-3)


@CHANNELS
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_a_trace_holds_for_all_levels(channels):
    """Traced at levels at which the layer is inactive."""
    layer = make_layer(channels, 9).eval().requires_grad_(False)
    none, mixed = (make_input(channels, at) for at in (torch.full((7,), -9.0), MIXED))
    traced = torch.jit.trace(layer, none, check_trace=False)
    torch.testing.assert_close(traced(*mixed), layer(*mixed), rtol=0, atol=1e-5)
