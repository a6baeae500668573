"""Feeds, against what the platforms' specifications ask for."""

from __future__ import annotations

import csv
import json
from xml.etree import ElementTree

import pytest

from shopwright.catalogue.feeds.articles import MOST_ARTICLES, articles_of
from shopwright.catalogue.feeds.google import items
from shopwright.catalogue.feeds.write import WRITERS, write_feed
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.product import Product, Variant
from shopwright.catalogue.tables import read_table
from shopwright.errors import InputError

G = "{http://base.google.com/ns/1.0}"
JACKET = Product(
    asin="P1",
    title="Rain & <Jacket>",
    description="Waterproof, taped.",
    bullets=("a, b", "Light"),
    pricing_dollars=(20.0, 25.0),
    price_dollars=20.0,
    options={"color": ("red", "blue"), "capacity": ("s",)},
    variants=(
        Variant(
            options={"color": "red", "capacity": "s"}, price_dollars=20.0, identifier="r", stock=3
        ),
        Variant(
            options={"color": "blue", "capacity": "s"},
            price_dollars=25.0,
            availability="out of stock",
        ),
    ),
    brand="Norvik",
    product_category="Clothing › Coats",
    query="coats",
    image="https://shop.example/1.jpg",
    images=("https://shop.example/2.jpg",),
    details={"material": "nylon"},
    currency="EUR",
)
BAG = Product(asin="P2", title="Bag\x00", priced=False, options={"size": ("s", "m")})


def written(tmp_path, layout, ending, products=(JACKET, BAG)):
    path = tmp_path / f"feed{ending}"
    assert write_feed(path, products, layout) == len(products)
    return path


def test_google_xml_lists_every_variant_with_its_price(tmp_path):
    items = ElementTree.parse(written(tmp_path, "google", ".xml")).getroot().findall("channel/item")
    red, blue, *bags = items
    assert [item.findtext(f"{G}id") for item in items] == ["r", "P1-2", "P2-1", "P2-2"]
    assert {item.findtext(f"{G}item_group_id") for item in (red, blue)} == {"P1"}
    assert red.findtext(f"{G}title") == "Rain & <Jacket>"
    assert [item.findtext(f"{G}price") for item in items] == ["20.00 EUR", "25.00 EUR", None, None]
    assert [item.findtext(f"{G}availability") for item in (red, blue)] == [
        "in_stock", "out_of_stock",
    ]  # fmt: skip
    assert [each.text for each in red.findall(f"{G}product_highlight")] == ["a, b", "Light"]
    details = [tuple(each.text for each in detail) for detail in red.findall(f"{G}product_detail")]
    assert details == [("capacity", "s")]
    assert red.findtext(f"{G}material") == "nylon"
    assert [bag.findtext(f"{G}size") for bag in bags] == ["s", "m"]
    assert bags[0].findtext(f"{G}title") == "Bag "  # XML has no null character.


def test_google_tables_escape_commas_in_lists(tmp_path):
    with written(tmp_path, "google", ".tsv").open(newline="") as file:
        red = next(csv.DictReader(file, delimiter="\t"))
    assert red["product_highlight"] == '"a, b",Light'
    assert red["product_type"] == "Clothing > Coats"


def test_shopify_names_the_product_once_and_each_variant(tmp_path):
    with written(tmp_path, "shopify", ".csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Handle"] for row in rows] == ["P1", "P1", "P1", "P2", "P2"]
    assert [row["Title"] for row in rows] == ["Rain & <Jacket>", "", "", "Bag\x00", ""]
    assert [row["Variant Price"] for row in rows] == ["20.00", "25.00", "", "", ""]
    assert [row["Variant Inventory Qty"] for row in rows] == ["3", "0", "", "", ""]
    assert rows[0]["Body (HTML)"] == "<p>Waterproof, taped.</p><ul><li>a, b</li><li>Light</li></ul>"
    assert (rows[1]["Option1 Name"], rows[1]["Option1 Value"]) == ("color", "blue")
    assert rows[2]["Image Src"] == "https://shop.example/2.jpg"


def test_a_fourth_option_is_joined_to_the_third_in_shopify(tmp_path):
    options = {name: (f"{name}1",) for name in "abcd"}
    product = Product(asin="P", title="Lamp", options=options)
    with written(tmp_path, "shopify", ".csv", [product]).open(newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["Option3 Name"], row["Option3 Value"]) == ("c / d", "c1 / d1")


