"""Simulated customers: they ask, look down a list of recommendations, click, buy and dismiss.

A customer wants a kind of product, perhaps with a feature. How far down a list somebody looks is a
matter of the position alone (examination of place k with probability k^-η); what is seen is clicked
by how well it meets the request and the customer's taste; what is clicked is bought by the same;
who bought has finished.

Source: the position-based model of Craswell et al., "An experimental comparison of click
position-bias models", 2008, with examination k^-η as Joachims, Swaminathan and Schnabel, 2017
(arXiv 1608.04468) simulate it; a click and a purchase as the two steps of Ma et al., 2018 (arXiv
1804.07931). Deviation: who buys stops looking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.config import Configuration, setting
from shopwright.customers.feedback.tastes import Tastes
from shopwright.seeding import numpy_rng
from shopwright.shop.shop import Shop


@dataclass(frozen=True, kw_only=True)
class ShoppersConfig(Configuration):
    """How customers behave."""

    eta: float = setting(0.7, help="examination of place k is k to the minus this", minimum=0)
    click: float = setting(-0.6, help="log odds of a click on what fits and is seen", minimum=-20)
    purchase: float = setting(
        -1.0, help="log odds of buying what fits and was clicked", minimum=-20
    )
    misfit: float = setting(
        2.0, help="what these lose where the kind is right, not the feature", minimum=0
    )
    wrong: float = setting(5.0, help="what these lose where the kind is wrong", minimum=0)
    dismissal: float = setting(
        0.1, help="of those who bought nothing, who dismiss the list", minimum=0, maximum=1
    )
    asked: float = setting(
        0.5, help="share of requests that ask for a feature, too", minimum=0, maximum=1
    )


class Customer(NamedTuple):
    """A customer with a wish.

    Attributes:
        request: what is asked.
        kind: the kind of product wanted.
        feature: an attribute that it shall have; empty if any will do.
        group: of the customer.
        at: the time, from 0 to 1.
    """

    request: str
    kind: str
    feature: str
    group: int
    at: float


class Deeds(NamedTuple):
    """What a customer did with a list: the places, from 0, that were clicked, and the one that was
    bought; None for none."""

    clicked: tuple[int, ...]
    bought: int | None
    dismissed: bool


class Counter(Protocol):
    """Where customers are served: a service, or whoever reaches one over HTTP."""

    def recommend(self, request: str, *, count: int) -> dict[str, Any]:
        """Return a recommendation, as ``POST /recommend`` does."""

    def feedback(self, recommendation_id: str, kind: str, asin: str | None) -> bool:
        """Take what was done with it, as ``POST /feedback`` does."""


class Crowd:
    """Customers of a shop.

    Args:
        groups: how many groups of customers there are.
        seed: decides what they want and do.
    """

    def __init__(
        self,
        shop: Shop,
        tastes: Tastes,
        config: ShoppersConfig | None = None,
        *,
        groups: int = 2,
        seed: int = 0,
    ) -> None:
        self._shop = shop
        self._tastes = tastes
        self._config = config or ShoppersConfig()
        self._groups = groups
        self._seed = seed
        catalogue = shop.catalogue
        self._wanted = [row for row in range(len(catalogue)) if catalogue[row].query]

    def customer(self, number: int, *, at: float = 0.0) -> Customer:
        """Return a customer by number; the same number is the same customer."""
        rng = numpy_rng(self._seed, "customer", number)
        product = self._shop.catalogue[self._wanted[rng.integers(len(self._wanted))]]
        features = [each for each in product.attributes if each != DEFAULT_ATTRIBUTE]
        feature = ""
        if features and rng.random() < self._config.asked:
            feature = features[rng.integers(len(features))]
        group = int(rng.integers(self._groups))
        return Customer(f"{feature} {product.query}".strip(), product.query, feature, group, at)

    def chances(self, customer: Customer, products: Sequence[Product]) -> np.ndarray:
        """Return the probabilities of a click, where a place is seen, and of a purchase, where it
        is clicked, float64, (2, products)."""
        config = self._config
        worth = np.array([self._worth(customer, product) for product in products])
        return _odds(np.stack([config.click + worth, config.purchase + worth]))

    def success(self, customer: Customer, products: Sequence[Product]) -> float:
        """Return the probability that a customer buys something of a list."""
        if not products:
            return 0.0
        taken = self.chances(customer, products).prod(axis=0) * self.examination(len(products))
        return float(1.0 - np.prod(1.0 - taken))

    def examination(self, count: int) -> np.ndarray:
        """Return the probability that each place is looked at, float64, (count,)."""
        places: np.ndarray = np.arange(1, count + 1, dtype=np.float64) ** -self._config.eta
        return places

    def deeds(self, customer: Customer, products: Sequence[Product], number: int) -> Deeds:
        """Return what the number-th customer does with a list."""
        rng = numpy_rng(self._seed, "deeds", number)
        seen = rng.random(len(products)) < self.examination(len(products))
        clicks, purchases = rng.random((2, len(products))) < self.chances(customer, products)
        clicked = []
        for place in np.flatnonzero(seen & clicks).tolist():
            clicked.append(place)
            if purchases[place]:
                return Deeds(tuple(clicked), place, False)
        return Deeds(tuple(clicked), None, bool(rng.random() < self._config.dismissal))

    def visit(self, counter: Counter, number: int, *, count: int = 5, at: float = 0.0) -> Deeds:
        """Let the number-th customer ask, look and do something; all of it is told to the
        counter."""
        answer = counter.recommend(self.customer(number, at=at).request, count=count)
        id = answer["recommendation_id"]
        asins = [item["asin"] for item in answer["items"]]
        products = [self._shop.product(asin) for asin in asins]
        deeds = self.deeds(self.customer(number, at=at), products, number)
        counter.feedback(id, "shown", None)
        for place in deeds.clicked:
            counter.feedback(id, "clicked", asins[place])
        if deeds.bought is not None:
            counter.feedback(id, "bought", asins[deeds.bought])
        if deeds.dismissed:
            counter.feedback(id, "dismissed", None)
        return deeds

    def best(self, customer: Customer, products: Sequence[Product]) -> list[Product]:
        """Return products as an agent orders them that knows the tastes of all groups, but not of
        which group a customer is."""

        def worth(product: Product) -> float:
            groups = (customer._replace(group=group) for group in range(self._groups))
            return sum(self._worth(each, product) for each in groups)

        return sorted(products, key=lambda product: -worth(product))

    def _worth(self, customer: Customer, product: Product) -> float:
        gain = self._tastes.gain(product, customer.group, customer.at)
        if product.query != customer.kind:
            return gain - self._config.wrong
        if customer.feature and customer.feature not in product.attributes:
            return gain - self._config.misfit
        return gain


def _odds(logits: np.ndarray) -> np.ndarray:
    """Probabilities of log odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-logits)))
