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
from dataclasses import dataclass

from shopwright.agents.oracle import best_purchase
from shopwright.agents.rules import PREVIOUS, DrawingAgent, Plan
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


class Demonstrator(DrawingAgent):
    """Knows the goal and makes mistakes; see the module."""

    name = "demonstrator"

    def for_goal(self, goal: Goal, shop: Shop) -> Shopper:
        """Return the demonstrator with a goal in mind."""
        return _Person(goal, shop, self._rng)


@dataclass(slots=True)
class _Person:
    goal: Goal
    shop: Shop
    rng: random.Random
    name: str = Demonstrator.name
    deterministic: bool = False

    def visit(self, request: str, *, step_limit: int | None, rng: random.Random | None) -> Visitor:
        found = best_purchase(self.goal, self.shop)
        if found is None:
            return Plan(request, 0, {})
        place, purchase = found
        draws = rng or self.rng
        other = draws.randrange(min(RESULTS_PER_PAGE, len(self.shop.search_rows(request))))
        if other != place and draws.random() < SETTLING:
            return Plan(request, other, None)
        options = {}
        for group, value in purchase.options.items():
            values = self.shop.product(purchase.asin).options
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
        found = best_purchase(self.goal, self.shop)  # Mistakes belong to shopping on pages.
        return found[1] if found else None


@dataclass(slots=True)
class _Wavering:
    """Follows a plan, but may look at another product first and may read before it chooses."""

    plan: Plan
    detour: int | None
    reads: bool
    looking: bool = False

    def choose(self, page: Page) -> Choice:
        if page.kind is PageKind.RESULTS and self.detour is not None:
            shown = list(page.links)
            place, self.detour = self.detour, None
            if place < len(shown):
                self.looking = True
                return Choice.certain(click(shown[place]))
        if page.kind is PageKind.ITEM and self.looking:
            self.looking = False
            return Choice.certain(PREVIOUS)
        if page.kind is PageKind.SUBPAGE:
            return Choice.certain(PREVIOUS)
        if page.kind is PageKind.ITEM and self.reads:
            self.reads = False
            return Choice.certain(click(FEATURES.lower()))
        return self.plan.choose(page)
