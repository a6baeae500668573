"""Off-policy estimates: hand-computed numbers, and coverage in simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from shopwright.errors import InputError
from shopwright.evaluation.off_policy import doubly_robust, inverse_propensity, self_normalised

REWARDS = [1.0, 0.0, 1.0, 1.0]
WEIGHTS = [2.0, 4.0, 0.0, 1.0]


def test_by_hand():
    ips = inverse_propensity(REWARDS, WEIGHTS)
    assert ips.value == pytest.approx(3 / 4)
    # The products are 2, 0, 0, 1: variance 11/12 with one degree less.
    assert ips.standard_error == pytest.approx(math.sqrt(11 / 12 / 4))
    assert ips.effective_size == pytest.approx(49 / 21)
    snips = self_normalised(REWARDS, WEIGHTS)
    assert snips.value == pytest.approx(3 / 7)
    squares = (2 * 4 / 7) ** 2 + (4 * 3 / 7) ** 2 + (4 / 7) ** 2
    assert snips.standard_error == pytest.approx(math.sqrt(squares * 4 / 3) / 7)
    robust = doubly_robust(REWARDS, WEIGHTS, [0.5, 0.5, 0.5, 1.0], [0.5, 0.25, 0.25, 1.0])
    assert robust.value == pytest.approx(((0.5 + 1) + (0.25 - 2) + 0.25 + 1) / 4)


def test_the_logging_policy_itself_gets_the_plain_mean():
    ones = np.ones(4)
    for estimate in (
        inverse_propensity(REWARDS, ones),
        self_normalised(REWARDS, ones),
        doubly_robust(REWARDS, ones, [0.3] * 4, [0.3] * 4),
    ):
        assert estimate.value == pytest.approx(0.75)
        assert estimate.effective_size == pytest.approx(4)


def test_without_support_nothing_is_known():
    estimate = self_normalised([1.0, 0.0], [0.0, 0.0])
    assert math.isnan(estimate.value)
    assert estimate.effective_size == 0
    assert self_normalised([1.0], [2.0]).standard_error == math.inf


@pytest.mark.parametrize("biased_model", [False, True])
def test_intervals_cover_the_truth(biased_model):
    """Three actions whose rewards depend on the context; the log favours the worst one."""
    generator = np.random.default_rng(0)
    rates = np.array([[0.1, 0.5, 0.8], [0.7, 0.4, 0.2]])
    logging = np.array([0.6, 0.3, 0.1])
    target = np.array([0.1, 0.2, 0.7])
    truth = float((rates.mean(axis=0) * target).sum())
    model = np.full_like(rates, 0.9) if biased_model else rates
    covered = {"ips": 0, "snips": 0, "robust": 0}
    runs = 200
    for _ in range(runs):
        context = generator.integers(2, size=600)
        action = generator.choice(3, p=logging, size=600)
        reward = (generator.random(600) < rates[context, action]).astype(float)
        weight = target[action] / logging[action]
        estimates = {
            "ips": inverse_propensity(reward, weight),
            "snips": self_normalised(reward, weight),
            "robust": doubly_robust(
                reward, weight, model[context, action], model[context] @ target
            ),
        }
        for name, estimate in estimates.items():
            covered[name] += estimate.interval.low <= truth <= estimate.interval.high
    for name, count in covered.items():
        assert count / runs >= 0.90, (name, count)


@pytest.mark.parametrize(
    ("rewards", "weights", "message"),
    [
        ([], [], "at least one"),
        ([1.0], [1.0, 2.0], r"got shapes \(1,\), \(2,\)"),
    ],
)
def test_bad_arrays(rewards, weights, message):
    with pytest.raises(InputError, match=message):
        inverse_propensity(rewards, weights)
