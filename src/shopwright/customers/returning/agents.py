"""Agents that show returning customers a product, and how they are measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from shopwright.customers.returning.crowd import Crowd, World
from shopwright.customers.returning.products import SHELF, Assortment, Floats, Integers
from shopwright.seeding import numpy_rng

# After so many sessions nobody is watched any more.
SESSIONS = 40
GAMMA = 0.95


class Agent(Protocol):
    """Who chooses what to show."""

    def choose(self, crowd: Crowd) -> Integers:
        """Return a place on each customer's shelf, (N,), from what ``crowd.observe()`` says."""


def best(scores: NDArray[Any]) -> Integers:
    """Return the place with the highest score in each row."""
    places: Integers = scores.argmax(axis=1)
    return places


class Random:
    """Shows any product.

    Args:
        seed: decides which.
    """

    def __init__(self, seed: int = 0) -> None:
        self._rng = numpy_rng(seed, "random agent")

    def choose(self, crowd: Crowd) -> Integers:
        """Return places."""
        places: Integers = self._rng.integers(SHELF, size=crowd.count)
        return places


class MostClicked:
    """Shows what most others buy."""

    def choose(self, crowd: Crowd) -> Integers:
        """Return places."""
        return best(crowd.observe().products[:, :, 0])


class BestRated:
    """Shows what others are most content with."""

    def choose(self, crowd: Crowd) -> Integers:
        """Return places."""
        return best(crowd.observe().products[:, :, 1])


class MyopicOracle:
    """Knows what is likeliest to be bought now, and shows that: no myopic agent sells more in the
    next session."""

    def choose(self, crowd: Crowd) -> Integers:
        """Return places."""
        return best(crowd.purchase_chances())


@dataclass(frozen=True, slots=True)
class Stay:
    """How long customers stayed and what came of it, (N,) each.

    Attributes:
        returns: discounted satisfaction.
        sessions: how many there were.
        purchases: in how many of them something was bought.
        first: whether it was in the first.
    """

    returns: Floats
    sessions: Integers
    purchases: Integers
    first: Integers

    @property
    def success(self) -> float:
        """The share of all sessions that ended with a purchase."""
        return float(self.purchases.sum() / self.sessions.sum())


def follow(
    agent: Agent, assortment: Assortment, world: World, *, customers: int, seed: int
) -> Stay:
    """Let an agent serve customers until they leave, at most :data:`SESSIONS` times.

    Args:
        seed: decides who they are.
    """
    crowd = Crowd(assortment, world, customers, seed)
    here = np.ones(customers, bool)
    returns = np.zeros(customers)
    sessions, purchases, first = np.zeros((3, customers), np.int64)
    for session in range(SESSIONS):
        outcome = crowd.show(agent.choose(crowd))
        returns += here * GAMMA**session * outcome.satisfaction
        sessions += here
        purchases += here & outcome.bought
        if session == 0:
            first = outcome.bought.astype(np.int64)
        here &= outcome.returns
        if not here.any():
            break
    return Stay(returns, sessions, purchases, first)
