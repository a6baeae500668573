"""Quantities in requests and texts: "6ft", "6 feet" and "6'" are one, as are "set of two" and "set
of 2"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple

_NUMBERS = "two three four five six seven eight nine ten eleven twelve".split()
# Each line is one unit, the name by which it is found first.
_UNITS = """
inch inches
feet foot ft
yard yards yd yds
mile miles
meter meters metre metres
centimeter centimeters centimetre centimetres cm
millimeter millimeters millimetre millimetres mm
ounce ounces oz
pound pounds lb lbs
milligram milligrams mg
gram grams gm gms
kilogram kilograms kilo kilos kg kgs
milliliter milliliters millilitre millilitres ml
liter liters litre litres ltr
gallon gallons gal
quart quarts qt
pint pints pt
count ct
piece pieces pc pcs
watt watts
volt volts
hour hours hr hrs
minute minutes min mins
gigabyte gigabytes gb
terabyte terabytes tb
megabyte megabytes mb
megapixel megapixels mp
lumen lumens lm
hertz hz
mah
"""
# The dimensions of a unit, and its size there, in centimetres, grams, millilitres, minutes or
# megabytes. An ounce is a weight or, of a liquid, a volume.
_SIZES: Mapping[str, Mapping[str, float]] = {
    "inch": {"length": 2.54}, "feet": {"length": 30.48}, "yard": {"length": 91.44},
    "mile": {"length": 160_934.4}, "meter": {"length": 100.0}, "centimeter": {"length": 1.0},
    "millimeter": {"length": 0.1},
    "ounce": {"weight": 28.3495, "volume": 29.5735}, "pound": {"weight": 453.592},
    "milligram": {"weight": 0.001}, "gram": {"weight": 1.0}, "kilogram": {"weight": 1_000.0},
    "milliliter": {"volume": 1.0}, "liter": {"volume": 1_000.0}, "gallon": {"volume": 3_785.41},
    "quart": {"volume": 946.353}, "pint": {"volume": 473.176},
    "hour": {"time": 60.0}, "minute": {"time": 1.0},
    "megabyte": {"data": 1.0}, "gigabyte": {"data": 1_000.0}, "terabyte": {"data": 1_000_000.0},
    **{unit: {unit: 1.0} for unit in ("count", "piece", "watt", "volt", "megapixel", "lumen",
                                      "hertz", "mah")},
}  # fmt: skip
# What stands for a unit only behind a number.
BEHIND_NUMBERS: Mapping[str, str] = {
    '"': "inch", "”": "inch", "″": "inch", "'": "feet", "’": "feet", "′": "feet",
    "m": "meter", "g": "gram", "l": "liter", "w": "watt", "v": "volt", "h": "hour",
}  # fmt: skip
_ONE_NAME: dict[str, str] = {word: str(n) for n, word in enumerate(_NUMBERS, start=2)}
for _line in _UNITS.strip().splitlines():
    _name, *_others = _line.split()
    _ONE_NAME |= dict.fromkeys((_name, *_others), _name)
ONE_NAME: Mapping[str, str] = _ONE_NAME
# Name → everything that may stand for it.
_WRITINGS: dict[str, tuple[str, ...]] = {}
for _writing, _name in (*_ONE_NAME.items(), *BEHIND_NUMBERS.items()):
    _WRITINGS[_name] = (*_WRITINGS.get(_name, ()), _writing)
WRITINGS: Mapping[str, tuple[str, ...]] = _WRITINGS
# Some people count behind: "pack, 2 count", "count: 2".
NAMES_OF_UNITS = frozenset({*_ONE_NAME.values(), *BEHIND_NUMBERS.values()}) - {"count", "piece"}
# For a regular expression: a number that a unit follows without a blank, and marks for units.
WRITTEN_TOGETHER = "|".join(
    sorted((u for u in (*_ONE_NAME, *"mglwvh") if u not in _NUMBERS), key=len, reverse=True)
)


def unit_behind(tokens: Sequence[str], number: int) -> str:
    """Return the unit that a token is because a number stands before it; empty if it is none.

    Args:
        tokens: in lower case.
        number: which.
    """
    unit = BEHIND_NUMBERS.get(tokens[number], "")
    return unit if unit and number and tokens[number - 1][0].isdecimal() else ""


# "In" is a word of its own, too: "pack of 3 in blue".
_INCH = r"(?<=\d)in(?![^\W_])|in(?:\.|(?=\s*(?:$|[,;:)x×]|(?:wide|tall|long|high|deep)\b)))"
_UNIT = "|".join(
    [
        *(f"{unit}(?![^\\W_])" for unit in WRITTEN_TOGETHER.split("|")),
        "''|’’",
        *(re.escape(mark) for mark in BEHIND_NUMBERS if not mark.isalpha()),
        _INCH,
    ]
)
_FRACTION = r"\d{1,3}/\d{1,3}(?!\d)"
_NUMBER = (
    rf"{_FRACTION}|\d{{1,9}}(?:[.,]\d{{1,9}}){{0,2}}(?!\d)(?:[\s-]{_FRACTION})?|\.\d{{1,9}}(?!\d)"
)
_QUANTITY = re.compile(
    rf"(?<![\d.,/])(?<![^\W\d_x])(?P<number>{_NUMBER}|{'|'.join(_NUMBERS)})"
    rf"(?P<more>\+)?(?:[\s-]*(?:(?:fl(?:uid)?\.?|ansi)\s*)?(?P<unit>{_UNIT}))?"
)
# Between numbers of which the last alone has a unit.
_JOINED = re.compile(r"\s*(?:x|×|by|to|-|–)\s*")
_BETWEEN = "between"
_AXES = {
    **dict.fromkeys(("wide", "width", "w"), "wide"),
    **dict.fromkeys(("deep", "depth", "d"), "deep"),
    **dict.fromkeys(("tall", "high", "height", "h"), "tall"),
    **dict.fromkeys(("long", "length", "l"), "long"),
    **dict.fromkeys(("thick", "thickness"), "thick"),
}  # fmt: skip
_AXIS = re.compile(rf"\s*(?:in\s+)?({'|'.join(_AXES)})(?![^\W_])")
_INCHES_OF_A_FOOT = 12


class Quantity(NamedTuple):
    """A number with a unit in a text.

    Attributes:
        value: in that unit.
        unit: its one name: "inch" for "in" and the like.
        axis: of a length, "wide", "tall", "long", "deep" or "thick" where that stands behind it;
            else "".
        start, end: where it stands.
        or_more: whether a plus sign stands there: "65+ inch".
    """

    value: float
    unit: str
    axis: str
    start: int
    end: int
    or_more: bool


def quantities_in(lower: str) -> list[Quantity]:
    """Return the quantities of a text in lower case, in its order. "5 ft 6 in" is one; "8 x 10
    feet" are two."""
    found: list[Quantity] = []
    unit, following = "", len(lower)
    for match in reversed([*_QUANTITY.finditer(lower)]):
        if match["unit"]:
            unit = _unit_of(match["unit"])
        elif not _are_joined(lower, match, following):
            unit = ""
        following = match.start()
        if not unit:
            continue
        axis = _AXIS.match(lower, match.end()) if "length" in _SIZES.get(unit, ()) else None
        quantity = Quantity(
            _value_of(match["number"]),
            unit,
            _AXES[axis[1]] if axis else "",
            match.start(),
            match.end(),
            match["more"] is not None,
        )
        if found and unit == "feet" and _goes_on(lower, quantity, found[-1]):
            inches = found.pop()
            feet = quantity.value + inches.value / _INCHES_OF_A_FOOT
            quantity = quantity._replace(value=feet, axis=inches.axis, end=inches.end)
        found.append(quantity)
    return found[::-1]


