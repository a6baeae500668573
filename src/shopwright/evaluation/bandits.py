"""Simulated online experiments: agents as arms of a bandit, several runs, every allocation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from shopwright.config import Configuration, setting
from shopwright.evaluation.plots import Plot
from shopwright.evaluation.thompson import ALLOCATIONS, BanditRun, Pull, arm_records, run_bandit
from shopwright.rollouts.agent import AnyAgent
from shopwright.rollouts.rollout import roll_out
from shopwright.seeding import numpy_rng, python_rng
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class OnlineConfig(Configuration):
    """How agents are compared online."""

    rollouts: int = setting(1000, help="episodes of a run, over all agents", minimum=1)
    runs: int = setting(5, help="independent runs of each allocation", minimum=1)
    protocol: Literal["pages", "catalogue"] = setting("pages", help="what agents see and do")
    step_limit: int = setting(15, help="pages: actions of an episode at most", minimum=1)
    sample: bool = setting(
        False, help="let agents sample their actions instead of taking the likeliest"
    )
    seed: int = setting(0, help="decides goals, samples and the bandits' draws")


def pulls(
    shop: Shop,
    agents: Mapping[str, AnyAgent],
    goals: Sequence[Goal],
    rewards: Mapping[str, Sequence[float]],
    config: OnlineConfig,
) -> Pull:
    """Return what carries out a bandit's rollouts.

    The goal of a rollout depends on the run and the rollout's number alone, so that every
    allocation meets the same shoppers. An agent that does not sample does the same for a goal each
    time: its reward is the known one.

    Args:
        agents: the arms, by name.
        goals: drawn with equal probability.
        rewards: agent → its rewards for all goals, in order.
    """
    shoppers, known = list(agents.values()), list(rewards.values())

    def pull(arm: int, run: int, number: int) -> float:
        seed = config.seed
        place = int(numpy_rng(seed, "online goal", run, number).integers(len(goals)))
        if not config.sample:
            return known[arm][place]
        outcome = roll_out(
            shoppers[arm],
            shop,
            goals[place],
            protocol=config.protocol,
            step_limit=config.step_limit,
            rng=python_rng(seed, "online", run, number, arm),
        )
        return outcome.trajectory.reward

    return pull


@dataclass(frozen=True, slots=True)
class Experiment:
    """The runs of one allocation.

    Attributes:
        allocation: a key of :data:`~shopwright.evaluation.thompson.ALLOCATIONS`.
        agents: the arms' names.
        success_values, score_values: their success rates and scores on all goals, 0 to 100.
        runs: what happened.
    """

    allocation: str
    agents: tuple[str, ...]
    success_values: tuple[float, ...]
    score_values: tuple[float, ...]
    runs: tuple[BanditRun, ...]

    def record(self, seed: int) -> dict[str, Any]:
        """Return the experiment as JSON types: for every arm its estimates run by run, how often
        their 95 % intervals cover the values on all goals, and the regret at the end."""
        by_run = []
        for number, run in enumerate(self.runs):
            rng = numpy_rng(seed, "estimates", self.allocation, number)
            by_run.append(arm_records(run, self.success_values, self.score_values, rng))
        arms = {}
        for arm, name in enumerate(self.agents):
            records = [found[arm] for found in by_run]
            arms[name] = {
                "success_rate_on_all_goals": self.success_values[arm],
                "score_on_all_goals": self.score_values[arm],
                "pulls_mean": float(np.mean([record["pulls"] for record in records])),
                "success_covered_runs": sum(record["success_covered"] for record in records),
                "score_covered_runs": sum(record["score_covered"] for record in records),
                "runs": records,
            }
        return {
            "allocation": self.allocation,
            "description": ALLOCATIONS[self.allocation],
            "runs": len(self.runs),
            "rollouts": len(self.runs[0].arms),
            "arms": arms,
            "success_regret": [float(r.regret(self.success_values)[-1]) for r in self.runs],
            "score_regret": [float(r.regret(self.score_values)[-1]) for r in self.runs],
        }

    def plots(self) -> list[Plot]:
        """Return its plots: running success rate, running score and pulls of each arm, the mean
        over the runs and as a band their least and most."""
        shown = {
            "success %": [r.rewards == 1.0 for r in self.runs],
            "score": [r.rewards for r in self.runs],
        }
        plots = []
        for vertical, outcomes in shown.items():
            curves = {
                name: np.array(
                    [
                        100.0 * run.running(arm, values)
                        for run, values in zip(self.runs, outcomes, strict=True)
                    ]
                )
                for arm, name in enumerate(self.agents)
            }
            plots.append(_banded(f"{vertical}, allocation by {self.allocation}", vertical, curves))
        pulls = {
            name: np.array([np.cumsum(run.arms == arm) for run in self.runs], dtype=float)
            for arm, name in enumerate(self.agents)
        }
        plots.append(_banded(f"rollouts given, allocation by {self.allocation}", "rollouts", pulls))
        return plots


def regret_plot(experiments: Sequence[Experiment]) -> Plot:
    """Return a plot of the cumulative regret, in missed successes, of each allocation."""
    curves = {
        experiment.allocation: np.array(
            [run.regret(experiment.success_values) / 100.0 for run in experiment.runs]
        )
        for experiment in experiments
    }
    return _banded("regret against the best agent", "successes missed", curves)


def _banded(title: str, vertical: str, curves: Mapping[str, np.ndarray]) -> Plot:
    lines, bands = {}, {}
    for name, runs in curves.items():
        seen = ~np.isnan(runs).all(axis=0)
        steps = (np.flatnonzero(seen) + 1.0).tolist()
        mean, low, high = (
            of(runs[:, seen], axis=0).tolist() for of in (np.nanmean, np.nanmin, np.nanmax)
        )
        lines[name] = list(zip(steps, mean, strict=True))
        bands[name] = list(zip(steps, low, high, strict=True))
    return Plot(title=title, horizontal="rollout", vertical=vertical, lines=lines, bands=bands)


def run_experiments(
    pull: Pull,
    rewards: Mapping[str, Sequence[float]],
    config: OnlineConfig,
    *,
    progress: Progress | None = None,
) -> list[Experiment]:
    """Run all allocations on the same agents.

    Args:
        pull: carries a rollout out; its arms are the agents of ``rewards``, in this order.
        rewards: agent → its rewards for all goals: the values that estimates are held against.
    """
    experiments = []
    for allocation in ALLOCATIONS:
        runs = []
        for run in range(config.runs):
            runs.append(
                run_bandit(
                    len(rewards),
                    pull,
                    rollouts=config.rollouts,
                    allocation=allocation,
                    run=run,
                    seed=config.seed,
                )
            )
            if progress:
                progress(f"bandit by {allocation}", run + 1, config.runs)
        arrays = [np.asarray(values) for values in rewards.values()]
        experiments.append(
            Experiment(
                allocation=allocation,
                agents=tuple(rewards),
                success_values=tuple(100.0 * float(np.mean(a == 1.0)) for a in arrays),
                score_values=tuple(100.0 * float(a.mean()) for a in arrays),
                runs=tuple(runs),
            )
        )
    return experiments
