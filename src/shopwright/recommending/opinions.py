"""What an agent thinks of products for a request, whatever kind of agent it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shopwright.rollouts.agent import CatalogueAgent, Considerate, Opinion
from shopwright.shop.price_limits import price_text
from shopwright.shop.shop import Shop


def text_for_agents(thing: str, limit: float | None, currency: str) -> str:
    """Return a request as agents read it.

    Args:
        thing: what is to be found; nothing that is to be avoided.
        limit: the highest price; told in the words of the requests that agents are trained on.
        currency: ISO 4217 code.
    """
    return thing if limit is None else thing + price_text(limit, currency)


class _Pick:
    """The opinion of an agent that names one product, or its candidates, and no more."""

    def __init__(self, agent: CatalogueAgent, shop: Shop, request: str) -> None:
        answer = agent.answer(shop.catalogue, request, rng=None)
        self.probabilities: dict[str, float] = {}
        self._options: dict[str, Mapping[str, str]] = {}
        if answer:
            self._options = {answer.asin: answer.options}
            self.probabilities = {answer.asin: 1.0} | dict(answer.candidates)

    def options(self, asins: Sequence[str]) -> list[dict[str, str]]:
        return [dict(self._options.get(asin, {})) for asin in asins]


def opinion_of(agent: CatalogueAgent, shop: Shop, request: str) -> Opinion | None:
    if isinstance(agent, Considerate):
        return agent.consider(request)
    return _Pick(agent, shop, request)
