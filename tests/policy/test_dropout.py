"""Dropout: shares, means, and when it does nothing."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from shopwright.policy.dropout import Dropout


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_share_of_the_numbers_becomes_zero_and_the_mean_stays(share: float) -> None:
    torch.manual_seed(0)
    values = torch.full((100, 1000), 3.0)
    found = Dropout(share)(values)
    assert (found == 0).float().mean().item() == pytest.approx(share, abs=0.01)
    torch.testing.assert_close(
        found[found > 0], torch.full_like(found[found > 0], 3.0 / (1 - share))
    )
    assert found.mean().item() == pytest.approx(3.0, rel=0.03)


def test_draws_are_the_same_for_the_same_seed_only() -> None:
    found = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        found.append(Dropout(0.5)(torch.ones(1000)))
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


def test_outside_training_and_without_a_share_nothing_changes() -> None:
    values = torch.randn(50)
    assert Dropout(0.5).eval()(values) is values
    assert Dropout(0.0)(values) is values


def test_gradients_flow_through_what_was_kept() -> None:
    torch.manual_seed(0)
    values = torch.ones(1000, requires_grad=True)
    found = Dropout(0.5)(values)
    found.sum().backward()
    torch.testing.assert_close(values.grad, found.detach())
