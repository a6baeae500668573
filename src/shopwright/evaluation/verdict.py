"""The verdict on an agent: better than another on the same goals or not, and by how much."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from shopwright.errors import InputError
from shopwright.evaluation.episodes import Evaluation
from shopwright.intervals import mcnemar

SIGNIFICANCE = 0.05


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A paired comparison of two agents' success.

    Attributes:
        agent, baseline: their names. protocol: under which both shopped.
        success_rate, baseline_success_rate: in percent. p_value: of McNemar's exact test.
    """

    agent: str
    baseline: str
    protocol: str
    success_rate: float
    baseline_success_rate: float
    p_value: float

    @property
    def difference(self) -> float:
        """Of the success rates, agent less baseline, in percentage points."""
        return self.success_rate - self.baseline_success_rate

    def record(self) -> dict[str, Any]:
        """Return the verdict as JSON types."""
        return {**asdict(self), "difference": self.difference, "sentence": str(self)}

    def __str__(self) -> str:
        if self.p_value >= SIGNIFICANCE:
            found = "is not significantly better or worse than"
        else:
            found = "is better than" if self.difference > 0 else "is worse than"
        p = "p < 0.001" if self.p_value < 0.001 else f"p = {self.p_value:.3f}"
        return (
            f"{self.protocol}: {self.agent} {found} {self.baseline}: success "
            f"{self.success_rate:.1f} against {self.baseline_success_rate:.1f} % "
            f"({self.difference:+.1f} points; McNemar's test, {p})"
        )


def verdict(agent: Evaluation, baseline: Evaluation) -> Verdict:
    """Compare two agents' success on the same goals.

    Args:
        agent: the evaluation of the agent that is judged.
        baseline: of the one that it is compared to, such as rule-page.

    Raises:
        InputError: they are not of the same goals under one protocol.
    """
    for name in ("protocol", "goals"):
        one, other = getattr(agent, name), getattr(baseline, name)
        if one != other:
            raise InputError(f"{name}: expected the same of both agents, got {one} and {other}")
    if len(agent.rewards) != len(baseline.rewards):
        raise InputError(
            f"rewards: expected as many of both agents, got {len(agent.rewards)} and "
            f"{len(baseline.rewards)}"
        )
    test = mcnemar(
        [reward == 1.0 for reward in agent.rewards], [reward == 1.0 for reward in baseline.rewards]
    )
    return Verdict(
        agent=agent.agent,
        baseline=baseline.agent,
        protocol=agent.protocol,
        success_rate=100.0 * agent.successes / len(agent.rewards),
        baseline_success_rate=100.0 * baseline.successes / len(baseline.rewards),
        p_value=test.p_value,
    )
