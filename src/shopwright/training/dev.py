"""What a policy in training reaches on dev goals, and the one that reached most."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from torch import nn

from shopwright.config import Configuration, setting
from shopwright.rollouts.agent import AnyAgent
from shopwright.rollouts.rollout import roll_out
from shopwright.seeding import python_rng
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop
from shopwright.workers import each

Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True, kw_only=True)
class DevConfig(Configuration):
    """How often a training measures itself, and on how many goals."""

    dev_goals: int = setting(100, help="dev goals tried at each evaluation", minimum=0)
    evaluate_every: int = setting(250, help="steps between evaluations", minimum=1)


class Monitor(Protocol):
    """Measures what learns.

    Attributes:
        every: steps between measurements.
    """

    every: int

    @property
    def measures(self) -> bool:
        """Whether there is anything to measure on."""

    def measure(self) -> dict[str, float]:
        """Return measures by name; nothing where there is nothing to measure on."""


class DevMonitor:
    """Measures an agent on a few dev goals.

    Args:
        step_limit: actions of an episode on pages at most; None: the catalogue protocol.
    """

    def __init__(
        self,
        agent: AnyAgent,
        shop: Shop,
        config: DevConfig,
        *,
        seed: int,
        step_limit: int | None = None,
        processes: int = 1,
    ) -> None:
        numbers = shop.goals.numbers("dev") if config.dev_goals else []
        chosen = python_rng(seed, "dev goals").sample(numbers, min(config.dev_goals, len(numbers)))
        self.every = config.evaluate_every
        self._agent, self._shop, self._processes = agent, shop, processes
        self._protocol, self._step_limit = "pages" if step_limit else "catalogue", step_limit
        self._goals: list[Goal] = [shop.goals[number] for number in sorted(chosen)]

    @property
    def measures(self) -> bool:
        """Whether there is any dev goal to measure on."""
        return bool(self._goals)

    def measure(self) -> dict[str, float]:
        """Return ``dev_success_rate`` and ``dev_score``; nothing without dev goals."""
        if not self._goals:
            return {}
        rewards = each(self._reward, self._goals, processes=self._processes)
        return {
            "dev_success_rate": 100.0 * sum(r == 1.0 for r in rewards) / len(rewards),
            "dev_score": 100.0 * sum(rewards) / len(rewards),
        }

    def _reward(self, goal: Goal) -> float:
        outcome = roll_out(
            self._agent, self._shop, goal, protocol=self._protocol, step_limit=self._step_limit
        )
        return outcome.trajectory.reward


class Best(Generic[Network]):
    """Keeps a copy of a network as it did best; without dev goals, of the latest.

    Args:
        learning: the network that learns.
        by: the names of the measures that decide, the first one first.

    Attributes:
        network: the copy.
        step: the step that it is of.
    """

    def __init__(
        self, learning: Network, by: Sequence[str] = ("dev_success_rate", "dev_score")
    ) -> None:
        self.network = copy.deepcopy(learning).eval()
        self.step = 0
        self._learning, self._by = learning, by
        self._rank: tuple[float, ...] = (-1.0,) * len(by)

    def consider(self, step: int, measured: Mapping[str, float]) -> None:
        """Keep the network if it is as good as the best so far.

        Args:
            measured: as :meth:`Monitor.measure` gives it; may be empty.
        """
        rank = tuple(measured.get(name, -1.0) for name in self._by)
        if rank >= self._rank:
            self._rank, self.step = rank, step
            self.network.load_state_dict(self._learning.state_dict())

    def record(self) -> dict[str, Any]:
        """Return what a checkpoint keeps of it beside the network."""
        return {"best_step": self.step, "best_rank": list(self._rank)}

    def restore(self, record: Mapping[str, Any]) -> None:
        """Take up what :meth:`record` gave; the network is restored apart from it."""
        self.step = record.get("best_step", self.step)
        self._rank = tuple(record.get("best_rank", self._rank))
