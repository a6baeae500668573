"""Goals invented from a catalogue: first the purchase, then the request.

A product, options and some of the product's own attributes are drawn; then a request is written
that this purchase fulfils (requests.py). So any catalogue gives training data, for every product
and in many wordings. Products that are held out are never drawn, nor, in shops from tables, what a
test or dev goal asks for.

Source: our own; making a goal that fits what was done goes back to Andrychowicz et al., "Hindsight
experience replay", 2017 (arXiv 1707.01495).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from shopwright.catalogue.product import Product
from shopwright.config import Configuration, setting
from shopwright.errors import InputError
from shopwright.rollouts.requests import RequestWriter
from shopwright.seeding import python_rng
from shopwright.shop.further import ENOUGH_ATTRIBUTES, attributes_of
from shopwright.shop.goals import Goal, goal_of
from shopwright.shop.shop import Shop

# How often a product is asked for something else if test or dev goals ask for the same.
TRIES = 100


@dataclass(frozen=True, kw_only=True)
class InventConfig(Configuration):
    """How goals are invented."""

    goals: int = setting(1500, help="goals to invent", minimum=1)
    attributes: int = setting(7, help="attributes asked for at most", minimum=1)
    seed: int = setting(0, help="decides everything random")


def invent_goals(
    shop: Shop,
    writer: RequestWriter,
    config: InventConfig | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> list[Goal]:
    """Return invented goals; no product is asked for twice before each was once.

    Args:
        shop: the shop whose products are asked for, except those that are held out.

    Raises:
        InputError: the shop has no product that can be asked for.
    """
    config = config or InventConfig()
    rng = python_rng(config.seed, "invent goals")
    goals: list[Goal] = []
    count = len(shop.catalogue)
    while len(goals) < config.goals:
        for row in rng.sample(range(count), count):
            product = shop.catalogue[row]
            if product.title.strip() and not shop.goals.holds_out(product.asin):
                goal = _goal(shop, product, writer, config, rng)
                goals += [] if goal is None else [goal]
                if progress:
                    progress(len(goals), config.goals)
            if len(goals) == config.goals:
                break
        if not goals:
            raise InputError(
                f"{shop.folder}: expected products with a title that are not held out, and that "
                "can be asked for otherwise than test and dev goals do, found none"
            )
    return goals


def _goal(
    shop: Shop, product: Product, writer: RequestWriter, config: InventConfig, rng: random.Random
) -> Goal | None:
    """A goal that asks for something else than every test and dev goal; None where none is
    found."""
    for _ in range(TRIES):
        options = _options(product, rng)
        attributes = _attributes(shop, product, config, rng)
        if not shop.goals.keeps_back(product.asin, options, attributes):
            break
    else:
        return None
    limit = shop.goals.draw_price_limit(product, options, rng)
    return goal_of(
        product,
        instruction=writer.write(product, attributes, options, limit, rng),
        attributes=attributes,
        options=options,
        price_upper=limit,
    )


def _attributes(
    shop: Shop, product: Product, config: InventConfig, rng: random.Random
) -> tuple[str, ...]:
    if shop.goals.is_of_table:
        known = attributes_of(product)
        most = min(len(known), config.attributes)
        # Of so few, none is one of the ways to ask for something else.
        count = rng.randint(0 if most < ENOUGH_ATTRIBUTES else 1, most)
    else:
        known = product.attributes
        count = min(len(known), rng.randint(1, config.attributes))
    return tuple(rng.sample(list(known), count))


def _options(product: Product, rng: random.Random) -> dict[str, str]:
    """Options that can be bought together."""
    if product.variants:
        return dict(product.variants[rng.choice(product.offers)].options)
    return {group: rng.choice(values) for group, values in product.options.items() if values}


def reworded(goal: Goal, shop: Shop, writer: RequestWriter, rng: random.Random) -> str:
    """Return another request for the same purchase."""
    options = goal.options
    if isinstance(options, tuple):  # People name values without their groups.
        options = {"": " ".join(options)} if any(options) else {}
    return writer.write(shop.product(goal.asin), goal.attributes, options, goal.price_upper, rng)
