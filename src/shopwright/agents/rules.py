"""Agents without learning: the rows that every table of learned ones needs beside it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shopwright.catalogue.product import Product
from shopwright.rollouts.agent import Answer, Choice, Visitor
from shopwright.search.searchable_catalogue import SearchableCatalogue
from shopwright.shop.actions import (
    BACK_TO_SEARCH,
    BUY_NOW,
    NEXT_PAGE,
    PREVIOUS_PAGE,
    SEARCH_BUTTON,
    SUBPAGES,
    click,
    search,
)
from shopwright.shop.page import Page
from shopwright.shop.pages import RESULTS_PER_PAGE, PageKind
from shopwright.understanding.amounts import price_limit

BUY = click(BUY_NOW.lower())
NEXT = click(NEXT_PAGE.lower())
PREVIOUS = click(PREVIOUS_PAGE.lower())
START_AGAIN = click(BACK_TO_SEARCH.lower())
# A click on an option of such a name does what the button does, or nothing.
BUTTONS = frozenset(
    name.lower()
    for name in (BACK_TO_SEARCH, BUY_NOW, NEXT_PAGE, PREVIOUS_PAGE, SEARCH_BUTTON, *SUBPAGES)
)


def options_in_request(options: Mapping[str, Sequence[str]], request: str) -> dict[str, str]:
    """Return, of each option group (lower case), the longest value that stands in the lower-cased
    request."""
    text = request.lower()
    chosen = {}
    for group, values in options.items():
        found = [value for value in values if value and value in text]
        if found:
            chosen[group.lower()] = max(found, key=len)
    return chosen


def options_for(product: Product, request: str) -> dict[str, str]:
    """Return those options, completed to what can be bought where the product has variants."""
    chosen = options_in_request(product.options, request)
    return product.settled(chosen, price_limit(request, product.currency))


class Plan:
    """A visitor that searches the request, opens one product, chooses options and buys.

    Args:
        place: the product's place among the results, from 0.
        options: option group → value, to choose in this order; None: those whose values stand in
            the request.
    """

    def __init__(self, request: str, place: int, options: Mapping[str, str] | None) -> None:
        self._request = request
        self._place = place
        self._options = options

    def choose(self, page: Page) -> Choice:
        """Return the plan's next action."""
        if page.kind is PageKind.SEARCH:
            return Choice.certain(search(self._request))
        if page.kind is PageKind.RESULTS:
            number, position = divmod(self._place, RESULTS_PER_PAGE)
            if number >= page.page_number and number * RESULTS_PER_PAGE < page.result_count:
                return Choice.certain(NEXT)
            shown = list(page.links)
            if position < len(shown):
                return Choice.certain(click(shown[position]))
            return Choice.certain(START_AGAIN)
        if self._options is None and page.product is not None:
            self._options = options_in_request(page.product.options, self._request)
        for group, value in (self._options or {}).items():
            offered = page.clickables.get(value) == group and value not in BUTTONS
            if offered and page.chosen.get(group) != value:
                return Choice.certain(click(value))
        return Choice.certain(BUY)


class NamedAgent:
    """An agent that shows its name where it is printed."""

    name: str

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"


class Rule(NamedAgent):
    """Searches the request and buys the first result ("rule"), after choosing in each option group
    the longest value that stands in the request ("rule-options")."""

    deterministic = True

    def __init__(self, *, choose_options: bool) -> None:
        self.name = "rule-options" if choose_options else "rule"
        self._choose_options = choose_options

    def visit(self, request: str, *, step_limit: int | None, rng: random.Random | None) -> Visitor:
        """Begin an episode."""
        return Plan(request, 0, None if self._choose_options else {})

    def answer(
        self, catalogue: SearchableCatalogue, request: str, *, rng: random.Random | None
    ) -> Answer | None:
        """Answer with the first result."""
        rows = catalogue.search_rows(request)
        if not rows:
            return None
        product = catalogue[rows[0]]
        return Answer(product.asin, options_for(product, request) if self._choose_options else {})


class _Comparing:
    """Opens the first page's products one by one, then buys the one whose options match best."""

    def __init__(self, request: str, step_limit: int | None) -> None:
        self._request, self._step_limit = request, step_limit
        self._steps = self._listed = 0
        self._seen: list[tuple[tuple[float, ...], int, str]] = []
        self._plan: Plan | None = None

    def choose(self, page: Page) -> Choice:
        self._steps += 1
        if self._plan is not None:
            if self._steps == self._step_limit and page.kind is PageKind.ITEM:
                return Choice.certain(BUY)
            return self._plan.choose(page)
        if page.kind is PageKind.SEARCH:
            return Choice.certain(search(self._request))
        if page.product is not None:
            options = page.product.options
            fit = _fit(options, options_in_request(options, self._request))
            self._seen.append((fit, -len(self._seen), page.product.asin))
            if not self._time_for_another(len(options)):
                return self._decide(page)
            return Choice.certain(PREVIOUS)
        shown = list(page.links)
        self._listed = len(page.results)
        if len(self._seen) < len(shown):
            return Choice.certain(click(shown[len(self._seen)]))
        if not shown:
            return Choice.certain(START_AGAIN)
        return self._decide(page)

    def _time_for_another(self, options: int) -> bool:
        if len(self._seen) >= self._listed:
            return False
        if self._step_limit is None:
            return True
        # Back, open another, then possibly back, open the best, choose its options and buy.
        needed = 2 + 2 + max(options, 2) + 1
        return self._steps + needed <= self._step_limit

    def _decide(self, page: Page) -> Choice:
        _, negative_place, asin = max(self._seen)
        self._plan = Plan(self._request, -negative_place, None)
        if page.product is not None and page.product.asin != asin:
            return Choice.certain(PREVIOUS)
        return self._plan.choose(page)


