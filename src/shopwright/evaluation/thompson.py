"""Online experiments: agents are arms, a bandit decides who shops next.

Source: Thompson sampling (Thompson, 1933; Russo et al., "A tutorial on Thompson sampling", 2018,
algorithm 3.2), as Feng & Feng, 2024 (arXiv 2408.16032) compare agents: several runs of as many
rollouts. Deviations: one experiment goes by success (Beta posterior), another by score
(normal-inverse-gamma posterior); a third, beside them, gives all arms the same number of rollouts;
regret is counted against the best arm's value on all goals, which the paper does not give.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from shopwright.intervals import Interval
from shopwright.seeding import numpy_rng

ALLOCATIONS = {
    "success": "Thompson sampling by success rate, Beta posterior",
    "score": "Thompson sampling by score, normal-inverse-gamma posterior",
    "uniform": "Uniform: the same number of rollouts for every arm",
}

# Intervals of posteriors are of equal tails, read off so many draws.
_DRAWS = 20_000
# (arm, number of the run, number of the rollout) → reward, 0 to 1.
Pull = Callable[[int, int, int], float]


@dataclass(frozen=True, slots=True)
class BetaPosterior:
    """The posterior of a success rate: a Beta distribution.

    Attributes:
        successes, failures: its parameters α and β, prior included; 1 and 1 hold every rate
            equally likely.

    Source: Thompson, "On the likelihood that one unknown probability exceeds another in view of
    the evidence of two samples", Biometrika 25 (1933).
    """

    successes: float = 1.0
    failures: float = 1.0

    def observe(self, success: bool) -> BetaPosterior:
        """Return the posterior after another trial."""
        if success:
            return replace(self, successes=self.successes + 1.0)
        return replace(self, failures=self.failures + 1.0)

    def draw(self, rng: np.random.Generator) -> float:
        """Return a rate drawn from the posterior."""
        return float(rng.beta(self.successes, self.failures))

    def interval(self, rng: np.random.Generator) -> Interval:
        """Return an interval that holds the rate with a probability of 95 %."""
        return Interval.of_draws(rng.beta(self.successes, self.failures, size=_DRAWS))


@dataclass(frozen=True, slots=True)
class NormalInverseGamma:
    """The posterior of the mean of values whose variance is unknown too.

    The variance σ² is inverse-gamma with ``shape`` and ``scale``, and the mean, given σ², normal
    around ``mean`` with variance σ² / ``weight``.

    Attributes:
        mean: the expected mean.
        weight: of the mean, in observations, above 0.
        shape, scale: of the variance, above 0.

    Source: Murphy, "Conjugate Bayesian analysis of the Gaussian distribution", 2007, section 6;
    as the posterior of a Thompson sampler: Honda & Takemura, 2014.
    """

    mean: float = 0.5
    weight: float = 1.0
    shape: float = 1.0
    scale: float = 0.1

    def observe(self, value: float) -> NormalInverseGamma:
        """Return the posterior after another value (Murphy, equations 200 to 203)."""
        weight = self.weight + 1.0
        return NormalInverseGamma(
            mean=(self.weight * self.mean + value) / weight,
            weight=weight,
            shape=self.shape + 0.5,
            scale=self.scale + 0.5 * self.weight / weight * (value - self.mean) ** 2,
        )

    def draw(self, rng: np.random.Generator) -> float:
        """Return a mean drawn from the posterior: first a variance, then a mean."""
        return float(self._draws(rng, 1)[0])

    def interval(self, rng: np.random.Generator) -> Interval:
        """Return an interval that holds the mean with a probability of 95 %."""
        return Interval.of_draws(self._draws(rng, _DRAWS))

    def _draws(self, rng: np.random.Generator, count: int) -> np.ndarray:
        variances = self.scale / rng.gamma(self.shape, size=count)
        means: np.ndarray = rng.normal(self.mean, np.sqrt(variances / self.weight))
        return means


@dataclass(frozen=True, slots=True)
class BanditRun:
    """One run of an experiment.

    Attributes:
        arms: int, (rollouts,): who shopped, in order.
        rewards: float64, (rollouts,): with what reward.
        success: the posterior of each arm's success rate at the end.
        score: the posterior of each arm's mean reward at the end.
    """

    arms: np.ndarray
    rewards: np.ndarray
    success: tuple[BetaPosterior, ...]
    score: tuple[NormalInverseGamma, ...]

    def pulls(self) -> np.ndarray:
        """Return how often each arm was chosen, int, (arms,)."""
        return np.bincount(self.arms, minlength=len(self.success))

    def running(self, arm: int, values: np.ndarray) -> np.ndarray:
        """Return an arm's mean of values after each rollout of the run, (rollouts,); NaN before
        its first.

        Args:
            values: float, (rollouts,): e.g. the rewards.
        """
        chosen = self.arms == arm
        count = np.cumsum(chosen)
        total = np.cumsum(np.where(chosen, values, 0.0))
        running = np.full(len(values), np.nan)
        np.divide(total, count, out=running, where=count > 0)
        return running

    def regret(self, values: Sequence[float]) -> np.ndarray:
        """Return the regret after each rollout, cumulative, (rollouts,): what the best arm would
        have earned more in expectation.

        Args:
            values: each arm's expected reward, in the unit that the regret shall have.
        """
        array = np.asarray(values, dtype=np.float64)
        missed: np.ndarray = np.cumsum(array.max() - array[self.arms])
        return missed


def run_bandit(
    arms: int,
    pull: Pull,
    *,
    rollouts: int,
    allocation: str,
    run: int = 0,
    seed: int = 0,
) -> BanditRun:
    """Let a bandit give out rollouts.

    Args:
        allocation: a key of :data:`ALLOCATIONS`.
    """
    draws = numpy_rng(seed, "bandit", allocation, run)
    success = [BetaPosterior() for _ in range(arms)]
    score = [NormalInverseGamma() for _ in range(arms)]
    chosen = np.empty(rollouts, dtype=np.int64)
    rewards = np.empty(rollouts)
    for number in range(rollouts):
        if allocation == "uniform":
            arm = number % arms
        else:
            posteriors = success if allocation == "success" else score
            arm = int(np.argmax([posterior.draw(draws) for posterior in posteriors]))
        reward = pull(arm, run, number)
        success[arm] = success[arm].observe(reward == 1.0)
        score[arm] = score[arm].observe(reward)
        chosen[number], rewards[number] = arm, reward
    return BanditRun(chosen, rewards, tuple(success), tuple(score))


def arm_records(
    run: BanditRun,
    success_values: Sequence[float],
    score_values: Sequence[float],
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """Return what a run says of each arm at its end, as JSON types: means and the posteriors' 95 %
    intervals, and whether these cover the arm's values on all goals.

    Args:
        success_values, score_values: each arm's success rate and score on all goals, 0 to 100.
    """
    records = []
    for arm, pulls in enumerate(run.pulls().tolist()):
        rewards = run.rewards[run.arms == arm]
        record: dict[str, Any] = {
            "pulls": pulls,
            "success_rate": 100.0 * float(np.mean(rewards == 1.0)) if pulls else None,
            "score": 100.0 * float(rewards.mean()) if pulls else None,
        }
        for name, interval, value in (
            ("success", run.success[arm].interval(rng), success_values[arm]),
            ("score", run.score[arm].interval(rng), score_values[arm]),
        ):
            low, high = (100.0 * end for end in interval)
            record[f"{name}_interval"] = [low, high]
            record[f"{name}_covered"] = low <= value <= high
        records.append(record)
    return records
