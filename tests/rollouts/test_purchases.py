"""Purchases that fulfil the shop's own goals."""

from __future__ import annotations

from dataclasses import replace

from shopwright.rollouts.purchases import Purchase, known_purchases
from shopwright.shop.shop import Shop


def test_each_product_is_bought_once(tiny_shop: Shop) -> None:
    goals = list(tiny_shop.goals)
    found = known_purchases(tiny_shop, goals, count=10, seed=0)
    assert sorted(purchase.asin for purchase in found) == ["MUG0000001", "MUG0000002", "MUG0000003"]
    asked = {(goal.instruction, goal.asin) for goal in goals}
    assert all(purchase in asked for purchase in found)
    assert known_purchases(tiny_shop, goals, count=10, seed=0) == found
    drawn = {tuple(known_purchases(tiny_shop, goals, count=10, seed=seed)) for seed in range(5)}
    assert len(drawn) > 1


def test_count_and_excluded_products_are_respected(tiny_shop: Shop) -> None:
    goals = list(tiny_shop.goals)
    assert known_purchases(tiny_shop, goals, count=0, seed=0) == []
    assert len(known_purchases(tiny_shop, goals, count=2, seed=0)) == 2
    left = known_purchases(tiny_shop, goals, count=3, seed=0, without={"MUG0000001", "MUG0000003"})
    assert [purchase.asin for purchase in left] == ["MUG0000002"]


def test_purchases_without_full_reward_are_left_out(tiny_shop: Shop) -> None:
    goals = [goal for goal in tiny_shop.goals if goal.asin == "MUG0000002"]
    too_dear = [replace(goal, price_upper=1.0) for goal in goals]
    assert known_purchases(tiny_shop, too_dear, count=3, seed=0) == []
    found = known_purchases(tiny_shop, [*too_dear, goals[0]], count=3, seed=0)
    assert found == [Purchase(goals[0].instruction, "MUG0000002")]
    gone = [replace(goal, asin="B0NOWHERE") for goal in goals]
    assert known_purchases(tiny_shop, gone, count=3, seed=0) == []
    # Options that people named without their groups cannot be chosen without looking.
    unnamed = [replace(goal, options=tuple(goal.options.values())) for goal in goals]
    assert known_purchases(tiny_shop, unnamed, count=3, seed=0) == []
