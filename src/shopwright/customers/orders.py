"""Orders of known customers, what is known of them at a time, and how a prediction of the next one
is measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shopwright.errors import InputError

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]


class OrderLine(NamedTuple):
    """A product of an order.

    Attributes:
        order, customer, product: their identifiers.
        day: when it was ordered, in days since any day.
    """

    order: str
    customer: str
    product: str
    day: float


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """Orders by time, customers and products numbered.

    Attributes:
        customers: int64, (orders,): the number of each order's customer.
        days: float64, (orders,): when it was placed, ascending.
        baskets: the numbers of each order's products, each once, ascending.
        customer_count, product_count: how many there are.
    """

    customers: Integers
    days: NDArray[np.float64]
    baskets: Sequence[Integers]
    customer_count: int
    product_count: int

    @classmethod
    def of(cls, lines: Iterable[OrderLine]) -> Orders:
        """Return the orders that these lines make; those of one order may lie apart.

        Raises:
            InputError: there is no line.
        """
        customers: dict[str, int] = {}
        products: dict[str, int] = {}
        placed: dict[str, tuple[int, float, set[int]]] = {}
        for line in lines:
            customer = customers.setdefault(line.customer, len(customers))
            product = products.setdefault(line.product, len(products))
            placed.setdefault(line.order, (customer, line.day, set()))[2].add(product)
        if not placed:
            raise InputError("orders: expected at least one line, got none")
        by_time = sorted(placed.values(), key=lambda order: order[1])
        return cls(
            np.array([customer for customer, _, _ in by_time]),
            np.array([day for _, day, _ in by_time]),
            [np.array(sorted(basket)) for _, _, basket in by_time],
            len(customers),
            len(products),
        )

    def purchases(self, before: float, half_life_days: float | None = None) -> Floats:
        """Return how often each customer ordered each product before a day.

        Args:
            half_life_days: an order so much earlier counts half; None: all count alike.

        Returns:
            float32, (customers, products).
        """
        count = int(np.searchsorted(self.days, before))
        found = np.zeros((self.customer_count, self.product_count), np.float32)
        if count == 0:
            return found
        weights = np.ones(count, np.float32)
        if half_life_days is not None:
            weights = np.exp2((self.days[:count] - before) / half_life_days).astype(np.float32)
        sizes = [len(basket) for basket in self.baskets[:count]]
        cells = (np.repeat(self.customers[:count], sizes), np.concatenate(self.baskets[:count]))
        np.add.at(found, cells, np.repeat(weights, sizes))
        return found

    def buyers_in_common(self, before: float) -> Floats:
        """Return how many customers ordered both of two products before a day, and on the diagonal
        how many ordered each, float32, (products, products)."""
        found = np.zeros((self.product_count, self.product_count), np.float32)
        for bought in self.purchases(before):
            products = np.flatnonzero(bought)
            found[np.ix_(products, products)] += 1.0
        return found

    def next_orders(self, begin: float, end: float) -> tuple[Integers, list[Integers]]:
        """Return who, having ordered before a time, did so in it, and the basket of their first
        order there.

        Args:
            begin, end: the days where the time begins and ends; the latter is not part of it.
        """
        first, last = np.searchsorted(self.days, (begin, end))
        known = set(self.customers[:first].tolist())
        found: dict[int, Integers] = {}
        for number in range(first, last):
            customer = int(self.customers[number])
            if customer in known:
                found.setdefault(customer, self.baskets[number])
        return np.array([*found], np.int64), [*found.values()]


class Measures(NamedTuple):
    """How well baskets were predicted, float64, (baskets,), 0 to 1 each."""

    recall: NDArray[np.float64]
    ndcg: NDArray[np.float64]


def measure(scores: Floats, baskets: Sequence[Integers], *, count: int = 20) -> Measures:
    """Return recall and nDCG of the best predictions.

    Args:
        scores: float32, (baskets, products): the higher, the likelier it is ordered.
        count: how many predictions count.

    Returns:
        Recall is the share of a basket that is among them, however large the basket; the ideal
        ranking of nDCG has as much of the basket as there is room for.
    """
    gains = 1.0 / np.log2(np.arange(count) + 2)
    recall, ndcg = np.zeros(len(baskets)), np.zeros(len(baskets))
    for row, basket in enumerate(baskets):
        # Of equal scores the product that was sold first, so that every machine agrees.
        best = np.argsort(-scores[row], kind="stable")[:count]
        hits = np.isin(best, basket)
        recall[row] = hits.sum() / len(basket)
        ndcg[row] = gains[hits].sum() / gains[: len(basket)].sum()
    return Measures(recall, ndcg)
