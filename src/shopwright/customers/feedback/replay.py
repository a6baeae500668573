"""Logged requests asked again: how the products that were shown stand among those of today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from shopwright.agents.taste import Offer, features, without_taste
from shopwright.catalogue.product import Product
from shopwright.recommending.asking import asked_for
from shopwright.recommending.recommender import Recommender
from shopwright.rollouts.agent import CatalogueAgent
from shopwright.shop.shop import Shop
from shopwright.store.store import Recommendation
from shopwright.understanding.request import ParsedRequest

# A product that was shown and is not found for its request any more stands as far behind.
_LOST = 1e-3


class Replayed(NamedTuple):
    """A logged request, asked again.

    Attributes:
        offers: the products that a taste would order, best first; then those that were shown and
            are not among them.
        features: of each offer.
        found: how many are of the first kind.
        place_of: asin → number among the offers.
    """

    offers: list[Offer]
    features: list[dict[str, float]]
    found: int
    place_of: Mapping[str, int]


class Replay:
    """Asks requests of a log again. Those that are asked often are asked once.

    Args:
        agent: it is asked without its taste, if it has one.
    """

    def __init__(self, shop: Shop, agent: CatalogueAgent) -> None:
        self._shop = shop
        self._agent = without_taste(agent)
        self._recommender = Recommender.of(shop)
        self._found: dict[str, list[Offer]] = {}

    def __call__(self, entry: Recommendation) -> Replayed:
        """Ask again. Products that the shop has no more are left out."""
        found = self.offers(self.understood(entry))
        known = {offer.product.asin for offer in found}
        lost = [
            Offer(product, product.price_dollars if product.priced else None, None, _LOST)
            for asin in entry.items
            if asin not in known and (product := self._product(asin)) is not None
        ]
        offers = found + lost
        places = {offer.product.asin: place for place, offer in enumerate(offers)}
        return Replayed(offers, features(offers), len(found), places)

    def offers(self, understood: ParsedRequest) -> list[Offer]:
        """Return the products that a taste would order for a request, best first."""
        key = repr(understood)
        if key not in self._found:
            self._found[key] = self._recommender.offers(self._agent, understood)
        return self._found[key]

    def _product(self, asin: str) -> Product | None:
        row = self._shop.catalogue.row_of(asin)
        return None if row is None else self._shop.catalogue[row]

    def understood(self, entry: Recommendation) -> ParsedRequest:
        """Return what a logged request asked for."""
        settings = entry.settings
        changed = settings.get("understood")
        return asked_for(
            self._recommender,
            entry.request,
            price_limit=settings.get("price_limit"),
            options=settings.get("options"),
            understood=ParsedRequest.from_record(changed) if changed else None,
        )
