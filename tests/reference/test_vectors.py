"""The shop against vectors recorded from the original, unmodified environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gymnasium
import pytest

from shopwright.search.analysis import analyse
from shopwright.shop.goals import Goal
from shopwright.shop.nouns import NounTagger, best_tagger
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop

Vectors = Callable[[str], list[dict[str, Any]]]


def fields(goal: Goal) -> dict[str, Any]:
    """A goal under the names of the recording."""
    options = dict(goal.options) if isinstance(goal.options, Mapping) else list(goal.options)
    return {
        "asin": goal.asin,
        "instruction_text": goal.instruction,
        "attributes": list(goal.attributes),
        "goal_options": options,
        "price_upper": goal.price_upper,
        "category": goal.category,
        "query": goal.query,
        "product_category": goal.product_category,
        "name": goal.title,
        "weight": goal.weight,
    }


@pytest.mark.parametrize("name", ["goals", "goals_human"])
def test_goals_are_the_originals_in_its_order(
    name: str, webshop_shop: Shop, vectors: Vectors
) -> None:
    goals = webshop_shop.goals.human if name == "goals_human" else list(webshop_shop.goals)
    expected = vectors(name)
    assert [vector["idx"] for vector in expected] == list(range(len(goals)))
    for goal, vector in zip(goals, expected, strict=True):
        assert fields(goal) == {key: vector[key] for key in fields(goal)}, vector["idx"]
        # Prices are shown: 50 and 50.0 compare equal but are not the same text.
        assert repr(goal.price_upper) == repr(vector["price_upper"])
        if isinstance(goal.options, Mapping):
            assert list(goal.options) == list(vector["goal_options"])


def test_prices_are_the_originals(webshop_shop: Shop, vectors: Vectors) -> None:
    for product, vector in zip(webshop_shop.catalogue, vectors("prices"), strict=True):
        assert product.asin == vector["asin"]
        assert list(product.pricing_dollars) == vector["pricing"]
        assert product.price_tag == vector["price_tag"]
        assert product.price_dollars == vector["price"]


REWARD_PARTS = {
    "total_reward": "total",
    "r_type": "type",
    "r_att": "attributes",
    "w_att": "attributes_weight",
    "query_match": "query_match",
    "category_match": "category_match",
    "title_score": "title_score",
    "r_option": "options",
    "w_option": "options_weight",
    "r_price": "price",
    "w_price": "price_weight",
}


@pytest.mark.parametrize("name", ["rewards", "rewards_human"])
def test_rewards_and_their_parts(name: str, tagged_shop: Shop, vectors: Vectors) -> None:
    goals = tagged_shop.goals.human if name == "rewards_human" else tagged_shop.goals
    for vector in vectors(name):
        goal = goals[vector["goal_idx"]]
        reward = tagged_shop.reward(goal, vector["asin"], vector["options"], vector["price"])
        for recorded, part in REWARD_PARTS.items():
            expected = vector.get(recorded)
            got = getattr(reward, part)
            if expected is None:
                assert got is None, (recorded, vector)
            else:
                assert got == pytest.approx(expected, abs=1e-9, rel=0), (recorded, vector)


def test_ceiling_of_the_test_goals(tagged_shop: Shop) -> None:
    """The right product with the right options: 20 of 500 goals cannot be fulfilled."""
    totals = [
        tagged_shop.reward(goal, goal.asin, goal.options).total
        for goal in tagged_shop.goals.split("test")
        if isinstance(goal.options, Mapping)
    ]
    assert sum(total == 1.0 for total in totals) == 480
    assert 100 * sum(totals) / 500 == pytest.approx(99.38, abs=0.005)


def test_nouns_of_titles(vectors: Vectors) -> None:
    tagger, reason = best_tagger()
    if reason:
        pytest.skip(reason)
    _check_nouns(tagger, vectors("nouns"))


def _check_nouns(tagger: NounTagger, expected: list[dict[str, Any]]) -> None:
    found = tagger.tag(vector["name"] for vector in expected)
    for nouns, vector in zip(found, expected, strict=True):
        assert list(nouns) == vector["nouns"], vector["name"]


def test_stored_nouns_are_those_of_the_titles(tagged_shop: Shop, vectors: Vectors) -> None:
    for vector in vectors("nouns"):
        assert list(tagged_shop.product(vector["asin"]).nouns) == vector["nouns"]


def test_search_terms_rankings_and_scores(webshop_shop: Shop, vectors: Vectors) -> None:
    for vector in vectors("search"):
        assert analyse(vector["query"]) == vector["tokens"], vector["query"]
        hits = webshop_shop.search(vector["query"])
        assert [hit.asin for hit in hits] == [asin for asin, _ in vector["hits"]], vector["query"]
        for hit, (_, score) in zip(hits, vector["hits"], strict=True):
            assert hit.score == pytest.approx(score, abs=1e-4, rel=0), vector["query"]


def test_indexed_terms_of_every_product(webshop_shop: Shop, vectors: Vectors) -> None:
    for product, vector in zip(webshop_shop.catalogue, vectors("docterms"), strict=True):
        terms = analyse(product.search_text)
        assert product.asin == vector["asin"]
        assert len(terms) == vector["length"], vector["asin"]
        assert {term: terms.count(term) for term in set(terms)} == vector["terms"], vector["asin"]


def test_episodes_step_by_step(tagged_shop: Shop, vectors: Vectors) -> None:
    steps = 0
    for episode in vectors("episodes"):
        goal = tagged_shop.goals[episode["goal_idx"]]
        session = Session(tagged_shop, goal, show_attributes=episode["show_attrs"])
        for number, step in enumerate(episode["steps"]):
            where = (episode["kind"], number, step["action"])
            if "error" in step:  # The original crashed; ours takes the action for invalid.
                before = session.state
                assert session.act(step["action"]) == (0.0, False), where
                assert session.state == before, where
                continue
            reward, done = session.act(step["action"]) if step["action"] else (0.0, False)
            assert session.text() == step["obs_text"], where
            assert session.text_rich() == step["obs_rich"], where
            assert session.has_search_bar == step["available"]["has_search_bar"], where
            assert list(session.clickables) == step["available"]["clickables"], where
            assert reward == pytest.approx(step["reward"], abs=1e-9, rel=0), where
            assert done == step["done"], where
            steps += 1
    assert steps > 300


@pytest.mark.parametrize(
    ("observation", "recorded"), [("text", "obs_text"), ("text_rich", "obs_rich")]
)
def test_episodes_through_gymnasium(
    observation: str, recorded: str, tagged_shop: Shop, vectors: Vectors
) -> None:
    for episode in vectors("episodes"):
        env = gymnasium.make(
            "shopwright/Shop-v0",
            shop=tagged_shop,
            observation=observation,
            show_attributes=episode["show_attrs"],
            disable_env_checker=True,
        )
        seen, info = env.reset(options={"goal": episode["goal_idx"]})
        for step in episode["steps"]:
            reward, terminated = 0.0, False
            if step["action"] is not None:
                seen, reward, terminated, truncated, info = env.step(step["action"])
                assert not truncated
            if "error" not in step:
                assert seen == step[recorded]
                assert info["available_actions"] == step["available"]
                assert (reward, terminated) == (pytest.approx(step["reward"]), step["done"])
