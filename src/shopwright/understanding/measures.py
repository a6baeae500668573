"""What a request says about sizes, weights and the like: "bigger than 40 inches", "under 5 lbs".

A quantity of which nothing is said ("a 40 inch tv") is a feature or an option as any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from shopwright.understanding.amounts import Reading
from shopwright.understanding.comparisons import (
    BETWEEN,
    LEAST,
    LESS,
    MORE,
    MOST,
    NEAR,
    NOT,
    TO,
    VERBS,
)
from shopwright.understanding.quantities import Quantity, in_unit, quantities_in
from shopwright.understanding.request import PIECE_CHARACTERS, Part, Piece

_THAN = r"\s+th[ae]n"
_SMALLER = (
    rf"{LESS}|(?:smaller|shorter|lighter|narrower|thinner|slimmer|fewer|lower|shallower|weaker)"
    rf"{_THAN}"
)
_LARGER = (
    rf"{MORE}|(?:bigger|larger|longer|taller|wider|heavier|thicker|deeper|stronger|brighter){_THAN}"
)
_BEFORE = re.compile(
    rf"(?<!\w)(?:(?P<refused>{NOT}{VERBS}\s+(?:{_LARGER}))|(?P<required>{NOT}{VERBS}\s+(?:{_SMALLER}))|"
    rf"(?P<highest>{_SMALLER})|(?P<lowest>{_LARGER})|(?P<most>{MOST})|(?P<least>{LEAST})|(?P<near>{NEAR}))"
    r"\s*(?:(?:the|a|an)\s+)?$"
)
_AXIS = r"(?:\s*(?:in\s+)?(?:wide|width|tall|high|height|long|length|deep|depth|thick))?"
_AFTER = re.compile(
    rf"(?P<axis>{_AXIS})(?:\s*,?\s*(?:"
    r"(?P<most>(?:or|and)\s+(?:less|under|below|smaller|shorter|lighter|narrower|lower|fewer)"
    r"|max(?:imum)?\b\.?|at (?:the )?most(?!\s*\d)|tops)|"
    r"(?P<least>\+|(?:and|or)\s+(?:up|more|above|over|bigger|larger|longer|taller|wider|heavier|higher|"
    r"greater|upwards?|plus)|min(?:imum)?\b\.?|at (?:the )?least(?!\s*\d)|plus))"
    r"(?![\w]|\s+than\b))?"
)
_BETWEEN = re.compile(rf"(?<!\w)(?:{BETWEEN})\s*$")
_TO = re.compile(TO)
# What something is for has the size, or what it takes: "a stand for a tv under 60 inches".
_OF_ANOTHER = re.compile(r"(?<!\w)(?:for|fits?|holds?|with)(?:\s+[^\W\d]+){1,4}\s*$")
# A "mount for up to 65 inches" takes that, a "rug from 5 feet" may be sold so.
_LOOSE = re.compile(r"up ?to|within|from|starting")
# What leads to a size and says nothing else.
_LEADING = re.compile(
    r"(?:(?<!\w)(?:and|with|that|which|is|are|be|a|an|the|of|in|has|have|weigh(?:s|t|ing)?|"
    r"measur(?:es?|ing)|lasts?|lasting|size|height|width|length|depth|capacity)\s+)+$"
)
_AXIS_COMPARED = {"wider": "wide", "taller": "tall", "deeper": "deep", "thicker": "thick"}
_REACH = 60  # characters
# How much to either side "about 12 inches" means.
_ABOUT = 0.15
_SURE, _LIKELY = 0.9, 0.75
_ROUNDING = 0.001


class _Bounds(NamedTuple):
    lowest: float | None
    highest: float | None
    is_firm: bool


def measures_in(text: str) -> list[Reading]:
    """Return what a request says about sizes, weights and the like, in the order of the text. A
    piece's value is the unit of its bounds."""
    lower = _lower(text)
    found: list[Reading] = []
    quantities = quantities_in(lower)
    number = 0
    while number < len(quantities):
        reading, used = _reading(text, lower, quantities[number:])
        if reading is not None and (not found or reading.start >= found[-1].end):
            found.append(reading)
        number += used
    return found


