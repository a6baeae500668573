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
    }
    products = [
        Product(asin=f"L{number:09}", title=title, query=kind)
        for number, (title, kind) in enumerate(titles.items())
    ]
    folder = tmp_path_factory.mktemp("lattice") / "shop"
    shop = build_shop(products, folder, source={"kind": "test"}, tagger=WordTagger())
    return Understanding.of(shop.catalogue)


def kinds(understanding: Understanding, text: str) -> set[str]:
    words = words_in(text)
    reader = Reader(words, [False] * len(words), understanding)
    spans = [span for span in reader.spans() if span.label is Label.KIND]
    return {" ".join(word.text for word in words[s.start : s.end]) for s in spans}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tote bag", {"tote", "bag", "tote bag"}),
        # Titles say "for men", and nothing is called so.
        ("shorts for men", {"shorts", "for", "men"}),
        ("vitamin d", {"vitamin"}),
    ],
)
def test_what_may_be_the_kind_of_a_thing(
    understanding: Understanding, text: str, expected: set[str]
) -> None:
    assert kinds(understanding, text) == expected
