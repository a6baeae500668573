"""Divides requests among agents by Thompson sampling, with known propensities.

Each agent's success rate has a Beta posterior (uniform before any feedback). Thompson sampling
chooses an agent with the probability that its rate is the highest; this probability is computed on
a grid, mixed with a floor of exploration, logged, and the agent is drawn by exactly these numbers,
so that the log says the truth about how likely each choice was.

Source: Thompson, 1933 (Biometrika 25); Chapelle and Li, "An empirical evaluation of Thompson
sampling", 2011. Deviation: the floor, without which off-policy estimates have no support.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from shopwright.config import Configuration, setting
from shopwright.seeding import numpy_rng

GRID_POINTS = 4_096


@dataclass(frozen=True, kw_only=True)
class AllocationConfig(Configuration):
    """How requests are divided among agents."""

    exploration: float = setting(
        0.1,
        help="share of requests divided evenly among the agents, whatever they earn",
        above=0,
        maximum=1,
    )
    seed: int = setting(0, help="decides the draws")


def best_probabilities(successes: np.ndarray, failures: np.ndarray) -> np.ndarray:
    """Return the probability that each agent's success rate is the highest.

    Args:
        successes, failures: (agents,), counts.

    Returns:
        float64, (agents,), summing to 1.
    """
    points = (np.arange(GRID_POINTS) + 0.5) / GRID_POINTS
    logs = successes[:, None] * np.log(points) + failures[:, None] * np.log1p(-points)
    masses = np.exp(logs - logs.max(axis=1, keepdims=True))
    masses /= masses.sum(axis=1, keepdims=True)
    # Within a cell of the grid, half of the mass counts as below.
    below = masses.cumsum(axis=1) - masses / 2
    probabilities = np.empty(len(masses))
    for number in range(len(masses)):
        others = np.delete(below, number, axis=0).prod(axis=0)
        probabilities[number] = (masses[number] * others).sum()
    total: np.ndarray = probabilities / probabilities.sum()
    return total


def propensities(
    agents: Sequence[str],
    succeeded: Mapping[str, int],
    failed: Mapping[str, int],
    *,
    exploration: float,
) -> dict[str, float]:
    """Return the probability with which each agent is chosen; the share ``exploration`` is divided
    evenly."""
    if len(agents) == 1:
        return {agents[0]: 1.0}
    best = best_probabilities(
        np.array([succeeded.get(agent, 0) for agent in agents], dtype=np.float64),
        np.array([failed.get(agent, 0) for agent in agents], dtype=np.float64),
    )
    mixed = exploration / len(agents) + (1.0 - exploration) * best
    mixed /= mixed.sum()
    return dict(zip(agents, mixed.tolist(), strict=True))


def draw(chances: Mapping[str, float], *, seed: int, number: int, stream: str = "") -> str:
    """Return the agent for the number-th request.

    Args:
        stream: of several processes that number their requests, which one; the only one's is empty.
    """
    if len(chances) == 1:  # Nothing is left to chance, which takes a while to set up.
        return next(iter(chances))
    rng = numpy_rng(seed, "allocation", *[stream] * bool(stream), number)
    return str(rng.choice(list(chances), p=list(chances.values())))
