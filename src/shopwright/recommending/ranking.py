"""A ranked list from one answer of an agent: what a service has time for.

`recommend` samples several rollouts, as the paper does. Here the same distribution is read off
directly: products in the order of the agent's own probabilities, each with its likeliest options.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp
from typing import Protocol, runtime_checkable

from shopwright.agents.rules import options_in_request
from shopwright.rollouts.rollout import Agent, Answer
from shopwright.shop.shop import Shop

Keep = Callable[[str], bool]


@runtime_checkable
class Ranker(Protocol):
    """An agent that can say which products it finds likeliest, each with options."""

    def answers(self, shop: Shop, request: str, *, count: int, keep: Keep) -> list[Answer]:
        """Return the likeliest products that may be kept, best first."""


@dataclass(frozen=True, slots=True)
class RankedItem:
    """A product of a ranked list.

    Attributes:
        asin: the product.
        options: option group → value.
        score: the agent's probability of buying it with these options, 0 to 1; 0 for what fills
            the list up from the search results.
    """

    asin: str
    options: dict[str, str]
    score: float


def rank(agent: Agent, shop: Shop, request: str, *, count: int, keep: Keep) -> list[RankedItem]:
    """Return the products that an agent recommends, best first.

    An agent without probabilities of its own gives one product; search results fill the list up,
    with the options whose values stand in the request.

    Args:
        agent: who recommends.
        shop: where.
        request: plain words.
        count: how many products at most.
        keep: which asins may be among them.
    """
    items: dict[str, RankedItem] = {}
    if isinstance(agent, Ranker):
        for answer in agent.answers(shop, request, count=count, keep=keep):
            items[answer.asin] = RankedItem(
                answer.asin, dict(answer.options), exp(min(0.0, answer.log_probability))
            )
        return list(items.values())
    best = agent.answer(shop, request, generator=None)
    if best is None:
        return []
    likely = dict(best.candidates) or {best.asin: 1.0}
    likely = {best.asin: likely.get(best.asin, 1.0), **likely}
    rows = shop.search_rows(request)
    for asin in (*likely, *(shop.catalogue.asin_of(row) for row in rows)):
        if len(items) == count:
            break
        if asin in items or not keep(asin):
            continue
        options = (
            dict(best.options)
            if asin == best.asin
            else options_in_request(shop.product(asin), request)
        )
        items[asin] = RankedItem(asin, options, likely.get(asin, 0.0))
    return list(items.values())
