"""What is watched while a policy trains."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import orjson

from shopwright.files import sha256
from shopwright.rollouts.preferences import PreferencePair
from shopwright.rollouts.purchases import Purchase
from shopwright.rollouts.records import Trajectory
from shopwright.rollouts.rollout import Agent, roll_out
from shopwright.seeding import python_rng
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop
from shopwright.training.workers import each


def fingerprint(shop: Shop, trajectories: Sequence[Trajectory]) -> dict[str, str]:
    """Return checksums of what a training reads: shop and trajectories."""
    digest = hashlib.sha256()
    for trajectory in trajectories:
        digest.update(orjson.dumps(trajectory.to_record()))
    return {
        "shop_manifest_sha256": sha256(shop.folder / "manifest.json"),
        "trajectories_sha256": digest.hexdigest(),
    }


def goals_checksum(goals: Sequence[Goal]) -> str:
    """Return a checksum of the goals that a training shops for."""
    digest = hashlib.sha256()
    for goal in goals:
        digest.update(orjson.dumps([goal.asin, goal.instruction]))
    return digest.hexdigest()


def pairs_checksum(pairs: Sequence[PreferencePair]) -> str:
    """Return a checksum of the preferences that a training reads."""
    digest = hashlib.sha256()
    for pair in pairs:
        digest.update(orjson.dumps(pair))
    return digest.hexdigest()


def purchases_checksum(purchases: Sequence[Purchase]) -> str:
    """Return a checksum of the purchases that a training remembers."""
    digest = hashlib.sha256()
    for purchase in purchases:
        digest.update(orjson.dumps([purchase.request, purchase.asin]))
    return digest.hexdigest()


class DevMonitor:
    """Measures an agent on a few dev goals now and then.

    Args:
        shop: the shop.
        count: how many dev goals; 0 for none.
        seed: decides which.
        protocol: "pages" or "catalogue".
        step_limit: pages: actions of an episode at most.
        processes: how many shop side by side; 0: one for each core.
    """

    def __init__(
        self,
        shop: Shop,
        count: int,
        *,
        seed: int,
        protocol: str = "catalogue",
        step_limit: int = 15,
        processes: int = 1,
    ) -> None:
        numbers = shop.goals.numbers("dev") if count else []
        chosen = python_rng(seed, "dev goals").sample(numbers, min(count, len(numbers)))
        self._shop = shop
        self._protocol = protocol
        self._step_limit = step_limit
        self._processes = processes
        self._goals: list[Goal] = [shop.goals[number] for number in sorted(chosen)]

    @property
    def measures(self) -> bool:
        """Whether there is any dev goal to measure on."""
        return bool(self._goals)

    def measure(self, agent: Agent, step: int, *, every: int, last: int) -> dict[str, Any]:
        """Return ``dev_success_rate`` and ``dev_score`` if it is time, else nothing.

        Args:
            agent: who is measured.
            step: how many steps are done.
            every: steps between measurements.
            last: the last step, always measured.
        """
        if not self._goals or (step % every and step != last):
            return {}
        rewards = each(
            lambda goal: (
                roll_out(
                    agent, self._shop, goal, protocol=self._protocol, step_limit=self._step_limit
                ).trajectory.reward
            ),
            self._goals,
            processes=self._processes,
        )
        return {
            "dev_success_rate": 100.0 * sum(r == 1.0 for r in rewards) / len(rewards),
            "dev_score": 100.0 * sum(rewards) / len(rewards),
        }
