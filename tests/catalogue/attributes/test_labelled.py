"""Attributes of labelled fields."""

from __future__ import annotations

from shopwright.catalogue.attributes import derive
from shopwright.catalogue.attributes.labelled import LabelledFields, without_label
from shopwright.catalogue.product import Product


def bag(number: int, *bullets: str, **fields: object) -> Product:
    fields = {"title": f"Bag {number}", "query": "bags", "bullets": bullets or ("",), **fields}
    return Product(asin=str(number), **fields)  # type: ignore[arg-type]


def test_fields_say_attributes():
    products = [
        bag(n, "Material: Nylon", "Closure: Zip" if n % 2 else "Closure: Magnet", "Lockable: yes")
        for n in range(4)
    ]
    products += [bag(n, "Material: Canvas") for n in range(4, 12)]
    found = LabelledFields(products).attributes(products[1])
    assert found == {"nylon": "before", "zip closure": "with", "lockable": "before"}
    finished, _ = derive(products)
    assert finished[1].attributes == ("nylon", "zip closure", "lockable")


def test_details_are_fields():
    products = [bag(n, details={"Strap type": "Chain"}) for n in range(4)]
    products += [bag(n) for n in range(4, 12)]
    assert LabelledFields(products).attributes(products[0]) == {"chain strap": "with"}


def test_brands_numbers_colours_and_what_most_have_are_none():
    products = [
        bag(n, "Brand: Norvik", "Weight: 2 kg", "Color: red", "Pockets: 3", "Lining: Silk")
        for n in range(12)
    ]
    assert LabelledFields(products).attributes(products[0]) == {}


def test_a_long_text_has_a_lead_in_and_no_label():
    text = "EASY TO CLEAN: wipe it with a damp cloth and let it dry in the sun"
    products = [bag(n, text, "Material: Nylon") for n in range(4)]
    labels = LabelledFields(products).labels
    assert labels == {"material"}
    assert without_label(text, labels) == text
    assert without_label("Material: Nylon", labels) == "Nylon"
