"""Facets: what the products found differ in, how many there are of each, and a person's choice.

A choice narrows a ranked list without another search: the values of one facet are alternatives,
several facets narrow together, and the counts of a facet disregard what is chosen of itself, so
that they say what each further choice would bring.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from shopwright.catalogue.money import format_price
from shopwright.catalogue.product import Product
from shopwright.understanding.request import Order

VALUES_SHOWN = 12
OPTION_GROUPS_SHOWN = 4
# A group of options that fewer products have says little about the list.
GROUP_SHARE = 0.1
# The ends of price ranges, times powers of ten.
_ROUND = (1.0, 2.0, 3.0, 5.0, 7.5)
_QUARTILES = (0.25, 0.5, 0.75)
_TO = ".."


class Facet(StrEnum):
    """What products differ in. FIT has one value: that a product fits the request."""

    FIT = "fit"
    KIND = "kind"
    BRAND = "brand"
    PRICE = "price"
    OPTION = "option"


FITS = "fits"


class Dimension(NamedTuple):
    """A facet and, of options, the group in lower case; else an empty text."""

    facet: Facet
    group: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person chose of a facet: any of the values will do.

    Attributes:
        dimension: of what.
        values: of a price ranges such as ``"20..50"``, ``"..20"`` or ``"50.."`` in the shop's
            currency, the upper end not included.
    """

    dimension: Dimension
    values: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a person looks at a ranked list.

    Attributes:
        chosen: what it is narrowed to.
        order: by what it is sorted; None for best first.
        offset: how many products were shown before.
        counted: whether facets are counted.
    """

    chosen: tuple[Chosen, ...] = ()
    order: Order | None = None
    offset: int = 0
    counted: bool = False

    @property
    def as_ranked(self) -> bool:
        """Whether every product is shown, best first."""
        return not self.chosen and self.order is None

    def options_of(self, product: Product) -> dict[str, str]:
        """Return option group → value, of the values chosen the first that a product offers."""
        if not self.chosen:
            return {}
        chosen = {
            each.dimension.group: each.values
            for each in self.chosen
            if each.dimension.facet is Facet.OPTION
        }
        return {
            group: next(value for value in values if value in chosen[group.lower()])
            for group, values in product.options.items()
            if not chosen.get(group.lower(), frozenset()).isdisjoint(values)
        }


AS_RANKED = View()


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet.

    Attributes:
        value: what is sent to choose it.
        text: as people read it.
        count: products that have it and what is chosen of the other facets.
        chosen: whether it is chosen.
    """

    value: str
    text: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class CountedFacet:
    """A facet with its values: of prices in their order, else the most frequent first."""

    facet: Facet
    group: str
    values: tuple[FacetValue, ...]


class Described(NamedTuple):
    """What facets see of a product that was found."""

    product: Product
    price: float | None
    fits: bool

    def has(self, chosen: Chosen) -> bool:
        """Whether it has one of the values chosen."""
        if chosen.dimension.facet is Facet.PRICE:
            return any(_is_within(self.price, value) for value in chosen.values)
        return not chosen.values.isdisjoint(self.values_of(chosen.dimension))

    def values_of(self, dimension: Dimension) -> Iterable[str]:
        """Its values of a facet; none of prices, which have ranges."""
        match dimension.facet:
            case Facet.FIT:
                return (FITS,) if self.fits else ()
            case Facet.KIND:
                return (self.product.query,) if self.product.query else ()
            case Facet.BRAND:
                return (self.product.brand,) if self.product.brand else ()
            case _:
                return self.options.get(dimension.group, ())

    @property
    def options(self) -> Mapping[str, Sequence[str]]:
        """Option group, lower case → the values that can be bought."""
        if not self.product.variants:
            return {group.lower(): values for group, values in self.product.options.items()}
        offered: dict[str, dict[str, None]] = {}
        for number in self.product.offers:
            for group, value in self.product.variants[number].options.items():
                offered.setdefault(group.lower(), {})[value] = None
        return {group: tuple(values) for group, values in offered.items()}


def narrowed(found: Sequence[Described], chosen: Iterable[Chosen]) -> list[int]:
    """Return the places of the products that have a value of every facet chosen."""
    chosen = tuple(chosen)
    return [place for place, each in enumerate(found) if all(map(each.has, chosen))]


