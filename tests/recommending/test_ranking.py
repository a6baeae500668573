"""The ranking: the score is the probability of product and options, and orders the list."""

from __future__ import annotations

import math
from dataclasses import asdict

import pytest

from shopwright.agents.registry import built_in
from shopwright.errors import InputError
from shopwright.recommending.ranking import check_request, rank, rank_by_rollouts, score_text
from shopwright.rollouts.agent import Answer


class Reader:
    """An agent that finds three purchases likely."""

    name, deterministic = "reader", False

    def answers(self, request, *, count, keep):
        found = [("SHOE000002", 0.27), ("LAMP000001", 0.18), ("SHOE000001", 0.1)]
        return [
            Answer(asin, {"color": "red"}, (), math.log(probability))
            for asin, probability in found
            if keep(asin)
        ][:count]


def test_the_score_is_the_probability_of_the_purchase(small_shop):
    ranked = rank(Reader(), small_shop, "shoes")
    assert [item.asin for item in ranked] == ["SHOE000002", "LAMP000001", "SHOE000001"]
    assert [item.score for item in ranked] == pytest.approx([0.27, 0.18, 0.1])
    kept = rank(Reader(), small_shop, "shoes", count=1, keep=lambda asin: asin != "LAMP000001")
    assert [item.asin for item in kept] == ["SHOE000002"]
    assert asdict(kept[0]) == {
        "asin": "SHOE000002",
        "title": "Blue Trail Running Shoes for Men",
        "options": {"color": "red"},
        "price": small_shop.product("SHOE000002").shown_price,
        "score": pytest.approx(0.27),
    }


def test_search_results_fill_the_list_of_an_agent_without_probabilities(small_shop):
    ranked = rank(built_in("rule-options"), small_shop, "running shoes in blue")
    assert [item.score for item in ranked] == [1.0, 0.0]
    assert [score_text(item.score) for item in ranked] == ["1.00", "–"]
    assert score_text(0.001) == "<0.01"
    assert {item.asin: item.options for item in ranked} == {
        "SHOE000002": {"color": "blue"},
        "SHOE000001": {},
    }
    assert rank(built_in("rule"), small_shop, "zzz") == []


class Sampler:
    """An agent that finds the lamp best and samples shoes in two of three cases."""

    name, deterministic = "sampler", False

    def answer(self, catalogue, request, *, rng):
        if rng is None:
            return Answer("LAMP000001", {}, (), math.log(0.4))
        shoe = rng.random() < 0.66
        return Answer("SHOE000001" if shoe else "SHOE000002", {}, (), math.log(0.3))


def test_by_rollouts_the_score_is_the_share_of_purchases(small_shop):
    ranked = rank_by_rollouts(Sampler(), small_shop, "shoes", rollouts=50)
    assert [item.asin for item in ranked] == ["LAMP000001", "SHOE000001", "SHOE000002"]
    assert ranked[0].score == pytest.approx(1 / 51)
    assert sum(item.score for item in ranked) == pytest.approx(1.0)
    assert ranked == rank_by_rollouts(Sampler(), small_shop, "shoes", rollouts=50)
    assert rank_by_rollouts(built_in("rule"), small_shop, "zzz") == []


def test_requests_that_cannot_be_read_are_refused():
    assert check_request("a lamp") == "a lamp"
    with pytest.raises(InputError, match="expected some words, got none"):
        check_request(" \n")
    with pytest.raises(InputError, match="at most 2000 characters, got 2001"):
        check_request("x" * 2001)
