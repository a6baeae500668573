"""The options with which a product is recommended."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalogue.product import Product, Variant
from shopwright.recommending.choosing import (
    OptionWishes,
    choose,
    matching_value,
    same_group,
    words_of,
)
from shopwright.understanding.request import ParsedRequest, Part, Piece

WORDS = ("black", "x-large", "xl", "blacks", "2", "pack", "pack of")
VALUE = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
SHIRT = Product(
    asin="S1",
    title="Shirt",
    options={"color": ("a-black", "black", "white"), "size": ("large", "x-large", "xx-large")},
)


def asked(*pieces: Piece) -> ParsedRequest:
    return ParsedRequest(text="shirt", pieces=pieces)


def option(value: str, group: str = "") -> Piece:
    return Piece(part=Part.OPTION, text=value, value=value, group=group)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("XX-Large", ("2xl",)), ("2xl", ("2xl",)), ("2x-large", ("2xl",)), ("xl", ("xl",)),
        ("Extra Small", ("xs",)), ("medium", ("m",)), ("3x", ("3x",)), ("9.5", ("9.5",)),
        ("small plates", ("s", "plate")), ("m8", ("m8",)), ("2005Brown", ("2005", "brown")),
        ("r.brown137", ("r.brown", "137")), ("12x40ml", ("12x40ml",)), ("h2o", ("h2o",)),
    ],
)  # fmt: skip
def test_sizes_have_one_writing(text: str, words: tuple[str, ...]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("piece", "chosen"),
    [
        (option("xl"), {"size": "x-large"}),
        (option("large"), {"size": "large"}),
        (option("2XL"), {"size": "xx-large"}),
        (option("black"), {"color": "black"}),
        (option("black", "colour"), {"color": "black"}),
        (option("black", "size"), {}),
        (option("purple"), {}),
        (Piece(part=Part.FEATURE, text="white"), {"color": "white"}),
    ],
)
def test_what_is_asked_for_is_chosen_where_it_is_offered(piece: Piece, chosen: dict) -> None:
    assert choose(SHIRT, OptionWishes(asked(piece)), {}) == chosen


def test_what_the_agent_prefers_stays_where_nothing_is_asked() -> None:
    preferred = {"color": "white", "size": "large"}
    assert choose(SHIRT, OptionWishes(asked(option("xl"))), preferred) == {
        "color": "white",
        "size": "x-large",
    }


def test_what_is_excluded_is_not_chosen() -> None:
    excluded = Piece(part=Part.EXCLUSION, text="not black", value="black")
    assert choose(SHIRT, OptionWishes(asked(excluded)), {"color": "black"}) == {"color": "white"}


def test_of_variants_one_is_chosen_that_can_be_bought_within_the_limit() -> None:
    prices = {("black", "s"): 9.0, ("black", "l"): 15.0, ("red", "s"): 11.0, ("red", "l"): None}
    variants = tuple(
        Variant(options={"color": c, "size": s}, price_dollars=price, stock=int(c != "black"))
        for (c, s), price in prices.items()
    )
    product = Product(
        asin="V1", title="V", options={"color": ("black", "red"), "size": ("s", "l")},
        variants=variants,
    )  # fmt: skip
    # Black is sold out, and of the large red one nobody knows the price.
    assert choose(product, OptionWishes(asked(option("large"))), {}) == {
        "color": "red",
        "size": "l",
    }
    limit = Piece(part=Part.PRICE, text="under 20", highest=20.0)
    assert choose(product, OptionWishes(asked(option("large"), limit)), {}) == {
        "color": "red",
        "size": "s",
    }


def test_groups_are_the_same_by_a_word() -> None:
    assert same_group("Colour", "color name")
    assert same_group("size", "shoe size")
    assert not same_group("size", "color")


@given(st.lists(st.sampled_from(WORDS), max_size=4), st.lists(VALUE, max_size=4))
def test_a_value_has_all_words_of_the_piece_and_the_fewest_others(
    asked: list[str], values: list[str]
) -> None:
    wanted = Piece(part=Part.OPTION, text=" ".join(asked), value=" ".join(asked))
    words = set(words_of(" ".join(asked)))
    having = [value for value in values if words and words <= set(words_of(value))]
    fewest = min((len(words_of(value)) for value in having), default=0)
    found = matching_value(wanted, "style", values)
    assert (found is None) == (not having)
    assert found is None or (found in having and len(words_of(found)) == fewest)


@pytest.mark.parametrize(
    ("limit", "chosen"),
    [
        ({"value": "liter", "lowest": 0.9}, "1 l"),
        ({"value": "liter", "highest": 1.5}, "1 l"),
        ({"value": "milliliter", "lowest": 1500.0}, "2 l"),
        ({"value": "liter", "lowest": 3.0}, None),
        ({"value": "inch", "lowest": 1.0}, None),
    ],
)
def test_a_value_within_a_measure_is_chosen_the_nearest_to_its_bound(limit, chosen):
    bottle = Product(asin="B1", title="Bottle", options={"size": ("500 ml", "1 l", "2 l")})
    piece = Piece(part=Part.MEASURE, text="", **limit)
    assert choose(bottle, OptionWishes(asked(piece)), {}) == (
        {} if chosen is None else {"size": chosen}
    )


def test_values_of_several_groups_are_chosen_for_one_request() -> None:
    request = asked(option("black"), option("large", "size"))
    assert choose(SHIRT, OptionWishes(request), {}) == {"color": "black", "size": "large"}
