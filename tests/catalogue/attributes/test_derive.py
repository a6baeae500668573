"""Attributes and requests derived from texts."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from shopwright.catalogue.attributes import MOST_COMBINATIONS, derive
from shopwright.catalogue.attributes.grammar import WordTagger, best_tagger
from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product

MAKERS = "Acme Bolt Corin Dovra Elmo Farn".split()


def mug(number: int, description: str, **fields: object) -> Product:
    given: dict[str, object] = {
        "asin": f"M{number}",
        "title": f"{MAKERS[number % len(MAKERS)]} coffee mug {number}",
        "query": "coffee mugs",
        "category": "kitchen",
    }
    return Product(description=description, **given | fields)  # type: ignore[arg-type]


def attributes_of(products: list[Product], **settings: object) -> list[set[str]]:
    finished, _ = derive(products, **settings)  # type: ignore[arg-type]
    return [set(product.attributes) for product in finished]


@pytest.fixture(params=["model", "words"])
def tagger(request: pytest.FixtureRequest) -> object:
    return best_tagger() if request.param == "model" else WordTagger()


def test_shared_phrases_become_attributes_and_requests_ask_for_them(tagger):
    products = [mug(n, "It is dishwasher safe. Has a wide handle.") for n in range(3)]
    products += [mug(n, "Hand painted by the sea. Free shipping!") for n in range(3, 6)]
    finished, derived = derive(products, seed=1, tagger=tagger)
    assert set(finished[0].attributes) == {"dishwasher safe", "wide handle"}
    assert finished[4].attributes == ("hand painted",)
    assert finished[4].instruction == "Find me hand painted coffee mugs"
    assert derived["attributes"] == derived["requests"] == 6
    for product in finished:
        assert product.instruction_attributes
        assert set(product.instruction_attributes) <= set(product.attributes)


def test_what_is_derived_can_be_taken_away_and_derived_again():
    products = [mug(n, "Dishwasher safe.", query="Uncategorized") for n in range(4)]
    finished, _ = derive(products)
    assert finished[0].derived == ("query", "attributes", "instruction")
    given = [product.given for product in finished]
    assert given[0] == mug(0, "Dishwasher safe.", query="")
    assert derive(given)[0] == finished


def test_phrases_common_to_a_category_are_no_attributes():
    products = [mug(n, f"Ships carefully packed. {'Lead free.' * (n % 2)}") for n in range(12)]
    found = attributes_of(products)
    assert not any("carefully packed" in own for own in found)
    assert "lead free" in found[1]


@pytest.mark.parametrize(
    "text",
    [
        "Soft, blue and warm 20 wool",  # Neither marks nor function words nor numbers are bridged.
        "Zephyr glaze. Meadow Lane. Coffee mug. Navy blue",  # Brands, kind, an option.
        "12 fl oz, 30 square inches, span class, free shipping, br clear",
        "Helps prevent. Keeps drinks. Improves taste. Reduces stains",
    ],
)
def test_what_is_no_attribute(text: str, tagger: object) -> None:
    products = [mug(n, text, options={"color": ("navy blue", "red")}) for n in range(4)]
    for own in attributes_of(products, brands=["Zephyr", "Meadow Lane"], tagger=tagger):
        assert own == {DEFAULT_ATTRIBUTE}


def test_a_vendor_of_two_words_is_asked_for_by_no_request():
    kinds = {"Blue Vase": "decor", "Oak Tray": "kitchen", "Wool Throw": "bedding"}
    products = [
        Product(asin=title, title=title, query=kind, bullets=("Brand: Meadow Lane",))
        for title, kind in kinds.items()
    ]
    finished, _ = derive(products, brands=["Meadow Lane"])
    for product in finished:
        assert "meadow" not in (product.instruction or "").lower()
        assert not any("meadow" in name for name in product.attributes)


def test_a_product_without_a_category_is_asked_for_by_its_title():
    titles = ("Norvik Rain Jacket", "Tallow Rain Coat")
    products = [
        Product(asin=title, title=title, query="uncategorized", description="Waterproof shell.")
        for title in titles
    ]
    (jacket, coat), _ = derive(products)
    assert jacket.instruction == "Find me rain jacket with waterproof shell"
    assert coat.instruction == "Find me rain coat with waterproof shell"


def test_easy_to_clean_is_easy_clean_and_said_in_full():
    products = [mug(n, "They are easy to clean. Ready to use.") for n in range(4)]
    finished, _ = derive(products)
    assert {"easy clean", "ready use"} <= set(finished[0].attributes)
    requests = " ".join(product.instruction or "" for product in finished)
    assert "easy to clean" in requests
    assert "easy clean" not in requests


def test_the_fallback_and_the_model_agree_on_plain_phrases():
    texts = ["Dishwasher safe", "Heavy duty", "Stainless steel", "Lead free"]
    products = [mug(n, ". ".join(texts[: 1 + n % 4])) for n in range(24)]
    assert attributes_of(products, tagger=WordTagger()) == attributes_of(products)


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
    texts = ["Lead free.", "Hand made.", "Thick wall.", "Wide handle."]
    products = [mug(n, " ".join(t for m, t in enumerate(texts) if n + m & 2)) for n in range(20)]
    assert derive(products, seed=1) == derive(products, seed=1)
    assert derive(products, seed=1)[0] != derive(products, seed=2)[0]


def test_a_table_without_products_derives_nothing():
    assert derive([]) == ([], Counter())


@pytest.mark.parametrize(
    "text",
    [
        "No sugar added. Contains no sugar added",
        "Third party tested. It is third party tested",
        "Machine wash in cold water. Cold water",
        "Added comfort. With added comfort",
        "Fiber based glaze",
    ],
)
def test_what_means_little_without_the_words_before_it_is_in_no_request(text: str) -> None:
    finished, _ = derive([mug(n, text) for n in range(4)])
    for product in finished:
        said = product.instruction or ""
        assert not any(
            part in said
            for part in (
                "sugar added",
                "party tested",
                "water",
                "added",
                "based glaze",
                "copper band",
            )
        )


def test_complaints_stand_after_for():
    products = [mug(n, "With puffy circles. Has puffy circles") for n in range(4)]
    finished, _ = derive(products)
    assert finished[0].instruction == "Find me coffee mugs for puffy circles"


def test_what_mostly_follows_numbers_in_digits_or_words_is_half():
    texts = ["With 2 copper handles", "With two copper handles", "With copper handles"]
    products = [mug(n, texts[n]) for n in (0, 0, 0, 1, 1, 2, 2)]
    assert not any("copper" in (p.instruction or "") for p in derive(products)[0])


def test_high_heels_are_no_complaint():
    products = [mug(n, "For high heels. Lead free") for n in range(4)]
    assert derive(products)[0][0].instruction == "Find me lead free coffee mugs"


def test_a_list_after_for_says_uses():
    """ "Dining room" hardly ever follows "for" itself."""
    texts = ["Great for kitchen, dining room and office.", "Made for dining room tables."]
    products = [mug(n, texts[n == 1] if n % 2 else "Thick wall.") for n in range(20)]
    asked = [p.instruction for p in derive(products)[0] if "dining room" in (p.instruction or "")]
    assert asked
    assert all("for dining room" in text for text in asked)
