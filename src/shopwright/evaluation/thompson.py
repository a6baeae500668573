"""Online experiments: agents are arms, a bandit decides who shops next.

Source: Thompson sampling (Thompson, 1933; Russo et al., "A tutorial on Thompson sampling", 2018,
algorithm 3.2), as Feng & Feng, 2024 (arXiv 2408.16032) compare agents: several runs of as many
rollouts. Deviations: one experiment goes by success (Beta posterior), another by score
(normal-inverse-gamma posterior); a third, beside them, gives all arms the same number of rollouts;
regret is counted against the best arm's value on all goals, which the paper does not give.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shopwright.errors import InputError
from shopwright.evaluation.posteriors import BetaPosterior, NormalInverseGamma
from shopwright.intervals import Interval
from shopwright.seeding import numpy_rng

ALLOCATIONS = {
    "success": "Thompson sampling by success rate, Beta posterior",
    "score": "Thompson sampling by score, normal-inverse-gamma posterior",
    "uniform": "Uniform: the same number of rollouts for every arm",
}

# (arm, number of the run, number of the rollout) → reward, 0 to 1.
Pull = Callable[[int, int, int], float]


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
            arm: its number.
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
    success_prior: BetaPosterior | None = None,
    score_prior: NormalInverseGamma | None = None,
) -> BanditRun:
    """Let a bandit give out rollouts.

    Args:
        arms: how many there are, at least 1.
        pull: carries a rollout out.
        rollouts: how many in all.
        allocation: a key of :data:`ALLOCATIONS`.
        run: number of the run; each has its own randomness.
        seed: decides the draws.
        success_prior, score_prior: of every arm.

    Raises:
        InputError: there is no arm, no rollout or no such allocation.
    """
    if arms < 1 or rollouts < 1:
        raise InputError(f"arms, rollouts: expected at least 1, got {arms}, {rollouts}")
    if allocation not in ALLOCATIONS:
        raise InputError(f"allocation: expected {', '.join(ALLOCATIONS)}, got {allocation!r}")
    draws = numpy_rng(seed, "bandit", allocation, run)
    success = [success_prior or BetaPosterior() for _ in range(arms)]
    score = [score_prior or NormalInverseGamma() for _ in range(arms)]
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


@dataclass(frozen=True, slots=True)
class ArmEstimate:
    """What a run's end says of an arm.

    Attributes:
        pulls: how many rollouts it had.
        success_rate, score: their means × 100; NaN without any.
        success_interval, score_interval: 95 % intervals of the posteriors × 100.
    """

    pulls: int
    success_rate: float
    score: float
    success_interval: Interval
    score_interval: Interval

    def record(self, success_value: float, score_value: float) -> dict[str, Any]:
        """Return the estimate as JSON types, and whether its intervals cover the arm's values.

        Args:
            success_value, score_value: success rate and score on all goals.
        """
        return {
            "pulls": self.pulls,
            "success_rate": self.success_rate if self.pulls else None,
            "score": self.score if self.pulls else None,
            "success_interval": [self.success_interval.low, self.success_interval.high],
            "score_interval": [self.score_interval.low, self.score_interval.high],
            "success_covered": _holds(self.success_interval, success_value),
            "score_covered": _holds(self.score_interval, score_value),
        }


def _holds(interval: Interval, value: float) -> bool:
    return interval.low <= value <= interval.high


def estimates(run: BanditRun, draws: np.random.Generator) -> list[ArmEstimate]:
    """Return what a run says of each arm at its end.

    Args:
        run: the run.
        draws: for the posteriors' intervals.
    """
    found = []
    for arm, pulls in enumerate(run.pulls().tolist()):
        rewards = run.rewards[run.arms == arm]
        found.append(
            ArmEstimate(
                pulls=pulls,
                success_rate=100.0 * float(np.mean(rewards == 1.0)) if pulls else float("nan"),
                score=100.0 * float(rewards.mean()) if pulls else float("nan"),
                success_interval=_percent(run.success[arm].interval(draws)),
                score_interval=_percent(run.score[arm].interval(draws)),
            )
        )
    return found


def _percent(interval: Interval) -> Interval:
    return Interval(low=100.0 * interval.low, high=100.0 * interval.high)
