"""Customers who come back as a Gymnasium environment."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from shopwright.customers.returning.agents import SESSIONS
from shopwright.customers.returning.crowd import (
    CUSTOMER_FEATURES,
    PRODUCT_FEATURES,
    WORLDS,
    Crowd,
)
from shopwright.customers.returning.products import SHELF, Assortment
from shopwright.errors import InputError
from shopwright.shop.environment import number_of
from shopwright.shop.shop import Shop

Observed = dict[str, NDArray[np.float32]]


class ReturningEnvironment(gymnasium.Env[Observed, np.int64]):
    """One customer, session after session: the agent shows one of ten products, the customer buys
    it or not, and comes back or not.

    ## Observation space
    ``products``, (10, 7), and ``customer``, (5,), as
    :class:`~shopwright.customers.returning.crowd.Observation` says. What the customer is like and
    how content, nobody is told.

    ## Action space
    The place of the product to show, 0 to 9.

    ## Rewards
    The customer's satisfaction with the session, 0 to 1. What is to be maximised is its discounted
    sum over all sessions.

    ## Starting state
    A new customer, drawn.

    ## Episode end
    ``terminated`` when the customer does not come back; ``truncated`` after 40 sessions.

    ## Info
    ``asins``: of the products on the shelf; after a step ``bought``.

    Args:
        shop: whose products, a shop or the path of its folder; None: that in the environment
            variable ``SHOPWRIGHT_SHOP``.
        world: "returning", or "indifferent": there, nothing is to be gained by looking ahead.

    Raises:
        InputError: there is no such world, or the shop has fewer than ten products.
    """

    metadata = {"render_modes": []}  # noqa: RUF012 (Gymnasium's own form)

    def __init__(self, shop: Shop | str | None = None, world: str = "returning") -> None:
        if world not in WORLDS:
            raise InputError(f"world: expected one of {', '.join(WORLDS)}, got {world!r}")
        self.assortment = Assortment.of(Shop.of(shop).catalogue)
        self.world = WORLDS[world]
        self.observation_space: spaces.Space[Any] = spaces.Dict(
            {
                "products": spaces.Box(-np.inf, np.inf, (SHELF, PRODUCT_FEATURES), np.float32),
                "customer": spaces.Box(-np.inf, np.inf, (CUSTOMER_FEATURES,), np.float32),
            }
        )
        self.action_space = spaces.Discrete(SHELF)
        self.crowd: Crowd | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observed, dict[str, Any]]:
        """Let a new customer come in and return (observation, info)."""
        super().reset(seed=seed)
        self.crowd = Crowd(self.assortment, self.world, 1, int(self.np_random.integers(2**63)))
        return self._observed(), self._info()

    def step(self, action: np.int64 | int) -> tuple[Observed, float, bool, bool, dict[str, Any]]:
        """Show a product.

        Returns:
            (observation, reward, terminated, truncated, info)

        Raises:
            InputError: the action is no place of the shelf.
            gymnasium.error.ResetNeeded: no episode has begun.
        """
        if self.crowd is None:
            raise gymnasium.error.ResetNeeded("step: expected reset() to be called before")
        place = number_of("place", action, SHELF)
        outcome = self.crowd.show(np.array([place]))
        terminated = not outcome.returns[0]
        truncated = not terminated and self.crowd.session >= SESSIONS
        info = {**self._info(), "bought": bool(outcome.bought[0])}
        return self._observed(), float(outcome.satisfaction[0]), terminated, truncated, info

    def _observed(self) -> Observed:
        assert self.crowd is not None
        products, customer = self.crowd.observe()
        return {"products": products[0], "customer": customer[0]}

    def _info(self) -> dict[str, Any]:
        assert self.crowd is not None
        return {"asins": [self.assortment.asins[row] for row in self.crowd.shelf[0].tolist()]}
