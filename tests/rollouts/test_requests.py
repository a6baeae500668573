"""Requests in many wordings, and the goals that a catalogue invents."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from shopwright.agents.oracle import Oracle
from shopwright.catalogue.generate import generate_products
from shopwright.errors import InputError
from shopwright.rollouts.generate import GenerateConfig, generate_perfect
from shopwright.rollouts.invent import InventConfig, invent_goals, reworded
from shopwright.rollouts.requests import RequestWriter
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import Shop, build_shop
from shopwright.shop.splits import is_held_out
from tiny import tiny_products


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    products = generate_products(120, seed=3)
    folder = tmp_path_factory.mktemp("invent") / "shop"
    return build_shop(products, folder, source={"kind": "demo"}, tagger=WordTagger())


def test_a_plain_writer_names_everything() -> None:
    product = tiny_products()[0]
    writer = RequestWriter(plainness=1.5)
    for seed in range(30):
        text = writer.write(
            product, ["lead free"], {"color": "red", "Size": "large"}, 40.0, random.Random(seed)
        )
        # Letters may be swapped in three of ten requests; options and attributes still stand.
        found = sum(part in text for part in ("lead free", "red", "large"))
        assert found >= 2, text


def test_wordings_differ_and_repeat_with_the_seed() -> None:
    product = tiny_products()[1]
    writer = RequestWriter(lambda word: ("cup",) if word == "mug" else ())

    def write(seed: int) -> str:
        options = {"color": "green"}
        return writer.write(product, ["dishwasher safe"], options, 30.0, random.Random(seed))

    texts = [write(seed) for seed in range(60)]
    assert texts == [write(seed) for seed in range(60)]
    assert len(set(texts)) > 50
    assert any("cup" in text for text in texts)
    assert any("30" in text for text in texts)
    assert any("30" not in text for text in texts)


def test_a_reworded_value_stays_distinct() -> None:
    product = replace(tiny_products()[0], options={"color": ("dark red matt", "dark blue matt")})
    writer = RequestWriter(plainness=0.0)
    texts = [
        writer.write(product, [], {"color": "dark red matt"}, 1e6, random.Random(seed))
        for seed in range(200)
    ]
    assert sum("red" in text for text in texts) > 160
    assert not any("blue" in text for text in texts)


def test_invented_goals_can_be_fulfilled_and_exclude_held_out_products(shop: Shop) -> None:
    goals = invent_goals(shop, RequestWriter(), InventConfig(goals=150, seed=4))
    assert goals == invent_goals(shop, RequestWriter(), InventConfig(goals=150, seed=4))
    assert len(goals) == 150
    assert not any(is_held_out(goal.asin) for goal in goals)
    assert any(is_held_out(product.asin) for product in shop.catalogue)
    assert all(" ".join(g.instruction.split()) == g.instruction for g in goals)
    wanted = [p for p in shop.catalogue if p.title.strip() and not is_held_out(p.asin)]
    assert len({goal.asin for goal in goals}) == min(150, len(wanted))
    for goal in goals:
        assert shop.reward(goal, goal.asin, goal.options, price=1.0).attributes in (None, 1.0)
    found = generate_perfect(Oracle(), shop, goals, GenerateConfig(trajectories=150))
    assert found.perfect > 120


def test_rewording_keeps_the_goal(shop: Shop) -> None:
    goal = shop.goals[0]
    texts = {reworded(goal, shop, RequestWriter(), random.Random(seed)) for seed in range(20)}
    assert len(texts) > 15
    assert goal.instruction not in texts
    by_person = replace(goal, options=tuple(dict(goal.options).values()))
    assert reworded(by_person, shop, RequestWriter(), random.Random(0))


def test_a_shop_of_held_out_products_is_refused(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopwright.shop.goals.is_held_out", lambda asin: True)
    with pytest.raises(InputError, match="not held out"):
        invent_goals(shop, RequestWriter(), InventConfig(goals=2))
