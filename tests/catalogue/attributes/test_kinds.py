"""Kinds of products, from titles where the catalogue names none."""

from __future__ import annotations

import pytest

from shopwright.catalogue.attributes.grammar import best_tagger
from shopwright.catalogue.attributes.kinds import is_kind, kinds_in_titles, stem
from shopwright.catalogue.product import Product


def kinds(*titles: str, brand: str = "") -> list[str]:
    products = [Product(asin=str(n), title=t, brand=brand) for n, t in enumerate(titles)]
    return kinds_in_titles(products, [True] * len(products), best_tagger())


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Acme Stoneware Coffee Mug, 12 oz - Blue", "coffee mug"),
        ("Norvik Rain Jacket for Women", "rain jacket"),
        ("Norvik Rain Jacket 3-in-1 Navy XL", "rain jacket"),
        ("Mug", "mug"),
        ("1984", "1984"),
    ],
)
def test_the_end_of_a_title_that_no_other_is_like(title: str, expected: str) -> None:
    assert kinds(title) == [expected]


def test_what_many_titles_say_wherever_it_stands():
    makers = ("Krups", "Delm", "Arno", "Bosk")
    titles = [f"{maker} X{n} coffee maker Type {n} fully-auto" for n, maker in enumerate(makers)]
    assert kinds(*titles) == ["coffee maker"] * 4


def test_a_brand_is_no_kind():
    assert kinds("Meadow Lane Wool Throw", brand="Meadow Lane") == ["wool throw"]


@pytest.mark.parametrize(
    "text",
    ["", " ", "Uncategorized", "Default Category", "simple", "variable", "Norvik", "12", "Women"],
)
def test_what_names_no_kind(text: str) -> None:
    assert not is_kind(text, "norvik")


def test_what_names_a_kind():
    assert is_kind("Women's Shoes")
    assert is_kind("rain jackets", "Norvik")


@pytest.mark.parametrize(
    ("word", "expected"),
    [("mugs", "mug"), ("dress", "dress"), ("dresses", "dress"), ("brushes", "brush"),
     ("batteries", "battery"), ("gas", "gas")],
)  # fmt: skip
def test_stems(word: str, expected: str) -> None:
    assert stem(word) == expected
