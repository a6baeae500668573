"""Episodes that failed, by what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shopwright.rollouts.records import Trajectory
from shopwright.rollouts.rollout import Outcome

EPISODES_OF_A_KIND = 4


@dataclass(frozen=True, kw_only=True)
class Failures:
    """Failures of a kind.

    Attributes:
        title: what went wrong.
        count: how many episodes.
        episodes: a few of them to read.
    """

    title: str
    count: int
    episodes: Sequence[Outcome]


# In the order in which they count: of an episode the first.
_KINDS = (
    "Nothing was bought",
    "Another kind of product was bought",
    "It costs more than was asked for",
    "An option differs from what was asked for",
    "An attribute that was asked for is missing",
)


def failures_by_kind(trajectories: Iterable[Trajectory]) -> list[Failures]:
    """Return the episodes without full reward by what went wrong, the most frequent first.

    Args:
        trajectories: with the parts of their rewards.
    """
    found: dict[str, list[Trajectory]] = {}
    for trajectory in trajectories:
        if not trajectory.perfect:
            found.setdefault(_kind(trajectory), []).append(trajectory)
    return [
        Failures(
            title=title,
            count=len(episodes),
            episodes=[Outcome(episode, None) for episode in episodes[:EPISODES_OF_A_KIND]],
        )
        for title, episodes in sorted(found.items(), key=lambda pair: -len(pair[1]))
    ]


def _kind(trajectory: Trajectory) -> str:
    nothing, kind, price, option, attribute = _KINDS
    parts = trajectory.parts
    if not trajectory.purchased:
        return nothing
    if (parts.get("type") or 0.0) < 1.0:
        return kind
    if not parts.get("price", True):
        return price
    options = parts.get("options")
    return option if options is not None and options < 1.0 else attribute
