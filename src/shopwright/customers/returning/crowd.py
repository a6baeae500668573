"""Simulated customers: whether they buy, how content they are, whether they come back.

In each session the agent shows one of ten products::

    P(buys)      = σ(−1 + allure + taste for its sort − thrift · price − fatigue + m − ½)
    satisfaction = σ(1 + quality) of a purchase, 0.2 of a session without one
    m            ← 0.7 m + 0.3 satisfaction, ½ at the beginning
    P(returns)   = σ(2 + 3 (m − ½) − 2 · curiosity · min(1, fatigue))
    fatigue      ← 0.7 (fatigue + 1 if its sort was shown), of each sort

Tastes, thrift and curiosity differ between customers and stay as they are; nobody is told them.
Somebody who is shown nothing twice comes back with 75 % at an m of 0.2, with 88 % at 0.5 and with
95 % at 0.8; a very curious one who is shown the same sort again, with 50 % at 0.5.

Source: what is bought today and what satisfies in the long run are different things, as in the
choc/kale world of RecSim (Ie et al., 2019, arXiv 1909.04847), whose satisfaction is a decaying sum
too. Deviation: dissatisfied customers leave, and repeats tire them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shopwright.customers.returning.products import SHELF, SORTS, Assortment, Floats, Integers
from shopwright.seeding import numpy_rng

Booleans = NDArray[np.bool_]

_BEGIN = 0.5  # Satisfaction of somebody who was never here.
_KEPT = 0.7  # Of satisfaction and of fatigue, from session to session.
# Of what the shop knows of a customer.
_SLOWLY, _QUICKLY = 0.9, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What customers are like.

    Attributes:
        name: of the world.
        memory: how much what they were shown before counts for buying and coming back, 1 or 0.
        quality_counts: whether it matters how good a purchase is.
    """

    name: str
    memory: float = 1.0
    quality_counts: bool = True


RETURNING = World(name="returning")
# Nothing is to be gained by looking ahead: today's answer changes nothing of tomorrow.
INDIFFERENT = World(name="indifferent", memory=0.0, quality_counts=False)
WORLDS = {world.name: world for world in (RETURNING, INDIFFERENT)}


class Observation(NamedTuple):
    """What an agent sees of N customers.

    Attributes:
        products: float32, (N, 10, 7): of each product on the shelf clicks, ratings and price, and
            of its sort how often the customer was shown it, bought it and left it, with slow
            forgetting, and how often it was shown, with quick forgetting.
        customer: float32, (N, 5): sessions so far (logarithm); the share of them with a purchase,
            lately and ever; what the customer said of purchases and the price of these, lately.
    """

    products: NDArray[np.float32]
    customer: NDArray[np.float32]


PRODUCT_FEATURES, CUSTOMER_FEATURES = 7, 5


class Outcome(NamedTuple):
    """What came of a session, (N,) each: a purchase, satisfaction from 0 to 1, coming back."""

    bought: Booleans
    satisfaction: Floats
    returns: Booleans


