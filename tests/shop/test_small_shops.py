"""Shops from tables of any size: goals of every split, and what they measure."""

from __future__ import annotations

from pathlib import Path

import pytest
from variants import plain_product, table_product

from shopwright.catalogue.generate import generate_products
from shopwright.catalogue.product import Product
from shopwright.rollouts.invent import InventConfig, invent_goals
from shopwright.rollouts.requests import RequestWriter
from shopwright.shop.certainty import half_width, in_words
from shopwright.shop.goals import Goal
from shopwright.shop.nouns import WordTagger
from shopwright.shop.price_limits import UNLIMITED
from shopwright.shop.shop import Shop, build_shop
from shopwright.shop.splits import goals_for_development, goals_for_testing


def build(folder: Path, products: list[Product]) -> Shop:
    return build_shop(products, folder / "shop", source={"kind": "test"}, tagger=WordTagger())


def asks_for(goal: Goal) -> tuple[object, ...]:
    return goal.asin, frozenset(dict(goal.options).items()), frozenset(goal.attributes)


@pytest.mark.parametrize("count", [1, 4, 40, 120])
def test_every_split_has_goals_and_none_is_asked_twice(count: int, tmp_path: Path) -> None:
    shop = build(tmp_path, [table_product(number) for number in range(count)])
    goals = shop.goals
    splits = {name: goals.split(name) for name in ("test", "dev", "train")}
    assert all(splits.values())
    asked = [asks_for(goal) for split in splits.values() for goal in split]
    assert len(asked) == len(set(asked))
    for split in splits.values():
        for goal in split:
            assert shop.reward(goal, goal.asin, goal.options).success
    held_out = {p.asin for p in shop.catalogue if goals.holds_out(p.asin)}
    assert bool(held_out) == (count == 120) == bool(goals.split("test-unseen"))
    assert not held_out & {g.asin for name in ("dev", "train") for g in splits[name]}
    assert {name: goals.count(name) for name in splits} == {n: len(s) for n, s in splits.items()}


@pytest.mark.parametrize("fields", [{}, {"attributes": ("hand made",)}, {"title": "碗"}])
def test_a_shop_of_one_product_of_which_little_is_known(
    fields: dict[str, object], tmp_path: Path
) -> None:
    shop = build(tmp_path, [plain_product(**fields)])
    tested, *_ = shop.goals.split("test")
    assert shop.goals.count("train") >= 1
    assert tested.price_upper == UNLIMITED
    assert "price" not in tested.instruction
    assert all(asks_for(goal) != asks_for(tested) for goal in shop.goals.split("train"))
    said = " ".join(in_words(shop.goals, 1))
    assert "nothing tells whether an agent finds the right one" in said
    invented = invent_goals(shop, RequestWriter(), InventConfig(goals=20))
    assert invented
    kept_back = {asks_for(goal) for split in ("test", "dev") for goal in shop.goals.split(split)}
    assert not kept_back & set(map(asks_for, invented))


def test_goals_ask_for_what_can_be_bought_within_a_limit_above_its_price(tmp_path: Path) -> None:
    shop = build(tmp_path, [table_product(number) for number in range(4)])
    sold = {("red", "large"): 1.5, ("blue", "small"): 1.0}
    for goal in [*shop.goals, *invent_goals(shop, RequestWriter(), InventConfig(goals=40))]:
        options = dict(goal.options)
        factor = sold[options["color"], options["size"]]
        price = factor * shop.product(goal.asin).price_dollars
        assert price < goal.price_upper <= 2 * price
        assert goal.price_upper % 1_000 == 0
    assert shop.goals[0].instruction.endswith(f"{shop.goals[0].price_upper:,.0f} dong")


def test_nothing_that_is_measured_on_is_invented(tmp_path: Path) -> None:
    shop = build(tmp_path, [table_product(number) for number in range(4)])
    kept_back = {asks_for(goal) for split in ("test", "dev") for goal in shop.goals.split(split)}
    invented = invent_goals(shop, RequestWriter(), InventConfig(goals=200))
    assert len(invented) == 200
    assert not kept_back & set(map(asks_for, invented))


def test_another_draw_of_limits_keeps_what_is_asked_for(tmp_path: Path) -> None:
    shop = build(tmp_path, [table_product(number) for number in range(4)])
    others = Shop.open(shop.folder, price_limit_seed=3).goals
    assert [asks_for(goal) for goal in others] == [asks_for(goal) for goal in shop.goals]
    assert [g.price_upper for g in others] != [g.price_upper for g in shop.goals]


def test_the_demo_keeps_webshops_splits(tmp_path: Path) -> None:
    shop = build(tmp_path, generate_products(5))
    assert (shop.goals.splits.test, shop.goals.splits.dev) == (500, 1_000)
    assert not shop.goals.is_of_table
    assert "no goals to train on" in " ".join(in_words(shop.goals, 5))


@pytest.mark.parametrize(
    ("count", "test", "dev"),
    [(1, 1, 4), (4, 2, 4), (60, 30, 10), (600, 100, 100), (3_000, 500, 500), (9_096, 500, 1_000)],
)
def test_sizes_of_splits(count: int, test: int, dev: int) -> None:
    assert goals_for_testing(count) == test
    assert goals_for_development(count, max(12, count - test)) == dev


def test_certainty_grows_with_the_goals() -> None:
    assert half_width(500) < half_width(100) < half_width(10) < 25
    assert half_width(500) == pytest.approx(2.6, abs=0.1)
