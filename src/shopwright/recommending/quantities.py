"""Quantities in requests and texts: "6ft", "6 feet" and "6'" are one, as are "set of two" and "set
of 2"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
"""
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
