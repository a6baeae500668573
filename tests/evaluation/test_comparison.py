"""Paired comparisons and aggregates over seeds: numbers by hand, coverage by simulation."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from shopwright.errors import InputError
from shopwright.evaluation.comparison import (
    compare_pairs,
    interquartile_interval,
    interquartile_mean,
)
from shopwright.intervals import holm, mcnemar


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_three_agents_are_compared_two_by_two_and_adjusted_together():
    rewards = {
        "good": [1.0] * 10 + [0.5] * 10,
        "bad": [0.5] * 20,
        "same": [1.0] * 10 + [0.5] * 10,
    }
    found = {(c["first"], c["second"]): c for c in compare_pairs(rewards, rng=generator())}
    assert set(found) == {("good", "bad"), ("good", "same"), ("bad", "same")}
    first = found["good", "bad"]
    assert (first["only_first_succeeds"], first["only_second_succeeds"]) == (10, 0)
    assert first["success_difference"] == pytest.approx(50.0)
    assert first["score_difference"] == pytest.approx(25.0)
    assert first["success_p"] == pytest.approx(2 * 0.5**10)
    # The two least p values are equal: three times the first, and no less for the second.
    assert first["success_p_adjusted"] == pytest.approx(3 * 2 * 0.5**10)
    assert found["bad", "same"]["success_p_adjusted"] == pytest.approx(3 * 2 * 0.5**10)
    assert found["good", "same"]["success_p_adjusted"] == 1.0
    assert first["score_interval"][0] <= 25.0 <= first["score_interval"][1]


def test_the_family_wise_error_stays_at_its_level_for_equal_agents():
    random = generator(5)
    alarms = 0
    for _ in range(200):
        goals = random.random(40)
        rewards = {name: np.where(random.random(40) < goals, 1.0, 0.5).tolist() for name in "abcd"}
        p_values = [
            mcnemar(np.array(rewards[one]) == 1.0, np.array(rewards[other]) == 1.0).p_value
            for one, other in combinations(rewards, 2)
        ]
        alarms += min(holm(p_values)) <= 0.05
    assert alarms / 200 <= 0.08


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3.0], 3.0),
        ([1.0, 2.0, 6.0], 3.0),  # Nothing is left out.
        ([100.0, 1.0, 2.0, -50.0], 1.5),  # One at either end.
        ([[1.0, 2.0], [3.0, 100.0]], 2.5),
        (list(range(8)), 3.5),
    ],
)
def test_interquartile_mean_by_hand(values, expected):
    assert interquartile_mean(values) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("runs", "tasks", "least", "most"),
    [(3, 1, 0.70, 0.88), (3, 2, 0.70, 0.92), (10, 2, 0.87, 0.97), (30, 1, 0.89, 0.98)],
)
def test_the_interval_over_runs_covers_as_documented(runs, tasks, least, most):
    # The normal distribution's interquartile mean is its mean: 50 + the task's number.
    covered = []
    for trial in range(300):
        random = generator(trial)
        values = random.normal(50.0, 2.0, size=(runs, tasks))
        interval = interquartile_interval(values, resamples=500, rng=random)
        covered.append(interval.low <= 50.0 <= interval.high)
    assert least <= np.mean(covered) <= most


def test_runs_are_drawn_within_tasks():
    # Two tasks far apart: whatever is drawn, half of the values are near 0 and half near 100.
    values = np.array([[0.0, 100.0], [0.0, 100.0], [0.0, 100.0], [0.0, 100.0]])
    interval = interquartile_interval(values, rng=generator())
    assert (interval.low, interval.high) == (50.0, 50.0)
    with pytest.raises(InputError, match=r"shape \(runs, tasks\)"):
        interquartile_interval([1.0, 2.0], rng=generator())
