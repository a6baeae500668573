"""What a log says, and what it does not say."""

from __future__ import annotations

import pytest

from shopwright.customers.feedback.judgments import (
    LATE_SECONDS,
    LEAST_PROPENSITY,
    Judgment,
    examination,
    judged_lists,
)
from shopwright.store.store import Feedback, Recommendation

ITEMS = ("A", "B", "C", "D", "E")


def entry(id="1", agent="gone"):
    return Recommendation(
        id=id, at=0.0, agent=agent, propensities={}, request="mug", settings={}, items=ITEMS
    )


def judged(*events):
    feedback = [Feedback("1", kind, asin, at) for kind, asin, at in events]
    return judged_lists([entry()], feedback)


def test_what_is_above_the_last_click_was_passed_over_and_what_is_below_is_no_judgment():
    (found,) = judged(("shown", "", 1.0), ("clicked", "B", 2.0), ("bought", "C", 3.0))
    assert found.judgments == (
        Judgment(0, False, False),
        Judgment(1, True, False),
        Judgment(2, True, True),
    )
    assert sorted(found.preferences) == [(1, 0), (2, 0), (2, 1)]


def test_what_was_passed_over_alike_is_not_compared():
    (found,) = judged(("bought", "C", 1.0))
    assert sorted(found.preferences) == [(2, 0), (2, 1)]


def test_a_purchase_of_the_first_prefers_it_to_nothing():
    (found,) = judged(("bought", "A", 1.0))
    assert found.judgments == (Judgment(0, True, True),)
    assert found.preferences == []


def test_what_was_dismissed_is_judged_wherever_it_stands():
    (found,) = judged(("clicked", "A", 1.0), ("dismissed", "D", 2.0))
    assert [judgment.place for judgment in found.judgments] == [0, 3]
    assert found.preferences == [(0, 3)]


def test_of_a_list_without_a_click_only_the_first_is_sure_to_have_been_seen():
    for kind in ("shown", "dismissed"):
        (found,) = judged((kind, "", 1.0))
        assert found.judgments == (Judgment(0, False, False),)


def test_events_count_once_in_any_order_and_not_years_later():
    usual = judged(("shown", "", 1.0), ("clicked", "B", 2.0), ("bought", "B", 3.0))
    assert judged(("bought", "B", 3.0), ("bought", "B", 4.0), ("shown", "", 1.0)) == usual
    late = ("bought", "E", LATE_SECONDS + 1.0)
    assert judged(("shown", "", 1.0), ("clicked", "B", 2.0), ("bought", "B", 3.0), late) == usual
    assert judged(late) == []
    # A clock that was set back.
    assert judged(("shown", "", -9.0), ("bought", "B", -5.0)) == usual


def test_events_of_unknown_items_and_of_other_recommendations_say_nothing():
    assert judged_lists([entry()], [Feedback("2", "bought", "A", 1.0)]) == []
    (found,) = judged(("shown", "", 1.0), ("bought", "Z", 2.0))
    assert found.judgments == (Judgment(0, False, False),)


def test_lower_places_are_examined_less():
    lists = judged_lists(
        [entry(str(number)) for number in range(100)],
        [Feedback(str(n), "clicked", ITEMS[0 if n % 3 else 1], 1.0) for n in range(100)],
    )
    places = examination(lists)
    assert places[0] == 1.0
    assert places[1] == pytest.approx(35 / 67)
    assert places[2:] == pytest.approx(LEAST_PROPENSITY)
    assert len(examination([])) == 0