def _fit(options: Mapping[str, Sequence[str]], found: Mapping[str, str]) -> tuple[float, ...]:
    """How well a product's options match: groups with a value in the request, less those without;
    then the characters that match."""
    missing = len(options) - len(found)
    return (len(found) - missing, sum(map(len, found.values())))


class RulePage(NamedAgent):
    """Opens the products of the first page (as many as the step limit allows) and buys the one
    whose options match the request best."""

    name = "rule-page"
    deterministic = True

    def visit(self, request: str, *, step_limit: int | None, rng: random.Random | None) -> Visitor:
        """Begin an episode."""
        return _Comparing(request, step_limit)

    def answer(
        self, catalogue: SearchableCatalogue, request: str, *, rng: random.Random | None
    ) -> Answer | None:
        """Answer with the best match of the first ten results."""
        first = [catalogue[row] for row in catalogue.search_rows(request)[:RESULTS_PER_PAGE]]
        chosen = [options_for(product, request) for product in first]
        fits = [
            _fit(product.options, {group: v for group, v in own.items() if v in request.lower()})
            for product, own in zip(first, chosen, strict=True)
        ]
        if not first:
            return None
        best = fits.index(max(fits))
        return Answer(first[best].asin, chosen[best])


class _Wandering(NamedTuple):
    """Takes any available action, each with the same probability."""

    request: str
    rng: random.Random

    def choose(self, page: Page) -> Choice:
        if page.kind is PageKind.SEARCH:
            return Choice.certain(search(self.request))
        share = 1.0 / len(page.actions)
        action = page.actions[self.rng.randrange(len(page.actions))]
        return Choice(action, tuple((other, share) for other in page.actions))


class _Exploring(Plan):
    """Draws which result to buy when it first sees how many there are."""

    def __init__(self, request: str, rng: random.Random) -> None:
        super().__init__(request, 0, None)
        self._rng: random.Random | None = rng

    def choose(self, page: Page) -> Choice:
        if page.kind is PageKind.RESULTS and self._rng is not None:
            self._place = _early_place(page.result_count, self._rng)
            self._rng = None
        return super().choose(page)


def _early_place(count: int, rng: random.Random) -> int:
    """A random place among results, the first one the likeliest; 0 without results."""
    weights = [1.0 / (place + 1) for place in range(count)]
    return rng.choices(range(count), weights)[0] if count else 0


class DrawingAgent(NamedAgent):
    """An agent that leaves something to chance.

    Args:
        seed: of what it draws where no ``rng`` is given.
    """

    deterministic = False

    def __init__(self, seed: int = 0) -> None:
        self._rng = random.Random(seed)


class Explorer(DrawingAgent):
    """Buys a random search result, earlier ones more often, with the options that stand in the
    request: by many tries it finds a perfect purchase for nearly every goal."""

    name = "explorer"

    def visit(self, request: str, *, step_limit: int | None, rng: random.Random | None) -> Visitor:
        """Begin an episode."""
        return _Exploring(request, rng or self._rng)

    def answer(
        self, catalogue: SearchableCatalogue, request: str, *, rng: random.Random | None
    ) -> Answer | None:
        """Answer with a random result."""
        rows = catalogue.search_rows(request)
        if not rows:
            return None
        product = catalogue[rows[_early_place(len(rows), rng or self._rng)]]
        return Answer(product.asin, options_for(product, request))


class _Browsing:
    """Opens the first page's products one by one, up to one that it drew, which it buys."""

    def __init__(self, request: str, rng: random.Random) -> None:
        self._buying = Plan(request, 0, None)
        self._rng = rng
        self._before: int | None = None

    def choose(self, page: Page) -> Choice:
        if page.kind is PageKind.RESULTS:
            shown = list(page.links)[:RESULTS_PER_PAGE]
            if self._before is None:
                self._before = _early_place(len(shown), self._rng)
            if shown:
                return Choice.certain(click(shown[min(len(page.opened), len(shown) - 1)]))
        elif page.product is not None and self._before:
            self._before -= 1
            return Choice.certain(PREVIOUS)
        return self._buying.choose(page)


class Browser(Explorer):
    """As explorer, but it looks at the first page's results one after the other until the one that
    it buys: its perfect purchases show when to go on looking."""

    name = "browser"

    def visit(self, request: str, *, step_limit: int | None, rng: random.Random | None) -> Visitor:
        """Begin an episode."""
        return _Browsing(request, rng or self._rng)


class Random(DrawingAgent):
    """Takes random available actions; its search is the request."""

    name = "random"

    def visit(self, request: str, *, step_limit: int | None, rng: random.Random | None) -> Visitor:
        """Begin an episode."""
        return _Wandering(request, rng or self._rng)

    def answer(
        self, catalogue: SearchableCatalogue, request: str, *, rng: random.Random | None
    ) -> Answer | None:
        """Answer with a random result and random options."""
        rng = rng or self._rng
        rows = catalogue.search_rows(request)
        if not rows:
            return None
        product = catalogue[rows[rng.randrange(len(rows))]]
        options = {
            group.lower(): values[rng.randrange(len(values))]
            for group, values in product.options.items()
            if values
        }
        return Answer(product.asin, options)
