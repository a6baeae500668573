"""The graded reward, worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from shopwright.catalogue.product import Product
from shopwright.shop.goals import Goal
from shopwright.shop.price_limits import NO_PRICE_LIMIT
from shopwright.shop.reward import fuzzy_match, option_match, purchase_reward, shorten_colour


def product(**fields: Any) -> Product:
    standard: dict[str, Any] = {
        "asin": "P",
        "title": "Red Cotton Shirt",
        "attributes": ("machine washable", "long sleeve"),
        "query": "shirts",
        "product_category": "Clothing › Men › Shirts",
        "nouns": ("cotton", "shirt"),
    }
    return Product(**{**standard, **fields})


def goal(**fields: Any) -> Goal:
    standard: dict[str, Any] = {
        "asin": "P",
        "instruction": "Find me machine washable shirts",
        "attributes": ("machine washable", "long sleeve"),
        "options": {"size": "large"},
        "price_upper": 30.0,
        "query": "shirts",
        "product_category": "Clothing › Men › Shirts",
        "nouns": ("cotton", "shirt"),
    }
    return Goal(**{**standard, **fields})


def test_a_perfect_purchase() -> None:
    reward = purchase_reward(product(), goal(), {"size": "large"}, 20.0)
    assert reward.total == 1.0
    assert reward.success
    assert (reward.type, reward.attributes, reward.options, reward.price) == (1.0, 1.0, 1.0, True)
    weights = (reward.attributes_weight, reward.options_weight, reward.price_weight)
    assert weights == (2 / 4, 1 / 4, 1 / 4)


def test_each_part_counts_alike() -> None:
    assert purchase_reward(product(), goal(), {}, 20.0).total == 3 / 4
    assert purchase_reward(product(), goal(), {"size": "small"}, 20.0).total == 3 / 4
    assert purchase_reward(product(), goal(), {"size": "large"}, 30.01).total == 3 / 4
    assert purchase_reward(product(), goal(), {"size": "large"}, 30.0).total == 1.0
    assert (
        purchase_reward(product(attributes=("x",)), goal(), {"size": "large"}, 20.0).total == 2 / 4
    )


def test_attributes_may_stand_in_the_texts() -> None:
    for text in (
        {"title": "LONG SLEEVE shirt"},
        {"description": "with a Long Sleeve"},
        {"bullets": ("soft", "long sleeve")},
        {"bullets": ("with long", "sleeve")},  # The bullets are joined by a space.
    ):
        reward = purchase_reward(product(attributes=("x",), **text), goal(), {"size": "large"}, 1.0)
        assert reward.attributes == 1 / 2, text


def test_nothing_asked_for_but_the_price() -> None:
    reward = purchase_reward(product(), goal(attributes=(), options=()), {}, 20.0)
    assert (reward.total, reward.attributes, reward.options) == (1.0, None, None)
    assert (reward.attributes_weight, reward.options_weight, reward.price_weight) == (0, None, 1)
    assert purchase_reward(product(), goal(price_upper=NO_PRICE_LIMIT), {}, 1e5).price


@pytest.mark.parametrize(
    ("nouns", "asked", "query", "expected_title", "expected_type"),
    [
        (("shirt",), ("cotton", "shirt"), "shirts", 1 / 2, 1.0),
        ((), ("cotton", "shirt"), "shirts", 0.0, 0.0),
        (("shirt",), tuple(["shirt"] + [f"n{i}" for i in range(10)]), "shirts", 1 / 11, 0.1),
        (("shirt",), tuple(["shirt"] + [f"n{i}" for i in range(5)]), "shirts", 1 / 6, 1.0),
        (("shirt",), tuple(["shirt"] + [f"n{i}" for i in range(5)]), "hats", 1 / 6, 0.5),
        (("shirt",), tuple(["shirt"] + [f"n{i}" for i in range(4)]), "hats", 1 / 5, 0.5),
        (("shirt",), tuple(["shirt"] + [f"n{i}" for i in range(3)]), "hats", 1 / 4, 1.0),
        # The goal's nouns count with their repetitions, what is shared without.
        (("shirt",), ("shirt", "shirt"), "shirts", 1 / 2, 1.0),
        (("shirt",), (), "hats", 0.2, 0.5),
    ],
)
def test_type(
    nouns: tuple[str, ...], asked: tuple[str, ...], query: str,
    expected_title: float, expected_type: float,
) -> None:  # fmt: skip
    bought = product(nouns=nouns, query=query, product_category="Hats")
    reward = purchase_reward(bought, goal(nouns=asked), {"size": "large"}, 20.0)
    assert reward.title_score == expected_title
    assert reward.type == expected_type
    assert reward.total == expected_type


def test_category_match_needs_two_in_common() -> None:
    for category, expected in (
        ("Clothing › Women › Shirts", True),
        ("Clothing ›  Hats", False),
        ("Shirts › Men", True),  # The order does not count.
        ("Clothing › Clothing", False),
        ("", False),
    ):
        reward = purchase_reward(product(product_category=category, query="x"), goal(), {}, 1.0)
        assert reward.category_match is expected, category


def test_colours() -> None:
    assert shorten_colour("dark navy blue") == "blue"  # First of the colour list, not of the text.
    assert shorten_colour("tiger tan") == "tan"
    assert shorten_colour("large") == "large"
    assert shorten_colour("coloured") == "red"  # Substrings count.
    # A pair has a colour only if its name or its value is exactly one.
    assert shorten_colour(("color", "navy blue")) == ("color", "navy blue")
    assert shorten_colour(("color", "blue")) == "blue"


def test_options_of_synthetic_goals_are_compared_as_pairs() -> None:
    assert option_match("large", ("size", "large"))
    assert not option_match("small", ("size", "large"))
    assert option_match("light blue", ("color", "blue"))
    # Shortened to "blue", which is far from "('color', 'navy blue stripes')" no more.
    assert option_match("navy blue stripes", ("color", "navy blue stripes"))
    # Nor can this be met: only one side is shortened, and shares no word with the other.
    assert not option_match("reddish", ("color", "reddish"))
    assert option_match("reddish", "reddish")


def test_fuzzy_match() -> None:
    assert fuzzy_match("machine washable", ["else", "washable machine!"])
    assert fuzzy_match("Queen – size", ["queen size"])
    assert fuzzy_match("", [""]) is False
    assert fuzzy_match("easy use", []) is False
    assert not fuzzy_match("easy clean", ["easy use"])
    assert fuzzy_match("café", ["caf"])  # Latin-1 letters are dropped before the comparison.


@given(st.lists(st.text("ab c", max_size=12), max_size=4), st.text("ab c", max_size=12))
def test_fuzzy_match_rounds_the_ratio_to_whole_percent(others: list[str], text: str) -> None:
    expected = any(round(fuzz.token_set_ratio(other, text)) > 85 for other in others)
    assert fuzzy_match(text, others) == expected
