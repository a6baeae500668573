"""Purchases that fulfil a shop's own goals, found without rollouts: a goal made from a product is
fulfilled by that product."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from shopwright.seeding import python_rng
from shopwright.shop.goals import Goal
from shopwright.shop.shop import Shop


class Purchase(NamedTuple):
    """A request, and the product that fulfils it."""

    request: str
    asin: str


def known_purchases(
    shop: Shop,
    goals: Sequence[Goal],
    *,
    count: int,
    seed: int,
    without: Collection[str] = (),
) -> list[Purchase]:
    """Return purchases that earn 1, each of another product: the product that a goal was made from,
    with the options that the goal names, if the simulator gives the full reward.

    Args:
        seed: decides which products, and which goal of each.
    """
    order = list(range(len(goals)))
    python_rng(seed, "known purchases").shuffle(order)
    done = set(without)
    found: list[Purchase] = []
    for number in order:
        if len(found) >= count:
            break
        goal = goals[number]
        if goal.asin in done:
            continue
        row = shop.catalogue.row_of(goal.asin)
        options = goal.options if isinstance(goal.options, Mapping) else {}
        chosen = {group.lower(): value for group, value in options.items()}
        if row is not None and shop.reward_of_row(goal, row, chosen).total == 1.0:
            found.append(Purchase(goal.instruction, goal.asin))
            done.add(goal.asin)
    return found
