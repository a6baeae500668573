"""UCP's catalogue tools, without any transport; answers are validated by UCP's own models."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shopwright.catalogue.product import Product, Variant
from shopwright.errors import InputError
from shopwright.serving.catalogue_requests import (
    LookupArguments,
    ProductArguments,
    SearchArguments,
)
from shopwright.serving.catalogue_tools import LOOKUP, SEARCH, VERSION, CatalogueTools, profile
from shopwright.serving.service import Service
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import build_shop
from shopwright.store.store import Store

MUG = Product(
    asin="MUG",
    title="Stoneware mug for tea",
    query="mugs",
    product_category="Home › Kitchen › Mugs",
    address="https://shop.example/mug",
    image="/mug.jpg",
    pricing_dollars=(12.5, 20.0),
    price_dollars=12.5,
    price_tag="$12.50 to $20.00",
    currency="EUR",
    options={"color": ("red", "blue"), "size": ("small", "large")},
    variants=(
        Variant(options={"color": "red", "size": "small"}, price_dollars=12.5, identifier="M-RS"),
        Variant(
            options={"color": "red", "size": "large"},
            price_dollars=20.0,
            identifier="M-RL",
            barcode="4006381333931",
        ),
        Variant(
            options={"color": "blue", "size": "small"},
            price_dollars=14.0,
            identifier="M-BS",
            stock=0,
        ),
    ),
)
OTHERS = [
    Product(
        asin=f"TEA{number}",
        title=f"Tea mug number {number}",
        query="mugs",
        currency="EUR",
        pricing_dollars=(float(number + 1),),
        price_dollars=float(number + 1),
        price_tag=f"€{number + 1}.00",
        options={"glaze": ("matt", "glossy")},
    )
    for number in range(12)
]
UNPRICED = Product(asin="GIFT", title="Gift lamp", query="lamps", currency="EUR", priced=False)


class Answers:
    """The tools, called with JSON types; every answer is held against UCP's schema."""

    def __init__(self, service: Service) -> None:
        self._tools = CatalogueTools(service)

    def search(self, **catalog: Any) -> dict[str, Any]:
        arguments = SearchArguments.model_validate({"catalog": catalog})
        return valid(self._tools.search(arguments.catalog), "catalog_search", "search_response")

    def lookup(self, *ids: str, **catalog: Any) -> dict[str, Any]:
        arguments = LookupArguments.model_validate({"catalog": {"ids": [*ids], **catalog}})
        return valid(self._tools.lookup(arguments.catalog), "catalog_lookup", "lookup_response")

    def product(self, id: str, **catalog: Any) -> dict[str, Any]:
        arguments = ProductArguments.model_validate({"catalog": {"id": id, **catalog}})
        answer = self._tools.product(arguments.catalog)
        if "product" in answer:
            return valid(answer, "catalog_lookup", "get_product_response")
        return valid(answer, "error_response")


def valid(record: dict[str, Any], schema: str, part: str = "") -> dict[str, Any]:
    """A record that UCP's published models, and its schemas where they are, take."""
    pytest.importorskip("ucp_sdk", reason="needs ucp-sdk")
    from ucp_sdk.models.schemas import ucp
    from ucp_sdk.models.schemas.common.types import error_response
    from ucp_sdk.models.schemas.shopping import catalog_lookup, catalog_search

    model = {
        "search_response": catalog_search.SearchResponse,
        "lookup_response": catalog_lookup.LookupResponse,
        "get_product_response": catalog_lookup.GetProductResponse,
        "business_schema": ucp.BusinessSchema,
        "": error_response.ErrorResponse,
    }[part]
    model.model_validate_json(json.dumps(record))
    if "SHOPWRIGHT_UCP" in os.environ:
        against_schema(record, schema, part)
    return record


def against_schema(record: dict[str, Any], schema: str, part: str) -> None:
    """Holds a record against the schemas of a checkout of UCP's repository."""
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource

    folder = Path(os.environ["SHOPWRIGHT_UCP"]) / "source" / "schemas"
    contents = [json.loads(path.read_text()) for path in folder.rglob("*.json")]
    registry = Registry().with_resources(
        (each["$id"], Resource.from_contents(each)) for each in contents
    )
    (found,) = (each["$id"] for each in contents if each["$id"].endswith(f"/{schema}.json"))
    reference = {"$ref": f"{found}#/$defs/{part}" if part else found}
    Draft202012Validator(reference, registry=registry).validate(record)


