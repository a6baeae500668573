"""What a customer orders next: baselines, and a mixture of them that is learned from earlier weeks.

Every model scores all products for some customers from the orders before a day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from shopwright.customers.orders import Floats, Integers, Orders

# Orders, the day, the customers' numbers (N,) → scores, float32, (N, products).
Model = Callable[[Orders, float, Integers], Floats]

_LEAST = 1e-6
# Added to the diagonal when weights are fitted, per basket: enough that none grows without end.
_RIDGE = 1e-4
_NEWTON_STEPS = 20
_BLOCK = 256  # baskets that are looked at at once


def popularity(half_life_days: float) -> Model:
    """Return a model that recommends to all what sold best lately."""

    def scores(orders: Orders, day: float, customers: Integers) -> Floats:
        sold = orders.purchases(day, half_life_days).sum(axis=0)
        return np.broadcast_to(sold / sold.sum(), (len(customers), len(sold)))

    return scores


def repeat_purchase(half_life_days: float | None, filled: Model) -> Model:
    """Return a model that recommends what a customer bought most often, lately; of equals, and
    where there is too little, what another model recommends."""

    def scores(orders: Orders, day: float, customers: Integers) -> Floats:
        bought = orders.purchases(day, half_life_days)[customers]
        return bought + _LEAST * filled(orders, day, customers)

    return scores


def item_item(*, itself: bool, half_life_days: float | None = None) -> Model:
    """Return a model that recommends what other buyers of a customer's products bought: the sum of
    the cosines between products as sets of customers.

    Args:
        itself: whether a product is like itself, so that it is recommended again.
        half_life_days: with which the customer's own purchases count.

    Source: Sarwar et al., "Item-based collaborative filtering recommendation algorithms", 2001.
    """

    def scores(orders: Orders, day: float, customers: Integers) -> Floats:
        shared = orders.buyers_in_common(day)
        lengths = np.sqrt(np.maximum(np.diagonal(shared), 1.0))
        shared /= np.outer(lengths, lengths)
        if not itself:
            np.fill_diagonal(shared, 0.0)
        own: Floats = orders.purchases(day, half_life_days)[customers] @ shared
        return own

    return scores


def ease(*, regularisation: float, half_life_days: float | None = None) -> Model:
    """Return the linear autoencoder in which no product explains itself.

    Source: Steck, "Embarrassingly shallow autoencoders for sparse data", 2019 (arXiv 1905.03375),
    equation 8. Deviation: a customer's own purchases may count with forgetting.
    """

    def scores(orders: Orders, day: float, customers: Integers) -> Floats:
        weights = _explaining(orders, day, regularisation)
        return orders.purchases(day, half_life_days)[customers] @ weights

    return scores


@lru_cache(maxsize=1)
def _explaining(orders: Orders, day: float, regularisation: float) -> Floats:
    """EASE's weights: what the purchase of one product says of another."""
    shared = orders.buyers_in_common(day)
    shared[np.diag_indices_from(shared)] += regularisation
    inverse = np.linalg.inv(shared)
    weights = np.asarray(inverse / -np.diagonal(inverse), np.float32)
    np.fill_diagonal(weights, 0.0)
    return weights


def tifu_knn(*, half_life_days: float, neighbours: int, alpha: float) -> Model:
    """Return a model that mixes how often a customer bought a product, lately, with how often the
    customers like them did.

    Args:
        alpha: the share of the customer's own, 0 to 1.

    Source: Hu et al., "Modeling personalized item frequency information for next-basket
    recommendation", 2020 (arXiv 2006.00556), equation 7. Deviation: purchases are forgotten by
    days, in the place of two decays over groups of orders, and neighbours are found by cosine.
    """

    def scores(orders: Orders, day: float, customers: Integers) -> Floats:
        bought = orders.purchases(day, half_life_days)
        directions = bought / (np.linalg.norm(bought, axis=1, keepdims=True) + _LEAST)
        likeness = directions[customers] @ directions.T
        likeness[np.arange(len(customers)), customers] = -1.0
        nearest = np.argpartition(-likeness, neighbours, axis=1)[:, :neighbours]
        return np.stack(
            [
                alpha * bought[customer] + (1.0 - alpha) * bought[nearest[row]].mean(axis=0)
                for row, customer in enumerate(customers)
            ]
        )

    return scores


