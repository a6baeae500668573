"""What environments of WebShop's own kind share: its goals, its sessions, its dictionaries.

See :mod:`shopwright.webshop` for how this differs from the original's server.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Any, overload

import numpy as np

from shopwright.catalogue.product import Product
from shopwright.errors import InputError
from shopwright.shop.goals import GOAL_DRAWS, GOAL_SEED, Goal
from shopwright.shop.reward import Reward
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop

REMEMBERED_SESSIONS = 10_000

GoalFilter = Callable[[int, dict[str, Any]], bool]


def goal_record(goal: Goal) -> dict[str, Any]:
    """Return a goal as the original's dictionary."""
    options = dict(goal.options) if isinstance(goal.options, Mapping) else list(goal.options)
    return {
        "asin": goal.asin,
        "category": goal.category,
        "query": goal.query,
        "name": goal.title,
        "product_category": goal.product_category,
        "instruction_text": goal.instruction,
        "attributes": list(goal.attributes),
        "price_upper": goal.price_upper,
        "goal_options": options,
        "weight": goal.weight,
    }


def product_record(product: Product) -> dict[str, Any]:
    """Return a product as the original's dictionary."""
    return {
        "asin": product.asin,
        "Title": product.title,
        "Description": product.description,
        "BulletPoints": list(product.bullets),
        "Price": product.price_tag,
        "pricing": list(product.pricing_dollars),
        "options": {name: list(values) for name, values in product.options.items()},
        "Attributes": list(product.attributes),
        "category": product.category,
        "query": product.query,
        "product_category": product.product_category,
        "MainImage": product.image,
        "Rating": product.rating,
        "Reviews": [],
    }


def reward_record(reward: Reward) -> dict[str, Any]:
    """Return a reward's parts under the original's names; parts not asked for are left out."""
    record = {
        "r_type": reward.type,
        "r_att": reward.attributes,
        "w_att": reward.attributes_weight,
        "query_match": reward.query_match,
        "category_match": reward.category_match,
        "title_score": reward.title_score,
        "r_option": reward.options,
        "w_option": reward.options_weight,
        "r_price": reward.price,
        "w_price": reward.price_weight,
    }
    return {name: value for name, value in record.items() if value is not None}


class _GoalRecords(Sequence[dict[str, Any]]):
    """Goals as the original's dictionaries, each made when asked for."""

    def __init__(self, shop: Shop, human: bool, numbers: Sequence[int]) -> None:
        self._made_from = shop, human, numbers
        self._goals: Sequence[Goal] = shop.goals.human if human else shop.goals
        self._numbers = numbers

    def __reduce__(self) -> tuple[Any, ...]:
        return _GoalRecords, self._made_from

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, position: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, position: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, position: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(position, slice):
            return [goal_record(self._goals[number]) for number in self._numbers[position]]
        return goal_record(self.goal(position))

    def goal(self, position: int) -> Goal:
        return self._goals[self._numbers[position]]