def _are_joined(lower: str, match: re.Match[str], following: int) -> bool:
    """Whether a number without a unit has that of the next, which begins there."""
    if _JOINED.fullmatch(lower, match.end(), following):
        return True
    before = lower[max(0, match.start() - len(_BETWEEN) - 1) : match.start()].rstrip()
    return before.endswith(_BETWEEN) and lower[match.end() : following].strip() == "and"


def in_unit(quantity: Quantity, unit: str) -> float | None:
    """Return a quantity in another unit; None where it is of another dimension."""
    of_both = product(_SIZES.get(quantity.unit, {}).items(), _SIZES.get(unit, {}).items())
    for (dimension, size), (wanted, size_there) in of_both:
        if dimension == wanted:
            return quantity.value * size / size_there
    return None


def _goes_on(lower: str, feet: Quantity, inches: Quantity) -> bool:
    between = lower[feet.end : inches.start]
    return inches.unit == "inch" and inches.value < _INCHES_OF_A_FOOT and not between.strip()


def _unit_of(writing: str) -> str:
    if writing in ("in", "in.", "''", "’’"):
        return "inch"
    return ONE_NAME.get(writing) or BEHIND_NUMBERS[writing]


def _value_of(number: str) -> float:
    if number in ONE_NAME:
        return float(ONE_NAME[number])
    whole, _, fraction = number.replace("-", " ").rpartition(" ")
    if "/" in fraction:
        above, _, below = fraction.partition("/")
        return float(whole or 0) + float(above) / (float(below) or 1.0)
    # A comma before three digits divides thousands.
    plain = re.sub(r",(?=\d{3}(?!\d))", "", number).replace(",", ".")
    head, *rest = plain.split(".")
    return float(f"{head or 0}.{''.join(rest) or 0}")
