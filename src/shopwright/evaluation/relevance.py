"""Rankings against people's grades: nDCG, recall and reciprocal rank, with intervals.

The measures of a query are fractions between 0 and 1, computed by ir-measures; those of all queries
are their means in points of 100.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shopwright.errors import InputError
from shopwright.evaluation.judgments import HALVES, JudgedQuery
from shopwright.extras import require
from shopwright.intervals import bootstrap_mean, paired_bootstrap

RANKED = 50  # Products of a ranking that count.
NDCG, NDCG_JUDGED, RECALL_10, RECALL, MRR, JUDGED_SHARE = MEASURES = (
    "ndcg@10", "ndcg@10_judged_only", "recall@10", "recall@50", "mrr", "judged_share",
)  # fmt: skip
# The largest gain as a whole number: trec_eval, which computes, counts the products of each.
_LARGEST_GAIN = 1 << 20

Scores = Mapping[str, NDArray[np.float64]]


def require_relevance_packages() -> None:
    """Make sure that what computes the measures is installed.

    Raises:
        UnavailableError: it is not.
    """
    require("ir_measures", "relevance", "benchmark relevance")


def default_gains(highest_grade: int) -> list[int]:
    """Return the gain of each grade from 0 on: 2^grade − 1."""
    return [(1 << grade) - 1 for grade in range(highest_grade + 1)]


def whole_gains(gains: Sequence[Fraction]) -> list[int]:
    """Return gains in whole numbers, as trec_eval takes them; their unit does not change nDCG.

    Raises:
        InputError: one is below 0, none is above 0, or their common unit is too small.
    """
    factor = lcm(*(gain.denominator for gain in gains))
    whole = [int(gain * factor) for gain in gains]
    if min(whole) < 0 or not 0 < max(whole) <= _LARGEST_GAIN:
        raise InputError(
            "gains: expected numbers from 0 on, one of them above 0, and all of them multiples of "
            f"a {_LARGEST_GAIN:,}th of the largest, got {', '.join(f'{float(g):g}' for g in gains)}"
        )
    return whole


def score_rankings(
    queries: Sequence[JudgedQuery],
    rankings: Sequence[Sequence[str]],
    *,
    gains: Sequence[int],
    relevant_from: int,
) -> Scores:
    """Measure the ranking of each query.

    Args:
        queries: with at least one grade of a gain above 0 each.
        rankings: the asins of each query's ranking, best first.
        gains: of each grade from 0 on, in whole numbers of any unit.
        relevant_from: the grade from which on a product counts as relevant for recall and
            reciprocal rank.

    Returns:
        Measure → a value for each query, 0 to 1; NaN where it is not defined. ``ndcg@10``: the
        gains of the first ten, each divided by log2(1 + rank), over the same of the ideal order of
        all judged products; unjudged ones gain nothing. ``ndcg@10_judged_only``: of the ranking
        without unjudged products. ``recall@10``, ``recall@50``: the share of the relevant products
        among the first ten and fifty. ``mrr``: one over the rank of the first relevant one, 0 if
        none is among the first 50; these three are not defined where no product is relevant.
        ``judged_share``: the share of the first ten that was judged, not defined for an empty
        ranking.

    Raises:
        UnavailableError: ir-measures is not installed.
    """
    require_relevance_packages()
    import ir_measures

    by_grade = dict(enumerate(gains))
    measures = {
        ir_measures.nDCG(gains=by_grade) @ 10: NDCG,
        ir_measures.nDCG(gains=by_grade, judged_only=True) @ 10: NDCG_JUDGED,
        ir_measures.R(rel=relevant_from) @ 10: RECALL_10,
        ir_measures.R(rel=relevant_from) @ RANKED: RECALL,
        ir_measures.RR(rel=relevant_from): MRR,
        ir_measures.Judged @ 10: JUDGED_SHARE,
    }
    qrels = {str(place): dict(each.grades) for place, each in enumerate(queries)}
    run: dict[str, dict[str, float]] = {}
    for place, ranking in enumerate(rankings):
        ranked = list(dict.fromkeys(ranking))[:RANKED]
        if ranked:
            run[str(place)] = {asin: float(RANKED - rank) for rank, asin in enumerate(ranked)}
    scores = {measure: np.zeros(len(queries)) for measure in MEASURES}
    for found in ir_measures.iter_calc(list(measures), qrels, run):
        scores[measures[found.measure]][int(found.query_id)] = found.value
    for place, each in enumerate(queries):
        if max(each.grades.values()) < relevant_from:
            for measure in (RECALL_10, RECALL, MRR):
                scores[measure][place] = np.nan
        if str(place) not in run:
            scores[JUDGED_SHARE][place] = np.nan
    return scores


def summarize(scores: Scores, first: Scores | None, *, rng: np.random.Generator) -> dict[str, Any]:
    """Return the measures of all queries.

    Args:
        scores: of :func:`score_rankings`.
        first: those of the agent to compare with, for the same queries; None for that agent itself.
        rng: of the bootstrap over queries.

    Returns:
        JSON types: the mean of each measure in points of 100 (None where it is defined for no
        query), ``interval``, the 95 % interval of nDCG@10, ``queries``, their number, and
        ``difference``, of nDCG@10 to the first agent: ``mean``, ``interval`` and ``p`` of the
        paired randomisation test; None without one.
    """
    ndcg = 100.0 * scores[NDCG]
    record: dict[str, Any] = {name: _mean(scores[name]) for name in MEASURES}
    record["interval"] = list(bootstrap_mean(ndcg, rng=rng))
    record["queries"] = len(ndcg)
    record["difference"] = None
    if first is not None:
        paired = paired_bootstrap(ndcg, 100.0 * first[NDCG], rng=rng)
        record["difference"] = {
            "mean": paired.mean,
            "interval": list(paired.interval),
            "p": paired.p_value,
        }
    return record


def _mean(values: NDArray[np.float64]) -> float | None:
    defined = values[~np.isnan(values)]
    return float(100.0 * defined.mean()) if defined.size else None


def summarize_halves(
    queries: Sequence[JudgedQuery],
    scores: Scores,
    first: Scores | None,
    *,
    rng: np.random.Generator,
) -> dict[str, dict[str, Any]]:
    """Return half → :func:`summarize` of its queries; a half without queries is left out."""
    halves = np.array([each.half for each in queries])
    found: dict[str, dict[str, Any]] = {}
    for half in HALVES:
        chosen = halves == half
        if chosen.any():
            compared = None if first is None else _part(first, chosen)
            found[half] = summarize(_part(scores, chosen), compared, rng=rng)
    return found


def _part(scores: Scores, chosen: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
    return {name: values[chosen] for name, values in scores.items()}


def query_records(
    queries: Sequence[JudgedQuery], scores: Mapping[str, Scores]
) -> list[dict[str, Any]]:
    """Return a record for each query, JSON types: ``query``, ``half``, and each agent's measures by
    its name, 0 to 1, None where one is not defined."""
    return [
        {
            "query": each.query,
            "half": each.half,
            "agents": {
                name: {
                    measure: None if np.isnan(values[place]) else float(values[place])
                    for measure, values in of_agent.items()
                }
                for name, of_agent in scores.items()
            },
        }
        for place, each in enumerate(queries)
    ]