class Crowd:
    """Customers, each with a shelf of products in front of them.

    The same seed gives the same customers, shelves and luck, whatever the agent shows: agents are
    compared on the same customers.

    Args:
        count: how many, N.
        seed: decides everything.
    """

    def __init__(self, assortment: Assortment, world: World, count: int, seed: int) -> None:
        self.assortment, self.world, self.count, self._seed = assortment, world, count, seed
        rng = numpy_rng(seed, "customers")
        self.tastes = rng.standard_normal((count, SORTS))
        self.thrift = rng.uniform(-0.5, 1.5, count)
        self.curiosity = rng.uniform(0.0, 1.0, count)
        self.mood = np.full(count, _BEGIN)
        self.fatigue = np.zeros((count, SORTS))
        self.session = 0
        # What the shop remembers.
        self._shown, self._bought, self._just_shown = np.zeros((3, count, SORTS))
        self._lately, self._purchases = np.zeros(count), np.zeros(count)
        self._said, self._paid = np.full(count, _BEGIN), np.full(count, 0.5)
        self._fill_shelves()

    def _fill_shelves(self) -> None:
        self._rng = numpy_rng(self._seed, "session", self.session)
        many = len(self.assortment.asins)
        # Ten of the products, none twice: steps of odd length around a circle of drawn products.
        first = self._rng.integers(many, size=(self.count, 1))
        gaps = self._rng.integers(1, max(2, many // SHELF), size=(self.count, SHELF))
        self.shelf: Integers = (first + np.cumsum(gaps, axis=1)) % many

    def purchase_chances(self) -> Floats:
        """Return with what probability each product would be bought, (N, 10): no agent is told."""
        products, sorts = self.assortment, self.assortment.sorts[self.shelf]
        rows = np.arange(self.count)[:, None]
        wish = -1.0 + products.allure[self.shelf] + self.tastes[rows, sorts]
        wish -= self.thrift[:, None] * products.prices[self.shelf]
        wish -= self.world.memory * self.fatigue[rows, sorts]
        wish += self.world.memory * (self.mood - _BEGIN)[:, None]
        return _sigmoid(wish)

    def show(self, places: Integers) -> Outcome:
        """Show each customer the product at a place of their shelf, (N,), and fill the shelves for
        the next session."""
        everybody = np.arange(self.count)
        shown = self.shelf[everybody, places]
        sorts = self.assortment.sorts[shown]
        chance = self.purchase_chances()[everybody, places]
        luck = self._rng.random((2, self.count))
        noise = self._rng.normal(0.0, 0.1, self.count)
        bought = luck[0] < chance
        content = _sigmoid(1.0 + self.assortment.quality[shown])
        if not self.world.quality_counts:
            content = np.ones(self.count)
        satisfaction = np.where(bought, content, 0.2)
        self.mood = _KEPT * self.mood + (1.0 - _KEPT) * satisfaction
        repeats = self.curiosity * np.minimum(1.0, self.fatigue[everybody, sorts])
        mind = 3.0 * (self.mood - _BEGIN) - 2.0 * repeats
        returns = luck[1] < _sigmoid(2.0 + self.world.memory * mind)
        self.fatigue[everybody, sorts] += 1.0
        self.fatigue *= _KEPT
        self._remember(shown, bought, np.clip(satisfaction + noise, 0.0, 1.0))
        self.session += 1
        self._fill_shelves()
        return Outcome(bought, satisfaction, returns)

    def _remember(self, shown: Integers, bought: Booleans, said: Floats) -> None:
        everybody, sorts = np.arange(self.count), self.assortment.sorts[shown]
        for known, kept, seen in (
            (self._shown, _SLOWLY, 1.0),
            (self._bought, _SLOWLY, bought),
            (self._just_shown, _QUICKLY, 1.0),
        ):
            known *= kept
            known[everybody, sorts] += seen
        self._purchases += bought
        self._lately = np.where(bought, 0.3, 0.0) + 0.7 * self._lately
        self._said = np.where(bought, 0.7 * self._said + 0.3 * said, self._said)
        prices = self.assortment.prices[shown]
        self._paid = np.where(bought, 0.7 * self._paid + 0.3 * prices, self._paid)

    def observe(self) -> Observation:
        """Return what an agent sees."""
        products, sorts = self.assortment, self.assortment.sorts[self.shelf]
        rows = np.arange(self.count)[:, None]
        shown, bought = self._shown[rows, sorts], self._bought[rows, sorts]
        of_products = (
            products.clicks[self.shelf],
            products.ratings[self.shelf],
            products.prices[self.shelf],
            shown,
            bought,
            shown - bought,
            self._just_shown[rows, sorts],
        )
        of_customer = (
            np.full(self.count, np.log1p(self.session)),
            self._lately,
            self._purchases / max(1, self.session),
            self._said,
            self._paid,
        )
        return Observation(
            np.stack(of_products, axis=2).astype(np.float32),
            np.stack(of_customer, axis=1).astype(np.float32),
        )


def _sigmoid(values: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-values))
