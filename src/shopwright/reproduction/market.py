"""A service and the customers of a simulated world: what it is worth to learn from its log.

Success is the probability that a fresh customer buys, which the simulator knows, so that lists are
compared on the same customers without the noise of purchases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from shopwright.agents.taste import Offer
from shopwright.customers.feedback.heads import (
    Floats,
    Rows,
    Seen,
    bandit_rows,
    learn,
    preference_rows,
)
from shopwright.customers.feedback.judgments import judged_lists
from shopwright.customers.feedback.replay import Replay
from shopwright.customers.feedback.shoppers import Crowd, Customer
from shopwright.customers.feedback.tastes import Standings, TasteConfig, Tastes
from shopwright.customers.feedback.training import look_again, taste_of
from shopwright.recommending.recommender import Recommender
from shopwright.rollouts.agent import Shopper
from shopwright.serving.messages import Filters
from shopwright.serving.service import Service
from shopwright.shop.shop import Shop
from shopwright.store.store import Store

# Products of a list.
COUNT = 5
# Nobody who was served before has such a number.
FIRST_FRESH = 1_000_000


class Gains(Protocol):
    """What was learned: by how much products are preferred."""

    def gains(self, offers: Sequence[Offer]) -> Floats:
        """Return what each product gains, in nats."""


Head = Callable[[Sequence[Seen]], Gains]


class Learned(NamedTuple):
    """What a head made of a log.

    Attributes:
        lists, bought: how many lists the log had, and how many purchases.
        served, learned, knowing: float64, (N,): the chance that each fresh customer buys from the
            list of the agent that served, of the one that learned, and of one that knows the
            tastes, but not whose the customer has.
    """

    head: str
    lists: int
    bought: int
    served: Floats
    learned: Floats
    knowing: Floats


class Market:
    """A shop with an agent, and customers of many worlds.

    Args:
        shop: where.
        agent: who serves.
        folder: where the logs of the service are written.
    """

    def __init__(self, shop: Shop, agent: Shopper, folder: Path) -> None:
        self._shop, self._agent, self._folder = shop, agent, folder
        self._standings = Standings(shop.catalogue)
        self._recommender = Recommender.of(shop)
        self._replay = Replay(shop, agent)
        self._answers: dict[str, dict[str, Any]] = {}

    def measure(
        self, world: TasteConfig, sizes: Sequence[int], fresh: int, heads: Mapping[str, Head]
    ) -> list[Learned]:
        """Let customers of a world be served, and return what each head learns after so many lists.

        Args:
            world: the tastes of its customers; its seed decides them and what they do.
            sizes: after how many lists, each.
            fresh: how many customers the result is measured on.
            heads: how it is learned.
        """
        crowd = Crowd(
            self._shop, Tastes(self._standings, world), groups=world.groups, seed=world.seed
        )
        seen = self._serve(crowd, max(sizes))
        customers = [crowd.customer(FIRST_FRESH + n, at=1.0) for n in range(fresh)]
        served = self._success(crowd, customers, None)
        knowing = np.array([self._known(crowd, customer) for customer in customers])
        found = []
        for size in sizes:
            bought = sum(each.bought for own in seen[:size] for each in own.judged.judgments)
            for name, head in heads.items():
                learned = self._success(crowd, customers, head(seen[:size]))
                found.append(Learned(name, size, bought, served, learned, knowing))
        return found

    def _serve(self, crowd: Crowd, count: int) -> list[Seen]:
        path = self._folder / "served.sqlite"
        path.unlink(missing_ok=True)
        store = Store(path, self._shop.origin)
        service = _CachingService(self._shop, {"served": self._agent}, store)
        service.answers = self._answers
        for number in range(count):
            crowd.visit(service, number, count=COUNT, at=number / count)
        lists = judged_lists(store.recommendations(), store.feedback())
        store.close()
        # By their ids, which a service draws, lists would fall into other folds each time.
        numbered = [
            replace(each, entry=replace(each.entry, id=str(number)))
            for number, each in enumerate(lists)
        ]
        return look_again(numbered, self._replay)

    @cache  # noqa: B019
    def _offers(self, request: str) -> list[Offer]:
        """What there is to order for a request."""
        return self._replay.offers(self._recommender.understand(request))

    def _success(self, crowd: Crowd, customers: Sequence[Customer], taste: Gains | None) -> Floats:
        """The probability of a purchase of each customer, of lists ordered by a taste."""
        found = []
        for customer in customers:
            offers = self._offers(customer.request)
            shares = np.log([offer.share for offer in offers])
            order = np.argsort(-(shares + (taste.gains(offers) if taste else 0.0)), kind="stable")
            found.append(
                crowd.success(customer, [offers[place].product for place in order[:COUNT]])
            )
        return np.array(found)

    def _known(self, crowd: Crowd, customer: Customer) -> float:
        products = [offer.product for offer in self._offers(customer.request)]
        return crowd.success(customer, crowd.best(customer, products)[:COUNT])


class _CachingService(Service):
    """Computes an answer once for each request: customers ask the same things."""

    answers: dict[str, Any]

    def understand(self, request: str, **given: Any) -> Any:
        return self._understood(request)

    def answer(self, label: str, understood: Any, *leanings: Any, **given: Any) -> Any:
        request = understood.text
        if request not in self.answers:
            self.answers[request] = super().answer(
                label, understood, count=COUNT, filters=Filters()
            )
        return self.answers[request]

    @cache  # noqa: B019
    def _understood(self, request: str) -> Any:
        return super().understand(request)


def _head(rows_of: Callable[[Sequence[Seen]], Rows]) -> Head:
    def learned(seen: Sequence[Seen]) -> Gains:
        rows = rows_of(seen)
        return taste_of(rows.names, learn(rows).fit)

    return learned


HEADS: dict[str, Head] = {"bandit": _head(bandit_rows), "dpo": _head(preference_rows)}
