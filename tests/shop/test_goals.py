"""Goals: the recipe, the splits, files of goals."""

from __future__ import annotations

import itertools
import json
import pickle
import random
from bisect import bisect
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shopwright.catalogue.generate import generate_products
from shopwright.catalogue.product import Product
from shopwright.errors import GoalError, MissingFileError
from shopwright.shop.goal_files import read_goals
from shopwright.shop.goals import SPLITS, Goal, Goals
from shopwright.shop.nouns import WordTagger
from shopwright.shop.price_limits import NO_PRICE_LIMIT, draw_price_limit, price_text
from shopwright.shop.shop import Shop, build_shop
from shopwright.shop.splits import is_held_out


@pytest.fixture(scope="module")
def demo_goals(tmp_path_factory: pytest.TempPathFactory) -> Goals:
    """The goals of 200 demo products: some are held out, and there are all splits but human."""
    folder = tmp_path_factory.mktemp("demo") / "shop"
    return build_shop(generate_products(200), folder, source={}, tagger=WordTagger()).goals


def slow_goals(products: list[Product]) -> list[tuple[str, str, dict[str, str], float]]:
    """The recipe, as its description tells it, with one generator in the order of its draws."""
    generator = random.Random(233)
    prices = {}
    for product in products:
        low, high = product.pricing_dollars[0], product.pricing_dollars[-1]
        two = len(product.pricing_dollars) == 2
        prices[product.asin] = generator.uniform(low, high) if two else low
    goals = []
    for product in products:
        if product.instruction is None:
            continue
        tens = [ten for ten in range(10, 991, 10) if ten > prices[product.asin]][:4]
        limit: float = 1_000_000
        ending = ""
        if len(tens) >= 2:
            limit = float(max(generator.sample(tens, 2)))
            ending = f", and price lower than {limit:.2f} dollars"
        names = sorted(product.options)
        for values in itertools.product(*(product.options[name] for name in names)):
            options = dict(zip(names, values, strict=True))
            text = product.instruction
            if options:
                text += " with " + ", and ".join(f"{n}: {v}" for n, v in options.items())
            goals.append((product.asin, text + ending, options, limit))
    random.Random(233).shuffle(goals)
    return goals


def test_goals_follow_the_recipe(small_shop: Shop, small_products: list[Product]) -> None:
    expected = slow_goals(small_products)
    goals = list(small_shop.goals)
    assert [(g.asin, g.instruction, g.options, g.price_upper) for g in goals] == expected
    assert len(goals) == 4 + 1 + 8 + 1
    soap = next(goal for goal in goals if goal.asin == "SOAP000001")
    assert soap.price_upper == NO_PRICE_LIMIT
    assert "price" not in soap.instruction


def test_weights_share_an_attribute_among_the_goals_that_ask_for_it(small_shop: Shop) -> None:
    goals = list(small_shop.goals)
    asking = Counter(attribute for goal in goals for attribute in goal.attributes)
    assert asking["rubber sole"] == 5
    for goal in goals:
        shares = [1 / asking[attribute] for attribute in goal.attributes]
        assert goal.weight == pytest.approx(sum(shares) / len(shares))
    assert small_shop.goals.weights.tolist() == [goal.weight for goal in goals]


def test_human_goals_need_attributes_and_lose_their_full_stop(small_shop: Shop) -> None:
    (goal,) = small_shop.goals.human
    assert goal.asin == "LAMP000001"
    assert goal.instruction.startswith("I want a lamp, and price lower than ")
    assert goal.options == ('52" long',)
    assert small_shop.goals.split("human") == [goal]


@pytest.mark.parametrize(
    ("price", "possible"),
    [
        (12.0, {30.0, 40.0, 50.0}),
        (20.0, {40.0, 50.0, 60.0}),
        (970.0, {990.0}),
        (980.0, {NO_PRICE_LIMIT}),
        (5000.0, {NO_PRICE_LIMIT}),
    ],
)
def test_price_limits(price: float, possible: set[float]) -> None:
    generator = random.Random(5)
    assert {draw_price_limit(price, generator) for _ in range(200)} == possible


