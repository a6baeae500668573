"""Paired comparisons of agents on the same goals, and aggregates over training seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shopwright.errors import InputError
from shopwright.intervals import Interval, holm, mcnemar, paired_bootstrap


def compare_pairs(
    rewards: Mapping[str, Sequence[float]], *, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Compare agents two by two on the goals that all of them shopped for.

    Args:
        rewards: agent → its reward for each goal, 0 to 1, in one order of goals.

    Returns:
        A record for each pair, JSON types. Differences are first minus second: of success in
        percentage points, of the score in points of 100. p values (McNemar's test of the successes,
        the randomisation test of the scores) are given as they are and adjusted over all pairs by
        Holm's method, for success and for score apart.

    Raises:
        InputError: the numbers of goals differ.
    """
    records: list[dict[str, Any]] = []
    for first, second in combinations(rewards, 2):
        one, other = np.asarray(rewards[first]), np.asarray(rewards[second])
        success = mcnemar(one == 1.0, other == 1.0)
        score = paired_bootstrap(100.0 * one, 100.0 * other, rng=rng)
        records.append(
            {
                "first": first,
                "second": second,
                "success_difference": 100.0 * (success.first_only - success.second_only) / len(one),
                "only_first_succeeds": success.first_only,
                "only_second_succeeds": success.second_only,
                "success_p": success.p_value,
                "score_difference": score.mean,
                "score_interval": list(score.interval),
                "score_p": score.p_value,
            }
        )
    for name in ("success_p", "score_p"):
        adjusted = holm([record[name] for record in records])
        for record, p_value in zip(records, adjusted, strict=True):
            record[f"{name}_adjusted"] = p_value
    return records


def interquartile_mean(values: ArrayLike) -> float:
    """Return the mean of the middle half: a quarter of the values, rounded down, is left out at
    either end. With up to three values it is their mean.

    Args:
        values: finite numbers, any shape, at least one.

    Source: Agarwal et al., "Deep reinforcement learning at the edge of the statistical
    precipice", 2021 (arXiv 2108.13264), as its library rliable computes it.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64), axis=None)
    if ordered.size == 0:
        raise InputError("values: expected at least one, got none")
    cut = ordered.size // 4
    return float(ordered[cut : ordered.size - cut].mean())


def interquartile_interval(
    values: ArrayLike,
    *,
    resamples: int = 10_000,
    rng: np.random.Generator,
) -> Interval:
    """Return the stratified bootstrap interval of the interquartile mean over training runs.

    Runs are drawn anew within each task, as rliable does. With few runs it is too narrow: for a
    nominal 95 % and one task it covered 72 % with three runs, 90 % with five and 94 % with ten
    (1,000 simulations each; the tests repeat it), which tables of three seeds should say.

    Args:
        values: float, (runs, tasks): e.g. each run's score under each protocol.

    Raises:
        InputError: another shape, no run or no task.

    Source: Agarwal et al., 2021, section 4.
    """
    array: NDArray[np.float64] = np.asarray(values, dtype=np.float64)
    if array.ndim != 2 or array.size == 0:
        raise InputError(f"values: expected shape (runs, tasks), got {array.shape}")
    runs, tasks = array.shape
    drawn = rng.integers(runs, size=(resamples, runs, tasks))
    resampled = np.sort(array[drawn, np.arange(tasks)].reshape(resamples, -1), axis=1)
    cut = array.size // 4
    means = resampled[:, cut : array.size - cut].mean(axis=1)
    return Interval.of_draws(means)
