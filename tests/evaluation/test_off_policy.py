"""Off-policy estimates: hand-computed numbers, and coverage in simulation."""

from __future__ import annotations

import csv
import gzip
import math
import warnings
from pathlib import Path

import numpy as np
import pytest

from shopwright.errors import InputError
from shopwright.evaluation.off_policy import (
    UnsupportedWarning,
    clipped,
    doubly_robust,
    inverse_propensity,
    self_normalised,
    supported,
    switch,
)

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


def test_against_the_open_bandit_pipeline():
    """What obp 0.5.7, which is not for Python 3.11, makes of this log: its
    InverseProbabilityWeighting (also with lambda_), SelfNormalizedInverseProbabilityWeighting,
    DoublyRobust and SwitchDoublyRobust."""
    logging = np.array([0.7, 0.2, 0.1])
    target = np.array(
        [[0.1, 0.3, 0.6], [0.2, 0.2, 0.6], [0.05, 0.05, 0.9],
         [0.5, 0.4, 0.1], [0.3, 0.3, 0.4], [0.6, 0.3, 0.1]]
    )  # fmt: skip
    model = np.array(
        [[0.5, 0.4, 0.3], [0.2, 0.6, 0.7], [0.3, 0.3, 0.3],
         [0.9, 0.5, 0.1], [0.4, 0.2, 0.6], [0.1, 0.8, 0.2]]
    )  # fmt: skip
    entries, actions = np.arange(6), np.array([0, 2, 2, 1, 0, 1])
    rewards = np.array([1, 1, 0, 1, 0, 1])
    weights = target[entries, actions] / logging[actions]
    predicted, other = model[entries, actions], (model * target).sum(axis=1)
    assert inverse_propensity(rewards, weights).value == pytest.approx(1.607142857142857)
    assert clipped(rewards, weights, 2.0).value == pytest.approx(0.9404761904761904)
    assert clipped(rewards, weights, 5.0).value == pytest.approx(1.4404761904761905)
    assert self_normalised(rewards, weights).value == pytest.approx(0.5056179775280899)
    assert doubly_robust(rewards, weights, predicted, other).value == pytest.approx(
        0.48833333333333345
    )
    assert switch(rewards, weights, predicted, other, 2.0).value == pytest.approx(
        0.6383333333333333
    )


def test_clipping_and_switching_need_a_threshold():
    for most in (0.0, -1.0, math.nan):
        with pytest.raises(InputError, match="most: expected a weight above 0"):
            clipped(REWARDS, WEIGHTS, most)
        with pytest.raises(InputError, match="most: expected a weight above 0"):
            switch(REWARDS, WEIGHTS, [0.5] * 4, [0.5] * 4, most)


def test_without_a_threshold_that_bites_they_are_the_plain_estimates():
    assert clipped(REWARDS, WEIGHTS, 4.0) == inverse_propensity(REWARDS, WEIGHTS)
    models = ([0.5, 0.2, 0.1, 0.9], [0.3] * 4)
    assert switch(REWARDS, WEIGHTS, *models, 4.0) == doubly_robust(REWARDS, WEIGHTS, *models)
    assert switch(REWARDS, WEIGHTS, *models, 0.5).value == pytest.approx(0.3)


class Log:
    """A log of the Open Bandit Dataset."""

    def __init__(self, folder: Path) -> None:
        with gzip.open(folder / f"{folder.name}.csv.gz", "rt") as file:
            rows = [*csv.DictReader(file)]
        self.items = np.array([int(row["item_id"]) for row in rows])
        self.places = np.array([int(row["position"]) for row in rows])
        self.clicks = np.array([float(row["click"]) for row in rows])
        self.propensities = np.array([float(row["propensity_score"]) for row in rows])

    def shares(self, count: int) -> np.ndarray:
        """How often each item was chosen at each place, (4, items): what the policy is taken to do
        whatever the context."""
        chosen = np.zeros((4, count))
        np.add.at(chosen, (self.places, self.items), 1.0)
        return chosen / np.maximum(1.0, chosen.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("campaign", ["all", "men", "women"])
def test_real_logs_of_two_policies(shared, campaign):
    """Each policy's value is known from its own log, and estimated from the other's."""
    folder = shared / "real" / "open-bandit"
    if not folder.is_dir():
        pytest.skip("needs the Open Bandit Dataset's sample")
    uniform, thompson = (Log(folder / policy / campaign) for policy in ("random", "bts"))
    count = 1 + int(max(uniform.items.max(), thompson.items.max()))
    to_uniform = 1.0 / count / thompson.propensities
    to_thompson = thompson.shares(count)[uniform.places, uniform.items] * count
    for log, other, weights in (
        (thompson, uniform, to_uniform),
        (uniform, thompson, to_thompson),
    ):
        if campaign == "women" and log is thompson:
            with pytest.warns(UnsupportedWarning, match=r"got 2\.1 effective ones"):
                assert not supported(weights)
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert supported(weights)
        known = inverse_propensity(other.clicks, np.ones(len(other.clicks)))
        mean = np.full(len(weights), log.clicks.mean())
        for estimate in (
            inverse_propensity(log.clicks, weights),
            self_normalised(log.clicks, weights),
            clipped(log.clicks, weights),
            switch(log.clicks, weights, mean, mean),
        ):
            error = math.hypot(estimate.standard_error, known.standard_error)
            assert abs(estimate.value - known.value) < 3.0 * error
