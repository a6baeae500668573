"""The demo catalogue: reproducible, well formed, and hard enough to choose from."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from itertools import combinations, islice, pairwise
from typing import Any

import orjson
import pytest

from shopwright.catalogue import demo_listings
from shopwright.catalogue.demo_departments import SERIES, brands
from shopwright.catalogue.generate import generate_products
from shopwright.catalogue.product import Product
from shopwright.errors import InputError

DEPARTMENTS = {"fashion", "beauty", "electronics", "garden", "grocery"}

FINGERPRINT = """
import hashlib, orjson
from shopwright.catalogue.generate import generate_products
print(hashlib.sha256(orjson.dumps(list(generate_products(300, seed=5)))).hexdigest())
"""


@pytest.fixture(scope="module")
def products() -> list[Product]:
    return list(generate_products(20_000))


@pytest.fixture(scope="module")
def few(products: list[Product]) -> list[Product]:
    return products[:4_000]


def text_of(product: Product) -> str:
    return "\n".join([product.title, *product.bullets, product.description]).lower()


def share(products: Iterable[Product], holds: Callable[[Product], object]) -> float:
    answers = [bool(holds(product)) for product in products]
    return sum(answers) / len(answers)


def groups(
    products: Iterable[Product], key: Callable[[Product], Hashable]
) -> list[list[tuple[int, Product]]]:
    """Return the groups of two or more products of the same key, each with its position."""
    found: dict[Hashable, list[tuple[int, Product]]] = defaultdict(list)
    for position, product in enumerate(products):
        found[key(product)].append((position, product))
    return [group for group in found.values() if len(group) > 1]


def option_items(product: Product) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(product.options.items())


# --- Reproducible -------------------------------------------------------------------------------


def test_same_seed_gives_the_same_bytes_in_every_process() -> None:
    here = hashlib.sha256(orjson.dumps(list(generate_products(300, seed=5)))).hexdigest()
    for hash_seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", FINGERPRINT],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert there.stdout.strip() == here


def test_another_seed_gives_another_catalogue() -> None:
    first, second = (list(generate_products(100, seed=seed)) for seed in (0, 1))
    assert not {product.asin for product in first} & {product.asin for product in second}
    assert not {product.title for product in first} & {product.title for product in second}


@pytest.mark.parametrize("count", [1, 17, 1_000])
def test_a_longer_catalogue_begins_with_the_shorter_one(
    products: list[Product], count: int
) -> None:
    assert list(generate_products(count)) == products[:count]


def test_default_is_a_thousand_products(products: list[Product]) -> None:
    assert list(generate_products()) == products[:1_000]


def test_products_are_generated_lazily(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def count_and_make(**fields: Any) -> Product:
        made.append(fields["asin"])
        return Product(**fields)

    monkeypatch.setattr(demo_listings, "Product", count_and_make)
    taken = list(islice(generate_products(1_000), 3))
    assert made == [product.asin for product in taken]


@pytest.mark.parametrize("count", [0, -3])
def test_a_count_below_one_is_refused(count: int) -> None:
    with pytest.raises(InputError, match=f"expected at least 1, got {count}"):
        generate_products(count)


# --- Well formed --------------------------------------------------------------------------------


def test_asins_are_unique_and_look_random(products: list[Product]) -> None:
    asins = [product.asin for product in products]
    assert len(set(asins)) == len(asins)
    for asin in asins:
        assert len(asin) == 10
        assert asin.startswith("B0")
        assert asin.isascii()
        assert asin.isalnum()
        assert asin == asin.upper()
    # In a random order about half of the steps go up and a digit repeats one time in 36.
    pairs = list(pairwise(asins))
    assert sum(a < b for a, b in pairs) / len(pairs) == pytest.approx(0.5, abs=0.03)
    for digit in range(2, 10):
        same = sum(a[digit] == b[digit] for a, b in pairs) / len(pairs)
        assert same == pytest.approx(1 / 36, abs=0.01)


def test_no_two_products_differ_only_in_asin(products: list[Product]) -> None:
    def shown(product: Product) -> Hashable:
        return (
            *(product.query, product.title, product.description, product.bullets),
            *(product.price_tag, option_items(product)),
        )

    assert len({shown(product) for product in products}) == len(products)


def test_brand_series_and_kind_belong_to_one_family(few: list[Product]) -> None:
    families: Counter[Hashable] = Counter()
    for product in few:
        (series,) = {*re.findall(r"\w+", product.title)} & {*SERIES}
        brand = max((b for b in brands(product.category) if b in product.title), key=len)
        families[product.query, brand, series] += 1
    assert max(families.values()) == 6
    assert 2.5 < len(few) / len(families) < 3.5


def test_departments_and_kinds_are_balanced(few: list[Product]) -> None:
    assert {product.category for product in few} == DEPARTMENTS
    for department in DEPARTMENTS:
        own = [product for product in few if product.category == department]
        assert 0.15 < len(own) / len(few) < 0.25
        assert 8 <= len({product.query for product in own}) <= 15
        assert all(product.product_category.count(" › ") >= 1 for product in own)


def test_texts_have_realistic_lengths(products: list[Product]) -> None:
    for product in products:
        assert 6 <= len(product.title.split()) <= 25, product.title
        assert 3 <= len(product.bullets) <= 6
        for text in (product.title, *product.bullets, product.description):
            assert text == " ".join(text.split())
            assert "{" not in text
        assert all(product.bullets)
    assert share(products, lambda product: not product.description) == pytest.approx(0.1, abs=0.03)


def test_option_values_are_clean(products: list[Product]) -> None:
    for product in products:
        assert len(product.options) <= 3
        for name, values in product.options.items():
            assert 2 <= len(values) <= 12
            assert len(set(values)) == len(values)
            for text in (name, *values):
                assert text
                assert text == text.strip().lower()
    values = {
        value for product in products for group in product.options.values() for value in group
    }
    assert {"queen", '28" x 28"', "12 ounce (pack of 6)", "black | white"} <= values


def test_prices_and_their_tags_agree(products: list[Product]) -> None:
    for product in products:
        prices = product.pricing_dollars
        assert 3 <= prices[0] <= prices[-1] <= 900
        assert all(price == round(price, 2) for price in prices)
        assert product.price_dollars == prices[0]
        if len(prices) == 1:
            assert product.price_tag == f"${prices[0]}"
        else:
            assert prices[0] < prices[1]
            assert product.price_tag == f"${prices[0]} to ${prices[1]}"


@pytest.mark.parametrize(
    ("expected", "holds"),
    [
        pytest.param(0.15, lambda product: not product.options, id="no options"),
        pytest.param(0.10, lambda product: product.instruction is None, id="no instruction"),
        pytest.param(0.40, lambda product: len(product.pricing_dollars) == 2, id="price range"),
    ],
)
def test_shares_of_products_with_each_trait(
    products: list[Product], expected: float, holds: Callable[[Product], object]
) -> None:
    assert share(products, holds) == pytest.approx(expected, abs=0.02)


def test_fields_that_a_shop_fills_are_empty(few: list[Product]) -> None:
    for product in few:
        assert (product.nouns, product.human_instructions) == ((), ())
        assert (product.image, product.rating) == ("", "N.A.")


# --- Attributes and requests --------------------------------------------------------------------


def test_every_attribute_occurs_in_the_texts(few: list[Product]) -> None:
    exact = total = 0
    for product in few:
        assert 2 <= len(product.attributes) <= 8
        assert len(set(product.attributes)) == len(product.attributes)
        text = text_of(product)
        for attribute in product.attributes:
            assert attribute == attribute.lower()
            assert 1 <= len(attribute.split()) <= 3
            # The beginning of a word stands for its inflections: "calorie", "calories".
            assert all(word[:5] in text for word in attribute.split()), (attribute, text)
            exact += attribute in text
            total += 1
    assert exact / total > 0.9


def test_some_attributes_occur_only_below_the_title(few: list[Product]) -> None:
    only_in_bullets = only_in_description = total = 0
    for product in few:
        bullets = "\n".join(product.bullets).lower()
        for attribute in product.instruction_attributes:
            total += 1
            if attribute not in product.title.lower():
                only_in_bullets += attribute in bullets
                only_in_description += (
                    attribute in product.description.lower() and attribute not in bullets
                )
    assert only_in_bullets / total > 0.2
    assert only_in_description / total > 0.04


def test_instructions_ask_for_attributes_of_the_product(few: list[Product]) -> None:
    for product in few:
        asked = product.instruction_attributes
        if product.instruction is None:
            assert asked == ()
            continue
        assert 1 <= len(asked) <= 4
        assert set(asked) <= set(product.attributes)
        assert product.instruction.startswith("Find me ")
        before, _, after = product.instruction.partition(product.query)
        assert all(attribute in before + after for attribute in asked)
        # What is asked, the kind and the joining words are all of it.
        rest = before.removeprefix("Find me ") + after
        for attribute in asked:
            rest = rest.replace(attribute, "", 1)
        assert set(rest.replace(",", " ").split()) <= {"with", "for"}


# --- Near duplicates ----------------------------------------------------------------------------


def attribute_relatives(products: Iterable[Product]) -> list[tuple[tuple[int, Product], ...]]:
    """Return pairs that differ in one attribute, and so in at most three of their texts' lines."""

    def key(product: Product) -> Hashable:
        lines = len(product.bullets), len(product.attributes), bool(product.description)
        return product.query, option_items(product), product.price_tag, lines

    return [
        (one, other)
        for group in groups(products, key)
        for one, other in combinations(group, 2)
        if len({*one[1].attributes} ^ {*other[1].attributes}) == 2
        and sum(a != b for a, b in zip(one[1].bullets, other[1].bullets, strict=True)) <= 1
    ]