def _lower(text: str) -> str:
    """A text in lower case, of the same length."""
    if text.isascii():
        return text.lower()
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _reading(text: str, lower: str, quantities: Sequence[Quantity]) -> tuple[Reading | None, int]:
    """What is said of the first of some quantities, and how many of them that is."""
    first, last, used = quantities[0], quantities[0], 1
    if len(quantities) > 1 and quantities[1].unit == first.unit:
        if _TO.fullmatch(lower, first.end, quantities[1].start):
            last, used = quantities[1], 2
        elif not lower[first.end : quantities[1].start].strip(" x×by"):
            return None, 2  # "8 x 10 feet" is one size.
    window = lower[max(0, first.start - _REACH) : first.start]
    before = (_BETWEEN if used == 2 else _BEFORE).search(window)
    after = _AFTER.match(lower, last.end)
    assert after is not None
    bounds = _bounds(first, last, used, before, after)
    if bounds is None:
        return None, used
    start = first.start - len(window) + before.start() if before else first.start
    of_another = _OF_ANOTHER.search(lower[max(0, start - _REACH) : start]) is not None
    piece = Piece(
        part=Part.MEASURE,
        text=text[start : after.end()].strip()[:PIECE_CHARACTERS],
        value=first.unit,
        lowest=bounds.lowest,
        highest=bounds.highest,
        hard=bounds.is_firm and not of_another,
        confidence=_SURE if bounds.is_firm and not of_another else _LIKELY,
        start=start,
    )
    lead = _LEADING.search(lower[max(0, start - _REACH) : start])
    return Reading(piece, start - len(lead[0]) if lead else start, after.end()), used


def _bounds(
    first: Quantity,
    last: Quantity,
    used: int,
    before: re.Match[str] | None,
    after: re.Match[str],
) -> _Bounds | None:
    """None where nothing is said of a quantity."""
    if used == 2:
        low, high = sorted((first.value, last.value))
        return _Bounds(low, high, before is not None)
    said = "least" if first.or_more else (after["least"] and "least") or (after["most"] and "most")
    is_firm = bool(said)
    if not said and before:
        said = next(name for name, words in before.groupdict().items() if words)
        is_firm = said != "near" and not _LOOSE.match(before[0])
    if said in ("refused", "highest", "most"):
        return _Bounds(None, first.value, is_firm)
    if said in ("required", "lowest", "least"):
        return _Bounds(first.value, None, is_firm)
    if said == "near":
        low, high = (round(first.value * share, 3) for share in (1 - _ABOUT, 1 + _ABOUT))
        return _Bounds(low, high, False)
    return None


def met_by(quantities: Sequence[Quantity], piece: Piece) -> bool | None:
    """Return whether a thing of which some quantities are told is within a piece's bounds; None if
    nothing tells. One of several is enough to be larger than something; not to be smaller, as a
    table has more sides than one, and not if a certain side is meant that is not named."""
    told = [quantity for quantity in quantities if is_within(quantity, piece) is not None]
    axis = axis_of(piece)
    named = [quantity for quantity in told if axis and quantity.axis == axis]
    within = [bool(is_within(quantity, piece)) for quantity in named or told]
    if not within or (axis and not named and any(quantity.axis for quantity in told)):
        return None
    if all(within):
        return True
    is_enough = piece.highest is None and (not axis or bool(named))
    return (True if is_enough else None) if any(within) else False


class _Said(NamedTuple):
    """What the words of a measure say beside its bounds."""

    axis: str
    excludes_bounds: bool


@lru_cache(maxsize=1 << 8)
def _said(text: str) -> _Said:
    lower = text.lower()
    quantities = quantities_in(lower)
    before = _BEFORE.search(lower[: quantities[0].start]) if quantities else None
    compared = (axis for word, axis in _AXIS_COMPARED.items() if word in lower)
    axis = next((q.axis for q in quantities if q.axis), next(compared, ""))
    return _Said(axis, before is not None and before.lastgroup in ("lowest", "highest"))


def axis_of(piece: Piece) -> str:
    """Return which side of a thing a measure is of, as :class:`Quantity` names it, if it says."""
    return _said(piece.text).axis


def is_within(quantity: Quantity, piece: Piece) -> bool | None:
    """Return whether a quantity is within a piece's bounds, which "longer than" excludes and "at
    least" does not; None where it is of another dimension. A thousandth more or less does not
    count: units are converted."""
    value = in_unit(quantity, piece.value)
    if value is None:
        return None
    margin = -_ROUNDING if _said(piece.text).excludes_bounds else _ROUNDING
    too_small = piece.lowest is not None and value < piece.lowest * (1 - margin)
    too_large = piece.highest is not None and value > piece.highest * (1 + margin)
    return not (too_small or too_large)