@pytest.fixture(scope="module")
def mugs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mugs") / "shop"
    products = [MUG, *OTHERS, UNPRICED]
    return build_shop(products, folder, source={"kind": "test"}, tagger=WordTagger())


@pytest.fixture
def answers(mugs, tmp_path):
    with answers_of(mugs, tmp_path) as found:
        yield found


@contextmanager
def answers_of(shop, folder):
    from shopwright.agents.rules import RulePage

    store = Store(folder / "f.sqlite", "shop")
    yield Answers(Service(shop, {"rule-page": RulePage()}, store))
    store.close()


def ids(answer: dict[str, Any]) -> list[str]:
    return [product["id"] for product in answer["products"]]


def codes(answer: dict[str, Any]) -> list[str]:
    return [message["code"] for message in answer["messages"]]


def test_the_profile_names_both_capabilities_and_where_the_tools_are():
    record = valid(profile("https://shop.example")["ucp"], "ucp", "business_schema")
    (service,) = record["services"]["dev.ucp.shopping"]
    assert service["transport"] == "mcp"
    assert service["endpoint"] == "https://shop.example/mcp"
    assert record["capabilities"].keys() == {SEARCH, LOOKUP}


def test_a_search_answers_the_article_that_suits_with_the_reason(answers):
    answer = answers.search(query="a red stoneware mug, large")
    first = answer["products"][0]
    assert first["id"] == "MUG"
    assert first["variants"][0]["id"] == "M-RL"
    assert first["variants"][0]["price"] == {"amount": 2000, "currency": "EUR"}
    assert first["price_range"]["min"]["amount"] == 1250
    assert first["metadata"]["recommendation"].keys() > {"id", "fits", "confidence", "score"}
    assert "red" in first["metadata"]["recommendation"]["reason"]
    assert answer["ucp"]["capabilities"] == {SEARCH: [{"version": VERSION}]}
    assert "media" not in first  # A relative address is no URI.


def test_pages_follow_each_other_without_repeating(answers):
    query = "tea mug"
    first = answers.search(query=query, pagination={"limit": 5})
    assert first["pagination"]["has_next_page"]
    second = answers.search(
        query=query, pagination={"limit": 5, "cursor": first["pagination"]["cursor"]}
    )
    third = answers.search(
        query=query, pagination={"limit": 5, "cursor": second["pagination"]["cursor"]}
    )
    shown = ids(first) + ids(second) + ids(third)
    assert len(shown) == len(set(shown)) == 13
    assert third["pagination"] == {"has_next_page": False}
    with pytest.raises(InputError, match=r"pagination\.cursor"):
        answers.search(query="another", pagination={"cursor": first["pagination"]["cursor"]})


def test_a_page_has_ten_products_unless_another_number_is_asked_for(answers):
    assert len(ids(answers.search(query="tea mug"))) == 10


def test_filters_are_of_minor_units_and_any_of_several_categories(answers):
    cheap = answers.search(
        query="tea mug", filters={"price": {"min": 300, "max": 500}}, context={"currency": "EUR"}
    )
    assert set(ids(cheap)) == {"TEA2", "TEA3", "TEA4"}
    kitchen = {"categories": ["Lamps", "Home > Kitchen"]}
    assert ids(answers.search(query="tea mug", filters=kitchen)) == ["MUG"]
    assert ids(answers.search(filters={"categories": ["kitchen"]})) == ["MUG"]


def test_a_price_filter_in_another_currency_is_ignored_and_that_is_said(answers):
    answer = answers.search(
        query="tea mug", filters={"price": {"max": 500}}, context={"currency": "USD"}
    )
    assert len(ids(answer)) == 10
    assert "price_filter_ignored" in codes(answer)


def test_nothing_that_fits_is_said(answers):
    assert "nothing_fits" in codes(answers.search(query="a tea mug under 0.5 euros"))
    nothing = answers.search(query="a tea mug", filters={"price": {"max": 1}})
    assert (ids(nothing), "nothing_fits" in codes(nothing)) == ([], True)


def test_a_search_for_nothing_is_refused(answers):
    with pytest.raises(InputError, match="expected a query"):
        answers.search(filters={"price": {"max": 500}})


