"""Attributes and requests derived from texts."""

from __future__ import annotations

import math

import pytest

from shopwright.catalogue.attributes import MOST_COMBINATIONS, derive, request_text
from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product


def mug(number: int, description: str, **fields: object) -> Product:
    return Product(
        asin=f"M{number}",
        title=f"Acme coffee mug {number}",
        description=description,
        query="coffee mugs",
        category="kitchen",
        **fields,  # type: ignore[arg-type]
    )


def test_shared_phrases_become_attributes_and_requests_ask_for_them():
    products = [mug(n, "It is dishwasher safe. Has a wide handle.") for n in range(3)]
    products += [mug(n, "Hand painted by the sea. Free shipping!") for n in range(3, 6)]
    finished, derived = derive(products, seed=1)
    assert set(finished[0].attributes) == {"dishwasher safe", "wide handle"}
    assert finished[4].attributes == ("hand painted",)
    assert finished[4].instruction == "Find me hand painted coffee mugs"
    assert derived["attributes"] == derived["requests"] == 6
    for product in finished:
        assert set(product.instruction_attributes) <= set(product.attributes)
        for attribute in product.attributes:
            assert attribute in product.description.lower()


def test_phrases_common_to_a_category_are_no_attributes():
    products = [mug(n, f"Ships carefully packed. {'Lead free.' * (n % 2)}") for n in range(12)]
    finished, _ = derive(products)
    assert all("carefully packed" not in p.attributes for p in finished if "Lead" in p.description)
    assert "lead free" in finished[1].attributes


def test_phrases_do_not_cross_sentences_stop_words_or_numbers():
    finished, _ = derive([mug(n, "Soft, blue and warm 20 wool. Kind.") for n in range(2)])
    assert finished[0].attributes == (DEFAULT_ATTRIBUTE,)
    assert finished[0].instruction is None


def test_brands_kinds_and_option_values_are_no_attributes():
    texts = "Zephyr glaze. Coffee mug. Navy blue."
    products = [mug(n, texts, options={"color": ("navy blue", "red")}) for n in range(3)]
    finished, _ = derive(products, brands=["Zephyr"])
    assert finished[0].attributes == (DEFAULT_ATTRIBUTE,)


def test_given_attributes_and_requests_are_kept():
    given = mug(0, "x", attributes=("a b",), instruction="Find", instruction_attributes=("a b",))
    (finished,), derived = derive([given])
    assert finished == given
    assert not derived["requests"]


def test_products_with_too_many_option_combinations_get_no_request():
    many = tuple(map(str, range(math.isqrt(MOST_COMBINATIONS) + 1)))
    product = mug(0, "x", attributes=("lead free",), options={"a": many, "b": many})
    (finished,), derived = derive([product])
    assert finished.instruction is None
    assert derived["no request for too many option combinations"] == 1


def test_the_seed_decides_the_requests():
    products = [mug(n, "Lead free. Hand made. Deep blue. Thick wall.") for n in range(20)]
    assert derive(products, seed=1) == derive(products, seed=1)
    assert derive(products, seed=1)[0] != derive(products, seed=2)[0]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (["lead free"], "Find me lead free mugs"),
        (["bamboo lid"], "Find me mugs with bamboo lid"),
        (["lead free", "bamboo lid", "hand painted"],
         "Find me lead free, hand painted mugs with bamboo lid"),
    ],
)  # fmt: skip
def test_wording_of_requests(attributes, expected):
    assert request_text("mugs", attributes) == expected


def test_a_table_without_products_derives_nothing():
    assert derive([])[0] == []
