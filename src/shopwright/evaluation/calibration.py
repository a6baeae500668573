"""Whether products that are said to fit do: stated confidence against people's grades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shopwright.intervals import Interval

BINS = 10
_RESAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class Statement:
    """What an answer says of one product that people judged.

    Attributes:
        query: the number of the query.
        fits: whether it is said to fit.
        confidence: the probability that is stated with it, 0 to 1.
        exact: whether people graded it as relevant.
    """

    query: int
    fits: bool
    confidence: float
    exact: bool


def calibration(
    statements: Sequence[Statement], *, rng: np.random.Generator
) -> dict[str, Any] | None:
    """Compare what is stated with what people say.

    Args:
        statements: of the judged products of all answers.
        rng: of the bootstrap.

    Returns:
        JSON types; None if no product is said to fit. Of products that are said to fit: ``items``,
        their number; ``stated``, the mean confidence; ``exact``, the share that people graded as
        relevant; ``interval``, its 95 % interval, by bootstrap over queries, as products of a query
        are not independent. ``exact_of_others``: that share of the other products, None without
        any. ``reliability``: ``from``, ``to``, ``items``, ``stated`` and ``exact`` of all products,
        by confidence. All in points of 100.
    """
    fitting = [each for each in statements if each.fits]
    if not fitting:
        return None
    others = [each for each in statements if not each.fits]
    return {
        **_figures(fitting),
        "interval": list(_interval(fitting, rng)),
        "exact_of_others": _figures(others)["exact"] if others else None,
        "reliability": reliability(statements),
    }


def reliability(statements: Sequence[Statement]) -> list[Mapping[str, float]]:
    """Return the figures of products by stated confidence, in ten equal bins; those without
    products are left out."""
    bins: dict[int, list[Statement]] = {}
    for each in statements:
        bins.setdefault(min(int(each.confidence * BINS), BINS - 1), []).append(each)
    width = 100.0 / BINS
    return [
        {"from": number * width, "to": (number + 1) * width, **_figures(bins[number])}
        for number in sorted(bins)
    ]


def _figures(statements: Sequence[Statement]) -> dict[str, float]:
    return {
        "items": len(statements),
        "stated": 100.0 * float(np.mean([each.confidence for each in statements])),
        "exact": 100.0 * float(np.mean([each.exact for each in statements])),
    }


def _interval(statements: Sequence[Statement], rng: np.random.Generator) -> Interval:
    """The interval of the share of exact ones, queries drawn anew with all their products."""
    queries, place = np.unique([each.query for each in statements], return_inverse=True)
    items = np.bincount(place)
    exact = np.bincount(place, weights=[each.exact for each in statements])
    drawn = rng.multinomial(len(queries), np.full(len(queries), 1 / len(queries)), size=_RESAMPLES)
    return Interval.of_draws(100.0 * (drawn @ exact) / (drawn @ items))
