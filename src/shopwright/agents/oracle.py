"""Privileged agents that know the goal: bounds on what can be reached."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product as cartesian_product

from shopwright.agents.rules import NamedAgent, Plan
from shopwright.catalogue.product import Product
from shopwright.rollouts.agent import Answer, Shopper, Visitor
from shopwright.search.searchable_catalogue import SearchableCatalogue
from shopwright.shop.goals import Goal
from shopwright.shop.reward import asked_options, count_options, option_match
from shopwright.shop.shop import Shop


class Oracle(NamedAgent):
    """Buys the best product among the search results with its best options: a bound on what any
    agent can reach with this search.

    Args:
        target_only: buy the goal's own product with the goal's own options instead ("target"):
            the bound that the reward itself sets, whatever the search.
    """

    deterministic = True

    def __init__(self, *, target_only: bool = False) -> None:
        self.name = "target" if target_only else "oracle"
        self._target_only = target_only

    def for_goal(self, goal: Goal, shop: Shop) -> Shopper:
        """Return the agent that buys what is best for a goal."""
        if not self._target_only:
            place, purchase = best_purchase(goal, shop) or (0, None)
            return _Buyer(self.name, goal.instruction, place, purchase)
        rows, own = shop.search_rows(goal.title), shop.catalogue.row_of(goal.asin)
        place = rows.index(own) if own in rows else 0
        return _Buyer(self.name, goal.title, place, Answer(goal.asin, _own_options(goal)))


@dataclass(slots=True)
class _Buyer:
    """Buys what it was told to."""

    name: str
    query: str
    place: int
    purchase: Answer | None
    deterministic: bool = True

    def visit(self, request: str, *, step_limit: int | None, rng: random.Random | None) -> Visitor:
        return Plan(self.query, self.place, self.purchase.options if self.purchase else {})

    def answer(
        self, catalogue: SearchableCatalogue, request: str, *, rng: random.Random | None
    ) -> Answer | None:
        return self.purchase


def best_purchase(goal: Goal, shop: Shop) -> tuple[int, Answer] | None:
    """Return the best purchase among the results for a goal's request and its place there, from 0;
    None without results."""
    best: tuple[int, Answer] | None = None
    most = -1.0
    for place, row in enumerate(shop.search_rows(goal.instruction)):
        product = shop.catalogue[row]
        options = best_options(product, goal)
        total = shop.reward_of_row(goal, row, options).total
        if total > most:
            best, most = (place, Answer(product.asin, options)), total
            if total == 1.0:
                break
    return best


def _own_options(goal: Goal) -> dict[str, str]:
    if isinstance(goal.options, Mapping):
        return {group.lower(): value for group, value in goal.options.items()}
    return {f"option {number}": value for number, value in enumerate(goal.options)}


def best_options(product: Product, goal: Goal) -> dict[str, str]:
    """Return the options of a product that meet most of a goal's; groups that help nothing stay
    unchosen, except of a product with variants."""
    asked = asked_options(goal)
    if product.variants:

        def worth(options: Mapping[str, str]) -> tuple[int, bool]:
            met = count_options(options.values(), asked)
            return met, product.price_with(options) <= goal.price_upper

        offers = (dict(product.variants[number].options) for number in product.offers)
        return max(offers, key=worth)
    groups: list[list[tuple[str, str, frozenset[int]]]] = []
    for group, values in product.options.items():
        met: dict[frozenset[int], str] = {}
        for value in values:
            numbers = frozenset(n for n, option in enumerate(asked) if option_match(value, option))
            if numbers:
                met.setdefault(numbers, value)
        if met:
            choices = [(group.lower(), value, numbers) for numbers, value in met.items()]
            groups.append([*choices, ("", "", frozenset())])
    best: Sequence[tuple[str, str, frozenset[int]]] = ()
    most = 0
    for combination in cartesian_product(*groups):
        count = len(frozenset().union(*(numbers for _, _, numbers in combination)))
        if count > most:
            best, most = combination, count
    return {group: value for group, value, _ in best if group}
