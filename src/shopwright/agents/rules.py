"""Agents without learning: the rows that every table of learned ones needs beside it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import product as cartesian_product

from shopwright.catalogue.product import Product
from shopwright.rollouts.rollout import Agent, Answer, Choice, Visitor, available_actions
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
from shopwright.shop.goals import Goal
from shopwright.shop.pages import RESULTS_PER_PAGE, PageKind
from shopwright.shop.reward import asked_options, option_match
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop

BUY = click(BUY_NOW.lower())
NEXT = click(NEXT_PAGE.lower())
PREVIOUS = click(PREVIOUS_PAGE.lower())
START_AGAIN = click(BACK_TO_SEARCH.lower())
# A click on an option of such a name does what the button does, or nothing.
BUTTONS = frozenset(
    name.lower()
    for name in (BACK_TO_SEARCH, BUY_NOW, NEXT_PAGE, PREVIOUS_PAGE, SEARCH_BUTTON, *SUBPAGES)
)


def certain(action: str) -> Choice:
    """Return a choice without alternatives."""
    return Choice(action, ((action, 1.0),))


def options_in_request(product: Product, request: str) -> dict[str, str]:
    """Return, of each option group, the longest value that stands in the lower-cased request."""
    text = request.lower()
    chosen = {}
    for group, values in product.options.items():
        found = [value for value in values if value and value in text]
        if found:
            chosen[group.lower()] = max(found, key=len)
    return chosen


class Plan:
    """A visitor that searches the request, opens one product, chooses options and buys.

    Args:
        request: what to search for.
        place: the product's place among the results, from 0.
        options: option group → value, to choose in this order; None: those whose values stand in
            the request.
    """

    def __init__(self, request: str, place: int, options: Mapping[str, str] | None) -> None:
        self._request = request
        self._place = place
        self._options = options

    def choose(self, session: Session) -> Choice:
        """Return the plan's next action."""
        state = session.state
        if state.page is PageKind.SEARCH:
            return certain(search(self._request))
        if state.page is PageKind.RESULTS:
            number, position = divmod(self._place, RESULTS_PER_PAGE)
            if number >= state.page_number and number * RESULTS_PER_PAGE < len(state.rows):
                return certain(NEXT)
            shown = [name for name, target in session.clickables.items() if isinstance(target, int)]
            if position < len(shown):
                return certain(click(shown[position]))
            return certain(START_AGAIN)
        if self._options is None and state.row is not None:
            self._options = options_in_request(session.shop.catalogue[state.row], self._request)
        for group, value in (self._options or {}).items():
            offered = session.clickables.get(value) == group and value not in BUTTONS
            if offered and state.options.get(group) != value:
                return certain(click(value))
        return certain(BUY)


class Rule:
    """Searches the request and buys the first result ("rule"), after choosing in each option group
    the longest value that stands in the request ("rule-options")."""

    deterministic = True

    def __init__(self, *, choose_options: bool) -> None:
        self.name = "rule-options" if choose_options else "rule"
        self._choose_options = choose_options

    def visit(
        self,
        shop: Shop,
        request: str,
        *,
        step_limit: int | None,
        generator: random.Random | None,
    ) -> Visitor:
        """Begin an episode."""
        return Plan(request, 0, None if self._choose_options else {})

    def answer(self, shop: Shop, request: str, *, generator: random.Random | None) -> Answer | None:
        """Answer with the first result."""
        rows = shop.search_rows(request)
        if not rows:
            return None
        product = shop.catalogue[rows[0]]
        options = options_in_request(product, request) if self._choose_options else {}
        return Answer(product.asin, options)


