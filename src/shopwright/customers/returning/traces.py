"""A contextual bandit with eligibility: the simple rival of PPO.

It predicts what satisfaction follows from showing a product, by ridge regression on features of
product and customer. With traces, what comes in later sessions counts for today's choice too, less
by each session; without, it is a common bandit, which sees today alone. It explores by drawing its
weights from their posterior.

Source: eligibility traces: Sutton & Barto, "Reinforcement Learning", 2018, chapter 12 (Monte Carlo
returns with decay γλ, without a learned value); Thompson sampling for linear rewards: Agrawal &
Goyal, 2013 (arXiv 1209.3352). Deviation: weights are drawn once for each round of customers.
"""

from __future__ import annotations

import numpy as np

from shopwright.customers.returning.agents import SESSIONS, best
from shopwright.customers.returning.crowd import (
    CUSTOMER_FEATURES,
    PRODUCT_FEATURES,
    Crowd,
    Observation,
    World,
)
from shopwright.customers.returning.products import Assortment, Floats, Integers
from shopwright.seeding import derive, numpy_rng

_WIDTH = 1 + CUSTOMER_FEATURES + PRODUCT_FEATURES * (2 + CUSTOMER_FEATURES)


class LinearBandit:
    """Shows what it predicts to satisfy most.

    Args:
        decay: of the traces, γλ, 0 to 1; 0: today's outcome alone.
    """

    def __init__(self, *, decay: float) -> None:
        self._decay = decay
        # Of the ridge regression: sums of features by features and by outcomes; prior N(0, 1).
        self._precision: Floats = np.eye(_WIDTH)
        self._target: Floats = np.zeros(_WIDTH)
        self._weights: Floats = np.zeros(_WIDTH)

    def choose(self, crowd: Crowd) -> Integers:
        """Return places."""
        return best(_features(crowd.observe()) @ self._weights)

    def learn(
        self, assortment: Assortment, world: World, *, rounds: int, customers: int, seed: int
    ) -> LinearBandit:
        """Serve rounds of new customers, learn after each, and return itself."""
        for number in range(rounds):
            crowd_seed = derive(seed, "bandit", number)
            covariance = np.linalg.inv(self._precision)
            rng = numpy_rng(crowd_seed, "weights")
            self._weights = rng.multivariate_normal(covariance @ self._target, covariance)
            self._learn_from(Crowd(assortment, world, customers, crowd_seed))
        self._weights = np.asarray(np.linalg.solve(self._precision, self._target), np.float64)
        return self

    def _learn_from(self, crowd: Crowd) -> None:
        everybody, here = np.arange(crowd.count), np.ones(crowd.count, bool)
        trace: Floats = np.zeros((crowd.count, _WIDTH))
        for _ in range(SESSIONS):
            features = _features(crowd.observe())
            places = best(features @ self._weights)
            outcome = crowd.show(places)
            chosen = features[everybody, places] * here[:, None]
            self._precision += chosen.T @ chosen
            # A session's outcome is the doing of all choices before it, the latest most.
            trace *= self._decay
            trace += chosen
            self._target += trace.T @ (outcome.satisfaction * here)
            here &= outcome.returns
            if not here.any():
                return


def _features(observation: Observation) -> Floats:
    """Products' features, their squares, both times the customer's, and the customer's own."""
    products, customer = observation
    beside = np.broadcast_to(customer[:, None], (*products.shape[:2], customer.shape[1]))
    crossed = products[..., :, None] * beside[..., None, :]
    parts = (
        np.ones((*products.shape[:2], 1)),
        beside,
        products,
        products**2,
        crossed.reshape(*products.shape[:2], -1),
    )
    return np.concatenate(parts, axis=2).astype(np.float64)
