"""Thompson sampling with known propensities."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.errors import InputError
from shopwright.serving.allocation import AllocationConfig, best_probabilities, draw, propensities

COUNTS = st.integers(0, 100_000)


def test_nothing_known_means_equal_shares():
    assert best_probabilities(np.zeros(4), np.zeros(4)) == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("successes", "failures"), [([3, 5], [7, 5]), ([10, 12, 1], [90, 88, 2]), ([0, 1], [0, 0])]
)
def test_probabilities_are_those_of_drawing_from_the_posteriors(successes, failures):
    generator = np.random.default_rng(0)
    draws = [
        generator.beta(1 + won, 1 + lost, size=200_000)
        for won, lost in zip(successes, failures, strict=True)
    ]
    drawn = np.bincount(np.argmax(draws, axis=0), minlength=len(draws)) / 200_000
    exact = best_probabilities(np.array(successes, float), np.array(failures, float))
    assert exact == pytest.approx(drawn, abs=0.005)


def test_two_posteriors_by_hand():
    # Beta(2, 1) against Beta(1, 1): the integral of 2x · x from 0 to 1 is 2/3.
    assert best_probabilities(np.array([1.0, 0.0]), np.zeros(2))[0] == pytest.approx(2 / 3, 1e-4)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=2, max_size=5), st.floats(0.01, 1.0))
def test_every_agent_keeps_its_share_of_exploration(counts, exploration):
    names = [f"agent {number}" for number in range(len(counts))]
    won = {name: pair[0] for name, pair in zip(names, counts, strict=True)}
    lost = {name: pair[1] for name, pair in zip(names, counts, strict=True)}
    chances = propensities(names, won, lost, exploration=exploration)
    assert sum(chances.values()) == pytest.approx(1.0)
    assert min(chances.values()) >= exploration / len(names) * (1 - 1e-9)


def test_draws_have_the_logged_probabilities():
    chances = {"a": 0.7, "b": 0.25, "c": 0.05}
    drawn = Counter(draw(chances, seed=3, number=number) for number in range(20_000))
    for name, chance in chances.items():
        assert drawn[name] / 20_000 == pytest.approx(chance, abs=0.015)
    assert [draw(chances, seed=3, number=n) for n in range(9)] == [
        draw(chances, seed=3, number=n) for n in range(9)
    ]


def test_one_agent_gets_everything():
    assert propensities(["a"], {}, {}, exploration=0.5) == {"a": 1.0}


def test_exploration_is_a_share():
    with pytest.raises(InputError, match="exploration: expected a number above 0 and of at most 1"):
        AllocationConfig(exploration=0.0)


def test_the_better_agent_is_found():
    generator = np.random.default_rng(1)
    rates = {"good": 0.6, "bad": 0.2}
    won: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for number in range(400):
        chances = propensities([*rates], won, lost, exploration=0.1)
        name = draw(chances, seed=0, number=number)
        (won if generator.random() < rates[name] else lost)[name] += 1
    assert won["good"] + lost["good"] > 340
    assert won["bad"] + lost["bad"] > 10
