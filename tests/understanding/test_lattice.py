"""The ways in which a request can be read."""

from __future__ import annotations

import pytest

from shopwright.catalogue.product import Product
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import build_shop
from shopwright.understanding.lattice import Label, Reader
from shopwright.understanding.parse import Understanding
from shopwright.understanding.words import words_in


@pytest.fixture(scope="module")
def understanding(tmp_path_factory: pytest.TempPathFactory) -> Understanding:
    titles = {
        "Vitamin D Gummies": "vitamins",
        "Vitamin D Capsules": "vitamins",
        "Shorts for Men": "shorts",
        "Linen Shorts for Men": "shorts",
        "Canvas Tote Bag": "bags",
        "Striped Tote Bag": "bags",
        "Milk Chocolate": "chocolate",
        "Tote with Pockets": "bags",
        "Slim Fit Tote": "bags",
    }
    products = [
        Product(
            asin=f"L{number:09}",
            title=title,
            query=kind,
            brand="Hunter",
            options=OPTIONS if kind == "shorts" else {},
        )
        for number, (title, kind) in enumerate(titles.items())
    ]
    folder = tmp_path_factory.mktemp("lattice") / "shop"
    shop = build_shop(products, folder, source={"kind": "test"}, tagger=WordTagger())
    return Understanding.of(shop.catalogue)


OPTIONS = {"fit type": ("slim", "wide")}


def read_as(label: Label, understanding: Understanding, text: str) -> set[str]:
    words = words_in(text)
    reader = Reader(words, [False] * len(words), understanding)
    spans = [span for span in reader.spans() if span.label is label]
    return {" ".join(word.text for word in words[s.start : s.end]) for s in spans}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tote bag", {"tote", "bag", "tote bag"}),
        # Titles say "for men", and nothing is called so.
        ("shorts for men", {"shorts", "for", "men"}),
        ("vitamin d", {"vitamin"}),
        # A colour's name, unless it is what the shop sells, or something else follows.
        ("sage green tote", {"tote"}),
        ("dove grey tote", {"tote"}),
        ("sage tote", {"sage", "tote"}),
        ("sage, green tote", {"sage", "tote"}),
        ("slip on tote", {"on", "tote"}),
        ("slip tote", {"slip", "tote"}),
        ("chocolate brown tote", {"chocolate", "tote"}),
        ("canvas green tote", {"canvas", "tote"}),
    ],
)
def test_what_may_be_the_kind_of_a_thing(
    understanding: Understanding, text: str, expected: set[str]
) -> None:
    assert read_as(Label.KIND, understanding, text) == expected


def test_a_colours_name_is_no_brand(understanding: Understanding) -> None:
    assert read_as(Label.BRAND, understanding, "hunter tote") == {"hunter"}
    assert read_as(Label.BRAND, understanding, "hunter green tote") == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # What a thing has is said of it, not said by the way.
        ("tote with pockets and shorts", {"tote", "with", "and", "shorts"}),
        ("tote pockets", {"tote", "pockets"}),
        ("tote with wide pockets", {"tote", "with", "wide", "pockets"}),
        ("tote with feathers", {"tote", "with", "feathers"}),
        ("shorts with fit type slim", {"shorts", "with", "fit", "type", "slim"}),
    ],
)
def test_what_may_say_nothing(understanding: Understanding, text: str, expected: set[str]) -> None:
    assert read_as(Label.OTHER, understanding, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pack of 2 totes", {"pack of 2"}),
        ("pack of 2 inch totes", {"2 inch"}),
        ("12 pack totes", {"12 pack"}),
        ("pack of 3 in black", {"pack of 3"}),
        ("3 in wide totes", {"3 in"}),
        ("3 in black totes", {"3 in"}),
        ("totes 3 in black, cheap", set()),
        ("totes of 3 in", {"3 in"}),
        ("50 feet totes", {"50 feet"}),
    ],
)
def test_quantities_are_said_together(
    understanding: Understanding, text: str, expected: set[str]
) -> None:
    features = read_as(Label.FEATURE, understanding, text)
    assert {feature for feature in features if " " in feature} == expected