class _Comparing:
    """Opens the first page's products one by one, then buys the one whose options match best."""

    def __init__(self, request: str, step_limit: int | None) -> None:
        self._request = request
        self._step_limit = step_limit
        self._steps = 0
        self._seen: list[tuple[tuple[float, ...], int, str]] = []
        self._plan: Plan | None = None

    def choose(self, session: Session) -> Choice:
        """Return the next action."""
        state = session.state
        self._steps += 1
        if self._plan is not None:
            if self._steps == self._step_limit and state.page is PageKind.ITEM:
                return certain(BUY)
            return self._plan.choose(session)
        if state.page is PageKind.SEARCH:
            return certain(search(self._request))
        if state.page is PageKind.ITEM and state.row is not None:
            product = session.shop.catalogue[state.row]
            found = options_in_request(product, self._request)
            self._seen.append((_fit(product, found), -len(self._seen), product.asin))
            if not self._time_for_another(len(state.shown_rows), len(product.options)):
                return self._decide(session)
            return certain(PREVIOUS)
        shown = [name for name, target in session.clickables.items() if isinstance(target, int)]
        if len(self._seen) < len(shown):
            return certain(click(shown[len(self._seen)]))
        if not shown:
            return certain(START_AGAIN)
        return self._decide(session)

    def _time_for_another(self, shown: int, options: int) -> bool:
        if len(self._seen) >= shown:
            return False
        if self._step_limit is None:
            return True
        # Back, open another, then possibly back, open the best, choose its options and buy.
        needed = 2 + 2 + max(options, 2) + 1
        return self._steps + needed <= self._step_limit

    def _decide(self, session: Session) -> Choice:
        _, negative_place, asin = max(self._seen)
        self._plan = Plan(self._request, -negative_place, None)
        row = session.state.row
        on_item = session.state.page is PageKind.ITEM and row is not None
        if on_item and row is not None and session.shop.catalogue.asin_of(row) != asin:
            return certain(PREVIOUS)
        return self._plan.choose(session)


def _fit(product: Product, found: Mapping[str, str]) -> tuple[float, ...]:
    """How well a product's options match: groups with a value in the request, less those without;
    then the characters that match."""
    missing = len(product.options) - len(found)
    return (len(found) - missing, sum(map(len, found.values())))


class RulePage:
    """Opens the products of the first page (as many as the step limit allows) and buys the one
    whose options match the request best."""

    name = "rule-page"
    deterministic = True

    def visit(
        self,
        shop: Shop,
        request: str,
        *,
        step_limit: int | None,
        generator: random.Random | None,
    ) -> Visitor:
        """Begin an episode."""
        return _Comparing(request, step_limit)

    def answer(self, shop: Shop, request: str, *, generator: random.Random | None) -> Answer | None:
        """Answer with the best match of the first ten results."""
        best: tuple[tuple[float, ...], int] | None = None
        answer = None
        for place, row in enumerate(shop.search_rows(request)[:RESULTS_PER_PAGE]):
            product = shop.catalogue[row]
            found = options_in_request(product, request)
            rank = (_fit(product, found), -place)
            if best is None or rank > best:
                best, answer = rank, Answer(product.asin, found)
        return answer


class _Wandering:
    """Takes any available action, each with the same probability."""

    def __init__(self, request: str, generator: random.Random) -> None:
        self._request = request
        self._generator = generator

    def choose(self, session: Session) -> Choice:
        """Return a random action."""
        if session.state.page is PageKind.SEARCH:
            return certain(search(self._request))
        actions = available_actions(session)
        share = 1.0 / len(actions)
        action = actions[self._generator.randrange(len(actions))]
        return Choice(action, tuple((other, share) for other in actions))


class Explorer:
    """Buys a random search result, earlier ones more often, with the options that stand in the
    request: by many tries it finds a perfect purchase for nearly every goal.

    Args:
        seed: of its generator where none is given.
    """

    name = "explorer"
    deterministic = False

    def __init__(self, seed: int = 0) -> None:
        self._generator = random.Random(seed)

    def visit(
        self,
        shop: Shop,
        request: str,
        *,
        step_limit: int | None,
        generator: random.Random | None,
    ) -> Visitor:
        """Begin an episode."""
        return Plan(request, self._place(len(shop.search_rows(request)), generator), None)

    def answer(self, shop: Shop, request: str, *, generator: random.Random | None) -> Answer | None:
        """Answer with a random result."""
        rows = shop.search_rows(request)
        if not rows:
            return None
        product = shop.catalogue[rows[self._place(len(rows), generator)]]
        return Answer(product.asin, options_in_request(product, request))

    def _place(self, count: int, generator: random.Random | None) -> int:
        weights = [1.0 / (place + 1) for place in range(count)]
        return (generator or self._generator).choices(range(count), weights)[0] if count else 0