def test_price_text() -> None:
    assert price_text(30.0) == ", and price lower than 30.00 dollars"
    assert price_text(NO_PRICE_LIMIT) == ""


def test_a_group_without_values_makes_no_goal(tmp_path: Path) -> None:
    product = Product(
        asin="EMPTY", title="x", options={"size": (), "color": ("red",)},
        instruction="Find me x", instruction_attributes=("good",),
    )  # fmt: skip
    shop = build_shop([product], tmp_path / "shop", source={}, tagger=WordTagger())
    assert len(shop.goals) == 0
    assert shop.goals.split("test") == []
    assert shop.goals.split("test-unseen") == []


def test_splits_of_webshop(webshop_shop: Shop) -> None:
    goals = webshop_shop.goals
    test, dev, train = (goals.numbers(name) for name in ("test", "dev", "train"))
    unseen = goals.numbers("test-unseen")
    assert test == list(range(500))
    assert len(dev) == 1000
    assert train[0] > dev[-1] > dev[0] >= 500
    assert sorted({*dev, *train}) == [*dev, *train]
    for number in (*dev, *train):
        assert not is_held_out(goals.asin_of(number))
    rest = {n for n in range(500, len(goals)) if not is_held_out(goals.asin_of(n))}
    assert rest == {*dev, *train}

    per_product = Counter(goals.asin_of(number) for number in unseen)
    available = Counter(goal.asin for goal in goals if is_held_out(goal.asin))
    assert {asin: min(3, count) for asin, count in available.items()} == per_product
    products = {goal.asin for goal in goals}
    assert 0.15 < len(per_product) / len(products) < 0.25


def test_split_gives_the_goals_of_its_numbers(small_shop: Shop) -> None:
    goals = small_shop.goals
    assert goals.split("test") == [goals[number] for number in goals.numbers("test")]
    with pytest.raises(GoalError, match="test-unseen, human, got 'validation'"):
        goals.split("validation")


def test_goals_by_number(small_shop: Shop) -> None:
    goals = small_shop.goals
    assert goals[-1] == goals[len(goals) - 1]
    with pytest.raises(IndexError, match=f"0 to {len(goals) - 1}, got {len(goals)}"):
        goals[len(goals)]
    assert [goals.asin_of(n) for n in range(len(goals))] == [goal.asin for goal in goals]


RIGHT: dict[str, Any] = {
    "asin": "SHOE000001",
    "instruction": "red shoes please",
    "attributes": ["breathable"],
    "options": {"size": "6"},
    "price_upper": 40.0,
}


def test_goals_file(small_shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "goals.jsonl"
    listed = {**RIGHT, "options": ["6"], "price_upper": 5}
    bare = {"asin": "SOAP000001", "instruction": "soap"}
    path.write_text("\n".join(["", *map(json.dumps, (RIGHT, listed, bare)), " "]))
    first, second, third = read_goals(path, small_shop.catalogue)
    assert first.instruction == "red shoes please"  # Nothing appended.
    assert first.options == {"size": "6"}
    assert first.attributes == ("breathable",)
    assert first.nouns == small_shop.product("SHOE000001").nouns
    assert second.options == ("6",)
    assert second.price_upper == 5
    assert (third.options, third.attributes, third.price_upper) == ({}, (), NO_PRICE_LIMIT)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"asin": "NOSUCH"}, "asin"),
    ({"asin": None}, "asin"),
    ({"asin": ["SHOE000001"]}, "asin"),
    ({"instruction": ""}, "instruction"),
    ({"instruction": "  "}, "instruction"),
    ({"instruction": 3}, "instruction"),
    ({"attributes": "breathable"}, "attributes"),
    ({"attributes": [1]}, "attributes"),
    ({"options": {"size": 6}}, "options"),
    ({"options": "6"}, "options"),
    ({"options": [6]}, "options"),
    ({"price_upper": "cheap"}, "price_upper"),
    ({"price_upper": -1}, "price_upper"),
    ({"price_upper": True}, "price_upper"),
    ({"price_upper": None}, "price_upper"),
]


