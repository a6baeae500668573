"""The names of a catalogue, of makers and of series, which are no attributes."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from shopwright.catalogue.attributes.candidates import words_of
from shopwright.catalogue.attributes.goods import OF_THINGS, QUALITIES
from shopwright.catalogue.attributes.grammar import DEGREES
from shopwright.catalogue.attributes.words import (
    COLOURS,
    FUNCTION_WORDS,
    MEASURES,
    NUMBER_WORDS,
    PEOPLE,
    SIZES,
    TALK,
    stem,
)
from shopwright.catalogue.packed import changed
from shopwright.catalogue.product import Product

# With fewer brands than this, phrases of one brand alone are no sign of names.
FEWEST_BRANDS = 5
# Series are found in so many products at most, spread over the catalogue; and only where most words
# of titles are also said in lower case: German nouns are not, nor titles in capitals.
LOOKED_AT = 3_000
_FEWEST_LOWER = 0.4
_LOWER_SHARE = 0.2
_LOWER_OF_NAMES = 0.5
_NO_BRANDS = COLOURS | FUNCTION_WORDS | MEASURES | SIZES
_SAYING_WHAT = _NO_BRANDS | QUALITIES | NUMBER_WORDS | PEOPLE | TALK | DEGREES
# Of common words a brand has two, "sea gull", with which so many titles begin, hardly any goes on.
_FEWEST_WITH_PAIR = 3
_MOST_ELSEWHERE = 0.2


class Names:
    """The brands and series of a catalogue.

    Args:
        brands: what brands are called.
        makers: as :func:`brand_of` says of each product.
        products: in which series are looked for, of more than 3,000 in so many, spread over them.
        told: how many brands the catalogue names.

    Attributes:
        words: words that are hardly ever said but for the brand that is called so.
        proper: of these and of the words of titles those that are hardly ever said in lower case.
        count: how many brands products have, as far as their titles and brands say.
        told: how many of them the catalogue names.
    """

    def __init__(
        self,
        brands: Iterable[str],
        makers: Collection[str],
        products: Sequence[Product],
        told: int = 0,
    ) -> None:
        brands = {*filter(None, brands)}
        self.count = len({*makers})
        self.told = told
        names = {tuple(words_of(brand.lower())) for brand in brands}
        self._pairs = {pair for name in names for pair in itertools.pairwise(name)}
        self.words = {name[0] for name in names if len(name) == 1}
        lower, series = _cases(products[:: -(-len(products) // LOOKED_AT) or 1])
        self.proper = {word for word in self.words if lower.get(word, 0) < _LOWER_OF_NAMES} | series

    @property
    def tell_series(self) -> bool:
        """Whether what a single brand says can be told from what others say, too."""
        return (self.told or self.count) >= FEWEST_BRANDS

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


def _says_what(word: str) -> bool:
    """Whether a word tells what things are or are like, or goes with such a word."""
    return not word.isalpha() or word in _SAYING_WHAT or stem(word) in OF_THINGS


class TitleBrands:
    """The brands with which titles begin: known ones, else the first word, or the first two where
    several titles begin with them, unless other titles have that elsewhere.

    Args:
        products: the title and the brand of each product; an empty one if the catalogue says none.
        brands: those that are known.
    """

    def __init__(self, products: Iterable[tuple[str, str]], brands: Iterable[str]) -> None:
        self._by_word: dict[str, list[str]] = {}
        for brand in sorted(filter(None, brands), key=len, reverse=True):
            self._by_word.setdefault(brand.lower().partition(" ")[0], []).append(brand)
        self._first, self._elsewhere = Counter[str](), Counter[str]()
        for title, brand in products:
            if not brand:
                words = title.lower().split()
                pairs = [*map(" ".join, itertools.pairwise(words))]
                self._first.update([*words[:1], *pairs[:1]])
                self._elsewhere.update({*words[1:], *pairs[1:]})

    def of(self, title: str, brand: str) -> str:
        """Return the brand of a product, as far as it or its title says; else an empty one."""
        if brand:
            return brand
        lower = title.lower()
        word = lower.partition(" ")[0]
        for known in self._by_word.get(word, ()):
            if f"{lower} ".startswith(f"{known.lower()} "):
                return known
        if " " not in lower or word in _NO_BRANDS:
            return ""
        if self._elsewhere[word] < self._first[word]:
            return title.split()[0]
        words = lower.split()[:2]
        pair = " ".join(words)
        is_brand = (
            self._first[pair] >= _FEWEST_WITH_PAIR
            and self._elsewhere[pair] <= _MOST_ELSEWHERE * self._first[pair]
            and not any(map(_says_what, words))
        )
        return " ".join(title.split()[:2]) if is_brand else ""

    def named(self, product: Product) -> Product:
        """Return a product with its brand."""
        brand = self.of(product.title, product.brand)
        return product if brand == product.brand else changed(product, brand=brand)
