"""How likely the likeliest purchase is the right one, after each act: one step ahead."""

from __future__ import annotations

from itertools import product

import numpy as np

from shopwright.conversations.acts import Act, Kind
from shopwright.conversations.candidates import Group
from shopwright.conversations.posterior import LIMIT_ABOVE, Posterior


def prospect(posterior: Posterior, act: Act) -> tuple[float, float]:
    """Return what an act promises.

    Returns:
        How likely the act itself ends with the right purchase, 0 for a question; and how likely the
        likeliest purchase is then the right one: after an answer that says what was asked, on
        average over answers; after an offer that is refused; of a recommendation 0.
    """
    chances = posterior.weights / posterior.combinations()  # Of one purchase of each product.
    if act.kind is Kind.OPTION:
        return 0.0, _after_option(chances, posterior, posterior.candidates.groups[act.group])
    if act.kind is Kind.ATTRIBUTES:
        return 0.0, _after_attributes(chances, posterior, act.choices)
    if act.kind is Kind.LIMIT:
        return 0.0, _after_limit(chances, posterior)
    if act.kind is Kind.OFFER:
        return _after_offer(chances, posterior, act)
    return float(chances.max()), 0.0


def _after_option(chances: np.ndarray, posterior: Posterior, group: Group) -> float:
    offers = posterior.offers_of(group)
    named = (chances[:, None] * offers).max(axis=0).sum()
    without = chances[offers.sum(axis=1) == 0]
    return float(named + without.max(initial=0.0))


def _after_attributes(chances: np.ndarray, posterior: Posterior, choices: tuple[str, ...]) -> float:
    known, wished = posterior.candidates, posterior.assumptions.wished
    has = known.has[:, [known.attributes.index(name) for name in choices]]
    total = 0.0
    for said in product((True, False), repeat=len(choices)):
        likely = np.where(has, np.where(said, wished, 1.0 - wished), np.where(said, 0.0, 1.0))
        total += float((chances * likely.prod(axis=1)).max())
    return total


def _after_limit(chances: np.ndarray, posterior: Posterior) -> float:
    prices = posterior.candidates.prices
    prices = np.where(np.isfinite(prices), prices, 0.0)
    below = prices[None, :] <= LIMIT_ABOVE * prices[:, None]
    best = (below * chances[None, :]).max(axis=1) / np.maximum(below @ posterior.weights, 1e-9)
    return float(posterior.weights @ best)


def _after_offer(chances: np.ndarray, posterior: Posterior, act: Act) -> tuple[float, float]:
    """Those offered are the likeliest; the next is one more purchase of theirs, or another's."""
    rows, left = posterior.candidates.rows, posterior.combinations().copy()
    right = 0.0
    for item in act.items:
        place = rows.index(item.row)
        right += float(chances[place])
        left[place] -= 1.0
    following = float(chances[left > 0.5].max(initial=0.0))
    return right, following / max(1.0 - right, 1e-9) if right < 1.0 else 0.0