def counted(
    found: Sequence[Described], chosen: Sequence[Chosen], currency: str
) -> list[CountedFacet]:
    """Return the facets by which a list can be narrowed, those without a choice left out.

    Args:
        found: the whole list, not narrowed.
        currency: of the prices.
    """
    by_dimension = {each.dimension: each.values for each in chosen}
    groups = Counter(group for each in found for group in each.options)
    shown = [
        group
        for group, count in groups.most_common(OPTION_GROUPS_SHOWN)
        if count >= GROUP_SHARE * len(found)
    ]
    shown += [d.group for d in by_dimension if d.facet is Facet.OPTION and d.group not in shown]
    plain = [Dimension(facet) for facet in Facet if facet is not Facet.OPTION]
    facets = []
    for dimension in [*plain, *(Dimension(Facet.OPTION, group) for group in shown)]:
        others = [each for each in chosen if each.dimension != dimension]
        left = [found[place] for place in narrowed(found, others)]
        taken = by_dimension.get(dimension, frozenset())
        if dimension.facet is Facet.PRICE:
            values = _count_prices(found, left, taken, currency)
        else:
            values = _count(found, left, dimension, taken)
        if taken or len(values) > 1 or (dimension.facet is Facet.FIT and values):
            facets.append(CountedFacet(dimension.facet, dimension.group, values))
    return facets


def _count(
    found: Sequence[Described],
    left: Sequence[Described],
    dimension: Dimension,
    taken: frozenset[str],
) -> tuple[FacetValue, ...]:
    counts = Counter(value for each in left for value in each.values_of(dimension))
    # What was there before other facets narrowed the list stays, with a count of 0.
    order = Counter(value for each in found for value in each.values_of(dimension))
    shown = [value for value, _ in order.most_common(VALUES_SHOWN)]
    shown += sorted(taken.difference(shown))
    values = (FacetValue(value, value, counts[value], value in taken) for value in shown)
    return tuple(sorted(values, key=lambda each: -each.count))


def _count_prices(
    found: Sequence[Described],
    left: Sequence[Described],
    taken: frozenset[str],
    currency: str,
) -> tuple[FacetValue, ...]:
    ranges = price_ranges([each.price for each in found if each.price is not None])
    ranges += sorted(taken.difference(ranges))
    return tuple(
        FacetValue(
            value,
            _range_text(value, currency),
            sum(_is_within(each.price, value) for each in left),
            value in taken,
        )
        for value in ranges
    )


def price_ranges(prices: Sequence[float]) -> list[str]:
    """Return up to four ranges with round ends that divide prices about evenly.

    Example:
        >>> price_ranges([4.0, 9.0, 12.0, 18.0, 24.0, 31.0, 95.0])
        ['..10', '10..20', '20..30', '30..']
    """
    ordered = sorted(prices)
    if not ordered or ordered[0] == ordered[-1]:
        return []
    ends = {_rounded(ordered[int(share * (len(ordered) - 1))]) for share in _QUARTILES}
    inner = [f"{end:.15g}" for end in sorted(ends) if ordered[0] < end <= ordered[-1]]
    return [f"{low}{_TO}{high}" for low, high in zip(["", *inner], [*inner, ""], strict=True)]


def _rounded(amount: float) -> float:
    """The nearest round amount."""
    if amount <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(amount))
    return min((each * power for each in (*_ROUND, 10.0)), key=lambda each: abs(each - amount))


def ends_of(value: str) -> tuple[float, float] | None:
    """Return the ends of a range of prices; None if it is none."""
    low, to, high = value.partition(_TO)
    try:
        ends = float(low or 0.0), float(high or math.inf)
    except ValueError:
        return None
    return ends if to and ends[0] >= 0 and ends[1] > ends[0] else None


def _is_within(price: float | None, value: str) -> bool:
    ends = ends_of(value)
    return price is not None and ends is not None and ends[0] <= price < ends[1]


def _range_text(value: str, currency: str) -> str:
    ends = ends_of(value) or (0.0, math.inf)
    low, high = (format_price(end, currency).removesuffix(".00") for end in ends)
    if math.isinf(ends[1]):
        return f"{low} and more"
    return f"{low} to {high}" if ends[0] else f"under {high}"
