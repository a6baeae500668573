"""How sure a measured rate, mean or difference is.

Everything here takes plain arrays and returns plain numbers. Rates are fractions between 0 and 1;
means have the unit of their values. Intervals are of 95 %. Randomness comes only from the rng that
the caller gives.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shopwright.errors import InputError

# Resamples are drawn in blocks of about this many values, so that memory stays at tens of
# megabytes whatever the number of resamples.
_BLOCK_VALUES = 1 << 20
_TAILS = (0.025, 0.975)
# The half-width of a 95 % interval of a normal distribution, in standard deviations.
DEVIATIONS = NormalDist().inv_cdf(_TAILS[1])


class Interval(NamedTuple):
    """An interval, both ends included, in the unit of the quantity it is about."""

    low: float
    high: float

    @classmethod
    def of_draws(cls, draws: NDArray[np.float64]) -> Interval:
        """Return the interval that leaves out 2.5 % of the draws at either end."""
        low, high = np.quantile(draws, _TAILS)
        return cls(low=float(low), high=float(high))


@dataclass(frozen=True, slots=True)
class McNemar:
    """The outcome of McNemar's test.

    Attributes:
        first_only: pairs in which only the first succeeded.
        second_only: pairs in which only the second succeeded.
        p_value: two-sided, 0 to 1.
    """

    first_only: int
    second_only: int
    p_value: float


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """The mean of paired differences, first minus second.

    Attributes:
        mean: the mean difference, in the unit of the values.
        interval: its bootstrap interval, in the same unit.
        p_value: two-sided, above 0 and at most 1.
    """

    mean: float
    interval: Interval
    p_value: float


def wilson(successes: int, trials: int) -> Interval:
    """Return Wilson's score interval of a success rate, without continuity correction.

    Args:
        successes: number of successes, 0 to ``trials``.
        trials: number of independent trials, at least 1.

    Returns:
        The interval of the rate, within 0 to 1. It is never empty: with no success its low end is
        0 and its high end still above 0.

    Raises:
        InputError: a number outside its range.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927).
    """
    if not 0 <= successes <= trials or trials < 1:
        raise InputError(f"expected 0 to {trials} successes in 1 trial or more, got {successes}")
    rate = successes / trials
    squared = DEVIATIONS**2 / trials
    centre = (rate + squared / 2) / (1 + squared)
    half_width = (
        DEVIATIONS / (1 + squared) * math.sqrt(rate * (1 - rate) / trials + squared / (4 * trials))
    )
    # At the two extremes an end is 0 or 1 exactly; floating point would miss it by a hair.
    return Interval(
        low=0.0 if successes == 0 else max(0.0, centre - half_width),
        high=1.0 if successes == trials else min(1.0, centre + half_width),
    )


def bootstrap_mean(
    values: ArrayLike,
    *,
    resamples: int = 10_000,
    rng: np.random.Generator,
) -> Interval:
    """Return the percentile bootstrap interval of a mean.

    It is somewhat too narrow for few values (it covers about 93 % at 20 well-behaved ones), and of
    no width when all values are equal, a single one included.

    Args:
        values: independent finite values, shape ``(count,)``, at least one.
        resamples: how many resamples to draw, at least 1.

    Returns:
        The interval of the mean, in the unit of the values.

    Raises:
        InputError: no value, or another shape.

    Source: Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7
    (1979); the percentile interval is in Efron and Tibshirani, "An Introduction to the Bootstrap"
    (1993), chapter 13.
    """
    array = _vector(values, "values")
    means = np.empty(resamples)
    for rows in _blocks(resamples, array.size):
        drawn = rng.integers(array.size, size=(rows.stop - rows.start, array.size))
        means[rows] = array[drawn].mean(axis=1)
    return Interval.of_draws(means)


def mcnemar(first: ArrayLike, second: ArrayLike) -> McNemar:
    """Test whether two agents succeed equally often on the same goals: exact McNemar's test.

    Only pairs in which exactly one succeeded carry information; under the null hypothesis each of
    them is a fair coin. The p value is twice the smaller binomial tail, at most 1; it is 1 when no
    pair differs.

    Args:
        first: successes of the first agent, booleans, shape ``(pairs,)``, at least one pair.
        second: those of the second agent on the same goals in the same order.

    Returns:
        The two counts of discordant pairs and the exact two-sided p value.

    Raises:
        InputError: no pairs, or two lengths.

    Source: McNemar, "Note on the sampling error of the difference between correlated proportions
    or percentages", Psychometrika 12 (1947), with the binomial distribution itself instead of the
    chi-squared approximation.
    """
    one, two = _pair(first, second, np.bool_)
    first_only = int(np.count_nonzero(one & ~two))
    second_only = int(np.count_nonzero(two & ~one))
    return McNemar(
        first_only=first_only,
        second_only=second_only,
        p_value=_fair_coin_p_value(first_only, second_only),
    )


def paired_bootstrap(
    first: ArrayLike,
    second: ArrayLike,
    *,
    resamples: int = 10_000,
    rng: np.random.Generator,
) -> PairedDifference:
    """Return the mean of paired differences, its bootstrap interval and a p value.

    The interval is :func:`bootstrap_mean` of the differences. The p value is that of the paired
    randomisation test, whose null hypothesis is that the two agents are interchangeable on every
    goal, so that the sign of each difference is a fair coin: signs are drawn ``resamples`` times,
    and p is ``(1 + draws whose mean is at least as far from 0 as the one seen) / (1 + resamples)``.
    Counting the data as a draw keeps the error rate at most the nominal one; unlike a p value
    read off the bootstrap distribution, this stays true with very few pairs. Near the border one
    of p value and interval may exclude 0 where the other does not.

    Args:
        first: finite values of the first agent, shape ``(pairs,)``, at least one pair.
        second: those of the second agent on the same goals in the same order.
        resamples: how many resamples and how many sign draws, at least 1.

    Returns:
        Mean and interval of first minus second in the unit of the values, and the p value.

    Raises:
        InputError: as for :func:`bootstrap_mean`, or two lengths.

    Source: Efron (1979) for the interval; Fisher, "The Design of Experiments" (1935), section 21,
    for the test; Phipson and Smyth, "Permutation p-values should never be zero" (2010), for the 1
    that is added.
    """
    one, two = _pair(first, second)
    differences = one - two
    interval = bootstrap_mean(differences, resamples=resamples, rng=rng)
    total = float(differences.sum())
    # Draws that equal the data exactly must count although they were summed in another order.
    threshold = abs(total) - 1e-9 * float(np.abs(differences).sum())
    as_far = 0
    for rows in _blocks(resamples, differences.size):
        shape = (rows.stop - rows.start, differences.size)
        kept = rng.integers(2, size=shape, dtype=np.int8).astype(np.float64)
        as_far += int(np.count_nonzero(np.abs(2 * (kept @ differences) - total) >= threshold))
    return PairedDifference(
        mean=float(differences.mean()),
        interval=interval,
        p_value=(1 + as_far) / (1 + resamples),
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p values adjusted for their number by Holm's step-down method.

    Rejecting where the adjusted value is at most ``level`` keeps the probability of any false
    rejection at most ``level``, however the tests depend on each other.

    Args:
        p_values: one per test, each 0 to 1; may be empty.

    Returns:
        The adjusted p values in the same order, each at least the given one and at most 1.

    Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
    of Statistics 6 (1979).
    """
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    ascending = sorted(range(len(p_values)), key=lambda position: p_values[position])
    for rank, position in enumerate(ascending):
        largest = max(largest, min(1.0, (len(p_values) - rank) * float(p_values[position])))
        adjusted[position] = largest
    return adjusted


