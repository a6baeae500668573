"""Returns and advantages against hand-computed numbers and a slow loop."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from shopwright.errors import InputError
from shopwright.training.returns import (
    discounted_returns,
    explained_variance,
    generalised_advantages,
    mean_of_the_others,
)


def slow_advantage(step, rewards, values, following, terminated, truncated, discount, decay):
    """Equation 16 as written: the sum of (γ λ)^l δ_{t+l} to the end of the episode."""
    total, weight = 0.0, 1.0
    while True:
        after = 0.0 if terminated[step] else following[step]
        total += weight * (rewards[step] + discount * after - values[step])
        if terminated[step] or truncated[step]:
            return total
        weight *= discount * decay
        step += 1


def test_hand_computed_advantages_of_a_purchase_and_of_a_cut_episode() -> None:
    rewards = torch.tensor([0.0, 1.0, 0.0, 0.0], dtype=torch.float64)
    values = torch.tensor([0.5, 0.8, 0.2, 0.4], dtype=torch.float64)
    following = torch.tensor([0.8, 9.0, 0.4, 0.6], dtype=torch.float64)
    terminated = torch.tensor([False, True, False, False])
    truncated = torch.tensor([False, False, False, True])
    found = generalised_advantages(
        rewards, values, following, terminated, truncated, gamma=0.9, gae_lambda=0.5
    )
    # δ: 0.9·0.8 − 0.5 = 0.22; 1 − 0.8 = 0.2; 0.9·0.4 − 0.2 = 0.16; 0.9·0.6 − 0.4 = 0.14.
    expected = [0.22 + 0.45 * 0.2, 0.2, 0.16 + 0.45 * 0.14, 0.14]
    assert found.tolist() == pytest.approx(expected)
    returns = discounted_returns(rewards, following, terminated, truncated, gamma=0.9)
    assert returns.tolist() == pytest.approx([0.9, 1.0, 0.9 * 0.9 * 0.6, 0.9 * 0.6])


@pytest.mark.parametrize("discount", [1.0, 0.9, 0.0])
@pytest.mark.parametrize("decay", [1.0, 0.95, 0.0])
def test_advantages_agree_with_a_slow_loop(discount: float, decay: float) -> None:
    random = torch.Generator().manual_seed(7)
    count = 60
    rewards, values, following = torch.randn(3, count, generator=random, dtype=torch.float64)
    ends = torch.rand(count, generator=random) < 0.2
    cut = torch.rand(count, generator=random) < 0.5
    ends[-1] = True
    terminated, truncated = ends & ~cut, ends & cut
    assert terminated.any()
    assert truncated.any()
    found = generalised_advantages(
        rewards, values, following, terminated, truncated, gamma=discount, gae_lambda=decay
    )
    columns = [tensor.tolist() for tensor in (rewards, values, following, terminated, truncated)]
    expected = [slow_advantage(step, *columns, discount, decay) for step in range(count)]
    assert found.tolist() == pytest.approx(expected, abs=1e-12)


def test_the_value_after_a_purchase_never_counts() -> None:
    ends = torch.tensor([True])
    for nonsense in (0.0, 1e9, float("nan")):
        found = generalised_advantages(
            torch.tensor([1.0]), torch.tensor([0.25]), torch.tensor([nonsense]), ends, ~ends,
            gamma=0.9, gae_lambda=0.9,
        )  # fmt: skip
        assert found.tolist() == [0.75]


def test_episodes_do_not_leak_into_each_other() -> None:
    ends = torch.tensor([True, True])
    none = torch.zeros(2, dtype=torch.bool)
    for truncated in (False, True):
        flags = (none, ends) if truncated else (ends, none)
        first = [
            generalised_advantages(
                torch.tensor([0.0, later]), torch.zeros(2), torch.zeros(2), *flags,
                gamma=1.0, gae_lambda=1.0,
            )[0].item()
            for later in (0.0, 1.0)
        ]  # fmt: skip
        assert first == [0.0, 0.0]


def test_an_episode_without_an_end_and_other_shapes_are_refused() -> None:
    no = torch.zeros(2, dtype=torch.bool)
    zeros = torch.zeros(2)
    with pytest.raises(InputError, match="last step"):
        discounted_returns(zeros, zeros, no, no, gamma=1.0)
    with pytest.raises(InputError, match="one shape"):
        generalised_advantages(zeros, zeros, torch.zeros(3), no, no, gamma=1.0, gae_lambda=1.0)


def test_explained_variance() -> None:
    targets = torch.tensor([0.0, 1.0, 2.0, 3.0])
    assert explained_variance(targets + 5.0, targets) == pytest.approx(1.0)
    assert explained_variance(torch.full((4,), 1.5), targets) == pytest.approx(0.0)
    assert explained_variance(-targets, targets) == pytest.approx(-3.0)
    assert explained_variance(targets, torch.ones(4)) == 0.0


def test_each_value_is_compared_with_the_others_of_its_group() -> None:
    found = mean_of_the_others(torch.tensor([1.0, 2.0, 6.0, 0.0, 0.0, 3.0]), 3)
    assert found.tolist() == [4.0, 3.5, 1.5, 1.5, 1.5, 0.0]
    assert mean_of_the_others(torch.tensor([1.0, 2.0]), 1).tolist() == [0.0, 0.0]
