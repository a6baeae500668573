"""WebShop's own functions and its server, under its names and on its dictionaries."""

from __future__ import annotations

import bisect
import os
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shopwright.shop.pages import RESULTS_PER_PAGE
from shopwright.shop.reward import (
    Option,
    count_attributes,
    count_options,
    purchase_reward,
)
from shopwright.webshop.environment import open_shop
from shopwright.webshop.records import Record, goal_of, product_of, product_record, reward_record
from shopwright.webshop.server import GoalFilter, Server


class SimServer(Server):
    """The server as the original constructs it.

    Args:
        base_url: what the addresses of its pages begin with.
        file_path: a shop folder or WebShop's file of products; empty for the default shop.
        filter_goals, limit_goals, human_goals, show_attrs, seed: see
            :class:`~shopwright.webshop.server.Server`.
        num_products: how many of a file's products to read; a shop may not have more.
        attr_path: WebShop's file of attributes; None for the one beside.
    """

    def __init__(
        self,
        base_url: str,
        file_path: str | os.PathLike[str],
        filter_goals: GoalFilter | None = None,
        limit_goals: int = -1,
        num_products: int | None = None,
        human_goals: bool | int = 0,
        show_attrs: bool | int = False,
        *,
        attr_path: str | os.PathLike[str] | None = None,
        seed: int | None = None,
    ) -> None:
        shop = open_shop(None, file_path, attr_path, num_products)
        super().__init__(shop, filter_goals, limit_goals, bool(human_goals), bool(show_attrs), seed)
        self.base_url = base_url


def get_reward(
    purchased_product: Record, goal: Record, price: float, options: Mapping[str, str], **kwargs: Any
) -> float | tuple[float, Record]:
    """Return the reward of a purchase; with ``verbose=True``, (reward, its parts).

    Args:
        purchased_product: an entry of ``server.product_item_dict``.
        goal: an entry of ``server.goals``.
        price: what was paid, in dollars.
        options: option group → value, as chosen.
    """
    reward = purchase_reward(product_of(purchased_product), goal_of(goal), options, price)
    return (reward.total, reward_record(reward)) if kwargs.get("verbose") else reward.total


def get_attribute_reward(purchased_product: Record, goal: Record) -> tuple[float, int]:
    """Return the share and the number of the goal's attributes that a product has."""
    met = count_attributes(product_of(purchased_product), goal["attributes"])
    return met / len(goal["attributes"]), met


def get_option_reward(
    purchased_options: Iterable[str], goal_options: Iterable[Option]
) -> tuple[float | None, int]:
    """Return the share (None if none is asked for) and the number of the asked-for options that
    were chosen."""
    asked = list(goal_options)
    met = count_options(purchased_options, asked)
    return (met / len(asked) if asked else None), met


def load_products(
    filepath: str = "",
    num_products: int | None = None,
    human_goals: bool = True,
    attrpath: str | None = None,
) -> tuple[list[Record], dict[str, Record], dict[str, float], dict[str, set[str]]]:
    """Return (products, asin → product, asin → price, attribute → asins).

    Args:
        filepath, num_products, attrpath: as for the environment; empty for the default shop.
        human_goals: whether products have the requests that people wrote.
    """
    shop = open_shop(None, filepath or None, attrpath, num_products)
    prices: dict[str, float] = {}
    products: dict[str, Record] = {}
    asins_of: dict[str, set[str]] = defaultdict(set)
    for product in shop.catalogue:
        products[product.asin] = product_record(product, human_goals=human_goals)
        prices[product.asin] = product.price_dollars
        for attribute in product.attributes:
            asins_of[attribute].add(product.asin)
    return list(products.values()), products, prices, asins_of


def get_product_per_page(top_n_products: Sequence[Any], page: int) -> Sequence[Any]:
    """Return the ten products of a results page; pages count from 1."""
    return top_n_products[(page - 1) * RESULTS_PER_PAGE : page * RESULTS_PER_PAGE]


def random_idx(cum_weights: Sequence[float]) -> int:
    """Draw a position by weight from Python's global generator, with the original's off-by-one.

    Args:
        cum_weights: sums of weights, from 0.
    """
    position = random.uniform(0, cum_weights[-1])
    return min(bisect.bisect(cum_weights, position), len(cum_weights) - 2)


class HumanPolicy:
    """Asks on the terminal."""

    def forward(self, observation: str, available_actions: Mapping[str, Any]) -> str:
        """Return what was typed."""
        return input("> ")


class RandomPolicy:
    """Searches for shoes where it can, else clicks something at random."""

    def forward(self, observation: str, available_actions: Mapping[str, Any]) -> str:
        """Return an action drawn from Python's global generator."""
        if available_actions["has_search_bar"]:
            return "search[shoes]"
        return f"click[{random.choice(available_actions['clickables'])}]"
