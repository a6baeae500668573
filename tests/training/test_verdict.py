"""What a training was worth, by protocol."""

from __future__ import annotations

import pytest

from shopwright.agents.registry import built_in
from shopwright.shop.shop import Shop
from shopwright.training.verdict import compare, improves, successes, verdict


def outcomes(won: int, lost: int, both: int = 0) -> tuple[list[bool], list[bool]]:
    one = [True] * won + [False] * lost + [True] * both
    other = [False] * won + [True] * lost + [True] * both
    return one, other


def by_protocol(pages: tuple[int, int], catalogue: tuple[int, int]):
    one, other = zip(outcomes(*pages, both=80), outcomes(*catalogue, both=80), strict=True)
    names = ("pages", "catalogue")
    return compare(dict(zip(names, one, strict=True)), dict(zip(names, other, strict=True)))


def test_protocols_are_tested_apart_and_p_values_adjusted_for_both():
    found = by_protocol((8, 0), (3, 3))
    # 2 / 2^8, twice for two protocols; three against three is no evidence.
    assert found["pages"].p_value == 2 * 2 / 2**8
    assert found["catalogue"].p_value == 1.0
    assert found["pages"].difference == pytest.approx(100 * 8 / 88)
    assert (found["pages"].better, found["catalogue"].better) == (True, False)


def test_pooled_gains_of_two_protocols_are_no_gain_of_either():
    found = by_protocol((4, 0), (4, 0))  # pooled, eight of eight would be significant
    assert not found["pages"].better
    assert not improves(found)


def test_a_gain_under_one_protocol_that_costs_under_the_other_is_no_improvement():
    assert improves(by_protocol((20, 0), (5, 5)))
    assert not improves(by_protocol((20, 0), (0, 3)))


def test_the_verdict_says_better_or_not_and_by_how_much():
    better = verdict(by_protocol((20, 0), (20, 0)), "rule-page")
    assert better.startswith("better than rule-page under both protocols: pages 100 % against 80 %")
    assert "(+20 points, p = " in better
    assert better.endswith("on 100 dev goals")
    partly = verdict(by_protocol((20, 0), (0, 0)), "rule-page")
    assert partly.startswith("better than rule-page under the protocol pages only: ")
    assert verdict(by_protocol((0, 3), (1, 1)), "rule-page").startswith(
        "not better than rule-page: "
    )
    mixed = verdict(by_protocol((20, 0), (0, 20)), "rule-page")
    assert mixed.startswith(
        "better than rule-page under the protocol pages only, worse under catalogue: "
    )


def test_an_agent_is_tried_under_both_protocols(tiny_shop: Shop):
    goals = list(tiny_shop.goals)[:3]
    found = successes(built_in("rule-page"), tiny_shop, goals, processes=1)
    assert {name: len(perfect) for name, perfect in found.items()} == {"pages": 3, "catalogue": 3}