def _fair_coin_p_value(heads: int, tails: int) -> float:
    """The exact two-sided p value of so many heads and tails of a fair coin."""
    tosses = heads + tails
    total = sum(math.comb(tosses, count) for count in range(min(heads, tails) + 1))
    # Whole numbers to the last step: a division of floats would overflow from 1,024 tosses on.
    return min(1.0, 2 * total / (1 << tosses))


def _blocks(resamples: int, width: int) -> Iterator[slice]:
    """Cut the resamples into slices whose draws fit into memory."""
    rows = max(1, _BLOCK_VALUES // width)
    for start in range(0, resamples, rows):
        yield slice(start, min(start + rows, resamples))


def _vector(values: ArrayLike, name: str, kind: type[np.generic] = np.float64) -> NDArray[Any]:
    """The values of a test as an array of one dimension."""
    array = np.asarray(values, dtype=kind)
    if array.ndim != 1 or array.size == 0:
        raise InputError(f"{name}: expected at least one value in a row, got shape {array.shape}")
    return array


def _pair(
    first: ArrayLike, second: ArrayLike, kind: type[np.generic] = np.float64
) -> tuple[NDArray[Any], NDArray[Any]]:
    one, two = _vector(first, "first", kind), _vector(second, "second", kind)
    if one.size != two.size:
        raise InputError(f"first and second: expected equal lengths, got {one.size} and {two.size}")
    return one, two
