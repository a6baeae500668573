"""Limits of sizes, weights and the like in requests."""

from __future__ import annotations

import pytest

from shopwright.understanding.measures import axis_of, is_within, measures_in, met_by
from shopwright.understanding.quantities import quantities_in

Bounds = tuple[str, str, float | None, float | None, bool]


@pytest.mark.parametrize(
    ("request_text", "expected"),
    [
        ("tv stand bigger than 40 inch", ("bigger than 40 inch", "inch", 40.0, None, True)),
        ("rug larger then 5 feet", ("larger then 5 feet", "feet", 5.0, None, True)),
        ("bottle at least 1 liter", ("at least 1 liter", "liter", 1.0, None, True)),
        ("tv 50 inches or larger", ("50 inches or larger", "inch", 50.0, None, True)),
        ("65+ inch tv", ("65+ inch", "inch", 65.0, None, True)),
        ("no less than two liters", ("no less than two liters", "liter", 2.0, None, True)),
        ("power bank over 10,000 mah", ("over 10,000 mah", "mah", 10_000.0, None, True)),
        ("tent under 5 lbs", ("under 5 lbs", "pound", None, 5.0, True)),
        ("desk less than 40\" wide", ("less than 40\" wide", "inch", None, 40.0, True)),
        ("desk no wider than 40 inches", ("no wider than 40 inches", "inch", None, 40.0, True)),
        ("lamp, max 12 inches high", ("max 12 inches high", "inch", None, 12.0, True)),
        ("bag 12 inches or less", ("12 inches or less", "inch", None, 12.0, True)),
        ("between 20 and 30 liters", ("between 20 and 30 liters", "liter", 20.0, 30.0, True)),
        ("İ desk under 30 inches", ("under 30 inches", "inch", None, 30.0, True)),
        ("a 20-30 liter backpack", ("20-30 liter", "liter", 20.0, 30.0, False)),
        ("about 10 inches wide", ("about 10 inches wide", "inch", 8.5, 11.5, False)),
        ("mount for up to 65 inches", ("up to 65 inches", "inch", None, 65.0, False)),
        ("stand for a tv under 60 inches", ("under 60 inches", "inch", None, 60.0, False)),
    ],
)  # fmt: skip
def test_limits_are_read(request_text: str, expected: Bounds) -> None:
    (reading,) = measures_in(request_text)
    piece = reading.piece
    assert (piece.text, piece.value, piece.lowest, piece.highest, piece.hard) == expected
    assert request_text[piece.start :].startswith(piece.text)


@pytest.mark.parametrize(
    "request_text",
    ["40 inch tv", "rug 8 x 10 feet", "rug at least 8 x 10 feet", "size 8 or larger", "under 5",
     "under $40", "3 in 1 charger", "laptop 15 inch or bigger than that"],
)  # fmt: skip
def test_sizes_without_a_limit_are_left_to_others(request_text: str) -> None:
    assert measures_in(request_text) == []


@pytest.mark.parametrize(
    ("limit", "size", "within"),
    [
        ("longer than 6 feet", "6 feet", False), ("at least 6 feet", "6 feet", True),
        ("longer than 6 feet", "2 m", True), ("under 5 lbs", "5 lbs", False),
        ("5 lbs or less", "80 oz", True), ("at least 1 liter", "33.8 fl oz", True),
        ("under 5 lbs", "5 inches", None), ("between 20 and 30 liters", "30 l", True),
        ("no longer than 6 feet", "6 feet", True),
    ],
)  # fmt: skip
def test_bounds_are_compared_across_units(limit: str, size: str, within: bool | None) -> None:
    (quantity,) = quantities_in(size)
    assert is_within(quantity, measures_in(limit)[0].piece) is within


def test_the_side_that_is_meant_is_known() -> None:
    (wide,), (any_side,) = measures_in("under 40 inches wide"), measures_in("under 40 inches")
    assert (axis_of(wide.piece), axis_of(any_side.piece)) == ("wide", "")


@pytest.mark.parametrize(
    ("limit", "sizes", "met"),
    [
        ("bigger than 14 inches", "12x16 inch", True),
        ("smaller than 14 inches", "12x16 inch", None),
        ("smaller than 14 inches", "12x13 inch", True),
        ("at least 14 inches", "12x13 inch", False),
        # Which side is the width?
        ("at least 14 inches wide", "12x16 inch", None),
        ("wider than 14 inches", "12x16 inch", None),
        ("wider than 14 inches", "15x16 inch", True),
        ("wider than 14 inches", "12 inches wide, 16 inches tall", False),
        ("thicker than 8 inches", "3 inches thick x 60 inches wide", False),
        ("thicker than 8 inches", "60 inches wide", None),
        ("at least 14 inches", "2 lbs", None),
        ("20 inches or more", "18''x18''", False),
        ("at least 3000 lumens", "4000 ansi lumens", True),
    ],
)  # fmt: skip
def test_sizes_meet_a_limit_by_the_side_that_is_meant(
    limit: str, sizes: str, met: bool | None
) -> None:
    assert met_by(quantities_in(sizes), measures_in(limit)[0].piece) is met


def test_words_that_lead_to_a_size_are_read_with_it() -> None:
    text = "printer that weighs under 10 pounds"
    (reading,) = measures_in(text)
    assert (text[reading.start : reading.end], reading.piece.text) == (
        "that weighs under 10 pounds", "under 10 pounds",
    )  # fmt: skip


def test_at_least_belongs_to_what_follows():
    (size,) = measures_in("10 inch, at least 64gb")
    assert (size.piece.value, size.piece.lowest) == ("gigabyte", 64.0)
    (length,) = measures_in("10 inches at least")
    assert (length.piece.value, length.piece.lowest) == ("inch", 10.0)
