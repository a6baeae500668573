"""What the log of a service says of what customers like.

Of each list that was shown, these places are judged: all down to the last that was clicked or
bought, for who clicked there came by the others; what was dismissed; and the first where nothing
was clicked, as everybody sees it. What lies unclicked below the last click is no judgment: perhaps
nobody looked. Feedback counts once, whenever it came within :data:`LATE_SECONDS`; a purchase that
comes later is hardly due to the list.

Source: skipped above clicked: Joachims, "Optimizing search engines using clickthrough data", 2002;
propensities of places: Joachims, Swaminathan and Schnabel, 2017 (arXiv 1608.04468).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from shopwright.store.store import BOUGHT, DISMISSED, Feedback, Recommendation

CLICKED = "clicked"
LATE_SECONDS = 30 * 86_400.0
# Propensities below are taken as this: few entries shall not outweigh all others.
LEAST_PROPENSITY = 0.1


class Judgment(NamedTuple):
    """What a customer did with a place of a list that was looked at."""

    place: int
    clicked: bool
    bought: bool


class Preference(NamedTuple):
    """Two places of a list of which one was preferred."""

    chosen: int
    rejected: int


@dataclass(frozen=True, slots=True)
class JudgedList:
    """A list that was shown, and what its customer thought of it.

    Attributes:
        entry: as it was logged.
        judgments: by place, ascending; each place once.
    """

    entry: Recommendation
    judgments: tuple[Judgment, ...]

    @property
    def preferences(self) -> list[Preference]:
        """Bought over judged and not bought, clicked over judged and not clicked."""
        return [
            Preference(one.place, other.place)
            for one in self.judgments
            for other in self.judgments
            if (one.bought, one.clicked) > (other.bought, other.clicked)
        ]


def judged_lists(
    entries: Iterable[Recommendation], feedback: Iterable[Feedback]
) -> list[JudgedList]:
    """Return the lists of a log that say something, oldest first.

    Args:
        entries: recommendations, oldest first.
        feedback: events, in any order; those of other recommendations are passed over.
    """
    events: dict[str, list[Feedback]] = defaultdict(list)
    for event in feedback:
        events[event.recommendation_id].append(event)
    found = ((entry, _judgments(entry, events.get(entry.id, ()))) for entry in entries)
    return [JudgedList(entry, judgments) for entry, judgments in found if judgments]


def _judgments(entry: Recommendation, events: Sequence[Feedback]) -> tuple[Judgment, ...]:
    timely = [event for event in events if event.at - entry.at <= LATE_SECONDS]
    if not timely:
        return ()  # It may never have been on a screen.
    done = {kind: {e.asin for e in timely if e.kind == kind} for kind in (CLICKED, BOUGHT)}
    dismissed = {event.asin for event in timely if event.kind == DISMISSED}
    places = {asin: place for place, asin in enumerate(entry.items)}
    taken = [places[asin] for asin in done[CLICKED] | done[BOUGHT] if asin in places]
    last = max(taken, default=0)
    return tuple(
        Judgment(place, asin in done[CLICKED] | done[BOUGHT], asin in done[BOUGHT])
        for asin, place in sorted(places.items(), key=lambda pair: pair[1])
        if place <= last or asin in dismissed
    )


def examination(lists: Sequence[JudgedList]) -> np.ndarray:
    """Return how likely each place is looked at beside the first, float64, (places,), at least
    :data:`LEAST_PROPENSITY`, never rising: by how often it was clicked.

    That the best stands first makes lower places look less examined than they are, so that this
    leans towards the agent that served.
    """
    count = max((len(each.entry.items) for each in lists), default=0)
    shown, clicked = np.zeros(count), np.zeros(count)
    for each in lists:
        shown[: len(each.entry.items)] += 1
        for judgment in each.judgments:
            clicked[judgment.place] += judgment.clicked
    rates = (clicked + 1.0) / (shown + 2.0)
    relative = np.minimum.accumulate(np.clip(rates / rates[:1], LEAST_PROPENSITY, 1.0))
    return np.asarray(relative)
