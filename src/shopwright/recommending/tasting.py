"""A ranking in the order that customers like: a taste moves the best of what may fit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from math import exp

from shopwright.agents.taste import CONSIDERED, Offer, Tasteful
from shopwright.recommending.criteria import Criterion
from shopwright.recommending.ranking import Candidate, may_fit
from shopwright.search.searchable_catalogue import SearchableCatalogue
from shopwright.understanding.request import Order

# What each candidate is worth beside the others, and the candidate, best first.
Scored = Sequence[tuple[float, Candidate]]


def considered(scored: Scored, criteria: Sequence[Criterion]) -> Scored:
    """Return the first candidates of those that may fit."""
    return list(islice((pair for pair in scored if may_fit(pair[1], criteria)), CONSIDERED))


def offers_of(scored: Scored, catalogue: SearchableCatalogue) -> list[Offer]:
    """Return candidates as a taste sees them."""
    return [Offer(catalogue[each.row], each.price, each.rating, score) for score, each in scored]


def by_taste(
    agent: object,
    order: Order | None,
    scored: list[tuple[float, Candidate]],
    criteria: Sequence[Criterion],
    catalogue: SearchableCatalogue,
) -> list[tuple[float, Candidate]]:
    """Return all candidates, what they are worth changed by an agent's taste, best first; as they
    are if it has none, and where an order is asked for: who wants the cheapest gets the cheapest.
    """
    if not isinstance(agent, Tasteful) or agent.taste is None or order is not None:
        return scored
    first = considered(scored, criteria)
    gains = agent.taste.gains(offers_of(first, catalogue))
    factors = {each.row: exp(gain) for (_, each), gain in zip(first, gains, strict=True)}
    moved = [(score * factors.get(each.row, 1.0), each) for score, each in scored]
    total = sum(score for score, _ in moved)
    return sorted(((score / total, each) for score, each in moved), key=lambda pair: -pair[0])