@pytest.mark.parametrize(("change", "field"), WRONG)
def test_goals_file_with_a_wrong_line(
    change: dict[str, Any], field: str, small_shop: Shop, tmp_path: Path
) -> None:
    path = tmp_path / "goals.jsonl"
    path.write_text(json.dumps(RIGHT) + "\n" + json.dumps({**RIGHT, **change}) + "\n")
    with pytest.raises(GoalError) as error:
        read_goals(path, small_shop.catalogue)
    message = str(error.value)
    assert message.startswith(f"{path}, line 2, field {field}: expected ")
    assert "\n" not in message


@pytest.mark.parametrize("line", ['{"asin": ', "[1]", '"text"', "\ud800", '{"price_upper": NaN}'])
def test_goals_file_that_is_no_json_object(line: str, small_shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "goals.jsonl"
    content = json.dumps(RIGHT) + "\n" + line + "\n"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(GoalError, match="line 2") as error:
        read_goals(path, small_shop.catalogue)
    assert str(path) in str(error.value)


def test_goals_file_missing_or_empty(small_shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "goals.jsonl"
    with pytest.raises(MissingFileError, match=str(path)):
        read_goals(path, small_shop.catalogue)
    path.write_text("\n\n")
    with pytest.raises(GoalError, match="at least one goal"):
        read_goals(path, small_shop.catalogue)


def test_goals_do_not_depend_on_the_global_generator(
    small_shop: Shop, small_products: list[Product], tmp_path: Path
) -> None:
    """Another build, with the global generator in another state, gives the same bytes."""
    random.seed(99)
    again = build_shop(small_products, tmp_path / "shop", source={}, tagger=WordTagger())
    assert list(again.goals) == list(small_shop.goals)


def test_goal_equality_is_by_content(small_shop: Shop) -> None:
    goal = small_shop.goals[0]
    assert isinstance(goal, Goal)
    assert goal == small_shop.goals[0]
    assert goal != small_shop.goals[1]


def test_number_at_is_a_search_among_all_weights(
    demo_goals: Goals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopwright.shop.goals.BLOCK_GOALS", 7)
    cumulative = demo_goals.cumulative_weights
    assert cumulative.tolist() == np.cumsum(demo_goals.weights).tolist()
    edges = [0.0, *cumulative.tolist(), *(cumulative - 1e-9).tolist(), float(cumulative[-1]) + 1]
    for weight in edges:
        assert demo_goals.number_at(weight) == bisect([*cumulative.tolist()], weight)


def test_splits_are_counted_without_being_made(demo_goals: Goals, webshop_shop: Shop) -> None:
    for goals in (demo_goals, webshop_shop.goals):
        for split in SPLITS:
            assert goals.count(split) == len(goals.split(split))
        with pytest.raises(GoalError):
            goals.count("other")


def test_price_limits_of_another_process(small_shop: Shop) -> None:
    """Without its seed the original draws other limits each time, from the same price."""
    usual = [goal.price_upper for goal in small_shop.goals]
    others = Shop.open(small_shop.folder, price_limit_seed=4)
    drawn = [goal.price_upper for goal in others.goals]
    assert drawn != usual
    assert [g.asin for g in others.goals] == [g.asin for g in small_shop.goals]
    for goal in others.goals:
        price = small_shop.product(goal.asin).price_dollars
        tens = [ten for ten in range(10, 991, 10) if ten > price][:4]
        assert goal.price_upper in (tens[1:] if len(tens) > 1 else [NO_PRICE_LIMIT])
        assert goal.instruction.endswith(price_text(goal.price_upper))
    assert others.goals.human[0].price_upper in (30.0, 40.0, 50.0)
    again = pickle.loads(pickle.dumps(others))
    assert [goal.price_upper for goal in again.goals] == drawn
    assert [goal.price_upper for goal in Shop.open(small_shop.folder).goals] == usual
