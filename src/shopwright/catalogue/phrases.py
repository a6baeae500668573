"""Attributes for products that come later, from the phrases that a shop's products have already."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product

PHRASES_AT_MOST = 8
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


class Phrases:
    """The attributes of a shop's products, by category and kind.

    Args:
        products: the shop's, or many of them.
    """

    def __init__(self, products: Iterable[Product]) -> None:
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for product in products:
            phrases = [phrase for phrase in product.attributes if phrase != DEFAULT_ATTRIBUTE]
            for name in {product.category, product.query, ""}:
                self._counts[name].update(phrases)

    def of(self, product: Product) -> tuple[str, ...]:
        """Return which phrases of its category or kind stand in a product's texts, the usual ones
        first; of all phrases if the shop has nothing like it; the mark of none without any."""
        texts = (product.title, *product.bullets, product.description, *product.details.values())
        spaced = f" {' '.join(_WORD.findall(' . '.join(texts).lower()))} ".replace(
            " easy to ", " easy "
        )
        known = self._counts.get(product.query) or self._counts.get(product.category)
        counts = known or self._counts[""]
        found = [phrase for phrase in counts if f" {' '.join(_WORD.findall(phrase))} " in spaced]
        found.sort(key=lambda phrase: (-counts[phrase], phrase))
        return tuple(found[:PHRASES_AT_MOST]) or (DEFAULT_ATTRIBUTE,)
