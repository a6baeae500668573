"""Why a product is recommended."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.catalogue.product import NO_PRICE_TAG, Product
from shopwright.recommending.reasons import asked_for, met_share, reasons, sentence

MUG = Product(
    asin="M1",
    title="Stoneware Coffee Mug",
    description="A mug for hot drinks. It is dishwasher safe.",
    bullets=("Lead free glaze", "Wide handle"),
    pricing_dollars=(12.0, 18.0),
    price_tag="$12.00 to $18.00",
    options={"color": ("navy blue", "red"), "size": ("small", "large")},
    query="mugs",
)


@pytest.mark.parametrize(
    ("request_text", "expected"),
    [
        ("Find me leak proof, bpa free containers with pump, under 20 dollars",
         ["leak proof", "bpa free containers", "pump"]),
        ("I'm looking for red running shoes, size 9, under $60",
         ["red running shoes", "size 9"]),
        ("a mug with color: deep black, and size: large, and price lower than 40.00 dollars",
         ["mug", "color: deep black", "size: large"]),
        ("can you find me something that's dimmable and not too bright", ["dimmable", "bright"]),
        ("a sofa between $200 and $300", ["sofa"]),
        ("", []),
        ("!!! ???", []),
    ],
)  # fmt: skip
def test_things_asked_for(request_text, expected):
    assert asked_for(request_text) == expected


def why(request: str, options: dict[str, str] | None = None, limit: float | None = None):
    return {
        reason.asked: reason for reason in reasons(request, MUG, options or {}, price_limit=limit)
    }


def test_where_it_stands():
    found = why("coffee mug, lead free, dishwasher safe, in navy blue", {"color": "navy blue"})
    assert {name: (r.met, r.known_from) for name, r in found.items()} == {
        "coffee mug": (True, "title"),
        "lead free": (True, "features"),
        "dishwasher safe": (True, "description"),
        "navy blue": (True, "chosen options"),
    }
    assert found["dishwasher safe"].evidence == "It is dishwasher safe."


def test_an_option_that_was_not_chosen_is_not_met():
    assert why("navy blue mug", {"color": "red"})["navy blue mug"].met is False
    found = why("mug with color: navy blue", {"color": "red"})["color: navy blue"]
    assert (found.met, found.evidence) == (False, "color: red")


def test_some_of_the_words_prove_nothing():
    found = why("bamboo handle")["bamboo handle"]
    assert found.met is False
    assert found.missing == ("bamboo",)
    assert "“bamboo handle” (all but “bamboo”)" in sentence([found])


def test_words_found_in_several_places():
    found = why("stoneware dishwasher")["stoneware dishwasher"]
    assert found.met
    assert found.known_from == "title and description"


@pytest.mark.parametrize(("limit", "met"), [(20.0, True), (15.0, None), (10.0, False)])
def test_prices(limit, met):
    (found,) = reasons("", MUG, {}, price_limit=limit)
    assert found.met is met


def test_no_price_is_not_certain():
    product = Product(asin="x", title="x", price_tag=NO_PRICE_TAG)
    (found,) = reasons("", product, {}, price_limit=5.0)
    assert found.met is None
    assert "Not certain: “price up to $5.00”" in sentence([found])


def test_a_price_limit_is_in_the_shops_currency():
    (found,) = reasons("", replace(MUG, currency="EUR"), {}, price_limit=60.0)
    assert found.asked == "price up to €60.00"


def test_sentence_and_share():
    found = list(why("lead free, bamboo lid").values())
    assert sentence(found) == (
        "Meets 1 of 2 things asked for: “lead free” (features). Not found: “bamboo lid”."
    )
    (price,) = reasons("", MUG, {}, price_limit=9.0)
    assert "Not met: “price up to $9.00” ($12.00 to $18.00)." in sentence([price])
    assert met_share(found) == 0.5
    assert met_share([]) == 0.0
    assert "nothing that can be checked" in sentence([])


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.text(max_size=60))
def test_any_texts(request_text, title):
    product = Product(asin="x", title=title, options={"a": ("b",)})
    for reason in reasons(request_text, product, {"a": "b"}, price_limit=None):
        assert reason.met in (True, False)
        assert len(reason.evidence) <= 120


@pytest.mark.parametrize(
    ("request_text", "currency", "expected"),
    [
        ("a red backpack, at most 250k", "VND", ["red backpack"]),
        ("a red backpack under 250,000 dong, with straps", "VND", ["red backpack", "straps"]),
        ("a mug under 20 pounds", "GBP", ["mug"]),
        ("a cable under 6 feet", "USD", ["cable under 6 feet"]),
    ],
)
def test_a_price_in_the_currency_of_the_shop_is_no_thing_asked_for(
    request_text: str, currency: str, expected: list[str]
) -> None:
    assert asked_for(request_text, currency) == expected