class Server:
    """What environments share: the shop, its goals, and the sessions by name.

    Args:
        shop: the shop.
        filter_goals: takes a goal's number and its dictionary; which goals to keep.
        limit_goals: keep this many goals, drawn by weight; -1 for all.
        human_goals: whether to use the requests that people wrote.
        show_attrs: whether item pages lead to an "Attributes" page.
        generator: draws goals and names of sessions.
        goal_draw: "original" or "weighted", as for :class:`ShopEnvironment`.

    Attributes:
        goals: the goals as dictionaries, in order.
        user_sessions: name → ``{"goal", "done"}``, after a purchase ``"reward"`` and
            ``"verbose_info"`` too.
        assigned_instruction_text: if not None, the request of all sessions begun from now on.
    """

    def __init__(
        self,
        shop: Shop,
        filter_goals: GoalFilter | None = None,
        limit_goals: int = -1,
        human_goals: bool = False,
        show_attrs: bool = False,
        generator: random.Random | None = None,
        goal_draw: str = "original",
    ) -> None:
        if goal_draw not in GOAL_DRAWS:
            raise InputError(
                f"goal_draw: expected one of {', '.join(GOAL_DRAWS)}, got {goal_draw!r}"
            )
        self._skipped_goals = 1 if goal_draw == "original" else 0
        self.shop = shop
        self.show_attrs = show_attrs
        goals: Sequence[Goal] = shop.goals.human if human_goals else shop.goals
        numbers: Sequence[int] = range(len(goals))
        if generator is None:
            # The original shuffles the goals just before.
            generator = shop.goals.generator()
            if human_goals:
                generator = random.Random(GOAL_SEED)
                generator.shuffle(list(numbers))
        self.generator = generator
        if filter_goals is not None:
            records = _GoalRecords(shop, human_goals, numbers)
            numbers = [n for n, record in enumerate(records) if filter_goals(n, record)]
        weights = (
            np.array([goal.weight for goal in goals]) if human_goals else shop.goals.weights
        )[np.asarray(numbers, dtype=np.int64)]
        if not len(numbers):
            raise InputError("goals: expected at least one goal to remain, got none")
        self._cumulative_weights = np.cumsum(weights)
        if limit_goals != -1 and limit_goals < len(numbers):
            chosen = list(islice(self._distinct_draws(), limit_goals))
            numbers = [numbers[position] for position in chosen]
            self._cumulative_weights = np.cumsum(weights[chosen])
        self.goals = _GoalRecords(shop, human_goals, numbers)
        self.user_sessions: dict[str, dict[str, Any]] = {}
        self.assigned_instruction_text: str | None = None
        self._goal_of: dict[str, Goal] = {}
        self._named_by_chance: dict[str, None] = {}

    def _draw(self) -> int:
        position = self.generator.uniform(0, float(self._cumulative_weights[-1]))
        # The original looks among sums that begin with 0, so finds the place after.
        drawn = int(self._cumulative_weights.searchsorted(position, side="right"))
        return min(drawn + self._skipped_goals, len(self._cumulative_weights) - 1)

    def _distinct_draws(self) -> Iterator[int]:
        # As in the original, the first goal is never drawn unless it is the only one.
        seen: set[int] = set()
        reachable = max(1, len(self._cumulative_weights) - self._skipped_goals)
        while len(seen) < reachable:
            position = self._draw()
            if position not in seen:
                seen.add(position)
                yield position

    @cached_property
    def product_item_dict(self) -> dict[str, dict[str, Any]]:
        """Asin → product as the original's dictionary. All products, made at the first use."""
        return {product.asin: product_record(product) for product in self.shop.catalogue}

    @cached_property
    def product_prices(self) -> dict[str, float]:
        """Asin → what a purchase costs, in dollars. All products, made at the first use."""
        return {product.asin: product.price_dollars for product in self.shop.catalogue}

    def begin(self, name: str, number: int | None, *, named_by_chance: bool) -> Session:
        """Return a new visit under a session's name; a name that is known keeps its goal.

        Args:
            name: the session's.
            number: the goal's, for a new name; None to draw one.
            named_by_chance: whether nobody but the environment chose the name.

        Raises:
            InputError: there is no goal of this number.
        """
        if name not in self._goal_of:
            if number is not None and not -len(self.goals) <= number < len(self.goals):
                raise InputError(
                    f"session: expected a goal number from 0 to {len(self.goals) - 1}, got {number}"
                )
            self._goal_of[name] = self.goals.goal(self._draw() if number is None else number)
            if named_by_chance:
                self._named_by_chance[name] = None
                self._forget()
        goal = self._goal_of[name]
        if self.assigned_instruction_text is not None:
            goal = replace(goal, instruction=self.assigned_instruction_text)
            self._goal_of[name] = goal
        self.user_sessions[name] = {"goal": goal_record(goal), "done": False}
        return Session(
            self.shop,
            goal,
            show_attributes=self.show_attrs,
            generator=self.generator,
            name=name,
        )

    def _forget(self) -> None:
        if len(self._named_by_chance) > REMEMBERED_SESSIONS:
            oldest = next(iter(self._named_by_chance))
            del self._named_by_chance[oldest], self._goal_of[oldest], self.user_sessions[oldest]
