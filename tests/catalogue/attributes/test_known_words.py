"""What anybody knows of goods, where a catalogue's few products tell too little."""

from __future__ import annotations

from shopwright.catalogue.attributes import derive, kind_asked_for
from shopwright.catalogue.attributes.titles import parts_of
from shopwright.catalogue.product import Product

SERIES = "Corina Dorvan Elmora Fenwick Galdor Hestia".split()


def requests(titles: list[str], description: str = "", brand: str = "") -> list[str]:
    products = [
        Product(asin=f"P{n}", title=title, description=description, brand=brand)
        for n, title in enumerate(titles)
    ]
    return [product.instruction or "" for product in derive(products)[0]]


def test_the_series_of_one_brand_are_asked_for_by_none():
    titles = [f"{name} dresser" for name in SERIES] + [f"{name} nightstand" for name in SERIES]
    asked = requests([*titles, "Corina oak dresser"] * 4, brand="Acme")
    assert {*asked} == {"", "Find me oak dresser"}


def test_of_one_brand_only_parts_and_uses_are_asked_for():
    titles = [f"{name} dresser {n}" for n in range(2) for name in SERIES]
    plain = requests([*titles, "Acme bed"], "Has visual appeal. For surrounding decor.", "Acme")
    assert {*plain} == {""}
    products = [
        Product(asin=f"D{n}", title=title, description=text, brand="Acme")
        for text in ("Has velvet lining.", "Has visual appeal.")
        for n, title in enumerate([*titles, "Acme bed"], start=100 * len(text))
    ]
    said = {product.instruction for product in derive(products)[0]} - {None}
    assert said == {"Find me dresser with velvet lining", "Find me bed with velvet lining"}


def test_colours_that_are_goods_or_materials_end_no_name():
    assert [*parts_of("arno ginger ice cream")] == [("arno", "ginger", "ice", "cream")]
    assert [*parts_of("silver ring red")] == [("silver", "ring")]


def test_titles_of_other_languages_name_no_english_kinds():
    titles = [
        "Taza para el café con tapa",
        "Bolsa de tela para la compra",
        "Gorra de lana con orejas",
    ]
    assert requests(titles * 30) == [""] * 90


def test_what_a_request_calls_its_product():
    asked = ["velvet lining", "easy clean", "everyday use"]
    instruction = "Find me easy to clean jewelry boxes with velvet lining for everyday use"
    assert kind_asked_for(instruction, asked) == "jewelry boxes"
    assert kind_asked_for("I want a jewelry box", asked) == ""
