"""Opinions pooled into one score, and the confidence in an answer."""

from __future__ import annotations

import math

import numpy as np
import pytest

from shopwright.recommending.criteria import Criterion
from shopwright.recommending.ranking import (
    FIRST,
    Candidate,
    Weights,
    confidence,
    fits,
    is_meant,
    scores,
)
from shopwright.recommending.reasons import Reason
from shopwright.understanding.request import Order, Part, Piece

FEATURE = Criterion(Part.FEATURE, (Piece(part=Part.FEATURE, text="red"),))


def test_the_agents_opinion_alone_gives_its_probabilities() -> None:
    weights = Weights(agent=1.0, finder=0.0)
    candidates = [Candidate(row=row, agent=p) for row, p in enumerate((0.6, 0.3, 0.1))]
    assert scores(candidates, (), weights=weights) == pytest.approx([0.6, 0.3, 0.1])


def test_opinions_are_multiplied_to_the_power_of_their_weights() -> None:
    weights = Weights(agent=0.5, finder=1.0)
    candidates = [Candidate(row=0, agent=0.5, found=0.2), Candidate(row=1, agent=0.1, found=0.8)]
    first, second = (math.sqrt(c.agent or 0.0) * math.exp(c.found) for c in candidates)
    expected = [first / (first + second), second / (first + second)]
    assert scores(candidates, (), weights=weights) == pytest.approx(expected)


def test_what_meets_more_comes_first() -> None:
    candidates = [
        Candidate(row=row, reasons=(Reason(asked="red", met=met),))
        for row, met in enumerate((False, None, True))
    ]
    unmet, unknown, met = scores(candidates, (FEATURE,))
    assert met > unknown > unmet


def test_a_wish_of_order_counts() -> None:
    candidates = [Candidate(row=row, price=p) for row, p in enumerate((9.0, None, 5.0))]
    cheapest = scores(candidates, (), Order.CHEAPEST)
    dearest = scores(candidates, (), Order.DEAREST)
    assert sorted(range(3), key=lambda n: -cheapest[n]) == [2, 0, 1]
    assert sorted(range(3), key=lambda n: -dearest[n]) == [0, 2, 1]


def test_the_cheapest_comes_first_however_sure_the_agent_is_of_another() -> None:
    dear = Candidate(row=0, price=300.0, agent=0.999, found=1.0)
    cheap = Candidate(row=1, price=20.0, agent=1e-9)
    first, second = scores([dear, cheap], (), Order.CHEAPEST)
    assert second > first


def test_the_cheapest_of_what_meets_most_comes_first() -> None:
    candidates = [
        Candidate(row=row, price=price, reasons=(Reason(asked="red", met=met),))
        for row, (price, met) in enumerate(((5.0, None), (9.0, True), (7.0, True), (3.0, False)))
    ]
    found = scores(candidates, (FEATURE,), Order.CHEAPEST)
    assert sorted(range(4), key=lambda n: -found[n]) == [2, 1, 0, 3]


def test_what_has_no_price_is_not_the_cheapest_whatever_it_meets() -> None:
    unpriced = Candidate(row=0, reasons=(Reason(asked="red", met=True),))
    priced = Candidate(row=1, price=9.0, reasons=(Reason(asked="red", met=None),))
    first, second = scores([unpriced, priced], (FEATURE,), Order.CHEAPEST)
    assert second > first


def test_the_best_rated_come_first_where_ratings_are_known() -> None:
    candidates = [
        Candidate(row=row, found=-0.01 * row, rating=r) for row, r in enumerate((3, 5, 4))
    ]
    best_rated = scores(candidates, (), Order.BEST_RATED)
    assert sorted(range(3), key=lambda n: -best_rated[n]) == [1, 2, 0]
    unrated = [Candidate(row=0, found=0.1), Candidate(row=1, found=0.2)]
    assert scores(unrated, (), Order.BEST_RATED) == scores(unrated, ())


def test_behind_the_first_ones_come_those_that_are_like_them() -> None:
    candidates = [Candidate(row=row, found=1 - row / 100) for row in range(FIRST + 3)]

    def likeness(rows, examples):
        assert list(examples) == [0, 1, 2, 3, 4]
        return np.array([1.0 if row == FIRST + 2 else 0.0 for row in rows])

    found = scores(candidates, (), likeness=likeness)
    order = sorted(range(len(found)), key=lambda row: -found[row])
    assert order == [*range(FIRST), FIRST + 2, FIRST, FIRST + 1]
    assert scores(candidates, (), likeness=lambda rows, examples: None) == scores(candidates, ())


