"""The brands of a catalogue, which are no attributes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace

from shopwright.catalogue.attributes.candidates import brand_of, words_of
from shopwright.catalogue.product import Product

# With fewer brands than this, phrases of one brand alone are no sign of names.
FEWEST_BRANDS = 5


class Names:
    """The brands of a catalogue.

    Attributes:
        words: words that are hardly ever said but for the brand that is called so.
        count: how many brands products have, as far as their titles and brands say.
    """

    def __init__(self, brands: Iterable[str], products: Sequence[Product]) -> None:
        self.count = len({brand_of(product) for product in products})
        names = {tuple(words_of(brand.lower())) for brand in brands}
        names |= {tuple(words_of(product.brand.lower())) for product in products}
        self._pairs = {pair for name in names for pair in itertools.pairwise(name)}
        self.words = {name[0] for name in names if len(name) == 1}

    def has(self, phrase: str) -> bool:
        """Whether a phrase is part of a brand."""
        return tuple(phrase.split(" ")) in self._pairs


def with_brands(products: Sequence[Product], brands: Iterable[str]) -> list[Product]:
    """Return products of which those without a brand have the one that their title begins with."""
    by_word: dict[str, list[str]] = {}
    for brand in sorted(filter(None, brands), key=len, reverse=True):
        by_word.setdefault(brand.lower().partition(" ")[0], []).append(brand)

    def named(product: Product) -> Product:
        title = product.title.lower()
        for brand in () if product.brand else by_word.get(title.partition(" ")[0], ()):
            if f"{title} ".startswith(f"{brand.lower()} "):
                return replace(product, brand=brand)
        return product

    return [named(product) for product in products]
