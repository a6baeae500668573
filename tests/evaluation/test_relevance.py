"""Measures of rankings: numbers by hand, a slow obvious nDCG, what is left out."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np
import pytest

from shopwright.errors import InputError
from shopwright.evaluation.judgments import JudgedQuery, half_of
from shopwright.evaluation.relevance import (
    JUDGED_SHARE,
    MRR,
    NDCG,
    NDCG_JUDGED,
    RECALL,
    RECALL_10,
    default_gains,
    query_records,
    score_rankings,
    summarize,
    summarize_halves,
    whole_gains,
)

pytest.importorskip("ir_measures")

LAMP = JudgedQuery("desk lamp", {"A": 3, "B": 2, "C": 0, "D": 3})


def scores_of(ranking, judged=LAMP, *, gains=None, relevant_from=3):
    gains = gains or default_gains(3)
    found = score_rankings([judged], [ranking], gains=gains, relevant_from=relevant_from)
    return {measure: values[0] for measure, values in found.items()}


def test_the_measures_are_those_computed_by_hand():
    # X was not judged. Gains 2^grade − 1: B 3, X 0, A 7, C 0; ideal order A, D, B.
    found = scores_of(["B", "X", "A", "C"])
    ideal = 7 + 7 / math.log2(3) + 3 / 2
    assert found[NDCG] == pytest.approx((3 + 7 / 2) / ideal)
    assert found[NDCG_JUDGED] == pytest.approx((3 + 7 / math.log2(3)) / ideal)
    assert found[RECALL] == 0.5
    assert found[MRR] == pytest.approx(1 / 3)
    assert found[JUDGED_SHARE] == 0.75


def test_the_ideal_order_gives_1_and_an_empty_ranking_0():
    assert scores_of(["A", "D", "B", "C"])[NDCG] == pytest.approx(1.0)
    empty = scores_of([])
    assert [empty[measure] for measure in (NDCG, RECALL, MRR)] == [0.0, 0.0, 0.0]
    assert np.isnan(empty[JUDGED_SHARE])


def test_a_grade_counts_as_relevant_from_where_it_is_said():
    assert scores_of(["B", "A"], relevant_from=2)[RECALL] == pytest.approx(2 / 3)
    assert scores_of(["B", "A"], relevant_from=2)[MRR] == 1.0


def test_recall_is_not_defined_where_nothing_is_relevant():
    found = scores_of(["B"], JudgedQuery("lamp", {"B": 2}), relevant_from=3)
    assert found[NDCG] == pytest.approx(1.0)
    assert np.isnan(found[RECALL])
    assert np.isnan(found[MRR])


def test_only_the_first_fifty_count_and_a_product_counts_once():
    many = [f"X{number}" for number in range(49)]
    assert scores_of([*many[:9], "A", "D"])[RECALL_10] == 0.5
    assert scores_of([*many, "A"])[RECALL] == 0.5
    assert scores_of([*many, "X", "A"])[RECALL] == 0.0
    assert scores_of(["A", "A", "D"])[NDCG] == scores_of(["A", "D"])[NDCG]


def slow_ndcg(ranking, grades, gains):
    """nDCG@10 as its definition reads."""

    def total(ordered):
        return sum(gains[grade] / math.log2(1 + rank) for rank, grade in enumerate(ordered, 1))

    best = sorted(grades.values(), key=lambda grade: gains[grade], reverse=True)
    return total([grades.get(asin, 0) for asin in ranking[:10]]) / total(best[:10])


@pytest.mark.parametrize("gains", ["0,1,3,7", "0,0.01,0.1,1", "0,1,1,5.5"])
def test_ndcg_is_that_of_the_definition(gains):
    rng = random.Random(gains)
    exact = [Fraction(gain) for gain in gains.split(",")]
    whole = whole_gains(exact)
    for _ in range(30):
        products = [f"P{number}" for number in range(40)]
        grades = {asin: rng.randrange(4) for asin in rng.sample(products, 20)} | {"best": 3}
        ranking = rng.sample([*products, "best"], rng.randrange(1, 41))
        found = scores_of(ranking, JudgedQuery("q", grades), gains=whole)
        expected = slow_ndcg(ranking, grades, [float(gain) for gain in exact])
        assert found[NDCG] == pytest.approx(expected)


@pytest.mark.parametrize("gains", [[0, 0], [-1, 2], [0, Fraction("1.0000001")]])
def test_gains_that_cannot_be_computed_are_refused(gains):
    with pytest.raises(InputError, match="gains: expected numbers from 0 on, one of them above 0"):
        whole_gains(list(map(Fraction, gains)))


def two_agents():
    queries = [JudgedQuery(f"lamp {number}", {"A": 1, "B": 0}) for number in range(40)]
    good, bad = [
        score_rankings(queries, [order] * 40, gains=default_gains(1), relevant_from=1)
        for order in (["A", "B"], ["B", "A"])
    ]
    return queries, good, bad


def test_a_summary_is_in_points_of_100_with_the_difference_to_the_first_agent():
    _, good, bad = two_agents()
    record = summarize(bad, good, rng=np.random.default_rng(0))
    assert record[NDCG] == pytest.approx(100 / math.log2(3))
    assert record["interval"] == pytest.approx([record[NDCG]] * 2)
    assert record[MRR] == 50.0
    assert record["queries"] == 40
    assert record["difference"]["mean"] == pytest.approx(record[NDCG] - 100)
    assert record["difference"]["p"] < 0.001
    assert summarize(good, None, rng=np.random.default_rng(0))["difference"] is None


def test_halves_part_the_queries():
    queries, good, bad = two_agents()
    halves = summarize_halves(queries, bad, good, rng=np.random.default_rng(0))
    assert {half: record["queries"] for half, record in halves.items()} == {
        half: sum(half_of(each.query) == half for each in queries) for half in ("dev", "test")
    }
    alone = summarize_halves(
        queries[:1], {name: values[:1] for name, values in bad.items()}, None,
        rng=np.random.default_rng(0),
    )  # fmt: skip
    assert list(alone) == [queries[0].half]


def test_records_of_queries_have_none_where_a_measure_is_not_defined():
    queries = [JudgedQuery("lamp", {"B": 1})]
    scores = score_rankings(queries, [["B"]], gains=default_gains(1), relevant_from=2)
    [record] = query_records(queries, {"rule": scores})
    assert record["query"] == "lamp"
    assert record["half"] == half_of("lamp")
    assert record["agents"]["rule"][NDCG] == 1.0
    assert record["agents"]["rule"][RECALL] is None
