"""A scripted demonstrator: stands in for people where no human demonstrations of a shop exist.

It knows the goal, as a person knows what they want, and makes mistakes, each at a documented rate:

- with :data:`DETOUR` it first opens another product of the first results page and goes back;
- with :data:`READING` it reads the features of the product before it chooses options;
- with :data:`OMISSION` it leaves out an option, for each group anew;
- with :data:`WRONG_VALUE` it chooses another value of a group, for each group anew;
- with :data:`SETTLING` it settles for the product that it opened first.

The last three mostly cost it the full reward. The rates are invented, not measured on people: with
them 55.7 % of its episodes for 600 goals of the 1,000 WebShop products were perfect (WebShop's
human experts: 59.6 % on the full catalogue).
"""

from __future__ import annotations

import random

from shopwright.agents.oracle import best_purchase
from shopwright.agents.rules import PREVIOUS, Plan
from shopwright.rollouts.agent import Answer, Choice, Shopper, Visitor
from shopwright.search.searchable_catalogue import SearchableCatalogue
from shopwright.shop.actions import FEATURES, click
from shopwright.shop.goals import Goal
from shopwright.shop.page import Page
from shopwright.shop.pages import RESULTS_PER_PAGE, PageKind
from shopwright.shop.shop import Shop

DETOUR = 0.3
READING = 0.2
OMISSION = 0.1
WRONG_VALUE = 0.1
SETTLING = 0.1


class Demonstrator:
    """Knows the goal and makes mistakes; see the module.

    Args:
        seed: of what it draws where no ``rng`` is given.
    """

    name = "demonstrator"
    deterministic = False

    def __init__(self, seed: int = 0) -> None:
        self._rng = random.Random(seed)

    def for_goal(self, goal: Goal, shop: Shop) -> Shopper:
        """Return the demonstrator with a goal in mind."""
        return _Person(goal, shop, self._rng)


class _Person:
    name = Demonstrator.name
    deterministic = False

    def __init__(self, goal: Goal, shop: Shop, rng: random.Random) -> None:
        self._goal = goal
        self._shop = shop
        self._rng = rng

    def visit(self, request: str, *, step_limit: int | None, rng: random.Random | None) -> Visitor:
        """Begin an episode."""
        found = best_purchase(self._goal, self._shop)
        if found is None:
            return Plan(request, 0, {})
        place, purchase = found
        draws = rng or self._rng
        other = draws.randrange(min(RESULTS_PER_PAGE, len(self._shop.search_rows(request))))
        if other != place and draws.random() < SETTLING:
            return Plan(request, other, None)
        options = {}
        for group, value in purchase.options.items():
            values = self._shop.product(purchase.asin).options
            (others,) = [v for name, v in values.items() if name.lower() == group][:1] or [()]
            chance = draws.random()
            if chance < OMISSION:
                continue
            if chance < OMISSION + WRONG_VALUE and len(others) > 1:
                value = draws.choice([v for v in others if v != value])
            options[group] = value
        plan = Plan(request, place, options)
        detour = other if other != place and draws.random() < DETOUR else None
        return _Wavering(plan, detour, reads=draws.random() < READING)

    def answer(
        self, catalogue: SearchableCatalogue, request: str, *, rng: random.Random | None
    ) -> Answer | None:
        """Answer as an oracle would: mistakes belong to shopping on pages."""
        found = best_purchase(self._goal, self._shop)
        return found[1] if found else None


class _Wavering:
    """Follows a plan, but may look at another product first and may read before it chooses."""

    def __init__(self, plan: Plan, detour: int | None, *, reads: bool) -> None:
        self._plan = plan
        self._detour = detour
        self._looking = False
        self._reads = reads

    def choose(self, page: Page) -> Choice:
        """Return the next action."""
        if page.kind is PageKind.RESULTS and self._detour is not None:
            shown = list(page.links)
            place, self._detour = self._detour, None
            if place < len(shown):
                self._looking = True
                return Choice.certain(click(shown[place]))
        if page.kind is PageKind.ITEM and self._looking:
            self._looking = False
            return Choice.certain(PREVIOUS)
        if page.kind is PageKind.SUBPAGE:
            return Choice.certain(PREVIOUS)
        if page.kind is PageKind.ITEM and self._reads:
            self._reads = False
            return Choice.certain(click(FEATURES.lower()))
        return self._plan.choose(page)
