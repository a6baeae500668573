"""The names of a catalogue, of makers and of series, which are no attributes."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from shopwright.catalogue.attributes.candidates import brand_of, words_of
from shopwright.catalogue.attributes.words import COLOURS, FUNCTION_WORDS, MEASURES, SIZES
from shopwright.catalogue.product import Product

# With fewer brands than this, phrases of one brand alone are no sign of names.
FEWEST_BRANDS = 5
# Series are found in so many products at most, spread over the catalogue; and only where most words
# of titles are also said in lower case: German nouns are not, nor titles in capitals.
_LOOKED_AT = 3_000
_FEWEST_LOWER = 0.4
_LOWER_SHARE = 0.2
_LOWER_OF_NAMES = 0.5
_NO_BRANDS = COLOURS | FUNCTION_WORDS | MEASURES | SIZES


class Names:
    """The brands and series of a catalogue.

    Attributes:
        words: words that are hardly ever said but for the brand that is called so.
        proper: of these and of the words of titles those that are hardly ever said in lower case.
        count: how many brands products have, as far as their titles and brands say.
    """

    def __init__(self, brands: Iterable[str], products: Sequence[Product]) -> None:
        self.count = len({brand_of(product) for product in products})
        names = {tuple(words_of(brand.lower())) for brand in brands}
        names |= {tuple(words_of(product.brand.lower())) for product in products}
        self._pairs = {pair for name in names for pair in itertools.pairwise(name)}
        self.words = {name[0] for name in names if len(name) == 1}
        lower, series = _cases(products[:: -(-len(products) // _LOOKED_AT) or 1])
        self.proper = {word for word in self.words if lower.get(word, 0) < _LOWER_OF_NAMES} | series

    def has(self, phrase: str) -> bool:
        """Whether a phrase is part of a brand."""
        return tuple(phrase.split(" ")) in self._pairs


def _cases(products: Sequence[Product]) -> tuple[dict[str, float], set[str]]:
    """How often each word is in lower case, and the words of titles that hardly ever are."""
    said: Counter[str] = Counter()
    titles: Counter[str] = Counter()
    for product in products:
        words = words_of(product.title)
        titles.update(word.lower() for word in words if len(word) > 2 and word.isalpha())
        for text in (product.description, *product.bullets):
            # Labels are often in lower case whatever they say.
            words += words_of(text.rpartition(": ")[2])
        said.update(words)
    every: Counter[str] = Counter()
    for word, count in said.items():
        every[word.lower()] += count
    lower = {word: said[word] / count for word, count in every.items()}
    series = {word for word in titles if lower[word] < _LOWER_SHARE}
    in_lower = sum(count for word, count in titles.items() if word not in series)
    return lower, series if in_lower >= _FEWEST_LOWER * titles.total() else set()


def with_brands(products: Sequence[Product], brands: Iterable[str]) -> list[Product]:
    """Return products of which those without a brand have the one that their title begins with: a
    known one, else its first word, unless other titles have that elsewhere."""
    by_word: dict[str, list[str]] = {}
    for brand in sorted(filter(None, brands), key=len, reverse=True):
        by_word.setdefault(brand.lower().partition(" ")[0], []).append(brand)
    first, elsewhere = Counter[str](), Counter[str]()
    for product in products:
        if not product.brand:
            words = product.title.lower().split()
            first.update(words[:1])
            elsewhere.update({*words[1:]})

    def named(product: Product) -> Product:
        if product.brand:
            return product
        title = product.title.lower()
        word = title.partition(" ")[0]
        for brand in by_word.get(word, ()):
            if f"{title} ".startswith(f"{brand.lower()} "):
                return replace(product, brand=brand)
        is_brand = " " in title and elsewhere[word] < first[word] and word not in _NO_BRANDS
        return replace(product, brand=product.title.split()[0]) if is_brand else product

    return [named(product) for product in products]
