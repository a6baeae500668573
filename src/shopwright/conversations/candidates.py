"""What the catalogue says of the products that a conversation may end with, as arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from shopwright.catalogue.attributes.words import FUNCTION_WORDS
from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.shop.shop import Shop
from shopwright.understanding.option_words import in_one_writing
from shopwright.understanding.words import stems_in

MOST_CANDIDATES = 40
MOST_ATTRIBUTES = 60
_OF_OTHER_KIND = 0.4
MOST_VALUES = 200  # of a group of options


class Group:
    """A group of options of some products.

    Attributes:
        name: e.g. ``"size"``.
        values: what any of the products offers.
        offers: bool, (products, values).
        counts: float, (products,): how many values each offers; 0 for those without the group.
    """

    def __init__(self, name: str, products: Sequence[Product]) -> None:
        own = [product.options.get(name, ()) for product in products]
        self.name = name
        self.values = tuple(dict.fromkeys(value for values in own for value in values))[
            :MOST_VALUES
        ]
        place = {value: number for number, value in enumerate(self.values)}
        self.offers = np.zeros((len(products), len(self.values)), dtype=bool)
        for row, values in enumerate(own):
            self.offers[row, [place[value] for value in values if value in place]] = True
        self.counts = self.offers.sum(axis=1).astype(np.float64)


class Candidates:
    """The products that a conversation may end with.

    Args:
        shop: whose products they are.
        scored: (row, score) of each, best first; scores above 0.

    Attributes:
        rows, products: the products.
        scores: float, (products,): their scores, which sum to 1.
        attributes: what any of them is said to be, e.g. ``"machine washable"``.
        has: bool, (products, attributes).
        groups: name → group of options.
        prices: float, (products,); NaN where it is not known.
        first: what can be done after a first message, kept by what that says.
    """

    def __init__(self, shop: Shop, scored: Sequence[tuple[int, float]]) -> None:
        scored = scored[:MOST_CANDIDATES]
        self.shop = shop
        self.rows = [row for row, _ in scored]
        self.products = [shop.catalogue[row] for row in self.rows]
        scores = np.array([score for _, score in scored], dtype=np.float64)
        self.scores = scores / scores.sum() if len(scores) else scores
        said = Counter(
            attribute
            for product in self.products
            for attribute in dict.fromkeys(product.attributes)
            if attribute != DEFAULT_ATTRIBUTE
        )
        self.attributes = tuple(name for name, _ in said.most_common(MOST_ATTRIBUTES))
        self.has = np.array(
            [_has(product, self.attributes) for product in self.products],
            dtype=bool,
        ).reshape(len(self.products), len(self.attributes))
        names = dict.fromkeys(name for product in self.products for name in product.options)
        self.groups = {name: Group(name, self.products) for name in names}
        self.first: dict[Any, Any] = {}
        self.prices = np.array([p.price_dollars if p.priced else np.nan for p in self.products])

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def shared(self) -> np.ndarray:
        """Which share of each product's attributes (row) another one has (column), 0 to 1, the kind
        counted as one of them: float, (products, products)."""
        has = self.has.astype(np.float64)
        shared: np.ndarray = (has @ has.T + 1.0) / (has.sum(axis=1)[:, None] + 1.0)
        return shared

    @cached_property
    def kinship(self) -> np.ndarray:
        """1 where two products are of one kind or one path of categories, less where not: float,
        (products, products)."""
        kinds = np.array([product.query or product.category for product in self.products])
        paths = np.array([product.product_category for product in self.products])
        is_kin = (kinds[:, None] == kinds) | ((paths[:, None] == paths) & (paths != ""))
        return np.where(is_kin, 1.0, _OF_OTHER_KIND)

    @cached_property
    def names(self) -> dict[tuple[str, ...], list[tuple[str, str]]]:
        """The stems of each attribute and value → what they may name: ("", attribute) or
        (group, value)."""
        found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        for attribute in self.attributes:
            found.setdefault(tuple(stems_in(attribute)), []).append(("", attribute))
        for group in self.groups.values():
            for value in group.values:
                found.setdefault(tuple(stems_in(value)), []).append((group.name, value))
        found.pop((), None)
        return found

    @cached_property
    def may_be_brands(self) -> frozenset[str]:
        """The stems of the products' brands, and of the first words of their titles."""
        first = {stem for product in self.products for stem in stems_in(product.title)[:1]}
        named = {stem for product in self.products for stem in stems_in(product.brand)}
        return frozenset(named | first - FUNCTION_WORDS)

    @cached_property
    def brands(self) -> frozenset[str]:
        """Of :attr:`may_be_brands` those that stand in no other place of a title."""
        elsewhere = {stem for each in self.products for stem in stems_in(each.title)[1:]}
        named = {stem for product in self.products for stem in stems_in(product.brand)}
        return frozenset(named | self.may_be_brands - elsewhere)

    @cached_property
    def written(self) -> dict[str, tuple[str, str]]:
        """The words of each value, in one writing → group and value; of several groups the
        first."""
        found: dict[str, tuple[str, str]] = {}
        for group in self.groups.values():
            for value in group.values:
                found.setdefault(in_one_writing(value), (group.name, value))
        return found

    @cached_property
    def stemmed_texts(self) -> list[str]:
        """The stems of each product's title and features, a blank between and around."""
        return [
            f" {' '.join(stems_in(' '.join((product.title, *product.bullets))))} "
            for product in self.products
        ]

    @cached_property
    def longest_name(self) -> int:
        """How many stems the longest of :attr:`names` has."""
        return max(map(len, self.names), default=0)


def _has(product: Product, attributes: Sequence[str]) -> list[bool]:
    """Which attributes a product has: as one of its own, or somewhere in its texts."""
    texts = "\0".join((product.title, *product.bullets, product.description)).lower()
    return [name in product.attributes or name in texts for name in attributes]
