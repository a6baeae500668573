"""What an update keeps of a product."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from shopwright.catalogue.product import DEFAULT_PRICE_DOLLARS, Product
from shopwright.shop.update import SAID_BY, _with_kept

# Every table says these, or a build decides them.
OTHERS = {
    "asin", "title", "price_dollars", "attributes", "instruction", "instruction_attributes",
    "human_instructions", "nouns", "variants", "derived", "goal_rule",
}  # fmt: skip


def test_every_field_is_kept_where_a_table_does_not_say_it() -> None:
    assert SAID_BY.keys() | OTHERS == {field.name for field in fields(Product)}


@pytest.mark.parametrize("said", [{"id", "price"}, {"id", "sale_price", "sale_to"}])
def test_a_price_that_is_not_told_leaves_the_old_one(said: set[str]) -> None:
    before = Product(
        asin="A", title="Fork", pricing_dollars=(2.0,), price_tag="$2.00", price_dollars=2.0
    )
    unpriced = replace(before, pricing_dollars=(DEFAULT_PRICE_DOLLARS,), price_tag="", priced=False)
    assert _with_kept(unpriced, before, said) == before
    dearer = replace(before, pricing_dollars=(3.0,), price_tag="$3.00")
    assert _with_kept(dearer, before, said).pricing_dollars == (3.0,)