@dataclass(frozen=True, slots=True)
class Mixture:
    """A logarithmic pool of models: the probability of a product is proportional to the product of
    their shares, each to the power of its weight.

    Attributes:
        models: by name.
        weights: float64, (models,).

    Source: the pool: Genest & Zidek, 1986. Its weights maximise the likelihood of the baskets of
    earlier weeks as draws from that probability.
    """

    models: Mapping[str, Model]
    weights: NDArray[np.float64]

    def __call__(self, orders: Orders, day: float, customers: Integers) -> Floats:
        """Return the scores: logarithms of probabilities but for a constant."""
        pooled: Floats = opinions(self.models, orders, day, customers) @ self.weights.astype(
            np.float32
        )
        return pooled

    @classmethod
    def learned(
        cls, models: Mapping[str, Model], orders: Orders, weeks: Sequence[tuple[float, float]]
    ) -> Mixture:
        """Return the mixture that predicts the next orders of some weeks best, each from what was
        known when it began."""
        told, asked = [], []
        for begin, end in weeks:
            customers, baskets = orders.next_orders(begin, end)
            told.append(opinions(models, orders, begin, customers))
            asked += baskets
        return cls(models, fitted_weights(np.concatenate(told), asked))


def opinions(
    models: Mapping[str, Model], orders: Orders, day: float, customers: Integers
) -> Floats:
    """Return the logarithm of the share that each model gives each product, float32,
    (customers, products, models)."""
    found = []
    for model in models.values():
        scores = np.maximum(model(orders, day, customers), 0.0)
        total = scores.sum(axis=1, keepdims=True)
        shares = scores / np.where(total > 0, total, 1.0)
        # What a model knows nothing of counts as a tenth of an even share.
        found.append(np.log(shares + 0.1 / orders.product_count))
    return np.stack(found, axis=2)


def fitted_weights(told: Floats, baskets: Sequence[Integers]) -> NDArray[np.float64]:
    """Return the weights with which baskets are likeliest, by Newton's method; each basket counts
    once, however large it is.

    Args:
        told: float32, (baskets, products, models).
    """
    # What a basket's products are told on average.
    right = np.stack([row[basket].mean(axis=0) for row, basket in zip(told, baskets, strict=True)])
    weights = np.zeros(told.shape[2])
    likelihood, gradient, curvature = _likelihood(told, right, weights)
    for _ in range(_NEWTON_STEPS):
        step = np.linalg.solve(curvature, gradient)
        # Half as far until it is no step back: far from the best weights the curvature misleads.
        while (found := _likelihood(told, right, weights + step))[0] < likelihood:
            step /= 2
            if np.abs(step).max() < _LEAST:
                return weights
        weights += step
        likelihood, gradient, curvature = found
    return weights


def _likelihood(
    told: Floats, right: Floats, weights: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """The mean log likelihood of baskets, less the ridge; its gradient and its curvature."""
    likelihood = -0.5 * _RIDGE * float(weights @ weights)
    gradient, curvature = -_RIDGE * weights, _RIDGE * np.eye(len(weights))
    for begin in range(0, len(told), _BLOCK):
        block, its_right = told[begin : begin + _BLOCK], right[begin : begin + _BLOCK]
        logits = block @ weights.astype(np.float32)
        highest = logits.max(axis=1, keepdims=True)
        chances = np.exp(logits - highest)
        total = chances.sum(axis=1, keepdims=True)
        chances /= total
        means = np.matmul(chances[:, None], block)[:, 0]
        drawn = its_right @ weights - (highest + np.log(total))[:, 0]
        likelihood += float(drawn.sum()) / len(told)
        gradient += (its_right - means).sum(axis=0) / len(told)
        spread = (block * np.sqrt(chances)[:, :, None]).reshape(-1, len(weights))
        curvature += (spread.T @ spread - means.T @ means) / len(told)
    return likelihood, gradient, curvature
