"""Requests that tell of somebody beside what they ask for."""

from __future__ import annotations

import pytest

from shopwright.catalogue.product import Product
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import build_shop
from shopwright.understanding.background import asides_in, told_in
from shopwright.understanding.parse import Understanding
from shopwright.understanding.request import Part

KINDS = ("flats", "shelves", "sheets", "beds", "cables", "dresses", "mugs")


@pytest.fixture(scope="module")
def understanding(tmp_path_factory: pytest.TempPathFactory) -> Understanding:
    products = [
        Product(asin=f"B{kind}{n}", title=f"{colour} {kind}", query=kind)
        for kind in KINDS
        for n, colour in enumerate(("Blue", "Red"))
    ]
    products.append(Product(asin="L1", title="Lace for Lovers and Weddings, Bigger", query="lace"))
    folder = tmp_path_factory.mktemp("background") / "shop"
    shop = build_shop(products, folder, source={"kind": "test"}, tagger=WordTagger())
    return Understanding.of(shop.catalogue)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("We moved into a flat and need shelves", ["shelves"]),
        ("i have a bed, looking for sheets", ["sheets"]),
        ("My bed is blue. Which sheets do you have?", ["sheets"]),
        ("Our flat is full of beds and cables. Any mugs?", ["mugs"]),
        ("My bed is broken, I need a new one", ["beds"]),
        ("our mug is old", ["mugs"]),  # Nothing else is asked for.
        ("a dress, I need it for a bed", ["dresses"]),
        ("I am looking for a cable", ["cables"]),
    ],
)
def test_what_somebody_has_is_not_what_is_asked_for(
    understanding: Understanding, text: str, kinds: list[str]
) -> None:
    found = understanding.parse(text).of(Part.KIND)
    assert [piece.value for piece in found if piece.hard or piece.confidence > 0.6] == kinds


def test_what_somebody_tells_counts_half(understanding: Understanding) -> None:
    told = understanding.parse("We have blue beds and need sheets")
    asked = understanding.parse("blue sheets")
    (half,) = [piece for piece in told.pieces if piece.text == "blue"]
    (whole,) = [piece for piece in asked.pieces if piece.text == "blue"]
    assert half.confidence < 0.55 < whole.confidence


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("Good morning, a mug please", 12),
        ("good evening I need sheets", 12),
        ("good morning mug", 0),
        ("a good day, mug", 0),
    ],
)
def test_greetings(text: str, length: int) -> None:
    assert [end for _, end in asides_in(text)] == ([length] if length else [])


@pytest.mark.parametrize("word", ["bigger", "lovers", "xmas", "wedding", "blue"])
def test_words_that_name_no_kind(understanding: Understanding, word: str) -> None:
    for text in (word, f"{word} lace", f"lace, {word}"):
        assert word not in [p.text for p in understanding.parse(text).of(Part.KIND)]


def test_what_somebody_cannot_stand_is_ruled_out(understanding: Understanding) -> None:
    parsed = understanding.parse("We don't like blue, we need sheets")
    assert [piece.value for piece in parsed.of(Part.EXCLUSION)] == ["blue"]


def test_a_unit_that_is_a_kind_is_one_where_nothing_is_counted(
    understanding: Understanding,
) -> None:
    assert [p.value for p in understanding.parse("blue sheets").of(Part.KIND)] == ["sheets"]
    assert understanding.parse("a mug with 3 sheets").of(Part.KIND)[0].value == "mugs"
    assert "sheets" not in [p.value for p in understanding.parse("3 sheets").of(Part.KIND)]


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("our router keeps dying, looking for one with wifi", False),
        ("My bed is broken. I want another", False),
        ("my kettle leaks, need a replacement", False),
        ("we have one cat, need a bed", True),
        ("my bed is old, looking for sheets", True),
    ],
)
def test_who_looks_for_another_one_asks_for_what_it_tells_of(text: str, tells: bool) -> None:
    assert bool(told_in(text).telling) is tells


def test_what_is_ruled_out_ends_where_somebody_tells_of_something_else(
    understanding: Understanding,
) -> None:
    parsed = understanding.parse("sheets no cables. our flat")
    assert [piece.value for piece in parsed.of(Part.EXCLUSION)] == ["cables"]
