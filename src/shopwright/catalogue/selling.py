"""Whether what a row describes is for sale, and how many there are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from shopwright.catalogue.cells import text_of
from shopwright.catalogue.columns import Columns
from shopwright.catalogue.layouts.description import NOT_FOR_SALE, STATES, Condition, State
from shopwright.catalogue.names import Path, cell_at, normal
from shopwright.catalogue.truth import known_as

_WEIGHT = {state: weight for weight, state in enumerate(STATES)}
_MOST_IN_STOCK = 10**12


def state_of(columns: Columns, cells: Mapping[str, Any], *, alone: bool = False) -> str:
    """Return what the cells of a row say of being for sale.

    Args:
        columns: what the columns are.
        cells: the row's.
        alone: whether to ask those columns that do not count for variants; else the others.

    Returns:
        One of :data:`shopwright.catalogue.layouts.description.STATES`; "" if they say nothing.
    """
    found = ""
    for place, notation in columns.states_by_alone[alone]:
        if place[0] not in cells:
            continue
        value = cell_at(cells, place)
        # Of several offers the best counts, of several columns the worst.
        states = [_said(notation, each) for each in _listed(value)]
        state = min(filter(None, states), key=_WEIGHT.__getitem__, default="")
        found = worse(found, state)
    return found


def buyable(columns: Columns, cells: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the cells of a row with only those of several offers that can be bought, if any can:
    the price of what is sold out is nobody's.

    Args:
        columns: what the columns are.
        cells: the row's.
    """
    for place, notation in columns.states:
        offers = cells.get(place[0])
        if len(place) < 2 or not isinstance(offers, list) or len(offers) < 2:
            continue
        kept = [
            offer
            for offer in offers
            if _said(notation, cell_at({place[0]: offer}, place)) not in NOT_FOR_SALE
        ]
        if kept:
            cells = {**cells, place[0]: kept}
    return cells


def worse(first: str, second: str) -> str:
    """Return that of two states which counts if two columns say different things."""
    return max(first, second, key=lambda state: _WEIGHT.get(state, -1))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _said(notation: State, value: Any) -> str:
    """The state that a cell says; "" if it says none."""
    words, word = notation.words, _word(value)
    return words.get(word) or next((words[each] for each in known_as(word, words)), "")


def _word(value: Any) -> str:
    """A state as descriptions write it, e.g. "out of stock" for "https://schema.org/OutOfStock"."""
    text = text_of(value).strip()
    return text if text in ("0", "1", "-1", "2") else normal(text.rpartition("/")[2])


def stock_of(columns: Columns, cells: Mapping[str, Any]) -> int | None:
    """Return how many there are; None if the row does not say, or nobody counts."""
    places = columns.of_field.get("stock", ())
    if not places or any(_holds(place, each, cells) for place, each in columns.untracked):
        return None
    said = [cell for place in places if text_of(cell := cell_at(cells, place)).strip()]
    # One column for each of a shop's locations, or several columns that mean the same.
    numbers = [*map(_number, said if columns.has_stock_by_location else said[:1])]
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _number(cell: Any) -> int | None:
    try:
        number = float(text_of(cell).strip().replace(",", ""))
    except ValueError:
        return None
    if not math.isfinite(number) or abs(number) > _MOST_IN_STOCK:
        return None
    return max(0, int(number))


def can_be_oversold(columns: Columns, cells: Mapping[str, Any]) -> bool:
    """Whether it can be bought although none is there."""
    return _holds(columns.oversold, columns.layout.oversold, cells)


def _holds(place: Path, condition: Condition, cells: Mapping[str, Any]) -> bool:
    if not place:
        return False
    said = text_of(cell_at(cells, place)).strip().lower()
    return next(known_as(said, condition.words), None) is not None
