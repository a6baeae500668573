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
    }
    products = [
        Product(asin=f"L{number:09}", title=title, query=kind, brand="Hunter")
        for number, (title, kind) in enumerate(titles.items())
    ]
    folder = tmp_path_factory.mktemp("lattice") / "shop"
    shop = build_shop(products, folder, source={"kind": "test"}, tagger=WordTagger())
    return Understanding.of(shop.catalogue)


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
