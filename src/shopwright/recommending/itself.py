"""Products as keys of what is worked out of them."""

from __future__ import annotations

from shopwright.catalogue.product import Product

# What is worked out of so many is kept: some 30 KB each, most of it texts, and up to
# twice as much of those that are asked about all the time.
PRODUCTS_KEPT = 2048


class Itself:
    """A product as a key that is equal to itself alone; comparing all its fields takes long."""

    __slots__ = ("product",)

    def __init__(self, product: Product) -> None:
        self.product = product

    def __hash__(self) -> int:
        return id(self.product)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and other.product is self.product
