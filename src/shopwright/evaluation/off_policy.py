"""What another policy would have earned on a log of randomised choices, with the choices' own
probabilities.

Everything here takes plain arrays. A log entry is a context, the action that was chosen in it, the
probability with which it was chosen, and the reward. The weight of an entry is the probability with
which the other policy would have chosen that action, divided by the logged one.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shopwright.errors import InputError
from shopwright.intervals import DEVIATIONS, Interval

# A log that is worth fewer entries than this to another policy says nothing of it: the normal
# approximation of its interval does not hold, and one entry decides.
LEAST_EFFECTIVE = 30.0
# What weights are clipped to, and from which weight on a model is asked instead.
CLIPPED_AT = 20.0


class UnsupportedWarning(UserWarning):
    """A log hardly ever did what another policy would do: no value is estimated."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimated mean reward.

    Attributes:
        value: the estimate.
        standard_error: its standard error; infinite where one entry alone decides.
        interval: 95 %, by the normal approximation; too narrow while ``effective_size`` is small.
        effective_size: how many equally weighted entries the weighted ones are worth.
    """

    value: float
    standard_error: float
    interval: Interval
    effective_size: float


def inverse_propensity(rewards: ArrayLike, weights: ArrayLike) -> Estimate:
    """Return the mean of reward times weight: unbiased, of high variance.

    Args:
        rewards: (entries,).
        weights: (entries,), 0 or more.

    Raises:
        InputError: no entry, or two lengths.

    Source: Horvitz and Thompson, 1952 (Journal of the American Statistical Association 47).
    """
    reward, weight = _checked(rewards, weights)
    return _mean(reward * weight, weight)


def self_normalised(rewards: ArrayLike, weights: ArrayLike) -> Estimate:
    """Return the weighted mean of the rewards: slightly biased, bounded by the rewards, of lower
    variance. NaN if all weights are 0.

    Source: Swaminathan and Joachims, "The self-normalized estimator for counterfactual learning",
    2015. The standard error is the delta method's.
    """
    reward, weight = _checked(rewards, weights)
    total = weight.sum()
    if total == 0:
        return Estimate(math.nan, math.inf, Interval(-math.inf, math.inf), 0.0)
    value = float((weight * reward).sum() / total)
    count = len(reward)
    error = math.inf
    if count > 1:
        residuals = weight * (reward - value)
        error = float(math.sqrt((residuals**2).sum() * count / (count - 1)) / total)
    return _estimate(value, error, weight)


def doubly_robust(
    rewards: ArrayLike, weights: ArrayLike, predicted: ArrayLike, predicted_other: ArrayLike
) -> Estimate:
    """Return a model's prediction for the other policy, corrected by what the log shows of the
    model's errors: unbiased if either the probabilities or the model are right.

    Args:
        predicted: (entries,): the model's reward of the logged action.
        predicted_other: (entries,): the model's mean reward of the other policy's actions.

    Source: Dudik, Langford and Li, "Doubly robust policy evaluation and learning", 2011
    (arXiv 1103.4601).
    """
    reward, weight = _checked(rewards, weights)
    logged, other = _checked(predicted, predicted_other)
    return _mean(other + weight * (reward - logged), weight)


def clipped(rewards: ArrayLike, weights: ArrayLike, most: float = CLIPPED_AT) -> Estimate:
    """Return the mean of reward times weight, no weight counting for more than ``most``: of lower
    variance; too low by what the clipped weights would have added to rewards of 0 or more.

    Args:
        most: above 0.

    Source: Ionides, "Truncated importance sampling", 2008 (Journal of Computational and Graphical
    Statistics 17).
    """
    reward, weight = _checked(rewards, weights)
    capped = np.minimum(weight, _above_zero(most))
    return _mean(reward * capped, capped)


def switch(
    rewards: ArrayLike,
    weights: ArrayLike,
    predicted: ArrayLike,
    predicted_other: ArrayLike,
    most: float = CLIPPED_AT,
) -> Estimate:
    """Return the doubly robust estimate, which trusts the model alone where a weight is above
    ``most``: between it, where none is, and the model's prediction.

    Args:
        predicted, predicted_other: see :func:`doubly_robust`.
        most: above 0.

    Source: Wang, Agarwal and Dudik, "Optimal and adaptive off-policy evaluation in contextual
    bandits", 2017 (arXiv 1612.01205), with doubly robust estimates in place of importance weights
    below the threshold (their section 3.2).
    """
    reward, weight = _checked(rewards, weights)
    kept = np.where(weight <= _above_zero(most), weight, 0.0)
    logged, other = _checked(predicted, predicted_other)
    return _mean(other + kept * (reward - logged), kept)


def supported(weights: ArrayLike, least: float = LEAST_EFFECTIVE) -> bool:
    """Return whether a log is worth enough entries to another policy that its value can be
    estimated, whatever the estimator; if not, an :class:`UnsupportedWarning` says so.

    Args:
        weights: (entries,), 0 or more, before any clipping.
        least: how many equally weighted entries they must be worth.
    """
    size = _effective_size(_checked(weights, weights)[0])
    if size < least:
        warnings.warn(
            f"off-policy: expected a log worth at least {least:g} entries to the other policy, got "
            f"{size:.1f} effective ones; nothing is estimated",
            UnsupportedWarning,
            stacklevel=2,
        )
    return size >= least


def _above_zero(most: float) -> float:
    if not most > 0:
        raise InputError(f"most: expected a weight above 0, got {most}")
    return most


def _mean(values: NDArray[np.float64], weight: NDArray[np.float64]) -> Estimate:
    error = math.inf
    if len(values) > 1:
        error = float(values.std(ddof=1) / math.sqrt(len(values)))
    return _estimate(float(values.mean()), error, weight)


def _estimate(value: float, error: float, weight: NDArray[np.float64]) -> Estimate:
    half = DEVIATIONS * error
    return Estimate(value, error, Interval(value - half, value + half), _effective_size(weight))


def _effective_size(weight: NDArray[np.float64]) -> float:
    """Kish's."""
    squares = float((weight**2).sum())
    return float(weight.sum()) ** 2 / squares if squares else 0.0


def _checked(
    first: ArrayLike, second: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    one, two = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.ndim != 1 or one.shape != two.shape or not one.size:
        raise InputError(
            f"expected as many values as entries, at least one, got shapes {one.shape}, {two.shape}"
        )
    return one, two