def test_acp_has_the_fields_of_its_schema(tmp_path):
    jacket, bag = map(json.loads, written(tmp_path, "acp", ".jsonl").read_text().splitlines())
    assert set(jacket) == {"id", "title", "description", "media", "variants"}
    red, blue = jacket["variants"]
    assert red["price"] == {"amount": 2000, "currency": "EUR"}
    assert red["variant_options"] == [
        {"name": "color", "value": "red"}, {"name": "capacity", "value": "s"},
    ]  # fmt: skip
    assert blue["availability"] == {"available": False, "status": "out_of_stock"}
    assert "price" not in bag["variants"][0]


def test_ucp_has_what_its_schema_requires(tmp_path):
    products = json.loads(written(tmp_path, "ucp", ".json").read_text())["products"]
    for product in products:
        assert {"id", "title", "description", "price_range", "variants"} <= product.keys()
        for variant in product["variants"]:
            assert {"id", "title", "description", "price"} <= variant.keys()
    assert products[0]["price_range"]["max"] == {"amount": 2500, "currency": "EUR"}
    assert products[0]["variants"][1]["options"][0] == {"name": "color", "label": "blue"}


def test_every_option_value_stands_in_an_article_however_many_there_are():
    options = {name: tuple(f"{name}{n}" for n in range(20)) for name in "abcd"}
    articles = articles_of(Product(asin="P", title="Lamp", options=options))
    assert len(articles) <= MOST_ARTICLES
    for name, values in options.items():
        assert {article.options[name] for article in articles} == set(values)
    assert len({article.identifier for article in articles}) == len(articles)


def test_layouts_and_endings_that_are_not_written_are_refused(tmp_path):
    with pytest.raises(InputError, match="expected one of google"):
        write_feed(tmp_path / "x.csv", [BAG], "etsy")
    with pytest.raises(InputError, match=r"ends in \.csv for layout shopify"):
        write_feed(tmp_path / "x.xml", [BAG], "shopify")
    assert not list(tmp_path.iterdir())
    assert set(WRITERS) == {"google", "shopify", "acp", "ucp"}


def test_no_two_articles_have_one_identifier():
    hoodie = Product(
        asin="H",
        title="Hoodie",
        options={"size": ("s", "m", "l")},
        variants=tuple(
            Variant(options={"size": size}, identifier=sku, price_dollars=1.0)
            for size, sku in (("s", "HG"), ("m", "HG"), ("l", "HL"))
        ),
    )
    assert [article.identifier for article in articles_of(hoodie)] == ["HG-1", "HG-2", "HL"]


def test_of_a_range_of_prices_the_lowest_is_given():
    tent = Product(asin="T", title="Tent", pricing_dollars=(100.0, 200.0), price_dollars=168.25)
    assert [article.price_dollars for article in articles_of(tent)] == [100.0]


def test_google_gets_the_number_and_every_picture_of_an_article():
    mug = Product(
        asin="mug",
        title="Mug",
        image="https://s.com/main.jpg",
        images=("https://s.com/red.jpg", "https://s.com/back.jpg"),
        variants=(
            Variant(
                options={}, identifier="MG-1", price_dollars=1.0, image="https://s.com/red.jpg"
            ),
        ),
    )
    (item,) = items(mug)
    assert (item["id"], item["item_group_id"]) == ("MG-1", "mug")
    assert item["image_link"] == "https://s.com/red.jpg"
    assert item["additional_image_link"] == ["https://s.com/main.jpg", "https://s.com/back.jpg"]


@pytest.mark.parametrize("layout", ["google", "shopify", "acp", "ucp"])
def test_the_number_of_a_product_with_one_article_comes_back(tmp_path, layout):
    table = tmp_path / "shop.csv"
    table.write_text(
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n"
        "rug,Rug,Title,Default Title,RG-1,40\nmug,Mug,Title,Default Title,MUG,9\n"
    )
    products = read_table(table, ImportReport())
    path = tmp_path / f"other{next(iter(WRITERS[layout]))}"
    write_feed(path, products, layout)
    again = read_table(path, ImportReport())
    assert [(p.asin, [v.identifier for v in p.variants]) for p in again] == [
        ("rug", ["RG-1"]), ("mug", ["MUG"]),
    ]  # fmt: skip
