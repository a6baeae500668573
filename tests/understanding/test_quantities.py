"""Numbers with units, as requests and texts write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.understanding.quantities import Quantity, in_unit, quantities_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("40 inch", [(40.0, "inch")]),
        ('40" tv', [(40.0, "inch")]),
        ("17.3in laptop", [(17.3, "inch")]),
        ("pack of 3 in blue", []),
        ("3 in 1", []),
        ("5'6\"", [(5.5, "feet")]),
        ("5 ft 6 in", [(5.5, "feet")]),
        ("5 feet 20 inches", [(5.0, "feet"), (20.0, "inch")]),
        ("8 x 10 feet", [(8.0, "feet"), (10.0, "feet")]),
        ('51"x63"', [(51.0, "inch"), (63.0, "inch")]),
        ("20-30 liters", [(20.0, "liter"), (30.0, "liter")]),
        ("between 20 and 30 liters", [(20.0, "liter"), (30.0, "liter")]),
        ("2 and 30 liters", [(30.0, "liter")]),
        ("1 1/2 inches, 3/4 inch", [(1.5, "inch"), (0.75, "inch")]),
        ("1,000 mah, 1,5 l", [(1000.0, "mah"), (1.5, "liter")]),
        ("two quarts", [(2.0, "quart")]),
        ("12 fl oz", [(12.0, "ounce")]),
        ("size 8, 100 %", []),
        ("1234567890 inches", []),
    ],
)
def test_quantities_are_found(text: str, found: list[tuple[float, str]]) -> None:
    assert [(each.value, each.unit) for each in quantities_in(text)] == found


def test_the_side_of_a_length_is_known() -> None:
    found = quantities_in('47" w x 23.6 inches deep x 29 in. h, 2 lbs')
    assert [each.axis for each in found] == ["wide", "deep", "tall", ""]


@pytest.mark.parametrize(
    ("value", "unit", "other", "expected"),
    [
        (1.0, "feet", "inch", 12.0), (1.0, "inch", "centimeter", 2.54),
        (1.0, "kilogram", "pound", 2.2046), (16.0, "ounce", "pound", 1.0),
        (33.814, "ounce", "liter", 1.0), (1.0, "liter", "ounce", 33.814),
        (90.0, "minute", "hour", 1.5), (1.0, "terabyte", "gigabyte", 1000.0),
        (1.0, "inch", "pound", None), (1.0, "inch", "no unit", None), (5.0, "watt", "watt", 5.0),
    ],
)  # fmt: skip
def test_units_are_converted(value: float, unit: str, other: str, expected: float | None) -> None:
    converted = in_unit(Quantity(value, unit, "", 0, 0, False), other)
    assert converted == (expected if expected is None else pytest.approx(expected, rel=1e-3))


@given(st.text(alphabet="0123456789 .,/-+x\"'infetlbozmand", max_size=200))
def test_quantities_stand_in_any_text_in_order(text: str) -> None:
    end = 0
    for quantity in quantities_in(text):
        assert end <= quantity.start < quantity.end <= len(text)
        assert 0.0 <= quantity.value < float("inf")
        end = quantity.end