@pytest.mark.parametrize(
    ("part", "better", "worse"),
    [
        (Part.EXCLUSION, {"met": True, "known_from": "title"}, {"met": True}),
        (Part.PRICE, {"met": None, "known_from": "price"}, {"met": None}),
    ],
)
def test_what_is_said_counts_more_than_silence(part, better, worse) -> None:
    asked = Criterion(part, (Piece(part=part, text="glass"),))
    candidates = [
        Candidate(row=row, reasons=(Reason(asked="glass", **each),))
        for row, each in enumerate((better, worse))
    ]
    first, second = scores(candidates, (asked,))
    assert first > second


def test_no_candidates_have_no_scores() -> None:
    assert scores([], (), Order.CHEAPEST) == []


def _reasons(met: bool | None) -> Candidate:
    return Candidate(row=0, reasons=(Reason(asked="red", met=met),))


@pytest.mark.parametrize("part", [part for part in Part if part is not Part.ORDER])
def test_confidence_by_what_is_met(part) -> None:
    asked = (Criterion(part, (Piece(part=part, text="red", hard=True),)),)
    unmet, unknown, met = (confidence(_reasons(each), asked) for each in (False, None, True))
    assert 0 < unmet < unknown < met < 1
    assert unmet < 0.5 < met


def test_what_fits_meets_all_that_was_surely_read() -> None:
    unsure = (Criterion(Part.FEATURE, (Piece(part=Part.FEATURE, text="red", confidence=0.3),)),)
    assert [fits(_reasons(met), (FEATURE,)) for met in (True, None, False)] == [True, False, False]
    assert not fits(_reasons(None), unsure)  # It meets nothing at all.
    both = Candidate(row=0, reasons=(Reason(asked="red", met=None), Reason(asked="red", met=True)))
    assert fits(both, (*unsure, FEATURE))
    assert not fits(both, (FEATURE, *unsure))
    assert not fits(Candidate(row=0), ())


def test_a_price_alone_makes_nothing_fit_of_which_more_is_asked() -> None:
    limit = Criterion(Part.PRICE, (Piece(part=Part.PRICE, text="under $5", highest=5.0),))
    unsure = Criterion(Part.FEATURE, (Piece(part=Part.FEATURE, text="red", confidence=0.3),))
    cheap, unknown = Reason(asked="under $5", met=True), Reason(asked="red", met=None)
    assert fits(Candidate(row=0, reasons=(cheap,)), (limit,))
    assert not fits(Candidate(row=0, reasons=(cheap, unknown)), (limit, unsure))


def test_the_cheapest_is_the_cheapest_of_the_kind() -> None:
    kind = Criterion(Part.KIND, (Piece(part=Part.KIND, text="heels"),))
    candidates = [
        Candidate(row=row, price=price, reasons=(Reason(asked="heels", met=met),))
        for row, (price, met) in enumerate(((1.0, False), (5.0, True), (3.0, True)))
    ]
    socks, dear, cheap = scores(candidates, (kind,), Order.CHEAPEST)
    assert cheap > dear > socks


def test_what_may_have_what_is_ruled_out_comes_behind_what_does_not() -> None:
    nuts = Criterion(Part.EXCLUSION, (Piece(part=Part.EXCLUSION, text="no nuts", hard=True),))
    found = [
        scores(
            [
                Candidate(row=row, reasons=(Reason(asked="no nuts", met=each),))
                for row, each in enumerate(mets)
            ],
            (nuts,),
        )
        for mets in ((True, None), (None, False))
    ]
    free, may_have = found[0]
    assert free > 5 * may_have
    assert found[1][0] > found[1][1]


@pytest.mark.parametrize(("known_from", "meant"), [("", False), ("price", True)])
def test_what_has_no_price_is_not_meant_where_there_is_a_limit(known_from, meant) -> None:
    limit = Criterion(Part.PRICE, (Piece(part=Part.PRICE, text="under $20", hard=True),))
    unsure = Reason(asked="price up to $20", met=None, known_from=known_from, part=Part.PRICE)
    assert is_meant(Candidate(row=0, reasons=(unsure,)), (limit,)) is meant
