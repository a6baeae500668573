"""What is asked for by somebody who wants something like a product, or a cheaper one."""

from __future__ import annotations

from shopwright.catalogue.product import DEFAULT_ATTRIBUTE
from shopwright.conversations.messages.alike import cheaper, like
from shopwright.understanding.request import ParsedRequest, Part, Piece

MUG = Piece(part=Part.KIND, text="mug", value="mugs", hard=True)
BEFORE = ParsedRequest(text="mug", pieces=(MUG,))


def test_what_is_like_a_product_has_its_attributes(tiny_shop):
    product = next(p for p in tiny_shop.catalogue if set(p.attributes) - {DEFAULT_ATTRIBUTE})
    found = like(BEFORE, [product])
    assert found.pieces[0] == MUG
    names = [piece.value for piece in found.of(Part.FEATURE)]
    assert names
    assert set(names) <= set(product.attributes) - {DEFAULT_ATTRIBUTE}
    assert not any(piece.hard for piece in found.of(Part.FEATURE))
    assert like(found, [product]).pieces == found.pieces


def test_what_is_cheaper_costs_less_than_all(tiny_shop):
    products = [product for product in tiny_shop.catalogue if product.priced]
    limit = Piece(part=Part.PRICE, text="under $500", highest=500.0, hard=True)
    before = ParsedRequest(text="mug", pieces=(MUG, limit))
    found = cheaper(before, products)
    assert found.price_limit == round(min(p.price_dollars for p in products) - 0.01, 2)
    assert len(found.of(Part.PRICE)) == 1
    assert cheaper(before, []) is before
