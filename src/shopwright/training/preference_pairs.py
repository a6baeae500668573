"""From pairs of actions in files to decisions of the choice policy."""

from __future__ import annotations

from collections.abc import Iterable

from shopwright.errors import TrajectoryError
from shopwright.policy.evidence import Reader
from shopwright.policy.tracker import EpisodeTracker
from shopwright.rollouts.episode import Episode
from shopwright.rollouts.preferences import PreferencePair
from shopwright.shop.shop import Shop
from shopwright.training.examples import Preference


def preferences_by_goal(
    pairs: Iterable[PreferencePair], shop: Shop, reader: Reader, *, step_limit: int
) -> list[list[Preference]]:
    """Return each goal's preferences, goals in the order in which they come up.

    Args:
        pairs: from a file; each is replayed to its state.

    Raises:
        TrajectoryError: a state of this shop does not offer both actions of a pair.
    """
    by_goal: dict[tuple[str, str], list[Preference]] = {}
    for pair in pairs:
        found = by_goal.setdefault((pair.asin, pair.instruction), [])
        found.append(_preference(pair, shop, reader, step_limit))
    return list(by_goal.values())


def _preference(pair: PreferencePair, shop: Shop, reader: Reader, step_limit: int) -> Preference:
    tracker = EpisodeTracker(reader, pair.instruction)
    episode = Episode(shop, pair.goal(shop), step_limit=step_limit)
    for turn in episode.replay(pair.actions):
        tracker.observe(turn.page)
    decision = tracker.observe(episode.page())
    if decision is not None and {pair.chosen, pair.rejected} <= set(decision.actions):
        chosen, rejected = map(decision.actions.index, (pair.chosen, pair.rejected))
        return Preference(decision, chosen, rejected)
    raise TrajectoryError(
        f"preference for {pair.instruction!r:.60}: expected a page that offers "
        f"{pair.chosen!r:.40} and {pair.rejected!r:.40} after {len(pair.actions)} actions, "
        "got another"
    )
