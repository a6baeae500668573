"""Fields of JSON objects, checked as they are taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shopwright.errors import InputError

Number = int | float


def take(record: Any, name: str, kind: Any) -> Any:
    """Return a field of a JSON object.

    Args:
        record: the object.
        name: of the field.
        kind: the type that it must have, or a union of types; true and false are no numbers.

    Raises:
        InputError: the record is no object, or the field is missing or of another type.
    """
    if not isinstance(record, Mapping):
        raise InputError(f"expected an object with {name!r}, got {record!r:.60}")
    value = record.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        expected = getattr(kind, "__name__", str(kind))
        raise InputError(f"field {name}: expected {expected}, got {value!r:.60}")
    return value


def are_texts(values: Any) -> bool:
    """Whether a value is a list of texts."""
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def take_texts(record: Any, name: str) -> tuple[str, ...]:
    """Return a field of a JSON object that must be a list of texts.

    Raises:
        InputError: it is not.
    """
    values = take(record, name, list)
    if not are_texts(values):
        raise InputError(f"field {name}: expected a list of texts, got {values!r:.60}")
    return tuple(values)


def take_options(record: Any, name: str = "options") -> dict[str, str] | tuple[str, ...]:
    """Return a field that must hold option values: an object, by group, or a list.

    Raises:
        InputError: it does not.
    """
    values = take(record, name, dict | list)
    if isinstance(values, list):
        return take_texts(record, name)
    if not are_texts(list(values.values())):
        raise InputError(f"field {name}: expected texts by name, got {values!r:.60}")
    return dict(values)
