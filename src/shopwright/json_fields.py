"""Fields of JSON objects, checked as they are taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shopwright.errors import InputError

Number = int | float
_NOUNS: dict[Any, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    Number: "a number",
    list: "a list",
    dict: "an object",
}


def take(record: Any, name: str, kind: Any) -> Any:
    """Return a field of a JSON object.

    Args:
        kind: the type that it must have: str, bool, int, Number, list or dict; true and false are
            no numbers.

    Raises:
        InputError: the record is no object, or the field is missing or of another type.
    """
    value = _value(record, name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise wrong(record, name, _NOUNS[kind])
    return value


def take_filled(record: Any, name: str) -> str:
    """Return a field of a JSON object that must be a text with more than white space."""
    value: str = take(record, name, str)
    if not value.strip():
        raise wrong(record, name, "a text that is not empty")
    return value


def take_texts(record: Any, name: str) -> tuple[str, ...]:
    """Return a field of a JSON object that must be a list of texts."""
    values = _value(record, name)
    if not are_texts(values):
        raise wrong(record, name, "a list of texts")
    return tuple(values)


def take_options(record: Any, name: str = "options") -> dict[str, str] | tuple[str, ...]:
    """Return a field that must hold option values: an object of texts, by group, or a list."""
    values = _value(record, name)
    if isinstance(values, dict) and are_texts(list(values.values())):
        return values
    if are_texts(values):
        return tuple(values)
    raise wrong(record, name, "an object or a list of texts")


def are_texts(values: Any) -> bool:
    """Whether a value is a list of texts."""
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def wrong(record: Mapping[str, Any], name: str, expected: str) -> InputError:
    """Return the error that a field is not what is expected."""
    got = f"{record[name]!r:.60}" if name in record else "nothing"
    return InputError(f"field {name}: expected {expected}, got {got}")


def _value(record: Any, name: str) -> Any:
    if not isinstance(record, Mapping):
        raise InputError(f"expected an object with {name!r}, got {record!r:.60}")
    return record.get(name)
