"""Guided predictions on static buffers, run eagerly: bit-identical to usual, and recordable."""

from __future__ import annotations

import gc
import weakref

import pytest
import torch

from sprite_lab.diffusion.color_attention import ColorAttention
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.guidance import Guidance
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling import recorded
from sprite_lab.engine.sampling.recorded import StaticEvaluation, looking
from tests.made_model import make_model
from tests.recording import Recording

pytestmark = pytest.mark.usefixtures("few_threads")

INSIDE, OUTSIDE = 1.0, 5.0


def asked(model: Model, seed: int) -> tuple[torch.Tensor, Guidance]:
    """Noise, and a prompt for each of four rows, three of them guided."""
    generator = torch.Generator().manual_seed(seed)
    x_t = torch.randn(4, model.denoiser.config.channels, 8, 8, generator=generator)
    context = torch.rand(4, model.denoiser.config.context_size, generator=generator)
    scale = torch.tensor([2.0, 1.0, 3.0, 1.5]).roll(seed)
    weak = make_model(seed=7).denoiser if not model.is_student else None
    return x_t, Guidance(context, scale, 0 * context, (-3.0, 3.0), weak, 1.5)


@pytest.mark.parametrize("student", [False, True])
@pytest.mark.parametrize("log_snr", [INSIDE, OUTSIDE])
def test_it_is_the_usual_prediction_bit_for_bit(student: bool, log_snr: float) -> None:
    model = make_model(guided=student)
    x_t, guidance = asked(model, 0)
    static = StaticEvaluation(
        model.denoiser, x_t, guidance, acts=guidance.acts(log_snr), bf16=False
    )
    for seed in (0, 1):  # with other guided rows than at its creation
        x_t, guidance = asked(model, seed)
        with torch.inference_mode():
            expected = looking(model.denoiser, guidance, bf16=False)(x_t, log_snr)
            found = static(x_t, log_snr, guidance)
        for one, other in zip(found, expected, strict=True):
            assert (one is None) == (other is None)
            assert one is None or torch.equal(one, other)


@pytest.mark.parametrize("student", [False, True])
def test_nothing_in_it_waits_for_the_device(student: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ColorAttention, "_share_where", ColorAttention.share)
    model = make_model(guided=student)
    x_t, guidance = asked(model, 0)
    static = StaticEvaluation(model.denoiser, x_t, guidance, acts=True, bf16=False)
    static.load(x_t, INSIDE, guidance)
    with Recording():
        static.evaluate()


def test_what_comes_again_and_again_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests the choice of what to record, with the CPU as the device and a count of recordings."""
    made: list[StaticEvaluation] = []
    monkeypatch.setattr(recorded, "RECORDED_ON", "cpu")
    monkeypatch.setattr(recorded, "MOST_KEPT", 1)
    monkeypatch.setattr(StaticEvaluation, "record", lambda static: made.append(static))
    model = make_model()
    x_t, guidance = asked(model, 0)

    def draw(count: int, log_snr: float) -> list[DenoiserOutput]:
        look = looking(model.denoiser, guidance, bf16=False)
        with torch.inference_mode():
            return [look(x_t, log_snr) for _ in range(count)]

    first = draw(recorded.WORTH_IT - 1, INSIDE)
    assert made == []
    again = draw(3, INSIDE)
    assert len(made) == 1
    assert all(torch.equal(first[0].x0, one.x0) for one in again)
    draw(recorded.WORTH_IT, OUTSIDE)  # another kind, which replaces the first
    assert len(made) == 2
    with torch.enable_grad():  # keeping a drawing needs gradients
        looking(model.denoiser, guidance, bf16=False)(x_t.requires_grad_(), INSIDE)
    assert len(made) == 2


def test_what_is_recorded_goes_with_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "RECORDED_ON", "cpu")
    monkeypatch.setattr(StaticEvaluation, "record", lambda static: None)
    model = make_model()
    x_t, guidance = asked(model, 0)
    look = looking(model.denoiser, guidance, bf16=False)
    with torch.inference_mode():
        for _ in range(recorded.WORTH_IT + 1):
            look(x_t, INSIDE)
    gone = weakref.ref(model.denoiser)
    del model, look
    gc.collect()
    assert gone() is None


def test_where_it_cannot_be_recorded_it_is_drawn_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(static: StaticEvaluation) -> None:
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(recorded, "RECORDED_ON", "cpu")
    monkeypatch.setattr(StaticEvaluation, "record", fails)
    model = make_model()
    x_t, guidance = asked(model, 0)
    look = looking(model.denoiser, guidance, bf16=False)
    with torch.inference_mode():
        found = [look(x_t, INSIDE) for _ in range(recorded.WORTH_IT + 2)]
    assert all(torch.equal(found[0].x0, one.x0) for one in found)
    assert caplog.text.count("cannot be recorded") == 1