class Random:
    """Takes random available actions; its search is the request.

    Args:
        seed: of its generator where none is given.
    """

    name = "random"
    deterministic = False

    def __init__(self, seed: int = 0) -> None:
        self._generator = random.Random(seed)

    def visit(
        self,
        shop: Shop,
        request: str,
        *,
        step_limit: int | None,
        generator: random.Random | None,
    ) -> Visitor:
        """Begin an episode."""
        return _Wandering(request, generator or self._generator)

    def answer(self, shop: Shop, request: str, *, generator: random.Random | None) -> Answer | None:
        """Answer with a random result and random options."""
        generator = generator or self._generator
        rows = shop.search_rows(request)
        if not rows:
            return None
        product = shop.catalogue[rows[generator.randrange(len(rows))]]
        options = {
            group.lower(): values[generator.randrange(len(values))]
            for group, values in product.options.items()
            if values
        }
        return Answer(product.asin, options)


def best_options(product: Product, goal: Goal) -> dict[str, str]:
    """Return the options of a product that meet most of a goal's; groups that help nothing stay
    unchosen."""
    asked = asked_options(goal)
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


class Oracle:
    """Knows the goal: buys the best product among the search results with its best options. No
    fair competitor: a bound on what any agent can reach with this search.

    Args:
        target_only: buy the goal's own product with the goal's own options instead ("target"):
            the bound that the reward itself sets, whatever the search.
    """

    deterministic = True

    def __init__(self, *, target_only: bool = False) -> None:
        self.name = "target" if target_only else "oracle"
        self._target_only = target_only

    def for_goal(self, goal: Goal) -> Agent:
        """Return the agent for a goal."""
        return _Knowing(self.name, goal, target_only=self._target_only)


class _Knowing:
    deterministic = True

    def __init__(self, name: str, goal: Goal, *, target_only: bool) -> None:
        self.name = name
        self._goal = goal
        self._target_only = target_only

    def _best(self, shop: Shop, request: str) -> tuple[int, str, dict[str, str]] | None:
        best: tuple[float, int, str, dict[str, str]] | None = None
        for place, row in enumerate(shop.search_rows(request)):
            product = shop.catalogue[row]
            options = best_options(product, self._goal)
            total = shop.reward_of_row(self._goal, row, options).total
            if best is None or total > best[0]:
                best = (total, place, product.asin, options)
                if total == 1.0:
                    break
        return best[1:] if best else None

    def visit(
        self,
        shop: Shop,
        request: str,
        *,
        step_limit: int | None,
        generator: random.Random | None,
    ) -> Visitor:
        """Begin an episode."""
        if self._target_only:
            rows = shop.search_rows(self._goal.title)
            own = shop.catalogue.row_of(self._goal.asin)
            place = rows.index(own) if own in rows else 0
            return Plan(self._goal.title, place, self._own_options())
        found = self._best(shop, request)
        if found is None:
            return Plan(request, 0, {})
        return Plan(request, found[0], found[2])

    def answer(self, shop: Shop, request: str, *, generator: random.Random | None) -> Answer | None:
        """Answer with the best product and options."""
        if self._target_only:
            return Answer(self._goal.asin, self._own_options())
        found = self._best(shop, request)
        return None if found is None else Answer(found[1], found[2])

    def _own_options(self) -> dict[str, str]:
        options = self._goal.options
        if isinstance(options, Mapping):
            return {group.lower(): value for group, value in options.items()}
        return {f"option {number}": value for number, value in enumerate(options)}


def built_in(name: str, *, seed: int = 0) -> Agent | Oracle:
    """Return a built-in agent by name; the names are :data:`BUILT_IN`."""
    agents: dict[str, Agent | Oracle] = {
        "random": Random(seed),
        "rule": Rule(choose_options=False),
        "rule-options": Rule(choose_options=True),
        "rule-page": RulePage(),
        "explorer": Explorer(seed),
        "oracle": Oracle(),
        "target": Oracle(target_only=True),
    }
    return agents[name]


BUILT_IN = ("random", "rule", "rule-options", "rule-page", "explorer", "oracle", "target")
