"""What an update keeps of a product."""

from __future__ import annotations

from dataclasses import fields

from shopwright.catalogue.product import Product
from shopwright.shop.update import SAID_BY

# Every table says these, or a build decides them.
OTHERS = {
    "asin", "title", "price_dollars", "attributes", "instruction", "instruction_attributes",
    "human_instructions", "nouns", "variants", "derived", "goal_rule",
}  # fmt: skip


def test_every_field_is_kept_where_a_table_does_not_say_it() -> None:
    assert SAID_BY.keys() | OTHERS == {field.name for field in fields(Product)}
