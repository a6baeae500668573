"""The built-in agents: on a small shop, and WebShop's own numbers on its 1,000 products."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from shopwright.agents.registry import BUILT_IN, built_in, open_agent
from shopwright.agents.rules import Rule, options_in_request
from shopwright.catalogue.product import Product
from shopwright.errors import AgentError
from shopwright.evaluation.episodes import evaluate
from shopwright.rollouts.rollout import roll_out
from shopwright.shop.goals import Goal
from shopwright.shop.nouns import WordTagger
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop, build_shop


@pytest.mark.parametrize(
    ("options", "request_text", "expected"),
    [
        ({"color": ("red", "blue")}, "a RED thing", {"color": "red"}),
        ({"color": ("blue", "navy blue", "navy")}, "in navy blue please", {"color": "navy blue"}),
        ({"color": ("red",), "size": ("10", "1")}, "size 10", {"size": "10"}),
        ({"Color Name": ("red",)}, "red", {"color name": "red"}),
        ({"color": ("red",)}, "covered in fur", {"color": "red"}),
        ({"color": ("", "red")}, "blue", {}),
        ({"color": ()}, "red", {}),
        ({}, "red", {}),
    ],
)
def test_options_in_a_request_are_the_longest_values_that_stand_in_it(
    options: Mapping[str, tuple[str, ...]], request_text: str, expected: dict[str, str]
) -> None:
    assert options_in_request(options, request_text) == expected


def test_rule_buys_the_first_result_without_options(tiny_shop: Shop) -> None:
    for goal in tiny_shop.goals:
        first = tiny_shop.search(goal.instruction)[0].asin
        trajectory = roll_out(built_in("rule"), tiny_shop, goal).trajectory
        assert trajectory.actions == [
            f"search[{goal.instruction}]", f"click[{first.lower()}]", "click[buy now]",
        ]  # fmt: skip
        answer = built_in("rule").answer(tiny_shop.catalogue, goal.instruction, rng=None)
        assert (answer.asin, answer.options) == (first, {})


def test_rule_options_chooses_in_each_group_then_buys(tiny_shop: Shop) -> None:
    for goal in tiny_shop.goals:
        first = tiny_shop.search(goal.instruction)[0].asin
        options = options_in_request(tiny_shop.product(first).options, goal.instruction)
        assert options.keys() == {"color", "size"}, "the request names both"
        outcome = roll_out(built_in("rule-options"), tiny_shop, goal)
        assert outcome.trajectory.actions[0] == f"search[{goal.instruction}]"
        assert outcome.trajectory.actions[1] == f"click[{first.lower()}]"
        assert set(outcome.trajectory.actions[2:-1]) == {f"click[{v}]" for v in options.values()}
        assert outcome.trajectory.actions[-1] == "click[buy now]"
        assert outcome.reward == tiny_shop.reward(goal, first, options)
        answer = built_in("rule-options").answer(tiny_shop.catalogue, goal.instruction, rng=None)
        assert (answer.asin, answer.options) == (first, options)


def crowd(groups: int, count: int = 14) -> list[Product]:
    """Products that the same search finds; of each only some option values are asked for."""
    values = {
        "Color": ("red", "blue"), "size": ("small", "large"), "Scent": ("mint", "rose"),
        "shape": ("round", "square"), "height": ("tall", "short"),
    }  # fmt: skip
    kept = list(values.items())[:groups]
    return [
        Product(
            asin=f"CROWD{number:05d}",
            title=f"Candle number {number}",
            description="wax " * (number + 1),
            options={
                group: choices if number % 3 else choices[1:]
                for group, choices in kept[number % 2 :]
            },
            query="candles",
            product_category="Home › Candles",
            attributes=("scented",),
            instruction="Find me scented candles",
            instruction_attributes=("scented",),
        )
        for number in range(count)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def crowded_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("crowd") / "shop"
    return build_shop(crowd(2), folder, source={}, tagger=WordTagger())


@pytest.mark.parametrize("limit", [*range(5, 16), 30, None])
def test_rule_page_always_buys_within_the_step_limit(
    crowded_shop: Shop, tiny_shop: Shop, limit: int | None
) -> None:
    for shop in (crowded_shop, tiny_shop):
        for goal in shop.goals:
            trajectory = roll_out(built_in("rule-page"), shop, goal, step_limit=limit).trajectory
            assert trajectory.purchased
            assert limit is None or len(trajectory.steps) <= limit


@pytest.mark.parametrize("groups", [3, 4, 5])
def test_rule_page_always_buys_products_of_many_options(groups: int, tmp_path: Path) -> None:
    shop = build_shop(crowd(groups), tmp_path / "shop", source={}, tagger=WordTagger())
    for goal in shop.goals:
        for limit in range(groups + 3, 16):
            outcome = roll_out(built_in("rule-page"), shop, goal, step_limit=limit)
            assert outcome.trajectory.purchased


def test_rule_page_buys_the_best_match_of_the_first_page(crowded_shop: Shop) -> None:
    better = 0
    for goal in crowded_shop.goals:
        shown = [hit.asin for hit in crowded_shop.search(goal.instruction, limit=10)]
        found = {
            asin: options_in_request(crowded_shop.product(asin).options, goal.instruction)
            for asin in shown
        }
        outcome = roll_out(built_in("rule-page"), crowded_shop, goal, step_limit=None)
        opened = [
            action[6:-1].upper()
            for action in outcome.trajectory.actions
            if action.startswith("click[crowd")
        ]
        assert opened[:10] == shown, "opens the ten products in order"
        bought = opened[-1]
        most = max(len(options) for options in found.values())
        assert len(found[bought]) == most
        assert outcome.reward == crowded_shop.reward(goal, bought, found[bought])
        answer = built_in("rule-page").answer(crowded_shop.catalogue, goal.instruction, rng=None)
        assert (answer.asin, answer.options) == (bought, found[bought])
        better += bought != shown[0]
    assert better, "the goals must be such that comparing pays"


def test_browser_looks_at_each_result_until_the_one_that_it_buys(crowded_shop: Shop) -> None:
    goal = crowded_shop.goals[0]
    shown = [hit.asin.lower() for hit in crowded_shop.search(goal.instruction, limit=10)]
    lengths = set()
    for seed in range(30):
        outcome = roll_out(built_in("browser", seed=seed), crowded_shop, goal, step_limit=None)
        looks, bought = outcome.trajectory.actions[1:], outcome.trajectory.purchased
        assert bought
        opened = [action[6:-1] for action in looks if action.startswith("click[crowd")]
        assert opened == shown[: len(opened)]
        assert (
            looks[: 2 * len(opened) - 1]
            == [action for asin in opened for action in (f"click[{asin}]", "click[< prev]")][:-1]
        )
        lengths.add(len(opened))
    assert {1, 2} < lengths
    assert max(lengths) <= 10


@pytest.mark.parametrize("protocol", ["pages", "catalogue"])
def test_nobody_earns_more_than_the_oracle(
    crowded_shop: Shop, tiny_shop: Shop, protocol: str
) -> None:
    for shop in (crowded_shop, tiny_shop):
        goals = list(shop.goals)
        oracle = evaluate(built_in("oracle"), shop, goals, protocol=protocol)
        for name in set(BUILT_IN) - {"oracle", "target"}:
            other = evaluate(built_in(name, seed=3), shop, goals, protocol=protocol)
            assert all(
                best >= reward for best, reward in zip(oracle.rewards, other.rewards, strict=True)
            ), name


def test_oracle_and_target_reach_all_of_a_shop_whose_goals_can_be_met(tiny_shop: Shop) -> None:
    goals = list(tiny_shop.goals)
    for name in ("oracle", "target"):
        for protocol in ("pages", "catalogue"):
            result = evaluate(built_in(name), tiny_shop, goals, protocol=protocol)
            assert set(result.rewards) == {1.0}, (name, protocol)


@pytest.mark.parametrize("name", ["rule-options", "oracle"])
@pytest.mark.parametrize("value", ["search", "< prev"])
def test_an_option_named_like_a_button_does_not_hold_up_a_purchase(
    small_shop: Shop, name: str, value: str
) -> None:
    goals = [goal for goal in small_shop.goals if value in dict(goal.options).values()]
    assert goals
    for goal in goals:
        assert roll_out(built_in(name), small_shop, goal).trajectory.purchased


@pytest.mark.parametrize("name", [name for name in BUILT_IN if name not in ("oracle", "target")])
@pytest.mark.parametrize("protocol", ["pages", "catalogue"])
def test_agents_are_no_wiser_than_the_request(tiny_shop: Shop, name: str, protocol: str) -> None:
    """Another goal behind the same request changes nothing that an agent does."""
    for goal in tiny_shop.goals:
        other = replace(goal, asin="MUG0000001", options={}, attributes=(), price_upper=1.0)
        one, two = (
            roll_out(
                built_in(name), tiny_shop, g, protocol=protocol, rng=random.Random(4)
            ).trajectory
            for g in (goal, other)
        )
        assert one.actions == two.actions


def test_a_random_agent_gives_each_available_action_the_same_share(tiny_shop: Shop) -> None:
    goal = tiny_shop.goals[0]
    outcome = roll_out(built_in("random"), tiny_shop, goal, rng=random.Random(2))
    session = Session(tiny_shop, goal)
    for choice in outcome.choices:
        if session.state.query is not None:
            actions = session.page().actions
            assert choice.candidates == tuple((action, 1 / len(actions)) for action in actions)
        session.act(choice.action)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_search_without_results_is_survived(tiny_shop: Shop, name: str) -> None:
    goal = replace(tiny_shop.goals[0], instruction="zzz")
    assert not tiny_shop.search_rows("zzz")
    outcome = roll_out(built_in(name), tiny_shop, goal, step_limit=8)
    assert len(outcome.trajectory.steps) <= 8
    if name != "target":
        assert not outcome.trajectory.purchased
        assert roll_out(built_in(name), tiny_shop, goal, protocol="catalogue").reward is None


def test_agents_of_unknown_name_are_refused(tiny_shop: Shop, tmp_path: Path) -> None:
    for name in ("nobody", str(tmp_path / "missing"), ""):
        with pytest.raises(AgentError, match="agent: expected random, rule") as caught:
            open_agent(name, tiny_shop)
        assert "\n" not in str(caught.value)
    assert isinstance(open_agent("rule", tiny_shop), Rule)


def rounded(shop: Shop, goals: list[Goal], name: str, protocol: str) -> tuple[float, float]:
    record = evaluate(built_in(name), shop, goals, protocol=protocol).record()
    return round(record["score"], 2), round(record["success_rate"], 2)


@pytest.mark.parametrize(
    ("name", "protocol", "expected"),
    [
        ("rule", "pages", (57.11, 2.2)),
        ("rule", "catalogue", (57.11, 2.2)),
        ("rule-options", "pages", (79.51, 56.6)),
        ("rule-options", "catalogue", (79.51, 56.6)),
        ("target", "catalogue", (99.38, 96.0)),
    ],
)
def test_webshops_test_goals_give_the_numbers_of_the_original(
    tagged_shop: Shop, name: str, protocol: str, expected: tuple[float, float]
) -> None:
    assert rounded(tagged_shop, tagged_shop.goals.split("test"), name, protocol) == expected