def option_relatives(products: Iterable[Product]) -> list[tuple[tuple[int, Product], ...]]:
    """Return pairs alike but for the values of one option group."""

    def key(product: Product) -> Hashable:
        texts = product.title, product.description, product.bullets
        return texts, product.attributes, product.price_tag, tuple(product.options)

    return [
        (one, other)
        for group in groups(products, key)
        for one, other in combinations(group, 2)
        if sum(values != other[1].options[name] for name, values in option_items(one[1])) == 1
    ]


def price_relatives(products: Iterable[Product]) -> list[tuple[tuple[int, Product], ...]]:
    """Return pairs alike but for the price."""

    def key(product: Product) -> Hashable:
        texts = product.title, product.description, product.bullets
        return texts, product.attributes, option_items(product)

    return [pair for group in groups(products, key) for pair in combinations(group, 2)]


@pytest.mark.parametrize("relatives", [attribute_relatives, option_relatives, price_relatives])
def test_near_duplicates_are_common_and_not_adjacent(
    few: list[Product], relatives: Callable[..., list[tuple[tuple[int, Product], ...]]]
) -> None:
    pairs = relatives(few)
    members = {position for pair in pairs for position, _ in pair}
    assert len(members) / len(few) > 0.12
    assert sum(abs(one[0] - other[0]) == 1 for one, other in pairs) / len(pairs) < 0.05


def test_most_products_have_a_near_duplicate(few: list[Product]) -> None:
    pairs = attribute_relatives(few) + option_relatives(few) + price_relatives(few)
    assert len({position for pair in pairs for position, _ in pair}) / len(few) > 0.85


def test_relatives_lack_what_is_asked_of_a_product(few: list[Product]) -> None:
    unmet = total = 0
    for (_, one), (_, other) in attribute_relatives(few):
        if one.instruction is not None:
            (own,) = {*one.attributes} - {*other.attributes}
            total += 1
            unmet += own in one.instruction_attributes and own not in text_of(other)
    assert total > 100
    assert unmet / total > 0.9


def test_relatives_differ_in_option_values(few: list[Product]) -> None:
    for (_, one), (_, other) in option_relatives(few):
        (name,) = [name for name in one.options if one.options[name] != other.options[name]]
        assert {*one.options[name]} ^ {*other.options[name]}
