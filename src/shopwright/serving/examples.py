"""Requests to begin with, made of what a shop has."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator

from shopwright.catalogue.money import format_price
from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.catalogue.storage import Catalogue

EXAMPLES = 4
# So many products are looked at, evenly over the catalogue.
_LOOKED_AT = 400
_TITLE_WORDS = 5
_VALUE_CHARACTERS = 24
# The form that every product can say.
_PLAIN = 2


def example_requests(catalogue: Catalogue) -> list[str]:
    """Return up to :data:`EXAMPLES` requests, each for another kind of product and in another form.
    The same catalogue gives the same ones."""
    step = max(1, catalogue.row_count // _LOOKED_AT)
    rows = range(0, catalogue.row_count, step)
    products = [catalogue[row] for row in rows if catalogue.row_of(catalogue.asin_of(row)) == row]
    products.sort(key=lambda product: hashlib.sha256(product.asin.encode()).digest())
    found: list[str] = []
    kinds: set[str] = set()
    for product in products:
        kind = product.query.lower() or " ".join(product.title.split()[:_TITLE_WORDS])
        if kind in kinds:
            continue
        forms = dict(_forms(product, kind))
        kinds.add(kind)
        # Each form in turn, as far as a product can say it.
        found.append(forms.get(len(found), forms[_PLAIN]))
        if len(found) == EXAMPLES:
            break
    return found


def _forms(product: Product, kind: str) -> Iterator[tuple[int, str]]:
    """The number of a form → a request in it."""
    values = [
        value
        for group in sorted(product.options, key=lambda group: "colo" not in group.lower())
        for value in product.options[group]
        if value.replace(" ", "").isalpha() and len(value) <= _VALUE_CHARACTERS
    ]
    attributes = [each for each in product.attributes if each != DEFAULT_ATTRIBUTE]
    limit = f"under {_limit(product)}" if product.priced else ""
    if values:
        yield 0, f"{kind} in {values[0]} {limit}".strip()
    if attributes:
        yield 1, f"{attributes[0].lower()} {kind}"
    yield _PLAIN, f"{kind} {limit}".strip()
    if product.brand:
        yield 3, f"{kind} by {product.brand}"
    elif attributes:
        yield 3, f"{kind}, {attributes[-1].lower()}"


def _limit(product: Product) -> str:
    """A round price that a product stays below."""
    price = max(*product.pricing_dollars, product.price_dollars)
    step = 10.0 ** max(0, math.floor(math.log10(max(price, 1.0))) - 1) * 5.0
    limit = (math.floor(price / step) + 1) * step
    return format_price(limit, product.currency).removesuffix(".00")
