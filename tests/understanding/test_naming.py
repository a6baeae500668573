"""What a product's own fields call it."""

from __future__ import annotations

import pytest

from shopwright.catalogue.product import Product
from shopwright.understanding.naming import kinds_of


@pytest.mark.parametrize(
    ("category", "kinds"),
    [
        ("Sofa & Console Tables", {"sofa tables", "console tables", "tables"}),
        ("Sofas & Couches", {"sofas", "couches"}),
        ("Desk & Chairs", {"desk", "chairs"}),
        (
            "Extra Tall Lamp & Clip On Lights",
            {"extra tall lamp", "tall lamp", "lamp", "clip"},
        ),
        ("Candy & Chocolate Gifts", {"candy", "chocolate gifts", "gifts"}),
        ("Dental Floss & Picks", {"dental floss", "floss", "picks"}),
    ],
)
def test_what_a_list_of_kinds_leaves_out_is_completed(category: str, kinds: set[str]) -> None:
    assert {*kinds_of(Product(asin="N1", title="X", product_category=category)).values()} == kinds
