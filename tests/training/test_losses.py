"""Losses against hand-computed numbers and finite differences."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from shopwright.training.losses import (
    bradley_terry_loss,
    choice_loss,
    clip_fraction,
    clipped_policy_loss,
    dpo_loss,
    entropy,
    imitation_loss,
    ipo_loss,
    kl_divergence,
    policy_gradient_loss,
    value_loss,
)
from shopwright.training.schedule import learning_rate_at


def test_imitation_is_the_mean_log_loss_of_the_right_actions_together() -> None:
    scores = torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]]).log()
    targets = torch.tensor([[True, False, False], [True, True, False]])
    expected = -(math.log(0.5) + math.log(0.1 + 0.2)) / 2
    assert imitation_loss(scores, targets).item() == pytest.approx(expected)


def test_a_choice_is_among_what_is_known_and_counts_where_something_is_to_be_chosen() -> None:
    scores = torch.tensor([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [0.5, 9.0, -1e9], [1.0, 2.0, 3.0]])
    known = torch.tensor([[1, 1, 0], [1, 1, 1], [1, 0, 0], [1, 1, 0]]).bool()
    # The last row's right one is not known; the third has nothing to choose.
    right = torch.tensor([[1, 0, 0], [0, 1, 1], [1, 0, 0], [0, 0, 1]]).bool()
    first = math.log(math.exp(1) + math.exp(2)) - 1
    second = math.log(sum(map(math.exp, (1, 2, 3)))) - math.log(math.exp(2) + math.exp(3))
    expected = (first + second) / 4
    assert choice_loss(scores, known, right).item() == pytest.approx(expected, rel=1e-5)
    scores.requires_grad_(True)
    choice_loss(scores, known, right).backward()
    assert scores.grad is not None
    assert scores.grad.isfinite().all()
    assert (scores.grad[~known] == 0).all()
    assert choice_loss(scores, known, torch.zeros_like(known)).item() == 0.0


@pytest.mark.parametrize(("smoothing", "expected"), [(0.0, 0.6443967), (0.25, 0.6693967)])
def test_dpo_has_the_value_computed_by_hand(smoothing: float, expected: float) -> None:
    # h = (-1 - -1.5) - (-2 - -1.5) = 1, beta h = 0.1: -log sigmoid(0.1) = 0.6443967,
    # -log sigmoid(-0.1) = 0.7443967.
    values = [torch.tensor([value]) for value in (-1.0, -2.0, -1.5, -1.5)]
    loss = dpo_loss(*values, beta=0.1, label_smoothing=smoothing)
    assert loss.item() == pytest.approx(expected, abs=1e-6)


def test_ipo_has_the_value_computed_by_hand() -> None:
    # Margins (-1 - -1.5) - (-2 - -1.5) = 1 and (-2 - -1) - (-1 - -2) = -2; 1 / (2 · 0.25) = 2:
    # ((1 - 2)² + (-2 - 2)²) / 2.
    values = [torch.tensor(pair) for pair in ((-1.0, -2.0), (-2.0, -1.0), (-1.5, -1.0), (-1.5, -2))]
    assert ipo_loss(*values, tau=0.25).item() == pytest.approx(8.5)


def test_ipo_is_least_at_its_margin_and_dpo_nowhere() -> None:
    margins = torch.linspace(-10.0, 30.0, 401)
    zeros = torch.zeros(1)
    ipo = [ipo_loss(m[None], zeros, zeros, zeros, tau=0.1).item() for m in margins]
    dpo = [dpo_loss(m[None], zeros, zeros, zeros, beta=0.1).item() for m in margins]
    assert margins[ipo.index(min(ipo))].item() == pytest.approx(5.0, abs=0.06)
    assert dpo == sorted(dpo, reverse=True)


def test_conservative_dpo_stops_where_the_preference_is_as_sure_as_its_labels() -> None:
    # With a share ε of wrong labels the minimum is at σ(β h) = 1 − ε.
    margins = torch.linspace(0.0, 60.0, 6001)
    zeros = torch.zeros(1)
    losses = [
        dpo_loss(m[None], zeros, zeros, zeros, beta=0.1, label_smoothing=0.1).item()
        for m in margins.double()
    ]
    best = margins[losses.index(min(losses))].item()
    assert 1 / (1 + math.exp(-0.1 * best)) == pytest.approx(0.9, abs=1e-3)


def test_bradley_terry_has_the_value_computed_by_hand() -> None:
    # -log σ(1) = 0.3132617, -log σ(-2) = 2.1269280.
    loss = bradley_terry_loss(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 2.0]))
    assert loss.item() == pytest.approx((0.3132617 + 2.1269280) / 2, abs=1e-6)


def test_the_policy_gradient_is_the_score_function_times_the_advantage() -> None:
    logits = torch.tensor([[0.2, -0.4, 1.0], [0.0, 0.5, 0.1]], dtype=torch.float64)
    logits.requires_grad_()
    probabilities = logits.detach().softmax(dim=1)
    taken = logits.log_softmax(dim=1).gather(1, torch.tensor([[2], [0]]))[:, 0]
    policy_gradient_loss(taken, torch.tensor([0.5, -2.0], dtype=torch.float64)).backward()
    chosen = torch.tensor([[0.0, 0, 1], [1, 0, 0]], dtype=torch.float64)
    weights = torch.tensor([[0.5], [-2.0]], dtype=torch.float64)
    expected = -(weights * (chosen - probabilities)) / 2
    assert torch.allclose(logits.grad, expected)


@pytest.mark.parametrize(
    ("ratio", "advantage", "expected", "has_gradient"),
    [
        (1.5, 1.0, -1.2, False),  # Up enough: no more.
        (0.5, 1.0, -0.5, True),  # Still too rare: up.
        (1.5, -1.0, 1.5, True),  # Too frequent: down.
        (0.5, -1.0, 0.8, False),  # Down enough.
        (1.0, 2.0, -2.0, True),
    ],
)
def test_ppo_clips_only_what_would_go_further(
    ratio: float, advantage: float, expected: float, has_gradient: bool
) -> None:
    before = torch.tensor([math.log(0.2)], dtype=torch.float64)
    taken = (before + math.log(ratio)).requires_grad_()
    loss = clipped_policy_loss(taken, before, torch.tensor([advantage]).double(), clip=0.2)
    loss.backward()
    assert loss.item() == pytest.approx(expected)
    assert (taken.grad.item() != 0) is has_gradient
    assert clip_fraction(taken.detach(), before, clip=0.2) == float(abs(ratio - 1) > 0.2)


def test_value_loss_is_half_the_mean_square() -> None:
    loss = value_loss(torch.tensor([0.5, 0.0]), torch.tensor([1.0, 0.3]))
    assert loss.item() == pytest.approx((0.25 + 0.09) / 4)


def test_entropy_and_divergence_ignore_padding() -> None:
    padded = torch.tensor([[0.5, 0.5, 0.0], [0.25, 0.25, 0.5]]).log().clamp(min=-1e9)
    other = torch.tensor([[0.25, 0.75, 0.0], [0.25, 0.25, 0.5]]).log().clamp(min=-1e9)
    assert entropy(padded).item() == pytest.approx((math.log(2) + 1.5 * math.log(2)) / 2)
    expected = 0.5 * math.log(2) + 0.5 * math.log(2 / 3)
    assert kl_divergence(padded, other).item() == pytest.approx(expected / 2)
    assert kl_divergence(padded, padded).item() == 0.0


def _numbers(*shape: int, seed: int) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=random)


LOSSES = {
    "imitation": (
        lambda x: imitation_loss(x.log_softmax(1), torch.tensor([[True, False, True]] * 4)),
        [(4, 3)],
    ),
    "dpo": (
        lambda a, b: dpo_loss(
            a, b, _numbers(5, seed=8), _numbers(5, seed=9), beta=0.7, label_smoothing=0.1
        ),
        [(5,), (5,)],
    ),
    "ipo": (
        lambda a, b: ipo_loss(a, b, _numbers(5, seed=8), _numbers(5, seed=9), tau=0.7),
        [(5,), (5,)],
    ),
    "bradley-terry": (bradley_terry_loss, [(5,), (5,)]),
    "policy gradient": (lambda a: policy_gradient_loss(a, _numbers(5, seed=8)), [(5,)]),
    "ppo": (
        lambda a: clipped_policy_loss(a, _numbers(50, seed=8), _numbers(50, seed=9), clip=0.2),
        [(50,)],
    ),
    "value": (lambda a: value_loss(a, _numbers(5, seed=8)), [(5,)]),
    "entropy": (lambda a: entropy(a.log_softmax(1)), [(4, 3)]),
    "kl": (
        lambda a: kl_divergence(a.log_softmax(1), _numbers(4, 3, seed=8).log_softmax(1)),
        [(4, 3)],
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_agree_with_finite_differences(name: str) -> None:
    loss, shapes = LOSSES[name]
    inputs = [_numbers(*shape, seed=n).requires_grad_() for n, shape in enumerate(shapes)]
    assert torch.autograd.gradcheck(loss, inputs)
    loss(*inputs).backward()
    assert all(tensor.grad.abs().sum() > 0 for tensor in inputs)


def test_the_learning_rate_warms_up_and_falls_to_nothing() -> None:
    rates = [
        learning_rate_at(step, steps=110, highest=1.0, warmup_share=1 / 11) for step in range(111)
    ]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == rates[10] == 1.0
    assert rates[60] == pytest.approx(0.5)
    assert rates[110] == pytest.approx(0.0)
