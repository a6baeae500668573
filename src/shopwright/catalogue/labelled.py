"""Pairs of labels and values in the cells of a row: options to choose among, and details."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from shopwright.catalogue.cells import (
    choices_of,
    is_nothing,
    line_of,
    list_of,
    literal_of,
    option_text,
    text_of,
)
from shopwright.catalogue.columns import Pairs
from shopwright.catalogue.layouts.description import Labelled
from shopwright.catalogue.names import cell_at, normal

_LONGEST_LABEL = 60


class Pair(NamedTuple):
    """A label and its values in one row.

    Attributes:
        slot: tells the labels of a product apart where the label itself is empty, as in all rows
            of a Shopify product but the first.
        label: lower case; may be empty.
        values: as they are written.
    """

    slot: str
    label: str
    values: list[str]


def options_in(sources: Iterable[Pairs], cells: Mapping[str, Any]) -> list[Pair]:
    """Return the options of a row, of all places where options stand."""
    found: list[Pair] = []
    for source in sources:
        if not source.notation.alone or not any(pair.values for pair in found):
            found += pairs_in(source, cells)
    return found


def pairs_in(pairs: Pairs, cells: Mapping[str, Any], *, empty: bool = True) -> Iterator[Pair]:
    """Yield the pairs of a row.

    Args:
        pairs: where they stand.
        cells: the row's.
        empty: whether to yield a label without a value, too.
    """
    notation = pairs.notation
    for label, named, place in pairs.places:
        value = cells.get(place[0]) if len(place) == 1 else cell_at(cells, place)
        if not empty and (value is None or value == ""):
            continue
        if notation.pattern:
            yield from _matching(notation, text_of(value))
        elif notation.text:
            yield from _in_text(notation, text_of(value))
        elif notation.nested:
            yield from _in_objects(notation, value)
        elif label and not notation.names:
            # In a column of sizes "None" is what programs write for none.
            values = [each for each in _values(notation, value) if not is_nothing(each)]
            yield Pair(label, label, values)
        elif notation.zipped:
            labels = list_of(cell_at(cells, named), divided_by=notation.divided_by)
            values = list_of(value, divided_by=notation.divided_by)
            for name, each in zip(labels, values, strict=False):
                name = option_text(_shortened(notation, name))
                yield Pair(name, name, _values(notation, each))
        else:
            name = option_text(text_of(cell_at(cells, named))) if named else label
            # A variation's first attribute may be the product's second.
            slot = name if name and notation.of_variants else ".".join(place)
            yield Pair(slot, _shortened(notation, name), _values(notation, value))


def _values(notation: Labelled, value: Any) -> list[str]:
    if value is None or value == "":
        return []
    if notation.divided_by:
        entries = list_of(value, divided_by=notation.divided_by)
    elif notation.values:
        # Beside a column of names a cell holds one value, unless the layout says otherwise.
        value = literal_of(value)
        entries = list_of(value) if isinstance(value, list) else [line_of(value)]
    else:
        entries = choices_of(value)
    return [kept for entry in entries if (kept := _shortened(notation, entry))]


def _shortened(notation: Labelled, text: str) -> str:
    return _pattern(notation.drop).sub("", text).strip() if notation.drop else text


@cache
def _pattern(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


def _is_meant(notation: Labelled, label: str) -> bool:
    name = normal(label)
    if notation.only and name not in notation.only:
        return False
    return bool(name) and name not in notation.but and len(label) <= _LONGEST_LABEL


@cache
def _pair_mark(between: str, sign: str) -> re.Pattern[str]:
    """Divides pairs: what stands between two, followed by a label and the sign."""
    return re.compile(
        rf"(?<!\\){re.escape(between)}(?=[^{re.escape(between + sign)}]+{re.escape(sign)})"
    )


def _matching(notation: Labelled, text: str) -> Iterator[Pair]:
    for match in _pattern(notation.pattern).finditer(text):
        label, value = option_text(match.group(1)), match.group(2)
        if _is_meant(notation, label):
            yield Pair(label, label, _values(notation, value))


def _in_text(notation: Labelled, text: str) -> Iterator[Pair]:
    if notation.sign not in text:
        return
    for part in _pair_mark(notation.between, notation.sign).split(text):
        label, sign, value = part.partition(notation.sign)
        label = option_text(_shortened(notation, label))
        values = _values(notation, value.replace(f"\\{notation.between}", notation.between))
        if sign and _is_meant(notation, label) and values:
            yield Pair(label, label, values)


def _in_objects(notation: Labelled, value: Any) -> Iterator[Pair]:
    value = literal_of(value)
    if isinstance(value, Mapping) and len(value) == 1 and notation.name not in value:
        # One key around the list, as in {"product_specification": [...]}, or around its one pair.
        (inner,) = value.values()
        value = inner if isinstance(inner, list) or _is_pair(notation, inner) else value
    if isinstance(value, Mapping) and notation.name not in value:
        entries = [(str(name), entry) for name, entry in value.items()]
    else:
        objects = value if isinstance(value, list | tuple) else [value]
        entries = [
            (
                text_of(cell_at(each, tuple(notation.name.split(".")))),
                cell_at(each, tuple(notation.value.split("."))),
            )
            for each in objects
            if isinstance(each, Mapping) and _is_flagged(notation, each)
        ]
    for name, entry in entries:
        label = option_text(_shortened(notation, name.replace("_", " ")))
        if isinstance(entry, Mapping):
            entry = entry.get("text") or entry.get("value") or entry.get("numbers") or entry
        values = _values(notation, entry)
        if _is_meant(notation, label) and values:
            yield Pair(label, label, values)


def _is_pair(notation: Labelled, value: Any) -> bool:
    """Whether a value is an object with a label and what that says."""
    names = (notation.name, notation.value.partition(".")[0])
    return isinstance(value, Mapping) and all(name in value for name in names)


def _is_flagged(notation: Labelled, entry: Mapping[str, Any]) -> bool:
    """Whether an object is one of those that are meant."""
    if not notation.flag:
        return True
    said = text_of(cell_at(entry, tuple(notation.flag.split(".")))).strip().lower()
    return said not in notation.unflagged and (not notation.flagged or said in notation.flagged)


def records_in(text: str) -> list[dict[str, str]]:
    """Return the records of a text such as "sku=J-R,color=Red|sku=J-B,color=Blue", as Magento lists
    the variants of a product; labels and values lower case."""
    notation = Labelled(text="children")
    records = (dict(_first_values(_in_text(notation, part))) for part in text.split("|"))
    return [record for record in records if record]


def _first_values(pairs: Iterator[Pair]) -> Iterator[tuple[str, str]]:
    for _, label, values in pairs:
        yield label, option_text(", ".join(values))
