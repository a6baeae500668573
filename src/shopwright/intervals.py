"""How sure a measured rate, mean or difference is.

Everything here takes plain arrays and returns plain numbers. Rates are fractions between 0 and 1;
means have the unit of their values. Randomness comes only from the rng that the caller gives.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shopwright.errors import InputError

# Resamples are drawn in blocks of about this many values, so that memory stays at tens of
# megabytes whatever the number of resamples.
_BLOCK_VALUES = 1 << 20


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval, both ends included, in the unit of the quantity it is about."""

    low: float
    high: float


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


def wilson(successes: int, trials: int, *, confidence: float = 0.95) -> Interval:
    """Return Wilson's score interval of a success rate, without continuity correction.

    Args:
        successes: number of successes, 0 to ``trials``.
        trials: number of independent trials, at least 1.
        confidence: nominal coverage, between 0 and 1.

    Returns:
        The interval of the rate, within 0 to 1. It is never empty: with no success its low end is
        0 and its high end still above 0.

    Raises:
        InputError: a number outside its range.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927).
    """
    successes = _whole_number(successes, "successes")
    trials = _whole_number(trials, "trials")
    if trials < 1:
        raise InputError(f"trials: expected at least 1, got {trials}")
    if not 0 <= successes <= trials:
        raise InputError(f"successes: expected 0 to {trials} (the trials), got {successes}")
    deviations = NormalDist().inv_cdf(0.5 + _checked_confidence(confidence) / 2)
    rate = successes / trials
    squared = deviations**2 / trials
    centre = (rate + squared / 2) / (1 + squared)
    half_width = (
        deviations / (1 + squared) * math.sqrt(rate * (1 - rate) / trials + squared / (4 * trials))
    )
    # At the two extremes an end is 0 or 1 exactly; floating point would miss it by a hair.
    return Interval(
        low=0.0 if successes == 0 else max(0.0, centre - half_width),
        high=1.0 if successes == trials else min(1.0, centre + half_width),
    )


def bootstrap_mean(
    values: ArrayLike,
    *,
    confidence: float = 0.95,
    resamples: int = 10_000,
    rng: np.random.Generator,
) -> Interval:
    """Return the percentile bootstrap interval of a mean.

    It is somewhat too narrow for few values (about 93 % at 20 well-behaved ones for a nominal
    95 %), and of no width when all values are equal, a single one included.

    Args:
        values: independent finite values, shape ``(count,)``, at least one.
        confidence: nominal coverage, between 0 and 1.
        resamples: how many resamples to draw, at least 1.
        rng: where they are drawn from.

    Returns:
        The interval of the mean, in the unit of the values.

    Raises:
        InputError: no value, one that is not finite, another shape, or a number outside its range.

    Source: Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7
    (1979); the percentile interval is in Efron and Tibshirani, "An Introduction to the Bootstrap"
    (1993), chapter 13.
    """
    array = _checked_values(values, "values")
    tail = (1 - _checked_confidence(confidence)) / 2
    means = np.empty(_checked_resamples(resamples))
    for rows in _blocks(resamples, array.size):
        drawn = rng.integers(array.size, size=(rows.stop - rows.start, array.size))
        means[rows] = array[drawn].mean(axis=1)
    low, high = np.quantile(means, (tail, 1 - tail))
    return Interval(low=float(low), high=float(high))


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
        InputError: values that are no booleans, no pairs, or two lengths.

    Source: McNemar, "Note on the sampling error of the difference between correlated proportions
    or percentages", Psychometrika 12 (1947), with the binomial distribution itself instead of the
    chi-squared approximation.
    """
    successes_first = _checked_successes(first, "first")
    successes_second = _checked_successes(second, "second")
    _check_same_length(successes_first, successes_second)
    first_only = int(np.count_nonzero(successes_first & ~successes_second))
    second_only = int(np.count_nonzero(successes_second & ~successes_first))
    return McNemar(
        first_only=first_only,
        second_only=second_only,
        p_value=_fair_coin_p_value(first_only, second_only),
    )


def paired_bootstrap(
    first: ArrayLike,
    second: ArrayLike,
    *,
    confidence: float = 0.95,
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
        confidence: nominal coverage of the interval, between 0 and 1.
        resamples: how many resamples and how many sign draws, at least 1.
        rng: where they are drawn from.

    Returns:
        Mean and interval of first minus second in the unit of the values, and the p value.

    Raises:
        InputError: as for :func:`bootstrap_mean`, or two lengths.

    Source: Efron (1979) for the interval; Fisher, "The Design of Experiments" (1935), section 21,
    for the test; Phipson and Smyth, "Permutation p-values should never be zero" (2010), for the 1
    that is added.
    """
    values_first = _checked_values(first, "first")
    values_second = _checked_values(second, "second")
    _check_same_length(values_first, values_second)
    differences = values_first - values_second
    interval = bootstrap_mean(differences, confidence=confidence, resamples=resamples, rng=rng)
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

    Raises:
        InputError: a value outside 0 to 1.

    Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
    of Statistics 6 (1979).
    """
    for position, p_value in enumerate(p_values):
        if not 0 <= p_value <= 1:
            raise InputError(f"p_values[{position}]: expected 0 to 1, got {p_value}")
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
    ways = total = 1
    for count in range(min(heads, tails)):
        ways = ways * (tosses - count) // (count + 1)
        total += ways
    # Whole numbers to the last step: a division of floats would overflow from 1,024 tosses on.
    return min(1.0, 2 * total / (1 << tosses))


def _blocks(resamples: int, width: int) -> Iterator[slice]:
    """Cut the resamples into slices whose draws fit into memory."""
    rows = max(1, _BLOCK_VALUES // width)
    for start in range(0, resamples, rows):
        yield slice(start, min(start + rows, resamples))


def _whole_number(value: int, name: str) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise InputError(f"{name}: expected a whole number, got {value!r}") from None


def _checked_confidence(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise InputError(f"confidence: expected a number between 0 and 1, got {confidence}")
    return confidence


def _checked_resamples(resamples: int) -> int:
    if _whole_number(resamples, "resamples") < 1:
        raise InputError(f"resamples: expected at least 1, got {resamples}")
    return resamples


def _check_vector(array: NDArray[np.generic], name: str) -> None:
    if array.ndim != 1:
        raise InputError(f"{name}: expected one dimension, got shape {array.shape}")
    if array.size == 0:
        raise InputError(f"{name}: expected at least one value, got none")


def _checked_values(values: ArrayLike, name: str) -> NDArray[np.float64]:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name}: expected numbers, got {values!r:.80}") from None
    _check_vector(array, name)
    if not np.isfinite(array).all():
        position = int(np.flatnonzero(~np.isfinite(array))[0])
        raise InputError(f"{name}[{position}]: expected a finite number, got {array[position]}")
    return array


def _checked_successes(successes: ArrayLike, name: str) -> NDArray[np.bool_]:
    array = np.asarray(successes)
    _check_vector(array, name)
    if array.dtype != np.bool_:
        raise InputError(f"{name}: expected booleans, got {array.dtype}")
    return array


def _check_same_length(first: NDArray[np.generic], second: NDArray[np.generic]) -> None:
    if first.size != second.size:
        raise InputError(
            f"first and second: expected equal lengths, got {first.size} and {second.size}"
        )
