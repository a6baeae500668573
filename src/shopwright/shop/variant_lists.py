"""Lists of prices and stock whose rows name variants by SKU or barcode, not products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from shopwright.catalogue.import_report import NotForSale
from shopwright.catalogue.money import format_price
from shopwright.catalogue.product import Product, Variant
from shopwright.catalogue.storage import Catalogue
from shopwright.shop.update import Edit


@dataclass(frozen=True, slots=True)
class Place:
    """A variant of a catalogue: its product's asin and its number there."""

    asin: str
    number: int


@dataclass(frozen=True, slots=True)
class VariantChange:
    """What a row says of a variant; None for what it does not say."""

    price: float | None = None
    availability: str | None = None
    stock: int | None = None

    def of(self, variant: Variant) -> Variant:
        """Return a variant with what is said."""
        said: dict[str, Any] = {
            "price_dollars": self.price,
            "availability": self.availability,
            "stock": self.stock,
        }
        return replace(
            variant, **{name: value for name, value in said.items() if value is not None}
        )


class VariantIds:
    """The SKUs and barcodes of a catalogue's variants; reads all products at the first question."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    @cached_property
    def _places(self) -> dict[str, Place | None]:
        places: dict[str, Place | None] = {}
        for row in self.catalogue.rows:
            product = self.catalogue[row]
            for number, variant in enumerate(product.variants):
                place = Place(product.asin, number)
                for name in {variant.identifier.casefold(), variant.barcode.casefold()} - {""}:
                    # What several variants have names none of them.
                    places[name] = None if name in places else place
        return places

    def find(self, name: str) -> Place | None:
        """Return the variant with a SKU or barcode; None for an asin, or if there is none."""
        if self.catalogue.row_of(name) is not None:
            return None
        return self._places.get(name.casefold())

    def title_of(self, name: str) -> str:
        """Return the title of the product with an asin, or of a variant's; "" if there is none."""
        place = self.find(name)
        row = self.catalogue.row_of(place.asin if place else name)
        return "" if row is None else self.catalogue[row].title


def split_off(
    products: Iterable[Product], gone: Sequence[NotForSale], ids: VariantIds
) -> tuple[list[Product], list[str], dict[Place, VariantChange]]:
    """Return what a table says of products, of products that are gone, and of variants.

    Args:
        products: those of the table.
        gone: what is not for sale.
        ids: what tells variants.
    """
    changes: dict[Place, VariantChange] = {}
    kept: list[Product] = []
    for product in products:
        if place := ids.find(product.asin):
            price = product.pricing_dollars[0] if product.priced else None
            stock = product.stock
            state = product.availability or (None if stock is None else "in stock")
            changes[place] = VariantChange(price, state, stock)
        else:
            kept.append(product)
    for each in gone:
        if place := ids.find(each.asin):
            stock = 0 if each.state == "out of stock" else None
            changes[place] = VariantChange(each.price_dollars, each.state, stock)
    return kept, [each.asin for each in gone if not ids.find(each.asin)], changes


def edits_of(
    changes: Mapping[Place, VariantChange], catalogue: Catalogue
) -> tuple[dict[str, Edit], list[str]]:
    """Return the edits of products that changes of their variants come to, and the asins of those
    of which no variant is left to buy."""
    of_asin: dict[str, dict[int, VariantChange]] = {}
    for place, change in changes.items():
        of_asin.setdefault(place.asin, {})[place.number] = change
    edits: dict[str, Edit] = {}
    sold_out: list[str] = []
    for asin, own in of_asin.items():
        row = catalogue.row_of(asin)
        assert row is not None
        if any(each.available for each in _edited(own, catalogue[row]).variants):
            edits[asin] = partial(_edited, own)
        else:
            sold_out.append(asin)
    return edits, sold_out


def _edited(changes: Mapping[int, VariantChange], product: Product | None) -> Product:
    assert product is not None
    variants = tuple(
        changes[number].of(variant) if number in changes else variant
        for number, variant in enumerate(product.variants)
    )
    return with_variants(product, variants)


def with_variants(product: Product, variants: Sequence[Variant]) -> Product:
    """Return a product with its variants changed, and what is said of all of them together."""
    prices = [each.price_dollars for each in variants if each.price_dollars is not None]
    stocks = [each.stock for each in variants if each.stock is not None]
    states = [each.availability for each in variants]
    state = next((each.availability for each in variants if each.available), states[0])
    product = replace(
        product,
        variants=tuple(variants),
        stock=sum(stocks) if stocks else product.stock,
        availability=state,
    )
    if not prices:
        return product
    ends = tuple(sorted({min(prices), max(prices)}))
    return replace(
        product,
        pricing_dollars=ends,
        price_tag=" to ".join(format_price(price, product.currency) for price in ends),
        price_dollars=product.price_with({}),
        priced=True,
    )
