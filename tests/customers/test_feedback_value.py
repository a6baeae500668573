"""What another ranking would have brought: right in simulation, nothing where nothing is known."""

from __future__ import annotations

import numpy as np
import pytest

from shopwright.customers.feedback.heads import Seen
from shopwright.customers.feedback.judgments import JudgedList, Judgment
from shopwright.customers.feedback.value import Reranked, gain_over_log
from shopwright.evaluation.off_policy import UnsupportedWarning
from shopwright.store.store import Recommendation

ITEMS = ("A", "B", "C")
CHANCES = {"A": 0.1, "B": 0.3, "C": 0.6}
LOOKED_AT = np.array([1.0, 0.6, 0.4])


def logged(count, other=None, seed=0):
    """Lists in any order beside another one, the same if there is none; whoever looks at a product
    buys it or not."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        order = tuple(rng.permutation(ITEMS).tolist())
        judgments = []
        for place, asin in enumerate(order):
            if rng.random() < LOOKED_AT[place] and rng.random() < CHANCES[asin]:
                judgments = [Judgment(above, False, False) for above in range(place)]
                judgments.append(Judgment(place, True, True))
                break
        entry = Recommendation(
            id=str(number), at=0.0, agent="a", propensities={}, request="r", settings={},
            items=order,
        )  # fmt: skip
        judged = JudgedList(entry, tuple(judgments or [Judgment(0, False, False)]))
        features = [{f"brand: {asin}": 1.0} for asin in order]
        ranked = other or order
        items = [{f"brand: {asin}": 1.0} for asin in ranked]
        found.append(Reranked(Seen(judged, features), ranked, items))
    return found


def test_a_better_order_is_worth_more_and_a_worse_one_less():
    better = gain_over_log(logged(600, ("C", "B", "A")))
    worse = gain_over_log(logged(600, ITEMS))
    assert better is not None
    assert worse is not None
    assert better.interval.low > 0.0
    assert worse.interval.high < 0.0


def test_the_same_order_gains_nothing():
    estimate = gain_over_log(logged(300))
    assert estimate is not None
    assert estimate.interval.low <= 0.0 <= estimate.interval.high


def test_what_the_log_never_showed_is_not_estimated():
    with pytest.warns(UnsupportedWarning):
        assert gain_over_log(logged(300, ("X", "Y", "Z"))) is None