def test_identifiers_of_products_variants_and_barcodes_are_looked_up(answers):
    answer = answers.lookup("MUG", "M-RL", "4006381333931", "TEA1-2", "TEA1-2", "none")
    mug, tea = answer["products"]
    featured, exact = mug["variants"]
    assert featured["inputs"] == [{"id": "MUG", "match": "featured"}]
    assert exact["id"] == "M-RL"
    assert exact["inputs"] == [
        {"id": "M-RL", "match": "exact"}, {"id": "4006381333931", "match": "exact"},
    ]  # fmt: skip
    assert tea["variants"][0]["options"] == [{"name": "glaze", "label": "glossy"}]
    assert answer["messages"] == [{"type": "info", "code": "not_found", "content": "none"}]


def test_a_currency_without_decimals_has_no_smaller_unit(tmp_path):
    yen = [
        replace(each, currency="JPY", pricing_dollars=(price,), price_dollars=price)
        for each, price in zip(OTHERS[:2], (300.0, 600.0), strict=True)
    ]
    shop = build_shop(yen, tmp_path / "shop", source={"kind": "test"}, tagger=WordTagger())
    with answers_of(shop, tmp_path) as answers:
        found = answers.search(query="tea mug", filters={"price": {"max": 500}})
    assert ids(found) == ["TEA0"]
    assert found["products"][0]["price_range"]["min"] == {"amount": 300, "currency": "JPY"}


def test_filters_leave_looked_up_products_out(answers):
    filters = {"price": {"max": 300}}
    answer = answers.lookup("MUG", "TEA1", "TEA5", filters=filters)
    assert ids(answer) == ["TEA1"]
    assert answers.product("M-RL", filters=filters)["ucp"]["status"] == "error"


def test_a_price_that_is_not_known_is_said_to_be_so(answers):
    answer = answers.lookup("TEA1", "GIFT")
    assert codes(answer) == ["price_unknown"]
    assert answer["messages"][0]["path"] == "$.products[1].variants[0].price"


def signals(answer: dict[str, Any], name: str) -> dict[str, tuple[bool, bool]]:
    options = {option["name"]: option["values"] for option in answer["product"]["options"]}
    return {value["label"]: (value["available"], value["exists"]) for value in options[name]}


def test_a_product_in_detail_says_which_options_can_be_chosen(answers):
    answer = answers.product("MUG", selected=[{"name": "Color", "label": "Red"}])
    product = answer["product"]
    assert product["selected"] == [{"name": "color", "label": "red"}]
    assert [variant["id"] for variant in product["variants"]] == ["M-RS", "M-RL"]
    assert signals(answer, "size") == {"small": (True, True), "large": (True, True)}
    assert signals(answer, "color") == {"red": (True, True), "blue": (False, True)}
    blue = answers.product("MUG", selected=[{"name": "color", "label": "blue"}])
    assert signals(blue, "size") == {"small": (False, True), "large": (False, False)}


def test_without_a_selection_the_featured_variant_is_selected(answers):
    product = answers.product("MUG")["product"]
    assert [variant["id"] for variant in product["variants"]] == ["M-RS"]
    assert {each["label"] for each in product["selected"]} == {"red", "small"}


def test_a_variant_settles_all_options(answers):
    product = answers.product("M-BS", selected=[{"name": "color", "label": "red"}])["product"]
    assert product["variants"][0]["id"] == "M-BS"
    assert product["variants"][0]["availability"] == {"available": False, "status": "out_of_stock"}
    assert {each["label"] for each in product["selected"]} == {"blue", "small"}


@pytest.mark.parametrize(
    ("preferences", "kept"), [(["color", "size"], "blue"), (["size", "color"], "large")]
)
def test_of_options_that_exclude_each_other_the_last_preference_gives_way(
    answers, preferences, kept
):
    chosen = [{"name": "color", "label": "blue"}, {"name": "size", "label": "large"}]
    product = answers.product("MUG", selected=chosen, preferences=preferences)["product"]
    assert [each["label"] for each in product["selected"]] == [kept]


def test_a_product_that_is_not_there_is_an_outcome(answers):
    answer = answers.product("none")
    assert answer["ucp"]["status"] == "error"
    assert answer["messages"][0]["severity"] == "unrecoverable"
