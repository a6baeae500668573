"""What a training was worth: two agents on the same dev goals, under both protocols.

Protocols are never pooled: each has its own exact McNemar test, and Holm's method adjusts both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from shopwright.intervals import holm, mcnemar
from shopwright.rollouts.agent import Agent
from shopwright.rollouts.records import PROTOCOLS, Trajectory
from shopwright.rollouts.rollout import roll_out
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop
from shopwright.workers import each

SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two agents on the same goals under a protocol.

    Attributes:
        goals: how many.
        success_rate, other_success_rate: in percent.
        p_value: of McNemar's exact test, adjusted for the number of protocols.
    """

    goals: int
    success_rate: float
    other_success_rate: float
    p_value: float

    @property
    def difference(self) -> float:
        """Of the success rates, in percentage points."""
        return self.success_rate - self.other_success_rate

    @property
    def better(self) -> bool:
        """Whether the first agent succeeds significantly more often."""
        return self.difference > 0 and self.p_value < SIGNIFICANT

    @property
    def worse(self) -> bool:
        """Whether it succeeds significantly less often."""
        return self.difference < 0 and self.p_value < SIGNIFICANT

    def record(self) -> dict[str, Any]:
        """Return the comparison as JSON types."""
        return {**asdict(self), "difference": self.difference, "better": self.better}


def successes(
    agent: Agent,
    shop: Shop,
    goals: Sequence[Goal],
    *,
    processes: int = 0,
    failed: list[Trajectory] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, list[bool]]:
    """Return under each protocol whether an agent fulfils each goal.

    Args:
        failed: takes the episodes on pages that failed, with what the agent saw.
    """

    def shop_for(goal: Goal) -> tuple[list[bool], list[Trajectory]]:
        trajectories = [
            roll_out(agent, shop, goal, protocol=protocol, keep_observations=True).trajectory
            for protocol in PROTOCOLS
        ]
        to_read = [one for one in trajectories if one.protocol == "pages" and not one.perfect]
        return [one.perfect for one in trajectories], to_read

    found = each(shop_for, goals, processes=processes, progress=progress)
    if failed is not None:
        failed += [trajectory for _, to_read in found for trajectory in to_read]
    return {
        protocol: [perfect[number] for perfect, _ in found]
        for number, protocol in enumerate(PROTOCOLS)
    }


def compare(
    one: Mapping[str, Sequence[bool]], other: Mapping[str, Sequence[bool]]
) -> dict[str, Comparison]:
    """Compare two agents under each protocol.

    Args:
        one, other: protocol → successes on the same goals in the same order, at least one.
    """
    tests = [mcnemar(np.array(one[name]), np.array(other[name])) for name in one]
    adjusted = holm([test.p_value for test in tests])
    return {
        name: Comparison(
            goals=len(one[name]),
            success_rate=100.0 * float(np.mean(one[name])),
            other_success_rate=100.0 * float(np.mean(other[name])),
            p_value=p_value,
        )
        for name, p_value in zip(one, adjusted, strict=True)
    }


def improves(comparisons: Mapping[str, Comparison]) -> bool:
    """Whether the first agent is better under a protocol and behind under none."""
    found = comparisons.values()
    return any(one.better for one in found) and all(one.difference >= 0 for one in found)


def verdict(comparisons: Mapping[str, Comparison], other: str, goals: str = "dev goals") -> str:
    """Return in words whether the first agent is better than the other, and by how much."""
    better = [name for name, one in comparisons.items() if one.better]
    worse = [name for name, one in comparisons.items() if one.worse]
    if len(better) == len(comparisons):
        said = f"better than {other} under both protocols"
    elif better:
        said = f"better than {other} under the protocol {better[0]} only"
    else:
        said = f"not better than {other}"
    if worse:
        said += f", worse under {' and '.join(worse)}"
    numbers = [
        f"{name} {one.success_rate:.0f} % against {one.other_success_rate:.0f} % "
        f"({one.difference:+.0f} points, p = {one.p_value:.2g})"
        for name, one in comparisons.items()
    ]
    count = max(one.goals for one in comparisons.values())
    return f"{said}: {', '.join(numbers)} on {count} {goals}"
