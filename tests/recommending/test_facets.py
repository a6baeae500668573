"""Facets: counts, choices, ranges of prices, and the order of what is left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalogue.product import Product, Variant
from shopwright.recommending.facets import (
    FITS,
    Chosen,
    Described,
    Dimension,
    Facet,
    View,
    counted,
    ends_of,
    narrowed,
    price_ranges,
)

KIND, BRAND, PRICE, FIT = (
    Dimension(each) for each in (Facet.KIND, Facet.BRAND, Facet.PRICE, Facet.FIT)
)
COLOUR = Dimension(Facet.OPTION, "color")


def described(number: int, kind: str, brand: str, price: float | None, *colours: str) -> Described:
    product = Product(
        asin=f"P{number}",
        title="A thing",
        query=kind,
        brand=brand,
        options={"Color": colours} if colours else {},
    )
    return Described(product, price, fits=number % 2 == 0)


FOUND = [
    described(0, "rugs", "Hem", 10.0, "red", "blue"),
    described(1, "rugs", "Hem", 20.0, "red"),
    described(2, "rugs", "Tuft", 30.0, "blue"),
    described(3, "mats", "Tuft", None),
]


def choice(dimension: Dimension, *values: str) -> Chosen:
    return Chosen(dimension, frozenset(values))


@pytest.mark.parametrize(
    ("chosen", "places"),
    [
        ([], [0, 1, 2, 3]),
        ([choice(KIND, "rugs")], [0, 1, 2]),
        ([choice(KIND, "rugs", "mats"), choice(BRAND, "Tuft")], [2, 3]),
        ([choice(COLOUR, "red")], [0, 1]),
        ([choice(PRICE, "10..20")], [0]),
        ([choice(PRICE, "..20", "30..")], [0, 2]),
        ([choice(PRICE, "nonsense")], []),
        ([choice(FIT, FITS)], [0, 2]),
    ],
)
def test_alternatives_within_a_facet_and_all_of_several(chosen, places) -> None:
    assert narrowed(FOUND, chosen) == places


def values(chosen: list[Chosen]) -> dict[Dimension, dict[str, int]]:
    return {
        Dimension(facet.facet, facet.group): {each.value: each.count for each in facet.values}
        for facet in counted(FOUND, chosen, "USD")
    }


def test_counts_disregard_what_is_chosen_of_the_same_facet() -> None:
    plain = values([])
    assert plain[KIND] == {"rugs": 3, "mats": 1}
    assert plain[COLOUR] == {"red": 2, "blue": 2}
    assert plain[FIT] == {FITS: 2}
    assert plain[PRICE] == {"..20": 1, "20..": 2}
    tuft = values([choice(BRAND, "Tuft")])
    assert tuft[BRAND] == {"Hem": 2, "Tuft": 2}
    assert tuft[KIND] == {"rugs": 1, "mats": 1}
    assert tuft[COLOUR] == {"blue": 1, "red": 0}


def test_a_count_is_what_the_choice_then_leaves() -> None:
    for facet in counted(FOUND, [choice(KIND, "rugs")], "USD"):
        dimension = Dimension(facet.facet, facet.group)
        if dimension != KIND:
            for value in facet.values:
                left = narrowed(FOUND, [choice(KIND, "rugs"), choice(dimension, value.value)])
                assert value.count == len(left), value


def test_what_is_chosen_stays_to_be_taken_away() -> None:
    (brand,) = [f for f in counted(FOUND, [choice(BRAND, "Gone")], "USD") if f.facet is Facet.BRAND]
    assert [(v.value, v.count) for v in brand.values if v.chosen] == [("Gone", 0)]


def test_only_options_that_can_be_bought_count() -> None:
    variants = (
        Variant(options={"color": "red"}, price_dollars=1.0, stock=0),
        Variant(options={"color": "blue"}, price_dollars=1.0),
    )
    product = Product(asin="V", title="V", options={"color": ("red", "blue")}, variants=variants)
    assert Described(product, 1.0, fits=True).options == {"color": ("blue",)}


def test_the_options_of_a_view_are_chosen_where_they_are_offered() -> None:
    view = View(chosen=(choice(COLOUR, "blue", "green"), choice(KIND, "rugs")))
    assert view.options_of(FOUND[0].product) == {"Color": "blue"}
    assert view.options_of(FOUND[1].product) == {}
    assert not view.as_ranked


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40))
def test_price_ranges_hold_every_price_once(prices: list[float]) -> None:
    ranges = [ends_of(value) for value in price_ranges(prices)]
    assert len(ranges) <= 4
    for price in prices if ranges else ():
        assert sum(ends is not None and ends[0] <= price < ends[1] for ends in ranges) == 1


@pytest.mark.parametrize("value", ["", "5", "x..", "..y", "9..3", "-1..3", "nan..", "1..2..3"])
def test_what_is_no_range_is_none(value: str) -> None:
    assert ends_of(value) is None
