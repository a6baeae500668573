"""Losses against hand-computed numbers and finite differences."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from shopwright.training.losses import dpo_loss, imitation_loss
from shopwright.training.schedule import learning_rate_at


def test_imitation_is_the_mean_log_loss_of_the_right_actions_together() -> None:
    scores = torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]]).log()
    targets = torch.tensor([[True, False, False], [True, True, False]])
    expected = -(math.log(0.5) + math.log(0.1 + 0.2)) / 2
    assert imitation_loss(scores, targets).item() == pytest.approx(expected)


@pytest.mark.parametrize(("smoothing", "expected"), [(0.0, 0.6443967), (0.25, 0.6693967)])
def test_dpo_has_the_value_computed_by_hand(smoothing: float, expected: float) -> None:
    # h = (-1 - -1.5) - (-2 - -1.5) = 1, beta h = 0.1: -log sigmoid(0.1) = 0.6443967,
    # -log sigmoid(-0.1) = 0.7443967.
    values = [torch.tensor([value]) for value in (-1.0, -2.0, -1.5, -1.5)]
    loss = dpo_loss(*values, temperature=0.1, label_smoothing=smoothing)
    assert loss.item() == pytest.approx(expected, abs=1e-6)


def test_gradients_agree_with_finite_differences() -> None:
    values = [
        torch.randn(5, dtype=torch.float64, generator=torch.Generator().manual_seed(n))
        for n in range(4)
    ]
    values[0].requires_grad_()
    values[1].requires_grad_()
    assert torch.autograd.gradcheck(
        lambda a, b: dpo_loss(a, b, *values[2:], temperature=0.7, label_smoothing=0.1), values[:2]
    )


def test_the_learning_rate_warms_up_and_falls_to_nothing() -> None:
    rates = [
        learning_rate_at(step, steps=110, highest=1.0, warmup_share=1 / 11) for step in range(111)
    ]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == rates[10] == 1.0
    assert rates[60] == pytest.approx(0.5)
    assert rates[110] == pytest.approx(0.0)
